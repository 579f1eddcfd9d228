"""What a page is made of, whatever its words are: tags and attributes, strictly nested."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = ("meta", "br", "hr", "img", "link", "input")


class Structure(HTMLParser):
    """Collects tags, attribute names and text; fails where tags are not closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def is_closed(self) -> bool:
        return not self._open


def structure(page: str) -> Structure:
    """Return what a page is made of."""
    found = Structure()
    found.feed(page)
    found.close()
    assert found.is_closed()
    return found
