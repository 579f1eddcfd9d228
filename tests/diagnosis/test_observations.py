"""What operations, attempts and marks are observed as; what could not be seen is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import DOORS, START_S, a_plain_vehicle, a_vehicle

from canlock.model.operations import Command, Operation, Request
from canlock.model.vehicle import Timing
from diagnosis.diagnosis_builders import (
    CALM,
    a_mark,
    a_press,
    a_trial,
    an_access,
    an_operation,
    detected,
    kinds,
    with_supply,
)

SCOPE = ("scope", "all", None)


def of(kind: str, *operations: Operation, **more: object) -> list[tuple[str, str | None]]:
    """Return (outcome, door) of the observations of one kind."""
    found = kinds(detected(operations, **more))  # type: ignore[arg-type]
    return [(outcome, door) for name, outcome, door in found if name == kind]


def test_a_healthy_unlock_is_observed_link_by_link() -> None:
    assert set(kinds(detected([an_operation(10.0)]))) == {
        ("command", "given", None),
        ("dip", "steady", None),
        ("supply", "good", None),
        SCOPE,
        *(("response", "answered", door) for door in DOORS),
    }


# Requests


def test_a_marked_press_that_was_received_is_observed() -> None:
    assert of("request", an_operation(10.0, mark="press-fob-unlock")) == [("received", None)]


def test_a_press_that_nobody_marked_proves_no_radio() -> None:
    assert of("request", an_operation(10.0)) == []


def test_a_marked_press_that_was_not_received_is_observed() -> None:
    press = a_press(10.0, is_seen=False, mark="press-fob-unlock")

    assert of("request", press) == [("unheard", None)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"can_see_request": False, "can_see_command": False}, id="could not be seen"),
        pytest.param({"is_gapped": True}, id="in a gap"),
        pytest.param({"is_closed": False}, id="its window is open"),
        pytest.param({"flashes": 2}, id="the lamps answered"),
        pytest.param({"command": Command(START_S + 10.1, "unlock", DOORS)}, id="the BCM ordered"),
    ],
)
def test_a_press_is_not_unheard_where(change: dict[str, object]) -> None:
    press = a_press(10.0, is_seen=False, mark="press-fob-unlock")
    press = replace(press, **change)  # type: ignore[arg-type]

    found = kinds(detected([press]))

    assert [outcome for _, outcome, _ in found if outcome in ("unheard", "none")] == []


@pytest.mark.parametrize(
    ("marks", "kind"),
    [
        ([], "request"),
        ([a_mark(5.0, "near-car", None)], "request.near"),
        ([a_mark(5.0, "near-car", None), a_mark(6.0, "far-from-car", None)], "request"),
        ([a_mark(15.0, "near-car", None)], "request"),
    ],
)
def test_where_the_person_stood_is_part_of_it(marks: list[object], kind: str) -> None:
    press = a_press(10.0, is_seen=False, mark="press-fob-unlock")

    assert of(kind, press, marks=marks) == [("unheard", None)]


def test_the_spare_fob_is_another_fob() -> None:
    press = a_press(10.0, is_seen=False, mark="press-spare-fob-unlock")

    assert of("request.spare", press) == [("unheard", None)]
    assert of("request", press) == []


def test_where_requests_are_not_on_the_bus_the_reaction_counts() -> None:
    deaf = a_press(10.0, is_seen=False, mark="press-fob-unlock", can_see_request=False)
    flashed = replace(deaf, flashes=2)

    assert of("reaction", deaf) == [("none", None)]
    assert of("reaction", flashed) == [("reacted", None)]


# Commands


def test_a_request_without_a_command_is_observed() -> None:
    assert of("command", a_press(10.0)) == [("absent", None)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"can_see_command": False}, id="could not be seen"),
        pytest.param({"is_gapped": True}, id="in a gap"),
        pytest.param({"is_closed": False}, id="its window is open"),
        pytest.param({"flashes": 1}, id="the lamps answered"),
        pytest.param({"inhibit": "yes", "outcome": "refused"}, id="the BCM refused"),
        pytest.param({"inhibit": "key-inside", "outcome": "refused"}, id="for a reason"),
        pytest.param({"circumstance": replace(CALM, power="on")}, id="the ignition was on"),
        pytest.param({"circumstance": replace(CALM, power="acc")}, id="accessories were on"),
        pytest.param({"circumstance": replace(CALM, is_key_inserted=True)}, id="key inserted"),
        pytest.param({"circumstance": replace(CALM, is_key_inside=True)}, id="key inside"),
        pytest.param({"circumstance": replace(CALM, speed_kmh=5.0)}, id="the car moved"),
        pytest.param({"circumstance": replace(CALM, operations_in_20_s=8)}, id="motors rest"),
        pytest.param({"circumstance": replace(CALM, supply_v=8.9)}, id="too little voltage"),
    ],
)
def test_a_command_is_not_missing_where(change: dict[str, object]) -> None:
    press = replace(a_press(10.0), **change)  # type: ignore[arg-type]

    assert of("command", press) == []


@pytest.mark.parametrize(
    "circumstance",
    [
        replace(CALM, operations_in_20_s=7),
        replace(CALM, supply_v=9.1),
        replace(CALM, power=None, speed_kmh=None, supply_v=None, is_key_inside=None),
    ],
)
def test_a_command_is_missing_where_nothing_known_forbids_it(circumstance: object) -> None:
    assert of("command", a_press(10.0, circumstance=circumstance)) == [("absent", None)]  # type: ignore[arg-type]


def test_the_inside_button_works_with_the_ignition_on() -> None:
    press = a_press(10.0, role="request.interior", circumstance=replace(CALM, power="on"))

    assert of("command", press) == [("absent", None)]


def test_a_request_that_nobody_saw_received_says_nothing_of_the_bcm() -> None:
    press = a_press(10.0, is_seen=False, mark="press-fob-unlock", can_see_request=False)

    assert of("command", press) == []


def test_a_press_that_is_only_counted_may_have_been_for_the_trunk() -> None:
    assert of("command", a_press(10.0, "pressed")) == []


@pytest.mark.parametrize(("late_s", "outcome"), [(0.9, "given"), (1.1, "late")])
def test_a_command_is_late_after_a_second(late_s: float, outcome: str) -> None:
    assert of("command", an_operation(10.0, late_s=late_s)) == [(outcome, None)]


@pytest.mark.parametrize(("late_s", "outcome"), [(1.9, "given"), (2.1, "late")])
def test_a_car_whose_bcm_takes_its_time_is_late_later(late_s: float, outcome: str) -> None:
    vehicle = a_vehicle(timing=Timing(request_to_command=0.5))
    found = kinds(detected([an_operation(10.0, late_s=late_s)]), vehicle)
    assert ("command", outcome, None) in found


def test_a_command_that_is_known_from_its_echo_is_not_late() -> None:
    operation = an_operation(10.0, late_s=1.4)
    assert operation.command is not None
    operation = replace(operation, command=replace(operation.command, is_inferred=True))

    assert of("command", operation) == [("given", None)]


@pytest.mark.parametrize(("action", "kind"), [("lock", "command.barred"), ("unlock", "command")])
def test_an_open_door_bars_a_lock_only(action: str, kind: str) -> None:
    press = a_press(10.0, action, circumstance=replace(CALM, ajar_doors=("driver",)))

    assert of(kind, press) == [("absent", None)]


def test_a_refusal_because_of_an_open_door_is_observed_as_barred() -> None:
    press = a_press(
        10.0, "lock", circumstance=replace(CALM, ajar_doors=("driver",)), inhibit="door-open"
    )

    assert of("command.barred", press) == [("absent", None)]
    assert of("command", press) == []


# Orders of nobody


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        pytest.param(an_operation(10.0, is_asked=False), [("unexplained", None)], id="nobody"),
        pytest.param(
            an_operation(10.0, is_asked=False, cause="auto-lock"),
            [("explained", None)],
            id="reason",
        ),
        pytest.param(
            replace(an_operation(10.0, is_asked=False), is_gapped=True), [], id="asked in a gap"
        ),
        pytest.param(
            replace(
                an_operation(10.0, is_asked=False),
                command=Command(START_S + 10.0, "unlock", DOORS, "interior"),
            ),
            [("explained", None)],
            id="the BCM says who",
        ),
        pytest.param(
            replace(
                an_operation(10.0, is_asked=False),
                command=Command(START_S + 10.0, "unlock", DOORS, None, is_inferred=True),
            ),
            [],
            id="only believed",
        ),
    ],
)
def test_an_order_that_nobody_asked_for(operation: Operation, expected: object) -> None:
    assert of("cause", operation) == expected


def test_where_an_asking_is_not_on_the_bus_no_order_is_unexplained() -> None:
    vehicle = a_vehicle(without=["request.interior", "command.requestor"])
    found = detected([an_operation(10.0, is_asked=False)], vehicle=vehicle)

    assert "cause" not in {kind for kind, _, _ in kinds(found, vehicle)}


@pytest.mark.parametrize("is_inferred", [False, True])
def test_a_relock_is_observed_whether_ordered_or_believed(is_inferred: bool) -> None:
    operation = an_operation(40.0, "lock", is_asked=False, cause="auto-relock")
    operation = replace(
        operation, command=Command(START_S + 40.0, "lock", DOORS, None, is_inferred)
    )

    assert of("relock", operation) == [("seen", None)]


# Responses


def test_a_belief_is_never_observed() -> None:
    assert of("response", an_operation(10.0, feedback="belief")) == []


@pytest.mark.parametrize("state", ["unseen", "already"])
def test_a_door_that_shows_nothing_is_not_observed(state: str) -> None:
    operation = an_operation(10.0, states={"driver": state})  # type: ignore[dict-item]

    assert "driver" not in {door for _, door in of("response", operation)}


def test_a_door_is_not_silent_before_its_window_is_over() -> None:
    operation = replace(an_operation(10.0, states={"driver": "silent"}), is_closed=False)

    assert ("silent", "driver") not in of("response", operation)


def test_a_summary_that_fails_is_told_once_and_hides_no_other_door() -> None:
    operation = an_operation(
        10.0,
        states={"driver": "some-silent", "passenger": "some-silent", "rear-left": "silent"},
    )

    assert of("summary", operation) == [("some", None)]
    assert ("silent", "rear-left") in of("response", operation)


# Supply


@pytest.mark.parametrize(
    ("rest_v", "word"),
    [
        (11.5, "good"),
        (11.4, "low"),
        (10.0, "low"),
        (9.9, "very-low"),
    ],
)
def test_the_supply_at_rest_has_a_word(rest_v: float, word: str) -> None:
    assert of("supply", with_supply(an_operation(10.0), rest_v, 12.0)) == [(word, None)]


@pytest.mark.parametrize(("lowest_v", "word"), [(9.0, "steady"), (8.9, "deep")])
def test_the_supply_under_load_has_a_word(lowest_v: float, word: str) -> None:
    assert of("dip", with_supply(an_operation(10.0), 12.5, lowest_v)) == [(word, None)]


def test_the_supply_dips_for_the_locks_only_when_they_are_ordered() -> None:
    assert of("dip", with_supply(a_press(10.0), 12.5, 8.0)) == []


def test_a_supply_that_is_not_mapped_is_not_observed() -> None:
    operation = an_operation(10.0, circumstance=replace(CALM, supply_v=None, supply_min_v=None))

    assert of("supply", operation) == of("dip", operation) == []


# Scope


@pytest.mark.parametrize(
    ("doors", "outcome"), [(("driver",), "driver-only"), (("driver", "passenger"), "all")]
)
def test_whom_an_unlock_was_for_is_observed(doors: tuple[str, ...], outcome: str) -> None:
    assert of("scope", an_operation(10.0, doors=doors)) == [(outcome, None)]


def test_a_lock_has_no_scope() -> None:
    assert of("scope", an_operation(10.0, "lock", doors=("driver",))) == []


def test_flashes_alone_tell_no_scope() -> None:
    operation = replace(
        an_operation(10.0, doors=("driver",)),
        command=Command(START_S + 10.1, "unlock", ("driver",), None, is_inferred=True),
        responses=(),
    )

    assert of("scope", operation) == []


# Attempts


@pytest.mark.parametrize("result", ["opened", "not-opened"])
@pytest.mark.parametrize("handle", ["outer", "inner"])
def test_a_handle_of_an_unlocked_door_is_observed(handle: str, result: str) -> None:
    outcome = "opened" if result == "opened" else "stuck"
    found = of(f"{handle}.measured", accesses=[an_access(15.0, "driver", handle, result)])

    assert found == [(outcome, "driver")]


def test_an_attempt_whose_end_was_not_seen_is_nothing() -> None:
    assert kinds(detected(accesses=[an_access(15.0, result="unseen")])) == []


def test_a_door_that_simply_opens_is_nothing() -> None:
    assert kinds(detected(accesses=[an_access(15.0, "driver", "unknown", "opened")])) == []


@pytest.mark.parametrize("door", ["rear-left", "rear-right"])
def test_an_inside_handle_in_the_rear_may_have_a_child_lock(door: str) -> None:
    stuck = an_access(15.0, door, "inner", "not-opened")
    opened = an_access(15.0, door, "inner", "opened")

    assert kinds(detected(accesses=[stuck])) == []
    assert kinds(detected(accesses=[opened])) == [("inner.measured", "opened", door)]


@pytest.mark.parametrize("feedback", ["command", "belief", None])
def test_after_an_unlock_that_nobody_measured_a_stuck_door_may_be_locked(
    feedback: str | None,
) -> None:
    access = an_access(15.0, feedback=feedback)

    assert of("outer.ordered", an_operation(10.0), accesses=[access]) == [("stuck", "driver")]


def test_a_lock_shown_as_locked_after_its_unlock_is_put_to_the_test_by_the_handle() -> None:
    operation = an_operation(10.0, states={"driver": "silent"})
    for result, outcome in (("opened", "opened"), ("not-opened", "stuck")):
        access = an_access(15.0, result=result, lock="locked")
        assert of("outer.deaf", operation, accesses=[access]) == [(outcome, "driver")]


def test_a_locked_door_that_stays_shut_to_its_inside_handle_is_nothing() -> None:
    access = an_access(15.0, "driver", "inner", lock="locked")

    assert kinds(detected(accesses=[access])) == []


def test_who_asked_and_was_not_let_in_is_denied() -> None:
    access = an_access(15.0, lock="locked")

    assert of("denied", a_press(10.0), accesses=[access]) == [("stuck", "driver")]


@pytest.mark.parametrize(("after_s", "expected"), [(59.0, 1), (61.0, 0)])
def test_who_was_denied_says_so_within_a_minute(after_s: float, expected: int) -> None:
    access = an_access(10.0 + after_s, lock="locked")

    assert len(of("denied", a_press(10.0), accesses=[access])) == expected


def test_whom_the_lamps_answered_was_not_denied() -> None:
    press = replace(a_press(10.0), flashes=2)

    assert of("denied", press, accesses=[an_access(15.0, lock="locked")]) == []


def test_who_has_locked_and_feels_whether_it_is_locked_was_not_denied() -> None:
    operations = [an_operation(10.0), an_operation(20.0, "lock")]

    assert of("denied", *operations, accesses=[an_access(25.0, lock="locked")]) == []


@pytest.mark.parametrize("flashes", [0, 2])
def test_who_was_locked_out_again_by_the_car_itself_was_denied(flashes: int) -> None:
    operations = [
        replace(an_operation(10.0), flashes=flashes),
        an_operation(40.0, "lock", is_asked=False, cause="auto-relock"),
    ]

    found = of("denied", *operations, accesses=[an_access(45.0, lock="locked")])

    assert found == [("stuck", "driver")]


def test_a_locked_car_that_nobody_asked_to_open_denies_nobody() -> None:
    assert kinds(detected(accesses=[an_access(15.0, lock="locked")])) == []


# Marks


@pytest.mark.parametrize("result", ["moved", "dead"])
def test_a_window_is_observed(result: str) -> None:
    assert of("window", trials=[a_trial(15.0, result)]) == [(result, "driver")]


def test_a_window_that_nobody_saw_is_nothing() -> None:
    assert of("window", trials=[a_trial(15.0, "unseen")]) == []


@pytest.mark.parametrize("word", ["silence", "click", "hum", "whirr"])
def test_a_sound_belongs_to_the_order_before_it(word: str) -> None:
    mark = a_mark(11.0, f"heard-{word}")

    assert of("sound", an_operation(10.0), marks=[mark]) == [(word, "driver")]


@pytest.mark.parametrize(("after_s", "expected"), [(15.0, 1), (15.2, 0), (-0.8, 1), (-1.1, 0)])
def test_a_sound_long_after_an_order_is_no_sound_of_it(after_s: float, expected: int) -> None:
    mark = a_mark(10.1 + after_s, "heard-hum")

    assert len(of("sound", an_operation(10.0), marks=[mark])) == expected


def test_a_sound_of_a_door_that_was_not_ordered_is_nothing() -> None:
    mark = a_mark(11.0, "heard-silence", "passenger")

    assert of("sound", an_operation(10.0, doors=("driver",)), marks=[mark]) == []


@pytest.mark.parametrize("word", ["free", "stiff"])
def test_a_knob_is_observed(word: str) -> None:
    assert of("knob", marks=[a_mark(11.0, f"knob-{word}")]) == [(word, "driver")]


def test_a_mark_without_a_door_is_about_the_door_that_was_complained_of() -> None:
    mark = a_mark(20.0, "knob-stiff", None)

    assert of("knob", marks=[mark], accesses=[an_access(15.0, "passenger")]) == [
        ("stiff", "passenger")
    ]
    assert of("knob", marks=[mark]) == []


def test_a_mark_without_a_door_is_about_none_where_two_were_complained_of() -> None:
    accesses = [an_access(15.0, "passenger"), an_access(16.0, "driver")]

    assert of("knob", marks=[a_mark(20.0, "knob-stiff", None)], accesses=accesses) == []


def test_a_car_that_shows_little_is_observed_little() -> None:
    vehicle = a_plain_vehicle()
    request = Request(START_S + 10.0, "request.fob", "unlock", is_marked=True)
    operation = Operation(START_S + 10.0, START_S + 13.0, "unseen", request)

    assert kinds(detected([operation], vehicle=vehicle), vehicle) == []
