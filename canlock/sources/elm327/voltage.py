"""The supply voltage as the adapter measures it, at pin 16 of the diagnostic socket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from canlock.model.stream import Sample
from canlock.sources.elm327.exchange import ask
from canlock.sources.elm327.port import AdapterPort

PLAUSIBLE_V: Final = (5.0, 32.0)
"""Below it the adapter itself would not run; above it no car is. Clones without a divider print
0.0 V or anything."""

_VOLTS: Final = re.compile(r"(\d{1,2}\.\d{1,2})\s*V?")


def read_voltage(port: AdapterPort) -> float | None:
    """Return the supply voltage in V, to 0.1 V, or None where the adapter does not tell it.

    Raises:
        AdapterGoneError: The port failed.
    """
    found = _VOLTS.fullmatch(ask(port, "ATRV").text)
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
        self.due_at: float | None = port.tick()

    def run(self) -> Sequence[Sample]:
        """Ask the adapter; one that does not know is not asked again: it would cost frames."""
        volts = read_voltage(self._port)
        if volts is None:
            self.due_at = None
            return ()
        self.due_at = self._port.tick() + self._every_s
        return (Sample(self._port.now(), "supply.voltage", volts),)

    def end(self) -> Sequence[Sample]:
        """Do nothing: the adapter remembers nothing of it."""
        return ()
