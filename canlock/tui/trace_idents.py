"""What an id's row tells besides its last frame: how many there were, and how regularly."""

from __future__ import annotations

from typing import Final

from canlock.pipeline.frame_window import FrameWindow
from canlock.tui.trace_text import FrameCells

COUNT_WIDTH: Final = 8
PERIOD_WIDTH: Final = 9
AGE_WIDTH: Final = 7
MS_IN_S: Final = 1000.0


def ident_title() -> str:
    """Return the titles of the columns."""
    return f"{'count':>{COUNT_WIDTH}} {'period ms':>{PERIOD_WIDTH}} {'age s':>{AGE_WIDTH}}"


def ident_lead(cells: FrameCells, window: FrameWindow) -> str:
    """Return count, mean period in milliseconds, and seconds since the last frame."""
    number = window.idents.index(cells.ident)
    totals = window.totals
    count = int(totals.count[number])
    first_s, last_s = float(totals.first_s[number]), float(totals.last_s[number])
    period = f"{(last_s - first_s) / (count - 1) * MS_IN_S:.1f}" if count > 1 else "once"
    now_s = window.parts[-1].rows.at_s[-1]
    age = f"{max(0.0, float(now_s) - last_s):.2f}"
    return f"{count:>{COUNT_WIDTH},} {period:>{PERIOD_WIDTH}} {age:>{AGE_WIDTH}}"
