"""What a person heard and felt at a door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from canlock.detection.detector import Detected
from canlock.diagnosis.observation import Observation
from canlock.model.stream import Mark

HEARD_S: Final = 15.0
"""A sound mark is about the order before it, within this. Judgement."""

SOUND_MARKS: Final = {
    "heard-silence": "silence",
    "heard-click": "click",
    "heard-hum": "hum",
    "heard-whirr": "whirr",
}
KNOB_MARKS: Final = {"knob-free": "free", "knob-stiff": "stiff"}


def observe_marks(detected: Detected) -> Iterator[Observation]:
    """Observe sounds and knobs; a mark that names no door is about the one complained of."""
    complained = {access.door for access in detected.accesses if access.result == "not-opened"}
    for mark in detected.marks:
        door = mark.door
        if door is None and len(complained) == 1:
            door = next(iter(complained))
        if door is None:
            continue
        if mark.action in KNOB_MARKS:
            yield Observation("knob", KNOB_MARKS[mark.action], mark.at_s, door, is_marked=True)
        word = SOUND_MARKS.get(mark.action)
        if word is not None and _had_order(mark, door, detected):
            yield Observation("sound", word, mark.at_s, door, is_marked=True)


def _had_order(mark: Mark, door: str, detected: Detected) -> bool:
    """Say whether a door's lock was ordered to move not long before a sound mark."""
    return any(
        operation.command is not None
        and door in operation.command.doors
        and -1.0 <= mark.at_s - operation.command.at_s <= HEARD_S
        for operation in detected.operations
    )
