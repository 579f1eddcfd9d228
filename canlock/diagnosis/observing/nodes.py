"""Control units that fell silent, frames that were lost, codes that were read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.presence import modules_of, silent_modules
from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.history import History
from canlock.model.operations import Outage, Traffic
from canlock.model.vehicle import Vehicle

ERRORS: Final = 3
"""Error frames in ten seconds that are more than a plug that is being pulled. Judgement."""

MISSING: Final = 0.08
"""Share of the frames that were due: a logger loses some, a disturbed bus many. Judgement."""

TORN: Final = 2
"""A single stretch with holes is a hiccup, unless there is no other. Judgement."""

WATCH_S: Final = 600.0
"""So long is one watch."""

AWAKE_S: Final = 2.5
"""Units that are silent so soon may not have woken. Judgement."""

MOVED_BEFORE_S: Final = 4.0
MOVED_AFTER_S: Final = 3.0
"""A door that moved about then: a wire may hang on for a moment, and marks are late. Judgement."""

CODE_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "short": ("11", "12", "19"),
    "open": ("13", "14", "15", "18"),
    "intermittent": ("1F", "2F"),
    "stuck": ("71", "72", "73", "74", "77", "93", "97"),
    "linkage": ("79",),
    "sensor": ("23", "24", "62", "64", "67", "94"),
    "bus": ("82", "83", "87", "88"),
    "reset": ("47",),
    "thermal": ("4B", "63", "98"),
}
"""Failure types by what they speak for (DOMAIN 3.2)."""

CODES: Final = {"U1000": "bus", "U1010": "bus", "B2562": "supply"}
"""Whole codes of Nissan's BCM, which need no failure type (DOMAIN 3.2)."""

NOT_TESTED: Final = 0x50
"""Status bits 4 and 6: the test has not run, so the code says nothing (DOMAIN 3.3)."""


def observe_nodes(detected: Detected, vehicle: Vehicle) -> Iterator[Observation]:
    """Observe, each ten minutes, whether the control units lived and the bus carried all.

    So seldom because a healthy car shows nothing of this for days: were each moment a trial, many
    that were calm would make one that was not look like chance.
    """
    modules = {
        door for alive in vehicle.alive if alive.node == "door-module" for door in alive.doors
    }
    mute = silent_modules(modules_of(vehicle), {life.message for life in detected.lives})
    has_bcm = any(alive.node == "bcm" for alive in vehicle.alive)
    for at_s, stretches in _watches(detected):
        out = [o for o in detected.outages if any(_overlaps(o, each) for each in stretches)]
        if has_bcm:
            resets_s = [outage.from_s for outage in out if outage.node == "bcm"]
            yield Observation(
                "node", "reset" if resets_s else "steady", min(resets_s, default=at_s)
            )
        for door in vehicle.doors:
            if door in modules:
                lost_s = [outage.from_s for outage in out if door in outage.doors]
                word = "lost" if lost_s or door in mute else "steady"
                yield Observation("module", word, min(lost_s, default=at_s), door)
        yield _observe_traffic(stretches)


def _watches(detected: Detected) -> Iterator[tuple[float, list[Traffic]]]:
    """Yield the time and the awake stretches of each ten minutes that have any."""
    stretches: list[Traffic] = []
    for stretch in detected.traffic:
        if stretch.is_logger:
            continue
        if stretches and stretch.at_s - stretches[0].at_s >= WATCH_S:
            yield stretches[0].at_s, stretches
            stretches = []
        stretches.append(stretch)
    if stretches:
        yield stretches[0].at_s, stretches


def _overlaps(outage: Outage, stretch: Traffic) -> bool:
    is_begun = outage.from_s <= stretch.until_s
    return is_begun and (outage.until_s is None or outage.until_s >= stretch.at_s)


def _observe_traffic(stretches: Sequence[Traffic]) -> Observation:
    disturbed = [each for each in stretches if each.errors >= ERRORS]
    if disturbed:
        return Observation("traffic", "errors", disturbed[0].at_s)
    torn = [s for s in stretches if s.expected > 0 and s.bunched > MISSING * s.expected]
    if torn and (len(torn) >= TORN or len(torn) == len(stretches)):
        return Observation("traffic", "holes", torn[0].at_s)
    return Observation("traffic", "clean", stretches[0].at_s)


def observe_hushes(detected: Detected, history: History) -> Iterator[Observation]:
    """Observe whether doors stood still when their control units fell silent.

    A wire in the gaiter changes its contact as the door moves; a unit that dies does not care
    (DOMAIN 2.5 E). A unit that is silent from the beginning tells nothing of that.
    """
    if detected.first_s is None:
        return
    for outage in detected.outages:
        at_s = outage.from_s
        if outage.node != "door-module" or at_s - detected.first_s < AWAKE_S:
            continue
        for door in outage.doors:
            if history.has_moved(door, at_s - MOVED_BEFORE_S, at_s + MOVED_AFTER_S):
                yield Observation("hush", "moved", at_s, door)
            elif _is_shut(door, detected, at_s):
                yield Observation("hush", "at-rest", at_s, door)


def _is_shut(door: str, detected: Detected, at_s: float) -> bool:
    """Say whether a door was last seen shut, up to a time."""
    words = (
        event.value
        for event in reversed(detected.events)
        if event.role == "door.ajar" and event.door == door and event.at_s <= at_s
    )
    return next(words, None) == "closed"


def observe_codes(detected: Detected) -> Iterator[Observation]:
    """Observe what the trouble codes speak of, as far as their tests have run."""
    for code in detected.codes:
        status = int(code.status, 16) if code.status is not None else 0
        if status & NOT_TESTED:
            continue
        word = CODES.get(code.code)
        failure = (code.failure_type or "").upper()
        for group, members in CODE_GROUPS.items():
            if failure in members:
                word = group
        if word is not None:
            yield Observation("code", word, code.at_s)
