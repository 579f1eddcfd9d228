"""The data bus itself is disturbed: frames are lost or broken.

Looks like:     many things in the car fail for a moment, not only locks.
For:            holes in the traffic of several units at once, error frames, counters that jump.
Against:        clean traffic; holes that the recorder itself made.
Could also be:  bcm-reset, when only the BCM is missing; a recorder that was too slow.
Confirm by:     recording again with another adapter and a shorter cable.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import NO_BOOT, USE_KEY
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="can-comm-degraded",
    scope="car",
    prior=0.035,
    summary="The car's data bus is disturbed: messages between its units get lost.",
    # DOMAIN 2.5 C and 4.6; the numbers are judgement.
    own={
        "traffic": {"clean": 0.30, "holes": 0.42, "errors": 0.28},
        "request": {"received": 0.87, "unheard": 0.13},
        "request.near": {"received": 0.87, "unheard": 0.13},
        "request.spare": {"received": 0.87, "unheard": 0.13},
        "request.handle": {"received": 0.87, "unheard": 0.13},
        "request.interior": {"received": 0.87, "unheard": 0.13},
        "request.away": {"received": 0.87, "unheard": 0.13},
        "reaction": {"reacted": 0.88, "none": 0.12},
        "reaction.away": {"reacted": 0.88, "none": 0.12},
        "command": {"given": 0.81, "late": 0.04, "absent": 0.145, "refused": 0.005},
        "command.handle": {"given": 0.81, "late": 0.04, "absent": 0.145, "refused": 0.005},
        "origin": {
            "asked": 0.80,
            "reversed": 0.01,
            "relock": 0.03,
            "automatic": 0.05,
            "taken-back": 0.01,
            "unexplained": 0.10,
        },
        "response": {"answered": 0.90, "slow": 0.04, "silent": 0.05, "bounced": 0.01},
        "course": {"failed-since": 0.08, "failed-until": 0.08, "to-and-fro": 0.84},
        "response.moved": {"answered": 0.90, "slow": 0.04, "silent": 0.05, "bounced": 0.01},
        "summary": {"all": 0.92, "some": 0.08},
        "switch": {"agrees": 0.93, "contradicts": 0.07},
        "window": {"moved": 0.92, "dead": 0.08},
        "outer.measured": {"opened": 0.92, "stuck": 0.08},
        "outer.ordered": {"opened": 0.92, "stuck": 0.08},
        "node": {"steady": 0.85, "reset": 0.15},
        "module": {"steady": 0.85, "lost": 0.15},
        "code": {
            "short": 0.0225,
            "open": 0.0225,
            "intermittent": 0.0225,
            "stuck": 0.0225,
            "linkage": 0.0225,
            "sensor": 0.0225,
            "bus": 0.76,
            "reset": 0.06,
            "thermal": 0.0225,
            "supply": 0.0225,
        },
    },
    advice=Advice(
        difficulty="high",
        steps=(
            "Record again with another adapter, to rule the recorder out.",
            "Unplug every unit that was added to the diagnostic socket or the bus.",
            "Have the trouble codes read: many units that miss each other point at the bus.",
            "Have the plugs and the two twisted bus wires checked for water and chafing.",
        ),
        locked_out=(USE_KEY, NO_BOOT),
    ),
    shows=(
        "Several things fail for a moment and come back: locks, dashboard, windows, warning "
        "lamps. The units of the car talk over a shared pair of wires, the CAN bus, and their "
        "messages get lost or broken there."
    ),
    like=("bcm-reset", "door-module-offline"),
    separates=(
        "Messages of several units are missing at once, and the bus reports errors. If one unit "
        "alone is missing, that unit is the suspect; if all go missing together without errors, "
        "the recorder may be."
    ),
    warns="Warning lamps that come and go without a reason.",
    sources="DOMAIN 2.4, 2.5 C and 4.6; judgement.",
)
