"""Which format a capture has, by its content: a file's name says what somebody hoped it was."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Final

from canlock.errors import CaptureUnreadableError
from canlock.sources.candump_grammar import is_screen_form
from canlock.sources.streams import read_head

HEAD_BYTES: Final = 1 << 18
"""How much of a file is looked at. Noise in front of the first good line may be long."""

KNOWN: Final = "candump, ASC, BLF, CSV, TRC, CRTD, MF4 or SQLite"

_SURE: Final = 20
"""So many lines of one format decide."""

_MAGIC: Final = {
    b"LOGG": "blf",
    b"MDF     ": "mf4",
    b"UnFinMF ": "mf4",
    b"SQLite format 3\0": "sqlite",
}

_LINES: Final = {
    "candump": re.compile(
        rb"\s*\(\d+(\.\d*)?\)\s+\S+\s+[0-9A-Fa-f]{1,8}#(#?[0-9A-Fa-f]*|[Rr]\d?)(_[9A-Fa-f])?"
        rb"(\s+[RTrt])?\s*"
    ),
    "candump-screen": re.compile(
        rb"\s*\((\d+|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.\d+\)\s+\S+\s+((RX|TX)\s+\S+\s+\S+\s+)?"
        rb"[0-9A-F]{3,8}\s+\[\d+\](\s+\S+)*\s*"
        rb"|\s*\(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\)\s+\S+\s+[0-9A-Fa-f]{3,8}#\S*(\s+[RTrt])?\s*"
    ),
    "asc": re.compile(
        rb"\s*(date\s+\w{2,4}\s+\S.*"
        rb"|base\s+(hex|dec)(\s.*)?"
        rb"|begin\s+triggerblock\b.*"
        rb"|\d+\.\d+\s+(\d+\s+([0-9a-f]+x?\s+(rx|tx)\s+[dr]|errorframe)|canfd\s).*)",
        re.IGNORECASE,
    ),
    "csv": re.compile(
        rb"(timestamp,arbitration_id,extended,remote,error,dlc,data"
        rb"|\d+(\.\d*)?(e[+-]?\d+)?,0x[0-9a-f]+,[01],[01],[01],\d+,[A-Za-z0-9+/]*=*)\s*"
    ),
    "trc": re.compile(
        rb"\s*(;\$(FILEVERSION|STARTTIME|COLUMNS)=.*"
        rb"|\d+\)\s+\d+(\.\d+)?\s+(\d+\s+)?((Rx|Tx)\s+)?[0-9A-F]{4,8}\s.*"
        rb"|\d+\s+\d+\.\d+\s+(DT|FD|FB|FE|BI|RR)\s.*)"
    ),
    "gvret": re.compile(
        rb"\s*(time\s*stamp\s*,\s*id\s*,\s*extended\s*,.*"
        rb"|\d+,[0-9a-f]{1,8},(true|false|0|1),([rt]x,)?\d+,\d+(,[0-9a-f]{1,2})*[,\s]*)",
        re.IGNORECASE,
    ),
    "crtd": re.compile(
        rb"\s*\d+\.\d+\s+\d{0,2}([RT](11|29)\s+[0-9A-Fa-f]{1,8}(\s+[0-9A-Fa-f]{2})*\s*"
        rb"|C[A-Z]{2}\s.*)"
    ),
}

_SHORT_TIME: Final = re.compile(rb"^\s*\((\d{3,9}\.\d{6})\)\s", re.MULTILINE)
_DELTA_BYTES: Final = 1 << 16
_LEAST_TIMES: Final = 4
_BACKWARD_SHARE: Final = 8
"""Where one line in so many has a lesser time than the one before, they are no times of a clock."""

_STRANGERS: Final = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x7fELF": "a program",
    b"PK\x03\x04": "a ZIP archive: unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive: unpack it first",
    b"\xfd7zXZ": "xz data: unpack it first",
    b"BZh": "bzip2 data: unpack it first",
    b"\x28\xb5\x2f\xfd": "zstd data: install the package `zstandard` to read it, or unpack it",
    b"\xff\xfe": "UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it as UTF-8",
    b"\x0a\x0d\x0d\x0a": "a pcapng network capture: record with `candump -l` instead",
    b"\xd4\xc3\xb2\xa1": "a pcap network capture: record with `candump -l` instead",
    b"\xa1\xb2\xc3\xd4": "a pcap network capture: record with `candump -l` instead",
}


def recognise_format(path: Path) -> str:
    """Return `candump`, `asc`, `blf`, `csv`, `trc`, `gvret`, `crtd`, `mf4` or `sqlite`.

    Raises:
        CaptureNotFoundError: there is no such file.
        CaptureUnreadableError: no format explains what is in it; the text tells what it is.
    """
    head, fault = read_head(path, HEAD_BYTES)
    found = _format_of(head)
    if found is None:
        raise CaptureUnreadableError(f"{path}: {_describe(head, fault)}")
    return found


def _format_of(head: bytes) -> str | None:
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            return name
    lines = head.split(b"\n")
    first = [line for line in lines[:_SURE] if line.strip()]
    if first and all(_LINES["candump"].fullmatch(line) for line in first):
        return "candump-delta" if _are_deltas(head) else "candump"
    hits = dict.fromkeys(_LINES, 0)
    for line in lines:
        for name, pattern in _LINES.items():
            hits[name] += pattern.fullmatch(line) is not None
        if max(hits.values()) >= _SURE:
            break
    best = max(hits, key=lambda name: hits[name])
    if best.startswith("candump") and _are_deltas(head):
        return "candump-delta"
    return best if hits[best] else None


def _are_deltas(head: bytes) -> bool:
    """Tell whether the times of candump lines count from the line before (`-t d`).

    They begin with nought and are as often shorter as longer than the one before; times that count
    from the first line (`-t z`) look the same but grow.
    """
    first = _SHORT_TIME.search(head, 0, 4096)
    if first is None or float(first[1]) != 0.0:
        return False
    texts = _SHORT_TIME.findall(head, 0, _DELTA_BYTES)
    if len(texts) < _LEAST_TIMES:
        return False
    times_s = [float(text) for text in texts]
    backward = sum(after < before for before, after in pairwise(times_s))
    return backward * _BACKWARD_SHARE >= len(times_s)


def _stranger(head: bytes) -> str | None:
    for magic, text in _STRANGERS.items():
        if head.startswith(magic):
            return text
    return None


def _describe(head: bytes, fault: str | None) -> str:
    """Return what was found instead of a capture, what was expected, and the mend."""
    expected = f"expected a CAN log ({KNOWN})"
    if fault is not None:
        return f"{fault}: copy it again"
    if not head:
        return f"found an empty file, {expected}: did any frame come while it was recorded?"
    stranger = _stranger(head)
    if stranger is not None:
        what, _, mend = stranger.partition(": ")
        return f"found {what}, {expected}: {mend or 'name the log itself'}"
    lines = head.split(b"\n")
    if any(is_screen_form(line) for line in lines[:_SURE]):
        return (
            "found what candump shows on the screen without times, expected its log form "
            "`(seconds) channel id#data`: record with `candump -l` or `candump -L`"
        )
    kind = "binary data" if b"\0" in head else "text in which no line is a frame"
    return f"found {kind}, {expected}: record with `candump -l`, or name the log itself"
