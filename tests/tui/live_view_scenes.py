"""Made-up analyses: a Qashqai whose driver's door will not unlock, and a healthy one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from canlock.model.capture import CaptureInfo, Damage
from canlock.model.frames import FrameBatch
from canlock.model.link import BusRate, LinkStatus, Silence
from canlock.model.operations import (
    Access,
    Circumstance,
    Command,
    LogEvent,
    Operation,
    Request,
    Response,
)
from canlock.model.samples import MessageLife
from canlock.model.snapshot import RoleState, Snapshot
from canlock.model.stream import Mark
from canlock.model.vehicle import Alive
from canlock.model.verdict import Advice, Evidence, Finding, Hypothesis, NextTest
from canlock.pipeline.frame_history import FrameHistory

START_S = 1_700_000_000.0
DOORS = ("driver", "passenger", "rear-left", "rear-right", "tailgate")
OTHERS = DOORS[1:4]


def an_operation(after_s: float, action: str = "unlock", *, driver: str = "answered") -> Operation:
    at_s = START_S + after_s
    value = f"{action}ed"
    is_answered = driver == "answered"
    responses = (
        Response(
            "driver",
            "answered" if is_answered else "silent",
            "measured",
            value if is_answered else None,
            at_s + 0.3 if is_answered else None,
            0.18 if is_answered else None,
        ),
        *(Response(door, "answered", "belief", value, at_s + 0.24, 0.12) for door in OTHERS),
        Response("tailgate", "unseen", "belief"),
    )
    return Operation(
        at_s,
        at_s + 3,
        "answered" if is_answered else "partly",
        Request(at_s, "request.fob", action, is_marked=True, mark_action=f"press-fob-{action}"),
        Command(at_s + 0.12, action, DOORS, is_inferred=True),
        responses,
        Circumstance(ajar_doors=(), power="off", supply_v=12.4, supply_min_v=12.1),
        flashes=2,
        flashes_s=(at_s + 0.15, at_s + 0.9),
        can_see_command=True,
    )


def some_states(**locks: str) -> tuple[RoleState, ...]:
    return (
        RoleState("lock.status", "driver", locks["driver"], START_S, "measured"),
        *(RoleState("lock.status", door, locks["others"], START_S, "belief") for door in OTHERS),
        *(RoleState("door.ajar", door, "closed", START_S) for door in DOORS),
        RoleState("power.state", None, "off", START_S),
        RoleState("supply.voltage", None, 12.4375, START_S + 40),
    )


def a_healthy_car() -> Snapshot:
    operations = (
        an_operation(5.0, "lock"),
        an_operation(12.4),
        an_operation(20.1, "lock"),
        an_operation(31.7),
    )
    finding = Finding(
        "no-fault",
        "none",
        (),
        0.97,
        is_confident=True,
        group=("no-fault",),
        summary="No fault seen: all doors that the bus shows answered each of 4 commands in time.",
        evidence=(
            Evidence(START_S + 5.3, "All visible doors answered 4 of 4 commands.", 3.4),
            Evidence(START_S + 31.7, "The slowest answer took 0.18 s.", 0.9),
        ),
    )
    return Snapshot(
        "nissan-qashqai-j10",
        "Nissan Qashqai J10 (2007-2013)",
        DOORS,
        "T1",
        CaptureInfo("captures/qashqai.log", "candump", 36_000, last_s=START_S + 40.3),
        START_S,
        START_S + 40.3,
        (finding,),
        (Hypothesis("no-fault", (), 0.97), Hypothesis("auto-relock", (), 0.02)),
        operations,
        events=tuple(
            LogEvent(op.at_s + 0.4, "mark", None, op.request.mark_action or "", "you")
            for op in operations
            if op.request
        ),
        states=some_states(driver="unlocked", others="unlocked"),
        marks=tuple(
            Mark(op.at_s + 0.4, op.request.mark_action or "") for op in operations if op.request
        ),
        lives=(
            MessageLife("BCM_BODY", 403, START_S, START_S + 40.3, 0.1),
            MessageLife("RKE", 4, START_S + 5, START_S + 31.7, None),
            MessageLife("DOOR_REAR", 290, START_S, START_S + 29.0, 0.1),
        ),
        nodes=(
            Alive("bcm", "BCM_BODY", 0.1),
            Alive("door-module", "DOOR_REAR", 0.1, ("rear-left", "rear-right")),
            Alive("door-module", "DOOR_FRONT", 0.1, ("driver",)),
        ),
        bus=BusRate(893.0, 0.0),
        missing_roles=("command.lock", "request.fob"),
    )


def a_broken_harness() -> Snapshot:
    healthy = a_healthy_car()
    operations = tuple(
        replace(an_operation(after_s, action, driver="silent"))
        for after_s, action in ((5.0, "lock"), (12.4, "unlock"), (20.1, "lock"), (31.7, "unlock"))
    )
    finding = Finding(
        "door-harness-open",
        "wiring",
        ("driver",),
        0.93,
        is_confident=True,
        group=("door-harness-open",),
        summary="The driver's door does not answer because a wire in its rubber gaiter is broken.",
        evidence=(
            Evidence(START_S, "how often this occurs, before anything was seen", -2.6),
            Evidence(
                START_S + 12.7,
                "the lock of the driver's door did not move when ordered (unlock), 4 of 4 times",
                4.1,
                (START_S + 12.7, START_S + 31.9),
            ),
            Evidence(
                START_S + 26.2,
                "the window of the driver's door does not move at its switch, as you said",
                2.8,
                (START_S + 26.2,),
            ),
            Evidence(
                START_S + 33.2,
                "the driver's door stayed shut, its lock shown as locked after the unlock",
                0.4,
                (START_S + 33.2,),
            ),
            Evidence(
                START_S + 14.1,
                "the door switch of the driver's door was calm",
                -0.9,
                (START_S + 14.1,),
            ),
        ),
        advice=Advice(
            "average",
            (1500, 3000),
            ("Open the gaiter between pillar and door and look for a broken wire.",),
            ("Disconnect the battery first.",),
        ),
    )
    return replace(
        healthy,
        findings=(finding,),
        hypotheses=(
            Hypothesis("door-harness-open", ("driver",), 0.93),
            Hypothesis("actuator-motor-fault", ("driver",), 0.04),
            Hypothesis("latch-jammed", ("driver",), 0.02),
        ),
        operations=operations,
        accesses=(
            Access(START_S + 33.2, "driver", "outer", "not-opened", "locked", "measured", True),
        ),
        states=some_states(driver="locked", others="unlocked"),
        next_tests=(
            NextTest(
                "gaiter",
                "Open the driver's door, flex its rubber gaiter slowly, and press unlock again.",
                2,
                0.31,
                "driver",
            ),
        ),
    )


def an_ambiguity_group() -> Snapshot:
    broken = a_broken_harness()
    finding = replace(
        broken.verdict,
        fault="actuator-motor-fault",
        layer="actuator",
        probability=0.46,
        is_confident=False,
        group=("actuator-motor-fault", "door-harness-open", "latch-jammed"),
        summary="The driver's door does not answer; its motor, its wires or its latch is at fault.",
        evidence=broken.verdict.evidence[:2],
    )
    return replace(
        broken,
        findings=(finding,),
        hypotheses=(
            Hypothesis("actuator-motor-fault", ("driver",), 0.46),
            Hypothesis("door-harness-open", ("driver",), 0.38),
            Hypothesis("latch-jammed", ("driver",), 0.11),
            Hypothesis("no-fault", (), 0.05),
        ),
        operations=broken.operations[:2],
        next_tests=(
            NextTest("window-switch", "Press the driver's window switch.", 1, 0.82, "driver"),
        ),
    )


def too_little() -> Snapshot:
    healthy = a_healthy_car()
    finding = Finding(
        "insufficient-evidence",
        "unknown",
        (),
        0.71,
        is_confident=False,
        group=("no-fault", "auto-relock"),
        summary="Too little was seen to say: no lock or unlock command in 4 s.",
    )
    stale = replace(healthy.states[0], value="locked", is_stale=True)
    return replace(
        healthy,
        now_s=START_S + 4.0,
        findings=(finding,),
        hypotheses=(Hypothesis("no-fault", (), 0.83), Hypothesis("auto-relock", (), 0.08)),
        operations=(),
        events=(),
        marks=(),
        states=(stale, RoleState("lock.status", "passenger", None, START_S, "belief")),
        next_tests=(NextTest("press-again", "Press lock, then unlock on the fob.", 0.5, 1.2),),
    )


def a_damaged_capture() -> Snapshot:
    broken = a_broken_harness()
    capture = replace(
        broken.capture,
        bad_lines=412,
        out_of_order=38,
        is_truncated=True,
        damage=(Damage("qashqai.log:118", "expected `(seconds) channel id#data`"),),
    )
    notes = (
        "412 lines could not be read (qashqai.log:118 first); nothing was inferred from them.",
    )
    return replace(broken, capture=capture, notes=notes)


def a_live_bus(state: str = "connected", **changes: object) -> LinkStatus:
    link = LinkStatus(
        "socketcan:can0",
        state,  # type: ignore[arg-type]
        36_000,
        0,
        0,
        0,
        0,
        None,
        Silence(is_confirmed=True, why="the kernel says listen-only"),
    )
    return replace(link, **changes)  # type: ignore[arg-type]


def a_watched_car() -> Snapshot:
    broken = a_broken_harness()
    return replace(
        broken,
        capture=replace(broken.capture, path="socketcan:can0", format="live"),
        links=(a_live_bus(),),
        bus=BusRate(1912.4, 0.0, (0.312, 0.371)),
        tap="sees-all",
    )


def a_lost_adapter() -> Snapshot:
    watched = a_watched_car()
    link = a_live_bus(
        "reconnecting", errors=3, reopened=1, last_error="no such device", dropped=120
    )
    stale = tuple(replace(state, is_stale=True) for state in watched.states)
    return replace(watched, links=(link,), states=stale)


def behind_a_gateway() -> Snapshot:
    little = too_little()
    return replace(
        little,
        states=(),
        lives=(),
        links=(a_live_bus(frames=48),),
        bus=BusRate(4.0, 0.0, (0.001, 0.002)),
        tap="gateway",
        now_s=START_S + 12.0,
    )


def some_frames() -> FrameHistory:
    """Forty frames of two ids about the operation at 31.7 s; the second changes now and then."""
    history = FrameHistory()
    count = 40
    payload = np.zeros((count, 8), np.uint8)
    payload[:, 0] = np.where(np.arange(count) % 2, 0x10 * (np.arange(count) // 8), 0x5A)
    history.take(
        FrameBatch(
            (START_S + 31.3 + 0.05 * np.arange(count)).astype(np.float64),
            np.where(np.arange(count) % 2, 0x60D, 0x358).astype(np.uint32),
            np.zeros(count, np.uint8),
            np.full(count, 8, np.uint8),
            np.zeros(count, np.uint8),
            payload,
        )
    )
    return history


class Held:
    """Steps that stay open after the last snapshot, as a bus does, until they are let go."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self.snapshots = snapshots
        self.is_over = threading.Event()

    def __iter__(self) -> Iterator[Snapshot]:
        yield from self.snapshots
        self.is_over.wait(20)
