"""The battery or its connection is too weak to move the locks.

Looks like:     all doors slow or dead alike, orders missing, the BCM restarts.
For:            low voltage at rest or under 9 V while the motors run, every door slow.
Against:        a good voltage throughout, only one door concerned.
Could also be:  lock-power-feed-open, when the voltage was not seen.
Confirm by:     a charger or a running engine, then the same again.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import CARRY_KEY, SHUT_OUT_WITHOUT_CURRENT
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="supply-undervoltage",
    scope="car",
    prior=0.04,
    summary="The supply voltage is too low for the locks.",
    # DOMAIN 2.5 D and 4.6; judgement where it is silent.
    own={
        "denied": {
            "none": 0.60,
            "driver-only": 0.01,
            "relocked": 0.01,
            "automatic": 0.01,
            "refused": 0.30,
            "unordered": 0.07,
        },
        "supply": {"good": 0.05, "low": 0.33, "very-low": 0.62},
        "dip": {"steady": 0.22, "deep": 0.78},
        "response": {"answered": 0.48, "slow": 0.27, "silent": 0.20, "bounced": 0.05},
        "response.moved": {"answered": 0.48, "slow": 0.27, "silent": 0.20, "bounced": 0.05},
        "response.frequent": {"answered": 0.42, "slow": 0.28, "silent": 0.25, "bounced": 0.05},
        "course": {"failed-since": 0.30, "failed-until": 0.10, "to-and-fro": 0.60},
        "pace": {"even": 0.92, "slower": 0.08},
        "summary": {"all": 0.68, "some": 0.32},
        "command": {"given": 0.66, "late": 0.07, "absent": 0.15, "refused": 0.12},
        "command.handle": {"given": 0.66, "late": 0.07, "absent": 0.15, "refused": 0.12},
        "reaction": {"reacted": 0.72, "none": 0.28},
        "reaction.near": {"reacted": 0.72, "none": 0.28},
        "reaction.spare": {"reacted": 0.72, "none": 0.28},
        "reaction.handle": {"reacted": 0.72, "none": 0.28},
        "reaction.interior": {"reacted": 0.72, "none": 0.28},
        "reaction.away": {"reacted": 0.72, "none": 0.28},
        "refusal": {
            "none": 0.5,
            "low-voltage": 0.35,
            "unsaid": 0.09,
            "door-open": 0.02,
            "key-inside": 0.005,
            "key-inserted": 0.005,
            "power": 0.02,
            "count": 0.01,
        },
        "repeat": {"once": 0.93, "again": 0.07},
        "outer.ordered": {"opened": 0.65, "stuck": 0.35},
        "inner.ordered": {"opened": 0.85, "stuck": 0.15},
        "outer.deaf": {"opened": 0.08, "stuck": 0.92},
        "outer.astray": {"opened": 0.90, "stuck": 0.10},
        "outer.locked": {"opened": 0.25, "stuck": 0.75},
        "opening": {"ordered": 0.85, "astray": 0.15},
        "window": {"moved": 0.85, "dead": 0.15},
        "sound": {"silence": 0.20, "click": 0.46, "hum": 0.22, "whirr": 0.12},
        "node": {"steady": 0.78, "reset": 0.22},
        "module": {"steady": 0.92, "lost": 0.08},
        "code": {
            "short": 0.0225,
            "open": 0.0225,
            "intermittent": 0.0225,
            "stuck": 0.0225,
            "linkage": 0.0225,
            "sensor": 0.0225,
            "bus": 0.0225,
            "reset": 0.1,
            "thermal": 0.0225,
            "supply": 0.72,
        },
    },
    varied=("refusal", "command", "reaction", "denied"),
    told_by=("supply.voltage",),
    advice=Advice(
        difficulty="low",
        steps=(
            "Measure the battery at rest: 12.4 V or more is good.",
            "Measure it with the engine running: 13.5 V or more is good.",
            "Clean and tighten its terminals and the ground strap.",
            "Charge it, and lock and unlock again.",
            "Replace the battery if it does not hold its charge.",
        ),
        prevention=("Have the battery tested before winter.", CARRY_KEY),
        locked_out=SHUT_OUT_WITHOUT_CURRENT,
    ),
    shows=(
        "All doors are slow or lame together, some do not get there. Lamps dim when the locks "
        "move, the engine turns slowly. Now and then the dashboard blinks. The battery is flat or "
        "worn, or a terminal is loose."
    ),
    like=(
        "inhibit-low-voltage",
        "lock-power-feed-open",
        "bcm-reset",
        "actuator-degrading",
        "door-harness-short",
    ),
    separates=(
        "Every door suffers alike, and a charger or a running engine cures it. A single slow door "
        "has its own fault."
    ),
    warns="An engine that turns slowly in the morning, and lamps that dim when a window moves.",
    sources="DOMAIN 2.5 D and 4.6; judgement.",
)
