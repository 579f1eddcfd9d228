"""Buses, cars and frames for the tests of live work."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import can
import numpy as np

from canlock.bundled import bundled_folder
from canlock.model.frames import FrameBatch, join_batches
from canlock.sources.capture import open_capture

CAPTURES = bundled_folder("captures")
GAITER = CAPTURES / "qashqai-driver-door-gaiter.log"
QASHQAI = "nissan-qashqai-j10"
PATIENCE_S = 20.0
PROMPT_S = 5.0
"""Far less than what is not waited for, and more than a busy machine may stand still."""
_NUMBERS = count()


def a_channel() -> str:
    """A virtual channel that nobody else is on."""
    return f"live-{next(_NUMBERS)}-{threading.get_ident()}"


def a_group() -> str:
    """A multicast group that nobody else on this host uses: of the range that stays in a site."""
    number = os.getpid() * 31 + next(_NUMBERS)
    return f"239.{74 + number // 65536 % 100}.{number // 256 % 256}.{number % 256}"


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.01)


def frames_of(path: Path) -> FrameBatch:
    items = open_capture(path).batches()
    return join_batches([item for item in items if isinstance(item, FrameBatch)])


def a_message(at_s: float, arbitration_id: int = 0x358, data: bytes = bytes(8)) -> can.Message:
    return can.Message(
        timestamp=at_s, arbitration_id=arbitration_id, is_extended_id=False, data=data
    )


def some_frames(times_s: list[float], arbitration_id: int = 0x358) -> FrameBatch:
    rows = len(times_s)
    return FrameBatch(
        np.array(times_s),
        np.full(rows, arbitration_id, np.uint32),
        np.zeros(rows, np.uint8),
        np.full(rows, 8, np.uint8),
        np.zeros(rows, np.uint8),
        np.zeros((rows, 8), np.uint8),
        ("can0",),
    )


@contextmanager
def a_sender(channel: str) -> Iterator[can.BusABC]:
    bus = can.Bus(channel, "virtual", preserve_timestamps=True)
    try:
        yield bus
    finally:
        bus.shutdown()
