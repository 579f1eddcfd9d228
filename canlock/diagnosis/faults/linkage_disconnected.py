"""The rod or cable between a handle and the latch has come off or snapped.

Looks like:     the lock unlocks as it should, the outer handle moves and the door stays shut.
For:            unlocked and the outer handle without effect, the inside handle opens the door.
Against:        a lock that does not answer, both handles without effect.
Could also be:  latch-jammed, when the inside handle fails too; latch-frozen in frost.
Confirm by:     opening the door from inside.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="linkage-disconnected",
    scope="door",
    prior=0.13,
    summary=(
        "The rod or cable between the outer handle and the latch of the {door} is off: "
        "the lock unlocks, the handle pulls nothing."
    ),
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "outer.measured": {"opened": 0.08, "stuck": 0.92},
        "outer.ordered": {"opened": 0.08, "stuck": 0.92},
        # The inside handle has a rod of its own: that it opens is as usual, and speaks by what
        # it takes from a jam.
        "inner.measured": {"opened": 0.97, "stuck": 0.03},
        "inner.ordered": {"opened": 0.97, "stuck": 0.03},
    },
    advice=Advice(
        difficulty="low",
        parts_cost_rub=(500, 1500),
        steps=(
            "Open the door from inside.",
            "Take the trim off and look for a rod or clip that hangs free.",
            "Put the rod back right and try handle, key and knob before closing the door.",
        ),
        warnings=(
            "Do not force the handle: plastic rods deform.",
            "A rod that is put back wrong keeps the door from shutting or locking.",
        ),
    ),
)
