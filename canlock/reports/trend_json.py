"""The trend report for programs: one JSON object, `canlock.trend/1`."""

from __future__ import annotations

import json
import math
from typing import Final

from canlock.diagnosis.latency_trend import LatencyPoint, LatencyTrend, Tendency
from canlock.pipeline.trend import CaptureShare, TrendReport
from canlock.reports.json_report import DECIMALS, Json

SCHEMA: Final = "canlock.trend/1"

FINE_DECIMALS: Final = 9
"""Of slopes, which may be microseconds a day."""


def render_trend_json(report: TrendReport) -> str:
    """Return the report as JSON in ASCII, without a line end at its end.

    Times and latencies are in seconds, slopes in seconds a unit. Numbers that are not known, or
    have no end, are null.
    """
    return json.dumps(trend_object(report), indent=2, allow_nan=False)


def trend_object(report: TrendReport) -> dict[str, Json]:
    """Return the report as plain JSON values."""
    return {
        "schema": SCHEMA,
        "vehicle": report.vehicle.id,
        "vehicle_name": report.vehicle.name,
        "unit": report.unit,
        "dated": report.is_dated,
        "measured_doors": list(report.measured),
        "captures": [_capture(share) for share in report.captures],
        "trends": [_trend(trend) for trend in report.trends],
        "supply": _ends(report.supply_v),
        "temperature": _ends(report.temperature_c),
        "notes": list(report.notes),
    }


def _capture(share: CaptureShare) -> dict[str, Json]:
    info = share.info
    return {
        "path": info.path,
        "format": info.format,
        "frames": info.frames,
        "bad_lines": info.bad_lines,
        "first": _number(info.first_s),
        "last": _number(info.last_s),
        "operations": share.operations,
        "dropped_operations": share.dropped_operations,
    }


def _trend(trend: LatencyTrend) -> dict[str, Json]:
    return {
        "door": trend.series.door,
        "direction": trend.series.direction,
        "verdict": str(trend.verdict),
        "reason": trend.reason or None,
        "operations": len(trend.series.points),
        "sessions": trend.sessions,
        "median": _number(trend.median_s),
        "resolution": _number(trend.step_s),
        "latency": _tendency(trend.own),
        "relative": _tendency(trend.relative),
        "confidence": _number(trend.confidence),
        "points": [_point(point) for point in trend.series.points],
    }


def _tendency(tendency: Tendency | None) -> dict[str, Json] | None:
    if tendency is None:
        return None
    slope = tendency.slope
    return {
        "slope": _number(slope.per_unit, FINE_DECIMALS),
        "low": _number(slope.low, FINE_DECIMALS),
        "high": _number(slope.high, FINE_DECIMALS),
        "change": _number(tendency.change_s),
        "p": _number(tendency.p, FINE_DECIMALS),
        "by_session": tendency.is_by_session,
    }


def _point(point: LatencyPoint) -> dict[str, Json]:
    return {
        "time": _number(point.at_s),
        "session": point.session,
        "latency": _number(point.latency_s),
        "latency_floor": _number(point.floor_s),
        "others": _number(point.others_s),
        "supply": _number(point.supply_v),
        "temperature": _number(point.temperature_c),
    }


def _ends(ends: tuple[float, float] | None) -> dict[str, Json] | None:
    return None if ends is None else {"first": _number(ends[0]), "last": _number(ends[1])}


def _number(value: float | None, decimals: int = DECIMALS) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(value, decimals)
