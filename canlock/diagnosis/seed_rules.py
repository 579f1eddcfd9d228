"""Rules that hold for more than one fault, in the words of the seed article (DOMAIN 2.5).

Each is one sentence for a person at the car. A fault's file names those that apply to it.
"""

from __future__ import annotations

from typing import Final

# Warnings.

NEVER_FORCE: Final = "Never force the handle: plastic rods deform."
NEVER_FORCE_KEY: Final = "Never force the key: stop where it resists."
NO_WD40: Final = "No WD-40 on locks in winter: use silicone, PTFE or graphite."
KEEP_FILM: Final = "Take the trim off with a plastic spatula and keep the film behind it whole."
RODS_BACK: Final = "Put every rod back right, or the door will not shut or lock."
AIRBAG: Final = "Some doors hold side airbag sensors: leave the trim near them to a workshop."
RESETS_RADIO: Final = "Taking the battery off resets radio and clock: only as a last resort."
SAME_FUSE: Final = "Never fit a larger fuse: the wire would burn in its place."
BURNING: Final = "Stop at once if something smells burnt."

# Repairs and checks.

UNDER_TENSION: Final = (
    "Pull the gaiter off at the body side and test each wire under tension: "
    "a broken one still touches when it hangs slack."
)
SOLDER: Final = "Join a broken wire by solder and heat-shrink tube, never by twisting."
BATTERY_OFF: Final = "As a last resort take the battery off for 15-20 minutes."
TRY_BEFORE_CLOSING: Final = "Try handle, key and knob while the door is still open."

# Prevention.

YEARLY_GAITER: Final = "Look at the rubber gaiter once a year: cracks come before broken wires."
GREASE_BEFORE_WINTER: Final = "Grease the latches before winter with silicone, PTFE or graphite."
CARRY_KEY: Final = "Carry the mechanical key: it is often hidden in the fob."

# Early signs.

FIRST_SIGN: Final = "A handle that answers late or needs more force is the first sign of wear."

# Before a shut door.

USE_KEY: Final = "Open the driver's door with the mechanical key, turned gently."
HOLD_CHIP: Final = (
    "Hold the fob right at the handle or the start button: its chip works with an empty cell too."
)
NO_BOOT: Final = "Do not count on the boot: in most cars there is no way in through it."
NEXT_WINDOW: Final = (
    "Get in by another door, or reach the inside handle through the next window if it is open."
)
MOVE_ROD: Final = "Move the rod or lever of the lock by hand."

SHUT_OUT_OF_CAR: Final = (USE_KEY, HOLD_CHIP, NO_BOOT)
"""The car does not hear the fob, or does not heed it."""

SHUT_OUT_WITHOUT_CURRENT: Final = (USE_KEY, NO_BOOT)
"""No lock has current: a chip is no help."""

SHUT_DOOR: Final = (NEXT_WINDOW, KEEP_FILM, MOVE_ROD, RODS_BACK)
"""One door does not open, and its mechanics can be reached from inside."""
