"""Polling: which input of the BCM is asked for when, and its answer as if it were a frame.

`[[poll]]` of the vehicle file names the requests and the messages of its database that describe the
answers. So a car whose bus carries no door frames can be diagnosed as any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from canlock.errors import BusError
from canlock.model.frames import (
    CLASSIC_BYTES,
    EXTENDED_BIT,
    FD_BYTES,
    FrameBatch,
    FrameFlag,
)
from canlock.model.stream import Gap
from canlock.model.vehicle import Poll, Vehicle
from canlock.sources.obd.bcm import BCM, BcmReader
from canlock.sources.obd.requester import NegativeAnswerError, NoAnswerError

SPEED_EVERY_S: Final = 4.0
"""While it is polled the speed is asked for so often, where the car tells it."""

_FAILURES_TO_END: Final = 5
"""Polls in a row without an answer, and it is not asked any more."""

_LONGEST_WAIT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class PollTarget:
    """A poll and the message that describes its answer."""

    poll: Poll
    key: int
    """Frame key of the message in the DBC: the answer is decoded as if that frame had come."""


def poll_targets(vehicle: Vehicle) -> tuple[PollTarget, ...]:
    """Return the polls of a vehicle whose answers feed a role."""
    keys = {facts.name: facts.key for facts in vehicle.messages}
    return tuple(PollTarget(one, keys[one.message]) for one in vehicle.polls if one.message in keys)


class Polling:
    """Asks one after the other, each at its period, and keeps the session open meanwhile."""

    def __init__(self, reader: BcmReader, targets: Sequence[PollTarget]) -> None:
        """Let everything be due at once."""
        self._reader = reader
        self._targets = tuple(targets)
        now_s = reader.now()
        self._due_s = [now_s] * len(self._targets)
        self._speed_s = now_s
        self._failures = 0
        self.keys = frozenset(target.key for target in self._targets)
        """Frame keys that its answers have."""

    @property
    def due_s(self) -> float:
        """When `step` has something to do next, by the reader's clock; infinity: never."""
        return min(min(self._due_s, default=math.inf), self._reader.keep_alive_s)

    def step(self) -> FrameBatch | Gap | None:
        """Do what is due first; return an answer, or a gap where none came.

        Raises:
            RequestRefusedError: It must not be asked now.
            BusError: It must not be asked, does not answer any more, or the adapter failed.
        """
        now_s = self._reader.now()
        if now_s >= self._speed_s:
            self._reader.watch_speed()
            self._speed_s = self._reader.now() + SPEED_EVERY_S
        next_s = min(self._due_s, default=math.inf)
        if now_s < next_s:
            self._reader.keep_alive()
            return None
        return self._ask(self._due_s.index(next_s))

    def _ask(self, index: int) -> FrameBatch | Gap:
        target = self._targets[index]
        asked_s = self._reader.now()
        self._due_s[index] = asked_s + target.poll.period_s
        try:
            answer = self._reader.ask(target.poll.request)
        except (NoAnswerError, NegativeAnswerError) as error:
            self._failures += 1
            if self._failures >= _FAILURES_TO_END or _ends_everything(error):
                raise
            until_s = max(self._due_s[index], self._reader.now())
            return Gap(asked_s, until_s, f"poll: {error}", frozenset({target.key}))
        self._failures = 0
        return answer_frame(target.key, answer, self._reader.now())


def poll_until(
    reader: BcmReader, targets: Sequence[PollTarget], should_end: Callable[[], bool]
) -> Iterator[FrameBatch | Gap]:
    """Poll again and again and yield the answers as frames.

    Where no answer comes, a gap says so: nothing that was not seen then is evidence.

    Raises:
        RequestRefusedError: It must not be asked now.
        BusError: It must not be asked any more, does not answer any more, or the adapter failed.
    """
    polling = Polling(reader, targets)
    while targets and not should_end():
        wait_s = polling.due_s - reader.now()
        if wait_s > 0:
            reader.sleep(min(wait_s, _LONGEST_WAIT_S))
            continue
        item = polling.step()
        if item is not None:
            yield item


def answer_frame(key: int, answer: bytes, at_s: float) -> FrameBatch:
    """Return an answer as one frame of the message that describes it.

    Its bytes are those of the whole answer, service and identifier first; beyond 64 they are cut.
    """
    width = CLASSIC_BYTES if len(answer) <= CLASSIC_BYTES else FD_BYTES
    held = answer[:width]
    flags = FrameFlag.EXTENDED if key & EXTENDED_BIT else FrameFlag(0)
    if width == FD_BYTES:
        flags |= FrameFlag.FD
    return FrameBatch(
        np.array([at_s]),
        np.array([key & ~EXTENDED_BIT], np.uint32),
        np.array([int(flags)], np.uint8),
        np.array([len(held)], np.uint8),
        np.zeros(1, np.uint8),
        np.frombuffer(held.ljust(width, b"\0"), np.uint8).reshape(1, width),
        (BCM,),
    )


def _ends_everything(error: BusError) -> bool:
    return isinstance(error, NegativeAnswerError) and error.ends_everything
