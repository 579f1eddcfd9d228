"""One session with a car: its frames, its marks and the truth about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.errors import CanlockError
from canlock.model.faults import NO_FAULT
from canlock.model.frames import FrameBatch
from canlock.model.stream import Mark
from canlock.simulation import circumstances
from canlock.simulation.bcm_parameters import BcmParameters
from canlock.simulation.beginning import find_beginning
from canlock.simulation.bus import Bus
from canlock.simulation.car import Car
from canlock.simulation.case import Act, Case, Scene, Stage, Story
from canlock.simulation.chance import Chance
from canlock.simulation.clock import Clock, Process
from canlock.simulation.injection import find_injector
from canlock.simulation.onset import now_and_then_later
from canlock.simulation.person import Person
from canlock.simulation.ranges import Draw, Worlds
from canlock.simulation.stories.complaint import complain
from canlock.simulation.stories.routine import live
from canlock.simulation.traits import read_traits
from canlock.simulation.world import draw_world

START_S: Final = 1_700_000_000.0
"""What the logger's clock shows when it is switched on: the same for all, for it tells nothing."""

BEFORE_S: Final = 5.0
"""The car has stood for so long, as it is, when somebody comes."""

AFTER_S: Final = 2.0
"""The logger runs on for so long after the last thing that was done."""

LONGEST_TAIL_S: Final = 120.0
"""A story that waits for a timer may run on for so long."""

USUAL_S: Final = 60.0
"""How long somebody is at a car of which nobody says."""

TRUTH_SCHEMA: Final = "canlock.truth/1"


@dataclass(frozen=True, slots=True, eq=False)
class Drive:
    """What a session leaves behind."""

    frames: FrameBatch
    """In the order of time."""

    marks: list[Mark]
    truth: dict[str, object]
    """What was wrong, how badly, in which world, and what happened; made of plain JSON values."""

    begins_s: float = 0.0
    """In which second of the session the logger was switched on. Times of frames, marks and truth
    count from there."""


def simulate(
    loaded: LoadedVehicle,
    faults: Sequence[str] = (NO_FAULT,),
    *,
    door: str | None = None,
    seed: int = 0,
    duration_s: float | None = None,
    worlds: Worlds = "test",
) -> Drive:
    """Let somebody use a car with faults put in, and log its bus.

    Args:
        loaded: The vehicle; what it maps is what the bus shows.
        faults: Codes to put in, `no-fault` among them.
        door: The door that has them; None: drawn for those that sit in a door.
        seed: The same seed gives the same bytes.
        duration_s: How long somebody is at the car; a timer that the story waits for may lengthen
            it. None: drawn, see `circumstances`.
        worlds: From which ranges the car is drawn.

    Raises:
        CanlockError: A code that there is no injector for, or a door that the vehicle lacks.
    """
    stages, story = list_stages(faults)
    return play(loaded, stages, story, door=door, seed=seed, duration_s=duration_s, worlds=worlds)


def list_stages(faults: Sequence[str]) -> tuple[dict[str, Stage], Story]:
    """Return the injectors of some codes with the circumstances, and what people do at such a car.

    Raises:
        CanlockError: A code that there is no injector for.
    """
    story = live if set(faults) <= {NO_FAULT} else complain
    codes = [code for code in dict.fromkeys(faults) if code != NO_FAULT] or [NO_FAULT]
    stages = {
        code: _give_an_act(now_and_then_later(code, find_injector(code).inject), story)
        for code in codes
    }
    return {**stages, circumstances.NAME: circumstances.vary}, story


def _give_an_act(stage: Stage, story: Story) -> Stage:
    """Return a stage that keeps what somebody does because of it, so that no other replaces it."""

    def inject(case: Case) -> None:
        case.story = story
        stage(case)
        case.acts.append(Act(case.door, case.story))

    return inject


def play(
    loaded: LoadedVehicle,
    stages: Mapping[str, Stage],
    story: Story,
    *,
    door: str | None = None,
    seed: int = 0,
    duration_s: float | None = None,
    worlds: Worlds = "test",
) -> Drive:
    """Play a story at a car that some stages have set up.

    Args:
        loaded: The vehicle.
        stages: Name -> what changes the case before the clock runs; injectors are such.
        story: What the person does, unless a stage has something better.
        door: See `simulate`.
        seed: See `simulate`.
        duration_s: See `simulate`.
        worlds: See `simulate`.

    Raises:
        CanlockError: A door that the vehicle lacks.
    """
    case = set_up(loaded, stages, story, door=door, seed=seed, worlds=worlds)
    return run(loaded, case, seed=seed, duration_s=duration_s)


def set_up(
    loaded: LoadedVehicle,
    stages: Mapping[str, Stage],
    story: Story,
    *,
    door: str | None = None,
    seed: int = 0,
    worlds: Worlds = "test",
) -> Case:
    """Return a case as it is before the clock runs, see `play`.

    Raises:
        CanlockError: A door that the vehicle lacks.
    """
    traits = read_traits(loaded.vehicle)
    if door is not None and door not in traits.doors:
        doors = ", ".join(traits.doors)
        raise CanlockError(f"{loaded.vehicle.id} has no door `{door}`; it has {doors}")
    chance = Chance(seed)
    draw = Draw(worlds, chance.stream("world"))
    world = draw_world(draw, traits)
    case = Case(traits, world, draw, door, story, door or traits.driver)
    case.drawn = draw.drawn
    for name, stage in stages.items():
        # A stream of its own, so that the world is the same with the fault and without it.
        case.draw = Draw(worlds, chance.stream(f"stage/{name}"))
        stage(case)
    return case


def run(
    loaded: LoadedVehicle,
    case: Case,
    *,
    seed: int = 0,
    duration_s: float | None = None,
    begins_s: float | None = None,
) -> Drive:
    """Let a case unfold, and log its bus.

    Args:
        loaded: The vehicle.
        case: As `set_up` has left it; it is used up.
        seed: The one that it was set up with.
        duration_s: See `simulate`; None: as the case has it.
        begins_s: In which second the logger is switched on; None: as the case has it.
    """
    traits, world, chance = case.traits, case.world, Chance(seed)
    for parameters in world.doors.values():
        parameters.starts_locked = case.locked_at_start
    clock = Clock(-BEFORE_S)
    car = Car(clock, traits, world, chance)
    person = Person(clock, car, world.habits, chance.stream("person"))
    until_s = (duration_s or case.duration_s or USUAL_S) + case.log_starts_s
    for onset in case.onsets:
        clock.at(onset.share * until_s, partial(car.break_down, onset.changes))
    scene = Scene(person, traits, case.door, until_s)
    end_s = max(until_s, _unfold(clock, case.story, scene) + AFTER_S)
    clock.run(end_s)
    car.recorder.close()
    amid = ""
    if begins_s is None:
        begins_s = 0.0
        if case.log_starts_s:
            luck = chance.stream("log-start")
            begins_s, amid = find_beginning(car, case.log_starts_s, luck)
    start_s = START_S - begins_s
    frames = Bus(loaded, traits, world.bus, chance).log(
        car.recorder, end_s, start_s, from_s=begins_s
    )
    marks = [
        replace(mark, at_s=round(start_s + mark.at_s, 3))
        for mark in person.marks.marks
        if mark.at_s >= begins_s
    ]
    truth: dict[str, object] = {
        "schema": TRUTH_SCHEMA,
        "vehicle": loaded.vehicle.id,
        "seed": seed,
        "worlds": case.draw.worlds,
        "duration_s": round(end_s - begins_s, 3),
        "faults": [
            {
                "code": each.code,
                "doors": list(each.doors),
                "severity": each.severity,
                "after_s": round(each.onset.share * until_s - begins_s, 3) if each.onset else None,
            }
            for each in case.injected
        ],
        "world": {**case.drawn, **_configuration(world.bcm)},
        "circumstances": {**case.circumstances, "log_begins_amid": amid},
        **_happenings(car, person, begins_s),
    }
    return Drive(frames, marks, truth, begins_s)


def _unfold(clock: Clock, story: Story, scene: Scene) -> float:
    """Let the story unfold from second 0 on; return when it was over."""
    ended_s: list[float] = []

    def unfold() -> Process[None]:
        yield from story(scene)
        ended_s.append(clock.now_s)

    clock.at(0.0, lambda: clock.start(unfold()))
    until_s = scene.until_s
    clock.run(until_s)
    while not ended_s and until_s < scene.until_s + LONGEST_TAIL_S:
        until_s += 1.0
        clock.run(until_s)
    return ended_s[0] if ended_s else until_s


def _happenings(car: Car, person: Person, from_s: float) -> dict[str, object]:
    """Return what happened while the logger ran."""
    return {
        "orders": [
            {
                "after_s": round(order.at_s - from_s, 3),
                "action": order.action,
                "doors": list(order.doors),
                "requestor": order.requestor,
                "obeyed": list(order.obeyed),
                "overtaken": order.is_overtaken,
            }
            for order in car.bcm.orders
            if order.at_s >= from_s
        ],
        "refusals": [
            {"after_s": round(at_s - from_s, 3), "reason": reason}
            for at_s, reason in car.bcm.refusals
            if at_s >= from_s
        ],
        "sights": [
            {"after_s": round(sight.at_s - from_s, 3), "text": sight.text}
            for sight in person.sights
            if sight.at_s >= from_s
        ],
    }


def _configuration(parameters: BcmParameters) -> dict[str, object]:
    """Return what was not drawn from a range but decided, such as selective unlock."""
    values = {
        "retries": parameters.retries,
        "selective": parameters.selective,
        "relock_s": parameters.relock_s,
        "refuses_lock_when_open": parameters.refuses_lock_when_open,
        "counts_operations": parameters.counts_operations,
        "deadlocks": parameters.deadlocks,
    }
    return {f"bcm.{name}": value for name, value in values.items()}
