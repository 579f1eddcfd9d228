"""The bounded queue between the thread that reads a bus and whoever takes its batches."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final

from canlock.model.frames import CLASSIC_BYTES, EXTENDED_BIT
from canlock.model.stream import Gap
from canlock.sources.clock import JUMP_S

if TYPE_CHECKING:
    from can import Message

QUEUE_LIMIT: Final = 65_536
"""Messages that wait for a batch: 8 s of a full 1 Mbit/s bus, some 30 MB."""


class Inbox:
    """Messages that have come and gaps between them; `put` and `take` on different threads."""

    def __init__(
        self,
        wanted: AbstractSet[int] | None,
        limit: int = QUEUE_LIMIT,
        *,
        has_adapter_clock: bool = True,
    ) -> None:
        """Begin empty.

        Args:
            wanted: Frame keys to keep, error frames besides; None: all.
            limit: Messages that are kept; those that come while it is full are dropped.
            has_adapter_clock: The times are an adapter's, whose clock may begin anew, and not those
                of a recording, whose order is kept.
        """
        self._lock = threading.Lock()
        self._wanted = wanted
        self._limit = limit
        self._has_adapter_clock = has_adapter_clock
        self._messages: list[Message] = []
        self._gaps: list[tuple[int, Gap]] = []
        """Each with the number of messages before it."""

        self._interruption: tuple[str, float] | None = None
        """Why, and when by the host's clock, messages ceased to come."""

        self._full_since_s: float | None = None
        self._heard_at = self._last_at = time.monotonic()
        self._shift_s = 0.0
        """Added to the adapter's times, so that time does not go back where its clock did."""

        self.dropped = 0
        self.clock_jumps = 0
        self.frames = 0
        self.error_frames = 0
        self.out_of_order = 0
        self.first_s: float | None = None
        self.last_s: float | None = None

    def put(self, messages: Sequence[Message]) -> Exception | None:
        """Take messages in, or count them as dropped.

        Returns:
            What was wrong with the last message that made no sense, which is left out; None where
            all made sense.
        """
        wrong = None
        with self._lock:
            self._heard_at = time.monotonic()
            for message in messages:
                try:
                    self._put(message)
                except Exception as error:
                    wrong = error
        return wrong

    def narrow(self, wanted: AbstractSet[int]) -> None:
        """Keep only some frame keys from now on."""
        with self._lock:
            self._wanted = wanted

    def _put(self, message: Message) -> None:
        _check(message)
        at_s = float(message.timestamp) + self._shift_s
        key = message.arbitration_id | (EXTENDED_BIT if message.is_extended_id else 0)
        before_s = self.last_s
        if before_s is None:
            # What came before the first frame is unknown anyway: that is no gap.
            self.first_s = before_s = at_s
            self._interruption = None
        elif at_s < before_s:
            if self._has_adapter_clock and at_s < before_s - JUMP_S:
                at_s = self._follow_clock(at_s, before_s)
            else:
                self.out_of_order += 1
        if self._shift_s:
            message.timestamp = at_s
        self.last_s = at_s
        self._last_at = self._heard_at
        self.frames += 1
        if self._interruption is not None:
            self._add_gap(Gap(before_s, max(before_s, at_s), self._interruption[0]))
            self._interruption = None
        if message.is_error_frame:
            self.error_frames += 1
        elif self._wanted is not None and key not in self._wanted:
            return
        if len(self._messages) < self._limit:
            self._messages.append(message)
            return
        self.dropped += 1
        if self._full_since_s is None:
            self._full_since_s = before_s

    def _follow_clock(self, at_s: float, before_s: float) -> float:
        """Return the time of a frame with which the adapter's clock began anew."""
        now_s = before_s + max(0.0, self._heard_at - self._last_at)
        self._shift_s += now_s - at_s
        self.clock_jumps += 1
        return now_s

    def interrupt(self, why: str) -> None:
        """Say that messages may be missing from here to the next one."""
        with self._lock:
            if self._interruption is None:
                self._interruption = (why, time.monotonic())

    def end(self) -> None:
        """Turn an interruption that nothing ended into a gap up to now."""
        with self._lock:
            if self._interruption is not None and self.last_s is not None:
                why, since = self._interruption
                self._add_gap(Gap(self.last_s, self.last_s + time.monotonic() - since, why))
            self._interruption = None

    def take(self) -> tuple[list[Message], list[tuple[int, Gap]]]:
        """Return what has come, and the gaps with the number of messages before each."""
        with self._lock:
            if self._full_since_s is not None and self.last_s is not None:
                until_s = max(self._full_since_s, self.last_s)
                self._add_gap(Gap(self._full_since_s, until_s, "frames came faster than analysed"))
                self._full_since_s = None
            taken = self._messages, self._gaps
            self._messages, self._gaps = [], []
            return taken

    def _add_gap(self, gap: Gap) -> None:
        place = len(self._messages)
        if self._gaps and self._gaps[-1][0] == place:
            # Nothing was kept between the two: they are one.
            last = self._gaps.pop()[1]
            gap = Gap(min(last.at_s, gap.at_s), max(last.until_s, gap.until_s), last.reason)
        self._gaps.append((place, gap))


def _check(message: Message) -> None:
    """Raise ValueError where bytes of a frame were lost on the way from the adapter."""
    if message.is_remote_frame or message.is_error_frame:
        return
    count, said = len(message.data), min(message.dlc, CLASSIC_BYTES)
    if count < said:
        raise ValueError(f"a frame that is said to have {said} bytes came with {count}")
