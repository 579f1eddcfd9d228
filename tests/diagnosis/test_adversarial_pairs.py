"""Pairs that look alike: a fault, and what is none (DOMAIN 7). From the bus to the verdict."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from detection.detection_builders import (
    DOORS,
    START_S,
    Story,
    a_plain_vehicle,
    a_vehicle,
    entry,
    name_of,
    slowed,
)

from canlock.diagnosis.diagnose import diagnose
from canlock.model.faults import LAYER_OF, NOT_FAULTS
from canlock.model.stream import Gap
from canlock.model.vehicle import Timing, Vehicle
from canlock.model.verdict import Finding, Hypothesis
from canlock.pipeline.fitted import load_likelihoods

OTHERS = DOORS[1:]
OF_ONE_DOOR = (
    "door-harness-open",
    "actuator-motor-fault",
    "latch-jammed",
    "lock-feedback-sensor-fault",
)
LOCKS_BELIEVED = a_vehicle(
    without=["lock.status"], extra=[entry("lock.status", "BODY", *DOORS, feedback="belief")]
)


def verdict(story: Story) -> Finding:
    return diagnose(story.detect(), story.vehicle, load_likelihoods()).findings[0]


def hypotheses(story: Story) -> tuple[Hypothesis, ...]:
    return diagnose(story.detect(), story.vehicle, load_likelihoods()).hypotheses


def share(story: Story, *codes: str) -> float:
    return sum(one.probability for one in hypotheses(story) if one.fault in codes)


def blame(story: Story) -> float:
    """Return the probability that any part of the car is at fault."""
    return sum(one.probability for one in hypotheses(story) if one.fault not in NOT_FAULTS)


def cycles(story: Story, count: int, *, dead: tuple[str, ...] = (), from_s: float = 5.0) -> Story:
    """Unlocks and locks in turn; who is dead is moved by hand between, so that each time counts."""
    for number in range(count):
        action = "lock" if number % 2 else "unlock"
        at_s = from_s + 10.0 * number
        story.cycle(at_s, action, dead=dead).flash(at_s + 0.125, 1 if number % 2 else 2)
        for door in dead:
            story.answer(at_s + 5.0, "locked" if number % 2 else "unlocked", door)
    return story


def a_long_story(vehicle: Vehicle | None = None) -> Story:
    return Story(slowed(vehicle or a_vehicle()), until_s=130.0)


# Belief and measurement


def test_a_belief_that_follows_every_order_clears_no_lock() -> None:
    believed = a_long_story(LOCKS_BELIEVED)
    for number in range(8):
        action = "lock" if number % 2 else "unlock"
        believed.press(5.0 + 10.0 * number, action).order(5.0625 + 10.0 * number, action)
        believed.say(5.25 + 10.0 * number, "lock.status", f"{action}ed")
    measured = cycles(a_long_story(), 8)
    electrical = ("door-harness-open", "actuator-motor-fault", "lock-power-feed-open")

    assert share(believed, *electrical) > 2.0 * share(measured, *electrical)


def test_a_belief_that_does_not_follow_is_no_dead_lock() -> None:
    story = a_long_story(LOCKS_BELIEVED)
    for number in range(8):
        action = "lock" if number % 2 else "unlock"
        story.press(5.0 + 10.0 * number, action).order(5.0625 + 10.0 * number, action)

    assert verdict(story).fault in NOT_FAULTS


# Lost frames and missing answers


def test_a_door_whose_frames_the_logger_lost_is_not_dead() -> None:
    lost, dead = a_long_story(), cycles(a_long_story(), 8, dead=("driver",))
    cycles(lost, 8)
    for number in range(8):
        at_s = 5.0 + 10.0 * number
        lost.lose(at_s, at_s + 6.0, name_of("driver"))
    assert blame(dead) > 0.5

    assert verdict(lost).fault in NOT_FAULTS
    assert share(lost, *OF_ONE_DOOR) < 0.3 * share(dead, *OF_ONE_DOOR)


def test_answers_in_gaps_that_the_adapter_told_of_are_not_missing() -> None:
    story = a_long_story()
    for number in range(8):
        at_s = 5.0 + 10.0 * number
        story.press(at_s, "unlock").lose(at_s + 0.02, at_s + 2.5)
        story.side.append(Gap(START_S + at_s + 0.02, START_S + at_s + 2.5, "overflow"))

    assert verdict(story).fault in NOT_FAULTS
    assert share(story, "bcm-no-command") < 0.05


def test_answers_in_gaps_that_nobody_told_of_are_not_missing_either() -> None:
    story = a_long_story()
    for number in range(8):
        at_s = 5.0 + 10.0 * number
        story.press(at_s, "unlock").lose(at_s + 0.02, at_s + 2.5)

    assert verdict(story).fault in NOT_FAULTS
    assert share(story, "bcm-no-command") < 0.05


def test_a_log_that_was_cut_off_claims_no_more_than_it_shows() -> None:
    whole = cycles(a_long_story(), 8, dead=("driver",))
    for number in range(8):
        whole.mark(5.5 + 10.0 * number, "press-fob-unlock" if number % 2 == 0 else "press-fob-lock")
    cut = replace(whole, until_s=9.0)

    assert blame(whole) > 0.5
    assert verdict(cut).fault == "insufficient-evidence"
    assert share(cut, "fob-battery-low", "rf-interference") < 0.1


# Automatic and spurious


def relocking(*delays_s: float) -> Story:
    vehicle = slowed(a_vehicle(timing=Timing(auto_relock=30.0)))
    story = Story(vehicle, until_s=280.0)
    for number, delay_s in enumerate(delays_s):
        at_s = 5.0 + 90.0 * number
        story.cycle(at_s, "unlock").order(at_s + 0.0625 + delay_s, "lock")
        for door in DOORS:
            story.answer(at_s + 0.3125 + delay_s, "locked", door)
    return story


def test_a_lock_by_the_relock_timer_is_no_glitch() -> None:
    by_timer, by_nobody = relocking(30.0, 30.0, 30.0), relocking(41.0, 18.0, 55.0)

    assert share(by_timer, "bcm-command-glitch") < 0.05
    assert share(by_nobody, "bcm-command-glitch") > 1.5 * share(by_timer, "bcm-command-glitch")
    assert verdict(by_timer).fault == "no-fault"
    assert verdict(by_nobody).fault != "no-fault"


def test_a_timer_that_no_vehicle_file_tells_of_is_no_glitch_either() -> None:
    unknown, by_nobody = relocking(41.0, 41.0, 41.0), relocking(41.0, 18.0, 55.0)

    assert verdict(unknown).fault in NOT_FAULTS
    assert share(unknown, "bcm-command-glitch") < 0.7 * share(by_nobody, "bcm-command-glitch")


def a_selective_vehicle() -> Vehicle:
    orders = [
        entry("command.lock", "ORDERS", "driver", kind="event", first_is_event=True),
        entry("command.lock", "ORDERS", *OTHERS, kind="event", first_is_event=True),
    ]
    return a_vehicle(without=["command.lock"], extra=orders)


def test_a_first_press_for_the_driver_only_is_no_three_dead_doors() -> None:
    vehicle = slowed(a_selective_vehicle())
    selective, broken = Story(vehicle, until_s=130.0), Story(vehicle, until_s=130.0)
    for number in range(6):
        at_s = 5.0 + 20.0 * number
        for story in (selective, broken):
            story.press(at_s, "unlock").order(at_s + 0.0625, "unlock", "driver")
            story.answer(at_s + 0.25, "unlocked", "driver")
            story.press(at_s + 10.0, "lock").order(at_s + 10.0625, "lock")
            story.answer(at_s + 10.25, "locked", "driver")
        broken.order(at_s + 0.0625, "unlock", *OTHERS)

    assert verdict(selective).fault in NOT_FAULTS
    assert verdict(broken).fault not in NOT_FAULTS
    for fault in ("bcm-output-driver-fault", "lock-power-feed-open", "door-harness-short"):
        assert share(selective, fault) < 0.05, fault
    assert share(broken, "bcm-output-driver-fault") > 0.5


# Refused and not ordered


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(("door.ajar", "open"), id="door open"),
        pytest.param(("power.state", "on"), id="ignition on"),
        pytest.param(("key.inside", "yes"), id="key inside"),
        pytest.param(("vehicle.speed", 30.0), id="driving"),
        pytest.param(("command.inhibit", "count"), id="the BCM says so"),
    ],
)
def test_what_the_bcm_refuses_for_a_reason_it_does_not_fail_to_order(
    reason: tuple[str, str | float],
) -> None:
    refused, ignored = a_long_story(), a_long_story()
    role, value = reason
    if role != "command.inhibit":
        refused.say(1.0, role, value)
    for number in range(10):
        at_s = 5.0 + 12.0 * number
        for story in (refused, ignored):
            story.press(at_s, "lock")
        if role == "command.inhibit":
            refused.say(at_s + 0.125, role, value).say(at_s + 2.0, role, "no")

    assert share(ignored, "bcm-no-command") > 0.5
    assert share(refused, "bcm-no-command") < 0.5 * share(ignored, "bcm-no-command")
    assert verdict(refused).fault in NOT_FAULTS


# Lamps


def test_hazard_lamps_are_no_answer_of_the_bcm() -> None:
    hazard, answered = (
        Story(a_plain_vehicle(), until_s=70.0),
        Story(a_plain_vehicle(), until_s=70.0),
    )
    hazard.flash(2.0, 85)
    for number in range(4):
        at_s = 10.0 + 12.0 * number
        for story in (hazard, answered):
            story.mark(at_s + 0.5, "press-fob-unlock")
        answered.flash(at_s, 2)

    assert share(hazard, "fob-battery-low") == pytest.approx(
        share(Story(a_plain_vehicle(), until_s=70.0).flash(2.0, 85), "fob-battery-low"), abs=0.02
    )
    assert [operation.flashes for operation in hazard.operations()] == [0, 0, 0, 0]
    assert [operation.flashes for operation in answered.operations()] == [2, 2, 2, 2]


def test_lamps_that_stay_dark_after_every_press_are_a_reaction_that_is_missing() -> None:
    story = Story(a_plain_vehicle(), until_s=130.0)
    for number in range(6):
        story.mark(10.0 + 15.0 * number, "press-fob-unlock")

    by_radio = ("fob-battery-low", "fob-desync-or-unregistered", "rf-interference")
    assert share(story, *by_radio) > 5.0 * share(Story(a_plain_vehicle()).flash(5.0), *by_radio)


# People


def test_feeling_whether_the_car_is_locked_is_no_complaint() -> None:
    story = cycles(a_long_story(), 8)
    for number in (1, 3, 5, 7):
        story.pull(5.0 + 10.0 * number + 2.0, "driver")

    plain = cycles(a_long_story(), 8)

    assert verdict(story).fault == "no-fault"
    assert blame(story) < blame(plain) + 0.1


def test_a_child_that_pulls_a_rear_handle_is_no_jam() -> None:
    story = cycles(a_long_story(), 3)
    for number in range(10):
        story.pull(30.0 + 5.0 * number, "rear-right", "inner")

    assert LAYER_OF[verdict(story).fault] == "none"


def test_pressing_a_window_button_that_is_up_already_is_no_broken_harness() -> None:
    story = cycles(a_long_story(), 6).say(0.0, "power.state", "on")
    for number in range(6):
        story.say(70.0 + 5.0 * number, "window.switch", "up", "driver")
        story.say(71.0 + 5.0 * number, "window.switch", "none", "driver")

    assert verdict(story).fault == "no-fault"


def test_a_lock_and_an_unlock_two_seconds_apart_are_no_lock_that_falls_back() -> None:
    story = Story(a_plain_vehicle(), until_s=130.0)
    for number in range(6):
        at_s = 5.0 + 15.0 * number
        story.answer(at_s + 0.25, "unlocked", "driver").flash(at_s, 2)
        story.say(at_s + 0.25, "lock.status", "unlocked", *OTHERS)
        story.answer(at_s + 2.25, "locked", "driver").flash(at_s + 2.125)
        story.say(at_s + 2.25, "lock.status", "locked", *OTHERS)

    assert verdict(story).fault in NOT_FAULTS
    assert share(story, "actuator-degrading", "bcm-command-glitch") < 0.1


def test_knobs_that_are_pressed_by_hand_are_no_dead_doors() -> None:
    story = a_long_story(a_vehicle(without=["command.lock", "command.requestor", "ack.flasher"]))
    for number in range(6):
        story.answer(5.0 + 12.0 * number, "unlocked" if number % 2 == 0 else "locked", "passenger")

    assert verdict(story).fault == "insufficient-evidence"
    assert max(one.probability for one in hypotheses(story) if one.fault not in NOT_FAULTS) < 0.2


def test_presses_after_the_recording_was_stopped_accuse_no_fob() -> None:
    story = cycles(Story(until_s=40.0), 3)
    for number in range(5):
        story.mark(41.0 + 1.5 * number, "press-fob-unlock")

    by_radio = ("fob-battery-low", "rf-interference", "fob-desync-or-unregistered")
    before = share(cycles(Story(until_s=40.0), 3), *by_radio)
    assert share(story, *by_radio) == pytest.approx(before, abs=0.02)
    assert verdict(story).fault in NOT_FAULTS


# Less to see is never more to say

BROKEN = {
    "dead door": cycles(a_long_story(), 8, dead=("driver",)),
    "dead door and window": cycles(a_long_story(), 8, dead=("driver",)).mark(
        100.0, "window-dead", "driver"
    ),
    "all doors dead": cycles(a_long_story(), 4, dead=DOORS),
    "healthy": cycles(a_long_story(), 8),
    "healthy, complaint": cycles(a_long_story(), 3).mark(50.0, "not-opened", "driver"),
}
REMOVABLE = [
    "request.fob",
    "request.interior",
    "command.requestor",
    "command.lock",
    "command.inhibit",
    "ack.flasher",
    "power.state",
    "supply.voltage",
    "door.ajar",
    "handle.outer",
    "window.moving",
    "lock.status",
]


@cache
def full_verdict(name: str) -> Finding:
    return verdict(BROKEN[name])


def without(story: Story, *roles: str) -> Story:
    """The same story as a car would show it that does not map some roles."""
    kept = [i for i, signal in enumerate(story.vehicle.signals) if signal.role not in roles]
    place = {old: new for new, old in enumerate(kept)}
    return replace(
        story,
        vehicle=replace(
            story.vehicle, signals=tuple(story.vehicle.signals[index] for index in kept)
        ),
        changes={place[i]: c for i, c in story.changes.items() if i in place},
        events=[(t, place[i], v) for t, i, v in story.events if i in place],
    )


@pytest.mark.parametrize("role", REMOVABLE)
@pytest.mark.parametrize("name", BROKEN)
def test_a_role_that_is_not_mapped_makes_no_verdict_finer(name: str, role: str) -> None:
    full, less = full_verdict(name), verdict(without(BROKEN[name], role))

    if less.fault not in NOT_FAULTS:
        assert less.fault in full.group
        assert less.doors == full.doors
        if less.is_confident:
            assert full.is_confident


@pytest.mark.parametrize("role", REMOVABLE)
def test_a_role_that_is_not_mapped_accuses_nothing_of_a_healthy_car(role: str) -> None:
    story = without(BROKEN["healthy"], role)
    diagnosis = diagnose(story.detect(), story.vehicle, load_likelihoods())
    sums: dict[str, float] = {}
    for one in diagnosis.hypotheses:
        sums[one.fault] = sums.get(one.fault, 0.0) + one.probability

    assert diagnosis.findings[0].fault in NOT_FAULTS
    assert max(sums[code] for code in sums if code not in NOT_FAULTS) < sums["no-fault"]
