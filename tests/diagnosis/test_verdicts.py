"""Stories of broken and of healthy cars, as operations built by hand, and what is made of them."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import pytest
from detection.detection_builders import DOORS, a_vehicle

from canlock.detection.detector import Detected
from canlock.model.faults import LAYER_OF, NOT_FAULTS
from canlock.model.operations import Operation
from canlock.model.verdict import Finding
from diagnosis.diagnosis_builders import (
    CALM,
    a_mark,
    a_press,
    a_trial,
    an_access,
    an_operation,
    dead,
    detected,
    diagnosis_of,
    healthy,
    share,
    verdict,
    with_supply,
)


def assert_accuses(
    found: Detected, fault: str, door: str | None = None, *, alike: tuple[str, ...] = ()
) -> Finding:
    """The verdict is a fault, or one that looks like it, at that door, and it is in the group."""
    finding = verdict(found)
    told = [
        (one.fault, one.doors, round(one.probability, 3))
        for one in diagnosis_of(found).hypotheses[:5]
    ]
    assert finding.fault in (fault, *alike), told
    assert fault in finding.group, told
    assert finding.doors == (() if door is None else (door,)), told
    assert finding.layer == LAYER_OF[finding.fault]
    assert finding.fault in finding.group
    assert finding.evidence
    assert finding.advice.steps
    return finding


def assert_suspects(found: Detected, fault: str, *, alike: tuple[str, ...] = ()) -> None:
    """The fault is in the group, and nothing but what looks like it is accused."""
    finding = verdict(found)
    assert fault in finding.group, finding.group
    assert finding.fault in (fault, *alike) or finding.fault in NOT_FAULTS, finding.fault


def slow_and_weak(count: int) -> list[Operation]:
    """Every door slow, every time, while the supply falls."""
    slow = dict.fromkeys(DOORS, "slow")
    return [
        with_supply(an_operation(10.0 * n, "lock" if n % 2 else "unlock", states=slow), 10.5, 8.2)  # type: ignore[arg-type]
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("door", DOORS)
def test_a_dead_lock_and_a_dead_window_are_the_harness(door: str) -> None:
    found = detected(dead(door, 4), trials=[a_trial(60.0, "dead", door)])

    finding = assert_accuses(found, "door-harness-open", door)

    assert finding.layer == "wiring"
    assert share(found, "actuator-motor-fault") < 0.5 * share(found, "door-harness-open")


@pytest.mark.parametrize("door", DOORS)
def test_a_dead_lock_alone_names_the_door_and_all_that_look_alike(door: str) -> None:
    finding = assert_accuses(
        detected(dead(door, 8)),
        "door-harness-open",
        door,
        alike=("actuator-motor-fault", "latch-jammed", "lock-feedback-sensor-fault"),
    )

    assert "actuator-motor-fault" in finding.group
    assert not finding.is_confident


@pytest.mark.parametrize("door", DOORS)
def test_a_dead_door_among_others_that_answer_is_no_fault_of_the_whole_car(door: str) -> None:
    finding = verdict(detected(dead(door, 8), trials=[a_trial(100.0, "dead", door)]))

    assert {"lock-power-feed-open", "supply-undervoltage", "no-fault"}.isdisjoint(finding.group)


def test_silence_from_the_door_points_at_the_harness_too() -> None:
    marks = [a_mark(11.0, "heard-silence"), a_mark(21.0, "heard-silence")]
    with_silence = detected(dead("driver", 4), marks=marks)
    without = detected(dead("driver", 4))

    assert share(with_silence, "door-harness-open") > share(without, "door-harness-open")
    assert share(with_silence, "actuator-motor-fault") < share(without, "actuator-motor-fault")


def test_a_dead_lock_beside_a_working_window_and_a_free_knob_is_the_motor() -> None:
    found = detected(
        dead("driver", 8),
        trials=[a_trial(100.0, "moved")],
        marks=[a_mark(101.0, "knob-free"), a_mark(22.0, "heard-click")],
    )

    assert_accuses(
        found,
        "actuator-motor-fault",
        "driver",
        alike=("lock-feedback-sensor-fault", "latch-jammed"),
    )
    assert share(found, "door-harness-open") < 0.2 * share(found, "actuator-motor-fault")


def test_a_hum_and_a_stiff_knob_are_a_jam() -> None:
    found = detected(
        dead("driver", 8),
        marks=[
            a_mark(12.0, "heard-hum"),
            a_mark(22.0, "heard-hum"),
            a_mark(100.0, "knob-stiff"),
        ],
    )

    assert_accuses(found, "latch-jammed", "driver")


def test_an_unlocked_door_that_opens_only_from_inside_is_the_linkage() -> None:
    found = detected(
        healthy(4),
        accesses=[
            *(an_access(13.0 + 5.0 * n) for n in range(6)),
            an_access(75.0, "driver", "inner", "opened"),
            an_access(85.0, "driver", "inner", "opened"),
        ],
    )

    assert_accuses(found, "linkage-disconnected", "driver", alike=("latch-jammed",))


def test_an_inside_handle_that_fails_too_speaks_for_the_latch_and_not_for_the_linkage() -> None:
    outer = [an_access(13.0 + 5.0 * n) for n in range(3)]
    inner = [an_access(75.0 + 10.0 * n, "driver", "inner") for n in range(3)]
    one, both = detected(accesses=outer), detected(accesses=[*outer, *inner])

    assert share(both, "linkage-disconnected") < share(one, "linkage-disconnected")
    assert share(both, "latch-jammed") > share(one, "latch-jammed")
    assert not verdict(both).is_confident or verdict(both).fault != "linkage-disconnected"


@pytest.mark.parametrize("count", [2, 4])
def test_no_door_that_answers_with_a_good_battery_is_the_common_feed(count: int) -> None:
    silent = dict.fromkeys(DOORS, "silent")
    found = detected(
        an_operation(10.0 * n, "lock" if n % 2 else "unlock", states=silent)  # type: ignore[arg-type]
        for n in range(1, count + 1)
    )

    assert_accuses(found, "lock-power-feed-open", alike=("door-harness-short",))


def one_way(doors: tuple[str, ...], way: str, count: int = 8) -> list[Operation]:
    """Some doors never move one way; who stays behind is moved by hand between."""
    return [
        an_operation(
            10.0 * n,
            "lock" if n % 2 else "unlock",
            states=dict.fromkeys(doors, "silent") if (n % 2 == 1) is (way == "lock") else None,
        )
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("way", ["lock", "unlock"])
def test_all_other_doors_that_are_dead_one_way_are_an_output_of_the_bcm(way: str) -> None:
    finding = verdict(detected(one_way(DOORS[1:], way)))

    assert "bcm-output-driver-fault" in finding.group
    assert finding.fault == "bcm-output-driver-fault"
    assert finding.doors == DOORS[1:]
    assert finding.layer == "bcm"


@pytest.mark.parametrize("way", ["lock", "unlock"])
def test_all_doors_that_are_dead_one_way_may_be_an_output_of_the_bcm(way: str) -> None:
    found = detected(one_way(DOORS, way))

    assert_suspects(found, "bcm-output-driver-fault", alike=("lock-power-feed-open",))
    both_ways = detected([*one_way(DOORS, "lock"), *one_way(DOORS, "unlock")])
    assert share(found, "bcm-output-driver-fault") > 0.0
    assert verdict(both_ways).fault not in ("actuator-motor-fault", "door-harness-open", "no-fault")


def test_a_door_that_moves_with_the_others_is_no_part_of_a_dead_output() -> None:
    two = share(detected(one_way(DOORS[1:3], "unlock")), "bcm-output-driver-fault")
    three = share(detected(one_way(DOORS[1:], "unlock")), "bcm-output-driver-fault")

    assert three > 3.0 * two


def test_low_voltage_and_slow_doors_are_the_supply() -> None:
    assert_accuses(detected(slow_and_weak(4)), "supply-undervoltage")


def test_no_door_that_answers_with_a_flat_battery_is_not_the_feed() -> None:
    silent = dict.fromkeys(DOORS, "silent")
    found = detected(
        with_supply(an_operation(10.0 * n, states=silent), 8.5, 6.0)  # type: ignore[arg-type]
        for n in range(1, 5)
    )

    assert share(found, "supply-undervoltage") > share(found, "lock-power-feed-open")


def test_a_fob_that_is_heard_only_at_the_door_has_a_weak_cell() -> None:
    far = [a_press(10.0 * n, is_seen=False, mark="press-fob-unlock") for n in range(1, 7)]
    near = [
        an_operation(100.0 + 10.0 * n, "lock" if n % 2 else "unlock", mark="press-fob-unlock")
        for n in range(4)
    ]
    spare = [an_operation(200.0, mark="press-spare-fob-unlock")]
    found = detected(
        [*far, *near, *spare],
        marks=[a_mark(5.0, "far-from-car", None), a_mark(95.0, "near-car", None)],
    )

    assert_accuses(
        found, "fob-battery-low", alike=("rf-interference", "fob-desync-or-unregistered")
    )


def test_requests_that_the_bcm_received_and_never_ordered_are_the_bcm() -> None:
    found = detected(a_press(6.0 + 12.0 * n, "lock" if n % 2 else "unlock") for n in range(12))

    assert_accuses(found, "bcm-no-command")


def test_orders_that_nobody_asked_for_are_a_glitch() -> None:
    strange = [
        an_operation(100.0 + 10.0 * n, "lock" if n % 2 else "unlock", is_asked=False)
        for n in range(8)
    ]
    late = [an_operation(200.0 + 10.0 * n, late_s=1.4) for n in range(2)]

    found = detected([*healthy(1), *strange, *late])
    assert_suspects(found, "bcm-command-glitch", alike=("interior-lock-switch-fault",))
    assert share(found, "bcm-command-glitch") > 5.0 * share(
        detected(healthy(11)), "bcm-command-glitch"
    )
    assert verdict(found).fault != "no-fault"


RELOCKS = [
    an_operation(10.0),
    an_operation(40.0, "lock", is_asked=False, cause="auto-relock"),
    an_operation(60.0),
    an_operation(90.0, "lock", is_asked=False, cause="auto-relock"),
    an_operation(110.0),
    an_operation(120.0, "lock"),
]


def test_a_relock_that_somebody_complains_of_is_the_verdict() -> None:
    complaints = [an_access(s, lock="locked", is_marked=True) for s in (45.0, 95.0)]

    found = detected(RELOCKS, accesses=complaints)

    assert_suspects(found, "auto-relock")
    assert verdict(found).fault == "auto-relock"


def test_a_relock_that_nobody_complains_of_is_told_of_a_healthy_car() -> None:
    finding = verdict(detected(RELOCKS))

    assert finding.fault == "no-fault"
    assert "relock timer (2 times)" in finding.summary


SELECTIVE = [an_operation(10.0 + 20.0 * n, doors=("driver",)) for n in range(4)]


def test_a_selective_unlock_that_somebody_complains_of_is_suspected_and_nothing_is_accused() -> (
    None
):
    complaints = [
        an_access(14.0 + 20.0 * n, "passenger", lock="locked", is_marked=True) for n in range(3)
    ]

    found = detected(SELECTIVE, accesses=complaints)

    assert_suspects(found, "selective-unlock")
    assert share(found, "selective-unlock") > 3.0 * share(
        detected(healthy(4), accesses=complaints), "selective-unlock"
    )


def test_a_selective_unlock_that_nobody_complains_of_accuses_nothing() -> None:
    finding = verdict(detected(SELECTIVE))

    assert finding.fault in ("no-fault", "insufficient-evidence")
    assert finding.fault == "insufficient-evidence" or "driver's door only" in finding.summary


def test_a_selective_unlock_does_not_keep_the_driver_out() -> None:
    complaints = [
        an_access(14.0 + 20.0 * n, "driver", lock="locked", is_marked=True) for n in range(3)
    ]

    assert verdict(detected(SELECTIVE, accesses=complaints)).fault != "selective-unlock"


def test_a_battery_that_is_low_at_every_command_is_not_called_healthy() -> None:
    weak = [with_supply(operation, 10.8, 8.4) for operation in healthy(8)]

    assert verdict(detected(weak)).fault != "no-fault"


def test_a_battery_that_was_low_once_leaves_the_car_healthy() -> None:
    operations = healthy(8)
    operations[3] = with_supply(operations[3], 11.2, 10.9)

    assert verdict(detected(operations)).fault == "no-fault"


def test_locks_that_are_refused_while_a_door_is_open_are_by_design() -> None:
    open_door = replace(CALM, ajar_doors=("rear-left",))
    found = detected(
        a_press(10.0 * n, "lock", circumstance=open_door, inhibit="door-open") for n in range(1, 9)
    )

    assert_suspects(found, "inhibit-door-open")
    for fault in ("door-harness-open", "actuator-motor-fault", "bcm-no-command"):
        assert share(found, fault) < share(found, "inhibit-door-open"), fault


def test_a_lock_that_is_shown_as_locked_and_opens_has_a_wrong_sensor() -> None:
    accesses = [
        an_access(15.0 + 10.0 * n, "driver", "outer", "opened", lock="locked") for n in range(6)
    ]

    found = detected(dead("driver", 6), accesses=accesses)

    assert_accuses(found, "lock-feedback-sensor-fault", "driver")
    assert share(found, "lock-feedback-sensor-fault") > share(
        detected(dead("driver", 6)), "lock-feedback-sensor-fault"
    )


def test_a_door_that_answers_now_and_then_is_never_called_healthy() -> None:
    operations = [
        an_operation(10.0 * n, states={"driver": "silent"} if n % 3 == 0 else None)
        for n in range(1, 16)
    ]

    assert verdict(detected(operations)).fault != "no-fault"


def test_a_failing_door_is_found_among_many_healthy_commands_of_the_others() -> None:
    found = detected(dead("passenger", 10), trials=[a_trial(200.0, "dead", "passenger")])

    assert_accuses(found, "door-harness-open", "passenger")


@pytest.mark.parametrize("is_verified", [True, False])
def test_the_bits_of_a_verdict_add_up_to_its_odds(is_verified: bool) -> None:
    vehicle = a_vehicle(is_verified=is_verified)
    stories = [
        detected(healthy(4)),
        detected(slow_and_weak(4)),
        detected(dead("driver", 9)),
        detected(one_way(DOORS[1:], "unlock")),
        detected(RELOCKS, accesses=[an_access(45.0, lock="locked", is_marked=True)]),
    ]
    checked = 0
    for found in stories:
        finding = verdict(found, vehicle)
        if finding.fault != "insufficient-evidence" and finding.probability < 1.0 - 1e-9:
            odds = finding.probability / (1.0 - finding.probability)
            bits = sum(piece.bits for piece in finding.evidence)
            assert bits == pytest.approx(log2(odds), abs=1e-6)
            checked += 1
    assert checked >= 2


def test_a_test_that_was_made_is_not_proposed_again() -> None:
    before = diagnosis_of(detected(dead("driver", 4)))
    assert any(test.id == "window-switch" for test in before.next_tests + before.further_tests)

    after = diagnosis_of(detected(dead("driver", 4), trials=[a_trial(60.0, "moved")]))

    assert not any(test.id == "window-switch" for test in after.next_tests + after.further_tests)
