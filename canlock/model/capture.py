"""What is known of a capture as a file: its format, its extent and its damage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Damage:
    """One place at which a capture is not as its format says."""

    place: str
    """`file:line` for text, `file:byte N` for binary formats."""

    text: str
    """What was found, what was expected."""


@dataclass(frozen=True, slots=True)
class CaptureInfo:
    """What a reader found, so far or in the end."""

    path: str
    format: str
    """`candump`, `blf`, `asc` ...; `live` for a bus."""

    frames: int = 0
    """All frames, also those of ids that nobody asked for."""

    bad_lines: int = 0
    """Lines or records that could not be read."""

    first_s: float | None = None
    last_s: float | None = None
    out_of_order: int = 0
    """Frames whose time stamp is before that of the frame above them."""

    clock_jumps: int = 0
    """Times at which the clock was set back and stayed so."""

    error_frames: int = 0
    is_truncated: bool = False
    """The file ends in the middle of a line or record."""

    damage: tuple[Damage, ...] = ()
    """The first few places; the counts above are complete."""
