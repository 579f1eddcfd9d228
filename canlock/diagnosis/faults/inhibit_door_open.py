"""The BCM did not lock because a door stood open.

Looks like:     lock is pressed and nothing happens, a door is ajar.
For:            a door shown as open when locking was asked for.
Against:        all doors shown as shut.
Could also be:  door-ajar-switch-fault: a door switch that says open when the door is shut.
Confirm by:     closing every door and watching it being shown.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="inhibit-door-open",
    scope="car",
    prior=0.05,
    summary="By design the car does not lock while a door is open.",
    # DOMAIN 1.1 and 2.5 A; the numbers are judgement.
    own={
        # Bonnet and tailgate bar too, and are not on every bus.
        "command.lock": {"given": 0.80, "late": 0.01, "absent": 0.10, "refused": 0.09},
        "reaction.lock": {"reacted": 0.80, "none": 0.20},
        "reaction.near.lock": {"reacted": 0.80, "none": 0.20},
        "reaction.spare.lock": {"reacted": 0.80, "none": 0.20},
        "reaction.handle.lock": {"reacted": 0.80, "none": 0.20},
        "refusal": {
            "none": 0.448,
            "door-open": 0.484,
            "key-inside": 0.0055,
            "key-inserted": 0.0055,
            "power": 0.006,
            "low-voltage": 0.006,
            "count": 0.006,
            "unsaid": 0.039,
        },
        # With a belt in the gap a door is called shut that is not.
        "switch": {"agrees": 0.80, "contradicts": 0.20},
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Close every door firmly, the tailgate and the bonnet too.",
            "Look for a belt or a coat in the gap of a door.",
            "Lock again.",
        ),
    ),
    shows=(
        "You press lock and nothing happens, or the car beeps. A door, the tailgate or the bonnet "
        "is not quite shut, often by a belt in the gap. The lamp inside may still be lit."
    ),
    like=("door-ajar-switch-fault", "bcm-no-command"),
    separates=(
        "Once every door is shut, it locks. If a door is shown as open while it is shut, its "
        "switch is at fault."
    ),
    sources="DOMAIN 1.1 and 2.5 A (Nissan, Infiniti and Fiat service manuals); judgement.",
)
