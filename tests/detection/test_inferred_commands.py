"""Commands known only from their echo: flashes of the lamps, and what the BCM believes."""

from __future__ import annotations

import pytest

from canlock.model.operations import Operation
from canlock.model.vehicle import Timing
from detection.detection_builders import (
    DOORS,
    START_S,
    Story,
    a_plain_vehicle,
    a_vehicle,
    states,
)

OTHERS = DOORS[1:]


def plain(**more: float) -> Story:
    return Story(a_plain_vehicle(), **more)  # type: ignore[arg-type]


def believe(story: Story, at_s: float, value: str) -> Story:
    """The BCM believes that the doors but the driver's are so."""
    return story.say(at_s, "lock.status", value, *OTHERS)


def order_of(operation: Operation) -> tuple[str, tuple[str, ...], bool]:
    assert operation.command is not None
    return operation.command.action, operation.command.doors, operation.command.is_inferred


@pytest.mark.parametrize(
    ("times", "expected"), [(1, ("lock", DOORS, True)), (2, ("unlock", ("driver",), True))]
)
def test_flashes_alone_tell_the_order_and_prove_nothing_of_the_doors(
    times: int, expected: tuple[str, tuple[str, ...], bool]
) -> None:
    operation = plain().flash(5.0, times).operation()

    assert order_of(operation) == expected
    assert operation.flashes == times
    assert operation.responses == ()
    assert operation.outcome == "unseen"


@pytest.mark.parametrize("times", [4, 60])
def test_hazard_lamps_are_no_operation(times: int) -> None:
    assert plain(until_s=70.0).flash(5.0, times).operations() == ()


def test_hazard_lamps_do_not_hide_what_the_locks_do() -> None:
    story = plain(until_s=90.0).flash(5.0, 80)
    for at_s, value in ((20.0, "unlocked"), (40.0, "locked"), (60.0, "unlocked")):
        believe(story.answer(at_s, value, "driver"), at_s, value)

    operations = story.operations()

    assert [operation.at_s - START_S for operation in operations] == [20.0, 40.0, 60.0]
    assert [operation.flashes for operation in operations] == [0, 0, 0]
    for operation in operations:
        assert states(operation)["driver"] == "answered"


def test_hazard_lamps_do_not_hide_a_command() -> None:
    story = Story(until_s=60.0).flash(5.0, 60).order(30.0, "lock")

    operation = story.operation()

    assert operation.at_s == START_S + 30.0
    assert operation.flashes == 0


def test_a_selective_unlock_is_for_the_driver_only() -> None:
    story = plain().flash(5.0, 2).answer(5.25, "unlocked", "driver")

    operation = story.operation()

    assert order_of(operation) == ("unlock", ("driver",), True)
    assert states(operation) == {"driver": "answered"}


def test_an_unlock_that_the_bcm_believes_of_the_others_is_for_all() -> None:
    story = believe(plain().flash(5.0, 2).answer(5.25, "unlocked", "driver"), 5.25, "unlocked")

    assert order_of(story.operation()) == ("unlock", DOORS, True)


def test_what_the_bcm_believes_is_dated_by_its_first_echo() -> None:
    story = believe(plain(), 5.0, "unlocked").answer(5.25, "unlocked", "driver")

    command = story.operation().command

    assert command is not None
    assert command.at_s == START_S + 5.0
    assert states(story.operation())["driver"] == "answered"


def test_a_dead_lock_is_seen_against_the_belief_that_it_moved() -> None:
    operation = believe(plain().flash(5.0, 2), 5.25, "unlocked").operation()

    assert states(operation)["driver"] == "silent"
    assert operation.outcome == "silent"


def test_one_lock_that_moves_alone_is_no_order() -> None:
    """A hand on the knob of the driver's door does the same."""
    operation = plain().answer(5.0, "unlocked", "driver").operation()

    assert operation.command is None
    assert operation.outcome == "unseen"
    assert operation.responses == ()


def test_several_locks_that_move_together_tell_of_an_order() -> None:
    story = Story(a_vehicle(without=["command.lock", "command.requestor"]))
    story.say(0.0, "lock.status", "unlocked").answer(5.0, "locked", "driver", "passenger")
    story.answer(5.0, "locked", "rear-left")

    operation = story.operation()

    assert order_of(operation) == ("lock", DOORS, True)
    assert states(operation)["rear-right"] == "silent"


def test_a_knob_that_is_pressed_by_hand_accuses_no_other_door() -> None:
    story = Story(a_vehicle(without=["command.lock", "command.requestor"]))
    story.say(0.0, "lock.status", "unlocked").answer(5.0, "locked", "passenger")

    operation = story.operation()

    assert operation.command is None
    assert operation.responses == ()


def test_an_order_and_its_opposite_2_s_later_are_two() -> None:
    """So a lock-out protection locks and unlocks at once: no lock has fallen back."""
    story = plain().say(0.0, "lock.status", "unlocked")
    believe(story.answer(5.0, "locked", "driver"), 5.125, "locked")
    believe(story.answer(6.5, "unlocked", "driver"), 6.5, "unlocked")

    first, second = story.operations()

    assert states(first)["driver"] == states(second)["driver"] == "answered"
    assert second.cause is None or second.cause == "repulsion"


@pytest.mark.parametrize("flashes_first", [True, False])
def test_the_second_press_of_a_selective_unlock_is_an_order_of_its_own(
    flashes_first: bool,
) -> None:
    lead_s = 0.125 if flashes_first else -0.125
    story = plain().answer(5.0, "unlocked", "driver").flash(5.0 - lead_s, 2)
    believe(story.flash(7.75 - lead_s, 2), 7.75, "unlocked")

    operations = story.operations()

    assert [order_of(operation) for operation in operations] == [
        ("unlock", ("driver",), True),
        ("unlock", DOORS, True),
    ]
    assert [operation.flashes for operation in operations] == [2, 2]
    assert states(operations[0]) == {"driver": "answered"}


@pytest.mark.parametrize(
    ("after_s", "expected"),
    [pytest.param(0.5, 1, id="an echo"), pytest.param(0.9, 2, id="the next order")],
)
def test_the_echoes_of_one_order_come_together(after_s: float, expected: int) -> None:
    story = believe(plain().answer(5.0, "unlocked", "driver"), 5.0 + after_s, "unlocked")

    assert len(story.operations()) == expected


def test_a_knob_that_is_moved_by_hand_does_not_swallow_the_press_that_follows() -> None:
    story = plain().say(0.0, "lock.status", "unlocked").answer(5.0, "locked", "driver")
    story.flash(7.25).mark(7.75, "press-fob-lock")

    by_hand, by_fob = story.operations()

    assert by_hand.request is None
    assert by_hand.flashes == 0
    assert by_fob.request is not None
    assert (by_fob.flashes, by_fob.outcome) == (1, "answered")
    assert states(by_fob)["driver"] == "already"


def test_an_echo_whose_frames_were_lost_may_have_come_in_time() -> None:
    story = plain().flash(5.0, 2).lose(5.25, 7.0, "STATUS")

    assert len(believe(story, 5.5, "unlocked").operations()) == 1


def test_a_lock_that_falls_back_while_the_bcm_believes_on_has_bounced() -> None:
    story = plain().say(0.0, "lock.status", "unlocked")
    believe(story.answer(5.0, "locked", "driver"), 5.125, "locked")
    story.answer(6.5, "unlocked", "driver")

    assert states(story.operation())["driver"] == "bounced"


def test_a_command_frame_that_was_lost_is_known_from_the_doors_that_obeyed() -> None:
    story = Story().press(5.0, "unlock")
    for door in DOORS:
        story.answer(5.25, "unlocked", door)

    operation = story.operation()

    assert order_of(operation) == ("unlock", DOORS, True)
    assert operation.outcome == "answered"


def test_a_relock_is_recognised_where_orders_are_only_believed() -> None:
    story = Story(a_plain_vehicle(timing=Timing(auto_relock=30.0)), until_s=50.0)
    believe(story.answer(5.0, "unlocked", "driver"), 5.0, "unlocked")
    believe(story.answer(35.0, "locked", "driver"), 35.0, "locked")

    _, second = story.operations()

    assert second.cause == "auto-relock"


def turned(*doors: str) -> Story:
    """A key turns in the driver's cylinder, and locks move."""
    story = Story(a_vehicle(without=["command.lock"]), until_s=20.0)
    story.say(0.0, "lock.status", "locked", *DOORS)
    story.mark(5.0, "turn-key-unlock")
    for door in doors:
        story.answer(5.2, "unlocked", door)
    return story


def test_a_key_that_turns_moves_its_own_lock_by_hand() -> None:
    operation = turned("driver").operation()

    assert operation.command is None
    assert operation.responses == ()
    assert operation.outcome == "unseen"


def test_a_key_that_turns_gave_an_order_where_other_locks_move_too() -> None:
    operation = turned("driver", "passenger", "rear-left").operation()

    assert order_of(operation)[0] == "unlock"
    assert states(operation)["passenger"] == "answered"


@pytest.mark.parametrize(
    ("mark_s", "expected"),
    [
        pytest.param(8.5, "silent", id="the key turned it"),
        pytest.param(None, "slow", id="nobody said so"),
        pytest.param(11.0, "slow", id="the key came later"),
    ],
)
def test_a_lock_that_a_key_turned_is_not_slow_to_obey_the_fob(
    mark_s: float | None, expected: str
) -> None:
    story = believe(plain().flash(5.0, 2), 5.125, "unlocked").answer(8.125, "unlocked", "driver")
    if mark_s is not None:
        story.mark(mark_s, "turn-key-unlock")

    first, *others = story.operations()

    assert states(first)["driver"] == expected
    if expected == "silent":
        (turned,) = others
        assert turned.command is None
        assert turned.request is not None
        assert turned.request.role == "request.cylinder"


@pytest.mark.parametrize(("flashes", "action"), [(1, "lock"), (2, "unlock")])
def test_two_flashes_after_a_press_that_was_marked_as_lock_are_of_an_unlock(
    flashes: int, action: str
) -> None:
    """The wrong button was marked, or another pressed; the driver's door was unlocked already."""
    story = plain().say(0.0, "lock.status", "unlocked").flash(5.0, flashes)
    story.mark(5.5, "press-fob-lock")

    assert order_of(story.operation())[0] == action


def test_a_belief_that_is_taken_back_before_it_changed_is_an_order() -> None:
    """After an unlock of one door, the BCM locks that one and at once unlocks them all."""
    story = plain().say(0.0, "lock.status", "unlocked", "driver")
    story.answer(5.0, "locked", "driver")
    story.mark(5.25, "press-interior-lock")
    story = believe(story, 5.5, "unlocked").answer(5.625, "unlocked", "driver")

    ways = [order_of(operation)[0] for operation in story.operations() if operation.command]

    assert ways[-1] == "unlock"
