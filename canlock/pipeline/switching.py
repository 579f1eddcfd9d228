"""How Python's threads take turns where some must not wait: they read a bus, a key, or tell."""

from __future__ import annotations

from typing import Final

SWITCH_S: Final = 0.0005
"""Python lets one thread run for 5 ms while others wait; reading and telling must not wait so long
for the reasoning, each time they wait."""
