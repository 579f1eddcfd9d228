"""The grammar of PEAK's TRC logs, versions 1.0 to 2.1.

         1)      1059        0300  7  00 00 00 00 04 00 00            1.0
         1)      1059.9 Rx   0300  7  00 00 00 00 04 00 00            1.1
         1)      1059.900 1  Rx        0300 -  7    00 00 ...         1.3
         1      1059.900 DT 1      0300 Rx -  7    00 00 ...          2.1, named in the header

Times are milliseconds since the start that the header tells, in days since the end of 1899.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameFlag
from canlock.sources.text_grammar import (
    HeaderError,
    LineFault,
    LineFrame,
    LineMeaning,
    LineNote,
)
from canlock.sources.text_shape import PayloadForm, Shape, SpacedBytes

_SETTING: Final = re.compile(rb"\s*;\$(?P<name>FILEVERSION|STARTTIME|COLUMNS)=(?P<value>\S*)\s*")
_NO_FRAME: Final = re.compile(
    rb"\s*(;|$|\d+\)?\s+\d+(\.\d+)?\s+(\d+\s+)?(Warng|Error|ST|EC|ER|EV|FFFFFFFF)\b)"
)
"""Comments, and what PEAK's programs tell of the bus and of themselves."""

_WHOLE: Final = re.compile(rb"\s*;")
_TIME: Final = re.compile(rb"(?P<whole>\d{1,14})(?:\.(?P<fraction>\d{1,6}))?")
_IDENTIFIER: Final = re.compile(rb"[0-9A-Fa-f]{1,8}")
_TOKEN: Final = re.compile(rb"\S+")

_COLUMNS: Final = {
    "1.0": "NOILD",
    "1.1": "NOdILD",
    "1.3": "NOBdIRLD",
}
"""The columns of versions that do not tell them, by the letters of version 2."""

_TYPES: Final = {
    b"DT": FrameFlag(0),
    b"RR": FrameFlag.REMOTE,
    b"FD": FrameFlag.FD,
    b"FB": FrameFlag.FD | FrameFlag.BITRATE_SWITCH,
    b"FE": FrameFlag.FD | FrameFlag.BITRATE_SWITCH | FrameFlag.ERROR_STATE,
    b"BI": FrameFlag.FD | FrameFlag.ERROR_STATE,
}
_LENGTHS: Final = (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64)
_STANDARD_DIGITS: Final = 4
_EPOCH: Final = timedelta(days=25_569)
"""From 1899-12-30, where the days are counted from, to 1970-01-01."""

_LAST_DAY: Final = 100_000
_MILLISECONDS: Final = 1000
_WIDEST_TIME: Final = 16
_NO_BUS: Final = "1"
"""What python-can calls the channel of logs that have but one."""


class TrcGrammar:
    """What one TRC log has said of itself so far."""

    format = "trc"
    is_relative = False

    def __init__(self) -> None:
        self.payload: PayloadForm = SpacedBytes()
        self._version = "1.0"
        self._start_s = 0.0
        self._columns = _COLUMNS["1.0"]

    @property
    def base_s(self) -> float:
        """Return what times count from; version 1.0 does not tell."""
        return 0.0 if self._version == "1.0" else self._start_s

    def shape_of(self, line: bytes) -> Shape | None:
        """Return the shape of a data frame."""
        tokens = list(_TOKEN.finditer(line, 0, 200))
        columns = self._columns
        if "D" not in columns or len(tokens) <= columns.index("D") or _NO_FRAME.match(line):
            return None
        fields = dict(zip(columns, tokens, strict=False))
        try:
            meaning = self._fields(fields[c][0] if c in fields else None for c in _READ)
        except ValueError:
            return None
        flags, length, channel = meaning
        time = _TIME.fullmatch(fields["O"][0])
        before = tokens[columns.index("O") - 1].end() if columns.index("O") else 0
        size = fields["L" if "L" in fields else "l"]
        is_coded = len(size[0]) == 1 and not flags & FrameFlag.FD
        if time is None or flags & FrameFlag.REMOTE or columns.index("D") != len(columns) - 1:
            return None
        begin = fields["O"].start()
        whole = (before, begin + time.end("whole"))
        if whole[1] - before > _WIDEST_TIME or not length:
            return None
        decimals = len(time["fraction"] or b"")
        times: list[tuple[tuple[int, int], int]] = [(whole, 10**decimals)]
        if decimals:
            times.append(((begin + time.start("fraction"), begin + time.end("fraction")), 1))
        data = fields["D"].start()
        number = fields["N"][0] if columns.startswith("N") else b""
        if number and (not number.rstrip(b")").isdigit() or fields["N"].end() > _WIDEST_TIME):
            return None
        return Shape(
            line=line[:data],
            times=tuple(times),
            units_a_second=_MILLISECONDS * 10**decimals,
            arbitration_id=fields["I"].span(),
            channel=channel,
            flags=int(flags),
            data=data,
            length=None if is_coded else length,
            code=size.start() if is_coded else None,
            skipped=((0, fields["N"].end() - number.endswith(b")")),) if number else (),
        )

    def read(self, line: bytes) -> LineMeaning:
        """Return what a line means."""
        setting = _SETTING.fullmatch(line)
        if setting is not None:
            return self._read_setting(setting["name"], setting["value"].decode("ascii", "replace"))
        if _NO_FRAME.match(line):
            return LineNote.NOTHING
        if self._version.startswith("2") and not self._columns:
            raise HeaderError("File has no column information")
        tokens = line.split(maxsplit=len(self._columns) - 1)
        fields = dict(zip(self._columns, tokens, strict=False))
        try:
            flags, length, channel = self._fields(fields.get(column) for column in _READ)
            time = _TIME.fullmatch(fields["O"])
            if time is None:
                return LineFault()
            arbitration_id = int(fields["I"], 16)
            words = fields.get("D", b"").split()
            payload = b""
            if words[:1] == [b"RTR"]:
                flags |= FrameFlag.REMOTE
            if not flags & FrameFlag.REMOTE:
                payload = bytes(int(word, 16) for word in words[:length])
                if len(payload) < length:
                    return LineFault(f"found {len(payload)} bytes of data, expected {length}")
        except (KeyError, ValueError):
            return LineFault()
        time_s = float(fields["O"]) / _MILLISECONDS
        return LineFrame(time_s, arbitration_id, int(flags), length, payload, channel)

    def is_whole(self, line: bytes) -> bool:
        """Tell whether the last line of a file, which has no end, was not cut off."""
        return _WHOLE.match(line) is not None

    def tells_length(self, line: bytes) -> bool:  # noqa: ARG002
        """Tell that each line says how long its payload is."""
        return True

    def _fields(self, values: Iterable[bytes | None]) -> tuple[FrameFlag, int, str]:
        """Return flags, length and channel, given the tokens of the columns `_READ`.

        Raises:
            ValueError: they are not those of a frame.
        """
        identifier, direction, kind, bus, size, code = values
        if identifier is None or _IDENTIFIER.fullmatch(identifier) is None:
            raise ValueError("no id")
        flags = FrameFlag.EXTENDED if len(identifier) > _STANDARD_DIGITS else FrameFlag(0)
        if "d" in self._columns and direction not in (b"Rx", b"Tx"):
            raise ValueError("no direction")
        flags |= FrameFlag.TRANSMITTED if direction == b"Tx" else FrameFlag(0)
        if "T" in self._columns:
            if kind not in _TYPES:
                raise ValueError("no type")
            flags |= _TYPES[kind]
        return flags, _length(flags, size, code), _NO_BUS if bus is None else str(int(bus))

    def _read_setting(self, name: bytes, value: str) -> LineMeaning:
        before = (self._version, self._start_s, self._columns)
        if name == b"FILEVERSION":
            self._version = value if value in (*_COLUMNS, "2.0", "2.1") else "1.0"
            self._columns = _COLUMNS.get(self._version, "")
        elif name == b"COLUMNS":
            letters = value.split(",")
            if all(len(letter) == 1 for letter in letters) and set("OI") <= set(letters):
                self._columns = "".join(letters)
        else:
            try:
                days = float(value)
            except ValueError:
                return LineFault("times count from the beginning, not from this start")
            if not abs(days) < _LAST_DAY:
                return LineFault("times count from the beginning, not from this start")
            self._start_s = max((timedelta(days=days) - _EPOCH).total_seconds(), 0.0)
        is_same = before == (self._version, self._start_s, self._columns)
        return LineNote.NOTHING if is_same else LineNote.CHANGE


_READ: Final[Sequence[str]] = "IdTBlL"


def _length(flags: FrameFlag, size: bytes | None, code: bytes | None) -> int:
    """Return bytes of payload, told by their number or by a length code.

    Raises:
        ValueError: there is neither, or it cannot be.
    """
    if size is None and code is None:
        raise ValueError("no length")
    length = int(size if size is not None else code or b"")
    if size is None and flags & FrameFlag.FD:
        length = _LENGTHS[length] if 0 <= length < len(_LENGTHS) else -1
    if not 0 <= length <= (FD_BYTES if flags & FrameFlag.FD else 15):
        raise ValueError("no length")
    return length if flags & FrameFlag.FD else min(length, CLASSIC_BYTES)
