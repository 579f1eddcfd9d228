"""The car from above: each door's lock, whether it is open, its last latency and its health.

Nothing is told by colour alone: signs and words say it too, and what is not known is drawn as `?`
and a dotted edge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.events import Click, Resize
from textual.message import Message
from textual.widgets import Static

from canlock.telling import words
from canlock.telling.door_facts import HEALTH_WORDS, DoorFacts, list_door_facts
from canlock.tui.phrases import FAINT, HEALTH_SIGNS, HEALTH_STYLES, plain, shortened

if TYPE_CHECKING:
    from canlock.model.snapshot import RoleState, Snapshot

BODY_COLUMNS: Final = 10
"""The body and a column on each side, into which an open door swings."""

MOST_CARD_COLUMNS: Final = 30
CARD_LINES: Final = 3
SIGN_COLUMNS: Final = 2
"""A sign of health and a space."""

ROW_DOORS: Final = (("driver", "passenger"), ("rear-left", "rear-right"))
TAILGATE: Final = "tailgate"
PLACED: Final = frozenset({*ROW_DOORS[0], *ROW_DOORS[1], TAILGATE})

LOCK_SIGNS: Final = {"locked": "■", "unlocked": "□", "deadlocked": "▣", "moving": "~", "fault": "✘"}
UNKNOWN_SIGN: Final = "?"

EDGES: Final = {True: " ", False: "┃", None: "┊"}
"""Whether a door is open -> its edge of the body; an open one is drawn where it has swung to."""

SWUNG_LEFT, SWUNG_RIGHT = "\u2571", "\u2572"
"""Slanted lines: doors that stand open."""

EXTRAS: Final = {
    "lock.defect": {"defect": "lock defect"},
    "lock.child": {"on": "child lock"},
    "lock.deadlock": {"on": "deadlock"},
    "handle.outer": {"pulled": "outer handle pulled"},
    "handle.inner": {"pulled": "inner handle pulled"},
    "window.moving": {"up": "window up", "down": "window down", "moving": "window moves"},
}
"""What a door may show besides, where it is not idle."""

CAR_ROLES: Final = {
    "power.state": "ignition {}",
    "supply.voltage": "{:.1f} V",
    "vehicle.speed": "{:.0f} km/h",
    "ambient.temperature": "{:.0f} °C",
    "key.inside": "key inside: {}",
    "fob.battery": "fob battery {}",
}
"""What the line of the whole car shows, in this order."""


class CarView(Static):
    """The doors where they sit, the chosen one marked; a click chooses."""

    class DoorChosen(Message):
        """Marks concern another door from now on."""

        def __init__(self, door: str) -> None:
            self.door = door
            super().__init__()

    def __init__(self) -> None:
        super().__init__(id="car", markup=False)
        self.border_title = "Car"
        self.chosen: str | None = None
        self._snapshot: Snapshot | None = None
        self._shown: object = None
        self._places: dict[str, tuple[range, range]] = {}

    def draw(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._snapshot = snapshot
        shown = (
            snapshot.doors,
            snapshot.states,
            snapshot.operations,
            snapshot.findings,
            self.chosen,
        )
        if shown != self._shown:
            self._shown = shown
            self._lay_out()

    def choose(self, door: str | None) -> None:
        """Mark a door as the chosen one."""
        self.chosen = door
        of = f", marks are for: {words.door_short(plain(door))}" if door else ""
        self.border_title = Content(f"Car{of}")
        if self._snapshot is not None:
            self.draw(self._snapshot)

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the size is asked for anew.
        """Lay out anew."""
        self._lay_out()

    def on_click(self, event: Click) -> None:
        """Choose the door that was clicked on."""
        at = event.get_content_offset(self)
        if at is None:
            return
        for door, (columns, rows) in self._places.items():
            if at.x in columns and at.y in rows:
                self.post_message(self.DoorChosen(door))

    def _lay_out(self) -> None:
        if self._snapshot is None or not self.content_size.width:
            return
        self._places = {}
        lines = list(self._lines(self._snapshot, self.content_size.width))
        self.update(Content("\n").join(lines), layout=False)

    def _lines(self, snapshot: Snapshot, width: int) -> Iterator[Content]:
        facts = {each.door: each for each in list_door_facts(snapshot)}
        card = min(max((width - BODY_COLUMNS) // 2, 1), MOST_CARD_COLUMNS)
        number = 0
        for number, pair in enumerate(ROW_DOORS):
            body = list(_body(number, [facts.get(door) for door in pair]))
            for row_line in range(CARD_LINES):
                cards = [
                    self._card_line(facts.get(door), snapshot, card, row_line) for door in pair
                ]
                gap = card - cards[0].cell_length
                yield cards[0].pad_left(gap) + body[row_line] + cards[1]
            for column, door in enumerate(pair):
                rows = range(number * CARD_LINES, (number + 1) * CARD_LINES)
                start = column * (card + BODY_COLUMNS)
                self._places[door] = (range(start, start + card), rows)
        row = (number + 1) * CARD_LINES
        tail = facts.get(TAILGATE)
        yield Content(" " * card) + _tail(tail)
        others = [tail] if tail is not None else []
        others += [each for each in facts.values() if each.door not in PLACED]
        for each in others:
            row += 1
            self._places[each.door] = (range(width), range(row, row + 1))
            line = self._one_line(each, snapshot, width)
            left = max((2 * card + BODY_COLUMNS - line.cell_length) // 2, 0)
            yield line.pad_left(left).truncate(width, ellipsis=True)
        car = " · ".join(car_facts(snapshot))
        yield Content.styled(car, FAINT).truncate(width, ellipsis=True)

    def _card_line(
        self, facts: DoorFacts | None, snapshot: Snapshot, columns: int, line: int
    ) -> Content:
        if facts is None:
            return Content("")
        if line == 0:
            return self._title(facts, columns)
        if line == 1:
            return Content(shortened(lock_words(facts, columns), columns))
        text = " ".join((ajar_words(facts), *extras(facts.door, snapshot)[:1]))
        answer, style = last_answer(facts, snapshot)
        if facts.lock is None:
            return Content(shortened(text, columns))
        if len(text) + 2 + len(answer) > columns:
            text = "?" if facts.ajar is None else text.partition(" ")[0]
        return Content.assemble(
            (text, "bold" if facts.ajar else ""), ", " if text else "", (answer, style)
        ).truncate(columns, ellipsis=True)

    def _title(self, facts: DoorFacts, columns: int) -> Content:
        """Return sign, name and, where there is room, the word of its health."""
        style = HEALTH_STYLES[facts.health]
        name = shortened(words.door_short(plain(facts.door)), max(columns - 2, 1))
        is_chosen = facts.door == self.chosen
        parts = [
            Content.styled(f"{HEALTH_SIGNS[facts.health]} ", style),
            Content.styled(name, "bold underline" if is_chosen else "bold"),
        ]
        word = f" {HEALTH_WORDS[facts.health]}"
        if len(name) + 2 + len(word) <= columns:
            parts.append(Content.styled(word, style))
        return Content("").join(parts)

    def _one_line(self, facts: DoorFacts, snapshot: Snapshot, width: int) -> Content:
        """Return a door that has no card: all in one line, its health by its sign alone if need be.

        The sign says the same as the word behind it.
        """
        answer, style = last_answer(facts, snapshot)
        rest = Content.assemble(
            f"  {lock_words(facts, MOST_CARD_COLUMNS)}, {ajar_words(facts)}",
            (f", {answer}" if facts.lock is not None else "", style),
        )
        full = self._title(facts, MOST_CARD_COLUMNS) + rest
        if full.cell_length <= width:
            return full
        return self._title(facts, len(facts.door) + SIGN_COLUMNS) + rest


def lock_words(facts: DoorFacts, columns: int) -> str:
    """Return a door's lock with its sign: `■ locked`, with how it is known where room is."""
    sign = LOCK_SIGNS.get(facts.lock or "", UNKNOWN_SIGN)
    if facts.lock is None:
        told = f"{sign} lock not seen"
        # Where it fills the columns, what stands beside would run into it.
        return told if len(told) < columns else f"{sign} lock unseen"
    full = f"{sign} {plain(facts.lock_words)}"
    if len(full) <= columns:
        return full
    # A tilde stands for: believed, or known of a group only.
    hint = "~" if facts.lock_words != facts.lock else ""
    return f"{sign} {hint}{plain(facts.lock)}"


def ajar_words(facts: DoorFacts) -> str:
    """Return whether a door stands open, in a word."""
    return {True: "OPEN", False: "shut", None: "door not seen"}[facts.ajar]


def last_answer(facts: DoorFacts, snapshot: Snapshot) -> tuple[str, str]:
    """Return what a door last answered and the style of it: its latency, or why there is none."""
    for operation in reversed(snapshot.operations):
        for response in operation.responses:
            if response.door != facts.door:
                continue
            if response.state == "unseen":
                break
            if response.state in ("silent", "bounced", "some-silent"):
                return words.RESPONSES[response.state], "bold $text-error"
            if response.state == "already":
                return "no change", FAINT
            latency = "" if response.latency_s is None else f"{response.latency_s:.2f} s"
            if response.state == "slow":
                return f"SLOW {latency}".rstrip(), "bold $text-warning"
            if response.feedback != "measured":
                return "no sensor", FAINT
            return latency or "answered", ""
    return "no answer yet", FAINT


def extras(door: str, snapshot: Snapshot) -> tuple[str, ...]:
    """Return what a door shows besides."""
    return tuple(
        told[str(state.value)]
        for role, told in EXTRAS.items()
        for state in snapshot.states
        if state.role == role and state.door == door and not state.is_stale and state.value in told
    )


def car_facts(snapshot: Snapshot) -> Iterator[str]:
    """Yield what is known of the whole car."""
    for role, form in CAR_ROLES.items():
        for state in snapshot.states:
            if state.role == role and state.door is None and _fits(form, state):
                told = plain(form.format(state.value))
                yield f"{told} (no longer seen)" if state.is_stale else told
                break


def _fits(form: str, state: RoleState) -> bool:
    """Say whether a value can be written so: a vehicle file may give a word for a number."""
    return state.value is not None and not (":." in form and isinstance(state.value, str))


def _body(row: int, doors: Sequence[DoorFacts | None]) -> Iterator[Content]:
    """Yield three lines of the body beside two doors."""
    left, right = (None if each is None else each.ajar for each in doors)
    signs = [
        " " if each is None else LOCK_SIGNS.get(each.lock or "", UNKNOWN_SIGN) for each in doors
    ]
    edges = ["┃" if each is None else EDGES[each.ajar] for each in doors]
    yield Content(" ╭──────╮ " if row == 0 else " │      │ ")
    # Doors hang at their front edge, so an open one swings outwards at its rear.
    hinges = (SWUNG_LEFT if left else edges[0], SWUNG_RIGHT if right else edges[1])
    yield Content(f" {hinges[0]}{signs[0]}    {signs[1]}{hinges[1]} ")
    swung = (SWUNG_LEFT if left else " ", SWUNG_RIGHT if right else " ")
    yield Content(f"{swung[0]}{edges[0]}      {edges[1]}{swung[1]}")


def _tail(facts: DoorFacts | None) -> Content:
    """Return the rear end with the tailgate's edge."""
    ajar = None if facts is None else facts.ajar
    edge = {True: f"{SWUNG_RIGHT}    {SWUNG_LEFT}", False: "━━━━━━", None: "┄┄┄┄┄┄"}[ajar]
    return Content(f" ╰{edge}╯ ")
