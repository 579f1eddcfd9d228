"""Windows at their switches, and door switches against what somebody said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from canlock.detection.belonging import MARK_EARLY_S
from canlock.detection.detector import Detected
from canlock.detection.marked import MARK_LATE_S
from canlock.detection.trials import CHECK_EARLY_S, SAID
from canlock.diagnosis.observation import Observation
from canlock.model.operations import Trial

SAID_LATE_S: Final = 3.0
"""What a door did is said within this. Judgement: who opens a door first walks round it."""


def observe_trials(detected: Detected) -> Iterator[Observation]:
    """Observe windows at their switches, and door switches against what somebody said."""
    for trial in detected.trials:
        if trial.result == "unseen":
            continue
        if trial.result == "contradicts" and _is_of_another_door(trial, detected):
            continue
        yield Observation(
            trial.about, trial.result, trial.at_s, trial.door, is_marked=trial.is_marked
        )


def _is_of_another_door(trial: Trial, detected: Detected) -> bool:
    """Say whether another door did just then what was said of this one, and nobody said so of it.

    People name the wrong door now and then.
    """
    from_s, until_s = trial.at_s - CHECK_EARLY_S, trial.at_s + MARK_LATE_S
    said = [
        mark
        for mark in detected.marks
        if mark.action in SAID and from_s <= mark.at_s <= until_s + SAID_LATE_S
    ]
    words = {SAID[m.action] for m in said if m.door == trial.door and m.at_s <= until_s}
    return any(
        event.role == "door.ajar"
        and event.value in words
        and event.door != trial.door
        and from_s <= event.at_s <= until_s
        and not any(
            mark.door == event.door
            and SAID[mark.action] == event.value
            and -MARK_EARLY_S <= mark.at_s - event.at_s <= SAID_LATE_S
            for mark in said
        )
        for event in detected.events
    )
