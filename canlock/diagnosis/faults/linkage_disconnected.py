"""The rod or cable between a handle and the latch has come off or snapped.

Looks like:     the lock unlocks as it should, the outer handle moves and the door stays shut.
For:            unlocked and the outer handle without effect, the inside handle opens the door.
Against:        a lock that does not answer, both handles without effect.
Could also be:  latch-jammed, when the inside handle fails too; latch-frozen in frost.
Confirm by:     opening the door from inside.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import (
    AIRBAG,
    FIRST_SIGN,
    KEEP_FILM,
    NEVER_FORCE,
    NO_BOOT,
    RODS_BACK,
    TRY_BEFORE_CLOSING,
)
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="linkage-disconnected",
    scope="door",
    prior=0.11,
    summary=(
        "The rod or cable between the outer handle and the latch of the {door} is off: "
        "the lock unlocks, the handle pulls nothing."
    ),
    # DOMAIN 2.5 F and 4.6; judgement where it is silent. The inside handle has a rod of its own:
    # that it opens is as usual, and speaks by what it takes from a jam.
    own={
        "outer.measured": {"opened": 0.06, "stuck": 0.94},
        "outer.ordered": {"opened": 0.06, "stuck": 0.94},
        "outer.deaf": {"opened": 0.06, "stuck": 0.94},
        "outer.astray": {"opened": 0.06, "stuck": 0.94},
        "outer.locked": {"opened": 0.01, "stuck": 0.99},
        "opening": {"ordered": 0.98, "astray": 0.02},
        "code": {
            "short": 0.0375,
            "open": 0.0375,
            "intermittent": 0.0375,
            "stuck": 0.15,
            "linkage": 0.55,
            "sensor": 0.0375,
            "bus": 0.0375,
            "reset": 0.0375,
            "thermal": 0.0375,
            "supply": 0.0375,
        },
    },
    advice=Advice(
        difficulty="low",
        parts_cost_rub=(500, 1500),
        steps=(
            "Open the door from inside.",
            "Take the trim off and look for a rod or clip that hangs free.",
            "Replace a broken clip or rod: do not bend the old one.",
            TRY_BEFORE_CLOSING,
        ),
        warnings=(NEVER_FORCE, KEEP_FILM, RODS_BACK, AIRBAG),
        prevention=("Pull the handle gently when the door is frozen or not yet unlocked.",),
        locked_out=(
            "Open the door from inside, by way of another door or the next window if it is open.",
            NO_BOOT,
        ),
    ),
    shows=(
        "The {door} unlocks with its usual click, and its outer handle moves too easily and opens "
        "nothing. From inside it opens as always. The thin rod or cable between handle and latch "
        "has come off its plastic clip, or has snapped."
    ),
    like=(
        "latch-jammed",
        "latch-frozen",
        "door-ajar-switch-fault",
        "deadlock-or-child-lock-active",
    ),
    separates=(
        "The lock answers and the inside handle opens the door: electrics and latch are sound. "
        "With a jam or ice neither handle opens it."
    ),
    warns=FIRST_SIGN,
    sources="DOMAIN 2.5 F and 4.6 (a patent on handle attempts); seed article; judgement.",
)
