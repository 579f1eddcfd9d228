"""What a text format must tell for its logs to be read in columns.

A grammar reads any line by itself, slowly and in full; and it tells the shape of a line, so that
all lines of that shape are read at once, see `text_source`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from canlock.sources.text_shape import PayloadForm, Shape


@dataclass(frozen=True, slots=True)
class LineFrame:
    """A frame that a line holds."""

    time_s: float
    arbitration_id: int
    flags: int
    length: int
    payload: bytes
    channel: str


@dataclass(frozen=True, slots=True)
class LineFault:
    """A line that ought to be a frame and is none."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class LineTime:
    """No frame, but times that count from line to line count from it too."""

    time_s: float


class HeaderError(ValueError):
    """The header of a log does not tell what its lines mean; the text tells what is missing."""


class LineNote(Enum):
    """What a line may be besides."""

    NOTHING = "a remark, a blank line, an event that is no frame"
    CHANGE = "a part of a header: other lines have a new meaning from here on"


LineMeaning = LineFrame | LineFault | LineTime | LineNote


class TextGrammar(Protocol):
    """The grammar of one format, with what the file has said of itself so far."""

    format: str

    @property
    def payload(self) -> PayloadForm:
        """Return how payloads are spelt in the lines to come."""
        ...

    @property
    def base_s(self) -> float:
        """Return what times of the lines to come count from."""
        ...

    @property
    def is_relative(self) -> bool:
        """Tell whether times count from the line before."""
        ...

    def shape_of(self, line: bytes) -> Shape | None:
        """Return the shape of a line that is a frame; None where it has none that is common."""
        ...

    def read(self, line: bytes) -> LineMeaning:
        """Return what a line means, and remember what it says of those behind it.

        Raises:
            HeaderError: no line can be read because of the header.
        """
        ...

    def is_whole(self, line: bytes) -> bool:
        """Tell whether the last line of a file, no frame and without an end, was not cut off."""
        ...

    def tells_length(self, line: bytes) -> bool:
        """Tell whether a line says how long its payload is, besides by its end."""
        ...
