"""Windows at their switches, and door switches against what somebody said."""

from __future__ import annotations

from collections.abc import Iterator

from canlock.detection.detector import Detected
from canlock.detection.marked import MARK_LATE_S
from canlock.detection.trials import CHECK_EARLY_S, SAID
from canlock.diagnosis.observation import Observation
from canlock.model.operations import Trial


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
    said = {
        (mark.door, mark.action)
        for mark in detected.marks
        if mark.action in SAID and from_s <= mark.at_s <= until_s
    }
    words = {SAID[action] for door, action in said if door == trial.door}
    return any(
        event.role == "door.ajar"
        and event.value in words
        and from_s <= event.at_s <= until_s
        and not any(door == event.door and SAID[action] == event.value for door, action in said)
        for event in detected.events
    )
