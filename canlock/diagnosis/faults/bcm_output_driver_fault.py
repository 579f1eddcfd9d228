"""One half of the BCM's output for the locks is dead: one direction of one group of doors.

Looks like:     the driver's door, all others, or all doors do not unlock, and do lock.
For:            a whole group silent one way, the same group well the other way.
Against:        a single door of a group that answers; the same door silent both ways.
Could also be:  selective-unlock; actuator-motor-fault, for the driver's door.
Confirm by:     measuring the pulse at the door connector, both ways, by a workshop.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import CARRY_KEY, NEXT_WINDOW, NO_BOOT, USE_KEY
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="bcm-output-driver-fault",
    scope="channel",
    prior=0.035,
    summary="An output of the body computer (BCM) is dead: doors that share it move one way only.",
    # DOMAIN 0.7 and 2.3: outputs for {driver}, {all others} and the line common to all. For the
    # doors of the channel in its direction; the numbers are judgement.
    own={
        "response": {"answered": 0.03, "slow": 0.02, "silent": 0.94, "bounced": 0.01},
        "response.moved": {"answered": 0.03, "slow": 0.02, "silent": 0.94, "bounced": 0.01},
        "response.frequent": {"answered": 0.03, "slow": 0.02, "silent": 0.94, "bounced": 0.01},
        "course": {"failed-since": 0.82, "failed-until": 0.06, "to-and-fro": 0.12},
        "summary": {"all": 0.08, "some": 0.92},
        "outer.ordered": {"opened": 0.07, "stuck": 0.93},
        "inner.ordered": {"opened": 0.60, "stuck": 0.40},
        "outer.deaf": {"opened": 0.04, "stuck": 0.96},
        "outer.astray": {"opened": 0.96, "stuck": 0.04},
        "outer.locked": {"opened": 0.75, "stuck": 0.25},
        "opening": {"ordered": 0.55, "astray": 0.45},
        "sound": {"silence": 0.88, "click": 0.09, "hum": 0.015, "whirr": 0.015},
        "code": {
            "short": 0.25,
            "open": 0.35,
            "intermittent": 0.05,
            "stuck": 0.05,
            "linkage": 0.05,
            "sensor": 0.05,
            "bus": 0.05,
            "reset": 0.05,
            "thermal": 0.05,
            "supply": 0.05,
        },
    },
    advice=Advice(
        difficulty="high",
        steps=(
            "Press lock and unlock in turn and note which doors move which way.",
            "Press unlock twice: that rules out an unlock for the driver's door only.",
            "Have the pulse at the door's connector measured in both directions.",
            "Check the relay of the locks, where there is one.",
            "Have the body computer repaired or replaced by a workshop.",
        ),
        prevention=(CARRY_KEY,),
        locked_out=(USE_KEY, NEXT_WINDOW, NO_BOOT),
    ),
    shows=(
        "The driver's door, or all the other doors, or every door moves one way and not the "
        "other: it locks and does not unlock, or the reverse. The body computer (BCM) has one "
        "output for the driver's door and one for all others, and half of one is dead."
    ),
    like=("selective-unlock", "lock-power-feed-open", "actuator-motor-fault"),
    separates=(
        "The same motors run well the other way, so wires and motors are sound; and a whole group "
        "fails, not one door of it. A second press does not help."
    ),
    sources="DOMAIN 0.7, 2.3 and 2.5 C (Nissan service manuals); judgement.",
)
