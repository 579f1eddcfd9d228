"""What is observed besides orders and answers: the car's word, its switches, control units."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import (
    DOORS,
    START_S,
    a_plain_vehicle,
    a_vehicle,
    name_of,
    with_modules,
)

from canlock.diagnosis.observing.everything import observe
from canlock.diagnosis.observing.nodes import CODE_GROUPS
from canlock.model.operations import LogEvent, Traffic
from canlock.model.stream import TroubleCode
from canlock.model.vehicle import Vehicle
from diagnosis.diagnosis_builders import (
    CALM,
    a_check,
    a_press,
    a_state,
    a_stretch,
    a_trial,
    an_event,
    an_operation,
    an_outage,
    detected,
    kinds,
)


def of(kind: str, vehicle: Vehicle | None = None, **what: object) -> list[tuple[str, str | None]]:
    """Return (outcome, door) of the observations of one kind."""
    found = detected(vehicle=vehicle, **what)  # type: ignore[arg-type]
    return [(outcome, door) for name, outcome, door in kinds(found, vehicle) if name == kind]


# Weather and cell


@pytest.mark.parametrize(
    ("celsius", "word"),
    [(-20.0, "freezing"), (2.5, "freezing"), (2.6, "cool"), (10.0, "cool"), (10.1, "mild")],
)
def test_the_cold_has_a_word(celsius: float, word: str) -> None:
    operation = an_operation(10.0, circumstance=replace(CALM, temperature_c=celsius))

    assert of("air", operations=[operation]) == [(word, None)]


def test_a_session_has_one_weather_the_first_that_is_known() -> None:
    unknown = an_operation(10.0, circumstance=replace(CALM, temperature_c=None))
    cold = an_operation(20.0, circumstance=replace(CALM, temperature_c=-5.0))
    warm = an_operation(30.0)

    assert of("air", operations=[unknown, cold, warm]) == [("freezing", None)]
    assert of("air", operations=[unknown]) == []


@pytest.mark.parametrize("word", ["ok", "low"])
def test_what_the_fob_says_of_its_cell_is_observed(word: str) -> None:
    assert of("cell", states=[a_state("fob.battery", word)]) == [(word, None)]


@pytest.mark.parametrize("word", ["ok", "defect"])
def test_what_a_door_says_of_its_lock_is_observed(word: str) -> None:
    states = [a_state("lock.defect", word, "passenger")]

    assert of("defect", states=states) == [(word, "passenger")]


@pytest.mark.parametrize("role", ["fob.battery", "lock.defect"])
def test_a_word_that_is_not_known_is_nothing(role: str) -> None:
    assert kinds(detected(states=[a_state(role, None, "driver")])) == []


# The button inside


@pytest.mark.parametrize("way", ["lock", "unlock"])
@pytest.mark.parametrize(("for_s", "word"), [(9.9, "free"), (10.1, "held")])
def test_a_button_that_is_held_for_10_s_is_held(way: str, for_s: float, word: str) -> None:
    found = replace(
        detected(states=[a_state("request.interior", way, since_s=50.0)]),
        now_s=START_S + 50.0 + for_s,
    )

    assert [(kind, outcome) for kind, outcome, _ in kinds(found)] == [("held", word)]


def test_a_button_that_rests_for_minutes_is_free() -> None:
    assert of("held", states=[a_state("request.interior", "none")]) == [("free", None)]


# Door switches


@pytest.mark.parametrize(
    ("events", "words"),
    [
        pytest.param([(10.0, "closed")], ["at-rest"], id="shut and still"),
        pytest.param([(28.0, "open")], ["moved"], id="just opened"),
        pytest.param([(10.0, "open")], [], id="open"),
        pytest.param([], [], id="nothing is known of the door"),
    ],
)
def test_a_unit_falls_silent_at_rest_or_as_its_door_moves(
    events: list[tuple[float, str]], words: list[str]
) -> None:
    told = [an_event(at_s, "door.ajar", value) for at_s, value in events]
    silent = an_outage(30.0, None, "driver")

    assert of("hush", events=told, outages=[silent]) == [(word, "driver") for word in words]
    assert of("hush", events=told, outages=[an_outage(2.0, None, "driver")]) == []


def edges(*times_s: float, door: str = "driver", first: str = "open") -> list[LogEvent]:
    words = ("open", "closed") if first == "open" else ("closed", "open")
    return [
        an_event(at_s, "door.ajar", words[number % 2], door) for number, at_s in enumerate(times_s)
    ]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        pytest.param(edges(10.0, 10.3, 10.9), ["chatters"], id="to and fro within a second"),
        pytest.param(edges(10.0, 10.5, 11.1), ["calm", "calm"], id="slower than a second"),
        pytest.param(edges(10.0, 15.0), ["calm"], id="opened and shut"),
        pytest.param(edges(10.0, 10.2), ["calm"], id="opened and shut at once"),
        pytest.param(edges(10.0), ["calm"], id="opened"),
        pytest.param(edges(10.0, first="closed"), [], id="shut"),
        pytest.param(
            edges(10.0, 10.2, 10.4, 10.6, 10.8, 10.9), ["chatters"], id="one burst is told once"
        ),
        pytest.param(
            edges(10.0, 10.2, 10.4, 10.6, 20.0, 20.2, 20.4, 20.6),
            ["chatters", "chatters"],
            id="two bursts",
        ),
        pytest.param(
            [*edges(10.0), *edges(10.2, door="passenger"), *edges(10.4, door="rear-left")],
            ["calm", "calm", "calm"],
            id="three doors, one after another",
        ),
    ],
)
def test_a_door_switch_that_goes_to_and_fro_within_a_second_chatters(
    events: list[LogEvent], words: list[str]
) -> None:
    assert [word for word, _ in of("chatter", events=events)] == words


def test_a_chattering_switch_is_told_of_its_door() -> None:
    events = edges(10.0, 10.2, 10.4, door="rear-right")

    assert of("chatter", events=events) == [("chatters", "rear-right")]


def test_other_things_that_open_are_no_door_switch() -> None:
    events = [an_event(10.0 + 0.1 * n, "latch.status", "open") for n in range(3)]

    assert of("chatter", events=events) == []


@pytest.mark.parametrize("result", ["agrees", "contradicts"])
def test_a_switch_is_observed_against_what_somebody_said(result: str) -> None:
    (seen,) = observe(detected(trials=[a_check(10.0, result, "passenger")]), a_vehicle())

    assert (seen.kind, seen.outcome, seen.door) == ("switch", result, "passenger")
    assert seen.is_marked


def test_a_switch_that_nobody_could_see_is_nothing() -> None:
    assert kinds(detected(trials=[a_check(10.0, "unseen")])) == []


def test_windows_and_switches_are_kept_apart() -> None:
    trials = [a_trial(10.0, "dead"), a_check(20.0, "agrees")]

    assert of("window", trials=trials) == [("dead", "driver")]
    assert of("switch", trials=trials) == [("agrees", "driver")]


# Control units


@pytest.mark.parametrize(
    ("from_s", "until_s", "words"),
    [
        pytest.param(12.0, 15.0, ["reset", "steady"], id="within"),
        pytest.param(5.0, 10.0, ["reset", "steady"], id="ends as it begins"),
        pytest.param(5.0, 9.9, ["steady", "steady"], id="before"),
        pytest.param(31.0, 33.0, ["steady", "steady"], id="asleep"),
        pytest.param(595.0, 630.0, ["reset", "reset"], id="across two"),
        pytest.param(625.0, None, ["steady", "reset"], id="still silent"),
        pytest.param(640.0, None, ["steady", "steady"], id="after"),
    ],
)
def test_a_bcm_that_fell_silent_is_observed_once_in_ten_minutes(
    from_s: float, until_s: float | None, words: list[str]
) -> None:
    traffic = [a_stretch(10.0), a_stretch(20.0), a_stretch(590.0), a_stretch(620.0)]

    found = of("node", traffic=traffic, outages=[an_outage(from_s, until_s)])

    assert [word for word, _ in found] == words


def test_what_happened_is_dated_by_when_it_did() -> None:
    vehicle = with_modules(a_vehicle())
    found = detected(
        traffic=[a_stretch(10.0), a_stretch(20.0), a_stretch(30.0, errors=9)],
        outages=[an_outage(22.0, 23.0), an_outage(24.0, 25.0, "passenger")],
        vehicle=vehicle,
    )

    times = {(o.kind, o.outcome): o.at_s - START_S for o in observe(found, vehicle)}

    assert times["node", "reset"] == 22.0
    assert times["module", "lost"] == 24.0
    assert times["module", "steady"] == 10.0
    assert times["traffic", "errors"] == 30.0


def test_a_door_module_that_fell_silent_is_told_of_its_door_and_is_no_bcm() -> None:
    vehicle = with_modules(a_vehicle())
    what = {"traffic": [a_stretch(10.0)], "outages": [an_outage(12.0, 13.0, "passenger")]}

    assert of("module", vehicle, **what) == [
        ("steady", "driver"),
        ("steady", "rear-left"),
        ("steady", "rear-right"),
        ("lost", "passenger"),
    ]
    assert of("node", vehicle, **what) == [("steady", None)]


def test_a_door_module_that_never_spoke_is_lost_where_the_one_beside_it_spoke() -> None:
    vehicle = with_modules(a_vehicle())
    missing = [name_of(door) for door in DOORS if door != "driver"]
    told = of("module", vehicle, traffic=[a_stretch(10.0)], missing=missing)
    found = {door: word for word, door in told}

    # Perhaps the car has no doors at the back.
    assert found["passenger"] == "lost"
    assert {found[door] for door in DOORS if door != "passenger"} == {"steady"}


def test_a_bcm_that_fell_silent_is_no_door_module() -> None:
    found = of(
        "module",
        with_modules(a_vehicle()),
        traffic=[a_stretch(10.0)],
        outages=[an_outage(12.0, 13.0)],
    )

    assert [word for word, _ in found] == ["steady"] * len(DOORS)


def test_control_units_that_are_not_known_are_not_observed() -> None:
    vehicle = replace(a_plain_vehicle(), alive=())
    what = {"traffic": [a_stretch(10.0)], "outages": [an_outage(12.0, 13.0)]}

    assert of("node", vehicle, **what) == of("module", vehicle, **what) == []
    assert of("traffic", vehicle, **what) == [("clean", None)]


@pytest.mark.parametrize(
    ("stretch", "word"),
    [
        pytest.param(a_stretch(10.0, errors=2), "clean", id="a plug that is pulled"),
        pytest.param(a_stretch(10.0, errors=3), "errors", id="error frames"),
        pytest.param(a_stretch(10.0, missing=80), "clean", id="eight in a hundred missing"),
        pytest.param(a_stretch(10.0, missing=81), "holes", id="more than that missing"),
        pytest.param(a_stretch(10.0, missing=300, bunched=80), "clean", id="lost one by one"),
        pytest.param(a_stretch(10.0, errors=3, missing=500), "errors", id="both"),
        pytest.param(a_stretch(10.0, expected=0), "clean", id="nothing was due"),
    ],
)
def test_what_the_bus_lost_has_a_word(stretch: Traffic, word: str) -> None:
    assert of("traffic", traffic=[stretch]) == [(word, None)]


def test_what_the_logger_lost_says_nothing_of_the_car() -> None:
    stretch = a_stretch(10.0, errors=9, missing=500, is_logger=True)
    found = detected(traffic=[stretch], outages=[an_outage(12.0, 13.0)])

    assert kinds(found) == []


# Codes


@pytest.mark.parametrize("group", CODE_GROUPS)
def test_a_trouble_code_speaks_by_its_failure_type(group: str) -> None:
    for failure in CODE_GROUPS[group]:
        code = TroubleCode(START_S, "bcm", "B1234", failure.lower(), "2F")
        assert of("code", codes=[code]) == [(group, None)]


def test_no_failure_type_speaks_for_two() -> None:
    members = [failure for group in CODE_GROUPS.values() for failure in group]

    assert len(members) == len(set(members))


@pytest.mark.parametrize(
    ("name", "failure", "words"),
    [
        ("U1000", None, ["bus"]),
        ("B2562", None, ["supply"]),
        ("B2562", "13", ["open"]),
        ("B1234", None, []),
        ("B1234", "00", []),
    ],
)
def test_a_code_without_a_telling_failure_type_speaks_only_where_it_is_known(
    name: str, failure: str | None, words: list[str]
) -> None:
    found = of("code", codes=[TroubleCode(START_S, "bcm", name, failure)])

    assert [word for word, _ in found] == words


@pytest.mark.parametrize(
    ("status", "expected"), [("2F", 1), (None, 1), ("10", 0), ("40", 0), ("50", 0), ("AF", 1)]
)
def test_a_code_whose_test_has_not_run_says_nothing(status: str | None, expected: int) -> None:
    code = TroubleCode(START_S, "bcm", "B2562", None, status)

    assert len(of("code", codes=[code])) == expected


def test_a_press_that_nothing_followed_has_a_supply_and_no_dip() -> None:
    found = kinds(detected([a_press(10.0)]))

    assert ("supply", "good", None) in found
    assert "dip" not in {kind for kind, _, _ in found}


@pytest.mark.parametrize(
    ("back_s", "words"),
    [(0.2, ["flickers"]), (0.5, ["calm"]), (2.0, ["calm", "calm"])],
)
def test_a_lock_that_is_said_to_go_there_and_back_faster_than_a_motor_flickers(
    back_s: float, words: list[str]
) -> None:
    moves = [
        an_event(20.0, "lock.status", "unlocked", "driver"),
        an_event(20.0 + back_s, "lock.status", "locked", "driver"),
    ]

    assert of("flicker", a_vehicle(), events=moves) == [(word, "driver") for word in words]
