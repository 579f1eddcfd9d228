"""Where a log begins: now and then in the middle of something, as recordings at cars do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from canlock.simulation.car import Car
from canlock.simulation.logger import find_powered

SEARCH_S: Final = 12.0
"""So far ahead something is looked for to begin in; judgement."""

ANSWER_S: Final = 0.5
"""By then a healthy lock has answered a command (DOMAIN 2.1)."""

LONGEST_S: Final = 3.0
"""Of what lasts, such as a door that stands open, the log begins within so long; judgement."""

AT_REST: Final = "nothing"

Moment = tuple[str, float, float]
"""(what, from, until) in seconds."""


def find_beginning(car: Car, from_s: float, chance: random.Random) -> tuple[float, str]:
    """Return when a log begins that somebody started late, and what was going on.

    Args:
        car: After the session.
        from_s: Not before this.
        chance: Decides between a command's answer, a press, an open door, the ignition, and rest.
    """
    first: dict[str, tuple[float, float]] = {}
    for what, since_s, until_s in sorted(_list_moments(car), key=lambda moment: moment[1]):
        if until_s > from_s and since_s < from_s + SEARCH_S:
            first.setdefault(what, (since_s, until_s))
    what = chance.choice([AT_REST, *sorted(first)])
    share = chance.random()
    if what == AT_REST:
        return from_s + share, AT_REST
    since_s, until_s = first[what]
    since_s = max(since_s, from_s)
    return since_s + share * min(until_s - since_s, LONGEST_S), what


def _list_moments(car: Car) -> Iterator[Moment]:
    for order in car.bcm.orders:
        yield "answer", order.at_s, order.at_s + ANSWER_S
    end_s = car.clock.now_s
    for since_s, until_s in find_powered(car.recorder, end_s):
        yield "ignition", since_s, min(until_s, end_s)
    for (role, _, _), line in car.recorder.timelines.items():
        if role not in ("request.fob", "door.ajar"):
            continue
        what = "press" if role == "request.fob" else "open door"
        for since_s, until_s, value in zip(
            line.at_s, [*line.at_s[1:], end_s], line.values, strict=True
        ):
            if value not in ("none", "closed"):
                yield what, since_s, until_s
