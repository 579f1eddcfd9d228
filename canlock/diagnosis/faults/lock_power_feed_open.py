"""All lock motors have lost their supply: fuse, relay, ground or the common wire.

Looks like:     requests and orders as always, the lamps flash, no door moves.
For:            no door answers, either way, no sound anywhere, a good battery.
Against:        any door that answers.
Could also be:  supply-undervoltage, when the voltage was not seen.
Confirm by:     the fuse of the central locking.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="lock-power-feed-open",
    scope="car",
    prior=0.03,
    summary="No lock motor gets current: the fuse, relay or ground of the central locking.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.03, "slow": 0.02, "silent": 0.94, "bounced": 0.01},
        "summary": {"all": 0.05, "some": 0.95},
        "outer.ordered": {"opened": 0.06, "stuck": 0.94},
        "outer.deaf": {"opened": 0.05, "stuck": 0.95},
        "sound": {"silence": 0.90, "click": 0.06, "hum": 0.02, "whirr": 0.02},
    },
    advice=Advice(
        difficulty="low",
        parts_cost_rub=(50, 500),
        steps=(
            "Look at the fuse of the central locking (see the manual for its place).",
            "Replace a blown fuse once, by the same value; a wire is chafed if it blows again.",
        ),
        warnings=("Never fit a larger fuse.",),
    ),
)
