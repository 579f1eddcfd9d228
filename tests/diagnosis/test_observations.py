"""What operations, attempts and marks are observed as; what could not be seen is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import DOORS, START_S, a_plain_vehicle, a_vehicle

from canlock.detection.causes import REPULSION_S
from canlock.diagnosis.observation import HEALTHY
from canlock.diagnosis.observing.circumstances import BUSY_OPERATIONS, BUSY_S, DIP_V, REST_S
from canlock.diagnosis.observing.everything import observe
from canlock.diagnosis.observing.responses import MOVED_S
from canlock.diagnosis.observing.states import GOOD_SUPPLY_V, LOW_SUPPLY_V
from canlock.model.operations import Circumstance, Command, Operation, Request
from canlock.model.vehicle import Timing
from diagnosis.diagnosis_builders import (
    CALM,
    a_mark,
    a_press,
    a_state,
    a_trial,
    an_access,
    an_event,
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
    assert sorted(kinds(detected([an_operation(10.0)])), key=str) == sorted(
        [
            ("air", "mild", None),
            ("command", "given", None),
            ("dip", "steady", None),
            ("origin", "asked", None),
            ("refusal", "none", None),
            ("repeat", "once", None),
            ("supply", "good", None),
            SCOPE,
            *(("response", "answered", door) for door in DOORS),
            *(("pace", "even", door) for door in DOORS),
        ],
        key=str,
    )


def test_observations_come_in_time_order_and_in_the_fixed_alphabet() -> None:
    operations = [an_operation(10.0, "lock"), an_operation(30.0, states={"driver": "silent"})]
    found = detected(
        operations,
        accesses=[an_access(35.0, is_marked=True)],
        trials=[a_trial(5.0, "dead")],
        marks=[a_mark(31.0, "heard-hum"), a_mark(2.0, "knob-stiff")],
    )

    seen = observe(found, a_vehicle())

    times = [one.at_s for one in seen]
    assert times == sorted(times)
    assert all(one.outcome in HEALTHY[one.kind] for one in seen)
    assert {"response", "outer.measured", "window", "sound", "knob"} <= {one.kind for one in seen}


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


def test_a_refusal_that_nothing_explains_is_the_answer_of_the_bcm() -> None:
    press = a_press(10.0, inhibit="yes")

    assert of("command", press) == [("refused", None)]
    assert of("refusal", press) == [("unsaid", None)]


def test_an_order_the_other_way_is_told_as_its_origin_and_not_as_obeyed() -> None:
    operation = an_operation(10.0, "unlock")
    operation = replace(operation, command=Command(START_S + 10.1, "lock", DOORS))

    assert of("command", operation) == of("refusal", operation) == []
    assert of("origin", operation) == [("reversed", None)]


# Refusals


OPEN = replace(CALM, ajar_doors=("driver",))


@pytest.mark.parametrize(
    ("action", "kind", "outcome"),
    [("lock", "refusal", "door-open"), ("unlock", "command", "absent")],
)
def test_an_open_door_allows_to_refuse_a_lock_only(action: str, kind: str, outcome: str) -> None:
    press = a_press(10.0, action, circumstance=OPEN)

    assert of(kind, press) == [(outcome, None)]
    other = "command" if kind == "refusal" else "refusal"
    assert of(other, press) == []


def test_a_refusal_because_of_an_open_door_is_no_disobedience() -> None:
    press = a_press(10.0, "lock", circumstance=OPEN, inhibit="door-open")

    assert of("refusal", press) == [("door-open", None)]
    assert of("command", press) == []


REASONS = [
    pytest.param({"is_key_inside": True}, "key-inside", id="key inside"),
    pytest.param({"is_key_inserted": True}, "power", id="key inserted"),
    pytest.param({"power": "acc"}, "power", id="accessories on"),
    pytest.param({"speed_kmh": 5.0}, "power", id="the car moved"),
    pytest.param({"supply_v": 8.9}, "low-voltage", id="too little voltage"),
    pytest.param({"operations_in_20_s": 8}, "count", id="motors rest"),
]


@pytest.mark.parametrize(("change", "reason"), REASONS)
def test_what_was_left_undone_is_told_with_what_is_known_to_allow_that(
    change: dict[str, object], reason: str
) -> None:
    known = replace(CALM, **change)  # type: ignore[arg-type]

    assert of("refusal", a_press(10.0, circumstance=known)) == [(reason, None)]


@pytest.mark.parametrize(("change", "reason"), REASONS)
def test_what_was_done_in_spite_of_a_reason_was_not_refused(
    change: dict[str, object], reason: str
) -> None:
    known = replace(CALM, **change)  # type: ignore[arg-type]
    found = of("refusal", an_operation(10.0, circumstance=known))

    assert found == [("none", None)]
    assert (reason, None) not in found


@pytest.mark.parametrize(
    ("inhibit", "outcome"),
    [
        ("key-inside", "key-inside"),
        ("low-voltage", "low-voltage"),
        ("count", "count"),
        ("yes", "door-open"),
    ],
)
def test_the_word_of_the_bcm_goes_before_what_is_known_besides(inhibit: str, outcome: str) -> None:
    press = a_press(10.0, "lock", circumstance=OPEN, inhibit=inhibit)

    assert of("refusal", press) == [(outcome, None)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"can_see_command": False}, id="an order could not be seen"),
        pytest.param({"is_gapped": True}, id="in a gap"),
        pytest.param({"is_closed": False}, id="its window is open"),
        pytest.param({"flashes": 1}, id="the lamps answered"),
    ],
)
def test_nothing_was_refused_where(change: dict[str, object]) -> None:
    press = a_press(10.0, "lock", circumstance=OPEN)
    assert of("refusal", press) == [("door-open", None)]

    assert of("refusal", replace(press, **change)) == []  # type: ignore[arg-type]


def test_a_press_that_was_not_even_received_was_not_refused() -> None:
    press = a_press(10.0, "lock", is_seen=False, mark="press-fob-lock", circumstance=OPEN)

    assert of("refusal", press) == []
    assert of("request", press) == [("unheard", None)]


def test_who_marks_a_press_that_was_left_undone_says_so_where_no_frame_does() -> None:
    press = a_press(
        10.0,
        "lock",
        is_seen=False,
        mark="press-fob-lock",
        circumstance=OPEN,
        can_see_request=False,
    )

    (seen,) = [o for o in observe(detected([press]), a_vehicle()) if o.kind == "refusal"]

    assert (seen.outcome, seen.is_marked) == ("door-open", True)


@pytest.mark.parametrize(("after_s", "word"), [(REST_S - 1.0, "count"), (REST_S + 1.0, None)])
def test_locks_rest_for_a_while_after_many_operations(after_s: float, word: str | None) -> None:
    busy = an_operation(10.0, circumstance=replace(CALM, operations_in_20_s=8))
    press = a_press(10.0 + after_s)

    found = [outcome for outcome, _ in of("refusal", busy, press)]

    assert found == ["none"] + ([word] if word else [])
    assert of("command", busy, press)[1:] == ([] if word else [("absent", None)])


def test_a_vehicle_knows_its_own_limit_of_operations() -> None:
    vehicle = a_vehicle(timing=Timing(operation_limit=3))
    press = a_press(10.0, circumstance=replace(CALM, operations_in_20_s=3))

    assert ("refusal", "count", None) in kinds(detected([press]), vehicle)
    assert ("command", "absent", None) in kinds(detected([press]))


# Repeats


@pytest.mark.parametrize(("repeats", "outcome"), [(0, "once"), (1, "again"), (3, "again")])
def test_an_order_that_the_bcm_repeats_by_itself_is_observed(repeats: int, outcome: str) -> None:
    operation = replace(
        an_operation(10.0), command=Command(START_S + 10.1, "unlock", DOORS, repeats=repeats)
    )

    assert of("repeat", operation) == [(outcome, None)]


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(replace(an_operation(10.0), is_closed=False), id="its window is open"),
        pytest.param(
            replace(
                an_operation(10.0),
                command=Command(START_S + 10.1, "unlock", DOORS, is_inferred=True),
            ),
            id="only an echo",
        ),
        pytest.param(a_press(10.0), id="no order"),
    ],
)
def test_no_repeat_is_observed_where(operation: Operation) -> None:
    assert of("repeat", operation) == []


# Origins


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        pytest.param(an_operation(10.0), [("asked", None)], id="somebody"),
        pytest.param(an_operation(10.0, is_asked=False), [("unexplained", None)], id="nobody"),
        pytest.param(
            an_operation(10.0, is_asked=False, cause="auto-lock"),
            [("automatic", None)],
            id="by itself",
        ),
        pytest.param(
            an_operation(10.0, is_asked=False, cause="crash"), [("automatic", None)], id="crash"
        ),
        pytest.param(
            an_operation(10.0, is_asked=False, cause="repulsion"),
            [("taken-back", None)],
            id="taken back",
        ),
        pytest.param(
            replace(an_operation(10.0, is_asked=False), is_gapped=True), [], id="asked in a gap"
        ),
        pytest.param(
            replace(
                an_operation(10.0, is_asked=False),
                command=Command(START_S + 10.0, "unlock", DOORS, "cylinder"),
            ),
            [("asked", None)],
            id="the BCM says who, by a way that no bus shows",
        ),
        pytest.param(
            replace(
                an_operation(10.0, is_asked=False),
                command=Command(START_S + 10.0, "unlock", DOORS, "interior"),
            ),
            [("unexplained", None)],
            id="the BCM says who, and nobody was seen to ask",
        ),
        pytest.param(
            replace(
                an_operation(10.0, is_asked=False),
                command=Command(START_S + 10.0, "unlock", DOORS, "other"),
            ),
            [("unexplained", None)],
            id="the BCM has no word for who",
        ),
        pytest.param(a_press(10.0), [], id="no order"),
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
def test_why_there_was_an_order(operation: Operation, expected: object) -> None:
    assert of("origin", operation) == expected


@pytest.mark.parametrize(
    ("after_s", "action", "word"),
    [
        pytest.param(REPULSION_S - 0.1, "unlock", "taken-back", id="at once"),
        pytest.param(REPULSION_S + 0.1, "unlock", "unexplained", id="later"),
        pytest.param(REPULSION_S - 0.1, "lock", "unexplained", id="the same again"),
    ],
)
def test_an_order_that_undoes_the_one_before_it_at_once_was_taken_back(
    after_s: float, action: str, word: str
) -> None:
    first = an_operation(10.0, "lock", late_s=0.0)
    again = an_operation(10.0 + after_s, action, is_asked=False)
    assert again.command is not None
    again = replace(again, command=replace(again.command, requestor="interior"))

    assert of("origin", first, again) == [("asked", None), (word, None)]


def test_where_an_asking_is_not_on_the_bus_no_order_is_unexplained() -> None:
    vehicle = a_vehicle(without=["request.interior", "command.requestor"])
    found = detected([an_operation(10.0, is_asked=False)], vehicle=vehicle)

    assert "origin" not in {kind for kind, _, _ in kinds(found, vehicle)}


@pytest.mark.parametrize("is_inferred", [False, True])
def test_a_relock_is_observed_whether_ordered_or_believed(is_inferred: bool) -> None:
    operation = an_operation(40.0, "lock", is_asked=False, cause="auto-relock")
    operation = replace(
        operation, command=Command(START_S + 40.0, "lock", DOORS, None, is_inferred)
    )

    assert of("origin", operation) == [("relock", None)]


def locks_of_nobody(*delays_s: float) -> list[Operation]:
    """Unlocks that were asked for, and a lock that nobody asked for so long after each."""
    found = []
    for number, delay_s in enumerate(delays_s):
        at_s = 10.0 + 100.0 * number
        found += [
            an_operation(at_s, late_s=0.0),
            an_operation(at_s + delay_s, "lock", is_asked=False),
        ]
    return found


@pytest.mark.parametrize(
    ("delays_s", "word"),
    [
        pytest.param((30.0, 31.4), "relock", id="alike"),
        pytest.param((30.0, 31.6), "unexplained", id="not alike"),
        pytest.param((8.1, 8.1), "relock", id="just long enough"),
        pytest.param((7.9, 7.9), "unexplained", id="too short for a timer"),
        pytest.param((30.0,), "unexplained", id="once"),
    ],
)
def test_a_timer_that_is_not_known_shows_by_keeping_its_time(
    delays_s: tuple[float, ...], word: str
) -> None:
    found = of("origin", *locks_of_nobody(*delays_s))

    assert found == [("asked", None), (word, None)] * len(delays_s)


def test_a_lock_after_a_door_was_opened_is_no_relock() -> None:
    operations = locks_of_nobody(30.0, 30.0)
    opened = [an_event(20.0, "door.ajar", "open"), an_event(120.0, "door.ajar", "open")]

    assert ("relock", None) in of("origin", *operations)
    assert ("relock", None) not in of("origin", *operations, events=opened)


def test_a_lock_that_was_asked_for_keeps_no_timer() -> None:
    operations = [
        an_operation(at_s, way)
        for at_s, way in ((10.0, "unlock"), (40.0, "lock"), (110.0, "unlock"), (140.0, "lock"))
    ]

    assert of("origin", *operations) == [("asked", None)] * 4


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


@pytest.mark.parametrize("state", ["answered", "slow", "silent", "bounced"])
def test_what_a_lock_did_is_observed_of_its_door_and_way(state: str) -> None:
    operation = an_operation(10.0, "lock", states={"driver": state})  # type: ignore[dict-item]

    found = [o for o in observe(detected([operation]), a_vehicle()) if o.kind == "response"]

    assert ("driver", state, "lock") in {(o.door, o.outcome, o.direction) for o in found}


@pytest.mark.parametrize(
    ("role", "value", "door", "before_s", "kind"),
    [
        pytest.param(
            "door.ajar", "closed", "driver", MOVED_S - 0.1, "response.moved", id="just moved"
        ),
        pytest.param("door.ajar", "closed", "driver", MOVED_S + 0.1, "response", id="long ago"),
        pytest.param("door.ajar", "open", "driver", -0.1, "response", id="afterwards"),
        pytest.param("latch.status", "ajar", "driver", 5.0, "response.moved", id="its latch"),
        pytest.param("mark", "flex-harness", "driver", 5.0, "response.moved", id="its wires"),
        pytest.param("door.ajar", "open", "passenger", 5.0, "response", id="another door"),
        pytest.param("lock.status", "locked", "driver", 5.0, "response", id="only its lock"),
    ],
)
def test_a_lock_whose_door_had_just_moved_is_observed_apart(
    role: str, value: str, door: str, before_s: float, kind: str
) -> None:
    operation = an_operation(20.0, states={"driver": "silent"})
    event = an_event(20.0 - before_s, role, value, door)

    assert ("silent", "driver") in of(kind, operation, events=[event])


def test_a_lock_whose_door_stands_open_is_observed_apart() -> None:
    operation = an_operation(10.0, circumstance=OPEN)

    assert of("response.moved", operation) == [("answered", "driver")]
    assert len(of("response", operation)) == len(DOORS) - 1


@pytest.mark.parametrize(
    ("count", "over_s", "kind"),
    [
        pytest.param(BUSY_OPERATIONS, BUSY_S - 0.1, "response.frequent", id="often"),
        pytest.param(BUSY_OPERATIONS, BUSY_S + 0.1, "response", id="over a longer time"),
        pytest.param(BUSY_OPERATIONS - 1, BUSY_S - 0.1, "response", id="once less"),
    ],
)
def test_a_lock_that_has_worked_often_is_observed_apart(
    count: int, over_s: float, kind: str
) -> None:
    times = [10.0 + over_s * number / (count - 1) for number in range(count)]
    operations = [an_operation(at_s) for at_s in times]

    seen = observe(detected(operations), a_vehicle())

    last = {o.kind for o in seen if o.at_s > START_S + times[-1] and o.kind.startswith("response")}
    assert last == {kind}


def slow_by(latency_s: float, floor_s: float | None, *doors: str) -> Operation:
    """The driver's lock answers after so long; the others, or some of them, after 0.25 s."""
    operation = an_operation(10.0, doors=("driver", *(doors or DOORS[1:])))
    responses = [
        replace(answer, latency_s=latency_s, latency_floor_s=floor_s)
        if answer.door == "driver"
        else answer
        for answer in operation.responses
    ]
    return replace(operation, responses=tuple(responses))


@pytest.mark.parametrize(
    ("floor_s", "word"),
    [
        pytest.param(0.37, "even", id="not half as long again"),
        pytest.param(0.38, "slower", id="half as long again"),
    ],
)
def test_a_lock_is_slower_where_it_takes_half_as_long_again_as_the_others(
    floor_s: float, word: str
) -> None:
    found = of("pace", slow_by(1.0, floor_s))

    assert (word, "driver") in found
    assert [w for w, door in found if door != "driver"] == ["even"] * 3


@pytest.mark.parametrize(("floor_s", "word"), [(0.039, "even"), (0.041, "slower")])
def test_quick_locks_differ_by_30_ms_before_one_is_slower(floor_s: float, word: str) -> None:
    operation = an_operation(10.0)
    responses = [replace(a, latency_s=0.01, latency_floor_s=0.0) for a in operation.responses]
    responses[0] = replace(responses[0], latency_s=0.05, latency_floor_s=floor_s)

    assert (word, "driver") in of("pace", replace(operation, responses=tuple(responses)))


def test_the_upper_bound_alone_makes_no_lock_slower() -> None:
    assert ("even", "driver") in of("pace", slow_by(2.0, 0.1))


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(slow_by(2.0, 1.9, "passenger"), id="two doors"),
        pytest.param(an_operation(10.0, feedback="belief"), id="believed"),
        pytest.param(
            an_operation(10.0, states={"driver": "silent", "passenger": "bounced"}), id="failed"
        ),
    ],
)
def test_no_pace_is_observed_where_fewer_than_three_doors_tell(operation: Operation) -> None:
    assert of("pace", operation) == []


def test_three_doors_are_enough_for_a_pace() -> None:
    assert ("slower", "driver") in of("pace", slow_by(2.0, 1.9, "passenger", "rear-left"))


def test_a_door_without_a_lower_bound_has_no_pace() -> None:
    assert "driver" not in {door for _, door in of("pace", slow_by(2.0, None))}


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
        (GOOD_SUPPLY_V, "good"),
        (GOOD_SUPPLY_V - 0.1, "low"),
        (LOW_SUPPLY_V, "low"),
        (LOW_SUPPLY_V - 0.1, "very-low"),
    ],
)
def test_the_supply_at_rest_has_a_word(rest_v: float, word: str) -> None:
    assert of("supply", with_supply(an_operation(10.0), rest_v, 12.0)) == [(word, None)]


@pytest.mark.parametrize(("lowest_v", "word"), [(DIP_V, "steady"), (DIP_V - 0.1, "deep")])
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
@pytest.mark.parametrize(("result", "outcome"), [("opened", "opened"), ("not-opened", "stuck")])
def test_an_inside_handle_in_the_rear_may_have_a_child_lock(
    door: str, result: str, outcome: str
) -> None:
    access = an_access(15.0, door, "inner", result)
    locked = replace(access, lock="locked")

    assert kinds(detected(accesses=[access])) == [("inner.rear", outcome, door)]
    assert kinds(detected(accesses=[locked])) == []


@pytest.mark.parametrize(
    ("role", "value", "about", "since_s", "kind"),
    [
        pytest.param("lock.child", "on", "driver", 5.0, "inner.barred", id="child lock"),
        pytest.param("lock.deadlock", "on", None, 5.0, "inner.barred", id="deadlock"),
        pytest.param("lock.child", "off", "driver", 5.0, "inner.measured", id="off"),
        pytest.param("lock.child", "on", "passenger", 5.0, "inner.measured", id="another door"),
        pytest.param("lock.child", "on", "driver", 16.0, "inner.measured", id="later"),
    ],
)
def test_an_inside_handle_that_is_shown_as_barred_is_observed_apart(
    role: str, value: str, about: str | None, since_s: float, kind: str
) -> None:
    states = [a_state(role, value, about, since_s=since_s)]
    access = an_access(15.0, "driver", "inner")

    assert of(kind, accesses=[access], states=states) == [("stuck", "driver")]


def test_a_deadlocked_door_is_barred_from_inside() -> None:
    access = an_access(15.0, "driver", "inner", lock="deadlocked")

    assert of("inner.barred", accesses=[access]) == [("stuck", "driver")]


@pytest.mark.parametrize("feedback", ["command", "belief"])
def test_an_inside_handle_of_a_door_that_was_only_ordered_is_observed_as_such(
    feedback: str,
) -> None:
    access = an_access(15.0, "driver", "inner", feedback=feedback)

    assert of("inner.ordered", accesses=[access]) == [("stuck", "driver")]


@pytest.mark.parametrize(("result", "outcome"), [("opened", "opened"), ("not-opened", "stuck")])
def test_a_lock_shown_as_unlocked_after_it_was_ordered_to_lock_is_put_to_the_test(
    result: str, outcome: str
) -> None:
    operation = an_operation(10.0, "lock", states={"driver": "silent"})

    found = of("outer.astray", operation, accesses=[an_access(15.0, result=result)])

    assert found == [(outcome, "driver")]


def test_only_the_last_order_of_that_door_counts_for_its_handle() -> None:
    operations = [an_operation(10.0), an_operation(12.0, "lock", doors=("passenger",))]
    later = an_operation(20.0, "lock")

    found = of("outer.ordered", *operations, later, accesses=[an_access(15.0, feedback=None)])

    assert found == [("stuck", "driver")]


@pytest.mark.parametrize(("apart_s", "expected"), [(14.9, 0), (15.1, 1)])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_who_pulls_the_inside_handle_is_inside_and_not_shut_out(
    apart_s: float, expected: int, sign: float
) -> None:
    """A complaint that names no handle is then about the inside handle, which tells of itself."""
    complaint = an_access(50.0, "driver", "unknown", is_marked=True)
    inside = an_access(50.0 + sign * apart_s, "driver", "inner", "opened")

    assert len(of("outer.measured", accesses=[complaint, inside])) == expected


def test_who_asked_and_got_in_was_not_denied() -> None:
    access = an_access(15.0, result="opened", feedback="command")

    assert of("denied", an_operation(10.0), accesses=[access]) == [("none", "driver")]


def test_who_got_in_without_asking_tells_nothing_of_the_car_that_denies() -> None:
    assert of("denied", accesses=[an_access(15.0, result="opened")]) == []


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
