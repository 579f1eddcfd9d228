"""What differs from session to session whatever is wrong with the car.

People are there for longer or shorter, mark all or nothing, complain or just live with it, look a
car over that is in order, and start the logger in the middle of something. None of it may tell a
fault from its absence, so all of it is drawn alike with a fault and without one.
"""

from __future__ import annotations

from typing import Final

from canlock.simulation.case import Act, Case, Story
from canlock.simulation.marks import MarksAbout
from canlock.simulation.ranges import Draw
from canlock.simulation.stories.complaint import complain, look_over
from canlock.simulation.stories.routine import live
from canlock.simulation.stories.several import begin_with, take_turns
from canlock.simulation.stories.whims import WHIMS

NAME: Final = "circumstances"
"""Of the stage, and of its stream of chance."""

SHORT_SHARE: Final = 0.1
LONG_SHARE: Final = 0.15
LATE_LOG_SHARE: Final = 0.15
UNLOCKED_SHARE: Final = 0.25
WHIM_SHARE: Final = 0.2
UNCOMPLAINING_SHARE: Final = 0.15
"""Owners of a broken car who live with it, and go about their day."""

SUSPICIOUS_SHARE: Final = 0.25
"""People who look a car over that is in order, as after a repair. All shares are judgement."""


def vary(case: Case) -> None:
    """Draw the circumstances of a case whose faults are in."""
    draw = case.draw
    # All is drawn before anything is decided: so the same seed is the same day whatever is wrong.
    duration_s = _draw_duration(draw)
    diligence, told_share, about = _draw_diligence(draw)
    late_s = draw("log.starts_s")
    is_late, is_unlocked = draw.happens(LATE_LOG_SHARE), draw.happens(UNLOCKED_SHARE)
    luck = draw.chance.random()
    has_whim, whim = draw.happens(WHIM_SHARE), draw.chance.choice(WHIMS)

    case.duration_s = duration_s
    case.log_starts_s = late_s if is_late else 0.0
    habits = case.world.habits
    habits.marks_about = about
    if told_share is not None:
        habits.marks_told = told_share
    if diligence == "all":
        habits.marks_wrong = 0.0
    is_everyday = all(act.story in (live, complain) for act in case.acts)
    if is_everyday and is_unlocked:
        case.locked_at_start = False
    acts = [Act(act.door, _change_story(act.story, luck)) for act in case.acts]
    case.story, case.door = take_turns(acts), acts[0].door
    if is_everyday and has_whim:
        case.story = begin_with(whim, case.story)
    case.circumstances = {
        "seconds": round(duration_s, 3),
        "marks": diligence,
        "story": ", ".join(act.story.__name__ for act in acts),
        "whim": whim.__name__ if is_everyday and has_whim else "",
    }


def _draw_duration(draw: Draw) -> float:
    lengths = [draw(f"session.{name}_s") for name in ("short", "long", "usual")]
    luck = draw.chance.random()
    return lengths[0 if luck < SHORT_SHARE else 1 if luck < SHORT_SHARE + LONG_SHARE else 2]


def _draw_diligence(draw: Draw) -> tuple[str, float | None, MarksAbout]:
    """Return a name, the share that is told where it is not this person's own, and of what."""
    few = draw("person.marks_few")
    kind = draw.chance.choices(
        ("as they are", "all", "few", "none", "presses", "outcomes"), (48, 17, 15, 8, 6, 6)
    )[0]
    told = {"all": 1.0, "few": few, "none": 0.0}.get(kind)
    abouts: dict[str, MarksAbout] = {"presses": "presses", "outcomes": "outcomes"}
    return kind, told, abouts.get(kind, "all")


def _change_story(story: Story, luck: float) -> Story:
    if story is complain and luck < UNCOMPLAINING_SHARE:
        return live
    if story is live and luck < SUSPICIOUS_SHARE:
        return look_over
    return story
