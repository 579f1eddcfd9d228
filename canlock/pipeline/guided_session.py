"""A guided check at a running analysis: what both the plain and the full-screen shell drive."""

from __future__ import annotations

from collections.abc import Callable

from canlock.model.snapshot import Snapshot
from canlock.model.stream import SideItem
from canlock.pipeline.guided import GuidedCheck
from canlock.pipeline.guided_clock import CaptureClock
from canlock.pipeline.guided_prompt import Ending, Prompt


class Guide:
    """Joins a check, the capture's clock and the analysis. Not for several threads at once."""

    def __init__(
        self,
        check: GuidedCheck,
        hand_in: Callable[[SideItem], None],
        clock: CaptureClock | None = None,
    ) -> None:
        """Join them.

        Args:
            check: What asks.
            hand_in: Takes marks and the like, from this thread; must not block.
            clock: The capture's clock; None: one that goes as fast as the host's.
        """
        self.check = check
        self._hand_in = hand_in
        self._clock = clock or CaptureClock()

    @property
    def prompt(self) -> Prompt:
        """Return what is to be shown now."""
        return self.check.prompt

    @property
    def ending(self) -> Ending | None:
        """Return how it ended; None: it goes on."""
        return self.check.ending

    @property
    def snapshot(self) -> Snapshot | None:
        """Return what is known."""
        return self.check.snapshot

    def see(self, snapshot: Snapshot) -> None:
        """Take in a Snapshot."""
        self._clock.see(snapshot.now_s)
        self.check.see(snapshot)
        self._pass_on()

    def tick(self) -> None:
        """Let time go on; to be called some times a second."""
        self.check.tick(self._clock.at_s)
        self._pass_on()

    def answer(self, text: str) -> bool:
        """Take a key or a typed line, see `GuidedCheck.answer`."""
        has_meant = self.check.answer(text, self._clock.at_s)
        self._pass_on()
        return has_meant

    def _pass_on(self) -> None:
        for item in self.check.take_items():
            self._hand_in(item)
