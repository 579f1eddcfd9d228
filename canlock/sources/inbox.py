"""The bounded queue between the thread that reads a bus and whoever takes its batches."""

from __future__ import annotations

import threading
import time
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final

from canlock.model.frames import EXTENDED_BIT
from canlock.model.stream import Gap

if TYPE_CHECKING:
    from can import Message

QUEUE_LIMIT: Final = 65_536
"""Messages that wait for a batch: 8 s of a full 1 Mbit/s bus, some 30 MB."""


class Inbox:
    """Messages that have come and gaps between them; `put` and `take` on different threads."""

    def __init__(self, wanted: AbstractSet[int] | None, limit: int = QUEUE_LIMIT) -> None:
        """Begin empty.

        Args:
            wanted: Frame keys to keep, error frames besides; None: all.
            limit: Messages that are kept; those that come while it is full are dropped.
        """
        self._lock = threading.Lock()
        self._wanted = wanted
        self._limit = limit
        self._messages: list[Message] = []
        self._gaps: list[tuple[int, Gap]] = []
        """Each with the number of messages before it."""

        self._interruption: tuple[str, float] | None = None
        """Why, and when by the host's clock, messages ceased to come."""

        self._full_since_s: float | None = None
        self.dropped = 0
        self.frames = 0
        self.error_frames = 0
        self.out_of_order = 0
        self.first_s: float | None = None
        self.last_s: float | None = None

    def put(self, message: Message) -> None:
        """Take a message in, or count it as dropped."""
        at_s = float(message.timestamp)
        key = message.arbitration_id | (EXTENDED_BIT if message.is_extended_id else 0)
        is_wanted = self._wanted is None or key in self._wanted or message.is_error_frame
        with self._lock:
            before_s = self.last_s
            if before_s is None:
                # What came before the first frame is unknown anyway: that is no gap.
                self.first_s = before_s = at_s
                self._interruption = None
            self.last_s = at_s
            self.frames += 1
            self.error_frames += bool(message.is_error_frame)
            self.out_of_order += at_s < before_s
            if self._interruption is not None:
                self._add_gap(Gap(before_s, max(before_s, at_s), self._interruption[0]))
                self._interruption = None
            if not is_wanted:
                return
            if len(self._messages) < self._limit:
                self._messages.append(message)
                return
            self.dropped += 1
            if self._full_since_s is None:
                self._full_since_s = before_s

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
