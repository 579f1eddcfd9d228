"""A control unit in a door: it drives the door's motors and reads its switches, or it is silent."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from canlock.simulation.clock import Clock, Process


@dataclass(slots=True)
class DoorModuleParameters:
    """How one door's unit fails."""

    dies_after_s: float | None = None
    """Fault: it falls silent for the first time so long after the start."""

    silent_s: float | None = None
    """Fault: it comes back after so long on average, and falls silent again; None: it does not."""

    works_s: float = 20.0
    """Fault: it then works so long on average."""


class DoorModule:
    """Works, or does not; its wires are another matter."""

    def __init__(
        self,
        clock: Clock,
        parameters: DoorModuleParameters,
        chance: random.Random,
        changed: Callable[[], None],
    ) -> None:
        self.is_alive = True
        self._changed = changed
        if parameters.dies_after_s is not None:
            clock.start(self._fail(parameters, parameters.dies_after_s, chance))

    def _fail(
        self, parameters: DoorModuleParameters, first_s: float, chance: random.Random
    ) -> Process[None]:
        works_s = first_s
        while True:
            yield works_s
            self._set(is_alive=False)
            if parameters.silent_s is None:
                return
            yield parameters.silent_s * chance.uniform(0.6, 1.6)
            self._set(is_alive=True)
            works_s = parameters.works_s * chance.uniform(0.4, 1.6)

    def _set(self, *, is_alive: bool) -> None:
        self.is_alive = is_alive
        self._changed()
