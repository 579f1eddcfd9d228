"""The report as Markdown (CommonMark with GitHub's tables), pictures told as tables."""

from __future__ import annotations

import re
from typing import Final

import canlock
from canlock.model.snapshot import Snapshot
from canlock.reports.contents import report_document
from canlock.reports.document import Block, Items, Picture, Table, Text
from canlock.reports.markup import plain

_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SPECIAL: Final = re.compile(r"([\\`*_\[\]|~$])")
"""What means something within a line: emphasis, code, links, cells, formulas."""

_LEADING: Final = re.compile(r"^([-+=#]|\d+(?=[.)]))")
"""What means something at the beginning of a line: lists, headings."""


def render_markdown(
    snapshot: Snapshot, *, is_masked: bool = True, version: str = canlock.__version__
) -> str:
    """Return the report as Markdown, without a line end at its end.

    The same snapshot gives the same bytes.

    Args:
        snapshot: What to report.
        is_masked: Hide VINs, fob ids, folders and what was noted beside marks.
        version: Of canlock, named at the end.
    """
    document = report_document(snapshot, is_masked=is_masked, version=version)
    blocks = ["# canlock report", " - ".join(map(_inline, document.about))]
    for section in document.sections:
        blocks.append(f"## {_inline(section.title)}")
        for block in section.blocks:
            blocks.extend(_block(block))
    return "\n\n".join(blocks)


def _block(block: Block) -> list[str]:
    if isinstance(block, Text):
        return [f"**{_inline(block.text)}**" if block.is_stressed else _line(block.text)]
    if isinstance(block, Items):
        return _items(block)
    if isinstance(block, Table):
        return _table(block)
    return _picture(block)


def _picture(block: Picture) -> list[str]:
    return _table(block.twin)


def _items(block: Items) -> list[str]:
    lines = []
    for number, item in enumerate(block.items, 1):
        mark = f"{number}." if block.is_numbered else "-"
        detail = f" ({_inline(item.detail)})" if item.detail else ""
        lines.append(f"{mark} {_line(item.text)}{detail}")
    title = [f"### {_inline(block.title)}"] if block.title else []
    return [*title, "\n".join(lines)]


def _table(block: Table) -> list[str]:
    rows = [block.heads, ("---",) * len(block.heads)]
    lines = [_row(cells) for cells in (tuple(map(_inline, rows[0])), rows[1])]
    lines += [_row(tuple(map(_inline, row))) for row in block.rows]
    title = [f"### {_inline(block.title)}"] if block.title else []
    return [*title, "\n".join(lines)]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _inline(text: str) -> str:
    """Return text that means nothing but itself within a line."""
    return _SPECIAL.sub(r"\\\1", plain(text)).translate(_ENTITIES)


def _line(text: str) -> str:
    """Return text that means nothing but itself as a line of its own."""
    escaped = _inline(text)
    if escaped[:1].isdigit():
        return _LEADING.sub(r"\1\\", escaped) if re.match(r"\d+[.)]", escaped) else escaped
    return _LEADING.sub(r"\\\1", escaped)
