"""The bundle of wires in a door's rubber gaiter: how a broken or chafed one makes contact.

A wire breaks where the gaiter bends. Its ends touch or part with the door's angle, and rub on each
other while the door moves (DOMAIN 2.5 E: failures change with the door's angle).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

LOCK_COMMON: Final = "lock-common"
"""The door's branch of the line to all lock motors."""

LOCK_DRIVE: Final = "lock-drive"
"""The door's branch of its channel's unlock line."""

LOCK_SENSOR: Final = "lock-sensor"
AJAR: Final = "ajar"
HANDLE_SWITCH: Final = "handle-switch"
WINDOW_SWITCH: Final = "window-switch"
WINDOW_MOTOR: Final = "window-motor"
REQUEST_SWITCH: Final = "request-switch"
"""The button on the outer handle that asks for lock or unlock."""

MIRROR_MOTOR: Final = "mirror-motor"
MODULE: Final = "module"
"""Supply or bus of a door module: without it the module falls silent."""

MOTOR_FEED: Final = "motor-feed"
"""Power of all motors that a door module drives, where it is apart from its logic's."""


@dataclass(slots=True)
class Break:
    """One broken wire. It conducts by chance, anew at each movement."""

    closed: float = 0.0
    """Probability of contact each time the door comes to rest shut."""

    moving: float = 0.0
    """Probability of contact at each step of a movement."""

    angles: tuple[float, float] | None = None
    """Degrees between which the ends touch with the door at rest open; None: by `ajar` alone."""

    ajar: float = 0.0
    """Probability of contact each time the door comes to rest open, outside `angles`."""


@dataclass(slots=True)
class HarnessParameters:
    """Which wires of one door are broken."""

    breaks: dict[str, Break] = field(default_factory=dict)
    shorts: dict[str, Break] = field(default_factory=dict)
    """Wires whose insulation is through: when they touch, they touch the body."""

    short_ohm: float = 0.15
    """Of a wire that touches the body; judgement: 20 A and more, or no fuse would blow."""


class Harness:
    """The wires of one door."""

    def __init__(self, parameters: HarnessParameters, chance: random.Random) -> None:
        self._parameters = parameters
        self._chance = chance
        self._contact: dict[str, bool] = {}
        self._grounded: dict[str, bool] = {}
        self._listeners: list[Callable[[], None]] = []
        self.bend(0.0, is_moving=False)

    def conducts(self, line: str) -> bool:
        """Tell whether a wire, if there is such a one, is whole just now."""
        return self._contact.get(line, True)

    @property
    def short_ohm(self) -> float:
        """Return the resistance of a wire that touches the body."""
        return self._parameters.short_ohm

    @property
    def is_chafed(self) -> bool:
        """Tell whether any wire may ever touch the body."""
        return bool(self._parameters.shorts)

    def is_grounded(self, line: str) -> bool:
        """Tell whether a wire touches the body just now."""
        return self._grounded.get(line, False)

    def listen(self, listener: Callable[[], None]) -> None:
        """Have something called whenever a wire may have made or lost contact."""
        self._listeners.append(listener)

    def bend(self, angle_deg: float, *, is_moving: bool) -> None:
        """The door stands at an angle, or passes it."""
        before = (dict(self._contact), dict(self._grounded))
        for line, wire in self._parameters.breaks.items():
            self._contact[line] = self._touches(wire, angle_deg, is_moving=is_moving)
        for line, wire in self._parameters.shorts.items():
            self._grounded[line] = self._touches(wire, angle_deg, is_moving=is_moving)
        if (self._contact, self._grounded) != before:
            for listener in self._listeners:
                listener()

    def _touches(self, wire: Break, angle_deg: float, *, is_moving: bool) -> bool:
        if is_moving:
            probability = wire.moving
        elif angle_deg <= 0.0:
            probability = wire.closed
        elif wire.angles is not None and wire.angles[0] <= angle_deg <= wire.angles[1]:
            probability = 1.0
        else:
            probability = wire.ajar
        return self._chance.random() < probability
