"""Simulated cars led through a guided check by somebody who does and says what it asks for."""

from __future__ import annotations

import pytest

from canlock.pipeline.guided import GuidedCheck
from canlock.pipeline.guided_procedures import PROCEDURES
from pipeline.guided_car import LedCar


def led(fault: str, door: str, vehicle: str, seed: int = 3) -> tuple[LedCar, GuidedCheck]:
    car, check = LedCar(fault, door, vehicle, seed), GuidedCheck()
    car.lead(check)
    return car, check


@pytest.mark.parametrize(
    ("fault", "door", "vehicle"),
    [
        pytest.param("latch-jammed", "passenger", "bmw-e9x", id="a jammed latch"),
        pytest.param("door-harness-open", "driver", "nissan-qashqai-j10", id="a broken wire"),
    ],
)
def test_it_finds_what_is_broken_by_the_tests_that_it_chooses(
    fault: str, door: str, vehicle: str
) -> None:
    car, check = led(fault, door, vehicle)
    verdict = car.snapshot().verdict
    assert (verdict.fault, verdict.doors) == (fault, (door,))
    assert check.ending is not None
    # What it ends with is what it is: sure, or out of tests.
    assert (check.ending.kind == "sure") is verdict.is_confident
    assert verdict.probability > 0.6


def test_a_sound_car_is_accused_of_nothing() -> None:
    car, check = led("no-fault", "driver", "bmw-e9x")
    assert car.snapshot().verdict.fault in ("no-fault", "insufficient-evidence")
    assert check.ending is not None


def test_no_test_is_asked_for_more_often_than_it_tells_something_new() -> None:
    _, check = led("fob-battery-low", "driver", "nissan-qashqai-j10")
    most = {each.id: each.most_times for each in PROCEDURES}
    done = check.progress.done
    assert all(done.count(test) <= most[test[0]] for test in done)
    assert {"press-again", "press-near"} <= {test for test, _ in done}


def test_a_check_taken_up_half_way_asks_nothing_again_that_was_answered() -> None:
    car, check = LedCar("latch-jammed", "passenger", "bmw-e9x"), GuidedCheck()
    for _ in range(25):
        car.look(check)
        car.step(check, check.prompt)
        car.take(check.take_items())
    done = check.progress.done
    assert done
    again = GuidedCheck(sorted(car.marks, key=lambda mark: mark.at_s))
    assert again.progress.done == done
    car.asked.clear()
    car.lead(again)
    assert again.ending is not None
    assert not {"How to reach the OBD socket", "Which door gives trouble"} & set(car.asked)
    assert again.progress.done[: len(done)] == done
