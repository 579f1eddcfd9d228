"""A door does not open from inside because it is deadlocked or its child lock is on.

Looks like:     the inside handle does nothing, the outer handle opens the door.
For:            child lock or deadlock shown as on or ordered, a rear door, a cure by the fob.
Against:        an inside handle that opens the door.
Could also be:  linkage-disconnected, of the rod to the inside handle.
Confirm by:     unlocking by fob and pulling the inside handle; looking at the child lock.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="deadlock-or-child-lock-active",
    scope="door",
    prior=0.035,
    summary="By design the {door} does not open from inside: child lock or deadlock is on.",
    # DOMAIN 2.5 A; the numbers are judgement.
    own={
        "inner.rear": {"opened": 0.08, "stuck": 0.92},
        "inner.barred": {"opened": 0.03, "stuck": 0.97},
        # Neither is shown on every bus.
        "inner.measured": {"opened": 0.30, "stuck": 0.70},
        "inner.ordered": {"opened": 0.30, "stuck": 0.70},
    },
    # A deadlock holds all doors; child locks come in pairs.
    others={
        "inner.rear": {"opened": 0.45, "stuck": 0.55},
        "inner.barred": {"opened": 0.20, "stuck": 0.80},
        "inner.measured": {"opened": 0.88, "stuck": 0.12},
        "inner.ordered": {"opened": 0.88, "stuck": 0.12},
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Unlock with the fob.",
            "Pull the inside handle again.",
            "Open the door from outside and look at the small child lock lever in its edge.",
        ),
        warnings=("Never deadlock a car with somebody in it: nobody can get out.",),
    ),
    shows=(
        "The {door} opens from outside and not from inside. At a rear door the child lock is on. "
        "At all doors it is the deadlock: some cars take the inside handles out of use when they "
        "are locked by fob, so that a broken window is no help to a thief."
    ),
    like=("linkage-disconnected",),
    separates=(
        "With the child lock off, and unlocked by fob, the inside handle works. A rod that has "
        "come off stays off."
    ),
    sources="DOMAIN 1.2 and 2.5 A (Volvo owner's manuals); judgement.",
)
