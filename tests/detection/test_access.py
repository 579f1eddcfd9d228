"""Who tried to open a door, and what came of it; windows, whose wires share its harness."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.model.operations import Access, Trial
from canlock.model.vehicle import Vehicle
from detection.detection_builders import (
    DOORS,
    START_S,
    Story,
    a_plain_vehicle,
    a_vehicle,
    entry,
    facts,
    name_of,
    with_modules,
)


def access(story: Story) -> Access:
    (only,) = story.detect().accesses
    return only


def trial(story: Story) -> Trial:
    (only,) = story.detect().trials
    return only


def an_unlocked_car(vehicle: Vehicle | None = None, **more: float) -> Story:
    story = Story(vehicle or a_vehicle(), **more)  # type: ignore[arg-type]
    return story.say(0.0, "lock.status", "unlocked")


@pytest.mark.parametrize(
    ("opens_after_s", "result"),
    [
        pytest.param(0.5, "opened", id="at once"),
        pytest.param(2.9, "opened", id="just in time"),
        pytest.param(3.2, "not-opened", id="too late"),
        pytest.param(None, "not-opened", id="never"),
    ],
)
def test_a_pulled_handle_opens_its_door_within_3_s(
    opens_after_s: float | None, result: str
) -> None:
    story = an_unlocked_car().pull(5.0, "driver")
    if opens_after_s is not None:
        story.open_door(5.0 + opens_after_s, "driver")

    first = story.detect().accesses[0]

    assert (first.door, first.handle, first.result) == ("driver", "outer", result)
    assert (first.lock, first.lock_feedback) == ("unlocked", "measured")
    assert not first.is_marked


def test_another_door_that_opens_does_not_count() -> None:
    story = an_unlocked_car().pull(5.0, "driver").open_door(5.5, "passenger")

    results = {found.door: found.result for found in story.detect().accesses}

    assert results == {"driver": "not-opened", "passenger": "opened"}


def test_a_door_that_opens_by_itself_was_opened_by_a_handle_that_nobody_shows() -> None:
    found = access(an_unlocked_car().open_door(5.0, "driver"))

    assert (found.handle, found.result) == ("unknown", "opened")


def test_two_sources_that_show_one_opening_are_one() -> None:
    vehicle = a_vehicle(extra=[entry("latch.status", name_of("driver"), "driver")])
    story = an_unlocked_car(vehicle).pull(5.0, "driver").open_door(5.5, "driver")

    assert access(story.say(5.625, "latch.status", "open", "driver")).result == "opened"


def test_a_handle_of_an_open_door_opens_nothing() -> None:
    story = an_unlocked_car().say(0.0, "door.ajar", "open", "driver").pull(5.0, "driver")

    assert story.detect().accesses == ()


def test_two_quick_tugs_at_one_handle_that_opens_are_no_failure() -> None:
    story = an_unlocked_car().pull(5.0, "driver").pull(5.75, "driver").open_door(6.25, "driver")

    assert {found.result for found in story.detect().accesses} == {"opened"}


def test_a_tug_before_the_lock_moved_is_an_attempt_of_its_own() -> None:
    """Somebody feels that the door is locked, unlocks it, opens it, and says so."""
    story = Story(a_vehicle(without=["handle.outer"])).say(0.0, "lock.status", "locked")
    story.mark(5.0, "pull-outer-handle", "driver").answer(6.0, "unlocked", "driver")
    story.mark(8.5, "pull-outer-handle", "driver").open_door(9.0, "driver")
    story.mark(9.75, "opened", "driver")

    results = [(found.lock, found.result) for found in story.detect().accesses]

    assert results == [("locked", "not-opened"), ("unlocked", "opened")]


@pytest.mark.parametrize(
    ("late_s", "handle"),
    [
        pytest.param(0.3, "outer", id="as late as marks are"),
        pytest.param(1.4, "outer", id="just in time"),
        pytest.param(1.7, "unknown", id="too late"),
    ],
)
def test_a_mark_tells_by_which_handle_a_door_was_opened_just_before(
    late_s: float, handle: str
) -> None:
    story = an_unlocked_car(a_vehicle(without=["handle.outer", "handle.inner"]))
    story.open_door(5.0, "driver").mark(5.0 + late_s, "pull-outer-handle", "driver")

    assert access(story).handle == handle
    assert access(story).result == "opened"


def test_the_inside_handle_that_opens_does_not_clear_the_outer_one() -> None:
    story = an_unlocked_car().pull(5.0, "driver").pull(6.5, "driver", "inner")
    story.open_door(6.75, "driver")

    results = {found.handle: found.result for found in story.detect().accesses}

    assert results == {"outer": "not-opened", "inner": "opened"}


@pytest.mark.parametrize(
    "hide",
    [
        pytest.param(("BODY",), id="door contact dead"),
        pytest.param((), id="bus asleep"),
    ],
)
def test_an_opening_that_nobody_could_see_is_not_missing(hide: tuple[str, ...]) -> None:
    story = an_unlocked_car().pull(5.0, "driver").lose(5.25, 20.0, *hide)

    assert access(story).result == "unseen"


def test_an_opening_that_is_not_mapped_is_not_missing() -> None:
    story = an_unlocked_car(a_vehicle(without=["door.ajar"])).pull(5.0, "driver")

    assert access(story).result == "unseen"


def test_a_pull_at_the_end_of_a_recording_is_not_judged() -> None:
    assert access(an_unlocked_car(until_s=7.0).pull(5.0, "driver")).result == "unseen"


@pytest.mark.parametrize("late_s", [0.5, 1.4])
def test_a_mark_of_a_pull_that_the_bus_shows_is_the_same_pull(late_s: float) -> None:
    story = an_unlocked_car().pull(5.0, "driver").mark(5.0 + late_s, "pull-outer-handle", "driver")

    assert access(story).at_s < START_S + 5.125


@pytest.mark.parametrize(
    ("late_s", "expected"),
    [pytest.param(7.5, 1, id="just in time"), pytest.param(8.5, 2, id="just too late")],
)
def test_a_person_has_8_s_to_tell_how_a_pull_ended(late_s: float, expected: int) -> None:
    story = an_unlocked_car(a_vehicle(without=["door.ajar"]))
    story.mark(5.0, "pull-outer-handle", "driver").mark(5.0 + late_s, "not-opened", "driver")

    found = story.detect().accesses

    assert len(found) == expected
    assert found[-1].result == "not-opened"


def test_a_complaint_about_a_pull_that_the_bus_shows_is_a_persons_word() -> None:
    found = access(an_unlocked_car().pull(5.0, "driver").mark(6.0, "not-opened", "driver"))

    assert (found.result, found.handle, found.is_marked) == ("not-opened", "outer", True)


def test_a_complaint_alone_is_an_attempt() -> None:
    found = access(an_unlocked_car().mark(6.0, "not-opened", "driver"))

    assert (found.handle, found.result, found.is_marked) == ("unknown", "not-opened", True)


def test_a_complaint_about_another_door_leaves_this_one_alone() -> None:
    story = an_unlocked_car().pull(5.0, "driver").open_door(5.5, "driver")
    story.mark(6.5, "not-opened", "passenger")

    results = {found.door: found.result for found in story.detect().accesses}

    assert results == {"driver": "opened", "passenger": "not-opened"}


def test_what_the_bus_shows_beats_a_wrong_complaint() -> None:
    story = an_unlocked_car().pull(5.0, "driver").open_door(5.5, "driver")

    assert access(story.mark(6.5, "not-opened", "driver")).result == "opened"


def test_a_door_that_opens_after_the_complaint_is_another_attempt() -> None:
    story = an_unlocked_car().mark(5.0, "pull-outer-handle", "driver")
    story.mark(5.75, "not-opened", "driver").open_door(7.5, "driver")

    found = story.detect().accesses

    assert [(one.handle, one.result) for one in found] == [
        ("outer", "not-opened"),
        ("unknown", "opened"),
    ]


def test_an_opening_that_a_person_tells_counts_where_no_bus_shows_it() -> None:
    story = an_unlocked_car(a_vehicle(without=["door.ajar"]))
    story.mark(5.0, "pull-inner-handle", "driver").mark(7.0, "opened", "driver")

    assert (access(story).handle, access(story).result) == ("inner", "opened")


@pytest.mark.parametrize(
    ("feedback", "value", "expected"),
    [
        ("measured", "unlocked", ("unlocked", "measured")),
        ("any-locked", "unlocked", ("unlocked", "any-locked")),
        ("all-locked", "locked", ("locked", "all-locked")),
        ("any-locked", "locked", (None, None)),
        ("all-locked", "unlocked", (None, None)),
        ("belief", "unlocked", ("unlocked", "belief")),
    ],
)
def test_what_is_known_of_the_lock_is_told_with_how(
    feedback: str, value: str, expected: tuple[str | None, str | None]
) -> None:
    vehicle = a_vehicle(
        without=["lock.status"],
        extra=[entry("lock.status", "BODY", *DOORS, feedback=feedback)],
    )
    story = Story(vehicle).say(0.0, "lock.status", value).mark(5.0, "not-opened", "driver")

    assert (access(story).lock, access(story).lock_feedback) == expected


def test_an_order_tells_more_of_a_lock_than_a_belief() -> None:
    vehicle = a_vehicle(
        without=["lock.status"],
        extra=[entry("lock.status", "BODY", *DOORS, feedback="belief")],
    )
    story = Story(vehicle).order(3.0, "unlock").mark(5.0, "not-opened", "driver")

    assert (access(story).lock, access(story).lock_feedback) == ("unlocked", "command")


def test_a_believed_unlock_stands_for_its_order_on_a_plain_car() -> None:
    story = Story(a_plain_vehicle()).say(3.0, "lock.status", "unlocked", *DOORS[1:])
    story.mark(5.0, "not-opened", "passenger")

    assert (access(story).lock, access(story).lock_feedback) == ("unlocked", "command")


# Windows


def press_window(story: Story, way: str = "down") -> Story:
    story.say(5.0, "window.switch", way, "driver")
    return story.say(5.5, "window.switch", "none", "driver")


def a_running_car(vehicle: Vehicle | None = None, **more: float) -> Story:
    return Story(vehicle or a_vehicle(), **more).say(0.0, "power.state", "on")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after_s", "result"),
    [
        pytest.param(0.25, "moved", id="at once"),
        pytest.param(1.4, "moved", id="just in time"),
        pytest.param(1.8, "dead", id="too late"),
        pytest.param(None, "dead", id="never"),
    ],
)
def test_a_window_moves_within_1_5_s_of_its_switch(after_s: float | None, result: str) -> None:
    story = press_window(a_running_car())
    if after_s is not None:
        story.say(5.0 + after_s, "window.moving", "down", "driver")

    assert trial(story).result == result


def test_a_window_that_is_pressed_up_may_be_shut() -> None:
    assert trial(press_window(a_running_car(), "up")).result == "unseen"


def test_a_window_that_is_pressed_up_and_moves_has_moved() -> None:
    story = press_window(a_running_car(), "up").say(5.25, "window.moving", "up", "driver")

    assert trial(story).result == "moved"


@pytest.mark.parametrize(
    ("power", "result"),
    [("off", "unseen"), ("acc", "unseen"), ("on", "dead"), ("start", "dead"), (None, "dead")],
)
def test_a_window_needs_the_ignition(power: str | None, result: str) -> None:
    story = press_window(Story().say(0.0, "power.state", power))

    assert trial(story).result == result


def test_a_change_of_its_position_is_movement() -> None:
    position = entry("window.position", name_of("driver"), "driver")
    vehicle = a_vehicle(without=["window.moving"], extra=[position])
    story = press_window(a_running_car(vehicle)).say(5.5, "window.position", 12.0, "driver")

    assert trial(story).result == "moved"


def test_another_window_that_moves_does_not_count() -> None:
    story = press_window(a_running_car()).say(5.25, "window.moving", "down", "passenger")

    assert trial(story).result == "dead"


@pytest.mark.parametrize("hidden", ["not mapped", "dead", "ended"])
def test_a_window_that_nobody_could_see_is_not_dead(hidden: str) -> None:
    story = press_window(a_running_car())
    if hidden == "not mapped":
        story = press_window(a_running_car(a_vehicle(without=["window.moving"])))
    elif hidden == "dead":
        story.lose(5.75, 20.0, name_of("driver"))
    else:
        story = replace(story, until_s=6.0)

    assert trial(story).result == "unseen"


@pytest.mark.parametrize(("mark", "result"), [("window-dead", "dead"), ("window-moved", "moved")])
def test_a_person_may_tell_what_the_window_did(mark: str, result: str) -> None:
    story = Story(a_plain_vehicle()).mark(5.0, "press-window-switch", "driver")

    assert trial(story.mark(7.0, mark, "driver")) == Trial(START_S + 5.0, "driver", result, True)  # type: ignore[arg-type]


def test_what_a_person_says_of_a_window_needs_no_press() -> None:
    found = trial(Story(a_plain_vehicle()).mark(7.0, "window-dead", "driver"))

    assert (found.result, found.is_marked) == ("dead", True)


def test_a_window_that_was_seen_to_move_is_not_dead_whatever_is_said() -> None:
    story = press_window(a_running_car()).say(5.25, "window.moving", "down", "driver")

    assert trial(story.mark(6.5, "window-dead", "driver")).result == "moved"


def test_a_marked_press_alone_tells_nothing_of_the_window() -> None:
    assert trial(a_running_car().mark(5.0, "press-window-switch", "driver")).result == "unseen"


def test_a_switch_that_is_sent_only_when_pressed_counts_from_its_first_frame() -> None:
    switch = entry("window.switch", "WINDOWS", "driver", kind="event", first_is_event=True)
    vehicle = a_vehicle(without=["window.switch"], extra=[switch])
    vehicle = replace(vehicle, messages=(*vehicle.messages, facts("WINDOWS", 0x160, None)))
    story = a_running_car(vehicle).happen(5.0, "window.switch", "down", "driver")

    assert trial(story).result == "dead"


def test_marks_about_no_door_are_about_none() -> None:
    story = an_unlocked_car().mark(5.0, "not-opened").mark(6.0, "window-dead")

    detected = story.detect()

    assert (detected.accesses, detected.trials) == ((), ())


# How soon a mark can be


@pytest.mark.parametrize(
    ("after_s", "failed"),
    [
        pytest.param(0.45, 1, id="time enough to mark it"),
        pytest.param(0.35, 0, id="too soon: it is about the pull before"),
    ],
)
def test_a_complaint_is_about_the_last_pull_that_could_have_been_marked(
    after_s: float, failed: int
) -> None:
    story = an_unlocked_car(a_vehicle(without=["door.ajar"]))
    story.mark(5.0, "pull-outer-handle", "driver").mark(8.0, "pull-inner-handle", "driver")
    story.mark(8.0 + after_s, "not-opened", "driver")

    results = [found.result for found in story.detect().accesses]

    assert results[failed] == "not-opened"
    assert results[1 - failed] == "unseen"


def test_a_complaint_that_comes_at_once_is_about_the_only_pull_there_is() -> None:
    story = an_unlocked_car(a_vehicle(without=["door.ajar"]))
    story.mark(5.0, "pull-outer-handle", "driver").mark(5.1, "not-opened", "driver")

    assert (access(story).handle, access(story).result) == ("outer", "not-opened")


# Door switches, against what somebody says


def checks(story: Story) -> list[tuple[str, str]]:
    """Return (door, result) of what was said of doors."""
    return [(one.door, one.result) for one in story.detect().trials if one.about == "switch"]


@pytest.mark.parametrize(("mark", "value"), [("opened", "open"), ("closed", "closed")])
@pytest.mark.parametrize(
    ("before_s", "result"),
    [
        pytest.param(0.5, "agrees", id="just before"),
        pytest.param(5.75, "agrees", id="some time before"),
        pytest.param(6.25, "contradicts", id="long before"),
        pytest.param(-1.25, "agrees", id="just after"),
        pytest.param(-1.75, "contradicts", id="too late"),
    ],
)
def test_a_door_switch_agrees_where_it_moved_about_when_somebody_says_so(
    mark: str, value: str, before_s: float, result: str
) -> None:
    story = an_unlocked_car(until_s=40.0)
    resting = "closed" if value == "open" else "open"
    story.say(0.0, "door.ajar", resting, "driver")
    story.say(15.0 - before_s, "door.ajar", value, "driver").mark(15.0, mark, "driver")

    assert checks(story) == [("driver", result)]


@pytest.mark.parametrize("mark", ["opened", "closed"])
def test_a_door_switch_that_never_moves_contradicts(mark: str) -> None:
    assert checks(an_unlocked_car(until_s=30.0).mark(10.0, mark, "driver")) == [
        ("driver", "contradicts")
    ]


def test_a_switch_that_moves_the_other_way_or_of_another_door_contradicts() -> None:
    other_way = (
        an_unlocked_car(until_s=30.0).open_door(9.5, "driver").mark(10.0, "closed", "driver")
    )
    other_door = an_unlocked_car(until_s=30.0).open_door(9.5, "driver")
    other_door.mark(10.0, "opened", "passenger")

    assert checks(other_way) == [("driver", "contradicts")]
    assert checks(other_door) == [("passenger", "contradicts")]


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(
            an_unlocked_car(a_vehicle(without=["door.ajar"]), until_s=30.0), id="unmapped"
        ),
        pytest.param(an_unlocked_car(until_s=30.0).lose(7.0, 20.0, "BODY"), id="its message lost"),
        pytest.param(an_unlocked_car(until_s=10.5), id="the recording ended"),
    ],
)
def test_a_door_switch_that_nobody_could_see_contradicts_nothing(story: Story) -> None:
    assert checks(story.mark(10.0, "opened", "driver")) == [("driver", "unseen")]


@pytest.mark.parametrize(
    ("lost_s", "known"),
    [
        pytest.param(None, ("unlocked", "measured"), id="the unit speaks"),
        pytest.param(3.0, ("locked", "command"), id="the unit is silent"),
    ],
)
def test_the_last_word_of_a_unit_that_fell_silent_tells_nothing_of_its_lock(
    lost_s: float | None, known: tuple[str, str]
) -> None:
    story = an_unlocked_car(until_s=30.0).order(6.0, "lock").open_door(12.0, "driver")
    if lost_s is not None:
        story.lose(lost_s, 30.0, name_of("driver"))

    found = access(story)

    assert (found.lock, found.lock_feedback) == known


@pytest.mark.parametrize(
    ("without", "result"),
    [
        pytest.param(["door.ajar"], "agrees", id="no switch"),
        pytest.param([], "contradicts", id="a switch that does not move"),
    ],
)
def test_a_latch_bears_an_opening_out_where_there_is_no_switch(
    without: list[str], result: str
) -> None:
    latch = entry("latch.status", name_of("driver"), "driver")
    story = an_unlocked_car(a_vehicle(without=without, extra=[latch]), until_s=30.0)
    story.say(9.5, "latch.status", "ajar", "driver").mark(10.0, "opened", "driver")

    assert checks(story) == [("driver", result)]


@pytest.mark.parametrize(
    ("switched_s", "result"),
    [
        pytest.param(8.5, "agrees", id="just before"),
        pytest.param(10.5, "agrees", id="just after"),
        pytest.param(None, "contradicts", id="never"),
        pytest.param(13.0, "contradicts", id="much later"),
    ],
)
def test_a_latch_that_opens_tries_the_switch_of_its_door(
    switched_s: float | None, result: str
) -> None:
    latch = entry("latch.status", name_of("driver"), "driver")
    story = an_unlocked_car(a_vehicle(extra=[latch]), until_s=30.0)
    story.say(9.5, "latch.status", "open", "driver")
    if switched_s is not None:
        story.open_door(switched_s, "driver")

    assert checks(story) == [("driver", result)]
    assert not trial(story).is_marked


def test_what_somebody_says_of_a_door_is_a_persons_word() -> None:
    story = an_unlocked_car(until_s=30.0).open_door(9.5, "driver").mark(10.0, "opened", "driver")

    assert trial(story) == Trial(START_S + 10.0, "driver", "agrees", True, "switch")


def test_windows_tell_nothing_of_switches_and_switches_nothing_of_windows() -> None:
    story = press_window(a_running_car(until_s=30.0)).mark(12.0, "closed", "driver")

    found = {(one.about, one.result) for one in story.detect().trials}

    assert found == {("window", "dead"), ("switch", "contradicts")}


def test_a_door_that_did_not_open_says_nothing_of_its_switch() -> None:
    assert checks(an_unlocked_car(until_s=30.0).mark(10.0, "not-opened", "driver")) == []


@pytest.mark.parametrize("late_s", [None, 0.0, 3.0, 12.0])
def test_a_check_is_the_same_however_late_its_mark_is_handed_in(late_s: float | None) -> None:
    story = an_unlocked_car(until_s=60.0).open_door(9.5, "driver").mark(10.0, "opened", "driver")
    story.mark(20.0, "closed", "driver")

    found = story.detect([7, 300], marks_late_s=late_s).trials

    assert [(one.about, one.result) for one in found] == [
        ("switch", "agrees"),
        ("switch", "contradicts"),
    ]


# One handle in vain, then the other


def a_second_try(*marks: tuple[float, str], opens_s: float = 6.0) -> list[tuple[str, str]]:
    """The inner handle is pulled and marked, and the door opens; nothing shows the handles."""
    vehicle = a_vehicle(without=["handle.outer", "handle.inner"])
    story = an_unlocked_car(vehicle).mark(5.5, "pull-inner-handle", "driver")
    story.say(opens_s, "door.ajar", "open", "driver")
    for at_s, action in marks:
        story.mark(at_s, action, "driver")
    return [(found.handle, found.result) for found in story.detect().accesses]


def test_a_door_that_the_other_handle_opened_was_not_opened_by_the_first() -> None:
    found = a_second_try((6.25, "not-opened"), (6.375, "pull-outer-handle"))

    assert found == [("inner", "not-opened"), ("outer", "opened")]


def test_of_a_first_handle_that_nobody_complained_of_nothing_is_known() -> None:
    assert a_second_try((6.375, "pull-outer-handle")) == [("outer", "opened")]


@pytest.mark.parametrize(
    "marks",
    [
        pytest.param([(6.5, "opened")], id="it opened, as was said"),
        pytest.param([(6.375, "pull-inner-handle")], id="the same handle again"),
        pytest.param([(7.625, "pull-outer-handle")], id="the other one, long after"),
    ],
)
def test_a_handle_has_its_opening_where_no_other_was_pulled(marks: list[tuple[float, str]]) -> None:
    assert a_second_try(*marks)[0] == ("inner", "opened")


@pytest.mark.parametrize("opened_s", [4.75, 5.5])
def test_a_pull_marked_at_one_door_while_another_opens_is_not_known_to_have_failed(
    opened_s: float,
) -> None:
    story = an_unlocked_car(a_vehicle(without=["handle.outer", "handle.inner"]))
    story.mark(5.0, "pull-outer-handle", "rear-left").open_door(opened_s, "driver")

    results = {found.door: found.result for found in story.detect().accesses}

    assert results == {"rear-left": "unseen", "driver": "opened"}


def test_a_pull_marked_at_one_door_has_failed_where_the_other_one_has_a_pull_of_its_own() -> None:
    story = an_unlocked_car(a_vehicle(without=["handle.outer", "handle.inner"]))
    story.mark(5.0, "pull-outer-handle", "rear-left")
    story.mark(6.5, "pull-outer-handle", "driver").open_door(7.0, "driver")

    results = {found.door: found.result for found in story.detect().accesses}

    assert results == {"rear-left": "not-opened", "driver": "opened"}


@pytest.mark.parametrize(("again_s", "failures"), [(6.5, 1), (9.0, 2)])
def test_a_failure_that_is_marked_again_later_is_another_attempt(
    again_s: float, failures: int
) -> None:
    story = an_unlocked_car(a_vehicle(without=["handle.outer", "handle.inner"]))
    story.mark(5.0, "pull-outer-handle", "driver").mark(5.75, "not-opened", "driver")
    story.mark(again_s, "not-opened", "driver")

    assert [found.result for found in story.detect().accesses] == ["not-opened"] * failures


def test_a_failure_marked_at_another_door_than_its_pull_leaves_both_open() -> None:
    story = an_unlocked_car(a_vehicle(without=["handle.outer", "handle.inner"]))
    story.mark(5.0, "pull-outer-handle", "driver").mark(5.75, "not-opened", "rear-left")

    results = {found.door: found.result for found in story.detect().accesses}

    assert results == {"driver": "unseen", "rear-left": "not-opened"}


def test_a_pull_marked_at_one_door_while_the_handle_of_another_moved_is_not_believed() -> None:
    story = an_unlocked_car().pull(4.5, "driver").open_door(5.0, "driver")
    story.mark(5.25, "pull-outer-handle", "rear-left")

    results = {found.door: found.result for found in story.detect().accesses}

    assert results == {"driver": "opened", "rear-left": "unseen"}


@pytest.mark.parametrize(
    ("silent_s", "result"),
    [(None, "contradicts"), ((8.0, 12.0), "unseen"), ((13.0, 15.0), "contradicts")],
)
def test_a_switch_is_not_judged_while_the_control_unit_that_reads_it_is_silent(
    silent_s: tuple[float, float] | None, result: str
) -> None:
    story = Story(with_modules(a_vehicle())).mark(11.0, "opened", "driver")
    if silent_s is not None:
        story.lose(*silent_s, name_of("driver"))

    assert trial(story).result == result
