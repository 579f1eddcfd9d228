"""How the live view looks in each state, at the least and at a comfortable size.

The snapshots are drawn from made-up analyses of a Qashqai whose driver's door will not unlock.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from canlock.errors import BusError
from canlock.model.capture import CaptureInfo, Damage
from canlock.model.operations import Command, LogEvent, Operation, Request, Response
from canlock.model.snapshot import RoleState, Snapshot
from canlock.model.stream import Mark
from canlock.model.verdict import Advice, Evidence, Finding, Hypothesis, NextTest
from canlock.tui.app import LiveApp

START_S = 1_700_000_000.0
DOORS = ("driver", "passenger", "rear-left", "rear-right", "tailgate")
OTHERS = DOORS[1:4]
SMALL = (80, 24)
LARGE = (120, 40)
SIZES = [pytest.param(SMALL, id="80x24"), pytest.param(LARGE, id="120x40")]

Looks = Callable[..., bool]


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
            LogEvent(op.at_s, "request.fob", None, "", f"Mark: {op.request.mark_action}.")
            for op in operations
            if op.request
        ),
        states=some_states(driver="unlocked", others="unlocked"),
        marks=tuple(Mark(op.at_s, "press-fob-unlock") for op in operations),
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
            Evidence(START_S, "How often such faults occur, before anything was seen.", -2.6),
            Evidence(
                START_S + 12.7,
                "The driver's lock stayed as it was after 4 of 4 commands, in both directions,"
                " while the other doors answered.",
                4.1,
            ),
            Evidence(START_S + 26.2, "The window switch of the same door does nothing.", 2.8),
            Evidence(START_S + 24.9, "The handle was pulled and the door stayed shut.", 0.4),
            Evidence(START_S + 14.1, "Nothing was heard from the lock.", 0.9),
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
        states=some_states(driver="locked", others="unlocked"),
        next_tests=(
            NextTest(
                "flex-harness",
                "Bend the rubber gaiter of the driver's door to and fro and press unlock again.",
                2,
                0.31,
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
            NextTest("window-switch", "Press the window switch of the driver's door.", 1, 0.82),
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
        next_tests=(NextTest("press", "Press lock, then unlock on the fob.", 0.5, 1.2),),
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


class Held:
    """Steps that stay open after the last snapshot, as a bus does, until they are let go."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self.snapshots = snapshots
        self.is_over = threading.Event()

    def __iter__(self) -> Iterator[Snapshot]:
        yield from self.snapshots
        self.is_over.wait(20)


async def settle(pilot: Pilot[Any], last: Snapshot | None = None) -> None:
    """Wait until a snapshot, or the end of the steps, is on the screen."""
    app = pilot.app
    assert isinstance(app, LiveApp)
    while not (app._is_over or (app._snapshot is last and app._is_drawn)):
        await asyncio.sleep(0.01)
    await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize(
    ("scene", "press", "size"),
    [
        pytest.param(None, [], SMALL, id="waiting-80x24"),
        pytest.param(None, [], LARGE, id="waiting-120x40"),
        pytest.param(a_healthy_car, [], SMALL, id="healthy-80x24"),
        pytest.param(a_healthy_car, [], LARGE, id="healthy-120x40"),
        pytest.param(a_broken_harness, [], SMALL, id="confident-80x24"),
        pytest.param(a_broken_harness, [], LARGE, id="confident-120x40"),
        pytest.param(an_ambiguity_group, [], SMALL, id="group-80x24"),
        pytest.param(an_ambiguity_group, [], LARGE, id="group-120x40"),
        pytest.param(too_little, [], SMALL, id="insufficient-80x24"),
        pytest.param(too_little, [], LARGE, id="insufficient-120x40"),
        pytest.param(a_damaged_capture, [], SMALL, id="damaged-80x24"),
        pytest.param(a_damaged_capture, [], LARGE, id="damaged-120x40"),
        pytest.param(a_broken_harness, ["m"], SMALL, id="mark-80x24"),
        pytest.param(a_broken_harness, ["e"], SMALL, id="events-80x24"),
        pytest.param(a_broken_harness, ["d"], LARGE, id="light-120x40"),
    ],
)
def test_a_live_analysis(
    scene: Callable[[], Snapshot] | None,
    press: list[str],
    size: tuple[int, int],
    snap_compare: Looks,
) -> None:
    steps = Held() if scene is None else Held(scene())

    async def act(pilot: Pilot[Any]) -> None:
        last = steps.snapshots[-1] if steps.snapshots else None
        await settle(pilot, last)
        await pilot.press(*press)
        await settle(pilot, last)

    app = LiveApp(steps, title="canlock demo", on_mark=lambda _: None)
    try:
        assert snap_compare(app, terminal_size=size, run_before=act)
    finally:
        steps.is_over.set()


@pytest.mark.parametrize("size", SIZES)
def test_the_end_of_a_recording(size: tuple[int, int], snap_compare: Looks) -> None:
    app = LiveApp([a_broken_harness()], title="canlock demo", on_mark=lambda _: None)
    assert snap_compare(app, terminal_size=size, run_before=settle)


def broken_off_steps() -> Iterator[Snapshot]:
    yield a_broken_harness()
    raise BusError("can0: the adapter went away after 40.3 s; plug it in and start again.")


def test_an_adapter_that_goes_away(snap_compare: Looks) -> None:
    app = LiveApp(broken_off_steps(), title="canlock watch")
    assert snap_compare(app, terminal_size=SMALL, run_before=settle)


def screen_text(app: LiveApp) -> str:
    return "\n".join(strip.text for strip in app._live._compositor.render_strips())


async def test_names_from_files_are_drawn_as_they_are_spelt() -> None:
    hostile = replace(
        a_healthy_car(),
        vehicle_name="[red]Car\x1b[2J\u202e",
        doors=("[b]hatch[/b]",),
        notes=("[link=x]y",),
    )
    app = LiveApp([hostile], title="[bold]t")
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        text = screen_text(app)
    assert "[bold]t · [red]Car [2J" in text
    assert "[b]hatch[/b]" in text
    assert "[link=x]y" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("size", [(1, 1), (30, 9), (300, 90)])
async def test_no_size_of_terminal_breaks_it(size: tuple[int, int]) -> None:
    app = LiveApp([a_broken_harness()], title="a")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("tab", "down", "e")
        await pilot.resize_terminal(*LARGE)
        await pilot.pause()
        assert "a wire in its rubber gaiter is broken." in screen_text(app)


async def test_a_narrow_screen_without_colours_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = LiveApp([a_broken_harness()], title="narrow")
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause(0.3)
        assert app.export_screenshot()
    assert app.return_code in (None, 0)
