"""Faults that are not there yet when somebody begins to use the car."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Final

from canlock.simulation.case import Case, Onset, Stage

SUDDEN: Final = frozenset(
    {
        "actuator-motor-fault",
        "bcm-command-glitch",
        "bcm-no-command",
        "bcm-output-driver-fault",
        "bcm-reset",
        "can-comm-degraded",
        "door-ajar-switch-fault",
        "door-harness-intermittent",
        "door-harness-open",
        "handle-request-switch-fault",
        "interior-lock-switch-fault",
        "latch-jammed",
        "linkage-disconnected",
        "lock-feedback-sensor-fault",
        "lock-power-feed-open",
        "rf-interference",
        "supply-undervoltage",
    }
)
"""What breaks from one moment to the next. A cell runs down, and ice grows, while nobody looks; a
short and a door module are quick of themselves."""

SHARE: Final = 0.18
"""So often a fault sets in while somebody is looking; judgement, and far oftener than at real cars,
where the fault is the reason for the logger to be there."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One parameter of a live world, and what becomes of it."""

    part: object
    field: str
    value: object

    def apply(self) -> None:
        """Let it come true."""
        setattr(self.part, self.field, self.value)


def now_and_then_later(code: str, stage: Stage) -> Stage:
    """Return an injector whose fault now and then sets in while somebody is at the car."""
    if code not in SUDDEN:
        return stage

    def inject(case: Case) -> None:
        is_later = case.draw.happens(SHARE)
        share = case.draw("fault.sets_in_share")
        if not is_later:
            stage(case)
            return
        sound = case.world
        case.world = copy.deepcopy(sound)
        stage(case)
        changes = tuple(change.apply for change in list_changes(sound, case.world))
        case.world = sound
        case.onsets.append(Onset(share, changes))
        for injected in case.injected[-1:]:
            injected.onset = case.onsets[-1]

    return inject


def list_changes(sound: object, broken: object) -> list[FieldChange]:
    """Return what makes a world, or a part of one, like another one.

    Args:
        sound: A dataclass of parameters; it is what will be changed.
        broken: One of the same kind.
    """
    if not is_dataclass(sound) or isinstance(sound, type):
        return []
    changes = []
    for field in fields(sound):
        mine, other = getattr(sound, field.name), getattr(broken, field.name)
        if mine == other:
            continue
        if is_dataclass(mine) and type(mine) is type(other):
            changes += list_changes(mine, other)
        elif _holds_parts(mine) and mine.keys() == other.keys():
            for place in mine:
                changes += list_changes(mine[place], other[place])
        else:
            changes.append(FieldChange(sound, field.name, other))
    return changes


def _holds_parts(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(map(is_dataclass, value.values()))
