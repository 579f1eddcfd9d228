"""The BCM starts anew by itself, and what was asked at that moment is lost.

Looks like:     a press lost now and then, lamps or the radio that blink with it.
For:            the BCM silent for 0.3 s or more, its counters at nought again, a good supply.
Against:        a BCM that is on the bus all the time.
Could also be:  supply-undervoltage, when the voltage fell before; door-harness-short.
Confirm by:     the same with a charger connected.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import NO_BOOT, USE_KEY
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="bcm-reset",
    scope="car",
    prior=0.035,
    summary="The body computer (BCM) starts anew by itself and loses what was asked.",
    # DOMAIN 2.5 C and 4.6; the numbers are judgement.
    own={
        "node": {"steady": 0.45, "reset": 0.55},
        "command": {"given": 0.72, "late": 0.06, "absent": 0.21, "refused": 0.01},
        "command.handle": {"given": 0.72, "late": 0.06, "absent": 0.21, "refused": 0.01},
        "reaction": {"reacted": 0.72, "none": 0.28},
        "reaction.near": {"reacted": 0.72, "none": 0.28},
        "reaction.spare": {"reacted": 0.72, "none": 0.28},
        "reaction.away": {"reacted": 0.72, "none": 0.28},
        "response": {"answered": 0.84, "slow": 0.02, "silent": 0.12, "bounced": 0.02},
        "course": {"failed-since": 0.08, "failed-until": 0.08, "to-and-fro": 0.84},
        "response.moved": {"answered": 0.84, "slow": 0.02, "silent": 0.12, "bounced": 0.02},
        "summary": {"all": 0.85, "some": 0.15},
        "outer.ordered": {"opened": 0.85, "stuck": 0.15},
        "repeat": {"once": 0.92, "again": 0.08},
        "denied": {
            "none": 0.792,
            "driver-only": 0.002,
            "relocked": 0.002,
            "automatic": 0.002,
            "refused": 0.002,
            "unordered": 0.2,
        },
        "code": {
            "short": 0.0284,
            "open": 0.0286,
            "intermittent": 0.0286,
            "stuck": 0.0286,
            "linkage": 0.0286,
            "sensor": 0.0286,
            "bus": 0.18,
            "reset": 0.55,
            "thermal": 0.0286,
            "supply": 0.07,
        },
    },
    advice=Advice(
        difficulty="high",
        steps=(
            "Measure the battery at rest and while the locks move.",
            "Connect a charger, then lock and unlock ten times, six seconds apart.",
            "Clean and tighten the battery's terminals and the body computer's ground.",
            "Move each door to and fro while somebody watches the lamps: a short in a door resets "
            "it too.",
            "Have the trouble codes of the body computer read.",
            "Replace the body computer last.",
        ),
        locked_out=(USE_KEY, NO_BOOT),
    ),
    shows=(
        "Now and then a press is lost, and at that moment lamps flicker, the dashboard blinks or "
        "the wipers stop: the body computer (BCM) has started anew. The battery is good."
    ),
    like=("supply-undervoltage", "can-comm-degraded", "door-harness-short", "bcm-no-command"),
    separates=(
        "The BCM alone falls silent while other units go on, and the voltage holds. With a flat "
        "battery the voltage falls first. If it comes when a door moves, look for a short there."
    ),
    warns="A dashboard or lamp that blinks for a moment when the locks move.",
    sources="DOMAIN 2.4, 2.5 C and 4.6; judgement.",
)
