"""A text that is drawn anew only where it says something new."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class FactLine(Static):
    """A static text that lays the screen out anew only when it takes more or fewer columns."""

    def __init__(self, content: Content | str = "", *, id: str) -> None:  # noqa: A002 - as Textual.
        super().__init__(content, id=id, markup=False)
        self._said: Content | None = None

    def say(self, content: Content) -> None:
        """Show a text."""
        if self._said is not None and self._said.is_same(content):
            return
        is_same_size = self._said is not None and self._takes_as_much(self._said, content)
        self._said = content
        self.update(content, layout=not is_same_size)

    def _takes_as_much(self, before: Content, after: Content) -> bool:
        width = self.content_size.width
        if width <= 0:
            return False
        if before.cell_length == after.cell_length <= width:
            return True
        is_of_fixed_width = self.styles.width is not None and not self.styles.width.is_auto
        return is_of_fixed_width and len(before.wrap(width)) == len(after.wrap(width))
