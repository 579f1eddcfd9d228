"""What the codes of the model are called when one speaks to a person at the car.

Plain English, ASCII only: a report must print on any terminal. Names of faults can follow a door
and a colon: "Driver's door: broken wire in the door's rubber gaiter".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from canlock.model.doors import door_name

FAULTS: Final[dict[str, str]] = {
    "no-fault": "nothing is broken",
    "insufficient-evidence": "too little was seen to say",
    "unknown-fault": "a fault of a kind that canlock does not know",
    "inhibit-key-inside": "refused, because a key is inside the car",
    "inhibit-door-open": "refused, because a door stands open",
    "inhibit-power-state": "refused, because the ignition is on or the car moves",
    "inhibit-low-voltage": "refused, because the battery voltage is too low",
    "inhibit-thermal-or-count": "a pause that spares the lock motors after many presses",
    "auto-relock": "the car locked itself again, because no door was opened",
    "auto-lock-or-unlock": "automatic locking or unlocking, for example when driving off",
    "selective-unlock": "the first press unlocks one door only, the second all of them",
    "deadlock-or-child-lock-active": "the deadlock or the child lock is on",
    "fob-battery-low": "weak battery in the fob",
    "rf-interference": "radio interference at this place",
    "fob-desync-or-unregistered": "the car does not know this fob, or has lost step with it",
    "handle-request-switch-fault": "broken lock button on the door handle",
    "interior-lock-switch-fault": "broken lock button inside the car",
    "bcm-no-command": "the BCM hears the request but gives no order",
    "bcm-command-glitch": "the BCM gives late, double or wrong orders",
    "bcm-reset": "the BCM restarts by itself",
    "bcm-output-driver-fault": "a dead lock output of the BCM",
    "can-comm-degraded": "disturbed data bus (CAN)",
    "door-module-offline": "the control unit in the door does not talk",
    "supply-undervoltage": "battery voltage too low",
    "lock-power-feed-open": "no power to the locks (fuse, relay or ground)",
    "door-harness-open": "broken wire in the door's rubber gaiter",
    "door-harness-intermittent": "loose contact in the door's rubber gaiter",
    "door-harness-short": "short circuit in the door's rubber gaiter",
    "actuator-motor-fault": "dead lock motor in the door",
    "actuator-degrading": "worn lock motor that gets slow",
    "lock-feedback-sensor-fault": "the switch that reports the lock's position is wrong",
    "door-ajar-switch-fault": "the switch that reports the door open or shut is wrong",
    "latch-jammed": "jammed latch",
    "latch-frozen": "frozen latch",
    "linkage-disconnected": "handle rod or cable off the latch",
}

LAYERS: Final[dict[str, str]] = {
    "none": "nowhere",
    "unknown": "not known",
    "by-design": "nowhere: the car is built so",
    "fob": "the request (fob or lock buttons)",
    "bcm": "the BCM and its data bus",
    "supply": "battery, fuses and ground",
    "wiring": "the wires between body and door",
    "actuator": "lock motor and switches in the door",
    "mechanical": "latch, rods and handle",
}
"""Where in the chain from the fob to the latch a fault sits."""

TIERS: Final[dict[str, str]] = {
    "T0": "At most the battery voltage could be seen: enough to judge the supply, nothing else.",
    "T1": "Lock and door states could be seen, but not who asked, nor what the BCM ordered.",
    "T2": "Requests and orders could be seen, but not what each door's own lock did.",
    "T3": "Requests, orders and each door's own answer could be seen; trouble codes and motor"
    " current could not.",
    "T4": "Requests, orders, each door's own answer, and trouble codes or motor current could be"
    " seen.",
}

OUTCOMES: Final[dict[str, str]] = {
    "answered": "done",
    "partly": "ONLY SOME DOORS",
    "silent": "NO DOOR ANSWERED",
    "refused": "refused",
    "no-command": "NO ORDER CAME",
    "unseen": "could not be seen",
}
"""Capitals mark what ought not to be, also where there is no colour."""

SILENT_AS_MEASURED: Final = "NO ANSWER WHERE MEASURED"
"""The outcome where no lock was seen to move and the BCM believes that some did."""

RESPONSES: Final[dict[str, str]] = {
    "silent": "NO ANSWER",
    "some-silent": "NOT ALL ANSWERED",
    "bounced": "WENT BACK",
    "slow": "SLOW",
    "answered": "Answered",
    "already": "Was so before",
    "unseen": "Could not be seen",
}
"""In the order in which a person wants to hear of them: what went wrong first."""

FEEDBACKS: Final[dict[str, str]] = {
    "measured": "measured at the lock",
    "belief": "what the BCM believes, not what the lock did",
    "any-locked": "known for a group only: at least one of its doors is locked",
    "all-locked": "known for a group only: all of its doors are locked",
    "command": "known from the order only",
}

REQUESTS: Final[dict[str, str]] = {
    "request.fob": "fob",
    "request.handle": "handle button",
    "request.interior": "inside button",
    "request.cylinder": "key in the lock",
    "request.remote": "phone or network",
}
"""Who asked, short enough for a table."""

REQUESTORS: Final[dict[str, str]] = {
    "none": "nobody",
    "fob": "fob",
    "handle": "handle button",
    "interior": "inside button",
    "cylinder": "key in the lock",
    "remote": "phone or network",
    "auto-lock": "the car (auto-lock)",
    "auto-unlock": "the car (auto-unlock)",
    "auto-relock": "the car (auto-relock)",
    "crash": "the car (crash)",
    "diagnostics": "a diagnostic tool",
    "other": "something else",
}

CAUSES: Final[dict[str, str]] = {
    **REQUESTORS,
    "repulsion": "the car (takes it back)",
}
"""Who asked where there was no request: what the BCM says, or what its timing shows."""

ACTIONS: Final[dict[str, str]] = {
    "none": "nothing",
    "lock": "lock",
    "unlock": "unlock",
    "unlock-all": "unlock all",
    "deadlock": "deadlock",
    "trunk": "tailgate",
    "panic": "alarm",
    "pressed": "pressed",
}

INHIBITS: Final[dict[str, str]] = {
    "no": "no reason given",
    "yes": "no reason given",
    "key-inside": "key inside",
    "door-open": "door open",
    "power": "ignition on or moving",
    "low-voltage": "low voltage",
    "count": "too many presses",
}

HANDLES: Final[dict[str, str]] = {
    "outer": "outer handle",
    "inner": "inner handle",
    "unknown": "a handle",
}

ACCESS_RESULTS: Final[dict[str, str]] = {
    "opened": "the door opened",
    "not-opened": "the door did NOT open",
    "unseen": "whether the door opened could not be seen",
}

ROLES: Final[dict[str, str]] = {
    "request.fob": "what the fob asks for by radio",
    "request.handle": "presses of the lock button on a door handle",
    "request.interior": "presses of the lock button inside",
    "request.cylinder": "turns of the key in a door",
    "request.remote": "requests by phone or network",
    "command.lock": "the BCM's order to the lock motors",
    "command.requestor": "why the BCM gave an order",
    "command.inhibit": "whether the BCM refuses, and why",
    "lock.status": "whether a lock is locked",
    "lock.defect": "the door's own report of a defective lock",
    "latch.status": "the position of the latches",
    "door.ajar": "whether a door is open",
    "handle.outer": "pulls of the outer handles",
    "handle.inner": "pulls of the inner handles",
    "lock.child": "the child lock",
    "lock.deadlock": "the deadlock",
    "ack.flasher": "the flash of the indicators that answers a request",
    "ack.horn": "the horn that answers a request",
    "power.state": "the ignition",
    "key.inserted": "a key in the ignition lock",
    "key.inside": "a key inside the car",
    "window.switch": "presses of the window switches",
    "window.moving": "movement of the windows",
    "mirror.moving": "movement of the mirrors",
    "window.position": "the position of the windows",
    "fob.battery": "the battery of the fob",
    "fob.id": "which fob was used",
    "fob.count": "the count of fob presses",
    "supply.voltage": "the battery voltage",
    "vehicle.speed": "the speed",
    "ambient.temperature": "the outside temperature",
    "motor.current": "the current of the lock motors",
    "bcm.uptime": "how long the BCM has been running",
}

MARKS: Final[dict[str, str]] = {
    "press-fob-lock": "pressed lock on the fob",
    "press-fob-unlock": "pressed unlock on the fob",
    "press-spare-fob-lock": "pressed lock on the spare fob",
    "press-spare-fob-unlock": "pressed unlock on the spare fob",
    "press-handle-switch": "pressed the button on the door handle",
    "press-interior-lock": "pressed lock on the inside button",
    "press-interior-unlock": "pressed unlock on the inside button",
    "turn-key-lock": "turned the key to lock",
    "turn-key-unlock": "turned the key to unlock",
    "pull-outer-handle": "pulled the outer handle",
    "pull-inner-handle": "pulled the inner handle",
    "opened": "the door opened",
    "not-opened": "the door did NOT open",
    "closed": "closed the door",
    "press-window-switch": "pressed the window switch",
    "window-moved": "the window moved",
    "window-dead": "the window did NOT move",
    "flex-harness": "flexed the rubber gaiter",
    "heard-silence": "heard nothing from the lock",
    "heard-click": "heard a click from the lock",
    "heard-hum": "heard a hum from the lock",
    "heard-whirr": "heard a whirr from the lock",
    "knob-free": "the lock knob moves freely by hand",
    "knob-stiff": "the lock knob is stiff by hand",
    "near-car": "stood next to the car",
    "far-from-car": "stood far from the car",
    "moved-car": "moved the car to another place",
    "warmed-latch": "warmed the latch",
    "rested": "left the car in peace for a while",
    "note": "note",
}

EVENTS: Final[dict[tuple[str, str], str | None]] = {
    ("door.ajar", "open"): "opened",
    ("door.ajar", "closed"): "closed",
    ("latch.status", "open"): "latch open",
    ("latch.status", "ajar"): "latch not fully closed",
    ("latch.status", "closed"): "latch closed",
    ("latch.status", "opening"): "latch opens",
    ("latch.status", "closing"): "latch closes",
    ("latch.status", "timeout"): "latch did NOT get there in time",
    ("latch.status", "fault"): "latch reports a FAULT",
    ("lock.defect", "defect"): "the door reports a DEFECTIVE lock",
    ("lock.defect", "ok"): "the door reports its lock as sound again",
    ("handle.outer", "pulled"): "outer handle pulled",
    ("handle.outer", "released"): None,
    ("handle.inner", "pulled"): "inner handle pulled",
    ("handle.inner", "released"): None,
    ("lock.child", "on"): "child lock switched on",
    ("lock.child", "off"): "child lock switched off",
    ("lock.deadlock", "on"): "deadlock switched on",
    ("lock.deadlock", "off"): "deadlock switched off",
    ("power.state", "off"): "ignition switched off",
    ("power.state", "acc"): "ignition switched to accessories",
    ("power.state", "on"): "ignition switched on",
    ("power.state", "start"): "engine started",
    ("key.inserted", "yes"): "key put into the ignition lock",
    ("key.inserted", "no"): "key taken out of the ignition lock",
    ("key.inside", "yes"): "key inside the car",
    ("key.inside", "no"): "no key inside the car any more",
    ("window.switch", "none"): None,
    ("window.switch", "up"): "window switch pressed up",
    ("window.switch", "down"): "window switch pressed down",
    ("window.switch", "pressed"): "window switch pressed",
    ("window.moving", "idle"): None,
    ("window.moving", "up"): "window moves up",
    ("window.moving", "down"): "window moves down",
    ("window.moving", "moving"): "window moves",
    ("mirror.moving", "idle"): None,
    ("mirror.moving", "up"): "mirror moves up",
    ("mirror.moving", "down"): "mirror moves down",
    ("mirror.moving", "moving"): "mirror moves",
    ("fob.battery", "low"): "the fob says that its battery is low",
    ("fob.battery", "ok"): "the fob says that its battery is good",
}
"""Role and value -> what happened; None: not worth a line, what it ends was told before."""

GLOSSARY: Final[dict[str, str]] = {
    "BCM": "body control module, the computer that works locks, lamps and windows",
    "bus": "the wires over which the car's computers talk; canlock listens to them",
    "deadlock": "a lock state in which the inner handles do nothing either",
    "gaiter": "the ribbed rubber tube between body and door, with the wires in it",
    "harness": "the bundle of wires that runs into the door",
    "latch": "the catch that holds the door shut; the lock acts on it",
}
"""Explained at the end of a report in which they occur."""

STRENGTHS: Final[tuple[tuple[float, str], ...]] = (
    (3.3, "strong"),
    (1.7, "fair"),
    (0.5, "weak"),
    (0.0, "very weak"),
)
"""Least absolute weight in bits -> word. 3.3 and 1.7 bits are odds of 10 and 3 to 1."""

LEAST_BITS: Final = 0.05
"""Less than this speaks neither for nor against: it would be shown as zero."""

USES: Final[tuple[tuple[float, str], ...]] = ((0.5, "tells much"), (0.15, "tells something"))
"""Least expected information in bits of a test -> word."""


def strength(bits: float) -> str:
    """Return how strong a piece of evidence is, in a word; its direction is left to the caller.

    As the weight is shown, to one decimal: equal figures get equal words.
    """
    if abs(bits) < LEAST_BITS:
        return "says nothing"
    return next(word for least, word in STRENGTHS if round(abs(bits), 1) >= least)


def use(bits: float) -> str:
    """Return how much a test is expected to tell, in words."""
    return next((word for least, word in USES if bits >= least), "tells little")


def percent(probability: float) -> str:
    """Return a probability as whole per cent, never as certainty."""
    if probability >= 0.995:  # noqa: PLR2004 - 99.5 rounds to 100.
        return "over 99 %"
    if probability < 0.01:  # noqa: PLR2004 - One per cent.
        return "under 1 %"
    return f"{probability * 100:.0f} %"


def door_short(door: str) -> str:
    """Return a door's name as a table has room for it: `driver`."""
    return door.replace("-", " ")


def doors_name(doors: Sequence[str], of: Sequence[str] = ()) -> str:
    """Return the names of some doors joined, or `all doors` where they are all of a car's.

    Args:
        doors: The doors to name; empty for the whole car.
        of: All doors of the car.
    """
    if not doors:
        return "the whole car"
    if len(doors) > 1 and set(doors) == set(of):
        return "all doors"
    return join_words([door_name(door) for door in doors])


def join_words(words: Iterable[str]) -> str:
    """Return `a, b and c`."""
    *front, last = list(words) or [""]
    return f"{', '.join(front)} and {last}" if front else last


def mark_words(action: str, door: str | None, note: str) -> str:
    """Return what a person said they did, as they might say it to another."""
    said = MARKS.get(action, action.replace("-", " "))
    where = f" ({door_name(door)})" if door else ""
    return f"{said}{where}: {note}" if note else f"{said}{where}"


def role_words(role: str) -> str:
    """Return what a role is about."""
    return ROLES.get(role, role)
