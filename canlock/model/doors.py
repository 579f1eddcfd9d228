"""Doors as a person says them."""

from __future__ import annotations

from typing import Final

DOOR_NAMES: Final = {
    "driver": "driver's door",
    "passenger": "passenger's door",
    "rear-left": "rear left door",
    "rear-right": "rear right door",
    "tailgate": "tailgate",
}
"""A vehicle file may add doors of its own, see `door_name`."""


def door_name(door: str) -> str:
    """Return a door's full name, without an article: `driver's door`."""
    if door in DOOR_NAMES:
        return DOOR_NAMES[door]
    spaced = door.replace("-", " ")
    return spaced if "door" in spaced.split() else f"{spaced} door"
