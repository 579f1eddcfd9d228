"""`canlock trend`: captures of one car over days in, the latency of each lock out."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from canlock.cli.output import keep_inputs, terminal_width, warn, write_output
from canlock.errors import CanlockError

if TYPE_CHECKING:
    from canlock.pipeline.trend import TrendReport


class TrendFormat(enum.StrEnum):
    """What a trend can be written as."""

    TEXT = "text"
    JSON = "json"


def trend(
    captures: Annotated[
        list[Path],
        typer.Argument(
            metavar="CAPTURE...",
            help="Recorded logs of one car, or folders of them.",
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
    report_format: Annotated[
        TrendFormat, typer.Option("--format", help="How the trend is written.")
    ] = TrendFormat.TEXT,
    has_plot: Annotated[
        bool,
        typer.Option("--plot/--no-plot", help="Draw it too; the table says the same without."),
    ] = True,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="OUT", help="Write it here.")
    ] = None,
) -> None:
    """Say whether a lock is getting slower, from captures of one car over days.

    A latency that grows while the other doors' stays is an early sign of wear, before anything
    fails. It takes 12 operations of a door in one direction, on several days; captures are put in
    order by their dates, or taken as given where they have none. Only locks that the bus measures
    have a latency.
    """
    from canlock.pipeline.trend import follow_trend
    from canlock.sources.capture import find_captures

    paths = find_captures(captures)
    keep_inputs(output, paths)
    left_out: list[CanlockError] = []

    def leave_out(error: CanlockError) -> None:
        warn(error)
        left_out.append(error)

    report = follow_trend(paths, vehicle, leave_out)
    write_output(_render(report, report_format, has_plot=has_plot), output)
    if left_out:
        # The rest is told all the same, but nobody may take it for all.
        raise typer.Exit(2)


def _render(report: TrendReport, trend_format: TrendFormat, *, has_plot: bool) -> str:
    if trend_format is TrendFormat.JSON:
        from canlock.reports.trend_json import render_trend_json

        return render_trend_json(report)
    from canlock.reports.trend_text import render_trend

    return render_trend(report, width=terminal_width(), has_plot=has_plot)
