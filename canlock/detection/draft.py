"""An operation in the making: the steps that were seen so far, not yet judged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from canlock.model.operations import Command, Request
from canlock.model.samples import RoleSample

OPPOSITE = {"lock": "unlock", "unlock": "lock", "deadlock": "unlock", "unlock-all": "lock"}


def direction(action: str | None) -> str | None:
    """Return `lock` or `unlock` for an action or a lock state, or None where it has none."""
    if action in ("lock", "deadlock", "locked", "deadlocked"):
        return "lock"
    if action in ("unlock", "unlock-all", "unlocked"):
        return "unlock"
    return None


def agree(first: str | None, second: str | None) -> bool:
    """Say whether two actions may be one: either has no direction, or both have the same."""
    one, other = direction(first), direction(second)
    return one is None or other is None or one == other


@dataclass(slots=True)
class Draft:
    """What has been joined to one operation. Times are in order within each list."""

    at_s: float
    last_step_s: float
    until_s: float | None = None
    """Set when it is closed."""

    request: Request | None = None
    command: Command | None = None
    command_message: str | None = None
    edges: list[RoleSample] = field(default_factory=list)
    """Changes of lock, latch and door states."""

    late_edges: list[RoleSample] = field(default_factory=list)
    """Changes of lock status soon after the window: they tell what came unseen within it."""

    flashes: list[float] = field(default_factory=list)
    """Rising edges of the answer-back lamps."""

    inhibits: list[RoleSample] = field(default_factory=list)
    last_command_s: float | None = None
    locks: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Door -> (lock state, feedback) when the operation began."""

    ajar: dict[str, str] = field(default_factory=dict)
    power: str | None = None
    key_inside: str | None = None
    key_inserted: str | None = None
    previous_command: Command | None = None
    """The command of the operation before."""

    recent_starts: int = 0
    """Operations that began in the 20 s before."""

    last_unlock_s: float | None = None
    """When the last unlock before this was ordered, with no door opened since."""

    last_power_s: float | None = None
    """When the power state last changed before this."""

    def copy(self) -> Draft:
        """Return a copy that may go on by itself."""
        return replace(
            self,
            edges=list(self.edges),
            late_edges=list(self.late_edges),
            flashes=list(self.flashes),
            inhibits=list(self.inhibits),
        )

    @property
    def action(self) -> str | None:
        """Return what it is about: the command's action, else the request's."""
        if self.command is not None:
            return self.command.action
        return self.request.action if self.request is not None else None

    def touch(self, at_s: float) -> None:
        """Remember that a step happened."""
        self.last_step_s = max(self.last_step_s, at_s)
