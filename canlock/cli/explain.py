"""`canlock explain`: what a fault is, how it shows, what to do."""

from __future__ import annotations

import enum
import shutil
from typing import Annotated

import typer

from canlock.cli.output import say

WIDEST = 80
"""Columns; longer lines are hard to read."""


class ExplanationFormat(enum.StrEnum):
    """What an explanation can be written as."""

    TEXT = "text"
    JSON = "json"
    MD = "md"


def explain(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]",
            help="A fault code, as reports name it; without it all codes are listed.",
            show_default=False,
        ),
    ] = None,
    explanation_format: Annotated[
        ExplanationFormat, typer.Option("--format", help="How it is written.")
    ] = ExplanationFormat.TEXT,
) -> None:
    """Tell what a fault is, how it shows, what looks the same, and what to do."""
    say(_list(explanation_format) if code is None else _explanation(code, explanation_format))


def _width() -> int:
    return min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)


def _explanation(code: str, explanation_format: ExplanationFormat) -> str:
    from canlock.reports import explanation

    found = explanation.explain(code)
    if explanation_format is ExplanationFormat.JSON:
        return explanation.render_explanation_json(found)
    if explanation_format is ExplanationFormat.MD:
        return explanation.render_explanation_markdown(found)
    return explanation.render_explanation(found, width=_width())


def _list(explanation_format: ExplanationFormat) -> str:
    from canlock.reports import explanation

    if explanation_format is ExplanationFormat.JSON:
        return explanation.render_fault_list_json()
    if explanation_format is ExplanationFormat.MD:
        return explanation.render_fault_list_markdown()
    return explanation.render_fault_list(width=_width())
