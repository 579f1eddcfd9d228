"""`canlock diagnose`: recorded logs in, verdicts out."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from canlock.cli.output import say, warn
from canlock.errors import CanlockError

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot


class ReportFormat(enum.StrEnum):
    """What a report can be written as."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    MD = "md"


def diagnose(  # noqa: PLR0913, PLR0917 - One parameter an option.
    captures: Annotated[
        list[Path],
        typer.Argument(
            metavar="CAPTURE...",
            help="Recorded logs, or folders of them.",
            show_default=False,
            readable=False,  # Our own line about a file says more.
        ),
    ],
    vehicle: Annotated[
        str | None,
        typer.Option(
            "--vehicle",
            metavar="V",
            help="A shipped vehicle's name or a vehicle file; without it the fitting one is used.",
        ),
    ] = None,
    marks: Annotated[
        Path | None,
        typer.Option(
            "--marks",
            metavar="FILE",
            help="What a person did, as CSV; without it STEM.marks.csv beside the capture.",
        ),
    ] = None,
    session: Annotated[
        Path | None,
        typer.Option(
            "--session",
            metavar="FILE",
            help="What frames cannot show, as JSON lines; without it STEM.session.jsonl.",
        ),
    ] = None,
    report_format: Annotated[
        ReportFormat, typer.Option("--format", help="How the report is written.")
    ] = ReportFormat.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT", help="Write the report here."),
    ] = None,
    show_private: Annotated[
        bool,
        typer.Option(
            "--show-private",
            help="Do not hide VINs, fob ids, folders and notes in html and md.",
        ),
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when a fault was found.")
    ] = False,
) -> None:
    """Say which link broke in a recorded log.

    Reads candump logs and every other format that python-can reads, gzipped or not.
    """
    from canlock.model.faults import NOT_FAULTS
    from canlock.sources.capture import find_captures

    paths = find_captures(captures)
    if len(paths) > 1 and (marks is not None or session is not None):
        raise typer.BadParameter("--marks and --session go with one capture only")
    _keep_inputs(output, [*paths, marks, session])
    reports: list[str] = []
    has_fault = has_failed = False
    for path in paths:
        try:
            snapshot = _diagnose_one(path, vehicle, marks, session)
        except CanlockError as error:
            if len(paths) == 1:
                raise
            # One bad capture must not hide the verdicts on the others.
            warn(error)
            has_failed = True
            continue
        has_fault |= any(finding.fault not in NOT_FAULTS for finding in snapshot.findings)
        reports.append(
            _render(snapshot, report_format, is_single=len(paths) == 1, is_masked=not show_private)
        )
    _write(_join(reports, report_format), output)
    if has_failed:
        raise typer.Exit(2)
    if exit_code and has_fault:
        raise typer.Exit(1)


def _diagnose_one(
    path: Path, vehicle: str | None, marks: Path | None, session: Path | None
) -> Snapshot:
    from canlock.pipeline.recorded import diagnose_recording, find_recording, vehicle_for

    loaded = vehicle_for(path, vehicle)
    notes = [str(problem) for problem in loaded.warnings]
    if vehicle is None:
        notes.insert(0, f"The vehicle was recognised by its frames: {loaded.vehicle.id}.")
    return diagnose_recording(find_recording(path, marks, session), loaded, tuple(notes))


def _render(
    snapshot: Snapshot, report_format: ReportFormat, *, is_single: bool, is_masked: bool
) -> str:
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

    return render_text(snapshot, width=_width(), color=False)


def _join(reports: Sequence[str], report_format: ReportFormat) -> str:
    if report_format is ReportFormat.HTML:
        from canlock.reports.html_report import html_page

        return html_page(reports)
    return "\n".join(reports)


def _keep_inputs(output: Path | None, inputs: Sequence[Path | None]) -> None:
    """Refuse to write the report over what it is about: a drive cannot be repeated.

    Raises:
        CanlockError: It would be.
    """
    from canlock.sources.marks import find_marks
    from canlock.sources.session import find_session

    if output is None or not output.exists():
        return
    for path in (path for path in inputs if path is not None):
        beside = (path, find_marks(path), find_session(path))
        if any(other.samefile(output) for other in beside if other is not None):
            raise CanlockError(f"{output}: that is what the report is about; give it another name")


def _width() -> int:
    import shutil

    return min(max(shutil.get_terminal_size((80, 24)).columns, 60), 100)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        say(text)
        return
    try:
        output.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    except OSError as error:
        raise CanlockError(f"{output}: the report cannot be written: {error.strerror}") from error
