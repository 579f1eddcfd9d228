"""The half of `canlock diagnose` that is about many captures: a line each, and a table."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Final, Self

from canlock.cli.diagnose import list_inputs, refuse_shared_sides
from canlock.cli.output import keep_inputs, say, terminal_width, warn
from canlock.cli.progress import Progress
from canlock.cli.rendering import ReportFormat, join_reports, render_report
from canlock.errors import CanlockError, CaptureNotFoundError
from canlock.model.faults import NOT_FAULTS
from canlock.pipeline.fleet.inputs import find_jobs
from canlock.pipeline.fleet.outcome import Job, Outcome, Render, Task
from canlock.reports.fleet_text import FleetLines, FleetSummary

if TYPE_CHECKING:
    from canlock.reports.fleet_parquet import FleetTable

_RUN_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written, and where."""

    report_format: ReportFormat
    output: Path | None
    parquet: Path | None
    is_masked: bool


@dataclass(slots=True)
class Counts:
    """What an exit status depends on."""

    has_fault: bool = False
    has_failed: bool = False


def diagnose_fleet(
    names: Sequence[str], task: Task, wanted: Wanted, *, jobs: int, scheduler: str | None
) -> Counts:
    """Look at many captures side by side, and tell of each as soon as those before it are told.

    Args:
        names: Captures, folders of them, places that fsspec knows.
        task: What is to be done with each.
        wanted: What is to be written.
        jobs: So many processes; 0: one for each core.
        scheduler: The Dask scheduler that does it instead; None: it is done here.

    Raises:
        CanlockError: Nothing can be listed, the cluster fails, or an output cannot be written.
        KeyboardInterrupt: Somebody did not want to wait; what was done has been told.
    """
    found = list(find_jobs(names))
    if not found:
        raise CaptureNotFoundError(f"{', '.join(names)}: found no file, expected CAN captures")
    refuse_shared_sides(task, len(found))
    inputs = list_inputs(found, task)
    for output in (wanted.output, wanted.parquet):
        keep_inputs(output, inputs)
    render = _choose_render(wanted, is_single=len(found) == 1)
    task = replace(task, run=os.urandom(_RUN_BYTES).hex(), render=render)
    teller = _Teller(found, wanted)
    with ExitStack() as stack:
        # Copies of remote captures lie here, and go even if the process that made one was ended.
        workspace = stack.enter_context(TemporaryDirectory(prefix="canlock-fleet-"))
        stack.enter_context(teller)
        table = None if wanted.parquet is None else stack.enter_context(_open_table(wanted.parquet))
        work = _begin(found, replace(task, workspace=workspace), jobs, scheduler)
        try:
            with closing(work) as outcomes:
                for outcome in outcomes:
                    teller.take(outcome)
                    if table is not None:
                        table.take(outcome)
        except KeyboardInterrupt:
            # What was done is kept: so the outputs are finished as if that were all.
            teller.end(is_stopped=True)
            stack.close()
            raise
        teller.end()
    if not teller.summary.captures:
        raise CaptureNotFoundError(
            f"{', '.join(names)}: found no capture among {len(found)} files, expected CAN logs"
        )
    return teller.counts


def _begin(
    found: Sequence[Job], task: Task, jobs: int, scheduler: str | None
) -> Generator[Outcome, None, None]:
    if scheduler is not None:
        from canlock.pipeline.fleet.cluster import run_cluster

        return run_cluster(found, task, scheduler)
    from canlock.pipeline.fleet.processes import run_here, run_processes

    count = min(jobs or os.cpu_count() or 1, len(found))
    return run_here(found, task) if count == 1 else run_processes(found, task, count)


def _open_table(path: Path) -> FleetTable:
    from canlock.reports.fleet_parquet import FleetTable

    return FleetTable(path)


def _choose_render(wanted: Wanted, *, is_single: bool) -> Render | None:
    if wanted.report_format is ReportFormat.TEXT:
        return None  # A line is enough, and that is made of what comes back anyway.
    return partial(
        render_report,
        report_format=wanted.report_format,
        width=terminal_width(),
        is_single=is_single,
        is_masked=wanted.is_masked,
    )


class _Teller:
    """Tells of captures in the order in which they were named, and shows how far it has come."""

    def __init__(self, found: Sequence[Job], wanted: Wanted) -> None:
        self.counts = Counts()
        self.summary = FleetSummary()
        self._wanted = wanted
        self._is_text = wanted.report_format is ReportFormat.TEXT
        self._lines = FleetLines([job.shown for job in found])
        self._progress = Progress(len(found), "captures")
        self._early: dict[int, Outcome] = {}
        """What is done before something that is to be told first."""

        self._next = 0
        self._pages: list[str] = []
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        output = self._wanted.output
        if output is not None:
            try:
                self._file = output.open("w", encoding="utf-8", newline="\n")
            except OSError as error:
                raise self._refuse(error) from None
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.clear()
        if self._file is not None:
            self._file.close()

    def take(self, outcome: Outcome) -> None:
        self.summary.take(outcome)
        self._early[outcome.job.number] = outcome
        while self._next in self._early:
            self._tell(self._early.pop(self._next))
            self._next += 1
        self._progress.step()

    def end(self, *, is_stopped: bool = False) -> None:
        for number in sorted(self._early):
            self._tell(self._early.pop(number))
        self._progress.clear()
        if self._wanted.report_format is ReportFormat.HTML:
            self._write(join_reports(self._pages, ReportFormat.HTML))
        if self._is_text:
            self._write(f"\n{self.summary.render()}")
        else:
            warn(self.summary.headline())
        if is_stopped:
            warn(f"stopped: {self._progress.done} of {self._progress.total} were looked at")

    def _tell(self, outcome: Outcome) -> None:
        if not outcome.is_capture:
            return
        self.counts.has_failed |= outcome.error is not None
        self.counts.has_fault |= any(each.fault not in NOT_FAULTS for each in outcome.findings)
        if self._is_text:
            self._write(self._lines.describe(outcome))
        elif outcome.error is not None:
            self._progress.clear()
            warn(outcome.error)
        elif self._wanted.report_format is ReportFormat.HTML:
            self._pages.append(outcome.report or "")
        else:
            self._write(outcome.report or "")

    def _write(self, text: str) -> None:
        self._progress.clear()
        if self._file is None:
            say(text)
            return
        try:
            self._file.write(f"{text}\n")
        except OSError as error:
            raise self._refuse(error) from None

    def _refuse(self, error: OSError) -> CanlockError:
        return CanlockError(f"{self._wanted.output}: cannot be written: {error.strerror}")
