"""A page of plain text: headings, wrapped lines, lists and tables of a given width.

What came from outside (paths, notes, names in a vehicle file) passes `Page.clean` on its way in, so
that no control character and no letter that the terminal lacks gets out.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Final, Literal

NARROWEST: Final = 40
"""Columns below which tables no longer make sense; a narrower page is made this wide."""

GAP: Final = 2
"""Columns between the columns of a table, and of one step of indentation."""

Style = Literal["plain", "bold", "good", "doubt", "bad"]

_CODES: Final[dict[Style, str]] = {
    "bold": "\x1b[1m",
    "good": "\x1b[1;32m",
    "doubt": "\x1b[1;33m",
    "bad": "\x1b[1;31m",
}
_RESET: Final = "\x1b[0m"

_ASCII_FOR: Final = str.maketrans(
    {
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2026": "...",
        "\u2192": "->",
        "\u00d7": "x",
        "\u00b7": ".",
        "\u00b1": "+-",
        "\u2265": ">=",
        "\u2264": "<=",
        "\u2248": "about ",
    }
)
"""Typographic signs that plain letters can stand for."""


_GLUE: Final = "\x00"
"""Stands for a space at which no line may break; `Page.clean` lets none in from outside."""

_UNIT: Final = re.compile(r"(?<=\d) (?=(?:%|s|V|UTC|RUB)(?!\w))|(?<=\bweight) (?=[+-]\d)")
"""The space between a number and its unit, or its name."""


class Page:
    """Lines of text that grow downwards; none is longer than the width."""

    def __init__(self, width: int, *, color: bool, encoding: str) -> None:
        self.width = max(width, NARROWEST)
        self._color = color
        self._encoding = encoding
        self._lines: list[str] = []
        self._said: list[str] = []

    def clean(self, text: str) -> str:
        """Return text as one line of printable characters that the encoding can carry."""
        spaced = " ".join(text.translate(_ASCII_FOR).split())
        printable = "".join(letter if letter.isprintable() else "?" for letter in spaced)
        return printable.encode(self._encoding, "replace").decode(self._encoding)

    def heading(self, text: str) -> None:
        """Start a section."""
        self.blank()
        self.line(text, style="bold")

    def blank(self) -> None:
        """Leave one line empty, unless one is already or the page begins."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def line(self, text: str, *, indent: int = 0, bullet: str = "", style: Style = "plain") -> None:
        """Add text, wrapped; what follows a bullet stands under its own first letter.

        Args:
            text: What to say, in one paragraph; nothing is added where it is empty.
            indent: Steps of indentation.
            bullet: `-` or `1.`: stands before the first line.
            style: How to stress it where there is colour.
        """
        margin = " " * (indent * GAP)
        first = f"{margin}{bullet} " if bullet else margin
        cleaned = self.clean(text)
        self._said.append(cleaned)
        for number, piece in enumerate(_wrap(cleaned, self.width - len(first))):
            start = " " * len(first) if number else first
            self._lines.append(self._styled(start + piece, style))

    def more(self, count: int, *, indent: int = 0) -> None:
        """Say that a list goes on, where it does, and how to see the rest."""
        if count > 0:
            self.line(f"... and {count} more (use --format json)", indent=indent)

    def table(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        indent: int = 1,
        below: Sequence[str] = (),
    ) -> None:
        """Add a table; where it is too wide, the widest cells are wrapped within themselves.

        Where not even the longest words find room side by side, each row becomes a list item.

        Args:
            heads: One for each column; all empty for a table without a head.
            rows: As many cells each as there are heads.
            indent: Steps of indentation.
            below: For each row what is to stand under it, over the whole width; may be empty.
        """
        cleaned = [[self.clean(cell) for cell in row] for row in rows]
        self._said.extend(cell for row in cleaned for cell in row)
        every = [list(heads), *cleaned] if any(heads) else cleaned
        widths = _widths(every, self.width - indent * GAP)
        margin = " " * (indent * GAP)
        if any(heads) and widths:
            self._lines.extend(_row(heads, widths, margin))
        for number, row in enumerate(cleaned):
            if widths:
                self._lines.extend(_row(row, widths, margin))
            else:
                self.line(", ".join(cell for cell in row if cell), indent=indent, bullet="-")
            if number < len(below):
                self.line(below[number], indent=indent + 1)

    def speaks_of(self, word: str) -> bool:
        """Return whether a word occurs on the page so far, in any case, also as a plural."""
        forms = {word.lower(), f"{word.lower()}s"}
        return any(
            token.strip(".,:;!?()'\"").removesuffix("'s") in forms
            for said in self._said
            for token in said.lower().split()
        )

    def text(self) -> str:
        """Return the page; its last line has no line end."""
        return "\n".join(self._lines)

    def _styled(self, line: str, style: Style) -> str:
        return f"{_CODES[style]}{line}{_RESET}" if self._color and style in _CODES else line


def _glue(text: str) -> str:
    """Return text in which a number and its unit are one word."""
    return _UNIT.sub(_GLUE, text)


def _wrap(text: str, width: int) -> list[str]:
    """Return cleaned text in lines; a number stays with its unit where there is room for both."""
    lines = textwrap.wrap(_glue(text), width, break_on_hyphens=False)
    return [line.replace(_GLUE, " ").rstrip() for line in lines]


def _row(row: Sequence[str], widths: Sequence[int], margin: str) -> list[str]:
    """Return the lines of one row of a table."""
    cells = [_wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
    lines = []
    for number in range(max(len(cell) for cell in cells)):
        parts = [
            (cell[number] if number < len(cell) else "").ljust(width)
            for cell, width in zip(cells, widths, strict=True)
        ]
        lines.append((margin + (" " * GAP).join(parts)).rstrip())
    return lines


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return the width of each column: what it needs, or less where the room is short.

    Columns are narrowed one by one, the widest first, but none below its longest word; where that
    is not enough, none is returned.
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(1, *(len(cell) for cell in column)) for column in columns]
    least = [
        max(1, *(len(word) for cell in column for word in _glue(cell).split(" ")))
        for column in columns
    ]
    gaps = GAP * (len(widths) - 1)
    if sum(least) + gaps > room:
        return []
    while sum(widths) + gaps > room:
        spare = [index for index, width in enumerate(widths) if width > least[index]]
        widths[max(spare, key=lambda index: widths[index])] -= 1
    return widths
