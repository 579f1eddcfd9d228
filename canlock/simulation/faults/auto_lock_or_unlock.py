"""The car locks as it drives off, or unlocks at the end or in a crash, to somebody's surprise."""

from __future__ import annotations

from canlock.simulation.bcm_parameters import SPEED_LOCK_KMH
from canlock.simulation.case import Case, Story
from canlock.simulation.stories.surprises import be_hit, be_locked_by_speed, be_unlocked_at_the_end
from canlock.simulation.world import World

KINDS: dict[str, Story] = {
    "speed": be_locked_by_speed,
    "power-off": be_unlocked_at_the_end,
    "crash": be_hit,
}


def inject(case: Case) -> None:
    """Configure the car so, and let the person drive it, switch it off, or be run into."""
    case.choose_door()
    kind = case.draw.chance.choice(("speed", "speed", "power-off", "power-off", "crash"))
    case.configure(lambda world: _configure(world, kind), lambda world: _configure(world, ""))
    case.story = KINDS[kind]
    case.record("auto-lock-or-unlock", (), {"kind": kind})


def _configure(world: World, kind: str) -> None:
    world.bcm.speed_lock_kmh = SPEED_LOCK_KMH if kind == "speed" else None
    world.bcm.unlocks_at_power_off = kind == "power-off"
    world.bcm.unlocks_in_a_crash = kind == "crash"
