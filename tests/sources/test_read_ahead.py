"""Reading on in a thread: the same items, the same errors, and an end whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from canlock.sources.read_ahead import ReadAhead


def readers() -> int:
    return sum(thread.name == "read ahead" for thread in threading.enumerate())


def test_all_items_come_in_their_order() -> None:
    assert list(ReadAhead(iter(range(1000)))) == list(range(1000))
    assert readers() == 0


def test_what_went_wrong_is_raised_behind_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    found_before: list[int] = []
    with pytest.raises(OSError, match="the disk is gone"):  # noqa: PT012
        for item in ReadAhead(items()):
            found_before.append(item)  # noqa: PERF402
    assert found_before == [1]


@pytest.mark.parametrize("ahead", [1, 5])
def test_no_more_is_made_than_may_wait(ahead: int) -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    reading = iter(ReadAhead(items(), ahead))
    next(reading)
    deadline = time.monotonic() + 1.0
    while len(made) < ahead + 2 and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.02)
    assert len(made) == ahead + 2
    assert list(reading) == list(range(1, 100))


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    reading = iter(ReadAhead(iter(range(1000))))
    assert next(reading) == 0
    assert isinstance(reading, Iterator)
    reading.close()  # type: ignore[attr-defined]
    assert readers() == 0
