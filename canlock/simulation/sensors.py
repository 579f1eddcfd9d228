"""Switches in the door: what they say, which is not always what is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from canlock.simulation.wiring import AJAR, LOCK_SENSOR, Harness

AJAR_FROM_DEG = 3.0
"""A door switch opens within the first few degrees; judgement."""


@dataclass(slots=True)
class SensorParameters:
    """What is wrong with the switches of one door, and how they are wired."""

    lock_stuck: Literal["locked", "unlocked"] | None = None
    ajar_stuck: Literal["closed", "open"] | None = None
    ajar_is_in_door: bool = False
    """The ajar switch sits in the latch, so that its wire runs through the gaiter, and not in the
    pillar."""


def read_lock(parameters: SensorParameters, harness: Harness, *, is_locked: bool) -> str:
    """Return what the lock switch tells: `locked` or `unlocked`."""
    if parameters.lock_stuck is not None:
        return parameters.lock_stuck
    # The switch pulls its line down when unlocked; an open wire stays up (DOMAIN 1.1, S10).
    if harness.is_grounded(LOCK_SENSOR):
        return "unlocked"
    return "locked" if is_locked or not harness.conducts(LOCK_SENSOR) else "unlocked"


def read_ajar(parameters: SensorParameters, harness: Harness, *, angle_deg: float) -> str:
    """Return what the door switch tells: `closed` or `open`."""
    if parameters.ajar_stuck is not None:
        return parameters.ajar_stuck
    # The switch pulls its line down when open; an open wire reads closed for ever, one that touches
    # the body reads open (DOMAIN 1.1).
    if harness.is_grounded(AJAR) and parameters.ajar_is_in_door:
        return "open"
    wire = harness.conducts(AJAR) or not parameters.ajar_is_in_door
    return "open" if angle_deg > AJAR_FROM_DEG and wire else "closed"
