"""Marks: what a person did at the car, in `STEM.marks.csv` beside the capture.

```
time,action,door,note
+12.40,press-fob-unlock,,
+15.00,pull-outer-handle,driver,"cold, but not frozen"
```

`time` is `+seconds` after the capture's first frame, or seconds on the capture's clock. Lines that
begin with `#` are comments. One line is one mark: a note holds no line break.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from canlock.errors import SideFileError
from canlock.model.capture import Damage
from canlock.model.roles import DOORS
from canlock.model.stream import MARK_ACTIONS, Mark
from canlock.sources.sidefile import (
    SideLine,
    SideLines,
    SideWriter,
    find_side_file,
    matching_door,
    shown,
    suggestion,
)

SUFFIX: Final = ".marks.csv"
HEADER: Final = ("time", "action", "door", "note")

MARK_LIMIT: Final = 100_000
"""Marks that are read from one file: more than a person makes in years."""

FAR_S: Final = 86_400.0
"""A mark this far outside the capture is on another clock: a wrong date is off by a day or more,
a slow hand by seconds."""

OUTSIDE_S: Final = 60.0
"""Who marks is a second late, and a logger is stopped some seconds early; a mark that is a minute
outside the capture is likelier of another one."""

LONGEST_CAPTURE_S: Final = 30 * 86_400.0
"""Stands for the capture's length where that is not known."""

_NOTE_LIMIT: Final = 4_000
"""Characters of a note that are written, so that its line can be read again."""

_SECONDS: Final = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<number>(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?)", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class MarksRead:
    """What a marks file gave."""

    marks: tuple[Mark, ...]
    """Sorted by time; marks of the same time stand as in the file."""

    problems: tuple[Damage, ...]
    """The first few lines that were wrong, each with its place."""

    left_out: int
    """Lines that could not be used; complete."""

    far: int = 0
    """Those among them whose time is on another clock; the first of them is told for all."""


class _MarkError(Exception):
    """One line of a marks file is of no use; its text says why."""


def find_marks(capture_path: str | Path) -> Path | None:
    """Return the marks file beside a capture: `drive.asc.gz` has `drive.marks.csv`."""
    return find_side_file(capture_path, SUFFIX)


def read_marks(
    path: str | Path,
    first_s: float,
    *,
    last_s: float | None = None,
    doors: tuple[str, ...] | None = None,
) -> MarksRead:
    """Read a marks file.

    Lines that are wrong are left out, counted and named.

    Args:
        path: The file.
        first_s: Time of the capture's first frame, to which `+seconds` are added.
        last_s: Time of its last frame where that is known.
        doors: Doors of the vehicle; None: any name is taken.

    Raises:
        SideFileError: There is no such file, or it does not begin with the header.
    """
    lines = SideLines(path)
    latest_s = (first_s + LONGEST_CAPTURE_S if last_s is None else last_s) + FAR_S
    marks: list[Mark] = []
    far, far_line, far_at_s = 0, 0, 0.0
    for number, mark in _numbered_marks(lines, first_s, doors):
        if not first_s - FAR_S <= mark.at_s <= latest_s:
            far += 1
            if far == 1:
                far_line, far_at_s = number, mark.at_s
        elif len(marks) == MARK_LIMIT:
            lines.report(number, f"more than {MARK_LIMIT} marks; this and the rest are left out")
        else:
            marks.append(mark)
    if far:
        lines.report(far_line, _far_text(far_at_s, first_s, far))
    marks.sort(key=lambda mark: mark.at_s)
    return MarksRead(tuple(marks), lines.problems, lines.left_out + max(0, far - 1), far)


def _numbered_marks(
    lines: SideLines, first_s: float, doors: tuple[str, ...] | None
) -> Iterator[tuple[int, Mark]]:
    """Yield each mark with the number of its line, and report the lines that are none.

    Raises:
        SideFileError: The file does not begin with the header.
    """
    has_header = False
    for line in lines:
        if line.text.lstrip().startswith("#"):
            continue
        if not has_header:
            _check_header(lines, line)
            has_header = True
            continue
        try:
            mark = _read_mark(line.text, first_s, doors)
        except _MarkError as error:
            lines.report(line.number, str(error))
        else:
            if mark is not None:
                yield line.number, mark
    if not has_header:
        raise SideFileError(
            f"{lines.place(1)}: found an empty file, expected the header `{','.join(HEADER)}`"
        )


def describe_outside(
    marks: Iterable[Mark], first_s: float | None, last_s: float | None
) -> str | None:
    """Say in a sentence which marks lie far outside a capture; None where none does.

    Args:
        marks: The marks.
        first_s: Time of the capture's first frame; None: it has none.
        last_s: Time of its last frame.
    """
    if first_s is None or last_s is None:
        return None
    times_s = [mark.at_s for mark in marks]
    before = [at_s for at_s in times_s if at_s < first_s - OUTSIDE_S]
    after = [at_s for at_s in times_s if at_s > last_s + OUTSIDE_S]
    if not before and not after:
        return None
    places = []
    if before:
        places.append(f"up to {first_s - min(before):.0f} s before its first frame")
    if after:
        places.append(f"up to {max(after) - last_s:.0f} s after its last frame")
    outside = len(before) + len(after)
    return (
        f"{outside} of {len(times_s)} marks {'lies' if outside == 1 else 'lie'} far outside the "
        f"capture, {' and '.join(places)}: no frame shows what happened then; are they of another "
        "capture?"
    )


def write_marks(path: str | Path, marks: Iterable[Mark], first_s: float) -> None:
    """Write a marks file in the order of time, times as `+seconds` to the hundredth.

    Raises:
        SideFileError: It cannot be written.
    """
    with SideWriter(path) as writer:
        writer.write([",".join(HEADER)])
        writer.write(
            format_mark(mark, first_s) for mark in sorted(marks, key=lambda mark: mark.at_s)
        )


class MarksWriter(SideWriter):
    """Appends marks to a file as they are made, each on the disk before `append` returns."""

    def __init__(self, path: str | Path, first_s: float) -> None:
        """Open the file and give it a header unless it has one.

        Raises:
            SideFileError: It cannot be written.
        """
        super().__init__(path, appends=True)
        self._first_s = first_s
        if self.is_empty:
            self.write([",".join(HEADER)])

    def append(self, mark: Mark) -> None:
        """Write one mark.

        Raises:
            SideFileError: The disk is full or gone.
        """
        self.write([format_mark(mark, self._first_s)], is_synced=True)


def format_mark(mark: Mark, first_s: float) -> str:
    """Return a mark's line: `+12.40,press-fob-unlock,,`.

    A mark before the first frame keeps its time on the capture's clock, for `+` cannot say it.
    """
    after_s = mark.at_s - first_s
    time = f"+{after_s:.2f}" if after_s >= 0 else f"{mark.at_s:.2f}"
    note = mark.note.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").strip()
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(
        (time, mark.action, mark.door or "", note[:_NOTE_LIMIT].strip())
    )
    return line.getvalue()


def _check_header(lines: SideLines, line: SideLine) -> None:
    names = [name.lower() for name in _fields(line.text)]
    while names and not names[-1]:
        names.pop()
    if tuple(names) == HEADER:
        return
    mend = "separate the columns with commas" if ";" in line.text else "put it in the first line"
    raise SideFileError(
        f"{lines.place(line.number)}: found {shown(line.text)}, "
        f"expected the header `{','.join(HEADER)}`; {mend}"
    )


def _read_mark(text: str, first_s: float, doors: tuple[str, ...] | None) -> Mark | None:
    """Return the mark of one line; None where there are only commas, as spreadsheets leave them."""
    fields = _fields(text)
    if not any(fields):
        return None
    time, action, door = (*fields, "", "", "")[:3]
    while len(fields) > len(HEADER) and not fields[-1]:
        fields.pop()
    # The note is the last column, so a comma that nobody quoted can only belong to it.
    note = ", ".join(fields[3:])
    at_s = _read_time(time, first_s)
    if action.lower() not in MARK_ACTIONS:
        raise _MarkError(f"unknown action {shown(action)}{suggestion(action, MARK_ACTIONS)}")
    return Mark(at_s, action.lower(), _read_door(door, doors), note)


def _fields(text: str) -> list[str]:
    """Return the stripped fields of one line.

    Each line is read for itself: a quote that is never closed ends with its line.
    """
    try:
        row = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        row = text.split(",")
    return [field.strip() for field in row]


def _read_time(text: str, first_s: float) -> float:
    match = _SECONDS.fullmatch(text)
    seconds = float(match["number"]) if match else math.nan
    if match is None or not math.isfinite(seconds):
        raise _MarkError(
            f"found the time {shown(text)}, expected seconds on the capture's clock, "
            "or after its first frame as in `+12.40`"
        )
    if match["sign"] == "+":
        return first_s + seconds
    return -seconds if match["sign"] else seconds


def _read_door(text: str, doors: tuple[str, ...] | None) -> str | None:
    if not text:
        return None
    if doors is None:
        return matching_door(text, DOORS) or text
    door = matching_door(text, doors)
    if door is None:
        raise _MarkError(
            f"unknown door {shown(text)}{suggestion(text, doors)}; "
            f"this vehicle has {', '.join(doors)}"
        )
    return door


def _far_text(at_s: float, first_s: float, count: int) -> str:
    others = f" (with {count - 1} more like it)" if count > 1 else ""
    return (
        f"found the time {at_s:.2f}, far outside the capture that begins at {first_s:.2f}{others}; "
        "is it seconds on the capture's clock, or should it be `+seconds` after the first frame?"
    )
