"""The log of what happened, for a person to read in order."""

from __future__ import annotations

import pytest

from canlock.model.stream import Mark, Sample, TroubleCode
from detection.detection_builders import DOORS, START_S, Story, a_plain_vehicle, a_vehicle, entry


def told(story: Story) -> list[str]:
    return [event.text for event in story.detect().events]


def test_a_healthy_unlock_is_told_from_the_fob_to_the_locks() -> None:
    events = Story().cycle(5.0, "unlock").detect().events

    assert [event.role for event in events] == ["request.fob", "command.lock"] + ["lock.status"] * 4
    assert [event.door for event in events[2:]] == list(DOORS)
    assert [event.at_s for event in events] == sorted(event.at_s for event in events)


def test_a_door_that_opens_and_shuts_is_told_in_words() -> None:
    story = Story().open_door(5.0, "driver", for_s=2.0)

    assert told(story) == ["driver door opened", "driver door closed"]


def test_a_second_source_that_says_the_same_tells_nothing_new() -> None:
    vehicle = a_vehicle(extra=[entry("door.ajar", "POWER", "driver")])

    assert told(Story(vehicle).open_door(5.0, "driver")) == ["driver door opened"]


def test_an_event_that_comes_again_is_told_again() -> None:
    assert len(told(Story().press(5.0, "lock").press(9.0, "lock"))) == 2


def test_a_belief_is_told_as_one() -> None:
    story = Story(a_plain_vehicle()).say(5.0, "lock.status", "unlocked", *DOORS[1:])

    assert told(story) == ["passenger, rear-left, rear-right: lock status unlocked (belief)"]


@pytest.mark.parametrize("role", ["ack.flasher", "supply.voltage"])
def test_lamps_and_measures_would_drown_the_rest(role: str) -> None:
    story = Story().say(5.0, role, "on" if role == "ack.flasher" else 11.0)

    assert told(story) == []


def test_marks_and_codes_are_told_in_their_place() -> None:
    story = Story().press(5.0, "unlock").mark(4.0, "note", "driver").press(9.0, "lock")
    story.side.append(TroubleCode(START_S + 7.0, "bcm", "B2562", "16"))

    assert [event.role for event in story.detect().events] == [
        "mark",
        "request.fob",
        "dtc",
        "request.fob",
    ]
    assert "B2562-16" in told(story)[2]


def test_a_note_is_told_with_its_words() -> None:
    story = Story()
    story.side.append(Mark(START_S + 5.0, "note", None, "it rained"))

    assert told(story) == ["you: note (it rained)"]


def test_a_voltage_that_the_adapter_measured_stands_beside_that_of_the_bus() -> None:
    story = Story(a_vehicle(without=["supply.voltage"])).press(5.0, "unlock")
    story.side.append(Sample(START_S + 4.0, "supply.voltage", 11.75))

    detected = story.detect()

    assert detected.supply_v == (11.75,)
    assert detected.operations[0].circumstance.supply_v == 11.75


def test_a_state_that_was_polled_is_known() -> None:
    story = Story(a_vehicle(without=["key.inside"])).press(5.0, "lock")
    story.side.append(Sample(START_S + 4.0, "key.inside", "yes"))

    assert story.operation().circumstance.is_key_inside
