"""Where one operation ends and the next begins: requests and commands that the bus shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.model.operations import Operation
from canlock.model.vehicle import SignalMap, Vehicle
from detection.detection_builders import (
    DOORS,
    START_S,
    Story,
    a_vehicle,
    entry,
    name_of,
    response_of,
    states,
)


def a_vehicle_with(**more: object) -> Vehicle:
    """The usual car, its entry for commands changed."""
    vehicle = a_vehicle()
    signals = [
        replace(signal, **more) if signal.role == "command.lock" else signal  # type: ignore[arg-type]
        for signal in vehicle.signals
    ]
    return replace(vehicle, signals=tuple(signals))


def a_vehicle_with_orders_for(*groups: tuple[str, ...], counter: str | None = None) -> Vehicle:
    """A car that tells its orders for each group of doors by an entry of its own."""
    entries: list[SignalMap] = [
        entry("command.lock", "ORDERS", *doors, kind="event", first_is_event=True, counter=counter)
        for doors in groups
    ]
    return a_vehicle(without=["command.lock"], extra=entries)


def starts(operations: tuple[Operation, ...]) -> list[float]:
    return [operation.at_s - START_S for operation in operations]


def test_a_request_its_command_and_its_answers_are_one_operation() -> None:
    operation = Story().cycle(5.0, "unlock").operation()

    assert operation.request is not None
    assert operation.command is not None
    assert operation.at_s == operation.request.at_s == START_S + 5.0
    assert operation.command.at_s == START_S + 5.0625
    assert operation.command.doors == DOORS
    assert not operation.command.is_inferred
    assert operation.outcome == "answered"
    assert states(operation) == dict.fromkeys(DOORS, "answered")


def test_a_new_request_opens_the_next_operation() -> None:
    operations = Story().cycle(5.0, "unlock").press(6.0, "unlock").operations()

    assert starts(operations) == [5.0, 6.0]
    assert operations[0].until_s == START_S + 6.0


@pytest.mark.parametrize(
    ("role", "message"),
    [("request.interior", "BODY"), ("request.cylinder", "DOORS"), ("request.remote", "TELEMATICS")],
)
def test_every_kind_of_request_opens_an_operation(role: str, message: str) -> None:
    extra = [] if role == "request.interior" else [entry(role, message, kind="event")]
    vehicle = a_vehicle(extra=extra)
    vehicle = replace(
        vehicle,
        messages=(
            *vehicle.messages,
            replace(vehicle.messages[0], name="DOORS", key=0x300),
            replace(vehicle.messages[0], name="TELEMATICS", key=0x301),
        ),
    )
    story = Story(vehicle).happen(5.0, role, "lock").order(5.125, "lock")

    request = story.operation().request

    assert request is not None
    assert (request.role, request.action, request.is_seen) == (role, "lock", True)


def test_five_commands_that_nobody_asked_for_1_1_s_apart_are_five_operations() -> None:
    story = Story(a_vehicle_with(counter="ORDERS.Count"))
    for number in range(5):
        story.order(5.0 + 1.1 * number, "lock" if number % 2 else "unlock")

    assert starts(story.operations()) == pytest.approx([5.0, 6.1, 7.2, 8.3, 9.4])


@pytest.mark.parametrize(
    ("counter", "expected"),
    [
        pytest.param("ORDERS.Count", 2, id="a new count"),
        pytest.param(None, 1, id="no count: a retry"),
    ],
)
def test_the_same_command_again_is_a_retry_unless_it_has_a_new_count(
    counter: str | None, expected: int
) -> None:
    story = Story(a_vehicle_with(counter=counter)).order(5.0, "lock").order(6.1, "lock")

    assert len(story.operations()) == expected


@pytest.mark.parametrize(
    ("after_s", "operations", "repeats"),
    [pytest.param(1.45, 1, 1, id="just in time"), pytest.param(1.55, 2, 0, id="just too late")],
)
def test_a_retry_comes_within_the_retry_time_of_the_vehicle_file(
    after_s: float, operations: int, repeats: int
) -> None:
    found = Story().order(5.0, "lock").order(5.0 + after_s, "lock").operations()

    assert len(found) == operations
    assert found[0].command is not None
    assert found[0].command.repeats == repeats


def test_each_retry_is_measured_from_the_one_before() -> None:
    story = Story().order(5.0, "lock").order(6.4, "lock").order(7.8, "lock")

    command = story.operation().command

    assert command is not None
    assert command.repeats == 2
    assert command.at_s == START_S + 5.0


def test_an_opposite_command_opens_the_next_operation_at_once() -> None:
    operations = Story().order(5.0, "lock").order(5.25, "unlock").operations()

    assert starts(operations) == [5.0, 5.25]


def test_a_command_for_other_doors_is_no_retry_of_the_first() -> None:
    vehicle = a_vehicle_with_orders_for(("driver",), DOORS[1:])
    story = Story(vehicle).order(5.0, "unlock", "driver").order(6.0, "unlock", *DOORS[1:])

    operations = story.operations()

    assert [operation.command and operation.command.doors for operation in operations] == [
        ("driver",),
        DOORS[1:],
    ]


@pytest.mark.parametrize(
    ("after_s", "expected"),
    [
        pytest.param(0.28, [DOORS], id="just in time"),
        pytest.param(0.32, [("driver",), DOORS[1:]], id="just too late"),
    ],
)
@pytest.mark.parametrize("counter", [None, "ORDERS.Count"])
def test_commands_for_different_doors_within_0_3_s_are_one(
    after_s: float, expected: list[tuple[str, ...]], counter: str | None
) -> None:
    vehicle = a_vehicle_with_orders_for(("driver",), DOORS[1:], counter=counter)
    story = Story(vehicle).order(5.0, "unlock", "driver")
    story.order(5.0 + after_s, "unlock", *DOORS[1:])

    commands = [operation.command for operation in story.operations()]

    assert [command.doors for command in commands if command] == expected


@pytest.mark.parametrize(
    ("after_s", "expected"),
    [
        pytest.param(1.45, ["deadlock"], id="just in time"),
        pytest.param(1.55, ["lock", "deadlock"], id="just too late"),
    ],
)
def test_a_deadlock_soon_after_a_lock_is_its_second_step(
    after_s: float, expected: list[str]
) -> None:
    story = Story().order(5.0, "lock").order(5.0 + after_s, "deadlock")

    assert [operation.command and operation.command.action for operation in story.operations()] == (
        expected
    )


@pytest.mark.parametrize(
    ("lead_s", "expected"),
    [pytest.param(0.005, 1, id="a few ms"), pytest.param(0.25, 2, id="too long before")],
)
def test_a_command_frame_may_reach_the_bus_just_before_its_request(
    lead_s: float, expected: int
) -> None:
    story = Story().order(5.0 - lead_s, "unlock").press(5.0, "unlock")

    operations = story.operations()

    assert len(operations) == expected
    assert operations[-1].request is not None
    assert (operations[0].request is not None) is (expected == 1)


def test_a_command_before_its_request_ends_the_operation_before_it() -> None:
    story = Story().cycle(5.0, "lock").order(6.995, "unlock").press(7.0, "unlock")

    first, second = story.operations()

    assert first.command is not None
    assert first.command.action == "lock"
    assert second.request is not None
    assert second.command is not None
    assert second.command.action == "unlock"


@pytest.mark.parametrize("action", ["trunk", "panic"])
def test_the_buttons_for_trunk_and_panic_ask_nothing_of_the_locks(action: str) -> None:
    assert Story().press(5.0, action).operations() == ()


@pytest.mark.parametrize(
    ("after_s", "expected"),
    [pytest.param(2.95, 1, id="within"), pytest.param(3.05, 2, id="behind")],
)
def test_what_comes_within_the_window_belongs_to_the_operation(
    after_s: float, expected: int
) -> None:
    story = Story().press(5.0, "unlock").order(5.0 + after_s, "unlock")

    assert len(story.operations()) == expected


def test_an_order_that_the_vehicle_file_has_no_word_for_is_not_held_for_none() -> None:
    story = Story().press(2.0, "lock").press(8.0, "lock").happen(8.125, "command.lock", None)

    first, second = story.operations()

    assert (first.outcome, second.outcome) == ("no-command", "unseen")


def test_an_order_without_a_word_is_known_from_the_doors_that_obeyed() -> None:
    story = Story().press(2.0, "unlock").happen(8.0, "command.lock", "lock")
    story.happen(12.0, "command.lock", None)
    for door in DOORS:
        story.say(8.25, "lock.status", "locked", door).answer(12.25, "unlocked", door)

    last = story.operations()[-1]

    assert last.command is not None
    assert (last.command.action, last.command.is_inferred) == ("unlock", True)
    assert last.outcome == "answered"


def a_story_of_held_orders() -> Story:
    """A car whose wanted state has no word for the driver's door alone; its fob is only marked."""
    left_out = ["command.lock", "command.requestor", "request.fob"]
    vehicle = a_vehicle(without=left_out, extra=[entry("command.lock", "BODY", *DOORS)])
    story = Story(vehicle).say(0.0, "command.lock", "lock").answer(0.0, "locked")
    # The first press is for the driver's door, the second one for all.
    story.say(4.0, "command.lock", None).answer(4.25, "unlocked", "driver")
    return story.mark(4.5, "press-fob-unlock")


def test_an_order_without_a_word_is_another_than_the_one_that_follows_later() -> None:
    story = a_story_of_held_orders().say(6.0, "command.lock", "unlock")
    story.answer(6.25, "unlocked", *DOORS[1:]).mark(6.5, "press-fob-unlock")

    first, second = story.operations()

    begun_s = first.at_s - story.start_s, second.at_s - story.start_s
    assert begun_s == pytest.approx((4.0, 6.0), abs=0.02)
    assert first.command is not None
    assert second.command is not None
    assert (first.command.doors, first.command.is_inferred) == (("driver",), True)
    assert (second.command.doors, second.command.is_inferred) == (DOORS, False)
    assert states(first) == {"driver": "answered"}
    assert states(second)["passenger"] == "answered"


def test_a_held_order_that_comes_back_after_one_without_a_word_is_an_order() -> None:
    story = a_story_of_held_orders().say(9.0, "command.lock", "lock")
    story.answer(9.25, "locked", "driver").mark(9.5, "press-fob-lock")

    last = story.operations()[-1]

    assert last.command is not None
    assert (last.command.action, last.command.is_inferred) == ("lock", False)
    assert states(last)["driver"] == "answered"


def test_an_order_without_a_word_ends_the_one_before_it() -> None:
    story = a_story_of_held_orders().say(6.0, "command.lock", "lock")
    story.answer(6.25, "locked", "driver").mark(6.5, "press-fob-lock")
    story.say(8.0, "command.lock", None).answer(8.25, "unlocked", "driver")
    story.mark(8.5, "press-fob-unlock")

    _, second, third = story.operations()

    # It has not bounced: it was told to unlock.
    assert states(second)["driver"] == states(third)["driver"] == "answered"


@pytest.mark.parametrize(
    ("orders", "flashes", "outcome"),
    [
        pytest.param(2, 2, "partly", id="they answer: it was ordered once more"),
        pytest.param(2, 0, "no-command", id="they always answered, and do not"),
        pytest.param(1, 0, "unseen", id="their habit is not known yet"),
    ],
)
def test_a_held_order_that_is_given_again_shows_in_the_lamps(
    orders: int, flashes: int, outcome: str
) -> None:
    vehicle = a_vehicle(without=["command.lock"], extra=[entry("command.lock", "BODY", *DOORS)])
    story = Story(vehicle, until_s=40.0).say(0.0, "command.lock", "unlock").answer(0.0, "unlocked")
    for number, (action, state) in enumerate((("lock", "locked"), ("unlock", "unlocked"))):
        at_s = 5.0 + 8.0 * number
        story.press(at_s, action).say(at_s + 0.125, "command.lock", action)
        story.answer(at_s + 0.25, state, *DOORS[: 1 if action == "unlock" else None])
        if number < orders:
            story.flash(at_s + 0.125, number + 1)
    story.press(25.0, "unlock").flash(25.125, flashes)

    assert story.operations()[-1].outcome == outcome


def test_the_first_frame_of_a_held_command_is_none() -> None:
    vehicle = a_vehicle(without=["command.lock"], extra=[entry("command.lock", "BODY", *DOORS)])

    assert Story(vehicle).operations() == ()


def test_a_held_command_is_given_at_each_change() -> None:
    vehicle = a_vehicle(without=["command.lock"], extra=[entry("command.lock", "BODY", *DOORS)])
    story = Story(vehicle).say(5.0, "command.lock", "unlock").say(12.0, "command.lock", "deadlock")

    commands = [operation.command for operation in story.operations()]

    assert [command.action for command in commands if command] == ["unlock", "deadlock"]


def test_a_held_command_that_returns_to_none_orders_nothing() -> None:
    vehicle = a_vehicle(without=["command.lock"], extra=[entry("command.lock", "BODY", *DOORS)])

    assert Story(vehicle).say(5.0, "command.lock", "none").operations() == ()


def test_another_fob_is_a_press_where_neither_button_nor_count_is_shown() -> None:
    left_out = ["request.fob", "fob.count", "fob.id"]
    vehicle = a_vehicle(without=left_out, extra=[entry("fob.id", "BODY")])
    story = Story(vehicle).say(5.0, "fob.id", 2.0)
    story.mark(5.5, "press-spare-fob-unlock").mark(9.0, "press-spare-fob-unlock")

    heard, unknown = story.operations()

    assert heard.request is not None
    assert heard.request.is_seen
    assert heard.outcome == "no-command"
    assert unknown.request is not None
    assert not unknown.request.is_seen
    assert not unknown.can_see_request


def test_a_step_of_the_fobs_count_is_a_press_where_its_button_is_not_shown() -> None:
    vehicle = a_vehicle(without=["request.fob"], extra=[entry("fob.count", "BODY")])
    story = Story(vehicle).say(5.0, "fob.count", 8.0).order(5.25, "unlock")

    request = story.operation().request

    assert request is not None
    assert (request.role, request.action) == ("request.fob", "pressed")


def test_a_step_of_the_fobs_count_is_nothing_where_its_button_is_shown() -> None:
    vehicle = a_vehicle(extra=[entry("fob.count", "BODY")])

    assert Story(vehicle).say(5.0, "fob.count", 8.0).operations() == ()


def test_the_first_frames_are_never_events() -> None:
    story = Story()
    for door in DOORS:
        story.say(0.0, "lock.status", "unlocked", door).say(0.0, "door.ajar", "open", door)
        story.say(0.0, "handle.outer", "pulled", door)
    story.say(0.0, "ack.flasher", "on").say(0.0, "command.inhibit", "yes")
    story.say(0.0, "power.state", "on")

    detected = story.detect()

    assert detected.operations == ()
    assert detected.accesses == ()
    assert detected.events == ()


def test_who_asked_is_told_by_the_frame_of_the_command() -> None:
    story = Story().say(4.0, "command.requestor", "interior").order(5.0, "lock")

    command = story.operation().command

    assert command is not None
    assert command.requestor == "interior"


def test_who_asked_may_be_told_just_after_the_command() -> None:
    vehicle = a_vehicle(without=["command.requestor"], extra=[entry("command.requestor", "BODY")])
    story = Story(vehicle).order(5.0, "lock").say(5.01, "command.requestor", "fob")

    command = story.operation().command

    assert command is not None
    assert command.requestor == "fob"


def test_who_asked_is_not_forgotten_when_the_bcm_stops_saying_so() -> None:
    story = Story().say(4.9, "command.requestor", "fob").order(5.0, "lock")
    story.happen(5.25, "command.requestor", "none")

    command = story.operation().command

    assert command is not None
    assert command.requestor == "fob"


def test_who_asked_for_the_last_command_did_not_ask_for_the_next() -> None:
    vehicle = a_vehicle(without=["command.requestor"], extra=[entry("command.requestor", "BODY")])
    story = Story(vehicle).say(4.9, "command.requestor", "fob").order(5.0, "lock")
    story.order(12.0, "unlock")

    _, second = story.operations()

    assert second.command is not None
    assert second.command.requestor is None


def test_a_door_that_is_opened_from_inside_is_no_operation() -> None:
    story = Story().answer(5.0, "unlocked", "driver").open_door(5.25, "driver")

    assert story.operations() == ()


@pytest.mark.parametrize("sign", ["handle.inner", "door.ajar", "latch.status"])
@pytest.mark.parametrize(
    ("apart_s", "expected"),
    [pytest.param(0.8, 0, id="together"), pytest.param(1.3, 1, id="apart")],
)
def test_a_lock_that_moves_with_its_opening_door_was_moved_by_hand(
    sign: str, apart_s: float, expected: int
) -> None:
    vehicle = a_vehicle(extra=[entry("latch.status", name_of("driver"), "driver")])
    value = {"handle.inner": "pulled", "door.ajar": "open", "latch.status": "open"}[sign]
    story = Story(vehicle).answer(5.0, "unlocked", "driver")
    story.say(5.0 + apart_s, sign, value, "driver")

    assert len(story.operations()) == expected


def test_a_change_of_lock_status_that_nothing_explains_opens_an_operation() -> None:
    operation = Story().answer(5.0, "unlocked", "driver").operation()

    assert operation.request is None
    assert operation.command is None
    assert operation.outcome == "unseen"
    assert operation.responses == ()


def test_an_operation_across_a_sleeping_bus_claims_nothing_of_it() -> None:
    story = Story(until_s=60.0).press(9.9, "unlock").lose(10.0, 40.0)
    for door in DOORS:
        story.answer(39.0, "unlocked", door)

    first, second = story.operations()

    assert first.outcome == "unseen"
    assert first.responses == ()
    assert not first.can_see_command
    assert second.at_s >= START_S + 40.0
    assert second.outcome == "unseen"


def test_a_latency_is_never_taken_across_a_sleeping_bus() -> None:
    story = Story(until_s=60.0).cycle(9.9, "unlock").lose(10.0, 12.0)

    for response in story.operation().responses:
        assert response.state == "answered"
        assert response.latency_floor_s is not None
        assert response.latency_floor_s < 0.1


def test_how_things_stood_when_it_began_is_told() -> None:
    story = Story().open_door(2.0, "passenger").say(2.0, "power.state", "on")
    story.say(2.0, "key.inside", "yes").say(2.0, "supply.voltage", 11.75)
    story.say(5.25, "supply.voltage", 10.5).say(5.5, "supply.voltage", 12.0)
    story.say(2.0, "ambient.temperature", -5.0).say(2.0, "vehicle.speed", 3.5)

    known = story.press(5.0, "lock").operation().circumstance

    assert known.ajar_doors == ("passenger",)
    assert (known.power, known.is_key_inside, known.is_key_inserted) == ("on", True, None)
    assert (known.supply_v, known.supply_min_v) == (11.75, 10.5)
    assert (known.temperature_c, known.speed_kmh) == (-5.0, 3.5)
    assert dict(known.locks) == dict.fromkeys(DOORS, "locked")


def test_operations_within_20_s_are_counted() -> None:
    story = Story(until_s=40.0)
    for at_s in (2.0, 6.0, 10.0, 21.9, 23.0):
        story.press(at_s, "lock")

    counts = [operation.circumstance.operations_in_20_s for operation in story.operations()]

    assert counts == [1, 2, 3, 4, 4]


def test_the_answer_of_one_operation_is_not_the_answer_of_the_next() -> None:
    story = Story().cycle(5.0, "unlock").cycle(6.0, "lock").cycle(7.0, "unlock")

    for operation in story.operations():
        assert operation.outcome == "answered"
        latency_s = response_of(operation, "driver").latency_s
        assert latency_s is not None
        assert latency_s < 0.4
