"""What could have been seen: roles that are not mapped, messages that are dead, gaps, sleep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from canlock.detection.presence import Presence
from canlock.model.operations import Operation
from canlock.model.samples import Decoded, MessageLife, Silence
from canlock.model.stream import Gap
from canlock.model.vehicle import Vehicle
from detection.detection_builders import (
    DOORS,
    PERIOD_S,
    START_S,
    Story,
    a_plain_vehicle,
    a_vehicle,
    entry,
    facts,
)

BCM = ("RKE", "ORDERS", "BODY")


def a_marked_press(vehicle: Vehicle, at_s: float = 10.0, **more: float) -> Story:
    return Story(vehicle, **more).mark(at_s, "press-fob-unlock")  # type: ignore[arg-type]


def test_a_healthy_bus_would_have_shown_request_and_command() -> None:
    operation = a_marked_press(a_vehicle()).operation()

    assert operation.can_see_request
    assert operation.can_see_command


def test_a_role_that_is_not_mapped_could_not_be_seen() -> None:
    plain = a_vehicle(without=["request.fob", "command.lock", "ack.flasher"])

    operation = a_marked_press(plain).operation()

    assert not operation.can_see_request
    assert not operation.can_see_command
    assert operation.outcome == "unseen"


def test_where_commands_are_not_on_the_bus_the_lamps_would_have_shown_one() -> None:
    operation = a_marked_press(a_plain_vehicle()).operation()

    assert not operation.can_see_request
    assert operation.can_see_command
    assert operation.outcome == "no-command"


WITHOUT_BELIEF = replace(
    a_plain_vehicle(),
    signals=tuple(s for s in a_plain_vehicle().signals if s.feedback != "belief"),
)


@pytest.mark.parametrize("action", ["press-interior-unlock", "turn-key-unlock"])
def test_the_lamps_answer_only_those_who_stand_outside(action: str) -> None:
    story = Story(WITHOUT_BELIEF).mark(10.0, action)

    assert not story.operation().can_see_command


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        pytest.param("press-interior-unlock", True, id="it would change"),
        pytest.param("press-interior-lock", False, id="it says so already"),
        pytest.param("turn-key-unlock", False, id="a key orders nothing in many cars"),
    ],
)
def test_the_belief_of_the_bcm_would_have_shown_an_order_from_inside(
    action: str, expected: bool
) -> None:
    story = Story(a_plain_vehicle()).mark(10.0, action)

    assert story.operation().can_see_command is expected


def test_a_belief_that_was_not_on_the_bus_would_have_shown_nothing() -> None:
    story = Story(a_plain_vehicle()).lose(8.0, 16.0, "STATUS").mark(10.0, "press-interior-unlock")

    assert not story.operation().can_see_command


def test_nobody_sees_an_answer_in_hazard_lamps() -> None:
    operation = Story(a_plain_vehicle()).flash(2.0, 20).mark(10.0, "press-fob-unlock").operation()

    assert not operation.can_see_command
    assert operation.outcome == "unseen"


def test_a_request_of_another_kind_could_not_be_seen() -> None:
    story = Story().mark(10.0, "press-handle-switch", "driver")

    assert not story.operation().can_see_request


@pytest.mark.parametrize(("door", "expected"), [("driver", True), ("passenger", False)])
def test_a_switch_can_be_seen_at_the_doors_that_are_mapped(door: str, expected: bool) -> None:
    vehicle = a_vehicle(extra=[entry("request.handle", "BODY", "driver", kind="event")])
    story = Story(vehicle).mark(10.0, "press-handle-switch", door)

    assert story.operation().can_see_request is expected


Change = Callable[[Story], Story]


@pytest.mark.parametrize(
    "hide",
    [
        pytest.param(lambda s: s.lose(0.0, 20.0, *BCM), id="never seen"),
        pytest.param(lambda s: s.lose(9.0, 12.5, *BCM), id="dead in the window"),
        pytest.param(lambda s: s.lose(10.25, 20.0, *BCM), id="dies in the window"),
        pytest.param(lambda s: s.lose(0.0, 10.5, *BCM), id="wakes in the window"),
        pytest.param(lambda s: s.lose(8.0, 14.0), id="asleep"),
        pytest.param(lambda s: s.lose(10.25, 14.0), id="falls asleep"),
        pytest.param(lambda s: replace(s, until_s=10.5).mark(30.0, "note"), id="recording ends"),
        pytest.param(
            lambda s: replace(s, side=[*s.side, Gap(START_S + 10.5, START_S + 10.75, "overflow")]),
            id="gap",
        ),
    ],
)
@pytest.mark.parametrize("vehicle", [a_vehicle(), a_plain_vehicle()], ids=["T3", "T1"])
def test_what_was_not_there_to_be_seen_is_never_missing(hide: Change, vehicle: Vehicle) -> None:
    operation = hide(a_marked_press(vehicle, until_s=20.0)).operation()

    assert not operation.can_see_request
    assert not operation.can_see_command
    assert operation.outcome == "unseen"


@pytest.mark.parametrize("pressed_after_s", [0.25, 1.0, 3.0, 6.0, 30.0])
def test_a_press_after_the_recording_has_ended_is_not_unheard(pressed_after_s: float) -> None:
    story = a_marked_press(a_vehicle(), 20.0 + pressed_after_s, until_s=20.0).mark(60.0, "note")

    assert not story.operation().can_see_request


def test_a_press_before_the_recording_began_is_not_unheard() -> None:
    story = a_marked_press(a_vehicle(), 0.75)

    assert not story.operation().can_see_request


@pytest.mark.parametrize(
    ("lost_s", "expected"),
    [
        pytest.param(0.5, True, id="a few frames"),
        pytest.param(0.875, False, id="more than five periods"),
    ],
)
def test_a_few_lost_frames_hide_nothing(lost_s: float, expected: bool) -> None:
    story = a_marked_press(a_vehicle()).lose(10.0, 10.0 + lost_s, "BODY")

    assert story.operation().can_see_request is expected


def test_a_message_that_comes_only_with_events_counts_while_its_sender_lives() -> None:
    vehicle = a_vehicle()
    dead = a_marked_press(vehicle).lose(0.0, 20.0, "BODY").operation()
    alive = a_marked_press(vehicle).operation()

    assert (dead.can_see_request, alive.can_see_request) == (False, True)


def test_where_the_sender_is_not_known_the_bcm_stands_for_it() -> None:
    vehicle = a_vehicle()
    messages = tuple(
        replace(message, sender=None) if message.name == "RKE" else message
        for message in vehicle.messages
    )
    vehicle = replace(vehicle, messages=messages)

    assert a_marked_press(vehicle).operation().can_see_request
    nobody = replace(vehicle, alive=())
    assert not a_marked_press(nobody).operation().can_see_request


def test_a_message_of_another_sender_proves_nothing() -> None:
    vehicle = a_vehicle()
    messages = tuple(
        replace(message, sender="RECEIVER") if message.name == "RKE" else message
        for message in vehicle.messages
    )

    assert not a_marked_press(replace(vehicle, messages=messages)).operation().can_see_request


@pytest.mark.parametrize(("asked", "expected"), [("unlock", "unseen"), ("lock", "no-command")])
def test_a_wanted_state_that_is_held_cannot_change_to_what_it_is(asked: str, expected: str) -> None:
    vehicle = a_vehicle(without=["command.lock"], extra=[entry("command.lock", "BODY", *DOORS)])
    story = Story(vehicle).say(0.0, "command.lock", "unlock").press(5.0, asked)

    assert story.operation().outcome == expected


def test_a_command_has_1_5_s_before_it_is_missing() -> None:
    def shortened(by_the_next_s: float) -> Operation:
        return Story().press(5.0, "unlock").press(5.0 + by_the_next_s, "unlock").operations()[0]

    assert shortened(1.45).outcome == "unseen"
    assert shortened(1.55).outcome == "no-command"


def presence_of(*lives: MessageLife, silences: tuple[Silence, ...] = ()) -> Presence:
    vehicle = a_vehicle()
    slow = facts("SLOW", 0x400, 5.0)
    presence = Presence(replace(vehicle, messages=(*vehicle.messages, slow)))
    last_s = max(life.last_s for life in lives)
    presence.learn(Decoded(0.0, last_s, 1, lives=lives, silences=silences))
    return presence


def body(first_s: float, last_s: float, period_s: float | None = PERIOD_S) -> MessageLife:
    return MessageLife("BODY", 100, first_s, last_s, period_s)


@pytest.mark.parametrize(
    ("from_s", "until_s", "expected"),
    [
        pytest.param(10.0, 12.0, True, id="in the middle"),
        pytest.param(0.5, 3.0, False, id="before its first frame"),
        pytest.param(98.0, 100.5, True, id="up to a few periods behind its last"),
        pytest.param(98.0, 101.0, False, id="well behind its last"),
        pytest.param(48.0, 50.5, True, id="the silence has only just begun"),
        pytest.param(48.0, 51.0, False, id="into the silence"),
        pytest.param(52.0, 53.0, False, id="within the silence"),
        pytest.param(54.0, 56.0, False, id="out of the silence"),
        pytest.param(55.5, 57.0, True, id="behind the silence"),
    ],
)
def test_a_cyclic_message_must_have_kept_coming(
    from_s: float, until_s: float, expected: bool
) -> None:
    presence = presence_of(
        body(1.0, 100.0),
        MessageLife("SLOW", 20, 0.0, 110.0, 5.0),
        silences=(Silence("BODY", 50.0, 55.0),),
    )

    assert presence.kept_coming("BODY", from_s, until_s) is expected
    assert presence.can_see_event("BODY", from_s, until_s) is expected


@pytest.mark.parametrize(
    ("period_s", "until_s", "expected"),
    [
        pytest.param(0.02, 50.45, True, id="a fast message may pause for half a second"),
        pytest.param(0.02, 50.55, False, id="and no longer"),
        pytest.param(1.0, 54.9, True, id="a slow one for five periods"),
        pytest.param(1.0, 55.1, False, id="and no more"),
    ],
)
def test_a_pause_is_a_silence_after_five_periods_and_half_a_second(
    period_s: float, until_s: float, expected: bool
) -> None:
    presence = presence_of(body(1.0, 100.0, period_s), silences=(Silence("BODY", 50.0, 60.0),))

    assert presence.kept_coming("BODY", 48.0, until_s) is expected


def test_nothing_is_seen_behind_the_end_of_the_recording_however_slow_the_sender() -> None:
    presence = presence_of(MessageLife("SLOW", 20, 0.0, 100.0, 5.0))

    assert presence.can_see_event("SLOW", 95.0, 99.0)
    assert not presence.can_see_event("SLOW", 99.0, 103.0)
    assert not presence.can_see_event("RKE", 99.0, 103.0)


def test_a_message_without_a_period_is_alive_for_nobody() -> None:
    presence = presence_of(body(1.0, 100.0, period_s=None))

    assert not presence.kept_coming("BODY", 10.0, 11.0)


def test_what_is_forgotten_is_only_what_nobody_asks_about() -> None:
    presence = presence_of(body(1.0, 100.0), silences=(Silence("BODY", 10.0, 20.0),))
    presence.add_gap(Gap(30.0, 31.0, "lost"))
    presence.forget_before(15.0)

    assert not presence.kept_coming("BODY", 18.0, 22.0)
    assert presence.is_gapped(29.0, 32.0)
    presence.forget_before(60.0)
    assert presence.kept_coming("BODY", 70.0, 72.0)
    assert not presence.is_gapped(29.0, 32.0)


@pytest.mark.parametrize(
    ("from_s", "until_s", "expected"),
    [(28.0, 30.0, True), (31.0, 33.0, True), (31.1, 33.0, False), (28.0, 29.9, False)],
)
def test_a_gap_touches_what_overlaps_it(from_s: float, until_s: float, expected: bool) -> None:
    presence = presence_of(body(1.0, 100.0))
    presence.add_gap(Gap(30.0, 31.0, "lost"))

    assert presence.is_gapped(from_s, until_s) is expected


def test_a_state_that_its_message_has_stopped_telling_is_stale() -> None:
    detected = Story(until_s=20.0).lose(10.0, 20.0, "DOOR_DRIVER").detect()

    stale = {state.door: state.is_stale for state in detected.states if state.role == "lock.status"}

    assert stale == {"driver": True, "passenger": False, "rear-left": False, "rear-right": False}


@pytest.mark.parametrize(("kind", "is_visible"), [("event", True), ("state", False)])
def test_a_message_that_never_came_may_be_an_event_that_never_happened_but_is_no_state(
    kind: str, *, is_visible: bool
) -> None:
    """One that is sent on a change alone may not have changed, or may pass on another bus."""
    vehicle = a_vehicle(extra=[entry("latch.status", "LATCHES", "driver", kind=kind)])
    vehicle = replace(vehicle, messages=(*vehicle.messages, facts("LATCHES", 0x120, None)))
    presence = Presence(vehicle)
    presence.learn(Decoded(0.0, 100.0, 1, lives=(body(0.0, 100.0),)))

    assert presence.can_see_event("LATCHES", 10.0, 12.0) == is_visible


@pytest.mark.parametrize(
    ("order_s", "is_waking"),
    [
        pytest.param(0.25, True, id="the log has just begun"),
        pytest.param(10.0, False, id="awake"),
        pytest.param(20.25, True, id="it slept until now"),
        pytest.param(23.0, False, id="awake again"),
    ],
)
def test_the_first_order_of_a_bus_that_wakes_is_known_as_such(
    order_s: float, is_waking: bool
) -> None:
    messages = [facts.name for facts in a_vehicle().messages]
    story = Story(until_s=40.0).lose(12.0, 20.0, *messages).order(order_s, "lock")

    assert story.operation().is_waking is is_waking
