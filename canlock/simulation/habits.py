"""How a person goes about things: pace, strength of habit, diligence with marks."""

from __future__ import annotations

from dataclasses import dataclass

from canlock.simulation.marks import MarksAbout
from canlock.simulation.ranges import Draw


@dataclass(slots=True)
class Habits:
    """One person's pace. All times are medians, in seconds."""

    reaction_s: float
    hold_s: float
    pull_s: float
    swing_s: float
    open_deg: float
    mark_late_s: float
    marks_told: float
    """Share of what is done that is marked at all."""

    marks_wrong: float
    """Share of the marks that say another action, or another door, than it was."""

    marks_about: MarksAbout = "all"
    """What is marked at all."""


def draw_habits(draw: Draw) -> Habits:
    """Return somebody."""
    return Habits(
        reaction_s=draw("person.reaction_s"),
        hold_s=draw("person.hold_s"),
        pull_s=draw("person.pull_s"),
        swing_s=draw("person.swing_s"),
        open_deg=draw("door.open_deg"),
        mark_late_s=draw("person.mark_late_s"),
        marks_told=draw("person.marks_told"),
        marks_wrong=draw("person.marks_wrong"),
    )
