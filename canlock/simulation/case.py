"""One case: a world, what is wrong in it, and what somebody does there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from canlock.simulation.clock import Process
from canlock.simulation.person import Person
from canlock.simulation.ranges import Draw
from canlock.simulation.traits import Traits
from canlock.simulation.world import World

Severity = dict[str, float | str | bool]
Story = Callable[["Scene"], Process[None]]
Change = Callable[[World], None]
Stage = Callable[["Case"], None]
"""Sets a case up before the clock runs: an injector, or the circumstances of a sample."""


@dataclass(slots=True)
class Scene:
    """What a story needs to unfold."""

    person: Person
    traits: Traits
    door: str
    """The door that it is about."""

    until_s: float
    """When it should be over."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does because of one thing that was put in, and at which door."""

    door: str
    story: Story


@dataclass(frozen=True, slots=True)
class Onset:
    """Changes of the world that come about while the session runs."""

    share: float
    """After this share of the session."""

    changes: tuple[Callable[[], None], ...]


@dataclass(slots=True)
class Injected:
    """One thing that was put into a case, for the truth."""

    code: str
    doors: tuple[str, ...]
    severity: Severity
    onset: Onset | None = None
    """None: it is there from the start."""


@dataclass(slots=True)
class Case:
    """What an injector works on, before the clock runs."""

    traits: Traits
    world: World
    draw: Draw
    """A stream of its own for each injector."""

    wanted_door: str | None
    story: Story
    door: str
    """The door that the story is about."""

    locked_at_start: bool = True
    duration_s: float | None = None
    """How long somebody is at the car; None: whoever runs the case says."""

    log_starts_s: float = 0.0
    """The logger is started at the earliest so long after the first second; 0: at once."""

    acts: list[Act] = field(default_factory=list)
    """One for each code that was put in."""

    onsets: list[Onset] = field(default_factory=list)
    circumstances: dict[str, float | str] = field(default_factory=dict)
    """What has nothing to do with faults, for the truth."""

    drawn: dict[str, float] = field(default_factory=dict)
    """The numbers of the world, for the truth."""

    injected: list[Injected] = field(default_factory=list)
    otherwise: list[Change] = field(default_factory=list)
    """What makes of a healthy car of this seed one that lacks what the stages are about: for a
    behaviour by design, a car that is configured not to have it."""

    def configure(self, change: Change, otherwise: Change) -> None:
        """Configure the car so, and remember how one without this behaviour is configured."""
        change(self.world)
        self.otherwise.append(otherwise)

    def choose_door(self, candidates: tuple[str, ...] | None = None) -> str:
        """Return the door that was asked for, or one by chance, and let the story be about it.

        Args:
            candidates: Doors that can have the fault; None: all. The driver's is the likeliest,
                for it moves most.
        """
        doors = candidates or self.traits.doors
        # Few people complain of a tailgate: it is drawn only where nothing else is left.
        sides = tuple(door for door in doors if door != "tailgate") or doors
        # Two faults in one door hide each other: the second is drawn for another, if there is one.
        taken = {door for each in self.injected for door in each.doors}
        sides = tuple(door for door in sides if door not in taken) or sides
        if self.wanted_door in doors:
            self.door = self.wanted_door
        elif self.traits.driver in sides and self.draw.happens(0.4):
            self.door = self.traits.driver
        else:
            self.door = self.draw.chance.choice(sides)
        return self.door

    def record(self, code: str, doors: tuple[str, ...], severity: Severity) -> None:
        """Note what was put in."""
        self.injected.append(Injected(code, doors, severity))
