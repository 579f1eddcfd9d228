"""A report in the form that was asked for; other processes can import it without a command line."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot


class ReportFormat(enum.StrEnum):
    """What a report can be written as."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    MD = "md"


def render_report(
    snapshot: Snapshot, *, report_format: ReportFormat, width: int, is_single: bool, is_masked: bool
) -> str:
    """Return the report on one capture.

    Args:
        snapshot: What to report.
        report_format: In which form; of HTML it is the part that belongs into a page.
        width: Columns of a text.
        is_single: It is the only one: JSON may then take more than one line.
        is_masked: Hide in HTML and Markdown what nobody else should see.
    """
    if report_format is ReportFormat.JSON:
        from canlock.reports.json_report import render_json

        return render_json(snapshot, indent=is_single)
    if report_format is ReportFormat.HTML:
        from canlock.reports.html_report import html_article

        return html_article(snapshot, is_masked=is_masked)
    if report_format is ReportFormat.MD:
        from canlock.reports.markdown_report import render_markdown

        return render_markdown(snapshot, is_masked=is_masked)
    from canlock.reports.text import render_text

    return render_text(snapshot, width=width, color=False)


def join_reports(reports: Sequence[str], report_format: ReportFormat) -> str:
    """Return several reports as one text."""
    if report_format is ReportFormat.HTML:
        from canlock.reports.html_report import html_page

        return html_page(reports)
    return "\n".join(reports)
