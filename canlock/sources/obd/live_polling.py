"""Polling a BCM while its bus is listened to: what ends the asking never ends the listening."""

from __future__ import annotations

import math
from typing import Final

from canlock.model.stream import Gap, StreamItem
from canlock.sources.obd.bcm import BcmReader
from canlock.sources.obd.gate import RequestRefusedError
from canlock.sources.obd.polling import Polling, PollTarget
from canlock.sources.obd.requester import NegativeAnswerError, NoAnswerError

HELD_S: Final = 5.0
"""After a refusal, as of a car that moves, it is tried again so much later."""

UNANSWERED_S: Final = 15.0
"""A BCM that does not answer sleeps, or its car is off; asked too often it would never sleep."""

_TOLD_S: Final = 86_400.0
"""A gap that never ends is told for a day."""

_STEPS: Final = 8
"""At most so many in one turn: then it is listened to again."""


class LivePolling:
    """One BCM that is polled between the frames of a bus. One thread only."""

    def __init__(self, reader: BcmReader, targets: tuple[PollTarget, ...]) -> None:
        """Take a reader over, whose session is not open yet."""
        self._reader = reader
        self._targets = targets
        self._keys = frozenset(target.key for target in targets)
        self._polling: Polling | None = None
        self._held_until_s = -math.inf
        self._note: str | None = None

    @property
    def due_s(self) -> float:
        """When it wants its turn, by the reader's clock; infinity: never again."""
        polled_s = self._polling.due_s if self._polling is not None else -math.inf
        return max(polled_s, self._held_until_s)

    @property
    def notes(self) -> tuple[str, ...]:
        """Why it is not polled, where it is not."""
        return () if self._note is None else (self._note,)

    def run(self) -> list[StreamItem]:
        """Ask what is due and return the answers as frames; gaps where none came.

        Raises:
            AdapterGoneError: The port failed.
            BusError: The adapter failed otherwise.
        """
        items: list[StreamItem] = []
        try:
            polling = self._polling or self._begin(items)
            for _ in range(_STEPS):
                if self._reader.now() < polling.due_s:
                    break
                item = polling.step()
                if item is not None:
                    items.append(item)
        except RequestRefusedError as error:
            items.append(self._hold(HELD_S, f"The BCM is not polled for now: {error}."))
        except NoAnswerError as error:
            items.append(self._hold(UNANSWERED_S, f"The BCM is not polled for now: {error}."))
        except NegativeAnswerError as error:
            items.append(self._hold(math.inf, f"The BCM is not polled any more: {error}."))
        return items

    def end(self) -> None:
        """Ask no more, and go back to the default session where another was opened."""
        self._held_until_s = math.inf
        if self._polling is not None:
            self._polling = None
            self._reader.__exit__(None, None, None)

    def _begin(self, items: list[StreamItem]) -> Polling:
        """Open the session and read the codes first: they may be gone when it is asked later."""
        self._reader.__enter__()
        self._polling = Polling(self._reader, self._targets)
        self._note = None
        items += self._reader.read_codes() or ()
        return self._polling

    def _hold(self, duration_s: float, note: str) -> Gap:
        """Ask no more for a while; the session is over by then."""
        self._polling = None
        self._note = note
        now_s = self._reader.now()
        self._held_until_s = now_s + duration_s
        return Gap(now_s, now_s + min(duration_s, _TOLD_S), f"poll: {note}", self._keys)
