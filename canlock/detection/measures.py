"""Measured quantities over the last minutes: supply voltage, speed, temperature."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from canlock.model.samples import MeasureColumn

Column = npt.NDArray[np.float64]


class Measures:
    """Columns of the measure roles, bounded by `forget_before`."""

    def __init__(self) -> None:
        self._columns: dict[str, tuple[Column, Column]] = {}

    def add(self, column: MeasureColumn) -> None:
        """Append a batch's values, which may overlap what a slower source said before."""
        times, values = column.at_s, column.value
        old = self._columns.get(column.role)
        if old is not None:
            times = np.concatenate([old[0], times])
            values = np.concatenate([old[1], values])
            if len(old[0]) and len(column.at_s) and old[0][-1] > column.at_s[0]:
                order = np.argsort(times, kind="stable")
                times, values = times[order], values[order]
        self._columns[column.role] = times, values

    def add_one(self, role: str, at_s: float, value: float) -> None:
        """Append one value that did not come from a frame."""
        self.add(MeasureColumn(role, np.array([at_s]), np.array([value])))

    def forget_before(self, at_s: float) -> None:
        """Drop values before a time, but keep the last one of each role."""
        for role, (times, values) in self._columns.items():
            keep = max(int(np.searchsorted(times, at_s)) - 1, 0)
            if keep:
                self._columns[role] = times[keep:], values[keep:]

    def before(self, role: str, at_s: float, *, within_s: float) -> float | None:
        """Return the last value at or before a time, no older than `within_s`; None if unknown."""
        column = self._columns.get(role)
        if column is None:
            return None
        index = int(np.searchsorted(column[0], at_s, side="right")) - 1
        if index < 0 or at_s - column[0][index] > within_s:
            return None
        return float(column[1][index])

    def lowest(self, role: str, from_s: float, until_s: float) -> float | None:
        """Return the lowest value between two times; None where there is none."""
        column = self._columns.get(role)
        if column is None:
            return None
        first, last = np.searchsorted(column[0], [from_s, until_s])
        if first >= last:
            return None
        return float(column[1][first:last].min())
