"""The taxonomy of the contract, section 4: fault codes by layer."""

from __future__ import annotations

from typing import Final

LAYERS: Final[dict[str, tuple[str, ...]]] = {
    "none": ("no-fault",),
    "unknown": ("insufficient-evidence", "unknown-fault"),
    "by-design": (
        "inhibit-key-inside",
        "inhibit-door-open",
        "inhibit-power-state",
        "inhibit-low-voltage",
        "inhibit-thermal-or-count",
        "auto-relock",
        "auto-lock-or-unlock",
        "selective-unlock",
        "deadlock-or-child-lock-active",
    ),
    "fob": (
        "fob-battery-low",
        "rf-interference",
        "fob-desync-or-unregistered",
        "handle-request-switch-fault",
        "interior-lock-switch-fault",
    ),
    "bcm": (
        "bcm-no-command",
        "bcm-command-glitch",
        "bcm-reset",
        "bcm-output-driver-fault",
        "can-comm-degraded",
        "door-module-offline",
    ),
    "supply": ("supply-undervoltage", "lock-power-feed-open"),
    "wiring": ("door-harness-open", "door-harness-intermittent", "door-harness-short"),
    "actuator": (
        "actuator-motor-fault",
        "actuator-degrading",
        "lock-feedback-sensor-fault",
        "door-ajar-switch-fault",
    ),
    "mechanical": ("latch-jammed", "latch-frozen", "linkage-disconnected"),
}

LAYER_OF: Final = {code: layer for layer, codes in LAYERS.items() for code in codes}
FAULT_CODES: Final = tuple(LAYER_OF)

NO_FAULT: Final = "no-fault"
INSUFFICIENT: Final = "insufficient-evidence"
UNKNOWN_FAULT: Final = "unknown-fault"

NOT_FAULTS: Final = frozenset(
    code for layer in ("none", "unknown", "by-design") for code in LAYERS[layer]
)
"""Codes that accuse no part of the car."""
