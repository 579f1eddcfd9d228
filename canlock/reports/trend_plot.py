"""A small plot in plain characters: latencies of one door over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from canlock.diagnosis.latency_trend import LatencySeries
from canlock.telling import clock

ROWS: Final = 8
LEAST_POINTS: Final = 2
MOST_COLUMNS: Final = 56
MARGIN: Final = 9
"""Columns of the axis: a number, its unit and the bar."""

LETTERS: Final = {"lock": "L", "unlock": "U", "deadlock": "D"}
SEVERAL: Final = "*"


def draw_plot(series: Sequence[LatencySeries], *, is_dated: bool, width: int) -> list[str]:
    """Return the lines of a plot; none where there is nothing to see a course in.

    Latency runs upwards from zero, so that a steady lock looks steady. What falls into one column
    stands there as its median, a letter for each direction.

    Args:
        series: The directions of one door.
        is_dated: Place points by their time, otherwise by their number.
        width: Longest line, in columns.
    """
    points = sorted(
        (point.at_s if is_dated else number, LETTERS[each.direction], point.latency_s)
        for each in series
        for number, point in enumerate(each.points)
    )
    if len(points) < LEAST_POINTS:
        return []
    columns = min(width - MARGIN, MOST_COLUMNS)
    first, last = points[0][0], points[-1][0]
    falls: dict[tuple[int, str], list[float]] = {}
    for at, letter, latency_s in points:
        share = (at - first) / (last - first) if last > first else 0.0
        falls.setdefault((round(share * (columns - 1)), letter), []).append(latency_s)
    medians = {place: float(np.median(values)) for place, values in falls.items()}
    top_s = max(*medians.values(), 0.001)
    grid = [[" "] * columns for _ in range(ROWS)]
    for (column, letter), latency_s in medians.items():
        row = ROWS - 1 - min(int(latency_s / top_s * ROWS), ROWS - 1)
        is_free = grid[row][column] == " "
        grid[row][column] = letter if is_free else SEVERAL
    lines = [
        f"{_scale(number, top_s):>6} |{''.join(row)}".rstrip() for number, row in enumerate(grid)
    ]
    lines.append(f"{'0 ms':>6} +{'-' * columns}")
    lines.append(" " * (MARGIN - 1) + _ends(first, last, columns, is_dated=is_dated))
    return lines


def _scale(row: int, top_s: float) -> str:
    return f"{top_s * 1000:.0f}" if row == 0 else ""


def _ends(first: float, last: float, columns: int, *, is_dated: bool) -> str:
    """Return the words under both ends of the axis."""
    if is_dated:
        left, right = clock.date_and_clock(first), clock.date_and_clock(last)
        if left[:10] != right[:10]:
            left, right = left[:10], right[:10]
    else:
        left, right = "first operation", f"operation {last + 1:.0f}"
    return left + right.rjust(columns - len(left))
