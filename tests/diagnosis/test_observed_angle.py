"""Whether a lock's failures go with the movement of its door."""

from __future__ import annotations

import pytest

from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.angle import LEAST_ORDERS, observe_angle

OUTCOMES = {"a": "answered", "l": "slow", "s": "silent", "b": "bounced"}


def answers(still: str, moved: str, *, door: str = "driver") -> list[Observation]:
    told = [("response", letter) for letter in still]
    told += [("response.moved", letter) for letter in moved]
    return [
        Observation(kind, OUTCOMES[letter], 5.0 * number, door, "lock")
        for number, (kind, letter) in enumerate(told)
    ]


def angle(told: list[Observation]) -> list[str]:
    return [seen.outcome for seen in observe_angle(told)]


@pytest.mark.parametrize(
    ("still", "moved", "expected"),
    [
        ("aaaaaa", "ssssss", "tied"),
        # A wire that meets again where the door moves.
        ("ssssss", "aaaaaa", "tied"),
        ("bbbbbb", "llllll", "tied"),
        ("aaaaaa", "sssssa", "tied"),
        # Chance does as much: 0.08 and 0.06.
        ("aaaaas", "ssssaa", "loose"),
        ("aaaaaa", "ssssaaa", "loose"),
        ("ssssss", "ssssss", "loose"),
        ("aaaaaa", "aaaaaa", "loose"),
        # Sure, but too little of a difference: odds of 3.9 to 1.
        ("as" * 40, "s" * 36 + "a" * 9, "tied"),
        ("as" * 40, "s" * 34 + "a" * 9, "loose"),
    ],
)
def test_movement_decides_or_does_not(still: str, moved: str, expected: str) -> None:
    assert angle(answers(still, moved)) == [expected]


@pytest.mark.parametrize(("count", "is_told"), [(LEAST_ORDERS - 1, False), (LEAST_ORDERS, True)])
def test_few_orders_say_nothing(count: int, is_told: bool) -> None:
    assert bool(angle(answers("a" * 20, "s" * count))) is is_told
    assert bool(angle(answers("s" * count, "a" * 20))) is is_told


def test_hot_motors_stand_still_too_and_doors_are_told_apart() -> None:
    hot = [Observation("response.frequent", "answered", 1.0, "driver", "lock")] * LEAST_ORDERS
    other = answers("aaaaaa", "aaaaaa", door="passenger")

    found = list(observe_angle([*hot, *answers("", "ssssss"), *other]))

    assert [(seen.door, seen.outcome) for seen in found] == [
        ("driver", "tied"),
        ("passenger", "loose"),
    ]
