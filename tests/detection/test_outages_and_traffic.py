"""Control units that fall silent or begin anew, and frames that are missing: who lost them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from canlock.model.operations import Outage, Traffic
from canlock.model.stream import Gap
from canlock.model.vehicle import Vehicle
from detection.detection_builders import (
    PERIOD_S,
    START_S,
    Story,
    a_plain_vehicle,
    a_vehicle,
    name_of,
    with_modules,
)

CAR = with_modules(a_vehicle())
OWN = ("BODY",)
"""All that the BCM of that car sends in a cycle."""


def a_story(until_s: float = 40.0, vehicle: Vehicle = CAR) -> Story:
    return Story(vehicle, until_s=until_s)


def outages(story: Story) -> list[tuple[str, float, float | None, bool]]:
    """Node (and door), from, until after the first frame, and whether it restarted."""
    return [told(outage) for outage in story.detect().outages]


def told(outage: Outage) -> tuple[str, float, float | None, bool]:
    until_s = None if outage.until_s is None else round(outage.until_s - START_S, 1)
    node = " ".join((outage.node, *outage.doors))
    return node, round(outage.from_s - START_S, 1), until_s, outage.has_restarted


def total(traffic: Sequence[Traffic], name: str) -> int:
    return sum(int(getattr(stretch, name)) for stretch in traffic)


def test_a_healthy_car_has_no_outage_and_lacks_nothing() -> None:
    found = a_story(65.0).cycle(5.0, "unlock").detect()

    assert found.outages == ()
    assert [round(stretch.until_s - stretch.at_s) for stretch in found.traffic] == [10] * 6 + [4]
    assert total(found.traffic, "missing") == total(found.traffic, "holes") == 0
    assert total(found.traffic, "expected") == pytest.approx(64 * 6 / 0.125, abs=8)


@pytest.mark.parametrize(("gone_s", "is_outage"), [(0.25, False), (0.375, True), (1.5, True)])
def test_a_bcm_that_misses_three_frames_while_the_rest_goes_on_was_out(
    gone_s: float, *, is_outage: bool
) -> None:
    """Two in a row are what a logger loses now and then."""
    found = outages(a_story().lose(10.0, 10.0 + gone_s, *OWN))

    assert len(found) == is_outage
    assert all(node == "bcm" and not has_restarted for node, _, _, has_restarted in found)


def test_what_an_outage_explains_is_no_bad_traffic() -> None:
    found = a_story().lose(10.0, 10.75, *OWN).detect()

    assert total(found.traffic, "holes") == total(found.traffic, "missing") == 0


def test_an_outage_after_which_the_counter_is_back_at_its_start_is_a_restart() -> None:
    found = outages(a_story().lose(10.0, 10.5, *OWN).restart(10.25, "BODY"))

    assert found == [("bcm", 9.9, 10.5, True)]


def test_a_restart_without_a_pause_is_an_outage() -> None:
    assert outages(a_story().restart(10.0, "BODY")) == [("bcm", 9.9, 10.0, True)]


def test_nothing_from_anybody_is_the_loggers_loss_unless_the_counter_restarted() -> None:
    stall = a_story().lose(10.0, 10.5)
    found = stall.detect()

    assert found.outages == ()
    assert [stretch.is_logger for stretch in found.traffic] == [True, False, False, False]
    assert total(found.traffic, "holes") == 0
    assert total(found.traffic, "missing") == 24
    assert outages(stall.restart(10.25, "BODY")) == [("bcm", 9.9, 10.5, True)]


def test_a_car_that_shows_nothing_but_its_bcm_cannot_show_it_gone() -> None:
    plain = a_plain_vehicle()
    gone = a_story(vehicle=plain).lose(10.0, 10.5)

    assert outages(gone) == []
    assert outages(gone.restart(10.25, "BODY")) == [("bcm", 9.9, 10.5, True)]


def test_one_message_of_the_bcm_alone_is_a_hole_and_no_outage() -> None:
    found = a_story(vehicle=a_plain_vehicle()).lose(10.0, 10.5, "BODY").detect()

    assert found.outages == ()
    assert total(found.traffic, "holes") == 1
    assert not any(stretch.is_logger for stretch in found.traffic)


def test_a_disturbed_bus_is_bad_traffic_and_no_outage() -> None:
    story = a_story().disturb(10.25, 5).lose(10.0, 11.0, *OWN, "POWER", name_of("driver"))
    found = story.lose(10.25, 11.25, name_of("passenger"), name_of("rear-left")).detect()

    assert found.outages == ()
    assert total(found.traffic, "errors") == 5
    assert total(found.traffic, "holes") == 1
    assert not any(stretch.is_logger for stretch in found.traffic)


@pytest.mark.parametrize(("gone_s", "is_outage"), [(1.75, False), (2.25, True)])
def test_a_door_module_that_is_gone_for_2_s_was_out(gone_s: float, *, is_outage: bool) -> None:
    found = outages(a_story().lose(10.0, 10.0 + gone_s, name_of("rear-left")))

    assert [node for node, *_ in found] == ["door-module rear-left"] * is_outage


@pytest.mark.parametrize(("left_s", "is_outage"), [(6.5, False), (8.0, True)])
def test_a_door_module_that_does_not_come_back_is_out_once_the_log_goes_on(
    left_s: float, *, is_outage: bool
) -> None:
    """Before its end a log may show a car that goes to sleep, one unit after the other."""
    found = outages(a_story(20.0).lose(20.0 - left_s, 30.0, name_of("driver")))

    assert [until_s for _, _, until_s, _ in found] == [None] * is_outage


def test_a_long_outage_is_one_and_ends_when_its_module_comes_back() -> None:
    found = outages(a_story(200.0).lose(10.0, 150.0, name_of("driver")))

    assert found == [("door-module driver", 9.9, 150.0, False)]


@pytest.mark.parametrize("lead_s", [0.0, 1.0, 4.0])
def test_a_bus_that_sleeps_is_neither_an_outage_nor_bad_traffic(lead_s: float) -> None:
    """Units fall silent one after the other, and the first second awake does not count."""
    story = a_story(60.0).lose(20.0, 35.0)
    story.lose(20.0 - lead_s, 35.5, *OWN).lose(20.0 - lead_s, 35.75, name_of("driver"))
    found = story.restart(35.0, "BODY").detect()

    assert found.outages == ()
    assert total(found.traffic, "holes") == total(found.traffic, "missing") == 0
    assert not any(19.95 < s.at_s - START_S < 35.95 for s in found.traffic)


def test_a_door_module_that_does_not_wake_with_the_rest_is_out() -> None:
    story = a_story(60.0).lose(20.0, 35.0).lose(20.0, 70.0, name_of("driver"))

    assert [(node, until_s) for node, _, until_s, _ in outages(story)] == [
        ("door-module driver", None)
    ]


def test_a_gap_hides_what_lies_in_it() -> None:
    story = a_story().lose(10.0, 13.0, *OWN, name_of("driver")).restart(11.0, "BODY")
    story.side.append(Gap(START_S + 10.0, START_S + 13.0, "overflow"))
    found = story.detect()

    assert found.outages == ()
    assert total(found.traffic, "holes") == total(found.traffic, "missing") == 0


def test_a_unit_that_is_switched_off_lacks_nothing() -> None:
    found = a_story().lose(10.0, 25.0, "POWER").detect()

    assert found.outages == ()
    assert total(found.traffic, "holes") == total(found.traffic, "missing") == 0


def test_a_logger_that_drops_frames_all_the_time_accuses_nobody() -> None:
    story = a_story(30.0)
    for second in range(30):
        names = [message.name for message in CAR.messages[2 + second % 3 :: 3]]
        story.lose(second, second + 0.75, *names)
    found = story.lose(12.0, 15.0, name_of("driver")).detect()

    assert found.outages == ()
    assert all(stretch.is_logger for stretch in found.traffic)


def test_the_history_is_bounded() -> None:
    found = a_story(11_000.0, a_plain_vehicle()).lose(100.0, 100.5, "BODY").detect()

    assert len(found.traffic) == 1000


@pytest.mark.parametrize(("every", "is_outage"), [(None, True), (6, False)])
def test_a_bcm_that_is_gone_for_a_moment_is_no_outage_where_all_lose_frames_now_and_then(
    every: int | None, *, is_outage: bool
) -> None:
    story = a_story(60.0).lose(30.0, 30.375, *OWN)
    if every is not None:
        others = [message.name for message in CAR.messages if message.name not in OWN]
        for number in range(0, 60 * 8, every):
            at_s = number * PERIOD_S
            story.lose(at_s + 0.01, at_s + PERIOD_S, others[number // every % len(others)])

    assert bool(outages(story)) == is_outage


def test_frames_that_are_missing_one_by_one_are_not_bunched() -> None:
    thin, torn = a_story(), a_story()
    for number in range(12):
        thin.lose(5.0 + number, 5.0 + number + PERIOD_S, "POWER")
    torn.lose(10.0, 10.75, "POWER").lose(14.0, 14.75, "POWER")

    found = [story.detect().traffic for story in (thin, torn)]

    assert [total(traffic, "bunched") for traffic in found] == [0, total(found[1], "missing")]
    assert total(found[1], "missing") > 0
