"""A report as parts, before it becomes a page: one content, written as HTML and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    is_stressed: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list."""

    text: str
    detail: str = ""
    """What stands behind it, less loud."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Item, ...]
    title: str = ""
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with as many cells each as there are heads; the heads may be empty."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, and the same in words where nothing can be drawn."""

    svg: str
    """Markup of its own, safe as it is."""

    twin: Table
    note: str = ""


Block = Text | Items | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    name: str
    """For the page's style: one word."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    about: tuple[str, ...]
    """Vehicle, capture and the like: each in letters of its own, maybe from right to left."""

    sections: tuple[Section, ...]
