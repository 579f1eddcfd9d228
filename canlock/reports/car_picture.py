"""The car from above as inline SVG: each door's lock, whether it is open, and its health.

Nothing is told by colour alone: health is a word and a pattern, an open door stands out, and what
is not known is dashed with a question mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from canlock.model.doors import door_name
from canlock.reports.markup import safe, short, tag
from canlock.telling.conclusion import capital
from canlock.telling.door_facts import HEALTH_WORDS, DoorFacts

WIDTH: Final = 680.0
CARD: Final = (232.0, 56.0)
ROW: Final = 66.0
TOP: Final = 14.0
LETTERS: Final = 44
"""Of 10 px, that find room in a card."""

NAME_LETTERS: Final = 22

BODY: Final = (278.0, 124.0)
"""Left edge and width of the car's body."""

DOOR_LENGTH: Final = 58.0
DOOR_WIDTH: Final = 9.0
SWING_DEGREES: Final = 38.0

LEFT: Final = ("driver", "rear-left", "tailgate")
RIGHT: Final = ("passenger", "rear-right")
DOOR_TOPS: Final = {"driver": 76.0, "passenger": 76.0, "rear-left": 138.0, "rear-right": 138.0}
TAIL_Y: Final = 214.0


def patterns() -> str:
    """Return what the pictures of a page fill shapes with; it stands once in a page."""
    pattern = tag(
        "pattern",
        tag("path", d="M0 0V6", class_="stripe"),
        id="hatch",
        width="5",
        height="5",
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return tag("svg", tag("defs", pattern), class_="patterns", width="0", height="0")


def car_picture(facts: Sequence[DoorFacts]) -> str:
    """Return the picture; doors of the vehicle file's own have cards and no place on the car."""
    left = [each for name in LEFT for each in facts if each.door == name]
    right = [each for name in RIGHT for each in facts if each.door == name]
    others = [each for each in facts if each.door not in (*LEFT, *RIGHT)]
    for each in others:
        (right if len(right) <= len(left) else left).append(each)
    height = max(TOP + ROW * max(len(left), len(right), 1), TAIL_Y + 22)
    shapes = [_body()]
    for column, is_left in ((left, True), (right, False)):
        for number, each in enumerate(column):
            y = TOP + ROW * number
            shapes += [_leader(each, y, is_left=is_left), _door(each), _card(each, y, is_left)]
    return tag(
        "svg",
        tag("title", "The car from above, front upwards") + "".join(shapes),
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        role="img",
        class_="car",
        xmlns="http://www.w3.org/2000/svg",
    )


def _body() -> str:
    x, width = BODY
    return "".join(
        (
            tag("rect", x=x, y=12, width=width, height=202, rx=34, class_="body"),
            tag("path", d=_path(x + 14, 72, width - 28, -16), class_="glass"),
            tag("path", d=_path(x + 16, 176, width - 32, 12), class_="glass"),
            tag("text", "front", x=x + width / 2, y=34, class_="small mid"),
        )
    )


def _path(x: float, y: float, width: float, rise: float) -> str:
    """Return a pane of glass: narrower at its far edge."""
    return f"M{x:g} {y:g}h{width:g}l-9 {rise:g}h{18 - width:g}z"


def _anchor(door: str) -> tuple[float, float] | None:
    """Return where a door's own leader ends; None for a door without a place on the car."""
    x, width = BODY
    if door == "tailgate":
        return x + 24, TAIL_Y + DOOR_WIDTH / 2
    top = DOOR_TOPS.get(door)
    if top is None:
        return None
    return (x if door in LEFT else x + width), top + DOOR_LENGTH / 2


def _leader(facts: DoorFacts, y: float, *, is_left: bool) -> str:
    end = _anchor(facts.door)
    if end is None:
        return ""
    start = CARD[0] if is_left else WIDTH - CARD[0]
    return tag("line", x1=start, y1=y + CARD[1] / 2, x2=end[0], y2=end[1], class_="leader")


def _door(facts: DoorFacts) -> str:
    x, width = BODY
    kind = f"door {facts.health}{'' if facts.ajar is not None else ' dashed'}"
    if facts.door == "tailgate":
        lift = 9.0 if facts.ajar else 0.0
        box = tag(
            "rect", x=x + 22, y=TAIL_Y - 5 + lift, width=width - 44, height=DOOR_WIDTH, class_=kind
        )
        return box + _padlock(facts, x + width / 2, TAIL_Y - 18)
    top = DOOR_TOPS.get(facts.door)
    if top is None:
        return ""
    is_left = facts.door in LEFT
    hinge = x if is_left else x + width
    edge = x - DOOR_WIDTH / 2 if is_left else x + width - DOOR_WIDTH / 2
    # Doors hang at their front edge, so an open one swings outwards at its rear.
    swing = SWING_DEGREES * (1 if is_left else -1) * (1 if facts.ajar else 0)
    box = tag(
        "rect",
        x=edge,
        y=top,
        width=DOOR_WIDTH,
        height=DOOR_LENGTH,
        class_=kind,
        transform=f"rotate({swing:g} {hinge:g} {top:g})",
    )
    return box + _padlock(facts, x + 26 if is_left else x + width - 26, top + 22)


def _padlock(facts: DoorFacts, x: float, y: float) -> str:
    """Return a padlock: shut, open, or a question mark where the lock is not known."""
    if facts.lock not in ("locked", "deadlocked", "unlocked"):
        return tag("text", "?", x=x, y=y + 14, class_="query mid")
    # The shackle of an open lock is lifted and free on one side.
    rise, reach = (5.0, 5.0) if facts.lock == "unlocked" else (0.0, 9.0)
    shackle = f"M{x - 4:g} {y + 6:g}v{-3 - rise / 2:g}a4 4 0 0 1 8 0v{reach - 6:g}"
    return tag("path", d=shackle, class_="shackle") + tag(
        "rect", x=x - 7, y=y + 6, width=14, height=10, rx=2, class_="lock"
    )


def _card(facts: DoorFacts, y: float, is_left: bool) -> str:
    x = 0.0 if is_left else WIDTH - CARD[0]
    name = capital(door_name(facts.door))
    lines = (f"lock {facts.lock_words}, door {facts.ajar_words}", facts.answer_words)
    return "".join(
        (
            tag(
                "rect",
                x=x + 1,
                y=y,
                width=CARD[0] - 2,
                height=CARD[1],
                class_=f"card {facts.health}",
            ),
            _sign(facts, x + 15, y + 14),
            tag("text", safe(short(name, NAME_LETTERS)), x=x + 28, y=y + 18, class_="name"),
            tag(
                "text",
                HEALTH_WORDS[facts.health],
                x=x + CARD[0] - 10,
                y=y + 18,
                class_=f"word end {facts.health}",
            ),
            *(
                tag("text", safe(short(line, LETTERS)), x=x + 10, y=y + 34 + 14 * number)
                for number, line in enumerate(lines)
            ),
        )
    )


def _sign(facts: DoorFacts, x: float, y: float) -> str:
    """Return a cross, a tick, an exclamation or a question mark, drawn so that no font lacks it."""
    shape = {
        "fault": f"M{x - 5:g} {y - 5:g}l10 10m0 -10l-10 10",
        "failed": f"M{x - 5:g} {y - 5:g}l10 10m0 -10l-10 10",
        "suspect": f"M{x:g} {y - 6:g}v7m0 3v2",
        "works": f"M{x - 5:g} {y:g}l4 5l7 -10",
    }.get(facts.health)
    if shape is None:
        return tag("text", "?", x=x, y=y + 5, class_="query mid")
    return tag("path", d=shape, class_=f"sign {facts.health}")
