"""Several captures of one car: how long each lock took, from the first to the last of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.detection.detector import Detected
from canlock.diagnosis.latency_trend import (
    DAY_S,
    LatencyPoint,
    LatencySeries,
    LatencyTrend,
    Unit,
    compare_ends,
    judge_trends,
)
from canlock.errors import CanlockError, VehicleError
from canlock.model.capture import CaptureInfo
from canlock.model.operations import Operation, Response
from canlock.model.vehicle import SignalMap, Vehicle
from canlock.pipeline.analysis import Analysis
from canlock.pipeline.recorded import RecordedStream, find_recording, vehicle_for
from canlock.sources.capture import open_capture
from canlock.sources.order import OutOfOrderError

SESSION_GAP_S: Final = 3600.0
"""After so long without an operation the motors are cool and the weather is another. Judgement."""

CALENDAR_FROM_S: Final = 1e8
CALENDAR_UNTIL_S: Final = 253_370_764_800.0
"""Times from March 1973 to the year 9999 are seconds since 1970; a capture without a clock counts
from its own start and never gets there."""

DIRECTIONS: Final = ("lock", "unlock", "deadlock")
COUNTED: Final = ("answered", "slow")
"""A lock that fell back has not answered, and one that stood so before says nothing."""


@dataclass(frozen=True, slots=True)
class CaptureShare:
    """What one capture gave."""

    info: CaptureInfo
    operations: int
    """Operations with a latency of at least one lock."""

    points: tuple[tuple[str, str, LatencyPoint], ...]
    """(door, direction, answer) in the order of time; their session is not known yet."""

    periods: tuple[tuple[str, float | None], ...]
    """Door -> how often its status frame comes at rest."""

    dropped_operations: int = 0


@dataclass(frozen=True, slots=True)
class TrendReport:
    """All that there is to tell of the latencies of one car."""

    vehicle: Vehicle
    captures: tuple[CaptureShare, ...]
    """In the order in which they were taken."""

    unit: Unit
    is_dated: bool
    """Their order is that of the calendar; otherwise it is the one in which they were given."""

    trends: tuple[LatencyTrend, ...]
    """For each measured door and direction in which it moved, in the vehicle's order."""

    measured: tuple[str, ...]
    """Doors whose lock the bus measures."""

    supply_v: tuple[float, float] | None
    """Median at first and at last, of a third of the operations each."""

    temperature_c: tuple[float, float] | None
    notes: tuple[str, ...]

    @property
    def span_s(self) -> float | None:
        """Return the time from the first operation to the last; None where no dates are known."""
        at_s = [point.at_s for trend in self.trends for point in trend.series.points]
        return max(at_s) - min(at_s) if at_s and self.is_dated else None


def follow_trend(
    paths: Sequence[Path], vehicle: str | None, warn: Callable[[CanlockError], None]
) -> TrendReport:
    """Return what became of each lock's latency over several captures of one car.

    Args:
        paths: The captures, in any order.
        vehicle: A vehicle's name or file; None: the one that fits the frames.
        warn: Called for each capture that is left out because it cannot be read.

    Raises:
        CanlockError: No capture can be read, or they are of different vehicles.
    """
    known = list(_recognise(list(dict.fromkeys(paths)), vehicle, warn))
    _refuse_mixture(known)
    loaded = known[0][1]
    shares = []
    for number, (path, _) in enumerate(known):
        try:
            shares.append(read_share(path, loaded))
        except CanlockError as error:
            if number == len(known) - 1 and not shares:
                raise
            warn(error)
    return report_shares(loaded.vehicle, shares)


def _recognise(
    paths: Sequence[Path], vehicle: str | None, warn: Callable[[CanlockError], None]
) -> Iterator[tuple[Path, LoadedVehicle]]:
    if vehicle is not None:
        named = load_vehicle(vehicle)
        yield from ((path, named) for path in paths)
        return
    has_any = False
    for number, path in enumerate(paths):
        try:
            loaded = vehicle_for(path, None)
        except CanlockError as error:
            if number == len(paths) - 1 and not has_any:
                raise
            warn(error)
            continue
        has_any = True
        yield path, loaded


def _refuse_mixture(known: Sequence[tuple[Path, LoadedVehicle]]) -> None:
    first_path, first = known[0]
    for path, loaded in known:
        if loaded.vehicle.id != first.vehicle.id:
            raise VehicleError(
                f"{path}: found a {loaded.vehicle.id}, but {first_path} is a {first.vehicle.id}: "
                "a trend is one car's, so name the captures of one, or its vehicle with --vehicle"
            )


def read_share(path: Path, loaded: LoadedVehicle) -> CaptureShare:
    """Return what one capture tells of latencies.

    Raises:
        SourceError: The capture cannot be read.
        SideFileError: A side file cannot be read.
    """
    try:
        info, detected = _detect(path, loaded, in_order=True)
    except OutOfOrderError:
        info, detected = _detect(path, loaded, in_order=False)
    vehicle = loaded.vehicle
    each = [tuple(latencies(operation, vehicle)) for operation in detected.operations]
    lives = {life.message: life.period_s for life in detected.lives}
    return CaptureShare(
        info,
        sum(bool(points) for points in each),
        tuple(point for points in each for point in points),
        tuple((door, _period(door, vehicle, lives)) for door in measured_doors(vehicle)),
        detected.dropped_operations,
    )


def _detect(path: Path, loaded: LoadedVehicle, *, in_order: bool) -> tuple[CaptureInfo, Detected]:
    analysis = Analysis(loaded)
    reader = open_capture(path, analysis.wanted, in_order=in_order)
    for item in RecordedStream(find_recording(path), loaded, reader):
        analysis.take(item)
    return reader.info, analysis.detect()


def latencies(operation: Operation, vehicle: Vehicle) -> Iterator[tuple[str, str, LatencyPoint]]:
    """Yield (door, direction, answer) of each measured lock that answered an operation's order."""
    command = operation.command
    if command is None or not _is_dated_by_order(operation, vehicle):
        return
    answers = [answer for answer in operation.responses if _counts(answer)]
    for answer in answers:
        others = [each.latency_s for each in answers if each.door != answer.door]
        known = [latency_s for latency_s in others if latency_s is not None]
        yield (
            answer.door,
            command.action,
            LatencyPoint(
                at_s=command.at_s,
                latency_s=answer.latency_s or 0.0,
                floor_s=answer.latency_floor_s or 0.0,
                session=0,
                others_s=float(np.median(known)) if known else None,
                others=len(known),
                supply_v=operation.circumstance.supply_v,
                temperature_c=operation.circumstance.temperature_c,
            ),
        )


def _counts(answer: Response) -> bool:
    is_measured = answer.feedback == "measured" and answer.role == "lock.status"
    return is_measured and answer.state in COUNTED and answer.latency_s is not None


def _is_dated_by_order(operation: Operation, vehicle: Vehicle) -> bool:
    """Say whether latencies of an operation mean anything.

    Where the bus shows orders, one whose frame was lost is dated by the first lock that moved, and
    is of no use. Where it shows none, the first echo has to do, as long as it is not the lock's
    own: a lamp, or what the BCM believes of another door.
    """
    command = operation.command
    if command is None or not command.is_inferred:
        return command is not None
    if "command.lock" in vehicle.roles():
        return False
    return operation.flashes > 0 or any(
        answer.feedback != "measured" and answer.at_s is not None for answer in operation.responses
    )


def measured_doors(vehicle: Vehicle) -> tuple[str, ...]:
    """Return the doors whose lock the bus measures."""
    measured = {door for entry in _measured(vehicle) for door in entry.doors or vehicle.doors}
    return tuple(door for door in vehicle.doors if door in measured)


def _measured(vehicle: Vehicle) -> Iterator[SignalMap]:
    for entry in vehicle.signals:
        if entry.role == "lock.status" and entry.feedback == "measured":
            yield entry


def _period(door: str, vehicle: Vehicle, lives: dict[str, float | None]) -> float | None:
    periods = [
        lives.get(entry.message)
        for entry in _measured(vehicle)
        if door in (entry.doors or vehicle.doors)
    ]
    return max((period for period in periods if period is not None), default=None)


def report_shares(vehicle: Vehicle, shares: Sequence[CaptureShare]) -> TrendReport:
    """Return the trends over what some captures gave, in whatever order they are given."""
    notes: list[str] = []
    kept = _without_copies(shares, notes)
    ordered, is_dated = _in_order(kept, notes)
    points = [
        (number, door, direction, point)
        for number, share in enumerate(ordered)
        for door, direction, point in share.points
    ]
    sessions = _sessions([(number, point.at_s) for number, _, _, point in points], is_dated)
    periods = _longest_periods(ordered)
    series = []
    for door in vehicle.doors:
        for direction in DIRECTIONS:
            own = tuple(
                replace(point, session=session)
                for (_, at, towards, point), session in zip(points, sessions, strict=True)
                if (at, towards) == (door, direction)
            )
            if own:
                series.append(LatencySeries(door, direction, own, periods.get(door)))
    notes.extend(
        f"{share.info.path}: of its operations the first {share.dropped_operations} are left out; "
        "cut it into shorter captures to have them."
        for share in ordered
        if share.dropped_operations
    )
    notes.extend(
        f"{share.info.path}: {share.info.bad_lines} lines could not be read and are left out."
        for share in ordered
        if share.info.bad_lines
    )
    span_s = points[-1][3].at_s - points[0][3].at_s if points else 0.0
    unit: Unit = "day" if is_dated and span_s >= DAY_S else "100-operations"
    return TrendReport(
        vehicle,
        tuple(ordered),
        unit,
        is_dated,
        judge_trends(series, unit),
        measured_doors(vehicle),
        compare_ends([point.supply_v for *_, point in points]),
        compare_ends([point.temperature_c for *_, point in points]),
        tuple(notes),
    )


def _without_copies(shares: Sequence[CaptureShare], notes: list[str]) -> list[CaptureShare]:
    """Leave out captures that hold what another holds, say a packed copy: nothing counts twice."""
    kept: dict[object, CaptureShare] = {}
    for share in shares:
        content = (share.info.first_s, share.info.last_s, share.info.frames, share.points)
        if share.points and content in kept:
            notes.append(f"{share.info.path}: left out, it is {kept[content].info.path} again.")
        else:
            kept[content if share.points else share.info.path] = share
    return list(kept.values())


def _in_order(shares: list[CaptureShare], notes: list[str]) -> tuple[list[CaptureShare], bool]:
    """Return captures by the calendar where they have dates, else as they were given."""
    timed = [share for share in shares if share.info.first_s is not None]
    if not all(_is_calendar(share.info.first_s or 0.0) for share in timed):
        notes.append(
            "Not all captures have dates: they are taken in the order in which they were given."
        )
        return shares, False
    ordered = sorted(timed, key=lambda share: share.info.first_s or 0.0)
    for before, after in pairwise(ordered):
        if (after.info.first_s or 0.0) < (before.info.last_s or 0.0):
            notes.append(
                f"By their dates {before.info.path} and {after.info.path} were recorded at the "
                "same time, so the dates are wrong: the captures are taken in the order in which "
                "they were given."
            )
            return shares, False
    return ordered + [share for share in shares if share.info.first_s is None], True


def _is_calendar(at_s: float) -> bool:
    return CALENDAR_FROM_S < at_s < CALENDAR_UNTIL_S


def _sessions(at: Iterable[tuple[int, float]], is_dated: bool) -> list[int]:
    """Return the session of each (capture, time): by long pauses, or by capture without dates."""
    sessions: list[int] = []
    before: tuple[int, float] | None = None
    for number, at_s in at:
        if before is None:
            sessions.append(0)
        else:
            is_other = at_s - before[1] > SESSION_GAP_S if is_dated else number != before[0]
            sessions.append(sessions[-1] + is_other)
        before = number, at_s
    return sessions


def _longest_periods(shares: Sequence[CaptureShare]) -> dict[str, float]:
    """Return how often each door's status frame comes at rest, where it does so at all."""
    periods: dict[str, float] = {}
    for share in shares:
        for door, period_s in share.periods:
            if period_s is not None:
                periods[door] = max(period_s, periods.get(door, 0.0))
    return periods
