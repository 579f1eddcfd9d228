"""Mistakes in a vehicle file or its DBC: each with its place, what was found, what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]

_CLOSENESS = 0.6
"""Least likeness (0-1, of difflib) of a name that is offered in place of an unknown one."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, or one doubtful thing."""

    severity: Severity
    """`error`: the file cannot be used. `warning`: it can, and what is assumed stands in `text`."""

    path: str
    """The file, as the user would write it."""

    line: int | None
    """First line is 1; None where the whole file is meant."""

    text: str
    """What was found, what was expected, how to mend it."""

    @property
    def place(self) -> str:
        """Return `file:line`."""
        return self.path if self.line is None else f"{self.path}:{self.line}"

    @property
    def is_error(self) -> bool:
        """Tell whether the file cannot be used before this is mended."""
        return self.severity == "error"

    def __str__(self) -> str:
        """Return one line for a person."""
        return f"{self.place}: {'' if self.is_error else 'warning: '}{self.text}"


def find_nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like `name`, whatever its case, dashes and underscores."""
    spelled: dict[str, str] = {}
    for candidate in candidates:
        spelled.setdefault(_fold(candidate), candidate)
    close = difflib.get_close_matches(_fold(name), spelled, n=1, cutoff=_CLOSENESS)
    return spelled[close[0]] if close else None


def suggest(name: str, candidates: Iterable[str]) -> str:
    """Return ` (did you mean ...?)` for the nearest candidate, or nothing where none is near."""
    nearest = find_nearest(name, candidates)
    return "" if nearest is None else f" (did you mean `{nearest}`?)"


def show_path(path: Path) -> str:
    """Return a path as a user would write it: relative where it lies below the current folder."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)


def list_words(words: Iterable[str]) -> str:
    """Return words in backquotes, with commas between them."""
    return ", ".join(f"`{word}`" for word in words)


def _fold(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")
