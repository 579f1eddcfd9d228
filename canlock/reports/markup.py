"""Text made safe for a page: whatever a capture or vehicle file is called, it stays text."""

from __future__ import annotations

from html import escape
from typing import Final

UNPRINTABLE: Final = "?"
"""Stands for control characters, marks that turn the direction of writing, and broken letters."""

ELLIPSIS: Final = "\u2026"


def plain(text: str) -> str:
    """Return text on one line, of printable letters only."""
    spaced = " ".join(text.split())
    return "".join(letter if letter.isprintable() else UNPRINTABLE for letter in spaced)


def safe(text: str) -> str:
    """Return text as it can stand between tags and within quotes of HTML and SVG."""
    return escape(plain(text), quote=True)


def tag(name: str, content: str = "", **attributes: str | float) -> str:
    """Return an element.

    Args:
        name: Of the element.
        content: Markup that is safe already.
        attributes: Escaped here; a trailing underscore is dropped, others become hyphens. Numbers
            are written with at most one decimal, so that the same picture has the same bytes.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>"


def short(text: str, letters: int) -> str:
    """Return text cut to so many letters, the last of them an ellipsis where it was cut."""
    cleaned = plain(text)
    return cleaned if len(cleaned) <= letters else cleaned[: letters - 1].rstrip() + ELLIPSIS


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return safe(value)
    return f"{round(value, 1) + 0.0:g}"
