"""Garbage is looked for while nobody waits for an answer."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from canlock.tui.garbage import EVERY_S, LONGEST_S, NEVER, QUIET_S, Garbage


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def garbage(clock: Clock) -> Iterator[Garbage]:
    begun = Garbage(clock)
    begun.begin()
    yield begun
    begun.end()


def test_between_beginning_and_end_python_does_not_go_through_everything_by_itself() -> None:
    before = gc.get_threshold()
    garbage = Garbage()
    garbage.begin()
    assert gc.get_threshold()[2] == NEVER
    garbage.spare()
    assert gc.get_freeze_count() > 0
    garbage.end()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_outside_nothing_is_changed() -> None:
    garbage = Garbage()
    garbage.spare()
    assert gc.get_freeze_count() == 0
    assert not garbage.sweep()
    garbage.end()


@pytest.mark.parametrize(("after_s", "is_due"), [(EVERY_S - 0.1, False), (EVERY_S, True)])
def test_it_is_swept_so_often(
    clock: Clock, garbage: Garbage, after_s: float, *, is_due: bool
) -> None:
    clock.now_s += after_s
    assert garbage.sweep() is is_due
    assert not garbage.sweep()


@pytest.mark.parametrize(("quiet_s", "is_due"), [(QUIET_S - 0.1, False), (QUIET_S, True)])
def test_nobody_who_has_just_pressed_a_key_waits_for_it(
    clock: Clock, garbage: Garbage, quiet_s: float, *, is_due: bool
) -> None:
    clock.now_s += EVERY_S
    garbage.wait()
    clock.now_s += quiet_s
    assert garbage.sweep() is is_due


@pytest.mark.parametrize(("after_s", "is_due"), [(LONGEST_S - 0.1, False), (LONGEST_S, True)])
def test_who_never_stops_pressing_keys_waits_once_in_a_long_while(
    clock: Clock, garbage: Garbage, after_s: float, *, is_due: bool
) -> None:
    clock.now_s += after_s
    garbage.wait()
    assert garbage.sweep() is is_due
