"""Feeds text logs to python-can's readers line by line, so that a bad line costs only itself.

python-can's readers end at the first line that they cannot read, and pass over others in silence.
Here each line is handed to them singly: one that raises is left out and a new reader goes on behind
it, with the file's header given to it again; one that gave no frame is looked at.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO, cast

from canlock.sources.lines import LONGEST_LINE
from canlock.sources.streams import ByteStream

if TYPE_CHECKING:
    from can import Message
    from can.io.generic import MessageReader

_BOM: Final = b"\xef\xbb\xbf"
_CSV_HEADER: Final = "timestamp,arbitration_id,extended,remote,error,dlc,data\n"
_ASC_HEADER_END: Final = "no internal events logged\n"
"""python-can takes the first line behind the header for a part of it, and this one is none."""

_HEADER_LINE: Final = {
    "asc": re.compile(
        r"\s*(date\s|base\s+(hex|dec)|//|(no\s+)?internal\s+events\s+logged|$)", re.IGNORECASE
    ),
    "csv": re.compile(r"\s*timestamp,arbitration_id,"),
    "trc": re.compile(r"\s*(;|$)"),
}

_TRIGGER: Final = re.compile(r"\s*begin\s+triggerblock", re.IGNORECASE)
"""The line of an ASC log that tells from when on its times count."""

_RELATIVE: Final = re.compile(r"\s*base\s.*\btimestamps\s+relative\b", re.IGNORECASE)
"""The header line of an ASC log whose times count from the line before; python-can takes them for
times from the start."""

_LEADING_TIME: Final = re.compile(r"\s*(\d+\.\d+)(?=\s)")

_SHORT_MILLISECONDS: Final = re.compile(r"(:\d\d\.)(\d{1,2})(?=\s)")

_NO_FRAME: Final = {
    # Comments, the frame of the measurement, and events of other kinds: anything with a time
    # that does not begin like a CAN frame, which is a channel and an id.
    "asc": re.compile(
        r"\s*(//|begin\s|end\s|date\s|base\s|(no\s+)?internal\s+events"
        r"|\d+\.\d+\s+(?!\d+\s+[0-9a-f]+x?\s|canfd\s)\S)",
        re.IGNORECASE,
    ),
    "csv": re.compile(r"(?!)"),
    # Comments, and what PEAK's programs tell of the bus and of themselves.
    "trc": re.compile(
        r"\s*(;|\d+\)?\s+\d+(\.\d+)?\s+(\d+\s+)?(Warng|Error|ST|EC|ER|EV|FFFFFFFF)\b)"
    ),
}


_WHOLE_WITHOUT_END: Final = re.compile(r"\s*(//|;|end\s+triggerblock)", re.IGNORECASE)
"""What may be the last line of a log without a newline behind it and yet no frame that was cut."""


@dataclass(frozen=True, slots=True)
class TextItem:
    """A line that gave a frame, or that ought to have."""

    line: int
    text: str
    message: Message | None
    reason: str | None = None
    """What python-can said about it."""

    is_cut: bool = False
    """It is the last one and has no end."""


class HeaderError(ValueError):
    """The header of the log does not tell what its lines mean."""


def read_text(stream: ByteStream, capture_format: str) -> Iterator[TextItem]:
    """Yield the frames and the bad lines of a log in the order of the file.

    Args:
        stream: the log.
        capture_format: `asc`, `csv` or `trc`.

    Raises:
        HeaderError: no line can be read because of the header.
    """
    feed = _LineFeed(stream, capture_format)
    yield from _check_header(feed)
    while not feed.is_at_end:
        feed.begin_again()
        reader = _open_reader(cast("TextIO", feed), capture_format)
        try:
            for message in reader:
                *passed, (line, text) = feed.take_handed()
                yield from _passed_over(passed, feed)
                yield TextItem(line, text, message, None, feed.is_cut)
            yield from _passed_over(feed.take_handed(), feed)
        except Exception as error:
            # What python-can raises for a bad line is not told and differs from line to line.
            handed = feed.take_handed()
            if not handed:
                raise HeaderError(str(error)) from error
            *passed, (line, text) = handed
            yield from _passed_over(passed, feed)
            yield TextItem(line, text, None, str(error), feed.is_cut)


def _open_reader(feed: TextIO, capture_format: str) -> MessageReader:
    from can import ASCReader, CSVReader, TRCReader

    if capture_format == "asc":
        return ASCReader(feed, relative_timestamp=False)
    return CSVReader(feed) if capture_format == "csv" else TRCReader(feed)


def _check_header(feed: _LineFeed) -> Iterator[TextItem]:
    """Try the header alone, leave out a date that cannot be read and yield its line.

    Raises:
        HeaderError: it is bad otherwise.
    """
    while True:
        feed.begin_again(header_only=True)
        try:
            for _ in _open_reader(cast("TextIO", feed), feed.format):
                pass
        except Exception as error:
            date = feed.drop_date()
            if date is None:
                raise HeaderError(str(error)) from error
            yield TextItem(*date, None, "times count from the beginning, not from this date")
        else:
            return


def _passed_over(lines: list[tuple[int, str]], feed: _LineFeed) -> Iterator[TextItem]:
    """Yield those of the lines that python-can passed over which ought to have been frames."""
    for line, text in lines:
        if _TRIGGER.match(text):
            feed.header.append((line, text))
        is_cut = feed.is_cut and line == feed.line
        pattern = _WHOLE_WITHOUT_END if is_cut else _NO_FRAME[feed.format]
        if not pattern.match(text):
            yield TextItem(line, text, None, None, is_cut)


def _mend_date(line: str) -> str:
    """Return a line of an ASC header with its milliseconds in full.

    python-can writes 7 ms as `12:00:00.7` and then reads it as 700 ms; other programs always write
    three digits.
    """
    return _SHORT_MILLISECONDS.sub(lambda match: f"{match[1]}{int(match[2]):03d}", line)


class _LineFeed:
    """A text file as python-can's readers use it: an iterator of lines."""

    def __init__(self, stream: ByteStream, capture_format: str) -> None:
        self.format = capture_format
        self.header: list[tuple[int, str]] = []
        """Line numbers and lines that each reader is given first; 0: not in the file."""

        self.is_at_end = False
        self.is_cut = False
        """The file has ended and its last line has no end."""

        self._stream = io.BufferedReader(stream, 1 << 17)
        self.line = 0
        """Number of the last line that was read."""

        self._pushed: list[tuple[int, str]] = []
        self._left: list[str] = []
        """Header lines that the present reader has not had yet."""
        self._header_only = False
        self._handed: list[tuple[int, str]] = []
        self._elapsed_s = 0.0
        self._read_header()
        self._is_relative = any(_RELATIVE.match(text) for _, text in self.header)

    def begin_again(self, *, header_only: bool = False) -> None:
        """Give the header to the next reader."""
        self._left = [text for _, text in self.header]
        if header_only and self.format == "trc":
            # python-can looks for a frame in the line that ends the header.
            self._left.append("\n")
        self._header_only = header_only

    def take_handed(self) -> list[tuple[int, str]]:
        """Return numbers and texts of the lines handed out since the last call."""
        handed, self._handed = self._handed, []
        return handed

    def drop_date(self) -> tuple[int, str] | None:
        """Remove the date from the header and return its line; None where there is none."""
        for line, text in self.header:
            if text.lstrip().lower().startswith("date"):
                self.header.remove((line, text))
                return line, text
        return None

    def __iter__(self) -> _LineFeed:
        return self

    def __next__(self) -> str:
        if self._left:
            return _mend_date(self._left.pop(0))
        if self._header_only:
            raise StopIteration
        line = self._pushed.pop() if self._pushed else self._read_line()
        if line is None:
            self.is_at_end = True
            raise StopIteration
        self._handed.append(line)
        if _TRIGGER.match(line[1]):
            return _mend_date(line[1])
        return self._add_up(line[1]) if self._is_relative else line[1]

    def _add_up(self, text: str) -> str:
        """Return a line with its time counted from the start."""
        found = _LEADING_TIME.match(text)
        if found is None:
            return text
        self._elapsed_s += float(found[1])
        return f"{self._elapsed_s:.6f}{text[found.end() :]}"

    def close(self) -> None:
        """Do nothing: the next reader goes on with the same file."""

    def _read_header(self) -> None:
        pattern = _HEADER_LINE[self.format]
        while (line := self._read_line()) is not None:
            if not pattern.match(line[1]):
                self._pushed.append(line)
                break
            self.header.append(line)
        if self.format == "csv":
            self.header = [(0, _CSV_HEADER)]
        elif self.format == "asc":
            self.header = [kept for kept in self.header if "internal" not in kept[1].lower()]
            self.header.append((0, _ASC_HEADER_END))

    def _read_line(self) -> tuple[int, str] | None:
        """Return the next line that is not blank, and its number."""
        while raw := self._stream.readline(LONGEST_LINE):
            self.line += 1
            if self.line == 1:
                raw = raw.removeprefix(_BOM)
            self.is_cut = not raw.endswith(b"\n")
            if self.is_cut:
                self._pass_rest_of_line()
            text = raw.decode("ascii", "replace")
            if text.strip():
                return self.line, text
        return None

    def _pass_rest_of_line(self) -> None:
        """Read on to the end of a line that is too long to be one."""
        while rest := self._stream.readline(LONGEST_LINE):
            if rest.endswith(b"\n"):
                self.is_cut = False
                break
