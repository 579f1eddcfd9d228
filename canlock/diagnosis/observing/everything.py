"""All that was observed, in time order: the one entry of this room."""

from __future__ import annotations

from canlock.detection.detector import Detected
from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.access import observe_accesses
from canlock.diagnosis.observing.angle import observe_angle
from canlock.diagnosis.observing.commands import (
    observe_command,
    observe_refusal,
    observe_repeats,
    observe_scope,
)
from canlock.diagnosis.observing.course import observe_course
from canlock.diagnosis.observing.history import read_history
from canlock.diagnosis.observing.marks import observe_marks
from canlock.diagnosis.observing.nodes import observe_codes, observe_hushes, observe_nodes
from canlock.diagnosis.observing.origins import observe_origins
from canlock.diagnosis.observing.requests import observe_request
from canlock.diagnosis.observing.responses import observe_pace, observe_responses
from canlock.diagnosis.observing.states import observe_air, observe_states, observe_supply
from canlock.diagnosis.observing.trials import observe_trials
from canlock.model.vehicle import Vehicle


def observe(detected: Detected, vehicle: Vehicle) -> list[Observation]:
    """Return everything that was observed, in time order."""
    history = read_history(detected)
    observations: list[Observation] = []
    for operation in detected.operations:
        observations.extend(observe_request(operation, history, vehicle))
        observations.extend(observe_command(operation, history, vehicle))
        observations.extend(observe_refusal(operation, history, vehicle))
        observations.extend(observe_scope(operation, vehicle))
        observations.extend(observe_responses(operation, history))
        observations.extend(observe_supply(operation))
    observations += [*observe_course(observations), *observe_angle(observations)]
    observations.extend(observe_pace(detected))
    observations.extend(observe_repeats(detected, vehicle))
    observations.extend(observe_origins(detected, history, vehicle))
    observations.extend(observe_accesses(detected, history, vehicle))
    observations.extend(observe_trials(detected))
    observations.extend(observe_states(detected, vehicle))
    observations.extend(observe_air(detected))
    observations.extend(observe_nodes(detected, vehicle))
    observations.extend(observe_hushes(detected, history))
    observations.extend(observe_codes(detected))
    observations.extend(observe_marks(detected))
    observations.sort(key=lambda seen: (seen.at_s, seen.kind, seen.door or "", seen.outcome))
    return observations
