"""The trend report for a person: a verdict, one table, and a plot that repeats what it says."""

from __future__ import annotations

import math
from pathlib import PurePath
from typing import Final

from canlock.diagnosis.latency_trend import (
    DAY_S,
    LEAST_OPERATIONS,
    LatencyTrend,
    Tendency,
    Verdict,
)
from canlock.model.doors import door_name
from canlock.pipeline.trend import TrendReport
from canlock.reports.page import Page
from canlock.reports.trend_plot import draw_plot
from canlock.telling import clock, words

MS: Final = 1000.0
INDENT: Final = 2
NOTES_SHOWN: Final = 8
SUREST: Final = 0.999
"""A figure above this claims more than ranks can tell."""

UNITS: Final = {"day": "day", "100-operations": "100 operations"}
VERBS: Final = {"lock": "locks", "unlock": "unlocks", "deadlock": "deadlocks"}


def render_trend(
    report: TrendReport, *, width: int = 80, has_plot: bool = True, encoding: str = "ascii"
) -> str:
    """Return the report as plain text without colour, and without a line end at its end.

    Args:
        report: What to report.
        width: Longest line, in columns.
        has_plot: Draw the latencies too; the table says all that the plot shows.
        encoding: See `text.render_text`.
    """
    page = Page(width, color=False, encoding=encoding)
    page.line(f"{report.vehicle.name} - {_extent(report)}")
    page.heading("VERDICT")
    for sentence in sentences(report):
        page.line(sentence, indent=1)
    if report.trends:
        _table(page, report)
    tail = Page(width, color=False, encoding=encoding)
    _notes(tail, report)
    plots = _plots(report, page.width) if has_plot else []
    return "\n\n".join([page.text(), *plots, tail.text()])


def _extent(report: TrendReport) -> str:
    count = len(report.captures)
    captures = "1 capture" if count == 1 else f"{count} captures"
    parts = [captures, _operations(sum(share.operations for share in report.captures))]
    if report.span_s is not None:
        parts.append(_span(report.span_s))
    return ", ".join(parts)


def _operations(count: int) -> str:
    return "1 operation" if count == 1 else f"{count} operations"


def _span(span_s: float) -> str:
    """Return a length of time, in days from two days on."""
    return f"{span_s / DAY_S:.0f} days" if span_s >= 2 * DAY_S else clock.duration(span_s)


def sentences(report: TrendReport) -> list[str]:
    """Return what the trends amount to, the worst first."""
    if not report.measured:
        return [
            "This car's bus does not show measured locks: its lock bits tell what the BCM "
            "believes, not when a lock moved. So no latency can be told, and no trend."
        ]
    if not report.trends:
        return ["No lock answered an order in these captures: there is nothing to compare."]
    found = [_slower(trend, report) for trend in report.trends if _is(trend, Verdict.SLOWER)]
    if found:
        found.append(
            "That is an early sign of wear, before anything fails. Clean and grease the latch "
            "(silicone, PTFE or graphite; no WD-40), look at its rods and its connector, and "
            "look again in some weeks. If it goes on, the lock motor is the next suspect."
        )
    tested = [trend for trend in report.trends if not _is(trend, Verdict.TOO_FEW)]
    if not tested:
        return [_too_few(report)]
    if not found:
        found.append("No lock was found to get slower.")
    alike = [trend for trend in tested if _is(trend, Verdict.AS_OTHERS)]
    if alike:
        slower = alike[0].own is not None and alike[0].own.change_s > 0
        found.append(
            f"All doors get {'slower' if slower else 'faster'} alike: that is the weather or the "
            "battery, not one lock."
        )
    if len(tested) < len(report.trends):
        found.append("Of some doors there are too few operations to say.")
    return found


def _is(trend: LatencyTrend, verdict: Verdict) -> bool:
    return trend.verdict is verdict


def _slower(trend: LatencyTrend, report: TrendReport) -> str:
    main = trend.relative or trend.own
    if main is None:
        return ""
    where = f"in {_span(report.span_s)}" if report.span_s is not None else "from first to last"
    against = " more than the other doors" if trend.relative is not None else ""
    unit = UNITS[report.unit]
    slope = main.slope
    return (
        f"The {door_name(trend.series.door)} takes longer and longer when it "
        f"{VERBS[trend.series.direction]}: {main.change_s * MS:.0f} ms{against} {where} "
        f"({_figure(slope.per_unit)} ms per {unit}; with 95 % certainty {_figure(slope.low)} to "
        f"{_figure(slope.high)})."
    )


def _too_few(report: TrendReport) -> str:
    most = max(len(trend.series.points) for trend in report.trends)
    if most < LEAST_OPERATIONS:
        return (
            f"Too few operations to say: at most {most} of one door in one direction, "
            f"{LEAST_OPERATIONS} are needed, over several days. Record some more and give all "
            "captures together."
        )
    return (
        "Too few sessions to say: a trend takes captures of several days. Record some more and "
        "give all captures together."
    )


def _table(page: Page, report: TrendReport) -> None:
    unit = UNITS[report.unit]
    page.heading("LATENCY: FROM THE ORDER TO THE LOCK'S ANSWER")
    heads = ("door", "does", "count", "median", "own", "extra", "sure", "trend")
    page.table(heads, [_row(trend) for trend in report.trends])
    page.line(
        f"count: operations. median: in ms. own: growth of the latency, ms per {unit}. extra: its "
        f"growth beyond the other doors' in the same orders, ms per {unit}; cold and low voltage "
        "do not show in it. sure: that there is a trend, all doors counted.",
        indent=1,
    )
    reasons = [
        f"{trend.series.door}, {trend.series.direction}: {trend.verdict}: {trend.reason}."
        for trend in report.trends
        if trend.reason
    ]
    for reason in _merged(reasons, report):
        page.line(reason, indent=1, bullet="-")


def _merged(reasons: list[str], report: TrendReport) -> list[str]:
    """Return reasons, or one for all where no door has enough operations."""
    too_few = [trend for trend in report.trends if _is(trend, Verdict.TOO_FEW)]
    is_short = all(len(trend.series.points) < LEAST_OPERATIONS for trend in too_few)
    if len(too_few) == len(report.trends) and is_short:
        return [f"Too few: {LEAST_OPERATIONS} operations of a door in one direction are needed."]
    return reasons


def _row(trend: LatencyTrend) -> tuple[str, ...]:
    sure = "-" if trend.confidence is None else _percent(trend.confidence)
    return (
        trend.series.door,
        trend.series.direction,
        str(len(trend.series.points)),
        "-" if trend.median_s is None else f"{trend.median_s * MS:.0f}",
        _slope(trend.own),
        _slope(trend.relative),
        sure,
        str(trend.verdict),
    )


def _percent(share: float) -> str:
    return f">{SUREST:.1%}" if share > SUREST else f"{math.floor(share * 100)}%"


def _slope(tendency: Tendency | None) -> str:
    return "-" if tendency is None else _figure(tendency.slope.per_unit)


def _figure(seconds: float) -> str:
    """Return signed ms in two figures or so: the third is noise."""
    ms = seconds * MS
    for digits in (0, 1):
        if abs(ms) >= 10 ** (1 - digits):
            return f"{ms:+.{digits}f}"
    return f"{round(ms, 2) + 0.0:+.2f}"


def _plots(report: TrendReport, width: int) -> list[str]:
    """Return the plot's key and one block of lines for each door that there is enough of."""
    blocks = []
    for door in report.vehicle.doors:
        tested = [trend for trend in report.trends if not _is(trend, Verdict.TOO_FEW)]
        mine = [trend.series for trend in tested if trend.series.door == door]
        lines = draw_plot(mine, is_dated=report.is_dated, width=width - INDENT)
        if lines:
            title = _capital(door_name(door))
            blocks.append("\n".join(" " * INDENT + line for line in (title, *lines)))
    if not blocks:
        return []
    key = Page(width, color=False, encoding="ascii")
    key.line("THE SAME AS A PLOT")
    key.line(
        "Latency in ms, upwards, over time. L: lock, U: unlock, D: deadlock, *: several of them. "
        "Each letter is a median of what falls there.",
        indent=1,
    )
    return [key.text(), *blocks]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _notes(page: Page, report: TrendReport) -> None:
    page.heading("NOTES")
    for note in (*_meanwhile(report), *_limits(report), *report.notes[:NOTES_SHOWN]):
        page.line(note, indent=1, bullet="-")
    page.more(len(report.notes) - NOTES_SHOWN, indent=1)
    page.line("Captures, in the order in which they were taken:", indent=1, bullet="-")
    for share in report.captures:
        begin = clock.date_and_clock(share.info.first_s or 0.0) if report.is_dated else ""
        name = PurePath(share.info.path).name
        parts = (name, f"{begin} UTC" if begin else "", _operations(share.operations))
        page.line(", ".join(part for part in parts if part), indent=2, bullet="-")


def _meanwhile(report: TrendReport) -> list[str]:
    facts = []
    if report.supply_v is not None:
        facts.append(f"the supply went from {report.supply_v[0]:.1f} to {report.supply_v[1]:.1f} V")
    if report.temperature_c is not None:
        first, last = report.temperature_c
        facts.append(f"the air went from {first:.0f} to {last:.0f} degC")
    return [f"Meanwhile {' and '.join(facts)} (medians of the first and last third)."] * bool(facts)


def _limits(report: TrendReport) -> list[str]:
    """Return what the bus keeps back."""
    if not report.measured:
        return []
    limits = []
    blind = [door for door in report.vehicle.doors if door not in report.measured]
    if blind:
        limits.append(
            f"No latency is known of: {', '.join(blind)}. The bus does not show their locks, or "
            "only what the BCM believes of them."
        )
    if "command.lock" not in report.vehicle.roles():
        limits.append(
            "This car's bus does not show orders: latencies count from the first echo of one, a "
            "lamp or a bit of the BCM. Their growth tells, not their size."
        )
    steps = sorted({round(trend.step_s * MS) for trend in report.trends if trend.step_s > 0})
    if steps:
        limits.append(
            f"Locks report every {words.join_words(str(step) for step in steps)} ms: single "
            "latencies are known no better, and a smaller change is not called one."
        )
    return limits
