"""Side files: the small text files that lie beside a capture, read line by line.

People write them by hand and recorders are killed in mid-line, so no line is trusted: what cannot
be used is counted and its place kept, and the rest is read on. A line never takes more than
`LINE_LIMIT` characters of memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self, TextIO

from canlock.errors import SideFileError
from canlock.model.capture import Damage

LINE_LIMIT: Final = 65_536
"""Longest line in characters; no mark or session item comes near it."""

PROBLEM_LIMIT: Final = 20
"""Places that are kept; the counts go on."""

_SHOWN_CHARACTERS: Final = 40
_COMPRESSED_SUFFIXES: Final = frozenset({".gz", ".bz2", ".xz", ".zst"})
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks; spreadsheets and PowerShell's `>` write them."""


class SideLine(NamedTuple):
    """One line of a side file."""

    number: int
    """Counts from 1."""

    text: str
    """Without the line break."""

    is_ended: bool
    """It has a line break: the last line of a recording that was cut off has none."""


def side_path(capture_path: str | Path, suffix: str) -> Path:
    """Return where a capture's side file belongs.

    `drive.log`, `drive.blf` and `drive.asc.gz` with `.marks.csv` all give `drive.marks.csv`.
    """
    path = Path(capture_path)
    if path.suffix.lower() in _COMPRESSED_SUFFIXES:
        path = path.with_suffix("")
    return path.with_name(path.stem + suffix)


def find_side_file(capture_path: str | Path, suffix: str) -> Path | None:
    """Return the capture's side file, or None where there is none."""
    try:
        path = side_path(capture_path, suffix)
        return path if path.is_file() else None
    except (OSError, ValueError):
        # A name that is too long for the file system, or no name at all, as in `/`.
        return None


class SideLines:
    """The lines of a side file and what was wrong with them.

    UTF-8 with or without a byte order mark, UTF-16 with one; any line breaks. Blank lines are not
    given. Iterating again reads the file again.
    """

    def __init__(self, path: str | Path) -> None:
        """Look at the file.

        Raises:
            SideFileError: It is not there or cannot be read.
        """
        self.path = str(path)
        self.left_out = 0
        """Lines that could not be used."""

        self._problems: list[Damage] = []
        self._has_wrong_bytes = False
        try:
            with Path(path).open("rb") as file:
                self._is_utf_16 = file.read(2) in _UTF_16_MARKS
        except (OSError, ValueError) as error:
            raise SideFileError(f"{self.path}: {reason(error)}") from error

    @property
    def problems(self) -> tuple[Damage, ...]:
        """The first few things that were wrong, in the order of the lines."""
        return tuple(self._problems)

    def place(self, number: int) -> str:
        """Return `file:line`."""
        return f"{self.path}:{number}"

    def report(self, number: int, text: str, *, is_left_out: bool = True) -> None:
        """Count a line that is wrong and keep its place while there is room."""
        self.left_out += is_left_out
        if len(self._problems) < PROBLEM_LIMIT:
            self._problems.append(Damage(self.place(number), text))

    def __iter__(self) -> Iterator[SideLine]:
        """Yield the lines that are not blank.

        Raises:
            SideFileError: The file cannot be read any more.
        """
        self.left_out = 0
        self._problems.clear()
        self._has_wrong_bytes = False
        try:
            with Path(self.path).open(
                encoding="utf-16" if self._is_utf_16 else "utf-8-sig",
                errors="replace" if self._is_utf_16 else "surrogateescape",
            ) as file:
                yield from self._lines(file)
        except (OSError, UnicodeError) as error:
            raise SideFileError(f"{self.path}: {reason(error)}") from error

    def _lines(self, file: TextIO) -> Iterator[SideLine]:
        number = 0
        while text := file.readline(LINE_LIMIT + 1):
            number += 1
            if len(text) > LINE_LIMIT and not text.endswith("\n"):
                self.report(number, f"a line of more than {LINE_LIMIT} characters; it is left out")
                while text and not text.endswith("\n"):
                    text = file.readline(LINE_LIMIT)
                continue
            if text.isspace():
                continue
            yield SideLine(number, self._readable(number, text), text.endswith("\n"))

    def _readable(self, number: int, text: str) -> str:
        """Return the text with a replacement character for each wrong byte."""
        text = text.rstrip("\n")
        try:
            text.encode()
        except UnicodeEncodeError:
            if not self._has_wrong_bytes:
                self._has_wrong_bytes = True
                self.report(
                    number,
                    "bytes that are not UTF-8, shown as \N{REPLACEMENT CHARACTER}; "
                    "save the file as UTF-8",
                    is_left_out=False,
                )
            return text.encode(errors="surrogateescape").decode(errors="replace")
        return text


class SideWriter:
    """Writes a side file line by line, so that what is done is on disk.

    Use it as a context manager, or call `close`.
    """

    def __init__(self, path: str | Path, *, appends: bool = False) -> None:
        """Open the file.

        Args:
            path: Where to write.
            appends: Keep what stands in the file already.

        Raises:
            SideFileError: It cannot be written.
        """
        self.path = str(path)
        try:
            last = _last_byte(Path(path)) if appends else b""
            self._file = Path(path).open(  # noqa: SIM115 (it is held until `close`)
                "a" if appends else "w", encoding="utf-8", errors="replace", newline="\n"
            )
        except (OSError, ValueError) as error:
            raise SideFileError(f"{self.path}: {reason(error)}") from error
        self.is_empty = not last
        """Nothing stood in the file."""

        if last not in (b"", b"\n"):
            # A recording was cut off in mid-line: what follows must not become part of that line.
            self.write([""])

    def write(self, lines: Iterable[str], *, is_synced: bool = False) -> None:
        """Write some lines, and have them on the disk itself where `is_synced`.

        Raises:
            SideFileError: The disk is full or gone.
        """
        try:
            self._file.writelines(f"{line}\n" for line in lines)
            self._file.flush()
            if is_synced:
                os.fsync(self._file.fileno())
        except (OSError, ValueError) as error:
            raise SideFileError(f"{self.path}: {reason(error)}") from error

    def close(self) -> None:
        """Close the file. Calling it again does nothing.

        Raises:
            SideFileError: What was left could not be written.
        """
        try:
            self._file.close()
        except OSError as error:
            raise SideFileError(f"{self.path}: {reason(error)}") from error

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()


def _last_byte(path: Path) -> bytes:
    """Return the last byte of a file, or nothing where it is empty or not there."""
    if not path.exists() or not path.stat().st_size:
        return b""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def reason(error: Exception) -> str:
    """Return in a few words why a file could not be opened, read or written."""
    if isinstance(error, FileNotFoundError):
        return "no such file; give the path of a file that is there"
    if isinstance(error, IsADirectoryError):
        return "a directory, expected a file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def shown(text: str) -> str:
    """Return the start of a text from a file, fit for a message of one line."""
    cut = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
    return "`" + "".join(letter if letter.isprintable() else "?" for letter in cut) + "`"


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean ...?` with the nearest known word, or nothing."""
    # Imported here: most side files have no mistake in them.
    from difflib import get_close_matches

    nearest = get_close_matches(word[:_SHOWN_CHARACTERS].lower(), tuple(known), n=1)
    return f"; did you mean `{nearest[0]}`?" if nearest else ""


def matching_door(door: str, doors: Iterable[str]) -> str | None:
    """Return the door of that name, whatever its capitals, or None."""
    return next((known for known in doors if known.lower() == door.lower()), None)
