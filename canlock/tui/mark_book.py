"""The marks that were made in this view, so that the last can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canlock.telling import words

if TYPE_CHECKING:
    from canlock.model.stream import Mark
    from canlock.tui.session import TakeItem


class MarkBook:
    """Hands marks on, and remembers them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._made: list[Mark] = []

    def make(self, mark: Mark, put: TakeItem) -> str:
        """Hand a mark on; return what to tell the person.

        Raises:
            Exception: Whatever the taker raises; the mark is then not remembered.
        """
        put(mark)
        self._made.append(mark)
        return f"Marked: {words.mark_words(mark.action, mark.door, mark.note)}"

    def take_back(self, put: TakeItem) -> str:
        """Take the last mark back; return what to tell the person."""
        from canlock.model.stream import MarkUndone

        if not self._made:
            return "No mark was made here that could be taken back."
        mark = self._made.pop()
        put(MarkUndone(mark.at_s, mark))
        return f"Taken back: {words.mark_words(mark.action, mark.door, mark.note)}"
