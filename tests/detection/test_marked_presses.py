"""Presses that a person marked: late, early, taken back, or all that there is."""

from __future__ import annotations

import pytest

from canlock.detection.detector import Detector
from canlock.model.stream import Mark, MarkUndone
from detection.detection_builders import (
    DOORS,
    START_S,
    Story,
    a_plain_vehicle,
    a_vehicle,
    entry,
    states,
)


def a_plain_lock(story: Story, at_s: float, value: str) -> Story:
    """All locks of a plain car move, as far as it shows."""
    return story.answer(at_s, value, "driver").say(at_s, "lock.status", value, *DOORS[1:])


@pytest.mark.parametrize(
    ("late_s", "expected"),
    [
        pytest.param(0.0, 1, id="at once"),
        pytest.param(1.45, 1, id="just in time"),
        pytest.param(1.55, 2, id="just too late"),
    ],
)
def test_a_mark_belongs_to_the_press_up_to_1_5_s_before_it(late_s: float, expected: int) -> None:
    story = Story().cycle(5.0, "unlock").mark(5.0 + late_s, "press-fob-unlock")

    operations = story.operations()

    assert len(operations) == expected
    assert operations[0].request is not None
    assert operations[0].request.is_seen
    assert operations[0].request.is_marked is (expected == 1)
    assert operations[0].request.at_s == START_S + 5.0


@pytest.mark.parametrize(
    ("early_s", "expected"),
    [pytest.param(0.4, 1, id="just in time"), pytest.param(0.6, 2, id="just too early")],
)
def test_a_press_that_is_received_up_to_half_a_second_after_its_mark_belongs_to_it(
    early_s: float, expected: int
) -> None:
    story = Story().mark(5.0 - early_s, "press-fob-unlock").press(5.0, "unlock")

    assert len(story.operations()) == expected


def test_a_mark_for_the_other_way_just_after_a_press_is_a_wrong_mark() -> None:
    request = Story().cycle(5.0, "unlock").mark(5.5, "press-fob-lock").operation().request

    assert request is not None
    assert (request.action, request.is_seen, request.is_marked) == ("unlock", True, True)


def test_a_mark_for_the_other_way_after_a_press_that_was_marked_is_another_press() -> None:
    story = Story().cycle(5.0, "unlock").mark(5.25, "press-fob-unlock").mark(6.0, "press-fob-lock")

    requests = [operation.request for operation in story.operations()]

    assert [(r.action, r.is_seen, r.is_marked) for r in requests if r] == [
        ("unlock", True, True),
        ("lock", False, True),
    ]


def test_a_mark_prefers_the_press_that_it_names() -> None:
    story = Story().press(5.0, "lock").press(5.75, "unlock").mark(6.25, "press-fob-unlock")

    requests = [operation.request for operation in story.operations()]

    assert [(r.action, r.is_marked) for r in requests if r] == [("lock", False), ("unlock", True)]


def test_a_wrong_mark_does_not_make_a_door_silent() -> None:
    story = Story(a_plain_vehicle()).say(0.0, "lock.status", "unlocked")
    a_plain_lock(story, 5.25, "locked").flash(5.125).mark(5.5, "press-fob-unlock")

    operation = story.operation()

    assert operation.command is not None
    assert operation.command.action == "lock"
    assert states(operation)["driver"] == "answered"


def test_a_mark_for_another_button_is_another_press() -> None:
    story = Story().cycle(5.0, "unlock").mark(5.5, "press-interior-unlock")

    assert len(story.operations()) == 2


def test_two_marks_for_two_quick_presses_find_one_each() -> None:
    story = Story().press(5.0, "unlock").press(5.6, "unlock")
    story.mark(6.4, "press-fob-unlock").mark(7.0, "press-fob-unlock")

    requests = [operation.request for operation in story.operations()]

    assert [(r.is_seen, r.is_marked) for r in requests if r] == [(True, True), (True, True)]


def test_a_mark_tells_the_spare_fob_from_the_first() -> None:
    story = Story().cycle(5.0, "unlock").mark(5.5, "press-spare-fob-unlock")

    request = story.operation().request

    assert request is not None
    assert request.mark_action == "press-spare-fob-unlock"


def test_a_mark_tells_which_handle_switch_was_pressed() -> None:
    story = Story().mark(5.0, "press-handle-switch", "passenger")

    request = story.operation().request

    assert request is not None
    assert (request.role, request.action, request.door) == (
        "request.handle",
        "pressed",
        "passenger",
    )


def test_a_marked_press_that_nothing_followed_is_an_operation_of_its_own() -> None:
    operation = Story().mark(5.0, "press-fob-unlock").operation()

    assert operation.request is not None
    assert not operation.request.is_seen
    assert operation.can_see_request
    assert operation.can_see_command
    assert operation.outcome == "no-command"


@pytest.mark.parametrize("echo", ["flash", "belief", "measured"])
def test_what_follows_a_mark_joins_its_operation(echo: str) -> None:
    story = Story(a_plain_vehicle()).mark(5.0, "press-fob-lock")
    if echo == "flash":
        story.flash(5.5)
    elif echo == "belief":
        story.say(0.0, "lock.status", "unlocked").say(5.5, "lock.status", "locked", *DOORS[1:])
    else:
        story.say(0.0, "lock.status", "unlocked", "driver").answer(5.5, "locked", "driver")

    operation = story.operation()

    assert operation.request is not None
    assert operation.command is not None
    assert operation.command.action == "lock"
    assert operation.command.is_inferred


def test_a_mark_joins_the_flash_that_it_follows() -> None:
    operation = Story(a_plain_vehicle()).flash(5.0, 2).mark(6.0, "press-fob-unlock").operation()

    assert operation.at_s <= START_S + 5.25
    assert operation.request is not None
    assert operation.flashes == 2


@pytest.mark.parametrize("second", ["unlock", "lock"])
def test_the_late_mark_of_a_second_press_finds_its_own_flash(second: str) -> None:
    """The second press falls into the window of the first, both marks come half a second late."""
    story = Story(a_plain_vehicle())
    story.flash(5.0, 2).mark(5.5, "press-fob-unlock")
    story.flash(7.25, 2 if second == "unlock" else 1).mark(7.75, f"press-fob-{second}")

    operations = story.operations()

    assert len(operations) == 2
    for operation in operations:
        assert operation.flashes > 0
        assert operation.request is not None
        assert operation.request.is_marked


def test_an_unlock_soon_after_a_lock_is_no_lock_that_fell_back() -> None:
    story = Story(a_plain_vehicle())
    story.say(0.0, "lock.status", "unlocked")
    a_plain_lock(story, 5.25, "locked").flash(5.125).mark(5.5, "press-fob-lock")
    a_plain_lock(story, 7.25, "unlocked").flash(7.25, 2).mark(7.75, "press-fob-unlock")

    first, second = story.operations()

    assert states(first)["driver"] == "answered"
    assert states(second)["driver"] == "answered"
    assert first.command is not None
    assert second.command is not None
    assert (first.command.action, second.command.action) == ("lock", "unlock")


@pytest.mark.parametrize(
    ("answer_s", "second_s", "answered"),
    [
        pytest.param(5.75, 5.875, ["passenger"], id="just before the second mark"),
        pytest.param(5.75, 6.25, ["passenger"], id="nearer to the second mark"),
        pytest.param(5.25, 6.0, ["passenger"], id="as marks are late, the second's"),
        pytest.param(5.125, 6.0, ["driver"], id="nearer to the first mark"),
        pytest.param(5.75, 7.0, ["driver"], id="long before the second mark"),
        pytest.param(4.875, 5.125, ["driver"], id="before both"),
    ],
)
@pytest.mark.parametrize("echo", ["command", "flash"])
def test_of_two_presses_that_were_only_marked_the_nearer_has_the_answer(
    answer_s: float, second_s: float, answered: list[str], echo: str
) -> None:
    """A handle's switch is dead, and somebody presses the next door's at once."""
    vehicle = a_vehicle() if echo == "command" else a_plain_vehicle()
    story = Story(vehicle, until_s=30.0).say(0.0, "lock.status", "locked")
    if echo == "command":
        story.order(answer_s, "unlock")
    else:
        story.flash(answer_s)
    story.mark(5.0, "press-handle-switch", "driver")
    story.mark(second_s, "press-handle-switch", "passenger")

    operations = story.operations()

    doors = {o.request.door: o for o in operations if o.request is not None}
    assert set(doors) == {"driver", "passenger"}
    assert [door for door, one in doors.items() if one.command or one.flashes] == answered


@pytest.mark.parametrize(
    ("late_s", "requestor", "answered"),
    [
        pytest.param(2.5, None, "request.interior", id="too late for what was received"),
        pytest.param(1.25, None, "request.fob", id="late, and still its answer"),
        pytest.param(2.5, "fob", "request.fob", id="in its own name"),
        pytest.param(2.5, "interior", "request.interior", id="in the name of the other"),
    ],
)
def test_a_refused_press_takes_no_answer_from_the_button_inside(
    late_s: float, requestor: str | None, answered: str
) -> None:
    """A door stood open as the fob was pressed; somebody shuts it and presses inside."""
    vehicle = a_vehicle(without=["request.interior"])
    story = Story(vehicle).say(0.0, "lock.status", "unlocked").press(5.0, "lock")
    if requestor is not None:
        story.say(5.0 + late_s, "command.requestor", requestor)
    story.order(5.0 + late_s, "lock").answer(5.25 + late_s, "locked")
    story.mark(5.5 + late_s, "press-interior-lock")

    operations = story.operations()

    given = [o for o in operations if o.command is not None]
    assert [o.request.role for o in given if o.request is not None] == [answered]


def test_an_answer_that_names_the_other_way_stays_with_its_press() -> None:
    story = Story(a_plain_vehicle()).say(0.0, "lock.status", "locked", *DOORS)
    a_plain_lock(story.mark(5.0, "press-fob-unlock"), 5.75, "unlocked")
    story.mark(6.0, "press-fob-lock")

    first, second = story.operations()

    assert first.command is not None
    assert first.request is not None
    assert first.request.mark_action == "press-fob-unlock"
    assert second.command is None


def test_the_late_mark_of_a_dead_button_takes_no_answer_from_the_next() -> None:
    """Its owner pressed the fob before the mark of the handle's switch was made."""
    story = Story().press(5.0, "unlock").mark(5.0625, "press-handle-switch", "driver")
    story.order(5.125, "unlock").answer(5.25, "unlocked").mark(5.5, "press-fob-unlock")

    dead, fob = story.operations()

    assert dead.request is not None
    assert fob.request is not None
    assert (dead.request.role, dead.command) == ("request.handle", None)
    assert (fob.request.role, fob.request.is_seen, fob.request.is_marked) == (
        "request.fob",
        True,
        True,
    )
    assert fob.command is not None
    assert fob.outcome == "answered"


def test_a_mark_that_was_taken_back_was_never_made() -> None:
    plain = Story(until_s=30.0).cycle(5.0, "unlock")
    taken_back = Story(until_s=30.0).cycle(5.0, "unlock").mark(9.0, "press-fob-lock")
    taken_back.mark(12.0, "not-opened", "driver")
    marks = [item for item in taken_back.side if isinstance(item, Mark)]
    taken_back.side += [MarkUndone(START_S + 20.0, mark) for mark in marks]

    assert taken_back.detect().operations == plain.detect().operations
    assert taken_back.detect().accesses == ()
    assert taken_back.detect().marks == ()
    assert taken_back.detect().events == plain.detect().events


@pytest.mark.parametrize("late_s", [0.5, 20.0, 59.0])
def test_a_mark_that_is_made_late_counts_as_if_made_at_once(late_s: float) -> None:
    def story() -> Story:
        story = Story(until_s=90.0).cycle(5.0, "unlock", dead=["driver"])
        story.mark(5.5, "press-fob-unlock").mark(7.0, "pull-outer-handle", "driver")
        story.mark(8.0, "not-opened", "driver").mark(9.0, "window-dead", "driver")
        return story.cycle(20.0, "lock").mark(20.5, "press-fob-lock")

    early, late = story(), story()
    cuts = range(0, 20_000, 40)

    assert late.detect(cuts, marks_late_s=late_s) == early.detect()


def test_marks_are_all_that_there_is_of_a_sleeping_car() -> None:
    detector = Detector(a_vehicle())
    detector.take_side(Mark(START_S + 5.0, "press-fob-unlock"))
    detector.take_side(Mark(START_S + 9.0, "pull-outer-handle", "driver"))
    detector.take_side(Mark(START_S + 10.0, "not-opened", "driver"))

    detected = detector.view()

    assert [operation.outcome for operation in detected.operations] == ["unseen"]
    assert not detected.operations[0].can_see_request
    assert not detected.operations[0].can_see_command
    assert [access.result for access in detected.accesses] == ["not-opened"]
    assert detected.now_s == START_S + 10.0


def test_nothing_at_all_is_nothing() -> None:
    detected = Detector(a_vehicle()).view()

    assert detected.operations == ()
    assert detected.first_s is None
    assert detected.now_s is None


def test_a_mark_does_not_close_an_operation_for_good_ahead_of_its_frames() -> None:
    story = Story().cycle(5.0, "unlock").mark(19.0, "note").mark(300.0, "note")

    operation = story.operation()

    assert operation.outcome == "answered"
    assert operation.request is not None
    assert operation.request.is_seen


def test_a_press_on_the_fob_may_be_seen_by_its_count() -> None:
    vehicle = a_vehicle(without=["request.fob"], extra=[entry("fob.count", "BODY")])
    story = Story(vehicle).say(5.0, "fob.count", 8.0).mark(5.5, "press-fob-unlock")

    operation = story.operation()

    assert operation.request is not None
    assert operation.request.is_seen
    assert operation.request.is_marked
    assert operation.can_see_request


def test_a_mark_lends_its_direction_to_a_counted_press() -> None:
    vehicle = a_vehicle(without=["request.fob"], extra=[entry("fob.count", "BODY")])
    story = Story(vehicle).mark(4.75, "press-fob-unlock").say(5.0, "fob.count", 8.0)

    request = story.operation().request

    assert request is not None
    assert request.action == "unlock"


@pytest.mark.parametrize(
    ("order_s", "expected"),
    [
        pytest.param(5.125, [("unlock", "lock")], id="at once: the wrong button was marked"),
        pytest.param(6.75, [("unlock", None), (None, "lock")], id="later: the next order"),
    ],
)
def test_an_order_of_the_other_way_after_the_lamps_have_answered_is_the_next(
    order_s: float, expected: list[tuple[str | None, str | None]]
) -> None:
    """Who unlocks an unlocked car is answered by the lamps alone."""
    story = Story().say(0.0, "lock.status", "unlocked").flash(4.75, 2)
    story.mark(5.0, "press-fob-unlock").order(order_s, "lock")

    found = [
        (o.request.action if o.request else None, o.command.action if o.command else None)
        for o in story.operations()
    ]

    assert found == expected


@pytest.mark.parametrize(("late_s", "count"), [(0.75, 1), (1.25, 2)])
def test_a_mark_of_the_other_button_just_after_an_order_is_a_wrong_mark(
    late_s: float, count: int
) -> None:
    """Where the bus does not show presses, the order is the only sign of this one."""
    story = Story(a_vehicle(without=["request.interior"])).order(5.0, "lock")
    story.mark(5.0 + late_s, "press-interior-unlock")

    operations = story.operations()

    assert len(operations) == count
    assert (operations[0].request is None) is (count == 2)


def test_an_order_long_after_a_lock_was_moved_by_hand_is_an_operation_of_its_own() -> None:
    story = Story().say(0.0, "lock.status", "unlocked").answer(4.0, "locked", "driver")
    story.order(5.0, "lock").answer(5.25, "locked", *DOORS[1:])
    story.mark(5.75, "press-fob-lock")

    by_hand, ordered = story.operations()

    assert by_hand.command is None
    assert ordered.request is not None
    assert ordered.at_s == START_S + 5.0
