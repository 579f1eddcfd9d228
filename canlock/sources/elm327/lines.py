"""What an ELM327 prints while it monitors: bytes cut into lines, lines read as frames or words.

```
3588 0102030405060708      11-bit id 0x358, DLC 8, spaces and headers as set (ATH1 ATS0 ATD1)
18DAF11020140              29-bit id 0x18DAF110, DLC 2
3588010203BUFFER FULL      the adapter's buffer ran over in the middle of a line
3588010203<RX ERROR        the bus went wrong within a frame
```

Pure: no port, no clock. No input makes it raise, and none makes it keep more than one line.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

PROMPT: Final = ord(">")
LINE_LIMIT: Final = 80
"""Characters; the longest line of the chip, 29 bits with spaces and an error behind, has 50."""

_LINE_ENDS: Final = b"\r\n"
_NOISE: Final = b"\x00"
"""The chip is known to print NULs between lines (ELM327 data sheet); they mean nothing."""

_STANDARD_DIGITS: Final = 3
_EXTENDED_DIGITS: Final = 8
_HIGHEST_STANDARD: Final = 0x7FF
_HIGHEST_EXTENDED: Final = 0x1FFF_FFFF
_CLASSIC_BYTES: Final = 8
_HEX: Final = re.compile(rb"[0-9A-F]*")
_REMOTE: Final = b"RTR"


class Word(enum.Enum):
    """What the adapter says when it does not print a frame."""

    OK = b"OK"
    UNKNOWN_COMMAND = b"?"
    BUFFER_FULL = b"BUFFERFULL"
    CAN_ERROR = b"CANERROR"
    BUS_ERROR = b"BUSERROR"
    BUS_BUSY = b"BUSBUSY"
    FEEDBACK_ERROR = b"FBERROR"
    RX_ERROR = b"<RXERROR"
    DATA_ERROR = b"<DATAERROR"
    NO_DATA = b"NODATA"
    STOPPED = b"STOPPED"
    SEARCHING = b"SEARCHING..."
    UNABLE_TO_CONNECT = b"UNABLETOCONNECT"
    ACTIVITY_ALERT = b"ACTALERT"
    LOW_POWER_ALERT = b"!LPALERT"
    LOW_VOLTAGE_RESET = b"LVRESET"


BUS_TROUBLE: Final = frozenset(
    {Word.CAN_ERROR, Word.BUS_ERROR, Word.FEEDBACK_ERROR, Word.UNABLE_TO_CONNECT}
)
"""The bus, or the bit rate, is not what the adapter was told."""

_SUFFIXES: Final = (Word.BUFFER_FULL, Word.RX_ERROR, Word.DATA_ERROR, Word.STOPPED)
"""Words that may stand behind part of a frame, on its line."""

_WORDS: Final = {word.value: word for word in Word}


class Line(NamedTuple):
    """One line as it came, without its end."""

    text: bytes
    tail: int
    """Bytes of the same chunk that came after it: how much longer ago than the chunk's end it was
    complete."""

    is_prompt: bool = False
    """Not a line but the `>` that says: the adapter waits for a command."""

    is_cut: bool = False
    """It was longer than any line can be; the rest is thrown away."""


class LineCutter:
    """Cuts a stream of bytes into lines and prompts, however the bytes come."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._is_cut = False

    @property
    def held(self) -> bytes:
        """The half line that has come so far."""
        return bytes(self._held)

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Yield the lines that a chunk completes. Blank ones are left out."""
        for place, byte in enumerate(chunk):
            if byte in _NOISE:
                continue
            if byte != PROMPT and byte not in _LINE_ENDS:
                if len(self._held) < LINE_LIMIT:
                    self._held.append(byte)
                else:
                    self._is_cut = True
                continue
            tail = len(chunk) - place - 1
            if self._held:
                yield Line(bytes(self._held), tail, is_cut=self._is_cut)
            self._held.clear()
            self._is_cut = False
            if byte == PROMPT:
                yield Line(b">", tail, is_prompt=True)

    def clear(self) -> None:
        """Forget the half line."""
        self._held.clear()
        self._is_cut = False


@dataclass(frozen=True, slots=True)
class MonitoredFrame:
    """A frame as the adapter printed it."""

    arbitration_id: int
    is_extended: bool
    data: bytes
    is_remote: bool = False
    dlc: int = 0
    """What a remote frame asks for; else the number of bytes."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A line that is no frame and no word: bytes were lost or turned on the way."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """A word of the adapter."""

    word: Word
    has_cut_frame: bool = False
    """Part of a frame stood before it on the line; that frame is lost."""


Reading = MonitoredFrame | Notice | Damaged


@dataclass(frozen=True, slots=True)
class LineForm:
    """How the adapter was set to print, by which a damaged line is known."""

    has_dlc: bool = True
    """ATD1 was accepted: a digit between id and data tells the length."""

    has_standard: bool = True
    has_extended: bool = True
    """Frames with ids of this width may come."""


def read_line(text: bytes, form: LineForm) -> Reading:
    """Return what one line says.

    With a DLC digit 11-bit lines have an even number of digits and 29-bit lines an odd one; without
    it is the other way round. The digit must agree with the data, so that a line with bytes lost
    is no frame.
    """
    packed = text.replace(b" ", b"").replace(b"\t", b"")
    word = _WORDS.get(packed)
    if word is not None:
        return Notice(word)
    for suffix in _SUFFIXES:
        if packed.endswith(suffix.value):
            return Notice(suffix, has_cut_frame=True)
    return _read_frame(packed, form) or Damaged(text)


def _read_frame(packed: bytes, form: LineForm) -> MonitoredFrame | None:
    is_remote = packed.endswith(_REMOTE)
    digits = packed[: -len(_REMOTE)] if is_remote else packed
    if not _HEX.fullmatch(digits):
        return None
    is_extended = _is_extended(len(digits), form)
    if not (form.has_extended if is_extended else form.has_standard):
        return None
    id_digits = _EXTENDED_DIGITS if is_extended else _STANDARD_DIGITS
    head = id_digits + form.has_dlc
    if len(digits) < head:
        return None
    arbitration_id = int(digits[:id_digits], 16)
    if arbitration_id > (_HIGHEST_EXTENDED if is_extended else _HIGHEST_STANDARD):
        return None
    data = bytes.fromhex(digits[head:].decode("ascii"))
    # DLC codes above 8 mean 8 bytes on a classic bus.
    dlc = min(int(digits[id_digits:head], 16), _CLASSIC_BYTES) if form.has_dlc else len(data)
    if len(data) != (0 if is_remote else dlc) or dlc > _CLASSIC_BYTES:
        return None
    return MonitoredFrame(arbitration_id, is_extended, data, is_remote, dlc)


def _is_extended(digits: int, form: LineForm) -> bool:
    is_odd = bool(digits % 2)
    return is_odd if form.has_dlc else not is_odd


class FormJudge:
    """Finds out an adapter that says OK to ATD1 and prints no length digit all the same."""

    _TELLING_LINES: Final = 4

    def __init__(self, form: LineForm) -> None:
        """Begin with what the adapter said."""
        self.form = form
        self._against = 0
        self._is_proven = False

    def read(self, text: bytes) -> Reading:
        """Return what a line says.

        Where the first few make sense only without the digit, the rest is read without it.
        """
        reading = read_line(text, self.form)
        if self._is_proven or not self.form.has_dlc or isinstance(reading, Notice):
            return reading
        if isinstance(reading, MonitoredFrame):
            self._is_proven = True
            return reading
        without = replace(self.form, has_dlc=False)
        self._against += isinstance(read_line(text, without), MonitoredFrame)
        if self._against >= self._TELLING_LINES:
            self.form = without
            return read_line(text, without)
        return reading
