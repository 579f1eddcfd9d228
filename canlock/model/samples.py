"""What decoding leaves of the frames: changes of mapped signals, measured columns, liveness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Value = str | float
"""A canonical word of `roles.ROLE_VALUES`, or a number for `roles.NUMBER_ROLES`."""


class RoleSample(NamedTuple):
    """One change of what a mapped signal says, or the first thing it says.

    State-kind signals give one sample at their first frame (`previous` is None, `is_first`) and one
    at each change after it. Event-kind signals give one sample an event and nothing else.

    A long log has thousands: a named tuple is made in a sixth of the time of a frozen dataclass.
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

    counter: int | None = None
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

    pace_s: float | None = None
    """Cycle time that its first frames kept to, by which missing frames are counted; None: not
    cyclic, too few frames yet, or too slow to count."""

    paced_since_s: float | None = None
    """Time of the frame by which the pace became known."""


@dataclass(frozen=True, slots=True, eq=False)
class Breaks:
    """Irregular steps from one frame of a cyclic message to its next. Columns of shape (n,)."""

    message: npt.NDArray[np.int16]
    """Index into `Vehicle.messages`."""

    from_s: npt.NDArray[np.float64]
    """The frame before."""

    until_s: npt.NDArray[np.float64]
    """The frame after."""

    missing: npt.NDArray[np.int32]
    """Frames that did not come between the two: by the rolling counter where there is one."""

    is_jump: npt.NDArray[np.bool_]
    """The rolling counter stepped by other than one, and the time between leaves no room for it."""

    is_restart: npt.NDArray[np.bool_]
    """The rolling counter, or the uptime, began anew."""

    shown_s: npt.NDArray[np.float64]
    """Time of the frame that showed it: `until_s`, or later where something was yet to learn."""

    def __len__(self) -> int:
        """Return the number of breaks."""
        return len(self.message)

    def are_of(self, messages: Iterable[int]) -> npt.NDArray[np.bool_]:
        """Return shape (n,): which are breaks of some messages, named by their indices."""
        # By table: `np.isin` would import the masked arrays, which take a while.
        wanted = np.fromiter(messages, np.intp)
        is_wanted = np.zeros(1 + max(self.message.max(initial=0), wanted.max(initial=0)), np.bool_)
        is_wanted[wanted] = True
        found: npt.NDArray[np.bool_] = is_wanted[self.message]
        return found

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Breaks:
        """Return the chosen rows."""
        return Breaks(
            self.message[rows],
            self.from_s[rows],
            self.until_s[rows],
            self.missing[rows],
            self.is_jump[rows],
            self.is_restart[rows],
            self.shown_s[rows],
        )


def no_breaks() -> Breaks:
    """Return no breaks."""
    return Breaks(
        np.empty(0, np.int16),
        np.empty(0),
        np.empty(0),
        np.empty(0, np.int32),
        np.empty(0, np.bool_),
        np.empty(0, np.bool_),
        np.empty(0),
    )


def join_breaks(parts: Sequence[Breaks]) -> Breaks:
    """Return the rows of all parts, one part after the other."""
    if not parts:
        return no_breaks()
    if len(parts) == 1:
        return parts[0]
    return Breaks(
        np.concatenate([part.message for part in parts]),
        np.concatenate([part.from_s for part in parts]),
        np.concatenate([part.until_s for part in parts]),
        np.concatenate([part.missing for part in parts]),
        np.concatenate([part.is_jump for part in parts]),
        np.concatenate([part.is_restart for part in parts]),
        np.concatenate([part.shown_s for part in parts]),
    )


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

    breaks: Breaks = field(default_factory=no_breaks)
    """In no particular order."""

    hushes_s: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    """Shape (n, 2), in time order: when no frame of any mapped message came, from the last before
    to the first after; only those of more than a twentieth of a second."""

    errors_s: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    """Shape (n,): times of the error frames."""
