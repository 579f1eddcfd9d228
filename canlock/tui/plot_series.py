"""What is plotted: values over time as steps, with gaps where nobody knows.

What a role says comes from the same decoder that the analysis uses, so a plot shows what the
analysis saw. All other signals are read frame by frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.layout import EntryLayout
from canlock.decoding.signal_book import BookSignal
from canlock.model.samples import Decoded, MessageLife, Silence
from canlock.pipeline.frame_window import FrameWindow, Part
from canlock.tui.trace_terms import IdentTest

Times = npt.NDArray[np.float64]

PERIODS_TO_GAP: Final = 3.5
"""A message that has not come for so many periods is missing: three in a row were lost."""

LEAST_GAP_S: Final = 0.3
"""Nor is a shorter pause a gap, however fast the message comes."""

STEPS_LOOKED_AT: Final = 1024
"""The last steps, from which the usual one is learnt."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A value over time: each holds until the next. Columns of shape (n,)."""

    at_s: Times
    value: Times
    """Number, or index into `names`; NaN: from here on nobody knows."""

    names: tuple[str, ...] = ()
    """Empty: the values are numbers."""

    unit: str = ""
    is_event: bool = False
    """Each value is a moment and does not hold."""

    def value_at(self, at_s: float) -> float:
        """Return the value at a time; NaN where nobody knows."""
        place = int(np.searchsorted(self.at_s, at_s, side="right")) - 1
        return float(self.value[place]) if place >= 0 else float("nan")

    def since(self, at_s: float) -> float | None:
        """Return since when the value at a time has held, or when the last event was.

        None: nobody knows.
        """
        place = int(np.searchsorted(self.at_s, at_s, side="right")) - 1
        if place < 0:
            return None
        if not self.is_event:
            others = np.flatnonzero(self.value[:place] != self.value[place])
            place = int(others[-1]) + 1 if len(others) else 0
        return float(self.at_s[place])

    def words(self, value: float) -> str:
        """Return a value as a person reads it."""
        if np.isnan(value):
            return "unknown"
        if self.names:
            return self.names[int(value)]
        number = f"{value:.6g}"
        return f"{number} {self.unit}" if self.unit else number

    def next_change(self, at_s: float, direction: int) -> float | None:
        """Return the time of the next (1) or last (-1) change from a time on; None: none."""
        if not len(self.at_s):
            return None
        is_change = np.ones(len(self.at_s), np.bool_)
        if not self.is_event:
            same = self.value[1:] == self.value[:-1]
            is_change[1:] = ~(same | (np.isnan(self.value[1:]) & np.isnan(self.value[:-1])))
        times = self.at_s[is_change]
        found = times[times > at_s] if direction > 0 else times[times < at_s]
        return None if not len(found) else float(found[0] if direction > 0 else found[-1])


NO_SERIES: Final = Series(np.empty(0), np.empty(0))


class RoleTrack:
    """What one entry of the vehicle file said: taken from decoded batches."""

    def __init__(self, entry: EntryLayout, message: str) -> None:
        self.entry = entry
        self.names: tuple[str, ...] = entry.words.names if entry.words is not None else ()
        self._message = message
        self._at_s: list[float] = []
        self._value: list[float] = []
        self._silences: list[Silence] = []
        self._life: MessageLife | None = None

    @property
    def has_any(self) -> bool:
        """Return whether it has said anything yet."""
        return bool(self._at_s)

    def follow(self, decoded: Decoded) -> None:
        """Take in what a batch gave."""
        for sample in decoded.samples:
            if sample.source == self.entry.source:
                known = sample.value in self.names
                self._at_s.append(sample.at_s)
                self._value.append(
                    float(self.names.index(str(sample.value))) if known else float("nan")
                )
        self._silences += [one for one in decoded.silences if one.message == self._message]
        self._life = next((life for life in decoded.lives if life.message == self._message), None)

    def forget(self, before_s: float) -> None:
        """Let go of what was before a time, but for the value that held then."""
        while len(self._at_s) > 1 and self._at_s[1] <= before_s:
            del self._at_s[0], self._value[0]
        self._silences = [one for one in self._silences if one.until_s >= before_s]

    def series(self, window: FrameWindow) -> Series:
        """Return what it said, with its gaps."""
        gaps = [(one.from_s, one.until_s) for one in self._silences]
        life = self._life
        if life is not None and life.period_s is not None and window.parts:
            now_s = float(window.parts[-1].rows.at_s[-1])
            if now_s - life.last_s > max(PERIODS_TO_GAP * life.period_s, LEAST_GAP_S):
                gaps.append((life.last_s, np.inf))
        gaps += [(gap.at_s, gap.until_s) for gap in window.gaps if gap.keys is None]
        is_event = self.entry.kind == "event"
        series = Series(np.array(self._at_s), np.array(self._value), self.names, "", is_event)
        return series if is_event else with_gaps(series, gaps)


class SignalTrack:
    """One signal of the databases, read from each frame that carries it."""

    def __init__(self, signal: BookSignal) -> None:
        self.signal = signal
        # A quantity may have names for a few special values; it is a quantity all the same.
        is_state = signal.is_named and len(signal.words or signal.choices) > 1
        raws = sorted({*signal.words, *signal.choices}) if is_state else []
        self._raws = np.array(raws, np.float64)
        self.names = tuple(signal.name_value(raw) for raw in raws)
        key = signal.key
        self._carriers = IdentTest(lambda ident: ident.key == key and ident.kind == "data")
        self._at_s = np.empty(0)
        self._value = np.empty(0)

    @property
    def has_any(self) -> bool:
        """Return whether any frame has carried it yet."""
        return len(self._at_s) > 0

    def follow(self, part: Part, since: int, window: FrameWindow) -> None:
        """Take in the rows of a part from a row number on."""
        rows = part.rows.take(slice(max(0, since - part.first), None))
        carrying = np.flatnonzero(self._carriers.choose(rows, window))
        if not len(carrying):
            return
        raw, is_valid = self.signal.read_rows(
            rows.payload.take(carrying, axis=0), rows.length[carrying]
        )
        value = self._find_names(raw) if self.names else self.signal.physical_rows(raw)
        at_s = rows.at_s[carrying]
        if is_valid is not None:
            at_s, value = at_s[is_valid], value[is_valid]
        self._at_s = np.concatenate([self._at_s, at_s])
        self._value = np.concatenate([self._value, value])

    def _find_names(self, raw: npt.NDArray[np.generic]) -> Times:
        numbers = raw.astype(np.float64)
        place = np.minimum(np.searchsorted(self._raws, numbers), len(self._raws) - 1)
        return np.where(self._raws[place] == numbers, place.astype(np.float64), np.nan)

    def forget(self, before_s: float) -> None:
        """Let go of what was before a time."""
        kept = slice(int(np.searchsorted(self._at_s, before_s)), None)
        self._at_s, self._value = self._at_s[kept], self._value[kept]

    def series(self, window: FrameWindow) -> Series:
        """Return what it said, with its gaps."""
        series = Series(self._at_s, self._value, self.names, self.signal.unit)
        if not window.parts:
            return series
        now_s = float(window.parts[-1].rows.at_s[-1])
        gaps = [(gap.at_s, gap.until_s) for gap in window.gaps if _concerns(gap.keys, self.signal)]
        return with_gaps(with_pauses(series, now_s), gaps)


def _concerns(keys: frozenset[int] | None, signal: BookSignal) -> bool:
    return keys is None or signal.key in keys


def with_pauses(series: Series, now_s: float) -> Series:
    """Return a series of single frames in which a value holds no longer than frames usually do.

    How often they come is learnt from the last of them. A pause begins a step after its frame.
    """
    at_s = series.at_s
    if len(at_s) < 2:  # noqa: PLR2004 - one frame has no step.
        return series
    usual_s = float(np.median(np.diff(at_s[-STEPS_LOOKED_AT:])))
    limit_s = max(PERIODS_TO_GAP * usual_s, LEAST_GAP_S)
    before = np.flatnonzero(np.diff(np.append(at_s, now_s)) > limit_s)
    return Series(
        np.insert(at_s, before + 1, at_s[before] + usual_s),
        np.insert(series.value, before + 1, np.nan),
        series.names,
        series.unit,
    )


def with_gaps(series: Series, gaps: Sequence[tuple[float, float]]) -> Series:
    """Return a series in which nobody knows anything within some spans of time."""
    at_s, value = series.at_s, series.value
    for from_s, until_s in sorted(gaps):
        first = int(np.searchsorted(at_s, from_s, side="right"))
        last = int(np.searchsorted(at_s, until_s, side="left"))
        if not first:
            continue
        middle_s, middle = [from_s], [np.nan]
        # What it was again at the end, unless a value stands there.
        if np.isfinite(until_s) and (last >= len(at_s) or at_s[last] > until_s):
            middle_s.append(until_s)
            middle.append(float(value[last - 1]))
        at_s = np.concatenate([at_s[:first], middle_s, at_s[last:]])
        value = np.concatenate([value[:first], middle, value[last:]])
    return Series(at_s, value, series.names, series.unit, series.is_event)
