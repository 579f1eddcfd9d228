"""The buttons that ask for lock and unlock: on the outer handles, and inside."""

from __future__ import annotations

from dataclasses import dataclass, field

LF_RANGE_M = 0.8
"""A fob that is farther from a handle than this is not found (DOMAIN 1.1, S19)."""


@dataclass(slots=True)
class SwitchParameters:
    """What is wrong with the buttons of one car."""

    dead_handles: set[str] = field(default_factory=set)
    """Fault: doors whose request switch makes no contact."""

    antennas_work: bool = True
    """Fault if not: no fob is found at any handle."""

    handle_fails: float = 1.0
    """Share of the presses at which a dead request switch makes no contact."""

    interior_is_dead: bool = False
    """Fault: the button inside makes no contact, either way."""

    interior_sticks: str | None = None
    """Fault: pressed to `lock` or `unlock` once, the button inside stays there."""

    stuck_after_s: float = 5.0
    """A button that is held for longer counts as stuck and is ignored until it is let go (DOMAIN
    1.2, S44)."""
