"""Several stories in one session: two doors that give trouble, or something odd to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from canlock.simulation.case import Act, Scene, Story
from canlock.simulation.clock import Process

LEAST_S: Final = 20.0
"""Each story has at least so long, whatever the others took; judgement."""


def take_turns(acts: Sequence[Act]) -> Story:
    """Return a story in which one does at each door what one would do if it were the only one.

    Args:
        acts: At least one; those that are alike are told once.
    """
    different = list(dict.fromkeys(acts))
    if len(different) == 1:
        return different[0].story

    def tell(scene: Scene) -> Process[None]:
        person, end_s = scene.person, scene.until_s
        for turn, act in enumerate(different):
            left_s = max(0.0, end_s - person.now_s)
            share_s = max(LEAST_S, left_s / (len(different) - turn))
            scene.door, scene.until_s = act.door, person.now_s + share_s
            yield from act.story(scene)
            yield from person.pause(0.5, 1.5)

    return tell


def begin_with(first: Story, then: Story) -> Story:
    """Return a story that begins with another one."""

    def tell(scene: Scene) -> Process[None]:
        yield from first(scene)
        yield from then(scene)

    return tell
