"""What flows through the pipeline besides frames: marks, gaps, polled samples, trouble codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.model.frames import FrameBatch

MARK_ACTIONS: Final = (
    "press-fob-lock",
    "press-fob-unlock",
    "press-spare-fob-lock",
    "press-spare-fob-unlock",
    "press-handle-switch",
    "press-interior-lock",
    "press-interior-unlock",
    "turn-key-lock",
    "turn-key-unlock",
    "pull-outer-handle",
    "pull-inner-handle",
    "opened",
    "not-opened",
    "closed",
    "press-window-switch",
    "window-moved",
    "window-dead",
    "flex-harness",
    "heard-silence",
    "heard-click",
    "heard-hum",
    "heard-whirr",
    "knob-free",
    "knob-stiff",
    "near-car",
    "far-from-car",
    "moved-car",
    "warmed-latch",
    "rested",
    "note",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person said they did: usually 0.2-1 s late, now and then wrong."""

    at_s: float
    action: str
    """One of `MARK_ACTIONS`."""

    door: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class MarkUndone:
    """A mark was taken back."""

    at_s: float
    mark: Mark


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames may be missing between two times: nothing that was not seen here is evidence."""

    at_s: float
    until_s: float
    reason: str
    keys: frozenset[int] | None = None
    """Frame keys that are concerned; None: all."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A role's value that did not come from a frame: polled, or measured by the adapter."""

    at_s: float
    role: str
    value: str | float
    doors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TroubleCode:
    """A DTC as some control unit reported it."""

    at_s: float
    ecu: str
    code: str
    failure_type: str | None = None
    """Failure type byte, two hexadecimal digits."""

    status: str | None = None
    """Status byte, two hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes that canlock, armed by the user, put on the bus."""

    at_s: float
    payload: bytes


SideItem = Mark | MarkUndone | Gap | Sample | TroubleCode | Sent
StreamItem = FrameBatch | SideItem
