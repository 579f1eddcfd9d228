"""How frames read in the trace: their cells, and the lines that cells make.

What has changed since the frame before is bold and underlined, so that no colour has to tell it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from rich.segment import Segment
from rich.style import Style

from canlock.decoding.signal_book import BookSignal, SignalBook, read_pattern
from canlock.model.frames import CLASSIC_BYTES, FrameFlag
from canlock.pipeline.frame_window import NO_LENGTH, FrameRows, FrameWindow, Ident
from canlock.telling.clock import is_wall_clock
from canlock.tui.phrases import plain

TimeStyle = Literal["start", "clock", "above", "same id"]
TIME_STYLES: Final[tuple[TimeStyle, ...]] = ("start", "clock", "above", "same id")
TIME_TITLES: Final[dict[TimeStyle, str]] = {
    "start": "time",
    "clock": "clock UTC",
    "above": "after above",
    "same id": "after same",
}
"""Seconds since the first frame; by the clock; since the row above; since the id's last frame."""

Detail = Literal["both", "raw", "decoded"]
DETAILS: Final[tuple[Detail, ...]] = ("both", "raw", "decoded")

LEAST_TIME: Final = 10
CLOCK_WIDTH: Final = 14
MOST_NAME: Final = 24
ROOMY: Final = 110
"""Columns of a screen from which on names stand in a column of their own, padded."""

MOST_CHANNEL: Final = 8
MOST_BYTES: Final = 16
"""Bytes of a payload that a row shows; all of them stand in the frame's own panel."""

CHANGED: Final = Style(bold=True, underline=True)

_KINDS: Final = (
    (FrameFlag.ERROR, "E"),
    (FrameFlag.REMOTE, "R"),
    (FrameFlag.TRANSMITTED, "T"),
    (FrameFlag.FD, "F"),
)


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles of a line's parts."""

    plain: Style
    faint: Style
    title: Style
    name: Style
    alarm: Style
    cursor: Style
    """Lies under the whole line."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns there are, and how wide."""

    ident: int
    channel: int
    """0: all frames come from one channel, which needs no column."""

    payload: int
    """Bytes; 0: payloads are not shown."""

    name: int
    """0: names are not padded, and signals begin right behind them."""

    has_signals: bool


@dataclass(frozen=True, slots=True)
class FrameCells:
    """What is known of one frame, as Python numbers."""

    number: int
    at_s: float
    ident: Ident
    flags: int
    length: int
    previous_length: int
    step_s: float
    difference: bytes
    payload: bytes

    @property
    def mark(self) -> str:
        """Return a letter for what is special: error, remote, transmitted, FD."""
        return next((letter for flag, letter in _KINDS if self.flags & flag), " ")

    @property
    def is_resized(self) -> bool:
        """Return whether it is longer or shorter than the frame before it."""
        return self.previous_length not in (self.length, NO_LENGTH)

    def has_changed(self, place: int) -> bool:
        """Return whether a byte differs from that of the frame before, or was not there."""
        if self.previous_length == NO_LENGTH:
            return False
        return self.difference[place] != 0 or place >= self.previous_length


def frame_cells(
    numbers: Sequence[int], rows: FrameRows, window: FrameWindow
) -> Iterator[FrameCells]:
    """Yield the cells of some rows."""
    width = rows.payload.shape[1]
    payload, difference = rows.payload.tobytes(), rows.difference.tobytes()
    columns = zip(
        numbers,
        rows.at_s.tolist(),
        rows.ident.tolist(),
        rows.flags.tolist(),
        rows.length.tolist(),
        rows.previous_length.tolist(),
        rows.step_s.tolist(),
        strict=True,
    )
    for place, (number, at_s, ident, flags, length, previous_length, step_s) in enumerate(columns):
        start = place * width
        yield FrameCells(
            number,
            at_s,
            window.idents[ident],
            flags,
            length,
            previous_length,
            step_s,
            difference[start : start + length],
            payload[start : start + (0 if flags & FrameFlag.REMOTE else length)],
        )


def fit_columns(window: FrameWindow, book: SignalBook, detail: Detail, width: int) -> Columns:
    """Return the columns that the frames of a window need on a screen of some width."""
    idents = window.idents
    channels = {ident.channel for ident in idents}
    longest = max((len(message.name) for message in book.messages), default=0)
    payload = 0
    if detail != "decoded":
        widest = max((part.rows.payload.shape[1] for part in window.parts), default=CLASSIC_BYTES)
        payload = min(widest, MOST_BYTES)
    return Columns(
        ident=max((len(ident.hexadecimal) for ident in idents), default=3),
        channel=min(max(map(len, channels)), MOST_CHANNEL) if len(channels) > 1 else 0,
        payload=payload,
        name=min(longest, MOST_NAME) if width >= ROOMY else 0,
        has_signals=detail != "raw" and longest > 0,
    )


class TraceText:
    """Makes segments of cells."""

    def __init__(self, book: SignalBook, palette: Palette) -> None:
        self._book = book
        self._palette = palette

    def head(self, columns: Columns, lead: str) -> list[Segment]:
        """Return the line of titles; `lead` names the columns before the id."""
        words = f"{lead} "
        if columns.channel:
            words += f"{'channel'[: columns.channel]:{columns.channel}} "
        words += f"{'id':{columns.ident}} len "
        if columns.payload:
            words += f"{'data':{3 * columns.payload - 1}} "
        words += f"{'name':{columns.name}} " + "signals" * columns.has_signals
        return [Segment(words, self._palette.title)]

    def frame(self, cells: FrameCells, columns: Columns, lead: str, width: int) -> list[Segment]:
        """Return a frame's line.

        Args:
            cells: The frame.
            columns: Which columns there are.
            lead: What stands before the id.
            width: Columns of the screen: signals are read until they are full.
        """
        look = self._palette
        ident = cells.ident
        segments = [Segment(f"{lead} ", look.plain)]
        if columns.channel:
            channel = plain(ident.channel)[: columns.channel]
            segments.append(Segment(f"{channel:{columns.channel}} ", look.faint))
        is_error = ident.kind == "error"
        segments.append(
            Segment(f"{ident.hexadecimal:>{columns.ident}} ", look.alarm if is_error else look.name)
        )
        length_look = look.plain + CHANGED if cells.is_resized else look.plain
        segments.append(Segment(f"{cells.length:2d}", length_look))
        segments.append(Segment(f"{cells.mark} ", look.alarm if is_error else look.faint))
        if columns.payload:
            segments += self.payload(cells, columns.payload)
        message = self._book.message(ident.key) if ident.kind == "data" else None
        name = plain(message.name) if message is not None else ident.kind * (ident.kind != "data")
        segments.append(
            Segment(f"{_cut(name):{columns.name}} ", look.alarm if is_error else look.name)
        )
        if columns.has_signals and message is not None:
            room = width - sum(segment.cell_length for segment in segments)
            segments += self._signals(cells, message.signals, room)
        return segments

    def payload(self, cells: FrameCells, count: int) -> list[Segment]:
        """Return the first bytes of a payload, the changed ones marked, padded to `count`."""
        shown = cells.payload[:count]
        segments = []
        for place, byte in enumerate(shown):
            look = self._palette.plain
            if cells.has_changed(place):
                look += CHANGED
            segments.append(Segment(f"{byte:02X}", look))
            segments.append(Segment(" ", self._palette.plain))
        if len(cells.payload) > count:
            segments[-1] = Segment("…", self._palette.faint)
        segments.append(Segment("   " * (count - len(shown)), self._palette.plain))
        return segments

    def _signals(
        self, cells: FrameCells, signals: Sequence[BookSignal], room: int
    ) -> Iterator[Segment]:
        for signal in signals:
            if room <= 0:
                return
            raw = signal.read(cells.payload)
            if raw is None:
                continue
            look = self._palette.plain
            if is_changed(cells, signal):
                look += CHANGED
            text = f"{plain(signal.name)}={plain(signal.name_value(raw))}"
            segments = Segment(text, look), Segment(" ", self._palette.plain)
            room -= sum(segment.cell_length for segment in segments)
            yield from segments


def is_changed(cells: FrameCells, signal: BookSignal) -> bool:
    """Return whether bits of a signal differ from those of the frame before."""
    if cells.previous_length == NO_LENGTH:
        return False
    if signal.place.bits.end > cells.previous_length:
        return True
    return bool(read_pattern(cells.difference, signal.place.bits))


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """How times are shown."""

    style: TimeStyle
    zero_s: float
    """Time of the first frame."""

    width: int

    @property
    def title(self) -> str:
        """Return the title of the column."""
        return f"{TIME_TITLES[self.style]:>{self.width}}"

    def words(self, at_s: float, step_s: float, above_s: float) -> str:
        """Return a frame's time.

        Args:
            at_s: Its time on the capture's clock.
            step_s: Time since the frame before it of the same id; NaN: there was none.
            above_s: Time of the row above; NaN: there is none.
        """
        if self.style == "clock":
            words = clock_words(at_s)
        elif self.style == "start":
            words = f"{at_s - self.zero_s:+.6f}"
        else:
            after_s = at_s - above_s if self.style == "above" else step_s
            words = "first" if math.isnan(after_s) else f"{after_s:+.6f}"
        return f"{words:>{self.width}}"


def fit_time_column(window: FrameWindow, style: TimeStyle) -> TimeColumn:
    """Return a column wide enough for the times of a window."""
    zero_s = window.first_s or 0.0
    if style == "clock":
        return TimeColumn(style, zero_s, CLOCK_WIDTH)
    last_s = float(window.parts[-1].rows.at_s[-1]) if window.parts else zero_s
    return TimeColumn(style, zero_s, max(LEAST_TIME, len(f"{last_s - zero_s:+.6f}")))


def clock_words(at_s: float) -> str:
    """Return a time by the clock, UTC as everywhere; seconds where the capture has no clock."""
    if not is_wall_clock(at_s):
        return f"{at_s:.6f}"
    return f"{datetime.fromtimestamp(at_s, UTC):%H:%M:%S.%f}"[:-1]


def _cut(text: str) -> str:
    return text if len(text) <= MOST_NAME else f"{text[: MOST_NAME - 1]}…"
