"""Series drawn with characters: step lines for states, braille for numbers, a time axis.

Everything here is pure: a series and a span of time in, lines of text out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.tui.plot_series import Series

MOST_LEVELS: Final = 6
"""States of one series that get a row each; more are drawn as numbers."""

DOTS_ACROSS: Final = 2
DOTS_DOWN: Final = 4
TICK_COLUMNS: Final = 12
"""A label of the time axis needs so much room."""

_BRAILLE: Final = 0x2800
_DOTS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.int64)
_STEPS_S: Final = (1.0, 2.0, 5.0)

SEVERAL: Final = "┃"
"""More than one change within the time of one column."""


@dataclass(frozen=True, slots=True)
class Span:
    """The time that some columns show."""

    from_s: float
    until_s: float
    columns: int

    @property
    def column_s(self) -> float:
        """Return the time of one column."""
        return (self.until_s - self.from_s) / max(1, self.columns)

    def edges(self, parts: int = 1) -> npt.NDArray[np.float64]:
        """Return the times at which columns, or parts of them, begin and the last ends."""
        return np.linspace(self.from_s, self.until_s, self.columns * parts + 1)

    def column(self, at_s: float) -> int:
        """Return the column of a time, which may lie outside."""
        return math.floor((at_s - self.from_s) / self.column_s)

    def time(self, column: int) -> float:
        """Return the time in the middle of a column."""
        return self.from_s + (column + 0.5) * self.column_s


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines of text, each with the label that stands left of it."""

    labels: tuple[str, ...]
    lines: tuple[str, ...]


def draw_series(series: Series, span: Span, rows: int) -> Drawing:
    """Return a drawing of a series; numbers take `rows` lines, states one for each in sight."""
    if series.is_event:
        return _draw_events(series, span)
    if not series.names:
        return _draw_numbers(series, span, rows)
    starts, ends = _slices(series, span.edges())
    seen = series.value[starts[0] : ends[-1]] if span.columns else series.value[:0]
    levels = np.unique(seen[~np.isnan(seen)]).astype(int).tolist()
    if len(levels) > MOST_LEVELS:
        return _draw_numbers(series, span, rows)
    return _draw_states(series, levels, starts, ends)


def _slices(
    series: Series, edges: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return for each column the values that are in it: the one before it first, then its own.

    A step at its very beginning belongs to a column, but the end of what is known does not.
    """
    before = np.maximum(np.searchsorted(series.at_s, edges[:-1], side="left") - 1, 0)
    held = np.maximum(np.searchsorted(series.at_s, edges[:-1], side="right") - 1, 0)
    padded = np.append(series.value, np.nan)
    starts = np.where(np.isnan(padded[held]), held, before)
    ends = np.searchsorted(series.at_s, edges[1:], side="left")
    return starts, ends


def _draw_states(
    series: Series,
    levels: list[int],
    starts: npt.NDArray[np.intp],
    ends: npt.NDArray[np.intp],
) -> Drawing:
    """Draw one row a state, the last named on top, and what goes on between them."""
    row_of = {level: row for row, level in enumerate(reversed(levels))}
    rows = max(1, len(levels))
    grid = [[" "] * len(starts) for _ in range(rows)]
    values = series.value.tolist()
    for column, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        path = [row_of[int(value)] for value in values[start:end] if not math.isnan(value)]
        steps = [row for place, row in enumerate(path) if not place or row != path[place - 1]]
        for row, letter in _strokes(steps):
            grid[row][column] = letter
    labels = tuple(series.names[level] for level in reversed(levels)) or ("",)
    return Drawing(labels, tuple("".join(line) for line in grid))


def _strokes(rows: list[int]) -> list[tuple[int, str]]:
    """Return what to draw in one column whose line visits some rows, one after the other."""
    if len(rows) < 2:  # noqa: PLR2004 - no step.
        return [(row, "─") for row in rows]
    top, bottom = min(rows), max(rows)
    if len(rows) > 2:  # noqa: PLR2004 - more than one step.
        return [(row, SEVERAL) for row in range(top, bottom + 1)]
    between = [(row, "│") for row in range(top + 1, bottom)]
    if rows[0] < rows[1]:
        return [(top, "┐"), *between, (bottom, "└")]
    return [(bottom, "┘"), *between, (top, "┌")]


def _draw_events(series: Series, span: Span) -> Drawing:
    """Draw a mark at each moment, and its word where there is room behind it."""
    line = ["┈"] * span.columns
    within = (series.at_s >= span.from_s) & (series.at_s < span.until_s)
    places = [span.column(at_s) for at_s in series.at_s[within].tolist()]
    words = [series.words(value) for value in series.value[within].tolist()]
    for number, (place, word) in enumerate(zip(places, words, strict=True)):
        line[place] = SEVERAL if line[place] == "▲" else "▲"
        end = places[number + 1] if number + 1 < len(places) else span.columns
        if len(word) < end - place:
            line[place + 1 : place + 1 + len(word)] = word
    return Drawing(("",), ("".join(line),))


def _draw_numbers(series: Series, span: Span, rows: int) -> Drawing:
    """Draw least and greatest value in each half column, so that no spike is lost."""
    low, high = _extremes(series, span.edges(DOTS_ACROSS))
    is_known = ~np.isnan(low)
    if not is_known.any():
        return Drawing(("",) * rows, (" " * span.columns,) * rows)
    least, most = float(np.nanmin(low)), float(np.nanmax(high))
    scale = (rows * DOTS_DOWN - 1) / (most - least) if most > least else 0.0
    middle = 0.0 if scale else (rows * DOTS_DOWN - 1) // 2
    dot = np.arange(rows * DOTS_DOWN)[::-1, None]
    with np.errstate(invalid="ignore"):
        is_set = (dot >= np.round((low - least) * scale + middle)) & (
            dot <= np.round((high - least) * scale + middle)
        )
    is_set &= is_known
    cells = is_set.reshape(rows, DOTS_DOWN, span.columns, DOTS_ACROSS).swapaxes(1, 2)
    codes = (cells * _DOTS).sum(axis=(2, 3))
    lines = tuple("".join(chr(_BRAILLE + code) if code else " " for code in row) for row in codes)
    labels = [""] * rows
    labels[-1] = _label(series, least)
    labels[0] = _label(series, most)
    return Drawing(tuple(labels), lines)


def _label(series: Series, value: float) -> str:
    return series.words(value) if series.names else f"{value:.5g}"


def _extremes(
    series: Series, edges: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return shape (n,) each: least and greatest value between neighbouring edges, NaN if none."""
    unknown = np.full(len(edges) - 1, np.nan)
    if not len(series.at_s):
        return unknown, unknown
    starts, ends = _slices(series, edges)
    # A slice must not be empty for reduceat, nor its end lie behind the values.
    padded = np.append(series.value, np.nan)
    pairs = np.stack([starts, np.maximum(ends, starts + 1)], axis=1).ravel()
    low = np.fmin.reduceat(padded, pairs)[::2]
    high = np.fmax.reduceat(padded, pairs)[::2]
    is_before = ends <= starts
    return np.where(is_before, np.nan, low), np.where(is_before, np.nan, high)


def tick_step(span: Span) -> float:
    """Return a round time between two labels of the axis."""
    wanted_s = span.column_s * TICK_COLUMNS
    power = 10.0 ** math.floor(math.log10(wanted_s)) if wanted_s > 0 else 1.0
    return next((step * power for step in _STEPS_S if step * power >= wanted_s), 10 * power)


def draw_axis(span: Span, zero_s: float) -> tuple[str, str]:
    """Return the axis and its labels: seconds after a time."""
    step_s = tick_step(span)
    digits = max(0, -math.floor(math.log10(step_s)))
    line, labels = ["─"] * span.columns, [" "] * (span.columns + TICK_COLUMNS)
    first = math.ceil((span.from_s - zero_s) / step_s)
    for number in range(first, first + span.columns):
        column = span.column(zero_s + number * step_s)
        if not 0 <= column < span.columns:
            continue
        line[column] = "┬"
        text = f"{number * step_s:+.{digits}f}"
        labels[column : column + len(text)] = text
    return "".join(line), "".join(labels[: span.columns])
