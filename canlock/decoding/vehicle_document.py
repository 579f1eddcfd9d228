"""A vehicle file as a TOML document: its values, and the place of each."""

from __future__ import annotations

import re
import tomllib
from typing import Final

from canlock.decoding.problem import Problem
from canlock.decoding.toml_entry import Entry, Notes
from canlock.decoding.toml_places import TomlPlaces

_PLACE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_document(path: str, content: bytes) -> Entry | Problem:
    """Return a vehicle file's root table, or why it is not a TOML document.

    Args:
        path: The file, as the user would write it.
        content: All its bytes.
    """
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02X}"
        return Problem("error", path, line, f"found {found}; expected text in UTF-8")
    try:
        table = tomllib.loads(text)
        places = TomlPlaces(text)
    except RecursionError:
        return Problem("error", path, None, "not a vehicle file: it is nested too deeply")
    except ValueError as error:  # Also a number of too many digits, not only TOMLDecodeError.
        return _explain(path, text, str(error))
    return Entry(table, Notes(path, places))


def _explain(path: str, text: str, complaint: str) -> Problem:
    place = _PLACE.search(complaint)
    reason = complaint[: place.start()] if place else complaint
    if place is None:
        return Problem("error", path, None, f"not valid TOML: {reason}")
    if place[1] is None:
        last = text.rstrip().count("\n") + 1
        return Problem("error", path, last, f"not valid TOML: {reason}, found the end of the file")
    return Problem("error", path, int(place[1]), f"not valid TOML: {reason}, column {place[2]}")
