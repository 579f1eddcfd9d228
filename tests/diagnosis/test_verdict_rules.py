"""The rules that stand above the numbers: what may be a verdict at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import (
    DOORS,
    START_S,
    a_plain_vehicle,
    a_vehicle,
    entry,
    facts,
)

from canlock.diagnosis.diagnose import _begin_small
from canlock.diagnosis.gates import (
    BY_DESIGN,
    complete_commands,
    count_symptoms,
    has_complaint,
    has_failed,
    has_refusal,
    has_unanswered_press,
)
from canlock.diagnosis.observation import Group
from canlock.model.faults import FAULT_CODES, LAYER_OF, NOT_FAULTS
from canlock.model.operations import Command, Operation
from canlock.model.stream import TroubleCode
from canlock.model.vehicle import Alive, Vehicle
from diagnosis.diagnosis_builders import (
    CALM,
    a_check,
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


def a_bare_vehicle() -> Vehicle:
    """A car of which only the supply voltage is known."""
    return replace(
        a_vehicle(),
        signals=(entry("supply.voltage", "POWER"),),
        messages=(facts("POWER", 0x103, 0.1, "ECM"),),
        alive=(),
    )


@pytest.mark.parametrize(
    ("count", "fault"),
    [
        (0, "insufficient-evidence"),
        (2, "insufficient-evidence"),
        (3, "no-fault"),
        (8, "no-fault"),
        (20, "no-fault"),
    ],
)
def test_no_fault_needs_three_complete_commands(count: int, fault: str) -> None:
    finding = verdict(detected(healthy(count)))

    assert finding.fault == fault
    assert finding.doors == ()
    assert finding.group == (fault,) or not finding.is_confident
    assert fault == "no-fault" or not finding.is_confident


def incomplete(which: str) -> Operation:
    operation = an_operation(90.0)
    return {
        "a silent door": an_operation(90.0, states={"driver": "silent"}),
        "a slow door": an_operation(90.0, states={"driver": "slow"}),
        "no door seen": an_operation(90.0, states=dict.fromkeys(DOORS, "unseen")),
        "nothing to do": an_operation(90.0, states=dict.fromkeys(DOORS, "already")),
        "still open": replace(operation, is_closed=False),
        "no command": a_press(90.0),
        "nobody asked": an_operation(90.0, is_asked=False),
        "the press was not received": replace(
            a_press(90.0, is_seen=False, mark="press-fob-unlock"),
            command=operation.command,
            responses=operation.responses,
        ),
    }[which]


@pytest.mark.parametrize(
    "which",
    [
        "a silent door",
        "a slow door",
        "no door seen",
        "nothing to do",
        "still open",
        "no command",
        "nobody asked",
        "the press was not received",
    ],
)
def test_a_command_is_complete_only_with_every_link_that_could_be_seen(which: str) -> None:
    assert complete_commands(detected([incomplete(which)]), a_vehicle()) == 0
    assert verdict(detected([*healthy(2), incomplete(which)])).fault == "insufficient-evidence"


def test_a_command_that_the_bcm_says_who_asked_for_is_complete() -> None:
    by_button = replace(
        an_operation(10.0, is_asked=False),
        command=Command(START_S + 10.0, "unlock", DOORS, "remote"),
    )
    by_itself = an_operation(20.0, "lock", is_asked=False, cause="auto-lock")

    assert complete_commands(detected([by_button, by_itself]), a_vehicle()) == 2


@pytest.mark.parametrize(("flashes", "complete"), [(0, 0), (2, 1)])
def test_what_the_bcm_believes_answers_an_order_that_the_lamps_gave_away(
    flashes: int, complete: int
) -> None:
    """Without them the belief is all that tells of the order."""
    operation = an_operation(10.0, feedback="belief")
    assert operation.command is not None
    inferred = replace(operation.command, is_inferred=True)
    operation = replace(operation, command=inferred, flashes=flashes)

    assert complete_commands(detected([operation]), a_vehicle()) == complete


@pytest.mark.parametrize("state", ["unseen", "already"])
def test_a_door_that_could_not_be_seen_does_not_make_a_command_incomplete(state: str) -> None:
    operation = an_operation(10.0, states={"tailgate": "unseen", "driver": state})  # type: ignore[dict-item]

    assert complete_commands(detected([operation]), a_vehicle()) == 1


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param({"accesses": [an_access(60.0, is_marked=True)]}, id="door stayed shut"),
        pytest.param({"trials": [a_trial(60.0, "dead")]}, id="window dead"),
        pytest.param(
            {"accesses": [an_access(60.0, "driver", "inner", is_marked=True)]}, id="both ways"
        ),
        pytest.param({"trials": [a_check(60.0, "contradicts")]}, id="switch contradicts"),
        pytest.param({"marks": [a_mark(60.0, "knob-stiff")]}, id="knob stiff"),
        pytest.param({"marks": [a_mark(31.0, "heard-silence")]}, id="silence"),
        pytest.param({"marks": [a_mark(31.0, "heard-hum")]}, id="hum"),
    ],
)
def test_no_fault_needs_that_no_mark_is_unexplained(mark: dict[str, list[object]]) -> None:
    assert verdict(detected(healthy(5), **mark)).fault != "no-fault"  # type: ignore[arg-type]


def test_no_fault_needs_that_every_marked_press_was_received() -> None:
    operations = [*healthy(4), a_press(80.0, is_seen=False, mark="press-fob-unlock")]

    assert verdict(detected(operations)).fault == "insufficient-evidence"


@pytest.mark.parametrize(
    "mark",
    [
        {"marks": [a_mark(60.0, "note")]},
        {"marks": [a_mark(60.0, "knob-free")]},
        {"marks": [a_mark(31.0, "heard-click")]},
        {"trials": [a_trial(60.0, "moved")]},
        {"trials": [a_check(60.0, "agrees")]},
        {"accesses": [an_access(60.0, result="opened", is_marked=True)]},
    ],
)
def test_marks_of_a_healthy_car_leave_it_healthy(mark: dict[str, list[object]]) -> None:
    assert verdict(detected(healthy(5), **mark)).fault == "no-fault"  # type: ignore[arg-type]


SINGLE_FAILURES = {
    "one door once": [an_operation(60.0, states={"driver": "silent"})],
    "all doors once": [an_operation(60.0, states=dict.fromkeys(DOORS, "silent"))],
    "a press once": [a_press(60.0)],
    "an order of nobody": [an_operation(60.0, is_asked=False)],
    "a bounce": [an_operation(60.0, states={"driver": "bounced"})],
    "a slow answer": [an_operation(60.0, states={"driver": "slow"})],
}


@pytest.mark.parametrize("which", SINGLE_FAILURES)
@pytest.mark.parametrize("before", [0, 2])
def test_one_failure_alone_is_no_fault_and_no_health(which: str, before: int) -> None:
    found = detected([*healthy(before), *SINGLE_FAILURES[which]])

    diagnosis = diagnosis_of(found)
    assert diagnosis.findings[0].fault == "insufficient-evidence"
    assert diagnosis.next_tests or diagnosis.missing_roles


def test_doors_that_fail_at_one_command_fail_once() -> None:
    groups = tuple(Group("response", "silent", door, "unlock", (10.0,), 1, False) for door in DOORS)

    assert count_symptoms(groups) == 1


@pytest.mark.parametrize(("apart_s", "expected"), [(2.9, 1), (3.1, 2)])
def test_failures_of_a_kind_within_3_s_are_one(apart_s: float, expected: int) -> None:
    group = Group("outer.measured", "stuck", "driver", None, (10.0, 10.0 + apart_s), 2, False)

    assert count_symptoms((group,)) == expected


def test_failures_of_different_kinds_count_each() -> None:
    groups = (
        Group("response", "silent", "driver", "unlock", (10.0,), 1, False),
        Group("window", "dead", "driver", None, (11.0,), 1, True),
        Group("knob", "free", "driver", None, (12.0,), 1, True),
    )

    assert count_symptoms(groups) == 2


@pytest.mark.parametrize("design", BY_DESIGN)
def test_what_is_by_design_is_no_symptom(design: tuple[str, str]) -> None:
    group = Group(*design, None, None, (10.0, 20.0, 30.0), 3, False)

    assert count_symptoms((group,)) == 0
    assert not has_failed((group,), 0)


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("driver-only", 0),
        ("relocked", 0),
        ("automatic", 0),
        ("refused", 0),
        ("unordered", 2),
    ],
)
def test_who_was_kept_out_by_design_met_no_failure(why: str, expected: int) -> None:
    group = Group("denied", why, "driver", None, (10.0, 20.0), 2, True, True)

    assert count_symptoms((group,)) == expected


@pytest.mark.parametrize(
    ("failures", "complete", "expected"),
    [
        pytest.param(1, 0, False, id="once is a slip"),
        pytest.param(2, 19, True, id="more than a tenth"),
        pytest.param(2, 20, False, id="a tenth of many"),
        pytest.param(3, 20, True, id="more than a tenth of many"),
    ],
)
def test_a_car_has_failed_where_more_than_a_tenth_failed(
    failures: int, complete: int, expected: bool
) -> None:
    times = tuple(10.0 * n for n in range(failures))
    group = Group("response", "silent", "driver", "lock", times, failures + complete, False)

    assert has_failed((group,), complete) is expected


@pytest.mark.parametrize(("low", "expected"), [(4, False), (5, True)])
def test_a_supply_that_was_low_now_and_then_has_not_failed(low: int, expected: bool) -> None:
    times = tuple(10.0 * n for n in range(low))
    group = Group("supply", "low", None, None, times, 8, False)

    assert has_failed((group,), 8) is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, True, id="nothing explains it"),
        pytest.param({"is_gapped": True}, False, id="in a gap"),
        pytest.param({"is_closed": False}, False, id="its window is open"),
        pytest.param(
            {"circumstance": replace(CALM, ajar_doors=("driver",))}, False, id="a door stood open"
        ),
    ],
)
@pytest.mark.parametrize("role", ["request.fob", "request.handle", "request.cylinder"])
def test_a_marked_press_that_no_order_followed_keeps_a_car_from_being_healthy(
    role: str, change: dict[str, object], expected: bool
) -> None:
    press = a_press(60.0, "lock", mark="some-mark", role=role)

    assert has_unanswered_press(detected([replace(press, **change)])) is expected  # type: ignore[arg-type]
    assert not has_unanswered_press(detected([a_press(60.0, "lock", role=role)]))


@pytest.mark.parametrize(
    ("kind", "outcome", "has_mark", "expected"),
    [
        ("denied", "unordered", True, True),
        ("denied", "driver-only", True, True),
        ("denied", "unordered", False, True),
        ("denied", "none", True, False),
        ("outer.measured", "stuck", True, True),
        ("inner.measured", "stuck", True, True),
        ("outer.measured", "stuck", False, False),
        ("outer.measured", "opened", True, False),
        ("window", "dead", True, False),
    ],
)
def test_a_complaint_is_a_marked_door_that_stayed_shut_or_a_pull_in_vain_that_was_seen(
    kind: str, outcome: str, has_mark: bool, expected: bool
) -> None:
    group = Group(kind, outcome, "driver", None, (10.0,), 1, has_mark, has_mark)

    assert has_complaint((group,)) is expected


def test_a_refusal_that_the_bcm_or_the_circumstances_tell_is_one() -> None:
    refused = Group("refusal", "door-open", None, None, (10.0,), 1, False)
    done = Group("refusal", "none", None, None, (10.0,), 1, False)

    assert has_refusal(detected(), (refused,))
    assert not has_refusal(detected(), (done,))
    assert has_refusal(detected([a_press(10.0, inhibit="yes")]), ())
    assert not has_refusal(detected([a_press(10.0)]), ())


@pytest.mark.parametrize(
    ("word", "expected"),
    [("taken-back", True), ("reversed", True), ("unexplained", False), ("asked", False)],
)
def test_a_lock_that_is_taken_back_may_be_a_refusal(word: str, expected: bool) -> None:
    group = Group("origin", word, None, None, (10.0,), 1, False)

    assert has_refusal(detected(), (group,)) is expected


def test_insufficient_evidence_is_what_the_contract_says() -> None:
    found = detected(healthy(1))
    diagnosis = diagnosis_of(found)
    (finding,) = diagnosis.findings

    assert finding.fault == "insufficient-evidence"
    assert not finding.is_confident
    assert finding.probability == share(found, "insufficient-evidence")
    assert finding.layer == "unknown"
    assert finding.doors == ()
    assert sum(share(found, code) for code in finding.group) >= 0.9
    assert sum(share(found, code) for code in finding.group[:-1]) < 0.9


def test_no_fault_and_insufficient_evidence_stand_alone() -> None:
    assert len(diagnosis_of(detected(healthy(5))).findings) == 1
    assert len(diagnosis_of(detected(healthy(1))).findings) == 1


def test_nothing_seen_is_insufficient_evidence_with_tests_to_do() -> None:
    diagnosis = diagnosis_of(detected())

    assert diagnosis.findings[0].fault == "insufficient-evidence"
    assert diagnosis.findings[0].probability == 1.0
    assert diagnosis.next_tests


def test_a_settled_car_needs_no_more_tests() -> None:
    assert diagnosis_of(detected(healthy(5))).next_tests == ()


def test_a_verdict_tells_its_layer() -> None:
    assert verdict(detected(healthy(5))).layer == "none"
    for operations in (healthy(1), healthy(5), dead("driver", 8)):
        finding = verdict(detected(operations))
        assert finding.layer == LAYER_OF[finding.fault]


# Tiers


def test_t0_says_nothing_but_supply() -> None:
    vehicle = a_bare_vehicle()
    operations = [
        with_supply(a_press(10.0 * n, mark="press-fob-unlock", is_seen=False), 9.5, 9.2)
        for n in range(1, 9)
    ]
    found = detected(
        [replace(o, can_see_request=False, can_see_command=False) for o in operations],
        vehicle=vehicle,
        trials=[a_trial(100.0, "dead")],
        marks=[a_mark(101.0, "knob-stiff")],
    )
    diagnosis = diagnosis_of(found, vehicle)

    assert diagnosis.tier == "T0"
    accused = {one.fault for one in diagnosis.hypotheses if one.fault not in NOT_FAULTS}
    assert accused == {"supply-undervoltage"}
    assert "supply-undervoltage" in diagnosis.findings[0].group
    assert diagnosis.findings[0].fault in ("supply-undervoltage", "insufficient-evidence")


def test_t0_with_a_good_supply_says_nothing() -> None:
    vehicle = a_bare_vehicle()
    press = a_press(10.0, mark="press-fob-unlock", is_seen=False)
    press = replace(press, can_see_request=False, can_see_command=False)

    assert verdict(detected([press], vehicle=vehicle), vehicle).fault == "insufficient-evidence"


@pytest.mark.parametrize(
    ("vehicle", "tier"),
    [
        pytest.param(a_bare_vehicle(), "T0", id="supply only"),
        pytest.param(a_plain_vehicle(), "T1", id="locks and doors"),
        pytest.param(a_vehicle(without=["command.lock"]), "T1", id="no commands"),
        pytest.param(
            a_vehicle(without=["request.fob", "request.interior", "command.requestor"]),
            "T1",
            id="no requests",
        ),
        pytest.param(
            a_vehicle(
                without=[
                    *("handle.outer", "handle.inner", "window.switch", "window.moving"),
                ]
            ),
            "T2",
            id="nothing else in the doors",
        ),
        pytest.param(
            a_vehicle(
                without=["lock.status"],
                extra=[entry("lock.status", "BODY", *DOORS, feedback="belief")],
            ),
            "T2",
            id="locks only believed",
        ),
        pytest.param(a_vehicle(), "T3", id="everything but codes"),
    ],
)
def test_the_tier_says_what_can_be_seen(vehicle: Vehicle, tier: str) -> None:
    assert diagnosis_of(detected(vehicle=vehicle), vehicle).tier == tier


def test_a_trouble_code_makes_the_highest_tier() -> None:
    found = detected(codes=[TroubleCode(START_S, "bcm", "B2562")])

    assert diagnosis_of(found).tier == "T4"


def test_a_door_module_is_an_aid_as_a_handle_is() -> None:
    vehicle = a_vehicle(without=["handle.outer", "handle.inner", "window.switch", "window.moving"])
    module = Alive("door-module", "DOOR_DRIVER", 0.1, ("driver",))
    vehicle = replace(vehicle, alive=(*vehicle.alive, module))

    assert diagnosis_of(detected(vehicle=vehicle), vehicle).tier == "T3"


def test_what_was_never_seen_makes_no_tier() -> None:
    found = replace(detected(), lives=())

    assert diagnosis_of(found).tier == "T0"
    assert "lock.status" in diagnosis_of(found).missing_roles


def test_roles_that_would_help_are_named() -> None:
    vehicle = a_plain_vehicle()
    missing = diagnosis_of(detected(vehicle=vehicle), vehicle).missing_roles

    assert missing[:2] == ("command.lock", "request.fob")
    assert "door.ajar" not in missing
    assert len(missing) == len(set(missing))


# By design


def test_a_by_design_code_is_no_hypothesis_where_nobody_complains_or_is_refused() -> None:
    codes = {one.fault for one in diagnosis_of(detected(healthy(4))).hypotheses}

    assert not {code for code in codes if LAYER_OF[code] == "by-design"}


@pytest.mark.parametrize(
    "why",
    [
        pytest.param({"accesses": [an_access(25.0, is_marked=True)]}, id="a complaint"),
        pytest.param({"operations": [a_press(60.0, inhibit="yes")]}, id="a refusal"),
        pytest.param(
            {"operations": [a_press(60.0, "lock", circumstance=replace(CALM, ajar_doors=DOORS))]},
            id="an open door",
        ),
    ],
)
def test_a_complaint_or_a_refusal_opens_the_by_design_codes(why: dict[str, list[object]]) -> None:
    operations = [*healthy(1), *why.pop("operations", [])]
    codes = {one.fault for one in diagnosis_of(detected(operations, **why)).hypotheses}  # type: ignore[arg-type]

    assert {"auto-relock", "selective-unlock", "inhibit-door-open"} <= codes


def test_a_request_that_brought_no_order_is_no_refusal() -> None:
    found = detected([*healthy(2), a_press(60.0), a_press(70.0)])

    assert "inhibit-door-open" not in {one.fault for one in diagnosis_of(found).hypotheses}


def test_a_pull_that_only_the_bus_showed_is_no_complaint() -> None:
    found = detected(healthy(2), accesses=[an_access(60.0)])

    assert "auto-relock" not in {one.fault for one in diagnosis_of(found).hypotheses}


def test_one_marked_complaint_among_pulls_of_the_bus_is_a_complaint() -> None:
    accesses = [an_access(60.0), an_access(70.0, is_marked=True), an_access(80.0)]
    found = detected(healthy(5), accesses=accesses)

    assert "auto-relock" in {one.fault for one in diagnosis_of(found).hypotheses}
    assert verdict(found).fault != "no-fault"


@pytest.mark.parametrize(
    ("operation", "word"),
    [
        (an_operation(95.0, "lock", is_asked=False, cause="auto-relock"), "relock timer"),
        (an_operation(95.0, doors=("driver",)), "driver's door only"),
        (
            a_press(95.0, "lock", circumstance=replace(CALM, ajar_doors=("driver",))),
            "door was open",
        ),
    ],
)
def test_what_was_by_design_is_told_in_the_summary_of_a_healthy_car(
    operation: Operation, word: str
) -> None:
    finding = verdict(detected([*healthy(6), operation]))

    assert finding.fault == "no-fault"
    assert word in finding.summary
    assert word not in verdict(detected(healthy(6))).summary


# Trust


def test_absences_of_an_unverified_vehicle_file_weigh_less() -> None:
    found = detected(dead("driver", 6))
    sure = share(found, "no-fault", a_vehicle())
    unsure = share(found, "no-fault", a_vehicle(is_verified=False))

    assert unsure > sure


def test_an_unverified_vehicle_file_is_told() -> None:
    notes = diagnosis_of(detected(), a_vehicle(is_verified=False)).notes

    assert any("Nobody has seen this vehicle file work" in note for note in notes)
    assert not diagnosis_of(detected()).notes


def test_operations_that_are_no_longer_weighed_are_told() -> None:
    notes = diagnosis_of(replace(detected(healthy(3)), dropped_operations=7)).notes

    assert any("7 operations" in note for note in notes)


def test_what_could_not_be_told_apart_is_named() -> None:
    found = detected(dead("driver", 12), marks=[a_mark(12.0, "heard-click")])
    finding = verdict(found)

    assert not finding.is_confident
    assert finding.doors == ("driver",)
    assert finding.fault in finding.group
    assert {"actuator-motor-fault", "latch-jammed"} <= set(finding.group)
    assert sum(share(found, code) for code in finding.group) >= 0.9


def test_every_hypothesis_has_a_code_of_the_taxonomy() -> None:
    found = detected(healthy(3), accesses=[an_access(60.0, is_marked=True)])

    assert {one.fault for one in diagnosis_of(found).hypotheses} <= set(FAULT_CODES)


def test_a_command_that_is_only_believed_completes_nothing_by_its_own_echo() -> None:
    """The belief that gives the command away cannot be its answer as well."""
    operations = [
        replace(
            an_operation(10.0 * n, feedback="belief"),
            command=Command(START_S + 10.0 * n, "unlock", DOORS, None, is_inferred=True),
            request=None,
        )
        for n in range(1, 6)
    ]

    assert verdict(detected(operations)).fault == "insufficient-evidence"


@pytest.mark.parametrize(
    ("sentence", "begun"),
    [
        ("A wire is broken.", "a wire is broken."),
        ("By design it rests.", "by design it rests."),
        ("BCM and fuse.", "BCM and fuse."),
    ],
)
def test_a_sentence_behind_a_colon_begins_small_but_for_names(sentence: str, begun: str) -> None:
    assert _begin_small(sentence) == begun


@pytest.mark.parametrize(("listened_s", "is_told"), [(0.9, False), (1.0, True)])
def test_that_no_frame_of_the_car_came_is_told_after_a_second(
    listened_s: float, is_told: bool
) -> None:
    found = replace(detected([]), lives=(), now_s=START_S + listened_s)

    notes = diagnosis_of(found).notes

    assert any(note.startswith("Not one frame of this vehicle") for note in notes) is is_told


def test_a_car_whose_frames_come_is_not_called_another() -> None:
    notes = diagnosis_of(detected([])).notes

    assert not any(note.startswith("Not one frame of this vehicle") for note in notes)
