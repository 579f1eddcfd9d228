"""Latch and handles: what lets a door open once the lock lever stands right."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Handle = Literal["outer", "inner"]


@dataclass(slots=True)
class LatchParameters:
    """The pawl that holds the door, and the rods between it and the handles."""

    stuck: float = 0.0
    """Probability that the pawl does not come free at a pull."""

    outer_is_connected: bool = True
    inner_is_connected: bool = True
    inner_unlocks: bool = True
    """Pulling inside throws the lever to unlocked first, unless deadlocked or child-locked."""

    child_lock: bool = False


class Latch:
    """Holds the door shut until a handle frees it.

    Attributes:
        is_closed: The pawl holds.
        is_deadlocked: The inner handle is uncoupled too.
    """

    def __init__(self, parameters: LatchParameters, chance: random.Random) -> None:
        self.parameters = parameters
        self._chance = chance
        self.is_closed = True
        self.is_deadlocked = False

    def unlocks_by_hand(self, handle: Handle) -> bool:
        """Tell whether pulling a handle throws the lock lever to unlocked."""
        parameters = self.parameters
        return (
            handle == "inner"
            and parameters.inner_unlocks
            and parameters.inner_is_connected
            and not parameters.child_lock
            and not self.is_deadlocked
        )

    def pull(self, handle: Handle, *, is_locked: bool) -> bool:
        """Pull a handle, the lever standing where it stands; return whether the pawl came free."""
        parameters = self.parameters
        sticks = self._chance.random() < parameters.stuck
        if handle == "outer":
            is_coupled = parameters.outer_is_connected
        else:
            is_coupled = parameters.inner_is_connected and not parameters.child_lock
        if is_coupled and not is_locked and not sticks:
            self.is_closed = False
        return not self.is_closed
