"""`canlock diagnose`: recorded logs in, verdicts out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from canlock.cli.output import keep_inputs, tell_details, terminal_width, warn, write_output
from canlock.cli.rendering import ReportFormat, join_reports, render_report
from canlock.errors import CanlockError

if TYPE_CHECKING:
    from canlock.pipeline.fleet.outcome import Job, Task

MOST_JOBS: Final = 256


def diagnose(  # noqa: PLR0913, PLR0917 - One parameter an option.
    captures: Annotated[
        list[str],
        typer.Argument(
            metavar="CAPTURE...",
            help="Recorded logs, folders of them, `-` for standard input, or places such as "
            "s3://bucket/drives/ where fsspec is installed.",
            show_default=False,
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
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            metavar="N",
            min=0,
            max=MOST_JOBS,
            help="Many captures: a line each and a table, from N processes; 0: one a core.",
            show_default=False,
        ),
    ] = None,
    parquet: Annotated[
        Path | None,
        typer.Option("--parquet", metavar="OUT", help="Write all findings as a Parquet table too."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Work on the Dask cluster whose scheduler listens at tcp://HOST:PORT.",
        ),
    ] = None,
    join: Annotated[
        bool,
        typer.Option("--join", help="The captures are parts of one drive: one report on all."),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Tell where reading took its time, and why.")
    ] = False,
) -> None:
    """Say which link broke in a recorded log.

    Reads candump logs and every other format that python-can reads, gzipped or not. With --jobs,
    --parquet or --scheduler many captures are looked at side by side, each told in one line, and
    a table says which cars have which faults.
    """
    from canlock.pipeline.fleet.outcome import Task

    task = Task(
        vehicle,
        None if marks is None else str(marks),
        None if session is None else str(session),
    )
    if verbose:
        tell_details()
    is_fleet = jobs is not None or parquet is not None or scheduler is not None
    if join and is_fleet:
        raise typer.BadParameter("--join makes one report, the fleet's options one for each")
    if is_fleet:
        from canlock.cli.fleet import Wanted, diagnose_fleet

        if jobs is not None and scheduler is not None:
            raise typer.BadParameter("--jobs and --scheduler do not go together")
        wanted = Wanted(report_format, output, parquet, is_masked=not show_private)
        counts = diagnose_fleet(captures, task, wanted, jobs=jobs or 0, scheduler=scheduler)
        has_fault, has_failed = counts.has_fault, counts.has_failed
    else:
        has_fault, has_failed = _diagnose_each(
            captures, task, report_format, output, is_masked=not show_private, is_joined=join
        )
    if has_failed:
        raise typer.Exit(2)
    if exit_code and has_fault:
        raise typer.Exit(1)


def _diagnose_each(
    names: Sequence[str],
    task: Task,
    report_format: ReportFormat,
    output: Path | None,
    *,
    is_masked: bool,
    is_joined: bool,
) -> tuple[bool, bool]:
    """Write a full report on each capture; return whether there is a fault, and a failure."""
    from canlock.model.faults import NOT_FAULTS
    from canlock.pipeline.fleet.work import find_joint_verdict, find_verdict

    jobs = list(_find_jobs(names))
    refuse_shared_sides(task, len(jobs))
    keep_inputs(output, list_inputs(jobs, task))
    groups = [jobs] if is_joined else [[job] for job in jobs]
    is_single = len(groups) == 1
    reports: list[str] = []
    has_fault = has_failed = False
    for group in groups:
        try:
            is_one = len(group) == 1
            snapshot = find_verdict(group[0], task) if is_one else find_joint_verdict(group, task)
        except CanlockError as error:
            if is_single:
                raise
            # One bad capture must not hide the verdicts on the others.
            warn(error)
            has_failed = True
            continue
        has_fault |= any(finding.fault not in NOT_FAULTS for finding in snapshot.findings)
        reports.append(
            render_report(
                snapshot,
                report_format=report_format,
                width=terminal_width(),
                is_single=is_single,
                is_masked=is_masked,
            )
        )
    write_output(join_reports(reports, report_format), output)
    return has_fault, has_failed


def _find_jobs(names: Sequence[str]) -> Iterator[Job]:
    from canlock.pipeline.fleet.inputs import STANDARD_INPUT, find_jobs, is_remote, make_job
    from canlock.sources.capture import find_captures

    for name in names:
        if name == STANDARD_INPUT:
            yield make_job(name)
        elif is_remote(name):
            yield from find_jobs([name])
        else:
            yield from (make_job(str(path)) for path in find_captures([name]))


def refuse_shared_sides(task: Task, captures: int) -> None:
    """Refuse one file of marks for several captures.

    Raises:
        BadParameter: That is what is asked for.
    """
    if captures > 1 and (task.marks is not None or task.session is not None):
        raise typer.BadParameter("--marks and --session go with one capture only")


def list_inputs(jobs: Sequence[Job], task: Task) -> list[Path]:
    """Return the files that are read, as far as they are files of this machine."""
    names = [*(job.path for job in jobs), task.marks, task.session]
    return [Path(name) for name in names if name is not None]
