"""Pieces of snapshots to report on: healthy by default, what a test needs is named."""

from __future__ import annotations

from canlock.model.capture import CaptureInfo
from canlock.model.operations import (
    Access,
    Command,
    LogEvent,
    Operation,
    Request,
    Response,
    ResponseState,
)
from canlock.model.snapshot import RoleState, Snapshot
from canlock.model.verdict import Advice, Evidence, Finding, Hypothesis, NextTest

START_S = 1_700_000_000.0
"""2023-11-14 22:13:20 UTC."""

DOORS = ("driver", "passenger", "rear-left", "rear-right", "tailgate")

HARNESS_ADVICE = Advice(
    difficulty="average",
    parts_cost_rub=(1500, 3000),
    steps=(
        "Pull the rubber gaiter between body and door off at the body side and look for broken or"
        " green wires.",
        "Solder the broken wire and cover it with heat-shrink; do not twist wires together.",
    ),
    warnings=("There may be a side airbag sensor in the door: leave trim to a technician.",),
    labour_cost_rub=(2000, 3000),
    hours=1.0,
    prevention=("Look at the rubber gaiter once a year.",),
    locked_out=("Get in by another door.", "Move the rod of the lock by hand."),
)

WINDOW_TEST = NextTest(
    "window-switch",
    "Press the window switch of the driver's door. Say whether the window moves.",
    1.0,
    0.8,
)
GAITER_TEST = NextTest(
    "flex-harness",
    "Open the door, flex the rubber gaiter slowly and press unlock every two seconds.",
    3.0,
    0.3,
)


UNSEEN_ROLES = (
    "request.fob",
    "command.lock",
    "command.requestor",
    "command.inhibit",
    "handle.outer",
    "handle.inner",
    "window.switch",
    "window.moving",
    "motor.current",
    "lock.defect",
)
"""What a bus that shows only states does not show."""

LATE_ANSWERS: tuple[tuple[str, ResponseState], ...] = (
    ("driver", "silent"),
    ("passenger", "bounced"),
    ("rear-left", "slow"),
    ("rear-right", "already"),
    ("tailgate", "unseen"),
)
"""One door of each kind of answer."""


def a_response(
    door: str, *, after_s: float = 0.2, at_s: float = START_S, state: ResponseState = "answered"
) -> Response:
    """One door's answer to an unlock order given at `at_s`."""
    if state in ("silent", "unseen", "some-silent"):
        return Response(door, state, "measured")
    if state == "already":
        return Response(door, state, "measured", "unlocked")
    return Response(door, state, "measured", "unlocked", at_s + after_s, after_s, after_s - 0.1)


def an_operation(after_s: float = 12.4, *, silent: tuple[str, ...] = ()) -> Operation:
    """Unlock by fob, ordered 0.1 s later for all doors, answered 0.2 s later."""
    at_s = START_S + after_s
    return Operation(
        at_s,
        at_s + 3.0,
        "partly" if silent else "answered",
        Request(at_s, "request.fob", "unlock", is_seen=True),
        Command(at_s + 0.1, "unlock", DOORS, "fob"),
        tuple(
            a_response(
                door,
                at_s=at_s + 0.1,
                after_s=0.2 + 0.01 * number,
                state="silent" if door in silent else "answered",
            )
            for number, door in enumerate(DOORS)
        ),
        flashes=2,
        can_see_request=True,
        can_see_command=True,
    )


def a_failed_lock(after_s: float) -> Operation:
    """Lock by fob, ordered four times, with one door of each kind of answer."""
    at_s = START_S + after_s
    return Operation(
        at_s,
        at_s + 3.0,
        "silent",
        Request(at_s, "request.fob", "lock", is_seen=True),
        Command(at_s + 0.1, "lock", DOORS, "fob", repeats=3),
        tuple(
            a_response(door, at_s=at_s + 0.1, after_s=0.9, state=state)
            for door, state in LATE_ANSWERS
        ),
        can_see_request=True,
        can_see_command=True,
    )


def evidence(text: str, bits: float, *after_s: float) -> Evidence:
    """A piece of evidence seen at some times after the start; none for a prior."""
    times_s = tuple(START_S + each for each in after_s)
    return Evidence(times_s[0] if times_s else START_S, text, bits, times_s)


def no_fault() -> Finding:
    """The verdict on a healthy car."""
    return Finding(
        "no-fault",
        "none",
        (),
        0.97,
        is_confident=True,
        group=("no-fault",),
        summary="Every order was answered by every door that can be seen, in 3 operations.",
        evidence=(
            evidence("3 of 3 orders were answered by all doors.", 6.2, 12.4, 20.0, 28.4),
            evidence("Most cars that are looked at do have a fault.", -1.1),
        ),
    )


def a_snapshot() -> Snapshot:
    """A healthy car of tier T3, looked at for five minutes."""
    return Snapshot(
        vehicle="bmw-e9x",
        vehicle_name="BMW E9x (2005-2013)",
        doors=DOORS,
        tier="T3",
        capture=CaptureInfo(
            "logs/yard/evening.log", "candump", 36_000, 0, START_S, START_S + 300.0
        ),
        first_s=START_S,
        now_s=START_S + 300.0,
        findings=(no_fault(),),
        hypotheses=(
            Hypothesis("no-fault", (), 0.97),
            Hypothesis("actuator-degrading", ("driver",), 0.02),
            Hypothesis("door-harness-intermittent", ("driver",), 0.01),
        ),
        operations=tuple(an_operation(after_s) for after_s in (12.4, 20.0, 28.4)),
        accesses=(Access(START_S + 15.0, "driver", "unknown", "opened", "unlocked", "measured"),),
        events=(
            LogEvent(START_S + 12.4, "request.fob", None, "unlock", "car: request.fob unlock"),
            LogEvent(START_S + 15.0, "door.ajar", "driver", "open", "driver door opened"),
            LogEvent(START_S + 18.2, "door.ajar", "driver", "closed", "driver door closed"),
        ),
        states=(
            *(
                RoleState("lock.status", door, "unlocked", START_S + 28.7, "measured")
                for door in DOORS[:3]
            ),
            RoleState("lock.status", "rear-right", "locked", START_S + 28.7, "belief"),
            *(RoleState("door.ajar", door, "closed", START_S) for door in DOORS[1:4]),
            RoleState("door.ajar", "driver", "open", START_S + 29.0),
            RoleState("fob.id", None, 7.0, START_S),
        ),
        missing_roles=("handle.outer", "handle.inner"),
    )


def section(report: str, heading: str) -> str:
    """Return what stands under a heading of a text report, with line breaks as spaces."""
    body = report.split(f"{heading}\n", 1)[1].split("\n\n", 1)[0]
    return " ".join(body.split())
