"""What detection may hand over, built by hand: healthy by default, a test names what differs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from detection.detection_builders import DOORS, START_S, a_vehicle

from canlock.detection.detector import Detected
from canlock.diagnosis.diagnose import Diagnosis, diagnose
from canlock.diagnosis.observing.everything import observe
from canlock.model.operations import (
    Access,
    Circumstance,
    Command,
    LogEvent,
    Operation,
    Outage,
    Outcome,
    Request,
    Response,
    ResponseState,
    Traffic,
    Trial,
)
from canlock.model.samples import MessageLife
from canlock.model.snapshot import RoleState
from canlock.model.stream import Mark, TroubleCode
from canlock.model.vehicle import Vehicle
from canlock.model.verdict import Finding
from canlock.pipeline.fitted import load_likelihoods

CALM = Circumstance(
    ajar_doors=(),
    power="off",
    speed_kmh=0.0,
    is_key_inside=False,
    supply_v=12.5,
    supply_min_v=12.3,
    temperature_c=20.0,
    operations_in_20_s=1,
    locks=tuple((door, "locked") for door in DOORS),
)


def a_response(
    door: str, state: ResponseState = "answered", *, at_s: float, value: str, feedback: str
) -> Response:
    if state in ("answered", "slow", "bounced"):
        late_s = 1.0 if state == "slow" else 0.25
        return Response(door, state, feedback, value, at_s + late_s, late_s, late_s - 0.125)
    return Response(door, state, feedback, value)


def an_operation(  # noqa: PLR0913 - one for each thing that a test may change.
    after_s: float,
    action: str = "unlock",
    *,
    states: Mapping[str, ResponseState] | None = None,
    doors: Sequence[str] = DOORS,
    feedback: str = "measured",
    is_asked: bool = True,
    mark: str | None = None,
    circumstance: Circumstance = CALM,
    cause: str | None = None,
    late_s: float = 0.1,
) -> Operation:
    """A press of the fob that the BCM received, its command, and an answer from each door."""
    at_s = START_S + after_s
    value = "unlocked" if action == "unlock" else "locked"
    request = Request(at_s, "request.fob", action, None, mark is not None, True, mark)
    command_s = at_s + (late_s if is_asked else 0.0)
    responses = tuple(
        a_response(
            door,
            (states or {}).get(door, "answered"),
            at_s=command_s,
            value=value,
            feedback=feedback,
        )
        for door in doors
    )
    failed = [
        answer for answer in responses if answer.state in ("silent", "bounced", "some-silent")
    ]
    outcome: Outcome = "answered"
    if failed:
        outcome = "silent" if len(failed) == len(responses) else "partly"
    return Operation(
        at_s,
        at_s + 3.0,
        outcome,
        request if is_asked else None,
        Command(command_s, action, tuple(doors)),
        responses,
        circumstance,
        can_see_request=is_asked,
        can_see_command=True,
        cause=cause,
    )


def a_press(  # noqa: PLR0913 - one for each thing that a test may change.
    after_s: float,
    action: str = "unlock",
    *,
    is_seen: bool = True,
    mark: str | None = None,
    circumstance: Circumstance = CALM,
    inhibit: str | None = None,
    can_see_request: bool = True,
    role: str = "request.fob",
) -> Operation:
    """A press that the BCM ordered nothing for."""
    at_s = START_S + after_s
    return Operation(
        at_s,
        at_s + 3.0,
        "no-command" if inhibit is None else "refused",
        Request(at_s, role, action, None, mark is not None, is_seen, mark),
        circumstance=circumstance,
        inhibit=inhibit,
        can_see_request=can_see_request,
        can_see_command=True,
    )


def an_access(
    after_s: float,
    door: str = "driver",
    handle: str = "outer",
    result: str = "not-opened",
    *,
    lock: str | None = "unlocked",
    feedback: str | None = "measured",
    is_marked: bool = False,
) -> Access:
    return Access(
        START_S + after_s,
        door,
        handle,  # type: ignore[arg-type]
        result,  # type: ignore[arg-type]
        lock,
        feedback,
        is_marked,
    )


def a_mark(after_s: float, action: str, door: str | None = "driver") -> Mark:
    return Mark(START_S + after_s, action, door)


def a_trial(after_s: float, result: str, door: str = "driver", *, is_marked: bool = True) -> Trial:
    return Trial(START_S + after_s, door, result, is_marked)  # type: ignore[arg-type]


def a_check(after_s: float, result: str, door: str = "driver") -> Trial:
    """What somebody said of a door, and what its switch showed."""
    return Trial(START_S + after_s, door, result, is_marked=True, about="switch")  # type: ignore[arg-type]


def an_event(after_s: float, role: str, value: str, door: str | None = "driver") -> LogEvent:
    return LogEvent(START_S + after_s, role, door, value, "")


def a_state(
    role: str, value: str | float | None, door: str | None = None, *, since_s: float = 0.0
) -> RoleState:
    return RoleState(role, door, value, START_S + since_s)


def a_stretch(
    after_s: float,
    *,
    errors: int = 0,
    missing: int = 0,
    expected: int = 1000,
    is_logger: bool = False,
    bunched: int | None = None,
) -> Traffic:
    """Ten seconds of an awake bus; what is missing came in bunches, unless it is said."""
    from_s = START_S + after_s
    if bunched is None:
        bunched = missing
    return Traffic(from_s, from_s + 10.0, errors, 0, 0, is_logger, expected, missing, bunched)


def an_outage(after_s: float, until_s: float | None, *doors: str) -> Outage:
    """The control unit of some doors (none: the BCM) falls silent."""
    end_s = None if until_s is None else START_S + until_s
    return Outage("door-module" if doors else "bcm", doors, START_S + after_s, end_s, False)


def detected(  # noqa: PLR0913 - one for each thing that detection hands over.
    operations: Iterable[Operation] = (),
    *,
    accesses: Iterable[Access] = (),
    trials: Iterable[Trial] = (),
    marks: Iterable[Mark] = (),
    codes: Iterable[TroubleCode] = (),
    events: Iterable[LogEvent] = (),
    states: Iterable[RoleState] = (),
    outages: Iterable[Outage] = (),
    traffic: Iterable[Traffic] = (),
    missing: Collection[str] = (),
    vehicle: Vehicle | None = None,
) -> Detected:
    """What happened, on a bus on which every message of the vehicle came but for some."""
    lives = tuple(
        MessageLife(message.name, 100, START_S, START_S + 300.0, message.period_s)
        for message in (vehicle or a_vehicle()).messages
        if message.name not in missing
    )
    return Detected(
        START_S,
        START_S + 300.0,
        tuple(operations),
        tuple(accesses),
        tuple(trials),
        tuple(marks),
        tuple(codes),
        tuple(events),
        tuple(states),
        lives,
        (),
        outages=tuple(outages),
        traffic=tuple(traffic),
    )


def diagnosis_of(found: Detected, vehicle: Vehicle | None = None) -> Diagnosis:
    return diagnose(found, vehicle or a_vehicle(), load_likelihoods())


def verdict(found: Detected, vehicle: Vehicle | None = None) -> Finding:
    return diagnosis_of(found, vehicle).findings[0]


def share(found: Detected, fault: str, vehicle: Vehicle | None = None) -> float:
    """Return the probability of a code, doors summed."""
    hypotheses = diagnosis_of(found, vehicle).hypotheses
    return sum(one.probability for one in hypotheses if one.fault == fault)


def kinds(found: Detected, vehicle: Vehicle | None = None) -> list[tuple[str, str, str | None]]:
    """Return (kind, outcome, door) of what was observed."""
    seen = observe(found, vehicle or a_vehicle())
    return [(one.kind, one.outcome, one.door) for one in seen]


def of(kind: str, *operations: Operation, **more: object) -> list[tuple[str, str | None]]:
    """Return (outcome, door) of the observations of one kind."""
    found = kinds(detected(operations, **more))  # type: ignore[arg-type]
    return [(outcome, door) for name, outcome, door in found if name == kind]


def healthy(count: int, *, from_s: float = 10.0) -> list[Operation]:
    """Unlocks and locks in turn, all answered."""
    return [
        an_operation(from_s + 10.0 * number, "lock" if number % 2 else "unlock")
        for number in range(count)
    ]


def dead(door: str, count: int, *, from_s: float = 10.0) -> list[Operation]:
    """Unlocks and locks in turn that one door never answers, moved back by hand between."""
    return [
        an_operation(
            from_s + 10.0 * number,
            "lock" if number % 2 else "unlock",
            states={door: "silent"},
        )
        for number in range(count)
    ]


def with_supply(operation: Operation, rest_v: float, lowest_v: float) -> Operation:
    known = replace(operation.circumstance, supply_v=rest_v, supply_min_v=lowest_v)
    return replace(operation, circumstance=known)
