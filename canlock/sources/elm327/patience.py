"""How long to leave the adapter alone when the bus cannot be read, and when to give up."""

from __future__ import annotations

from typing import Final

from canlock.sources.elm327.lines import Word

FIRST_REST_S: Final = 0.1
LONGEST_REST_S: Final = 5.0
"""Pause after the bus could not be read; doubled each time, so that a wrong bit rate is no storm
of attempts."""

BUS_TROUBLE_LIMIT: Final = 8
"""So often in a row, with no frame between, and it ends: some 20 s."""


class Patience:
    """Counts attempts at a bus that cannot be read. Times are those of the port's `tick`."""

    def __init__(self) -> None:
        """Begin with none."""
        self.word: Word | None = None
        """What the adapter complained of in this attempt."""

        self.rests_until = 0.0
        """Before that it is not started again."""

        self._attempts = 0
        self._rest_s = FIRST_REST_S

    def begin(self) -> None:
        """Note that the adapter listens again."""
        self.word = None

    def end(self, now: float, *, is_fruitful: bool) -> bool:
        """Note that it listens no more; say whether it is of no use to try again.

        Args:
            now: The time.
            is_fruitful: A frame came.
        """
        if is_fruitful:
            self._attempts = 0
            self._rest_s = FIRST_REST_S
            if self.word is None:
                return False
        self.rests_until = now + self._rest_s
        self._rest_s = min(self._rest_s * 2, LONGEST_REST_S)
        self._attempts += 1
        if self._attempts < BUS_TROUBLE_LIMIT:
            return False
        self._attempts = 0
        return True
