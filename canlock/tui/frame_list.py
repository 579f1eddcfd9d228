"""The raw frames of one operation; bytes that differ from the frame before are underlined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from canlock.pipeline.frame_window import NO_LENGTH, FrameRows, FrameWindow
from canlock.tui.phrases import FAINT, plain

if TYPE_CHECKING:
    from canlock.pipeline.frame_history import FrameHistory

BEFORE_S: Final = 0.5
"""So much of what came before the operation is shown with it."""

MOST: Final = 20_000
"""Frames that are listed; a trace of everything is another screen."""

BYTES_SHOWN: Final = 8


class FrameList(ScrollView, can_focus=True):
    """Frames within a span, one a line: milliseconds, id, message, bytes.

    Lines are made as they come into sight.
    """

    ALLOW_SELECT = False

    def __init__(self, history: FrameHistory | None) -> None:
        super().__init__(id="frames")
        self._history = history
        self._rows: FrameRows | None = None
        self._window: FrameWindow | None = None
        self._start_s = 0.0
        self._is_all = False
        self._names: dict[int, str] = {}
        if history is not None and history.loaded is not None:
            self._names = {each.key: each.name for each in history.loaded.vehicle.messages}
        self.border_title = "Frames"

    @property
    def count(self) -> int:
        """Return how many frames are listed."""
        return 0 if self._rows is None else len(self._rows)

    def toggle_all(self) -> None:
        """List all frames, or those only that bring something new."""
        self._is_all = not self._is_all

    def load(self, from_s: float, until_s: float) -> None:
        """List what is kept of a span."""
        self._start_s = from_s
        if self._history is None:
            self._tell("Frames are not kept here.")
            return
        window = self._history.window()
        first, end = window.find_time(from_s - BEFORE_S), window.find_time(until_s)
        numbers = np.arange(max(first, window.first), end, dtype=np.int64)
        rows = window.gather(numbers)
        if not self._is_all:
            rows = rows.take(_brings_news(rows))
        total = len(rows)
        self._rows, self._window = rows.take(slice(0, MOST)), window
        which = "all" if self._is_all else "those that changed"
        if not len(numbers):
            self._tell("Frames: no longer kept, or none came" if len(window) else "Frames: none")
        else:
            cut = f", the first {MOST:,} of them" if total > MOST else ""
            self._tell(f"Frames, {which}: {total:,} of {len(numbers):,}{cut}")
        self.virtual_size = Size(self.scrollable_content_region.width, self.count)
        self.refresh()

    def _tell(self, title: str) -> None:
        self.border_title = Content(title)

    def render_line(self, y: int) -> Strip:
        """Return the strip of one line in sight."""
        index = y + self.scroll_offset.y
        width = self.size.width
        content = self._line(index) if index < self.count else Content("")
        strips = Visual.to_strips(
            self, content, width, 1, self.visual_style, apply_selection=False, pad=True
        )
        return strips[0] if strips else Strip.blank(width)

    def _line(self, index: int) -> Content:
        rows, window = self._rows, self._window
        assert rows is not None
        assert window is not None
        ident = window.idents[int(rows.ident[index])]
        after_ms = 1000 * (float(rows.at_s[index]) - self._start_s)
        length = int(rows.length[index])
        difference = rows.difference[index]
        is_first = int(rows.previous_length[index]) == NO_LENGTH
        name = self._names.get(ident.key, "" if ident.kind == "data" else ident.kind)
        parts = [
            Content.styled(f"{after_ms:>+9.1f} ms  ", FAINT),
            Content.styled(f"{ident.hexadecimal:>8}  ", "bold"),
            Content(f"{plain(name)[:20]:20}  "),
        ]
        payload = rows.payload[index]
        for number in range(min(length, BYTES_SHOWN)):
            is_new = is_first or bool(difference[number])
            parts.append(
                Content.styled(f"{payload[number]:02X}", "bold underline" if is_new else "")
            )
            parts.append(Content(" "))
        if length > BYTES_SHOWN:
            parts.append(Content.styled(f"and {length - BYTES_SHOWN} more bytes", FAINT))
        if is_first:
            parts.append(Content.styled(" first", FAINT))
        return Content("").join(parts)


def _brings_news(rows: FrameRows) -> npt.NDArray[np.bool_]:
    """Return a mask of the frames that differ from the one before them, or are the first."""
    is_news: npt.NDArray[np.bool_] = rows.is_changed | (rows.previous_length == NO_LENGTH)
    return is_news
