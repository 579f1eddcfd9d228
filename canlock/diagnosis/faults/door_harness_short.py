"""A chafed wire in a door's gaiter touches the body and takes the locks' fuse.

Looks like:     the locks' fuse blows again, things go out as one door moves, a burning smell.
For:            a dip or a BCM reset as the door moves, then all doors silent at once.
Against:        a new fuse that holds, a quiet supply.
Could also be:  lock-power-feed-open, which is what it leaves behind; bcm-reset.
Confirm by:     taking the fuse out and looking for chafed wires in the gaiter.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import (
    AIRBAG,
    BURNING,
    KEEP_FILM,
    SAME_FUSE,
    SHUT_OUT_WITHOUT_CURRENT,
    SOLDER,
    YEARLY_GAITER,
)
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="door-harness-short",
    scope="door",
    prior=0.035,
    summary="A chafed wire in the gaiter of the {door} touches metal: a short.",
    # DOMAIN 2.5 E: well until it touches, then the fuse goes. The numbers are judgement.
    own={
        "response": {"answered": 0.35, "slow": 0.05, "silent": 0.57, "bounced": 0.03},
        "response.moved": {"answered": 0.33, "slow": 0.05, "silent": 0.59, "bounced": 0.03},
        "response.frequent": {"answered": 0.33, "slow": 0.05, "silent": 0.59, "bounced": 0.03},
        "course": {"failed-since": 0.70, "failed-until": 0.05, "to-and-fro": 0.25},
        "summary": {"all": 0.40, "some": 0.60},
        "outer.measured": {"opened": 0.80, "stuck": 0.20},
        "outer.ordered": {"opened": 0.40, "stuck": 0.60},
        "inner.ordered": {"opened": 0.75, "stuck": 0.25},
        "outer.deaf": {"opened": 0.06, "stuck": 0.94},
        "outer.astray": {"opened": 0.92, "stuck": 0.08},
        "outer.locked": {"opened": 0.45, "stuck": 0.55},
        "opening": {"ordered": 0.73, "astray": 0.27},
        "sound": {"silence": 0.62, "click": 0.20, "hum": 0.03, "whirr": 0.15},
        "window": {"moved": 0.85, "dead": 0.15},
        "switch": {"agrees": 0.78, "contradicts": 0.22},
        "flicker": {"calm": 0.90, "flickers": 0.10},
        "chatter": {"calm": 0.72, "chatters": 0.28},
        "supply": {"good": 0.88, "low": 0.09, "very-low": 0.03},
        "dip": {"steady": 0.60, "deep": 0.40},
        "node": {"steady": 0.90, "reset": 0.10},
        "hush": {"at-rest": 0.12, "moved": 0.88},
        "module": {"steady": 0.88, "lost": 0.12},
        "code": {
            "short": 0.74,
            "open": 0.025,
            "intermittent": 0.025,
            "stuck": 0.025,
            "linkage": 0.025,
            "sensor": 0.025,
            "bus": 0.025,
            "reset": 0.025,
            "thermal": 0.025,
            "supply": 0.06,
        },
    },
    # All lock motors hang on the fuse that blows.
    others={
        "course": {"failed-since": 0.70, "failed-until": 0.05, "to-and-fro": 0.25},
        "response": {"answered": 0.45, "slow": 0.04, "silent": 0.50, "bounced": 0.01},
        "response.moved": {"answered": 0.45, "slow": 0.04, "silent": 0.50, "bounced": 0.01},
        "response.frequent": {"answered": 0.45, "slow": 0.04, "silent": 0.50, "bounced": 0.01},
        "outer.ordered": {"opened": 0.48, "stuck": 0.52},
        "inner.ordered": {"opened": 0.80, "stuck": 0.20},
        "outer.deaf": {"opened": 0.05, "stuck": 0.95},
        "outer.astray": {"opened": 0.94, "stuck": 0.06},
        "sound": {"silence": 0.55, "click": 0.24, "hum": 0.03, "whirr": 0.18},
    },
    others_alike=True,
    varied=("hush",),
    advice=Advice(
        difficulty="average",
        parts_cost_rub=(1500, 3000),
        steps=(
            "Stop using the locks and take the fuse of the central locking out.",
            "Pull the gaiter off at the body side and look for chafed or scorched wires.",
            SOLDER,
            "Lay the wires so that they touch no edge.",
            "Put in a fuse of the same value and try each door, open and shut.",
        ),
        warnings=(SAME_FUSE, BURNING, KEEP_FILM, AIRBAG),
        prevention=(YEARLY_GAITER,),
        locked_out=SHUT_OUT_WITHOUT_CURRENT,
    ),
    shows=(
        "As the {door} moves, or at a press of the fob, lamps dim for a moment, and then no lock "
        "moves any more: the fuse has blown. A new fuse blows again. There may be a smell of "
        "burning. The wires in the rubber sleeve between body and door (gaiter) have lost their "
        "coat and touch metal."
    ),
    like=(
        "lock-power-feed-open",
        "bcm-reset",
        "supply-undervoltage",
        "door-harness-intermittent",
    ),
    separates=(
        "It worked until something touched: the failure begins as a door moves or at a pulse, and "
        "a new fuse blows again. A fuse that simply aged holds when it is replaced."
    ),
    warns="Lamps that dim or a radio that drops out when one certain door moves.",
    sources="DOMAIN 2.5 E and 4.6; seed article; judgement.",
)
