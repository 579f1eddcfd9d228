"""What differs from session to session tells nothing of faults; late logs, late and two faults."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import compile_layout
from canlock.model.faults import NO_FAULT, NOT_FAULTS
from canlock.simulation.case import Act, Scene
from canlock.simulation.chance import Chance
from canlock.simulation.clock import Process
from canlock.simulation.drive import START_S, Drive, list_stages, run, set_up, simulate
from canlock.simulation.injection import find_injector, list_codes
from canlock.simulation.onset import SUDDEN, list_changes
from canlock.simulation.ranges import Draw, Worlds
from canlock.simulation.stories.several import take_turns
from canlock.simulation.visibility import is_visible
from canlock.simulation.world import draw_world
from simulation.simulation_bench import DOORS, load_shipped, make_broken, make_traits

LOADED = load_shipped()
QASHQAI = LOADED["nissan-qashqai-j10"]
BMW = LOADED["bmw-e9x"]
MANY = range(60)


def circumstances(drive: Drive) -> dict[str, object]:
    told = drive.truth["circumstances"]
    assert isinstance(told, dict)
    return told


def rows(drive: Drive, name: str) -> list[dict[str, object]]:
    told = drive.truth[name]
    assert isinstance(told, list)
    return told


def find(code: str, what: str, value: object, worlds: Worlds = "test") -> Drive:
    """Return the first session with a circumstance."""
    for seed in range(400):
        case = set_up(BMW, *list_stages([code]), seed=seed, worlds=worlds)
        if case.circumstances[what] == value:
            return run(BMW, case, seed=seed, duration_s=40.0)
    raise AssertionError(f"no session has {what} {value}")


@pytest.mark.parametrize("worlds", ["test", "fitting"])
@pytest.mark.parametrize("code", [NO_FAULT, "latch-jammed"])
def test_both_sorts_of_worlds_have_all_sorts_of_sessions_with_a_fault_and_without(
    code: str, worlds: Worlds
) -> None:
    stages, story = list_stages([code])
    cases = [set_up(QASHQAI, stages, story, seed=seed, worlds=worlds) for seed in range(250)]

    lengths = [case.duration_s or 0.0 for case in cases]
    assert min(lengths) < 43.0
    assert max(lengths) > 150.0
    assert 45.0 < float(np.median(lengths)) < 80.0
    marks = Counter(case.circumstances["marks"] for case in cases)
    assert set(marks) == {"all", "as they are", "few", "none", "outcomes", "presses"}
    assert 0.05 < sum(case.log_starts_s > 0.0 for case in cases) / len(cases) < 0.25
    assert {case.locked_at_start for case in cases} == {True, False}
    stories = {case.circumstances["story"] for case in cases}
    assert stories == ({"live", "look_over"} if code == NO_FAULT else {"complain", "live"})
    assert {case.circumstances["whim"] for case in cases} > {"", "pull_too_early"}


def test_the_same_seed_is_the_same_day_whatever_is_wrong() -> None:
    alike = ("seconds", "marks")
    days = {
        tuple(set_up(BMW, *list_stages([code]), seed=9).circumstances[key] for key in alike)
        for code in list_codes()
    }

    assert len(days) == 1


@pytest.mark.parametrize("code", [NO_FAULT, "latch-jammed"])
def test_who_marks_nothing_leaves_an_empty_file_and_the_car_moves_all_the_same(code: str) -> None:
    drive = find(code, "marks", "none")

    assert drive.marks == []
    assert rows(drive, "orders")


def test_who_marks_all_tells_of_every_pull_and_press() -> None:
    drive = find("latch-jammed", "marks", "all")

    shut = [row for row in rows(drive, "sights") if "door did not open" in str(row["text"])]
    told = [mark for mark in drive.marks if mark.action == "not-opened"]
    assert shut
    assert len(told) == len(shut)


def test_who_marks_presses_tells_nothing_of_what_came_of_them() -> None:
    pressed, came = (find("latch-jammed", "marks", each) for each in ("presses", "outcomes"))

    assert {mark.action.partition("-")[0] for mark in pressed.marks} <= {"press", "turn"}
    assert pressed.marks
    assert not any(mark.action.startswith(("press-", "pull-")) for mark in came.marks)
    assert came.marks


@pytest.mark.parametrize("code", [NO_FAULT, "door-harness-open"])
def test_a_log_begins_in_the_middle_of_something(code: str) -> None:
    amid: Counter[object] = Counter()
    for seed in range(100):
        case = set_up(BMW, *list_stages([code]), seed=seed)
        if not case.log_starts_s:
            continue
        drive = run(BMW, case, seed=seed, duration_s=30.0)
        amid[circumstances(drive)["log_begins_amid"]] += 1
        assert drive.begins_s >= case.log_starts_s
        assert 0.0 <= drive.frames.timestamp_s[0] - START_S < 20.0
        assert all(mark.at_s >= START_S for mark in drive.marks)
        happened = rows(drive, "orders") + rows(drive, "refusals") + rows(drive, "sights")
        assert all(float(str(row["after_s"])) >= 0.0 for row in happened)

    assert len(amid) >= 3
    assert "" not in amid


def test_a_log_that_begins_late_is_the_end_of_the_one_that_began_at_once() -> None:
    stages, story = list_stages(["door-harness-open"])
    cases = [set_up(BMW, stages, story, seed=3) for _ in range(2)]
    whole, late = (
        run(BMW, case, seed=3, duration_s=40.0, begins_s=begins_s)
        for case, begins_s in zip(cases, (0.0, 11.5), strict=True)
    )

    count = len(late.frames)
    assert 0 < count < len(whole.frames)
    assert (whole.frames.payload[-count:] == late.frames.payload).all()
    shifted = whole.frames.timestamp_s[-count:] - 11.5
    assert np.abs(shifted - late.frames.timestamp_s).max() < 2e-6


def test_a_late_log_makes_no_fault_visible() -> None:
    loaded = LOADED["ford-fd1"]
    late = [
        seed
        for seed in range(60)
        if set_up(loaded, *list_stages(["lock-feedback-sensor-fault"]), seed=seed).log_starts_s
    ]

    assert late
    assert not any(is_visible(loaded, ["lock-feedback-sensor-fault"], seed=seed) for seed in late)


def test_a_drive_that_was_played_already_is_not_played_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played = []

    def count(*arguments: object, **named: object) -> Drive:
        played.append(arguments)
        return run(*arguments, **named)  # type: ignore[arg-type]

    drive = simulate(BMW, ["latch-jammed"], seed=4)
    monkeypatch.setattr("canlock.simulation.visibility.run", count)

    seen = [is_visible(BMW, ["latch-jammed"], seed=4, drive=each) for each in (drive, None)]
    assert seen[0] == seen[1]
    assert len(played) == 3, "one with the drive, two without"


@pytest.mark.parametrize("code", sorted(SUDDEN))
def test_a_sudden_fault_is_now_and_then_not_there_yet(code: str) -> None:
    cases = [set_up(BMW, *list_stages([code]), seed=seed) for seed in MANY]

    late = [case.onsets[0].share for case in cases if case.onsets]
    assert 2 <= len(late) < len(cases) / 2
    assert all(0.1 < share < 0.7 for share in late)
    assert all(case.injected[0].code == code for case in cases)


def test_only_what_can_break_at_once_does() -> None:
    slow = [code for code in list_codes() if code not in SUDDEN]

    assert not any(
        set_up(BMW, *list_stages([code]), seed=seed).onsets for code in slow for seed in range(10)
    )
    assert set(SUDDEN) <= set(list_codes()) - set(NOT_FAULTS)


def test_until_it_sets_in_the_car_is_in_order() -> None:
    seeds = [
        seed for seed in range(120) if set_up(BMW, *list_stages(["latch-jammed"]), seed=seed).onsets
    ]

    failed = 0
    for seed in seeds:
        drive = simulate(BMW, ["latch-jammed"], seed=seed, duration_s=60.0)
        since_s = float(str(rows(drive, "faults")[0]["after_s"]))
        for order in rows(drive, "orders"):
            missed = order["obeyed"] != order["doors"] and not order["overtaken"]
            assert not missed or float(str(order["after_s"])) > since_s - 1.3
            failed += missed
    assert failed


@pytest.mark.parametrize("code", sorted(SUDDEN))
def test_the_changes_make_of_a_sound_world_the_broken_one(code: str) -> None:
    traits = make_traits()
    _, case = make_broken(code, "driver", seed=5)
    sound = draw_world(Draw("test", Chance(5).stream("world")), traits)
    broken = draw_world(Draw("test", Chance(5).stream("world")), traits)
    case.world = broken
    case.draw = Draw("test", Chance(5).stream("stage"))
    find_injector(code).inject(case)

    changes = list_changes(sound, broken)
    assert changes
    assert sound != broken
    for change in changes:
        change.apply()
    assert sound == broken


def test_a_bus_that_is_disturbed_later_is_quiet_before() -> None:
    for seed in range(200):
        case = set_up(BMW, *list_stages(["can-comm-degraded"]), seed=seed)
        if case.onsets and not case.log_starts_s and case.world.bus.stall_every_s is None:
            break
    drive = run(BMW, case, seed=seed, duration_s=90.0)
    since_s = START_S + float(str(rows(drive, "faults")[0]["after_s"]))
    times = drive.frames.timestamp_s
    longest = [
        float(np.diff(part).max()) for part in (times[times < since_s], times[times >= since_s])
    ]

    assert len(times[times < since_s]) > 1_000
    assert longest[0] < longest[1] or drive.frames.flags.any()


def test_of_two_doors_that_give_trouble_both_are_tried() -> None:
    tried = 0
    for seed in range(8):
        drive = simulate(BMW, ["latch-jammed", "door-harness-open"], seed=seed, duration_s=70.0)
        doors = [set(map(str, row["doors"])) for row in rows(drive, "faults")]  # type: ignore[call-overload]
        assert doors[0].isdisjoint(doors[1])
        if "live" in str(circumstances(drive)["story"]):
            continue
        tried += 1
        pulled = " ".join(str(row["text"]) for row in rows(drive, "sights"))
        for door in set.union(*doors):
            assert f"the {door} door" in pulled
    assert tried >= 4


def test_two_puzzles_have_both_their_stories() -> None:
    case = set_up(BMW, *list_stages(["inhibit-power-state", "handle-request-switch-fault"]), seed=1)
    assert [act.story.__name__ for act in case.acts] == ["leave_ignition_on", "use_handle_button"]
    drive = run(BMW, case, seed=1, duration_s=60.0)

    layout = compile_layout(BMW.vehicle, BMW.databases.signal)
    samples = Decoder(BMW.vehicle, layout).decode(drive.frames).samples
    assert {"on", "acc"} & {sample.value for sample in samples if sample.role == "power.state"}
    assert {"power"} & {row["reason"] for row in rows(drive, "refusals")}
    assert len(rows(drive, "faults")) == 2


def test_a_healthy_code_beside_a_fault_is_left_out() -> None:
    drive = simulate(BMW, ["no-fault", "latch-jammed"], seed=1)

    assert [row["code"] for row in rows(drive, "faults")] == ["latch-jammed"]


def test_stories_that_are_alike_are_told_once() -> None:
    def tell(_: Scene) -> Process[None]:
        yield 1.0

    assert take_turns([Act(DOORS[0], tell)] * 2) is tell
    assert take_turns([Act(DOORS[0], tell), Act(DOORS[1], tell)]) is not tell
