"""The supply voltage as the adapter measures it, at pin 16 of the diagnostic socket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from canlock.model.stream import Sample
from canlock.sources.elm327.exchange import ask_twice
from canlock.sources.elm327.port import AdapterPort

PLAUSIBLE_V: Final = (5.0, 32.0)
"""Below it the adapter itself would not run; above it no car is. Clones without a divider print
0.0 V or anything."""

_VOLTS: Final = re.compile(r"(\d{1,2}\.\d{1,2})\s*V?")
_LOOKS_IN_VAIN: Final = 3
"""So many on end before an adapter that once told a voltage is not asked any more."""


def read_voltage(port: AdapterPort) -> float | None:
    """Return the supply voltage in V, to 0.1 V, or None where the adapter does not tell it.

    Raises:
        AdapterGoneError: The port failed.
    """
    found = _VOLTS.fullmatch(ask_twice(port, "ATRV").text)
    if found is None:
        return None
    volts = float(found[1])
    return volts if PLAUSIBLE_V[0] <= volts <= PLAUSIBLE_V[1] else None


class VoltageLook:
    """Looks at the supply voltage now and then, between two stretches of listening."""

    is_patient = True
    changes_set_up = False
    notes: tuple[str, ...] = ()

    def __init__(self, port: AdapterPort, every_s: float) -> None:
        """Look for the first time when the listening has begun."""
        self._port = port
        self._every_s = every_s
        self._left = 1
        """Looks in vain after which it is given up."""

        self.due_at: float | None = port.tick()

    def run(self) -> Sequence[Sample]:
        """Ask the adapter; one that does not know is not asked again: it would cost frames."""
        volts = read_voltage(self._port)
        self._left = _LOOKS_IN_VAIN if volts is not None else self._left - 1
        self.due_at = self._port.tick() + self._every_s if self._left > 0 else None
        if volts is None:
            return ()
        return (Sample(self._port.now(), "supply.voltage", volts),)

    def end(self) -> Sequence[Sample]:
        """Do nothing: the adapter remembers nothing of it."""
        return ()
