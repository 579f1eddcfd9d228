"""All lock motors have lost their supply: fuse, relay, ground or the common wire.

Looks like:     requests and orders as always, the lamps flash, no door moves.
For:            no door answers, either way, no sound anywhere, a good battery.
Against:        any door that answers.
Could also be:  supply-undervoltage, when the voltage was not seen; door-harness-short.
Confirm by:     the fuse of the central locking.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import BURNING, CARRY_KEY, SAME_FUSE, SHUT_OUT_WITHOUT_CURRENT
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="lock-power-feed-open",
    scope="car",
    prior=0.035,
    summary="No lock motor gets current: the fuse, relay or ground of the central locking.",
    # DOMAIN 2.3, 2.5 D and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.03, "slow": 0.02, "silent": 0.94, "bounced": 0.01},
        "response.moved": {"answered": 0.03, "slow": 0.02, "silent": 0.94, "bounced": 0.01},
        "response.frequent": {"answered": 0.03, "slow": 0.02, "silent": 0.94, "bounced": 0.01},
        "course": {"failed-since": 0.82, "failed-until": 0.06, "to-and-fro": 0.12},
        "summary": {"all": 0.04, "some": 0.96},
        "outer.ordered": {"opened": 0.06, "stuck": 0.94},
        "inner.ordered": {"opened": 0.60, "stuck": 0.40},
        "outer.deaf": {"opened": 0.04, "stuck": 0.96},
        "outer.astray": {"opened": 0.96, "stuck": 0.04},
        "outer.locked": {"opened": 0.50, "stuck": 0.50},
        "opening": {"ordered": 0.70, "astray": 0.30},
        "sound": {"silence": 0.91, "click": 0.07, "hum": 0.01, "whirr": 0.01},
        "code": {
            "short": 0.13,
            "open": 0.4,
            "intermittent": 0.0458,
            "stuck": 0.0457,
            "linkage": 0.0457,
            "sensor": 0.0457,
            "bus": 0.0457,
            "reset": 0.0457,
            "thermal": 0.0457,
            "supply": 0.15,
        },
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Look at the fuse of the central locking: the manual says where it is.",
            "Replace a blown fuse once, by one of the same value.",
            "If the new fuse blows too, stop: a wire is chafed, most often in a door's gaiter.",
            "If the fuse is good, check relay and ground of the central locking.",
        ),
        warnings=(SAME_FUSE, BURNING),
        prevention=(CARRY_KEY,),
        locked_out=SHUT_OUT_WITHOUT_CURRENT,
    ),
    shows=(
        "The lamps flash as always when you press the fob, and no door makes a sound, neither for "
        "lock nor for unlock. Windows and lamps work. All lock motors share one fuse, one relay "
        "and one ground, and one of these is open."
    ),
    like=(
        "door-harness-short",
        "bcm-output-driver-fault",
        "supply-undervoltage",
        "bcm-no-command",
    ),
    separates=(
        "No door moves either way while the battery is good and the order is given. If a new fuse "
        "blows at once, the reason is a short in a door's wires."
    ),
    sources="DOMAIN 2.3, 2.5 D and 4.6 (BMW repair notes); judgement.",
)
