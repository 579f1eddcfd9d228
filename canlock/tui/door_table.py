"""The doors: how each stands, how that is known and what it last answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from textual.content import Content

from canlock.model.operations import Response
from canlock.model.snapshot import RoleState, Snapshot
from canlock.tui.phrases import FAINT, TONE_STYLES, answer, plain, tone
from canlock.tui.rows import Row, RowList

NOT_ON_BUS: Final = "?"
"""The bus of this car has not shown it, and perhaps cannot."""

NO_ANSWER_YET: Final = "-"

TOLD_BY: Final = {
    "measured": "sensor",
    "any-locked": "group",
    "all-locked": "group",
    "belief": "BCM",
}
"""`lock.status` feedback -> who says so; the surer the earlier."""

COLUMNS: Final = (("Lock", 10), ("Told by", 7), ("Door", 8))
LAST_COLUMN: Final = "Answer"
NAME_COLUMNS: Final = (6, 12)
"""Least and most width of the doors' names."""

EXTRAS: Final = {
    "lock.defect": {"defect": "lock defect"},
    "lock.child": {"on": "child lock"},
    "lock.deadlock": {"on": "deadlock"},
    "handle.outer": {"pulled": "outer handle"},
    "handle.inner": {"pulled": "inner handle"},
    "window.moving": {"up": "window up", "down": "window down", "moving": "window moves"},
}
"""What a door may show besides, where it is not idle."""

CAR_ROLES: Final = {
    "power.state": "power {}",
    "supply.voltage": "{:.1f} V",
    "vehicle.speed": "{:.0f} km/h",
    "ambient.temperature": "{:.0f} °C",
    "key.inside": "key inside: {}",
    "fob.battery": "fob battery {}",
}
"""What the row of the whole car shows, in this order."""


class DoorTable(RowList):
    """One row a door and one for the whole car."""

    def __init__(self) -> None:
        super().__init__(id="doors")
        self.border_title = f"Doors ({NOT_ON_BUS} = this bus has not shown it)"

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return snapshot.doors, snapshot.states, snapshot.operations, snapshot.verdict

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:  # noqa: ARG002 - wraps alike.
        """Yield the head of the table, the doors in the vehicle file's order, and the car."""
        least, most = NAME_COLUMNS
        longest = max((Content(plain(door)).cell_length for door in snapshot.doors), default=0)
        name_width = min(max(longest, least), most)
        head = [_cell("", name_width), *(_cell(name, columns) for name, columns in COLUMNS)]
        yield Row(Content.styled(LAST_COLUMN, FAINT), _join(head).stylize(FAINT))
        answers = last_responses(snapshot)
        for door in snapshot.doors:
            name = _cell(door, name_width, _name_style(door, snapshot))
            last = [Content.styled(*last_answer(door, snapshot, answers.get(door)))]
            last += map(Content, _extras(door, snapshot))
            yield Row(Content(", ").join(last), _join([name, *state_cells(door, snapshot)]))
        car = " · ".join(_car_facts(snapshot))
        if car:
            yield Row(Content(car), Content.styled("Car: ", FAINT))


def state_cells(door: str, snapshot: Snapshot) -> list[Content]:
    """Return the cells of `COLUMNS` for one door."""
    lock = best_state("lock.status", door, snapshot.states)
    ajar = best_state("door.ajar", door, snapshot.states) or best_state(
        "latch.status", door, snapshot.states
    )
    told_by = ""
    if lock is not None and lock.value is not None and not lock.is_stale:
        told_by = TOLD_BY.get(lock.feedback or "", "") if lock.door else "car"
    contents = (state_word(lock), (told_by, FAINT), _emphasised(*state_word(ajar)))
    return [
        _cell(text, columns, style)
        for (text, style), (_, columns) in zip(contents, COLUMNS, strict=True)
    ]


def last_answer(door: str, snapshot: Snapshot, response: Response | None) -> tuple[str, str]:
    """Return a door's last answer and its style; `?` where the bus has shown no lock."""
    if response is not None:
        return answer(response)
    is_visible = best_state("lock.status", door, snapshot.states) is not None
    return (NO_ANSWER_YET if is_visible else NOT_ON_BUS), FAINT


def best_state(role: str, door: str, states: tuple[RoleState, ...]) -> RoleState | None:
    """Return what is best known of a door's role: what still comes first, then the surer source.

    What holds for the whole car stands in only where nothing is known of the door itself, and only
    for locks: an open door somewhere says nothing about which.
    """
    order = list(TOLD_BY)
    own = [state for state in states if state.role == role and state.door == door]
    if not own and role == "lock.status":
        own = [state for state in states if state.role == role and state.door is None]

    def rank(state: RoleState) -> tuple[bool, int]:
        feedback = state.feedback or ""
        return state.is_stale, order.index(feedback) if feedback in order else len(order)

    return min(own, key=rank, default=None)


def last_responses(snapshot: Snapshot) -> dict[str, Response]:
    """Return each door's response in the latest operation that expected one of it."""
    latest: dict[str, Response] = {}
    for operation in reversed(snapshot.operations):
        for response in operation.responses:
            latest.setdefault(response.door, response)
        if latest.keys() >= set(snapshot.doors):
            break
    return latest


def state_word(state: RoleState | None) -> tuple[str, str]:
    """Return the word for a state and its style."""
    if state is None:
        return NOT_ON_BUS, FAINT
    if state.is_stale:
        return "not seen", "bold $text-warning"
    if state.value is None:
        return "unclear", "$text-warning"
    return plain(str(state.value)), ""


def _emphasised(word: str, style: str) -> tuple[str, str]:
    return ("OPEN", "bold $text-accent") if word == "open" else (word, style)


def _name_style(door: str, snapshot: Snapshot) -> str:
    verdict = snapshot.verdict
    return f"bold {TONE_STYLES[tone(verdict)]}" if door in verdict.doors else ""


def _extras(door: str, snapshot: Snapshot) -> Iterator[str]:
    for role, words in EXTRAS.items():
        state = best_state(role, door, snapshot.states)
        if state is not None and not state.is_stale and state.value in words:
            yield words[str(state.value)]


def _car_facts(snapshot: Snapshot) -> Iterator[str]:
    for role, form in CAR_ROLES.items():
        for state in snapshot.states:
            if state.role != role or state.door is not None or state.value is None:
                continue
            if isinstance(state.value, str) and ":." in form:
                continue  # A number was expected; the vehicle file says otherwise.
            words = plain(form.format(state.value))
            yield f"{words} (not seen)" if state.is_stale else words
            break


def _join(cells: list[Content]) -> Content:
    return Content("").join(cell + " " for cell in cells)


def _cell(text: str, columns: int, style: str = "") -> Content:
    content = Content.styled(plain(text), style) if style else Content(plain(text))
    content = content.truncate(columns, ellipsis=True)
    return content.pad_right(columns - content.cell_length)
