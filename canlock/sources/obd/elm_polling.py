"""Polling through an ELM327, which can either listen or ask: it asks between two stretches."""

from __future__ import annotations

import math
from collections.abc import Sequence

from canlock.model.stream import StreamItem
from canlock.sources.elm327.port import AdapterPort
from canlock.sources.obd.elm_requester import ElmRequester
from canlock.sources.obd.gate import RequestGate
from canlock.sources.obd.live_polling import LivePolling


class ElmPolling:
    """An interlude of the monitor, see `elm327.interlude`: polls what is due."""

    is_patient = False
    changes_set_up = True

    def __init__(
        self, port: AdapterPort, requester: ElmRequester, polling: LivePolling, gate: RequestGate
    ) -> None:
        """Take what asks; `polling` goes by the port's `now`."""
        self._port = port
        self._requester = requester
        self._polling = polling
        self._gate = gate

    @property
    def due_at(self) -> float | None:
        """When something is due, by the port's `tick`; None: never again."""
        due_s = self._polling.due_s
        if due_s == math.inf:
            return None
        return self._port.tick() + due_s - self._port.now()

    @property
    def notes(self) -> tuple[str, ...]:
        """Why it is not polled, where it is not."""
        return self._polling.notes

    def run(self) -> Sequence[StreamItem]:
        """Ask what is due; return answers, gaps, and everything that was written for it."""
        self._requester.prepare()
        items = self._polling.run()
        return [*items, *self._gate.take_sent()]

    def end(self) -> Sequence[StreamItem]:
        """Go back to the default session."""
        self._requester.prepare()
        self._polling.end()
        return self._gate.take_sent()
