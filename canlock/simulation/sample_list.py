"""The sample captures, one by one: the car, what is wrong with it, and what was found out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from canlock.simulation.sample import Sample, break_gaiter, jam_latch, leave_healthy, teach
from canlock.simulation.stories.complaint import complain
from canlock.simulation.stories.gaiter import find_broken_wire
from canlock.simulation.stories.routine import live

QASHQAI: Final = "nissan-qashqai-j10"
BMW: Final = "bmw-e9x"
MEB: Final = "vw-meb"
FORD: Final = "ford-fd1"

SAMPLES: Final[Mapping[str, Sample]] = {
    "qashqai-driver-door-gaiter": Sample(
        vehicle=QASHQAI,
        title="The driver's door stays shut: wires broken in the rubber gaiter",
        happened=(
            "Unlock is pressed: the indicators flash twice, the other doors unlock, the driver's "
            "does not. It is pressed again with an ear to the door: silence. The driver's window "
            "is dead, the passenger's moves. The door is opened from inside, and while its gaiter "
            "is worked to and fro some presses do move the lock. Locked by hand and shut again, "
            "it is as before."
        ),
        fault="door-harness-open",
        doors=("driver",),
        stage=break_gaiter,
        story=find_broken_wire,
        seed=1,
        door="driver",
        duration_s=62.0,
        suffix=".log",
    ),
    "qashqai-healthy": Sample(
        vehicle=QASHQAI,
        title="A Qashqai in order",
        happened="Somebody comes and goes: locks, unlocks, opens and shuts doors. All of it works.",
        fault="no-fault",
        doors=(),
        stage=leave_healthy,
        story=live,
        seed=2,
        suffix=".log",
    ),
    "bmw-passenger-latch-jammed": Sample(
        vehicle=BMW,
        title="The passenger's latch is jammed",
        happened=(
            "Every command is answered by four locks; the passenger's stays where it is. Its "
            "motor can be heard, its window works, and neither handle opens the door."
        ),
        fault="latch-jammed",
        doors=("passenger",),
        stage=jam_latch,
        story=complain,
        seed=1,
        door="passenger",
        suffix=".log",
    ),
    "qashqai-driver-gaiter-intermittent": teach(
        QASHQAI,
        "door-harness-intermittent",
        2,
        "The driver's door works now and then",
        "The car flashes at every press. Whether the driver's lock follows hangs on how the door "
        "was last moved: a wire in its gaiter is broken, and its ends touch by chance.",
        door="driver",
    ),
    "qashqai-driver-motor-dead": teach(
        QASHQAI,
        "actuator-motor-fault",
        4,
        "The driver's lock motor is seized",
        "The car flashes, the other doors unlock; the driver's motor hums and its lock does not "
        "move, but for a lucky start. Its window works, and its knob moves freely by hand.",
        door="driver",
    ),
    "qashqai-driver-rod-off": teach(
        QASHQAI,
        "linkage-disconnected",
        1,
        "The rod of the driver's outer handle has come off",
        "The driver's lock follows every press, yet the door stays shut when its outer handle is "
        "pulled.",
        door="driver",
    ),
    "qashqai-latches-frozen": teach(
        QASHQAI,
        "latch-frozen",
        1,
        "Frost after a wash: latches are frozen",
        "It is nearly ten degrees below zero. The car flashes; the driver's lock does not move, "
        "its motor hums, its knob is stiff. Another door is frozen too.",
        door="driver",
    ),
    "qashqai-lock-fuse-blown": teach(
        QASHQAI,
        "lock-power-feed-open",
        1,
        "No lock moves: the fuse of the locks is blown",
        "The car flashes at every press, and no door unlocks. Everything else works.",
    ),
    "qashqai-flat-battery": teach(
        QASHQAI,
        "supply-undervoltage",
        1,
        "The battery is nearly flat",
        "The voltage is low and dips at every pulse of the locks; they are slow, or do not move.",
    ),
    "qashqai-fob-battery-low": teach(
        QASHQAI,
        "fob-battery-low",
        1,
        "The fob's cell is nearly empty",
        "Pressed some steps away, nothing happens, not even a flash; with the fob at the window, "
        "or with the spare one, all is well.",
    ),
    "qashqai-strong-radio": teach(
        QASHQAI,
        "rf-interference",
        6,
        "A strong transmitter drowns both fobs",
        "Neither fob is heard from where people stand, and only now and then at the car.",
    ),
    "qashqai-first-press-driver-only": teach(
        QASHQAI,
        "selective-unlock",
        2,
        "The first press opens the driver's door alone",
        "Somebody presses once and pulls at another door, which stays shut; after a second press "
        "it opens. The car is made so.",
    ),
    "qashqai-locks-itself": teach(
        QASHQAI,
        "auto-relock",
        1,
        "The car locks itself after half a minute",
        "Unlocked and not opened, the car locks itself again after 30 s, and somebody who was held "
        "up finds it locked. The car is made so.",
    ),
    "qashqai-door-left-open": teach(
        QASHQAI,
        "inhibit-door-open",
        1,
        "It does not lock: a door stands open",
        "Lock is pressed and nothing happens, until somebody shuts the door that stood open. The "
        "car is made so.",
        door="rear-left",
    ),
    "bmw-healthy": teach(
        BMW,
        "no-fault",
        1,
        "An E90 in order",
        "Somebody comes and goes. Every command is answered by all five locks.",
    ),
    "bmw-rear-left-gaiter": teach(
        BMW,
        "door-harness-open",
        1,
        "The rear left door is dead: a wire in its gaiter is broken",
        "Every command is answered by four locks, never by the rear left one, in neither "
        "direction, unless the door is being moved.",
        door="rear-left",
    ),
    "bmw-driver-actuator-worn": teach(
        BMW,
        "actuator-degrading",
        1,
        "The driver's lock motor is wearing out",
        "All locks follow, the driver's later than the others.",
        door="driver",
    ),
    "bmw-driver-lock-switch-stuck": teach(
        BMW,
        "lock-feedback-sensor-fault",
        12,
        "The driver's lock switch sticks on locked",
        "On the bus the driver's lock never leaves locked, yet the door opens after every unlock.",
        door="driver",
    ),
    "bmw-no-command": teach(
        BMW,
        "bcm-no-command",
        1,
        "The car hears the fob and does nothing",
        "The fob's presses are on the bus and no command follows any of them, though nothing "
        "speaks against it.",
    ),
    "bmw-lock-stage-dead": teach(
        BMW,
        "bcm-output-driver-fault",
        15,
        "All doors but the driver's unlock and never lock",
        "Commands go out as they should. The driver's door follows both ways, all others only "
        "to unlocked: half of their common output stage is dead.",
    ),
    "bmw-bcm-resets": teach(
        BMW,
        "bcm-reset",
        1,
        "The body controller starts anew as it drives the locks",
        "At many of its pulses its frames stop for half a second and its counter starts from "
        "nought. The voltage is well.",
    ),
    "bmw-child-with-fob": teach(
        BMW,
        "inhibit-thermal-or-count",
        1,
        "A child plays with the fob",
        "Lock and unlock are pressed a dozen times in a row, then nothing works any more. "
        "After a rest all is well. The car is made so.",
    ),
    "bmw-short-takes-the-fuse": teach(
        BMW,
        "door-harness-short",
        5,
        "A chafed wire in the driver's door takes the locks' fuse",
        "At first the locks work. Then, at a pulse, the voltage dips, and no lock moves any more.",
        door="driver",
    ),
    "bmw-fob-not-known": teach(
        BMW,
        "fob-desync-or-unregistered",
        3,
        "The car does not know this fob any more",
        "One fob is never heard, also close to the car; the spare one is.",
    ),
    "meb-healthy": teach(
        MEB,
        "no-fault",
        1,
        "An electric VW in order",
        "Somebody comes and goes. Every wanted state is reached by every door.",
    ),
    "meb-door-module-silent": teach(
        MEB,
        "door-module-offline",
        1,
        "The module in the rear right door falls silent",
        "Its frames stop, and lock, window and handles of that door with them.",
        door="rear-right",
    ),
    "meb-driver-rod-off": teach(
        MEB,
        "linkage-disconnected",
        1,
        "The rod of the driver's outer handle has come off",
        "The driver's door is unlocked, its outer handle is pulled again and again, and it stays "
        "shut.",
        door="driver",
    ),
    "meb-left-inside": teach(
        MEB,
        "deadlock-or-child-lock-active",
        5,
        "Somebody in the back cannot get out",
        "The inner handle is pulled and the door stays shut; from outside it opens. Its child "
        "lock is on. The car is made so.",
        door="rear-right",
    ),
    "meb-bus-disturbed": teach(
        MEB,
        "can-comm-degraded",
        1,
        "A loose plug disturbs the bus",
        "Again and again most frames are lost for a moment, those of all control units at once.",
    ),
    "meb-inside-button-dead": teach(
        MEB,
        "interior-lock-switch-fault",
        1,
        "The lock button inside does nothing",
        "The fob works; the button inside is pressed again and again, and nothing comes of it.",
    ),
    "meb-door-switch-stuck": teach(
        MEB,
        "door-ajar-switch-fault",
        20,
        "The passenger's door switch sticks",
        "The passenger's door is opened and shut, and the car does not see it.",
        door="passenger",
    ),
    "ford-healthy": teach(
        FORD,
        "no-fault",
        1,
        "A Ford in order",
        "Somebody comes and goes, and all of it works.",
    ),
    "ford-key-inside": teach(
        FORD,
        "inhibit-key-inside",
        2,
        "It does not lock: a key is in the car",
        "Lock is pressed with a key left in the car, which refuses and beeps. With the key "
        "taken out it locks. The car is made so.",
    ),
    "ford-ignition-left-on": teach(
        FORD,
        "inhibit-power-state",
        19,
        "It does not lock: the ignition is on",
        "Lock is pressed with the ignition on, and nothing happens; switched off, the car locks. "
        "The car is made so.",
    ),
    "ford-locks-as-it-drives": teach(
        FORD,
        "auto-lock-or-unlock",
        3,
        "It locks itself as it drives off",
        "The car locks itself above 24 km/h, and on arrival somebody pulls at a door in vain. "
        "The car is made so.",
    ),
    "ford-commands-astray": teach(
        FORD,
        "bcm-command-glitch",
        15,
        "Commands that come seconds late",
        "The presses are counted at once; the command often follows a second or more later.",
    ),
    "ford-handle-button-dead": teach(
        FORD,
        "handle-request-switch-fault",
        1,
        "The button on the driver's handle is dead",
        "The fob works; the button on the driver's handle is pressed, and nothing comes of it.",
        door="driver",
    ),
    "ford-low-battery-refuses": teach(
        FORD,
        "inhibit-low-voltage",
        1,
        "It refuses because the battery is low",
        "The presses are counted, and the car refuses to drive the locks. The car is made so.",
    ),
}
"""By the stem of their files."""
