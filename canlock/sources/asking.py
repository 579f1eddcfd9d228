"""What an adapter is asked to let through: changed from any thread, told by the one that reads."""

from __future__ import annotations

import threading
from collections.abc import Set as AbstractSet

from canlock.model.vehicle import Vehicle
from canlock.sources.listening import ListeningBus


class Asking:
    """What is wanted of a bus by now."""

    def __init__(self, keys: AbstractSet[int] | None) -> None:
        """Take the frame keys to let through; None: all."""
        self._keys = keys
        self._vehicle: Vehicle | None = None
        self._has_news = threading.Event()

    def narrow(self, keys: AbstractSet[int]) -> None:
        """Want only some frame keys from now on."""
        self._keys = keys
        self._has_news.set()

    def plan(self, vehicle: Vehicle) -> None:
        """Let an adapter with a narrow line plan for a vehicle from now on."""
        self._vehicle = vehicle
        self._has_news.set()

    def tell(self, bus: ListeningBus) -> None:
        """Tell a bus that was just opened."""
        if self._vehicle is not None:
            bus.plan(self._vehicle)
        if self._keys is not None and not bus.is_filtered:
            bus.narrow(self._keys)

    def tell_news(self, bus: ListeningBus) -> None:
        """Tell a bus what has changed, if anything has."""
        if self._has_news.is_set():
            self._has_news.clear()
            self.tell(bus)
