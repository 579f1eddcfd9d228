"""One key each for what a person at the car does most; the dialog behind `m` has everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding

from canlock.telling import words


@dataclass(frozen=True, slots=True)
class MarkKey:
    """A key that makes a mark at once."""

    key: str
    action: str
    """One of `stream.MARK_ACTIONS`."""

    label: str
    """A word or two for the line of keys."""

    has_door: bool = False
    """It is about the chosen door."""


MARK_KEYS: Final = (
    MarkKey("u", "press-fob-unlock", "I unlock"),
    MarkKey("l", "press-fob-lock", "I lock"),
    MarkKey("U", "press-spare-fob-unlock", "Spare unlock"),
    MarkKey("L", "press-spare-fob-lock", "Spare lock"),
    MarkKey("h", "pull-outer-handle", "Handle", has_door=True),
    MarkKey("i", "pull-inner-handle", "Inner handle", has_door=True),
    MarkKey("o", "opened", "It opened", has_door=True),
    MarkKey("n", "not-opened", "NOT opened", has_door=True),
    MarkKey("k", "closed", "Closed", has_door=True),
    MarkKey("w", "press-window-switch", "Window switch", has_door=True),
    MarkKey("g", "flex-harness", "Gaiter flexed", has_door=True),
)

_SHOWN: Final = frozenset("ul")


def mark_bindings() -> list[Binding]:
    """Return the bindings of these keys."""
    return [
        Binding(
            each.key,
            f"mark_now('{each.action}', {each.has_door})",
            each.label,
            show=each.key in _SHOWN,
            tooltip=f"Mark now: {words.MARKS[each.action]}"
            + (", at the chosen door" if each.has_door else ""),
        )
        for each in MARK_KEYS
    ]
