"""Sentences for what was observed: what a person reads as the reason."""

from __future__ import annotations

from typing import Final

from canlock.diagnosis.observation import DIRECTED, Group
from canlock.model.doors import door_name

SENTENCES: Final[dict[tuple[str, str], str]] = {
    ("request", "received"): "the car received the fob",
    ("request", "unheard"): "the car did not receive the fob that was said to be pressed",
    ("request.near", "received"): "the car received the fob close by",
    ("request.near", "unheard"): "the car did not even receive the fob close by",
    ("request.spare", "received"): "the car received the spare fob",
    ("request.spare", "unheard"): "the car did not receive the spare fob either",
    ("request.away", "received"): "the car received the fob at another place",
    ("request.away", "unheard"): "the car did not receive the fob at another place either",
    ("request.handle", "received"): "the car noticed the switch on the handle of the {door}",
    ("request.handle", "unheard"): "the car did not notice the switch on the handle of the {door}",
    ("request.interior", "received"): "the car noticed the lock button inside",
    ("request.interior", "unheard"): "the car did not notice the lock button inside",
    ("reaction", "reacted"): "the car reacted to the fob",
    ("reaction", "none"): "nothing at all followed a press of the fob",
    ("reaction.near", "reacted"): "the car reacted to the fob close by",
    ("reaction.near", "none"): "nothing followed a press of the fob even close by",
    ("reaction.spare", "reacted"): "the car reacted to the spare fob",
    ("reaction.spare", "none"): "nothing followed a press of the spare fob either",
    ("reaction.away", "reacted"): "the car reacted to the fob at another place",
    ("reaction.away", "none"): "nothing followed a press of the fob at another place either",
    ("reaction.handle", "reacted"): "the car reacted to the switch on the handle of the {door}",
    ("reaction.handle", "none"): "nothing followed the switch on the handle of the {door}",
    ("reaction.interior", "reacted"): "the car reacted to the lock button inside",
    ("reaction.interior", "none"): "nothing followed the lock button inside",
    ("command", "given"): "the BCM ordered what was asked, at once",
    ("command", "late"): "the BCM ordered what was asked, but late",
    ("command", "absent"): "the BCM received the request and ordered nothing",
    ("command", "refused"): "the BCM received the request and said that it refuses",
    ("command.handle", "given"): "the BCM obeyed the switch on the handle of the {door}, at once",
    ("command.handle", "late"): "the BCM obeyed the switch on the handle of the {door}, but late",
    ("command.handle", "absent"): (
        "the BCM received the switch on the handle of the {door} and ordered nothing"
    ),
    ("command.handle", "refused"): (
        "the BCM received the switch on the handle of the {door} and said that it refuses"
    ),
    ("origin", "asked"): "the locks were ordered because somebody asked",
    ("origin", "reversed"): "the BCM ordered the opposite of what was asked",
    ("origin", "relock"): "the car locked itself by its relock timer",
    ("origin", "automatic"): "the car moved its locks by itself, as it is made to",
    ("origin", "taken-back"): "the BCM locked and unlocked again at once",
    ("origin", "unexplained"): "the BCM moved the locks and nothing explains why",
    ("refusal", "none"): "what was asked for was done",
    ("refusal", "door-open"): "a door stood open and the car did not do what was asked",
    ("refusal", "key-inside"): "a key was in the car and it did not do what was asked",
    ("refusal", "power"): "the ignition was on and the car did not do what was asked",
    ("refusal", "key-inserted"): "the key was in and the car did not do what was asked",
    ("refusal", "low-voltage"): "the supply was very low and the car did not do what was asked",
    ("refusal", "count"): "the locks had just worked often and the car let them rest",
    ("refusal", "unsaid"): "the BCM said that it refuses, but not why",
    ("delay", "prompt"): "the car answered a press at once",
    ("delay", "late"): "the car answered a press late, or another one that nobody marked",
    ("repeat", "once"): "the BCM gave its order once",
    ("repeat", "again"): "the BCM gave the same order again by itself",
    ("response", "answered"): "the lock of the {door} did what was ordered, in time",
    ("response", "slow"): "the lock of the {door} did what was ordered, but slowly",
    ("response", "silent"): "the lock of the {door} did not move when ordered",
    ("response", "bounced"): "the lock of the {door} moved and fell back",
    ("response.moved", "answered"): (
        "with the {door} open or just moved, its lock did what was ordered, in time"
    ),
    ("response.moved", "slow"): (
        "with the {door} open or just moved, its lock did what was ordered, but slowly"
    ),
    ("response.moved", "silent"): (
        "with the {door} open or just moved, its lock did not move when ordered"
    ),
    ("response.moved", "bounced"): (
        "with the {door} open or just moved, its lock moved and fell back"
    ),
    ("response.frequent", "answered"): (
        "after many orders in a row the lock of the {door} still did what was ordered"
    ),
    ("response.frequent", "slow"): (
        "after many orders in a row the lock of the {door} became slow"
    ),
    ("response.frequent", "silent"): (
        "after many orders in a row the lock of the {door} no longer moved"
    ),
    ("response.frequent", "bounced"): (
        "after many orders in a row the lock of the {door} moved and fell back"
    ),
    ("pace", "even"): "the lock of the {door} was as quick as the others",
    ("pace", "slower"): "the lock of the {door} was slower than the others at the same order",
    ("summary", "all"): "all doors did what was ordered",
    ("summary", "some"): "at least one door did not do what was ordered",
    ("outer.measured", "opened"): "the {door} was unlocked and its outer handle opened it",
    ("outer.measured", "stuck"): "the {door} was unlocked, yet its outer handle did not open it",
    ("inner.measured", "opened"): "the inside handle opened the {door}",
    ("inner.measured", "stuck"): "the {door} was unlocked, yet its inside handle did not open it",
    ("outer.ordered", "opened"): "after the unlock the outer handle opened the {door}",
    ("outer.ordered", "stuck"): "after the unlock the outer handle did not open the {door}",
    ("inner.ordered", "opened"): "the inside handle opened the {door}",
    ("inner.ordered", "stuck"): "after the unlock the inside handle did not open the {door}",
    ("outer.deaf", "opened"): "the {door} opened although its lock was shown as locked",
    ("outer.deaf", "stuck"): "the {door} stayed shut, its lock shown as locked after the unlock",
    ("outer.astray", "opened"): (
        "the {door} opened, its lock shown as still unlocked after the lock"
    ),
    ("outer.astray", "stuck"): (
        "the {door} stayed shut after the lock although its lock was shown as unlocked"
    ),
    ("outer.locked", "opened"): "the outer handle opened the {door} after it was ordered to lock",
    ("outer.locked", "stuck"): "after the lock the outer handle did not open the {door}",
    ("opening", "ordered"): "the {door} opened after it was ordered to unlock",
    ("opening", "astray"): "the {door} was opened after it was ordered to lock",
    ("outer.shut", "opened"): (
        "the outer handle opened the {door} although its lock was shown as locked"
    ),
    ("outer.shut", "stuck"): "the outer handle did not open the {door}, which was locked",
    ("inner.rear", "opened"): "the inside handle opened the {door}",
    ("inner.rear", "stuck"): "the {door} was unlocked, yet its inside handle did not open it",
    ("inner.barred", "opened"): (
        "the inside handle opened the {door} although its child lock or deadlock was on"
    ),
    ("inner.barred", "stuck"): (
        "the inside handle did not open the {door}, whose child lock or deadlock was on"
    ),
    ("denied", "driver-only"): (
        "the {door} stayed shut: the unlock before it was for the driver's door only"
    ),
    ("denied", "relocked"): "the {door} stayed shut: the car had locked itself again by its timer",
    ("denied", "automatic"): "the {door} stayed shut: the car had locked itself",
    ("denied", "refused"): (
        "the {door} stayed shut: the car had heard the unlock, and had a reason to refuse it"
    ),
    ("denied", "unordered"): (
        "the {door} stayed shut: the car had heard the unlock and ordered nothing"
    ),
    ("denied", "none"): "after the unlock that the car heard, the {door} opened",
    ("switch", "agrees"): "the door switch of the {door} moved when the door did",
    ("switch", "contradicts"): "the door switch of the {door} did not move when the door did",
    ("flicker", "calm"): "the lock of the {door} moved one way at a time",
    (
        "flicker",
        "flickers",
    ): "the lock of the {door} is said to go there and back at once",
    ("chatter", "calm"): "the door switch of the {door} was calm",
    ("chatter", "chatters"): "the door switch of the {door} went to and fro within a second",
    ("window", "moved"): "the window of the {door} works",
    ("window", "dead"): "the window of the {door} does not move at its switch",
    ("sound", "silence"): "no sound from the {door} when its lock was ordered",
    ("sound", "click"): "a click from the {door} when its lock was ordered",
    ("sound", "hum"): "a hum from the {door} when its lock was ordered",
    ("sound", "whirr"): "a whirr from the {door} when its lock was ordered",
    ("knob", "free"): "the inside knob of the {door} moves freely by hand",
    ("knob", "stiff"): "the inside knob of the {door} is stiff",
    ("defect", "ok"): "the control unit of the {door} calls its lock sound",
    ("defect", "defect"): "the control unit of the {door} says that its lock is defective",
    ("supply", "good"): "the supply voltage was good",
    ("supply", "low"): "the supply voltage was low (under 10.8 V at rest)",
    ("supply", "very-low"): "the supply voltage was very low (under 9.8 V at rest)",
    ("dip", "steady"): "the supply held while the locks moved",
    ("dip", "deep"): "the supply fell under 9 V when the locks moved",
    ("air", "freezing"): "it was freezing cold",
    ("air", "cool"): "it was cool, and not freezing",
    ("air", "mild"): "it was too warm for ice",
    ("cell", "ok"): "the fob called its cell good",
    ("cell", "low"): "the fob said that its cell is low",
    ("held", "free"): "the lock button inside was let go each time",
    ("held", "held"): "the lock button inside seems to be held all the time",
    ("course", "failed-since"): "the {door} answered, and from one moment on it did not",
    ("course", "failed-until"): "the {door} did not answer, and from one moment on it did",
    ("course", "to-and-fro"): "the {door} did not answer, and then did again",
    ("angle", "loose"): "whether the {door} had moved made no difference to its lock",
    ("angle", "tied"): "whether the lock of the {door} answers goes with the door's movement",
    ("scope", "all"): "the unlock was ordered for more than the driver's door",
    ("scope", "driver-only"): "the unlock was ordered for the driver's door only",
    ("node", "steady"): "the BCM was on the bus all the time",
    ("node", "reset"): "the BCM fell silent or started anew",
    ("hush", "at-rest"): "the control unit of the {door} fell silent with the door shut and still",
    ("hush", "moved"): "the control unit of the {door} fell silent as the door moved",
    ("module", "steady"): "the control unit of the {door} was on the bus all the time",
    ("module", "lost"): "the control unit of the {door} fell silent or started anew",
    ("traffic", "clean"): "no frames were lost on the bus",
    ("traffic", "holes"): "frames were lost on the bus",
    ("traffic", "errors"): "the bus was disturbed by error frames",
    ("code", "short"): "a trouble code speaks of a short or too much current",
    ("code", "open"): "a trouble code speaks of a broken circuit",
    ("code", "intermittent"): "a trouble code speaks of a contact that comes and goes",
    ("code", "stuck"): "a trouble code speaks of a lock that does not get where it should",
    ("code", "linkage"): "a trouble code speaks of a failed linkage",
    ("code", "sensor"): "a trouble code speaks of a switch that cannot be right",
    ("code", "bus"): "a trouble code speaks of lost or broken messages",
    ("code", "reset"): "a trouble code speaks of a control unit that started anew",
    ("code", "thermal"): "a trouble code speaks of a motor at rest after too much work",
    ("code", "supply"): "a trouble code speaks of low supply voltage",
}

STRETCHES: Final = frozenset({"node", "module", "traffic"})
"""Kinds that are looked at each ten minutes."""

PRIOR: Final = "how often this is the reason, before anything was seen"
UNSEEN: Final = "how much there was to be seen at all"


def sentence(group: Group) -> str:
    """Return what a group of observations says, with how often."""
    text = SENTENCES[group.kind, group.outcome].format(door=place(group.door))
    # The other kinds name the order in their sentence.
    is_directed = group.direction is not None and group.kind in DIRECTED
    way = f" ({group.direction})" if is_directed else ""
    told = ", as you said" if group.is_marked else ""
    often = f", {group.count} of {group.trials} times" if group.trials > 1 else ""
    if group.kind in STRETCHES and group.trials > 1:
        often = f", in {group.count} of {group.trials} watches of ten minutes"
    return f"{text}{way}{often}{told}"


def place(door: str | None) -> str:
    """Return a door, or the car, as a person says it."""
    return "car" if door is None else door_name(door)
