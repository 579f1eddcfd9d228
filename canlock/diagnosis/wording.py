"""Sentences for what was observed: what a person reads as the reason."""

from __future__ import annotations

from typing import Final

from canlock.diagnosis.observation import Group
from canlock.model.doors import door_name

SENTENCES: Final[dict[tuple[str, str], str]] = {
    ("request", "received"): "the car received the fob",
    ("request", "unheard"): "the car did not receive the fob that was said to be pressed",
    ("request.near", "received"): "the car received the fob close by",
    ("request.near", "unheard"): "the car did not even receive the fob close by",
    ("request.spare", "received"): "the car received the spare fob",
    ("request.spare", "unheard"): "the car did not receive the spare fob either",
    ("reaction", "reacted"): "the car reacted to the fob",
    ("reaction", "none"): "nothing at all followed a press of the fob",
    ("reaction.near", "reacted"): "the car reacted to the fob close by",
    ("reaction.near", "none"): "nothing followed a press of the fob even close by",
    ("reaction.spare", "reacted"): "the car reacted to the spare fob",
    ("reaction.spare", "none"): "nothing followed a press of the spare fob either",
    ("command", "given"): "the BCM ordered what was asked, at once",
    ("command", "late"): "the BCM ordered what was asked, but late",
    ("command", "absent"): "the BCM received the request and ordered nothing",
    ("command.barred", "given"): "the BCM locked although a door stood open",
    ("command.barred", "absent"): "a door stood open and the BCM did not lock",
    ("cause", "explained"): "an order that nobody asked for had its reason",
    ("cause", "unexplained"): "the BCM moved the locks and nothing explains why",
    ("response", "answered"): "the lock of the {door} did what was ordered, in time",
    ("response", "slow"): "the lock of the {door} did what was ordered, but slowly",
    ("response", "silent"): "the lock of the {door} did not move when ordered",
    ("response", "bounced"): "the lock of the {door} moved and fell back",
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
    ("denied", "stuck"): "the {door} stayed shut: the car had not ordered it to unlock",
    ("denied", "none"): "nobody was kept out",
    ("window", "moved"): "the window of the {door} works",
    ("window", "dead"): "the window of the {door} does not move at its switch",
    ("sound", "silence"): "no sound from the {door} when its lock was ordered",
    ("sound", "click"): "a click from the {door} when its lock was ordered",
    ("sound", "hum"): "a hum from the {door} when its lock was ordered",
    ("sound", "whirr"): "a whirr from the {door} when its lock was ordered",
    ("knob", "free"): "the inside knob of the {door} moves freely by hand",
    ("knob", "stiff"): "the inside knob of the {door} is stiff",
    ("supply", "good"): "the supply voltage was good",
    ("supply", "low"): "the supply voltage was low (under 11.5 V at rest)",
    ("supply", "very-low"): "the supply voltage was very low (under 10 V at rest)",
    ("dip", "steady"): "the supply held while the locks moved",
    ("dip", "deep"): "the supply fell under 9 V when the locks moved",
    ("scope", "all"): "the unlock was ordered for more than the driver's door",
    ("scope", "driver-only"): "the unlock was ordered for the driver's door only",
    ("relock", "seen"): "the car locked itself by its relock timer",
    ("relock", "none"): "the car did not lock itself",
}

PRIOR: Final = "how often this is the reason, before anything was seen"
UNSEEN: Final = "how much there was to be seen at all"


def sentence(group: Group) -> str:
    """Return what a group of observations says, with how often."""
    text = SENTENCES[group.kind, group.outcome].format(door=place(group.door))
    way = f" ({group.direction})" if group.direction is not None else ""
    told = ", as you said" if group.is_marked else ""
    often = f", {group.count} of {group.trials} times" if group.trials > 1 else ""
    return f"{text}{way}{often}{told}"


def place(door: str | None) -> str:
    """Return a door, or the car, as a person says it."""
    return "car" if door is None else door_name(door)
