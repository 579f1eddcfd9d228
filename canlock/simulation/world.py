"""One car at one place on one day: the parameters of every part, drawn from ranges."""

from __future__ import annotations

from dataclasses import dataclass

from canlock.simulation.bcm_parameters import BcmParameters, draw_bcm
from canlock.simulation.door import DoorParameters, draw_door
from canlock.simulation.fob import FobParameters, draw_fob
from canlock.simulation.habits import Habits, draw_habits
from canlock.simulation.latch import LatchParameters
from canlock.simulation.outputs import OutputParameters
from canlock.simulation.radio import RadioParameters, draw_radio
from canlock.simulation.ranges import Draw
from canlock.simulation.schedule import BusParameters, draw_bus
from canlock.simulation.supply import SupplyParameters, draw_supply
from canlock.simulation.switches import SwitchParameters
from canlock.simulation.traits import Traits


@dataclass(slots=True)
class World:
    """The parameters of all parts. Injectors change them; nothing does once the clock runs."""

    supply: SupplyParameters
    outputs: OutputParameters
    bcm: BcmParameters
    doors: dict[str, DoorParameters]
    fob: FobParameters
    spare_fob: FobParameters
    radio: RadioParameters
    bus: BusParameters
    habits: Habits
    switches: SwitchParameters
    has_handle_switches: bool
    ambient_c: float


def draw_world(draw: Draw, traits: Traits) -> World:
    """Return a healthy car of a kind, at a quiet place, with a person of some habits."""
    travel_s = draw("lock.travel_s")
    doors = {door: draw_door(draw, door, travel_s=travel_s) for door in traits.doors}
    # What the inner handles do is one decision for a car, not one a door.
    inner_unlocks = draw.happens(0.7)
    module_latency_s = draw("module.latency_s")
    for door, parameters in doors.items():
        is_tailgate = parameters.window is None
        parameters.latch = LatchParameters(
            inner_is_connected=not is_tailgate, inner_unlocks=inner_unlocks
        )
        parameters.has_module = door in traits.module_doors
        parameters.module_latency_s = module_latency_s
        parameters.has_lock_sensor = door in traits.sensor_doors
    return World(
        supply=draw_supply(draw),
        outputs=OutputParameters(),
        bcm=draw_bcm(draw, traits),
        doors=doors,
        fob=draw_fob(draw, 1),
        spare_fob=draw_fob(draw, 2),
        radio=draw_radio(draw),
        bus=draw_bus(draw),
        habits=draw_habits(draw),
        switches=SwitchParameters(),
        has_handle_switches=draw.happens(0.4) or traits.shows_handle_switches,
        # A cold day makes locks slow; ice is another matter.
        ambient_c=draw("ambient.cold_c" if draw.happens(0.2) else "ambient.temperature_c"),
    )
