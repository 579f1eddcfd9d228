"""Whether somebody is at the doors: then the adapter does not look away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

STIR_S: Final = 5.0
"""So long after a frame with new content somebody is taken to be at the doors."""

LONGEST_STIR_S: Final = 60.0
"""But what waits for that waits at the latest so long."""


class Stir:
    """Follows the contents of the essential messages. Times are those of the port's `tick`."""

    def __init__(self) -> None:
        """Begin with nothing seen, and no message that counts."""
        self._essential: frozenset[int] = frozenset()
        self._latest: dict[int, bytes] = {}
        self._at: float | None = None

    def heed(self, keys: Iterable[int]) -> None:
        """Heed the messages of these frame keys from now on."""
        self._essential = frozenset(keys)

    def see(self, key: int, data: bytes, now: float) -> None:
        """Note a frame."""
        if key in self._essential and self._latest.get(key) != data:
            self._latest[key] = data
            self._at = now

    def is_on(self, now: float) -> bool:
        """Say whether something changed just now."""
        return self._at is not None and now - self._at < STIR_S
