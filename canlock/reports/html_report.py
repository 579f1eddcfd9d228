"""The report as one HTML page that needs nothing else: no script, no font, no request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

import canlock
from canlock.model.snapshot import Snapshot
from canlock.reports.car_picture import patterns
from canlock.reports.contents import report_document
from canlock.reports.document import Block, Document, Items, Picture, Section, Table, Text
from canlock.reports.markup import safe, tag

STYLE_FILE: Final = "report.css"

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""Were something to get in all the same, a browser would neither run nor fetch it."""


def render_html(
    snapshot: Snapshot, *, is_masked: bool = True, version: str = canlock.__version__
) -> str:
    """Return the report as an HTML document, without a line end at its end.

    The same snapshot gives the same bytes.

    Args:
        snapshot: What to report.
        is_masked: Hide VINs, fob ids, folders and what was noted beside marks.
        version: Of canlock, named at the end.
    """
    return html_page([html_article(snapshot, is_masked=is_masked, version=version)])


def html_article(
    snapshot: Snapshot, *, is_masked: bool = True, version: str = canlock.__version__
) -> str:
    """Return the report as one article of a page, see `render_html`."""
    document = report_document(snapshot, is_masked=is_masked, version=version)
    sections = "\n".join(map(_section, document.sections))
    return tag("article", f"{_header(document)}\n{sections}")


def html_page(articles: Sequence[str]) -> str:
    """Return a page of articles, each on sheets of its own.

    Other letters than ASCII are written as references, so that no terminal or file spoils them.
    """
    page = "\n".join(
        (
            "<!doctype html>",
            '<html lang="en" dir="ltr"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{safe(POLICY)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<title>canlock report</title>",
            f"<style>\n{_style()}</style></head><body>",
            patterns(),
            *articles,
            "</body></html>",
        )
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


@cache
def _style() -> str:
    return resources.files(__package__).joinpath(STYLE_FILE).read_text(encoding="utf-8")


def _header(document: Document) -> str:
    # Letters written from right to left must not turn their neighbours around.
    about = " &middot; ".join(tag("bdi", safe(each)) for each in document.about)
    return tag("header", tag("h1", "canlock report") + tag("p", about))


def _section(section: Section) -> str:
    blocks = "\n".join(map(_block, section.blocks))
    head = tag("h2", safe(section.title))
    return tag("section", f"{head}\n{tag('div', blocks)}", class_=section.name)


def _block(block: Block) -> str:
    if isinstance(block, Text):
        return tag("p", safe(block.text), **({"class_": "stress"} if block.is_stressed else {}))
    if isinstance(block, Items):
        return _items(block)
    if isinstance(block, Table):
        return _table(block)
    return _picture(block)


def _items(block: Items) -> str:
    entries = "".join(
        tag("li", safe(item.text) + (f" <small>{safe(item.detail)}</small>" if item.detail else ""))
        for item in block.items
    )
    head = tag("h3", safe(block.title)) if block.title else ""
    return tag("div", head + tag("ol" if block.is_numbered else "ul", entries), class_="list")


def _table(block: Table) -> str:
    caption = tag("caption", safe(block.title)) if block.title else ""
    heads = "".join(tag("th", safe(head), scope="col") for head in block.heads)
    head = tag("thead", tag("tr", heads)) if any(block.heads) else ""
    rows = "".join(
        tag("tr", "".join(tag("td", tag("bdi", safe(cell))) for cell in row)) for row in block.rows
    )
    return tag("table", f"{caption}{head}{tag('tbody', rows)}")


def _picture(block: Picture) -> str:
    title = tag("h3", safe(block.twin.title)) if block.twin.title else ""
    note = tag("figcaption", safe(block.note)) if block.note else ""
    return tag("figure", f"{title}{block.svg}{note}")
