"""What the command palette offers: all that a key does, in its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from textual.binding import Binding, BindingType

from canlock.tui.help_screen import key_name

SPECIAL: Final = frozenset({"quit", "help", "no_filter"})
"""Actions that the palette has anyway, or that make no sense in it."""


def offered_actions(
    of_app: Iterable[BindingType], of_screen: Iterable[BindingType]
) -> Iterator[tuple[str, str, str]]:
    """Yield each action as Textual runs it, what it does in words, and its key.

    Args:
        of_app: Bindings that hold everywhere.
        of_screen: Those of the screen in sight.
    """
    for bindings, owner in ((of_app, ""), (of_screen, "screen.")):
        for binding in bindings:
            if not isinstance(binding, Binding) or binding.action in SPECIAL:
                continue
            is_named = binding.action.startswith("app.")
            action = binding.action if is_named else f"{owner}{binding.action}"
            key = key_name(binding.key.partition(",")[0])
            yield action, binding.tooltip or binding.description, key
