"""What is known of a capture so far, while it is being read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.model.capture import CaptureInfo
from canlock.sources.damage import DamageLog
from canlock.sources.stretch import Skim, Stretch

STILL_FRAMES: Final = 20
"""So many frames never come in the same microsecond."""


@dataclass(slots=True)
class Tally:
    """Counts over all frames, wanted or not."""

    log: DamageLog
    frames: int = 0
    first_s: float | None = None
    last_s: float | None = None
    out_of_order: int = 0
    clock_jumps: int = 0
    error_frames: int = 0

    def count(self, stretch: Stretch | Skim) -> None:
        """Count the frames of a stretch; its times are for whoever knows their order."""
        self.frames += stretch.frame_count
        self.error_frames += stretch.error_count

    def finish(self, unit: str) -> None:
        """Say what only the end shows: that time never went on, for one."""
        if self.frames >= STILL_FRAMES and self.first_s == self.last_s:
            self.log.tell(
                "clock",
                f"{unit} 1",
                f"found the time {self.first_s:.6f} at all {self.frames} frames, expected time to "
                "go on: when anything happened is not known; record with times",
            )

    def info(self, capture_format: str) -> CaptureInfo:
        """Return it as it stands."""
        return CaptureInfo(
            path=str(self.log.path),
            format=capture_format,
            frames=self.frames,
            bad_lines=self.log.bad_lines,
            first_s=self.first_s,
            last_s=self.last_s,
            out_of_order=self.out_of_order,
            clock_jumps=self.clock_jumps,
            error_frames=self.error_frames,
            is_truncated=self.log.is_truncated,
            damage=self.log.places,
        )
