"""Why a car moved its locks with nobody asking."""

from __future__ import annotations

import pytest

from canlock.model.operations import Operation
from canlock.model.vehicle import Timing, Vehicle
from detection.detection_builders import PERIOD_S, Story, a_vehicle, entry


def a_relocking_vehicle(timer_s: float | None = 30.0) -> Vehicle:
    return a_vehicle(timing=Timing(auto_relock=timer_s))


def relock(after_s: float, vehicle: Vehicle) -> Story:
    """An unlock, and a lock by nobody some time after it."""
    story = Story(vehicle, until_s=after_s + 20.0).cycle(5.0, "unlock")
    return story.order(5.0625 + after_s, "lock")


def last(story: Story) -> Operation:
    return story.operations()[-1]


@pytest.mark.parametrize(
    ("after_s", "cause"),
    [
        pytest.param(27.9, None, id="too soon"),
        pytest.param(28.1, "auto-relock", id="just in time"),
        pytest.param(31.9, "auto-relock", id="just before it is over"),
        pytest.param(32.1, None, id="too late"),
    ],
)
def test_a_relock_comes_within_2_s_of_its_timer(after_s: float, cause: str | None) -> None:
    assert last(relock(after_s, a_relocking_vehicle())).cause == cause


@pytest.mark.parametrize("after_s", [30.0, 60.0, 120.0, 300.0])
def test_where_the_timer_is_not_known_the_usual_ones_count(after_s: float) -> None:
    assert last(relock(after_s, a_relocking_vehicle(None))).cause == "auto-relock"


def test_where_the_timer_is_known_the_others_do_not_count() -> None:
    assert last(relock(60.0, a_relocking_vehicle())).cause is None


def test_a_door_that_was_opened_stops_the_relock_timer() -> None:
    story = relock(30.0, a_relocking_vehicle()).open_door(15.0, "rear-left", for_s=2.0)

    assert last(story).cause is None


def test_a_lock_that_somebody_asked_for_is_no_relock() -> None:
    story = Story(a_relocking_vehicle(), until_s=50.0).cycle(5.0, "unlock").cycle(35.0, "lock")

    assert last(story).cause is None


def test_a_lock_of_nobody_just_after_a_door_was_locked_is_no_relock() -> None:
    story = Story(a_relocking_vehicle(), until_s=50.0).order(5.0, "lock").order(35.0, "lock")

    assert last(story).cause is None


@pytest.mark.parametrize(
    ("speed_kmh", "cause"),
    [pytest.param(4.5, None, id="rolling"), pytest.param(5.5, "auto-lock", id="driving")],
)
def test_a_lock_while_driving_is_the_speed_lock(speed_kmh: float, cause: str | None) -> None:
    story = Story().say(2.0, "vehicle.speed", speed_kmh).order(5.0, "lock")

    assert last(story).cause == cause


@pytest.mark.parametrize(
    ("power", "is_open", "flashes", "cause"),
    [
        pytest.param("on", False, 0, "auto-lock", id="ignition on, shut, dark"),
        pytest.param("off", False, 0, None, id="ignition off"),
        pytest.param("on", True, 0, None, id="a door open"),
        pytest.param("on", False, 1, None, id="the lamps answered"),
    ],
)
def test_where_no_speed_is_shown_a_car_locks_by_itself_with_its_ignition_on(
    power: str, flashes: int, cause: str | None, *, is_open: bool
) -> None:
    story = Story(a_vehicle(without=["vehicle.speed"])).say(0.0, "power.state", power)
    if is_open:
        story.open_door(3.0, "driver")
    story.order(5.0, "lock").flash(5.125, flashes)

    assert last(story).cause == cause


def test_an_unlock_while_driving_has_no_reason() -> None:
    assert last(Story().say(2.0, "vehicle.speed", 50.0).order(5.0, "unlock")).cause is None


@pytest.mark.parametrize(
    ("after_s", "cause"),
    [pytest.param(2.9, "auto-unlock", id="just in time"), pytest.param(3.1, None, id="too late")],
)
def test_an_unlock_soon_after_the_ignition_went_off_is_the_cars_own(
    after_s: float, cause: str | None
) -> None:
    story = Story().say(0.0, "power.state", "on").say(5.0, "power.state", "off")
    story.order(5.0 + PERIOD_S / 16 + after_s, "unlock")

    assert last(story).cause == cause


def test_an_unlock_soon_after_the_ignition_went_on_has_no_reason() -> None:
    story = Story().say(5.0, "power.state", "on").order(6.0, "unlock")

    assert last(story).cause is None


@pytest.mark.parametrize(
    ("after_s", "cause"),
    [pytest.param(2.4, "repulsion", id="at once"), pytest.param(2.6, None, id="later")],
)
def test_an_order_that_takes_the_last_one_back_is_repulsion(
    after_s: float, cause: str | None
) -> None:
    story = Story().cycle(5.0, "lock").order(5.0625 + after_s, "unlock")

    assert last(story).cause == cause


@pytest.mark.parametrize("missing", [["request.interior"], ["request.fob", "fob.count"]])
def test_where_a_press_cannot_be_seen_an_opposite_order_may_have_been_asked_for(
    missing: list[str],
) -> None:
    story = Story(a_vehicle(without=missing)).cycle(5.0, "lock").order(7.0, "unlock")

    assert last(story).cause is None


@pytest.mark.parametrize(
    "stated", ["auto-relock", "auto-lock", "auto-unlock", "crash", "diagnostics"]
)
def test_a_reason_that_the_bcm_states_is_believed(stated: str) -> None:
    story = Story().say(4.0, "command.requestor", stated).order(5.0, "unlock")

    assert last(story).cause == stated


@pytest.mark.parametrize("stated", ["fob", "interior", "handle"])
def test_an_order_that_the_bcm_says_somebody_asked_for_is_not_the_cars_own(stated: str) -> None:
    story = Story().say(2.0, "vehicle.speed", 50.0).say(4.0, "command.requestor", stated)

    assert last(story.order(5.0, "lock")).cause is None


def test_a_belief_may_turn_by_the_relock_timer_although_only_the_driver_was_unlocked() -> None:
    vehicle = a_vehicle(
        timing=Timing(auto_relock=30.0),
        without=["command.lock"],
        extra=[
            entry("command.lock", "ORDERS", "driver", kind="event", first_is_event=True),
            entry("command.lock", "BODY", "passenger", kind="event", first_is_event=True),
        ],
    )
    story = Story(vehicle, until_s=50.0).press(5.0, "unlock").order(5.0, "unlock", "driver")

    assert last(story.order(35.0, "lock")).cause == "auto-relock"


def test_whoever_locks_ends_the_wait_of_the_relock_timer() -> None:
    story = Story(a_relocking_vehicle(30.0), until_s=50.0).cycle(5.0, "unlock").cycle(9.0, "lock")

    assert last(story.order(35.0, "lock")).cause is None
