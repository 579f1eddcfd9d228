"""What each door's lock did after a command: in time, late, not at all, or not to be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.model.operations import Response
from canlock.model.stream import Gap
from canlock.model.vehicle import SignalMap, Timing, Vehicle
from detection.detection_builders import (
    DOORS,
    PERIOD_S,
    START_S,
    Story,
    a_vehicle,
    entry,
    facts,
    name_of,
    response_of,
    states,
    with_modules,
)

DRIVER = name_of("driver")


def a_vehicle_that_tells_locks_by(
    *entries: SignalMap, period_s: float | None = PERIOD_S
) -> Vehicle:
    """A car whose locks are told by entries in the message LOCKS only."""
    vehicle = a_vehicle(without=["lock.status"], extra=entries)
    return replace(vehicle, messages=(*vehicle.messages, facts("LOCKS", 0x150, period_s)))


def a_summary(feedback: str) -> Vehicle:
    return a_vehicle_that_tells_locks_by(entry("lock.status", "LOCKS", *DOORS, feedback=feedback))


def unlock(story: Story, *, after_s: float | None, door: str = "driver") -> Response:
    """An unlock at 5 s that one door answers after a while, the others at once."""
    story.press(4.9375, "unlock").order(5.0, "unlock")
    for other in DOORS:
        if other != door:
            story.answer(5.25, "unlocked", other)
    if after_s is not None:
        story.answer(5.0 + after_s, "unlocked", door)
    return response_of(story.operations()[0], door)


def test_a_latency_lies_between_the_last_old_frame_and_the_first_new_one() -> None:
    response = unlock(Story(), after_s=0.25)

    assert response.state == "answered"
    assert response.latency_s is not None
    assert response.latency_floor_s is not None
    assert response.latency_floor_s < 0.25 <= response.latency_s
    assert response.latency_s - response.latency_floor_s == PERIOD_S
    assert response.at_s == START_S + 5.0 + response.latency_s


@pytest.mark.parametrize(
    ("after_s", "state"),
    [
        pytest.param(0.6, "answered", id="healthy"),
        pytest.param(0.63, "answered", id="perhaps healthy: its last old frame came in time"),
        pytest.param(0.65, "slow", id="slow"),
        pytest.param(1.4, "slow", id="very slow"),
        pytest.param(2.5, "slow", id="behind no-response, but it moved"),
        pytest.param(None, "silent", id="never"),
    ],
)
def test_a_door_is_slow_only_where_even_the_lower_bound_is_late(
    after_s: float | None, state: str
) -> None:
    assert unlock(Story(), after_s=after_s).state == state


def test_the_vehicle_file_says_what_is_slow() -> None:
    patient = Story(a_vehicle(timing=Timing(command_to_status=1.0)))

    assert unlock(patient, after_s=0.9).state == "answered"


def test_lost_frames_make_no_door_slow() -> None:
    story = Story().lose(5.0, 6.2, DRIVER)

    response = unlock(story, after_s=0.25)

    assert response.state == "answered"
    assert response.latency_s is not None
    assert response.latency_s > 1.1


def test_a_dead_door_is_silent_while_its_frames_go_on_with_the_old_value() -> None:
    response = unlock(Story(), after_s=None)

    assert response == Response("driver", "silent", "measured", "locked")


@pytest.mark.parametrize(
    ("lost_until_s", "state"),
    [
        pytest.param(6.25, "silent", id="back before the time is over"),
        pytest.param(20.0, "unseen", id="gone for good"),
        pytest.param(9.0, "unseen", id="gone until the window is over"),
    ],
)
def test_a_door_whose_frames_stop_is_not_silent(lost_until_s: float, state: str) -> None:
    story = Story().lose(5.0, lost_until_s, DRIVER)

    assert unlock(story, after_s=None).state == state


def test_a_recording_that_ends_in_the_window_makes_no_door_silent() -> None:
    story = Story(until_s=6.4).mark(30.0, "note")

    assert unlock(story, after_s=None).state == "unseen"


def test_a_silent_door_needs_a_recording_that_goes_on() -> None:
    assert unlock(Story(until_s=7.5).mark(30.0, "note"), after_s=None).state == "silent"


def test_a_status_that_comes_late_with_its_first_frames_lost_may_have_come_in_time() -> None:
    """Old before the time was over, nothing, and then new: nobody knows when it changed."""
    story = Story().lose(6.25, 9.0, DRIVER)

    assert unlock(story, after_s=1.3).state == "unseen"


def test_a_status_that_comes_late_after_old_frames_is_late() -> None:
    story = Story().lose(8.0, 9.0, DRIVER)

    assert unlock(story, after_s=3.5).state == "silent"


def test_an_operation_that_the_next_cuts_short_cannot_tell_who_failed() -> None:
    story = Story()
    response = unlock(story.order(6.25, "lock"), after_s=None)

    assert response.state == "unseen"


@pytest.mark.parametrize(
    ("moved_s", "told"),
    [
        pytest.param(None, ["silent", "silent", "silent"], id="never"),
        pytest.param(
            6.7, ["silent", "answered", "already"], id="at the second, too late for the first"
        ),
        pytest.param(6.3, ["unseen", "answered", "already"], id="in time for either"),
    ],
)
def test_a_door_that_stands_still_is_silent_however_often_it_is_ordered(
    moved_s: float | None, told: list[str]
) -> None:
    """Whoever finds the door still shut presses again at once."""
    story = Story()
    for at_s in (5.0, 6.2, 8.2):
        story.press(at_s, "unlock").order(at_s + 0.0625, "unlock")
    for door in DOORS[1:]:
        story.answer(5.25, "unlocked", door)
    if moved_s is not None:
        story.answer(moved_s, "unlocked", "driver")
    assert [response_of(each, "driver").state for each in story.operations()] == told


@pytest.mark.parametrize(
    ("next_s", "state"),
    [pytest.param(6.45, "unseen", id="too soon"), pytest.param(6.55, "silent", id="late enough")],
)
def test_a_door_has_1_5_s_to_answer(next_s: float, state: str) -> None:
    assert unlock(Story().order(next_s, "lock"), after_s=None).state == state


def test_a_car_with_long_pulses_has_longer_to_answer() -> None:
    story = Story(a_vehicle(timing=Timing(command_pulse=1.0))).order(6.75, "lock")

    assert unlock(story, after_s=None).state == "unseen"


def test_a_door_that_stood_so_already_is_not_judged() -> None:
    story = Story().say(0.0, "lock.status", "unlocked", "driver")

    assert unlock(story, after_s=None).state == "already"


def test_a_door_whose_state_is_not_known_is_not_judged() -> None:
    story = Story().say(0.0, "lock.status", None, "driver")

    assert unlock(story, after_s=None).state == "unseen"


@pytest.mark.parametrize("word", ["moving", "fault"])
def test_a_lock_that_tells_of_its_way_is_judged_by_its_end(word: str) -> None:
    story = Story().say(5.125, "lock.status", word, "driver")

    assert unlock(story, after_s=0.5).state == "answered"


def test_a_lock_that_answers_with_deadlocked_has_locked() -> None:
    story = Story().say(0.0, "lock.status", "unlocked").order(5.0, "deadlock")
    story.answer(5.25, "deadlocked", "driver")

    assert response_of(story.operation(), "driver").state == "answered"


@pytest.mark.parametrize(
    ("back_s", "state"),
    [pytest.param(2.75, "bounced", id="falls back"), pytest.param(3.5, "answered", id="later")],
)
def test_a_lock_that_falls_back_within_3_s_has_bounced(back_s: float, state: str) -> None:
    story = Story().say(0.0, "lock.status", "unlocked").press(4.9375, "lock").order(5.0, "lock")
    story.answer(5.25, "locked", "driver").answer(5.25 + back_s, "unlocked", "driver")

    assert response_of(story.operations()[0], "driver").state == state


def test_a_lock_that_was_opened_from_inside_has_not_bounced() -> None:
    story = Story().say(0.0, "lock.status", "unlocked").press(4.9375, "lock").order(5.0, "lock")
    story.answer(5.25, "locked", "driver").answer(7.0, "unlocked", "driver")
    story.open_door(7.25, "driver")

    assert response_of(story.operation(), "driver").state == "answered"


def test_a_belief_is_no_answer() -> None:
    story = Story(a_vehicle_that_tells_locks_by(entry("lock.status", "LOCKS", feedback="belief")))
    story.press(4.9375, "unlock").order(5.0, "unlock").say(5.125, "lock.status", "unlocked")

    operation = story.operation()

    assert {response.feedback for response in operation.responses} == {"belief"}
    assert operation.outcome == "unseen"


def test_what_is_measured_beats_what_is_believed() -> None:
    belief = entry("lock.status", "BODY", *DOORS, feedback="belief")
    vehicle = a_vehicle(extra=[belief])
    story = Story(vehicle).press(4.9375, "unlock").order(5.0, "unlock")
    story.changes[vehicle.signals.index(belief)] = [(START_S + 5.125, "unlocked")]

    operation = story.operation()

    assert states(operation) == dict.fromkeys(DOORS, "silent")
    assert {response.feedback for response in operation.responses} == {"measured"}
    assert operation.outcome == "silent"


def test_where_nothing_measured_can_be_seen_the_belief_is_shown() -> None:
    belief = entry("lock.status", "BODY", *DOORS, feedback="belief")
    vehicle = a_vehicle(extra=[belief])
    story = Story(vehicle).lose(0.0, 20.0, *(name_of(door) for door in DOORS))
    story.press(4.9375, "unlock").order(5.0, "unlock")
    story.changes[vehicle.signals.index(belief)] = [(START_S + 5.125, "unlocked")]

    operation = story.operation()

    assert {response.feedback for response in operation.responses} == {"belief"}
    assert operation.outcome == "unseen"


@pytest.mark.parametrize(
    ("feedback", "order", "before", "after", "state"),
    [
        pytest.param("any-locked", "unlock", "locked", "unlocked", "answered", id="none is locked"),
        pytest.param("all-locked", "lock", "unlocked", "locked", "answered", id="all are locked"),
        pytest.param("any-locked", "lock", "unlocked", "locked", "unseen", id="some has locked"),
        pytest.param(
            "all-locked", "unlock", "locked", "unlocked", "unseen", id="some has unlocked"
        ),
        pytest.param("any-locked", "unlock", "locked", None, "some-silent", id="some stays locked"),
        pytest.param("all-locked", "lock", "unlocked", None, "some-silent", id="some stays open"),
        pytest.param("any-locked", "lock", "unlocked", None, "silent", id="none has locked"),
        pytest.param("all-locked", "unlock", "locked", None, "silent", id="none has unlocked"),
        pytest.param("any-locked", "unlock", "unlocked", None, "already", id="none was locked"),
        pytest.param("all-locked", "unlock", "unlocked", None, "unseen", id="some was unlocked"),
    ],
)
def test_a_summary_says_no_more_of_a_door_than_it_knows(
    feedback: str, order: str, before: str, after: str | None, state: str
) -> None:
    story = Story(a_summary(feedback)).say(0.0, "lock.status", before)
    story.press(4.9375, order).order(5.0, order)
    if after is not None:
        story.say(5.25, "lock.status", after)

    assert set(states(story.operation()).values()) == {state}


def test_a_summary_of_one_door_speaks_of_that_door() -> None:
    vehicle = a_vehicle_that_tells_locks_by(
        entry("lock.status", "LOCKS", "driver", feedback="all-locked")
    )
    story = Story(vehicle).press(4.9375, "unlock").order(5.0, "unlock")

    assert states(story.say(5.25, "lock.status", "unlocked").operation()) == {"driver": "answered"}


def test_a_summary_is_judged_by_its_own_word_before() -> None:
    """The door's module died while it was locked: what it said last must not speak for the sum."""
    summary = entry("lock.status", "BODY", *DOORS, feedback="all-locked")
    vehicle = a_vehicle(extra=[summary])
    story = Story(vehicle, until_s=40.0).lose(2.0, 40.0, DRIVER)
    story.changes[vehicle.signals.index(summary)] = [(START_S + 3.0, "unlocked")]
    story.press(4.9375, "unlock").order(5.0, "unlock")

    operation = next(found for found in story.operations() if found.command)

    assert response_of(operation, "driver").state == "unseen"


def test_some_of_the_doors_that_fail_make_it_partly() -> None:
    assert Story().cycle(5.0, "unlock", dead=["driver"]).operation().outcome == "partly"


def test_all_of_the_doors_that_fail_make_it_silent() -> None:
    assert Story().cycle(5.0, "unlock", dead=DOORS).operation().outcome == "silent"


def test_a_refusal_that_the_bcm_tells_is_refused_with_its_reason() -> None:
    story = Story().press(5.0, "lock").say(5.125, "command.inhibit", "door-open")

    operation = story.operation()

    assert (operation.outcome, operation.inhibit) == ("refused", "door-open")


def test_a_refusal_that_stood_before_is_none_of_this_operation() -> None:
    story = Story().say(0.0, "command.inhibit", "yes").press(5.0, "lock")

    assert story.operation().outcome == "no-command"


def test_an_open_window_judges_nobody_yet() -> None:
    operation = Story(until_s=6.0).cycle(5.0, "unlock", dead=["driver"]).operation()

    assert not operation.is_closed
    assert response_of(operation, "driver").state == "unseen"


def test_a_lock_status_that_is_sent_only_on_changes_is_silent_while_its_sender_lives() -> None:
    vehicle = a_vehicle_that_tells_locks_by(
        entry("lock.status", "LOCKS", "driver", feedback="measured"), period_s=None
    )
    index = next(i for i, s in enumerate(vehicle.signals) if s.role == "lock.status")
    story = Story(vehicle, until_s=40.0)
    story.events.append((START_S + 1.0, index, "locked"))
    story.press(4.9375, "unlock").order(5.0, "unlock")

    assert states(story.operations()[0]) == {"driver": "silent"}
    # The next frame, however late, tells nothing new of this.
    story = replace(
        story, until_s=200.0, events=[*story.events, (START_S + 180.0, index, "locked")]
    )
    assert states(story.operations()[0]) == {"driver": "silent"}
    assert story.detect(range(0, 20_000, 50)) == story.detect()


def test_a_gap_of_the_recording_is_told() -> None:
    story = Story().cycle(5.0, "unlock", dead=["driver"])
    story.side.append(Gap(START_S + 5.5, START_S + 6.0, "adapter overflow"))

    assert story.operation().is_gapped


@pytest.mark.parametrize(
    ("key", "is_seen"),
    [pytest.param(0x101, False, id="its id"), pytest.param(0x110, True, id="no")],
)
def test_a_gap_of_some_ids_hides_what_comes_with_them(key: int, is_seen: bool) -> None:
    story = Story().press(5.0, "unlock")
    story.side.append(Gap(START_S + 5.5, START_S + 6.0, "lost", frozenset({key})))

    operation = story.operation()

    assert operation.can_see_command is is_seen
    assert operation.outcome == ("no-command" if is_seen else "unseen")


def test_a_gap_elsewhere_concerns_no_operation() -> None:
    story = Story().press(5.0, "unlock")
    story.side.append(Gap(START_S + 12.0, START_S + 13.0, "adapter overflow"))

    assert not story.operation().is_gapped


def test_a_lock_that_stood_as_ordered_and_was_moved_to_and_fro_by_hand_is_not_slow() -> None:
    story = Story().say(0.0, "lock.status", "unlocked").order(5.0, "unlock")
    story.answer(6.5, "locked", "driver").answer(7.25, "unlocked", "driver")

    assert response_of(story.operation(), "driver").state == "already"


@pytest.mark.parametrize(
    ("mute", "state"),
    [
        pytest.param([], "answered", id="nobody"),
        pytest.param(["rear-left"], "answered", id="another door"),
        pytest.param(["driver"], "unseen", id="its own control unit"),
        pytest.param(["driver", "passenger"], "answered", id="perhaps there are none"),
    ],
)
def test_nobody_else_can_speak_for_a_door_whose_control_unit_never_spoke(
    mute: list[str], state: str
) -> None:
    summary = entry("lock.status", "BODY", *DOORS, feedback="all-locked")
    story = Story(with_modules(a_vehicle(extra=[summary])))
    for door in mute:
        story.lose(-5.0, 99.0, name_of(door))
    story.say(0.0, "lock.status", "unlocked").order(5.0, "lock").answer(5.25, "locked")
    story.mark(12.0, "opened", "driver")

    (trial,) = story.detect().trials
    assert response_of(story.operation(), "driver").state == state
    assert trial.result == ("unseen" if state == "unseen" else "contradicts")
