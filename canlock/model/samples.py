"""What decoding leaves of the frames: changes of mapped signals, measured columns, liveness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Value = str | float
"""A canonical word of `roles.ROLE_VALUES`, or a number for `roles.NUMBER_ROLES`."""


@dataclass(frozen=True, slots=True)
class RoleSample:
    """One change of what a mapped signal says, or the first thing it says.

    State-kind signals give one sample at their first frame (`previous` is None, `is_first`) and one
    at each change after it. Event-kind signals give one sample an event and nothing else.
    """

    at_s: float
    role: str
    doors: tuple[str, ...]
    """Empty: the whole car."""

    value: Value | None
    """None: the frame carries a raw value that the vehicle file does not name."""

    previous: Value | None = None
    """What it was before; None where that is unknown."""

    since_s: float | None = None
    """Time of the last frame that still carried the old value: the change lies between that and
    `at_s`. None at the first frame."""

    kind: Literal["state", "event"] = "state"
    is_first: bool = False
    feedback: str | None = None
    source: int = -1
    """Index into `Vehicle.signals`; -1 where it did not come from a frame."""

    count: int | None = None
    """Raw value of the entry's counter, where it has one."""


@dataclass(frozen=True, slots=True, eq=False)
class MeasureColumn:
    """Measured values of one role in time order, see `roles.MEASURE_ROLES`."""

    role: str
    at_s: npt.NDArray[np.float64]
    value: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Silence:
    """A message that ought to come regularly did not come between two of its frames."""

    message: str
    from_s: float
    """Its last frame before the silence."""

    until_s: float
    """Its first frame after it."""


@dataclass(frozen=True, slots=True)
class MessageLife:
    """What is known of one message's presence, up to the last decoded batch."""

    message: str
    count: int
    first_s: float
    last_s: float
    period_s: float | None
    """Declared, or else learnt from the first frames; None: not cyclic, or too few frames yet."""

    short: int = 0
    """Frames that were too short for a mapped signal."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one batch gave. The samples are in time order, ties in frame order."""

    first_s: float
    last_s: float
    frames: int
    samples: tuple[RoleSample, ...] = ()
    measures: tuple[MeasureColumn, ...] = ()
    silences: tuple[Silence, ...] = ()
    lives: tuple[MessageLife, ...] = ()
    """The present state of every mapped message that has been seen, not only in this batch."""
