"""The switch that tells whether a door is open sticks.

Looks like:     a door shown as shut when it is open, or as open when it is shut.
For:            what somebody said of the door against what its switch shows, a refused lock.
Against:        a switch that follows the door.
Could also be:  inhibit-door-open; linkage-disconnected, when an opened door shows as shut.
Confirm by:     opening and closing that door three times and watching how it is shown.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import AIRBAG, KEEP_FILM, UNDER_TENSION, YEARLY_GAITER
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="door-ajar-switch-fault",
    scope="door",
    prior=0.035,
    summary="The switch that tells whether the {door} is open reports wrongly.",
    # DOMAIN 2.5 E and 4.6; it sticks at open or at shut, either half of the time. Judgement.
    own={
        "switch": {"agrees": 0.42, "contradicts": 0.58},
        # Stuck at shut, a door that opened is shown as one that did not, where nobody says so.
        "outer.measured": {"opened": 0.70, "stuck": 0.30},
        "inner.measured": {"opened": 0.70, "stuck": 0.30},
        "outer.ordered": {"opened": 0.70, "stuck": 0.30},
        "inner.ordered": {"opened": 0.70, "stuck": 0.30},
        "chatter": {"calm": 0.88, "chatters": 0.12},
        "refusal": {
            "none": 0.55,
            "door-open": 0.315,
            "key-inside": 0.016,
            "key-inserted": 0.016,
            "power": 0.027,
            "low-voltage": 0.018,
            "count": 0.018,
            "unsaid": 0.04,
        },
        # Stuck at shut, the relock timer never learns that somebody opened the door.
        "origin": {
            "asked": 0.80,
            "reversed": 0.005,
            "relock": 0.12,
            "automatic": 0.05,
            "taken-back": 0.005,
            "unexplained": 0.02,
        },
        "code": {
            "short": 0.1,
            "open": 0.1,
            "intermittent": 0.1,
            "stuck": 0.08,
            "linkage": 0.032,
            "sensor": 0.46,
            "bus": 0.032,
            "reset": 0.032,
            "thermal": 0.032,
            "supply": 0.032,
        },
    },
    advice=Advice(
        difficulty="average",
        steps=(
            "Open and close the door three times and watch how the dashboard shows it.",
            "Clean the switch, in the door frame or in the latch, and press it by hand.",
            UNDER_TENSION,
            "Replace the switch, or the latch where the switch is a part of it.",
        ),
        warnings=(KEEP_FILM, AIRBAG),
        prevention=(YEARLY_GAITER,),
    ),
    shows=(
        "The dashboard shows the {door} as open while it is shut, or as shut while it is open. "
        "The lamp inside stays on or stays dark, the car refuses to lock, or it locks itself again "
        "although you have opened the door."
    ),
    like=("inhibit-door-open", "linkage-disconnected", "auto-relock"),
    separates=(
        "Open and close that door and watch how it is shown: a sound switch follows each time. "
        "With a rod that has come off, the door itself stays shut."
    ),
    warns="An inside lamp that flickers as the car goes over bumps.",
    sources="DOMAIN 1.1, 2.5 E and 4.6 (Ford and BMW patents); judgement.",
)
