"""What the orders of a BCM are observed as: whose they are, for whom, and how often."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import DOORS, START_S, a_vehicle, entry

from canlock.detection.causes import REPULSION_S
from canlock.diagnosis.observing.commands import REPEAT_S
from canlock.model.operations import Command, Operation, ResponseState
from canlock.model.vehicle import SignalMap
from diagnosis.diagnosis_builders import (
    CALM,
    a_press,
    an_event,
    an_operation,
    detected,
    healthy,
    kinds,
    of,
)

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


ORDER = an_operation(10.0, late_s=0.0)
DEAF = a_vehicle(without=["request.fob", "request.interior", "command.requestor"])


def once_more(after_s: float, action: str = "unlock", **change: object) -> Operation:
    """An order that nobody was seen to ask for, so long after `ORDER`."""
    again = an_operation(10.0 + after_s, action, is_asked=False)
    return replace(again, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        pytest.param(once_more(REPEAT_S - 0.1), "again", id="at once"),
        pytest.param(once_more(REPEAT_S + 0.1), "once", id="later"),
        pytest.param(once_more(1.0, "lock"), "once", id="the other way"),
        pytest.param(once_more(1.0, cause="auto-unlock"), "once", id="for a reason"),
        pytest.param(once_more(1.0, is_gapped=True), "once", id="asked in a gap"),
        pytest.param(an_operation(11.0), "once", id="asked for again"),
        pytest.param(
            once_more(1.0, command=Command(START_S + 11.0, "unlock", ("driver",))),
            "once",
            id="for another door",
        ),
    ],
)
def test_an_own_order_that_copies_the_last_is_a_repeat(second: Operation, outcome: str) -> None:
    assert of("repeat", ORDER, second) == [("once", None), (outcome, None)]


@pytest.mark.parametrize(("is_seen", "outcome"), [(True, "again"), (False, "once")])
def test_where_no_press_is_on_the_bus_the_second_order_may_be_of_a_second_press(
    is_seen: bool, outcome: str
) -> None:
    first = ORDER if is_seen else once_more(0.0)
    found = detected([first, once_more(1.0)], vehicle=DEAF)

    repeats = [word for kind, word, _ in kinds(found, DEAF) if kind == "repeat"]

    assert repeats == ["once", outcome]


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


@pytest.mark.parametrize(
    ("after_s", "action", "flashes", "words"),
    [
        pytest.param(REPULSION_S - 0.1, "unlock", 0, ["taken-back"], id="at once"),
        pytest.param(REPULSION_S + 0.1, "unlock", 0, [], id="later"),
        pytest.param(REPULSION_S - 0.1, "lock", 0, [], id="the same again"),
        pytest.param(REPULSION_S - 0.1, "unlock", 2, [], id="the lamps answered a press"),
    ],
)
def test_a_believed_order_without_lamps_that_undoes_the_last_was_taken_back(
    after_s: float, action: str, flashes: int, words: list[str]
) -> None:
    first = an_operation(10.0, "lock", late_s=0.0)
    again = an_operation(10.0 + after_s, action, is_asked=False)
    assert again.command is not None
    again = replace(again, command=replace(again.command, is_inferred=True), flashes=flashes)
    found = [first, again]
    dark = a_vehicle(without=["ack.flasher"])

    assert [word for word, _ in of("origin", *found)[1:]] == words
    assert ("origin", "taken-back", None) not in kinds(detected(found, vehicle=dark), dark)


@pytest.mark.parametrize(
    ("answered", "power", "word"),
    [
        pytest.param(3, "off", "unexplained", id="lamps that answered every press stay dark"),
        pytest.param(1, "off", None, id="lamps that answered one"),
        pytest.param(3, "on", None, id="with the ignition on a car locks by itself"),
    ],
)
def test_an_order_that_no_lamp_answered_was_not_asked_for_from_outside(
    answered: int, power: str, word: str | None
) -> None:
    vehicle = a_vehicle(without=["request.fob", "fob.count", "command.requestor"])
    asked = [
        replace(one, flashes=1, flashes_s=(one.at_s + 0.1,)) if number < answered else one
        for number, one in enumerate(healthy(3))
    ]
    dark = an_operation(60.0, is_asked=False, circumstance=replace(CALM, power=power))

    found = kinds(detected([*asked, dark], vehicle=vehicle), vehicle)

    assert [name for kind, name, _ in found if kind == "origin"][3:] == ([word] if word else [])


@pytest.mark.parametrize(("is_counted", "word"), [(True, "unexplained"), (False, "asked")])
def test_an_order_for_the_fob_is_odd_where_its_presses_are_counted(
    is_counted: bool, word: str
) -> None:
    extra = [entry("fob.count", "BODY")] if is_counted else []
    vehicle = a_vehicle(without=["request.fob"], extra=extra)
    operation = an_operation(10.0, is_asked=False)
    assert operation.command is not None
    operation = replace(operation, command=replace(operation.command, requestor="fob"))

    assert ("origin", word, None) in kinds(detected([operation], vehicle=vehicle), vehicle)


@pytest.mark.parametrize(
    ("first", "change", "is_reminder"),
    [
        pytest.param("lock", {"is_key_inserted": True}, True, id="the key is in its lock"),
        pytest.param("lock", {"is_key_inside": True}, True, id="a key is inside"),
        pytest.param("lock", {"ajar_doors": ("driver",)}, True, id="a door stands open"),
        pytest.param("lock", {"is_key_inside": None}, False, id="nothing is known"),
        pytest.param("unlock", {"is_key_inserted": True}, False, id="an unlock"),
    ],
)
def test_a_lock_that_is_taken_back_with_a_key_inside_is_a_refusal(
    first: str, change: dict[str, object], *, is_reminder: bool
) -> None:
    known = replace(CALM, **change)  # type: ignore[arg-type]
    second = "unlock" if first == "lock" else "lock"
    operations = [
        an_operation(10.0, first, late_s=0.0, circumstance=known),
        an_operation(11.0, second, is_asked=False, cause="repulsion"),
    ]

    assert (("key-inside", None) in of("refusal", *operations)) == is_reminder
    assert (("taken-back", None) in of("origin", *operations)) == (not is_reminder)


@pytest.mark.parametrize(
    ("flash_s", "is_told"),
    [pytest.param(10.45, False, id="busy"), pytest.param(9.5, True, id="at rest again")],
)
def test_lamps_that_are_busy_with_the_order_before_tell_of_no_press(
    flash_s: float, *, is_told: bool
) -> None:
    vehicle = a_vehicle(without=["request.interior", "command.requestor"])
    first = replace(an_operation(9.0, "unlock"), flashes=1, flashes_s=(START_S + flash_s,))
    again = an_operation(11.0, "lock", is_asked=False)

    found = kinds(detected([first, again], vehicle=vehicle), vehicle)

    assert (("origin", "taken-back", None) in found) == is_told


@pytest.mark.parametrize(("is_waking", "is_told"), [(False, True), (True, False)])
def test_what_asked_for_the_first_order_of_a_bus_that_wakes_may_have_been_lost(
    is_waking: bool, is_told: bool
) -> None:
    order = replace(an_operation(10.0, is_asked=False), is_waking=is_waking)

    assert (("origin", "unexplained", None) in kinds(detected([order]))) == is_told


@pytest.mark.parametrize(
    ("state", "words"),
    [
        pytest.param("answered", [("again", None)], id="all answered"),
        pytest.param("already", [("again", None)], id="nothing to do"),
        pytest.param("silent", [], id="a door is silent"),
        pytest.param("slow", [], id="a door is slow"),
        pytest.param("unseen", [], id="a door's unit is silent"),
    ],
)
def test_an_order_that_is_repeated_for_a_door_that_does_not_answer_is_no_glitch(
    state: ResponseState, words: list[tuple[str, None]]
) -> None:
    operation = an_operation(10.0, "lock", states={"passenger": state})
    assert operation.command is not None

    repeated = replace(operation, command=replace(operation.command, repeats=3))

    assert of("repeat", repeated) == words


@pytest.mark.parametrize(
    ("extra", "is_told"),
    [
        pytest.param([], False, id="by a handle, perhaps"),
        pytest.param([entry("request.handle", "BODY", kind="event")], True, id="a handle shows"),
    ],
)
def test_an_order_that_the_lamps_answer_may_have_been_asked_for_at_a_handle(
    extra: list[SignalMap], is_told: bool
) -> None:
    vehicle = a_vehicle(extra=extra)
    order = replace(an_operation(10.0, is_asked=False), flashes=2, flashes_s=(START_S + 10.1,))

    found = kinds(detected([order], vehicle=vehicle), vehicle)

    assert (("origin", "unexplained", None) in found) == is_told


def test_where_an_asking_is_not_on_the_bus_no_order_is_unexplained() -> None:
    vehicle = a_vehicle(without=["request.interior", "command.requestor"])
    found = detected([an_operation(10.0, is_asked=False)], vehicle=vehicle)

    assert "origin" not in {kind for kind, _, _ in kinds(found, vehicle)}


@pytest.mark.parametrize(
    ("flashes", "after_s", "word"),
    [
        pytest.param(0, 2.0, "taken-back", id="dark"),
        pytest.param(2, 2.0, None, id="flashed"),
        pytest.param(0, 3.0, None, id="later"),
    ],
)
def test_an_opposite_order_that_the_lamps_do_not_answer_is_the_cars_own(
    flashes: int, after_s: float, word: str | None
) -> None:
    vehicle = a_vehicle(without=["request.interior", "command.requestor"])
    assert "ack.flasher" in vehicle.roles()
    operations = [
        replace(
            an_operation(at_s, action, is_asked=False),
            command=Command(START_S + at_s, action, DOORS, None),
            flashes=flashes,
        )
        for at_s, action in ((10.0, "lock"), (10.0 + after_s, "unlock"))
    ]

    found = kinds(detected(operations, vehicle=vehicle), vehicle)

    assert [told for kind, told, _ in found if kind == "origin"] == [word] * (word is not None)


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
        pytest.param((12.1, 12.1), "relock", id="just long enough"),
        pytest.param((11.9, 11.9), "unexplained", id="too short for a timer"),
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


def test_what_is_asked_for_at_a_handle_is_told_of_that_handle() -> None:
    """No order after a switch that was received: perhaps no antenna found the fob."""
    press = a_press(10.0, "pressed")
    assert press.request is not None
    asked = replace(press, request=replace(press.request, role="request.handle", door="driver"))

    assert of("command.handle", asked) == [("absent", "driver")]
    assert of("command", asked) == []
