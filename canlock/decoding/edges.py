"""From runs of equal frames to samples: what an entry says, and what it said in the batch before.

A *run* is a stretch of frames in which nothing that an entry reads changes. A batch is cut into
runs by vector comparison; words are looked up, and Python objects made, for the runs that matter. A
run that goes on in the next batch is two runs of the same value: the tracks, which carry on from
batch to batch, see no change between them, so it does not matter how frames are cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from math import isfinite
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from canlock.decoding.layout import EntryLayout
from canlock.decoding.messages import Column, Rows, Times, follow_on
from canlock.decoding.words import NO_WORD
from canlock.model.samples import RoleSample, Value

GRID_S: Final = 1.0
"""A measured value is kept at least once in each such stretch of the clock."""

ORDER_ROLES: Final = ("request.", "command.")
"""Starts of the roles with which somebody orders something."""

UNNAMED_ROLES: Final = ("command.lock", "command.requestor")
"""Roles of which a word that nobody named is told too: the BCM ordered something, and whoever looks
for an order must know that there was one, and that the reason of the last is not its own."""

Placed = tuple[int, RoleSample]
"""Row of the batch, and what happened there."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Stretches of equal frames in time order. All columns have shape (n,)."""

    row: Rows
    """Row of the first frame in the batch."""

    first_s: Times
    """Time of the first frame."""

    last_s: Times
    """Time of the last frame."""

    value: npt.NDArray[np.int16] | npt.NDArray[np.float64]
    """Codes of words (`NO_WORD`: not named), or physical numbers."""

    known: npt.NDArray[np.bool_]
    """Whether the value is a word, or a finite number."""

    count: Column | None = None
    """Raw values of the entry's counter, where it has one."""

    stretch: Column | None = None
    """Number of the stretch between pauses (events), or of the second (measures)."""

    prior_s: Times | None = None
    """Where the signals of an entry come in different frames: when those that the first frame
    brings came before; NaN: never."""

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.row)

    def take(self, chosen: npt.NDArray[np.bool_]) -> Runs:
        """Return some of the runs."""
        if bool(chosen.all()):
            return self
        return Runs(
            self.row[chosen],
            self.first_s[chosen],
            self.last_s[chosen],
            self.value[chosen],
            self.known[chosen],
            None if self.count is None else self.count[chosen],
            None if self.stretch is None else self.stretch[chosen],
            None if self.prior_s is None else self.prior_s[chosen],
        )


class StateTrack:
    """An entry of kind `state`: one sample at its first frame, one at each change.

    Frames with raw values that nobody named are passed over: a lock that reads locked, unknown,
    locked has not moved. `since_s` is then still the last frame that carried the old word. Only
    when the very first frame is unknown is that told, with a sample of value None.

    Where the role is a request or a command and the entry has a counter, a new count with a value
    other than idle is a sample too, even with the value of before: the same order given again
    (CONTRACT 5, "a new command count"). So is a command's word of before that comes after one that
    nobody named: whoever first unlocked one door in such a word has now ordered them all to lock.
    """

    def __init__(self, entry: EntryLayout) -> None:
        self._entry = entry
        self._memory = _Memory(entry)
        self._counts = _CountMemory()
        self._has_spoken = False
        self._was_known = False

    def follow(self, runs: Runs) -> list[Placed]:
        """Return the samples of the next runs, in row order."""
        found: list[Placed] = []
        if not self._has_spoken and not runs.known[0]:
            found.append(self._memory.tell(runs, 0, None, None, is_first=True))
        if self._entry.role in UNNAMED_ROLES:
            unnamed = _find_unnamed(runs, was_known=self._was_known)
            found.extend(self._memory.tell_unnamed(runs, unnamed))
        self._has_spoken = True
        returned = (runs.known & ~follow_on(self._was_known, runs.known))[runs.known]
        self._was_known = bool(runs.known[-1])
        runs = runs.take(runs.known)
        if not len(runs):
            return found
        is_first = not self._memory.has_value
        previous, since_s = self._memory.pass_on(runs)
        chosen = runs.value != previous
        if self._entry.role in UNNAMED_ROLES:
            chosen |= returned & (runs.value != self._memory.idle)
        if runs.count is not None and self._entry.role.startswith(ORDER_ROLES):
            active = runs.value != self._memory.idle
            chosen |= self._counts.find_new(active, runs.count)
        return found + self._memory.tell_all(runs, chosen, previous, since_s, is_first=is_first)

    def stay(self, last_s: float) -> None:
        """Note that frames up to a time have carried the last known value."""
        self._memory.stay(last_s)


class EventTrack:
    """An entry of kind `event`: one sample an event.

    An event is a change away from the idle value or from one other value to another; never the
    return to idle. The first frame is one only where the message is sent on events alone, and then
    the same value after a pause is one again. With a counter, an event is a value other than idle
    with a count other than that of the last such value. The count of the very first frame belongs
    to what was before, but counts that come only with the idle value afterwards are not used up
    by it: the event they announce may follow in the next frame.
    """

    def __init__(self, entry: EntryLayout) -> None:
        self._entry = entry
        self._memory = _Memory(entry)
        self._counts = _CountMemory()
        self._orders = _CountMemory()
        self._was_known = False
        self._stretch: int | None = None

    def follow(self, runs: Runs) -> list[Placed]:
        """Return the events of the next runs, in row order."""
        found: list[Placed] = []
        if self._entry.role in UNNAMED_ROLES:
            unnamed = _find_unnamed(runs, was_known=self._was_known)
            if runs.count is not None:
                # A word that nobody named is not the idle one, so it uses up its count too.
                ordered = self._orders.find_new(runs.value != self._memory.idle, runs.count)
                unnamed = ordered & ~runs.known
            found.extend(self._memory.tell_unnamed(runs, unnamed))
            self._was_known = bool(runs.known[-1])
        runs = runs.take(runs.known)
        if not len(runs):
            return found
        is_first = not self._memory.has_value
        previous, since_s = self._memory.pass_on(runs)
        active = runs.value != self._memory.idle
        if runs.count is not None:
            chosen = self._counts.find_new(active, runs.count)
        else:
            chosen = runs.value != previous
            if runs.stretch is not None:
                before = runs.stretch[0] if self._stretch is None else self._stretch
                chosen |= runs.stretch != follow_on(before, runs.stretch)
                self._stretch = int(runs.stretch[-1])
            chosen &= active
        if is_first:
            chosen[0] = self._entry.first_is_event and active[0]
        return found + self._memory.tell_all(runs, chosen, previous, since_s, is_first=is_first)

    def stay(self, last_s: float) -> None:
        """Note that frames up to a time have carried the last known value."""
        self._memory.stay(last_s)


class MeasureTrack:
    """An entry of measured numbers: kept where they change, and once in each `GRID_S`."""

    def __init__(self) -> None:
        self._value = float("nan")
        self._stretch = float("nan")

    def follow(self, runs: Runs) -> Runs:
        """Return the runs whose first frames are kept; numbers that are not finite are dropped."""
        runs = runs.take(runs.known)
        if not len(runs) or runs.stretch is None:
            return runs
        chosen = runs.value != follow_on(self._value, runs.value)
        chosen |= runs.stretch != follow_on(self._stretch, runs.stretch)
        self._value, self._stretch = float(runs.value[-1]), float(runs.stretch[-1])
        return runs.take(chosen)


Track = StateTrack | EventTrack | MeasureTrack


def make_track(entry: EntryLayout) -> Track:
    """Return the track that an entry's kind asks for."""
    if entry.kind == "measure":
        return MeasureTrack()
    return EventTrack(entry) if entry.kind == "event" else StateTrack(entry)


class _Memory:
    """The last known value of an entry, and samples made of values."""

    def __init__(self, entry: EntryLayout) -> None:
        self._entry = entry
        self._names = None if entry.words is None else entry.words.names
        self._value: float = float("nan") if self._names is None else NO_WORD
        self._last_s = float("nan")
        self.has_value = False
        # A number never equals NaN, so a role of numbers is never idle.
        self.idle: float = float("nan")
        if self._names is not None and entry.idle in self._names:
            self.idle = self._names.index(entry.idle)

    def pass_on(self, runs: Runs) -> tuple[Column, Column]:
        """Return for each known run the value before it and that value's last time; note the last.

        Before the very first run the value is none that any run has.
        """
        before, since_s = follow_on(self._value, runs.value), follow_on(self._last_s, runs.last_s)
        if runs.prior_s is not None:
            # The other signals' frames, seen since, say nothing about the one that has changed.
            since_s = np.fmin(since_s, runs.prior_s)
        self._value, self._last_s = runs.value[-1].item(), float(runs.last_s[-1])
        self.has_value = True
        return before, since_s

    def stay(self, last_s: float) -> None:
        """Note until when the last value was seen."""
        self._last_s = last_s

    def tell_all(
        self,
        runs: Runs,
        chosen: npt.NDArray[np.bool_],
        previous: Column,
        since_s: Column,
        *,
        is_first: bool,
    ) -> list[Placed]:
        """Return the samples of the chosen runs; `is_first` speaks of run 0."""
        rows = np.flatnonzero(chosen)
        if not len(rows):
            return []
        # Columns turned into lists at once: there are thousands of samples in a long log.
        entry = self._entry
        kind: Literal["event", "state"] = "event" if entry.kind == "event" else "state"
        before: list[Value | None] = self._words(previous[rows])
        since: list[float | None] = since_s[rows].tolist()
        if is_first and rows[0] == 0:
            before[0] = since[0] = None
        counts = [None] * len(rows) if runs.count is None else runs.count[rows].tolist()
        samples = map(
            RoleSample._make,
            zip(
                runs.first_s[rows].tolist(),
                repeat(entry.role),
                repeat(entry.doors),
                self._words(runs.value[rows]),
                before,
                since,
                repeat(kind),
                repeat(False),
                repeat(entry.feedback),
                repeat(entry.source),
                counts,
                # Those that are repeated have no end.
                strict=False,
            ),
        )
        found = list(zip(runs.row[rows].tolist(), samples, strict=True))
        if is_first and rows[0] == 0:
            row, sample = found[0]
            found[0] = row, sample._replace(is_first=True)
        return found

    def tell_unnamed(self, runs: Runs, chosen: npt.NDArray[np.bool_]) -> list[Placed]:
        """Return a sample of no value for each chosen run."""
        return [
            self.tell(runs, number, None, None, is_first=False)
            for number in np.flatnonzero(chosen).tolist()
        ]

    def tell(
        self,
        runs: Runs,
        number: int,
        previous: float | None,
        since_s: float | None,
        *,
        is_first: bool,
    ) -> Placed:
        """Return the sample of one run."""
        entry = self._entry
        return int(runs.row[number]), RoleSample(
            at_s=float(runs.first_s[number]),
            role=entry.role,
            doors=entry.doors,
            value=self._word(runs.value[number]),
            previous=None if is_first or previous is None else self._word(previous),
            since_s=None if is_first or since_s is None else float(since_s),
            kind="event" if entry.kind == "event" else "state",
            is_first=is_first,
            feedback=entry.feedback,
            source=entry.source,
            counter=None if runs.count is None else int(runs.count[number]),
        )

    def _words(self, values: Column) -> list[Value | None]:
        """Return what some codes or numbers stand for."""
        names = self._names
        if names is None:
            return [value if isfinite(value) else None for value in values.tolist()]
        # `NO_WORD` is -1: the last place.
        table: list[Value | None] = [*names, None]
        return [table[int(code)] for code in values.tolist()]

    def _word(self, value: float) -> Value | None:
        if self._names is None:
            return float(value) if np.isfinite(value) else None
        return None if value == NO_WORD else self._names[int(value)]


def _find_unnamed(runs: Runs, *, was_known: bool) -> npt.NDArray[np.bool_]:
    """Return shape (n,): which runs, after a known one, carry a word that nobody named."""
    before = np.concatenate([[was_known], runs.known[:-1]])
    unnamed: npt.NDArray[np.bool_] = ~runs.known & before
    return unnamed


class _CountMemory:
    """The count of the last value other than idle, or of the first frame before there was one."""

    def __init__(self) -> None:
        self._used: int | None = None

    def find_new(self, active: npt.NDArray[np.bool_], count: Column) -> npt.NDArray[np.bool_]:
        """Return shape (n,): which active runs have a count other than the active one before."""
        if self._used is None:
            self._used = int(count[0])
        new = np.zeros(len(count), np.bool_)
        rows = np.flatnonzero(active)
        if len(rows):
            counts = count[rows]
            new[rows] = counts != follow_on(self._used, counts)
            self._used = int(counts[-1])
        return new
