"""What presses are observed as: received and obeyed, or not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import DOORS, START_S, a_vehicle

from canlock.diagnosis.observing.everything import observe
from canlock.model.operations import Circumstance, Command, Operation
from canlock.model.vehicle import Timing
from diagnosis.diagnosis_builders import (
    CALM,
    a_mark,
    a_press,
    an_operation,
    detected,
    kinds,
    of,
)

OPEN = replace(CALM, ajar_doors=("driver",))
LIMIT = Timing().operation_limit


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

    told = [outcome for kind, outcome, _ in found if kind in ("request", "reaction")]
    assert "unheard" not in told
    assert "none" not in told


@pytest.mark.parametrize(
    ("marks", "kind"),
    [
        ([], "request"),
        ([a_mark(5.0, "near-car", None)], "request.near"),
        ([a_mark(5.0, "near-car", None), a_mark(6.0, "far-from-car", None)], "request"),
        ([a_mark(15.0, "near-car", None)], "request"),
        ([a_mark(5.0, "moved-car", None)], "request.away"),
        ([a_mark(5.0, "moved-car", None), a_mark(6.0, "near-car", None)], "request.away"),
        ([a_mark(15.0, "moved-car", None)], "request"),
    ],
)
def test_where_the_person_stood_is_part_of_it(marks: list[object], kind: str) -> None:
    press = a_press(10.0, is_seen=False, mark="press-fob-unlock")

    assert of(kind, press, marks=marks) == [("unheard", None)]


def test_the_spare_fob_is_another_fob() -> None:
    press = a_press(10.0, is_seen=False, mark="press-spare-fob-unlock")

    assert of("request.spare", press) == [("unheard", None)]
    assert of("request", press) == []


@pytest.mark.parametrize(
    ("role", "suffix", "door"),
    [("request.handle", ".handle", "driver"), ("request.interior", ".interior", None)],
)
def test_a_switch_that_was_marked_is_observed_apart_from_the_fob(
    role: str, suffix: str, door: str | None
) -> None:
    press = a_press(10.0, is_seen=False, mark="press", role=role)
    assert press.request is not None
    press = replace(press, request=replace(press.request, door="driver"))
    deaf = replace(press, can_see_request=False)

    assert of(f"request{suffix}", press) == [("unheard", door)]
    assert of(f"reaction{suffix}", deaf) == [("none", door)]
    assert of("request", press) == of("reaction", deaf) == []


def test_a_key_that_is_turned_by_hand_tells_nothing_of_switches_or_radio() -> None:
    press = a_press(10.0, is_seen=False, mark="turn-key-unlock", role="request.cylinder")

    assert kinds(detected([replace(press, circumstance=Circumstance())])) == []


def test_a_request_that_was_received_needs_no_reaction() -> None:
    press = a_press(10.0, mark="press-fob-unlock", can_see_request=False)

    assert of("reaction", press) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"can_see_command": False}, id="could not be seen"),
        pytest.param({"is_gapped": True}, id="in a gap"),
        pytest.param({"is_closed": False}, id="its window is open"),
        pytest.param({"circumstance": replace(CALM, power="on")}, id="told as a refusal"),
    ],
)
def test_a_reaction_is_not_missing_where(change: dict[str, object]) -> None:
    press = a_press(10.0, is_seen=False, mark="press-fob-unlock", can_see_request=False)
    assert of("reaction", press) == [("none", None)]

    assert of("reaction", replace(press, **change)) == []  # type: ignore[arg-type]


def test_where_requests_are_not_on_the_bus_the_reaction_counts() -> None:
    deaf = a_press(10.0, is_seen=False, mark="press-fob-unlock", can_see_request=False)
    flashed = replace(deaf, flashes=2, flashes_s=(START_S + 9.75, START_S + 10.5))

    assert of("reaction", deaf) == [("none", None)]
    assert of("reaction", flashed) == [("reacted", None)]
    assert of("delay", flashed) == [("prompt", None)]


def test_what_comes_long_after_a_mark_may_answer_another_press() -> None:
    deaf = a_press(10.0, is_seen=False, mark="press-fob-unlock", can_see_request=False)
    late = replace(deaf, flashes=2, flashes_s=(START_S + 11.0, START_S + 11.75))

    assert of("reaction", late) == []
    assert of("delay", late) == [("late", None)]


def test_a_counted_press_in_vain_counts_where_another_one_follows() -> None:
    first, second = (a_press(at_s, "pressed") for at_s in (10.0, 14.0))

    assert of("command", first) == []
    assert of("command", first, second) == [("absent", None), ("absent", None)]


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
        pytest.param({"inhibit": "key-inside", "outcome": "refused"}, id="for a reason"),
        pytest.param({"circumstance": replace(CALM, power="on")}, id="the ignition was on"),
        pytest.param({"circumstance": replace(CALM, power="acc")}, id="accessories were on"),
        pytest.param({"circumstance": replace(CALM, is_key_inserted=True)}, id="key inserted"),
        pytest.param({"circumstance": replace(CALM, is_key_inside=True)}, id="key inside"),
        pytest.param({"circumstance": replace(CALM, speed_kmh=5.0)}, id="the car moved"),
        pytest.param({"circumstance": replace(CALM, supply_v=8.9)}, id="too little voltage"),
    ],
)
def test_a_command_is_not_missing_where(change: dict[str, object]) -> None:
    press = replace(a_press(10.0), **change)  # type: ignore[arg-type]

    assert of("command", press) == []


@pytest.mark.parametrize(
    "circumstance",
    [
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


def counted(mark: str, **more: object) -> Operation:
    """A press of which only its count was seen, and what somebody marked."""
    return a_press(10.0, "pressed", mark=mark, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["lock", "unlock"])
def test_a_press_that_is_only_counted_goes_the_way_that_was_marked(way: str) -> None:
    (seen,) = [
        one
        for one in observe(detected([counted(f"press-fob-{way}")]), a_vehicle())
        if one.kind == "command"
    ]

    assert (seen.outcome, seen.direction) == ("absent", way)


@pytest.mark.parametrize(
    ("way", "refusals", "commands"),
    [("lock", [("door-open", None)], []), ("unlock", [], [("absent", None)])],
)
def test_an_open_door_allows_to_refuse_a_counted_press_to_lock_only(
    way: str, refusals: object, commands: object
) -> None:
    press = counted(f"press-fob-{way}", circumstance=OPEN)

    assert of("refusal", press) == refusals
    assert of("command", press) == commands


@pytest.mark.parametrize("way", ["unlock", "lock"])
def test_an_order_against_the_mark_of_a_counted_press_may_be_a_wrong_mark(way: str) -> None:
    operation = replace(
        counted(f"press-fob-{way}"), command=Command(START_S + 10.1, "unlock", DOORS)
    )

    assert of("origin", operation) == [("asked", None)]
    assert len(of("refusal", operation)) == (1 if way == "unlock" else 0)


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


def test_a_refusal_that_nothing_explains_is_the_answer_of_the_bcm() -> None:
    press = a_press(10.0, inhibit="yes")

    assert of("command", press) == [("refused", None)]
    assert of("refusal", press) == [("unsaid", None)]


def test_an_order_the_other_way_is_told_as_its_origin_and_not_as_obeyed() -> None:
    operation = an_operation(10.0, "unlock")
    operation = replace(operation, command=Command(START_S + 10.1, "lock", DOORS))

    assert of("command", operation) == of("refusal", operation) == []
    assert of("origin", operation) == [("reversed", None)]


@pytest.mark.parametrize(
    ("action", "ajar", "told"),
    [
        pytest.param("lock", None, [], id="a lock, and nobody knows of the doors"),
        pytest.param("lock", (), [("refused", None)], id="a lock, with all doors shut"),
        pytest.param("unlock", None, [("refused", None)], id="an unlock"),
    ],
)
def test_a_refused_lock_is_odd_only_where_the_doors_are_known_to_be_shut(
    action: str, ajar: tuple[str, ...] | None, told: list[object]
) -> None:
    press = a_press(10.0, action, inhibit="yes", circumstance=replace(CALM, ajar_doors=ajar))

    assert of("command", press) == told
