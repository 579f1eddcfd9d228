"""An evaluation as plain text of at most 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from canlock.evaluation.summary import Evaluation
from canlock.evaluation.tables import (
    Table,
    describe_mistake,
    describe_mistakes,
    headline,
    list_mistakes,
    list_tables,
    repeat_command,
)

WIDTH: Final = 100
LONGEST_NAME: Final = 29
"""Longer words in a table's first column are cut; no fault code is longer."""

LONGEST_CELL: Final = 32
GAP: Final = 2


def render_text(evaluation: Evaluation) -> str:
    """Return the evaluation as text, without a line end at its end."""
    blocks = [headline(evaluation)]
    blocks += [_table(table) for table in list_tables(evaluation) if table.rows]
    blocks.append(_mistakes(evaluation))
    return "\n\n".join(blocks)


def _table(table: Table) -> str:
    rows = [_cut(row) for row in (table.heads, *table.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.heads))]
    lines = [table.title.upper(), *textwrap.wrap(table.note, WIDTH)]
    lines += [_line(row, widths) for row in rows]
    return "\n".join(lines)


def _cut(row: Sequence[str]) -> list[str]:
    limits = (LONGEST_NAME, *[LONGEST_CELL] * (len(row) - 1))
    return [
        cell if len(cell) <= limit else f"{cell[: limit - 2]}.."
        for cell, limit in zip(row, limits, strict=True)
    ]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first = row[0].ljust(widths[0])
    rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return (" " * GAP).join((first, *rest)).rstrip()


def _mistakes(evaluation: Evaluation) -> str:
    lines = ["CONFIDENT AND WRONG", describe_mistakes(evaluation)]
    for mistake in list_mistakes(evaluation):
        lines += [describe_mistake(mistake), f"    {repeat_command(mistake.surest)}"]
    return "\n".join(lines)
