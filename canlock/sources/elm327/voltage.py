"""The supply voltage as the adapter measures it, at pin 16 of the diagnostic socket."""

from __future__ import annotations

import re
from typing import Final

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
