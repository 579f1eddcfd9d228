"""How it stands with a live bus: the link to the adapter, and whether the adapter is silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LinkState = Literal["connected", "silent", "reconnecting", "lost", "closed"]
"""`silent`: open, but nothing has come for a while. `reconnecting`: it failed and is opened again
and again. `lost`: the same for so long that somebody should look; it is still tried. `closed`: not
opened yet, or stopped."""

TapState = Literal["sees-all", "sees-part", "other-bus", "gateway", "wrong-bitrate", "no-frames"]
"""What a tap was found to see of the vehicle's messages."""


@dataclass(frozen=True, slots=True)
class BusRate:
    """How busy the bus was within the last two seconds of what was read."""

    frames_hz: float
    errors_hz: float
    load: tuple[float, float] | None = None
    """Least and most share of the bus's time; None where the bit rate is not known."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Whether the adapter holds back even its acknowledgements: it leaves no trace on the bus."""

    is_confirmed: bool
    why: str
    """What confirms it, or what stands in the way and how to mend it."""

    @property
    def words(self) -> str:
        """Return it as told to a person."""
        if self.is_confirmed:
            return f"silent: confirmed ({self.why})"
        return f"silent: not confirmed, because {self.why}"


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How the reading of one bus has gone so far."""

    name: str
    """`interface:channel`."""

    state: LinkState
    frames: int
    """All that came, also those that nobody asked for."""

    dropped: int
    """Frames that came while the queue was full."""

    errors: int
    """Exceptions of the driver, failed attempts to open it again included."""

    reopened: int
    error_frames: int
    last_error: str | None
    silence: Silence
    is_filtered: bool = False
    """The adapter or the kernel holds back ids that nobody asked for: `frames` lacks them."""

    notes: tuple[str, ...] = ()
    """What a reader of a report must know of how it was listened, in sentences."""
