"""Supply, wiring, output stages and motors: what current can do, and what it cannot."""

from __future__ import annotations

import pytest

from canlock.simulation.outputs import Level, Line
from canlock.simulation.wiring import LOCK_COMMON, LOCK_DRIVE, MODULE, MOTOR_FEED, Break
from canlock.simulation.world import World
from simulation.simulation_bench import DOORS, make_bench, make_traits

OTHERS = tuple(door for door in DOORS if door != "driver")


def unlock_times(rest_v: float) -> dict[str, float]:
    """Return how long each lever takes to pass its middle, in seconds."""

    def change(world: World) -> None:
        world.supply.rest_v = rest_v
        world.supply.source_ohm = 0.02

    car = make_bench(change)
    car.ask("unlock")
    since_s = car.car.bcm.orders[0].at_s
    return {
        door: car.car.recorder.timelines[("lock.status", "measured", door)].at_s[-1] - since_s
        for door in DOORS
    }


@pytest.mark.parametrize("line", [LOCK_COMMON, LOCK_DRIVE])
@pytest.mark.parametrize("door", DOORS)
def test_an_open_wire_stops_both_directions_of_one_door_and_never_another(
    door: str, line: str
) -> None:
    for is_locked, action in ((True, "unlock"), (False, "lock")):
        car = make_bench(
            lambda world: world.doors[door].harness.breaks.update({line: Break()}),
            locked=is_locked,
        )

        car.ask(action)

        assert car.locks() == {name: (name == door) == is_locked for name in DOORS}
        assert car.car.doors[door].motor.sound == "silence"


def test_a_wire_that_touches_while_the_door_moves_lets_the_lock_work_only_then() -> None:
    car = make_bench(
        lambda world: world.doors["driver"].harness.breaks.update({LOCK_DRIVE: Break(moving=1.0)})
    )
    car.ask("unlock")
    assert car.locks()["driver"]

    driver = car.car.doors["driver"]
    driver.motor.place(0.0)
    driver.latch.is_closed = False
    car.do(driver.swing(40.0, 0.8))
    car.ask("lock")
    assert not car.locks()["driver"]

    car.clock.start(driver.flex(3.0))
    car.ask("lock")
    assert car.locks()["driver"]


@pytest.mark.parametrize("angle_deg", [20.0, 60.0])
def test_a_broken_wire_conducts_at_rest_only_at_the_angles_at_which_its_ends_touch(
    angle_deg: float,
) -> None:
    car = make_bench(
        lambda world: world.doors["passenger"].harness.breaks.update(
            {LOCK_COMMON: Break(angles=(15.0, 30.0))}
        )
    )
    passenger = car.car.doors["passenger"]
    passenger.latch.is_closed = False
    car.do(passenger.swing(angle_deg, 1.0))

    car.ask("unlock")

    assert car.locks()["passenger"] is (angle_deg > 30.0)


def test_low_supply_slows_every_motor() -> None:
    healthy, low = unlock_times(12.5), unlock_times(9.9)

    assert all(low[door] > 1.3 * healthy[door] for door in DOORS)


@pytest.mark.parametrize(("rest_v", "moves"), [(10.0, True), (5.2, False)])
def test_a_motor_turns_only_above_its_starting_voltage(rest_v: float, *, moves: bool) -> None:
    def change(world: World) -> None:
        world.supply.rest_v = rest_v
        world.bcm.low_voltage_v = world.bcm.brownout_v = 0.0
        for parameters in world.doors.values():
            parameters.motor.start_v = 6.0

    car = make_bench(change)
    car.ask("unlock")

    assert set(car.locks().values()) == {not moves}


def test_each_motor_that_runs_takes_the_supply_down_and_a_dead_one_does_not() -> None:
    def lowest(break_wires: tuple[str, ...]) -> float:
        def change(world: World) -> None:
            for door in break_wires:
                world.doors[door].harness.breaks[LOCK_COMMON] = Break()

        car = make_bench(change)
        car.ask("unlock")
        return min(float(value) for value in car.history("supply.voltage"))

    assert lowest(()) < lowest(("passenger",)) < lowest(DOORS)


def test_without_the_feed_no_lock_moves_and_nothing_sags() -> None:
    car = make_bench(lambda world: setattr(world.supply, "feed_is_open", True))

    car.ask("unlock")

    assert set(car.locks().values()) == {True}
    assert len(set(car.history("supply.voltage"))) == 1
    assert car.history("ack.flasher").count("on") == 2  # The BCM has its own supply.


@pytest.mark.parametrize(
    ("stage", "locking_dead", "unlocking_dead"),
    [
        pytest.param(("common", "high"), DOORS, (), id="common high"),
        pytest.param(("common", "low"), (), DOORS, id="common low"),
        pytest.param(("driver", "high"), (), ("driver",), id="driver high"),
        pytest.param(("driver", "low"), ("driver",), (), id="driver low"),
        pytest.param(("others", "high"), (), OTHERS, id="others high"),
        pytest.param(("others", "low"), OTHERS, (), id="others low"),
    ],
)
def test_a_dead_output_stage_stops_one_direction_of_its_group_and_nothing_else(
    stage: tuple[Line, Level],
    locking_dead: tuple[str, ...],
    unlocking_dead: tuple[str, ...],
) -> None:
    for action, dead in (("lock", locking_dead), ("unlock", unlocking_dead)):
        starts_locked = action == "unlock"
        car = make_bench(lambda world: world.outputs.dead.add(stage), locked=starts_locked)

        car.ask(action)

        assert {door for door, is_locked in car.locks().items() if is_locked == starts_locked} == (
            set(dead)
        )


@pytest.mark.parametrize(
    ("condition", "sound", "draws"),
    [("open", "silence", False), ("seized", "hum", True), ("stripped", "whirr", True)],
)
def test_a_broken_actuator_leaves_its_lever_and_sounds_as_it_is_broken(
    condition: str, sound: str, *, draws: bool
) -> None:
    car = make_bench(lambda world: setattr(world.doors["rear-left"].motor, "condition", condition))
    motor = car.car.doors["rear-left"].motor

    car.ask("unlock", settle_s=0.4)

    assert (motor.amps > 0.0) is draws
    assert motor.sound == sound
    car.wait(3.0)
    assert motor.amps == 0.0
    assert {door for door, is_locked in car.locks().items() if is_locked} == {"rear-left"}


@pytest.mark.parametrize(("drag", "moves"), [(0.9, True), (1.3, False)])
def test_a_lever_stays_only_where_friction_takes_all_of_the_torque(
    drag: float, *, moves: bool
) -> None:
    def change(world: World) -> None:
        world.supply.rest_v = 13.5
        motor = world.doors["driver"].motor
        motor.drag, motor.drag_spread, motor.travel_s = drag, 0.0, 0.05

    car = make_bench(change)
    car.ask("unlock")

    assert car.locks()["driver"] is not moves
    assert car.car.doors["driver"].motor.sound == ("click" if moves else "hum")


def test_a_lever_that_the_pulse_leaves_short_of_its_middle_springs_back() -> None:
    car = make_bench(lambda world: setattr(world.doors["driver"].motor, "travel_s", 5.0))

    car.ask("unlock", settle_s=0.3)
    assert 0.5 < car.car.doors["driver"].motor.position < 1.0

    car.wait(3.0)
    assert car.car.doors["driver"].motor.position == 1.0


@pytest.mark.parametrize(("line", "falls_silent"), [(MODULE, True), (MOTOR_FEED, False)])
def test_a_door_module_falls_silent_without_its_own_supply_but_not_without_its_motors(
    line: str, *, falls_silent: bool
) -> None:
    car = make_bench(
        lambda world: world.doors["driver"].harness.breaks.update({line: Break()}),
        traits=make_traits(modules=("driver", "passenger")),
    )

    car.ask("unlock")
    car.car.recorder.close()

    assert car.locks()["driver"]
    assert not car.locks()["passenger"]
    assert ("door:driver" in car.car.recorder.outages) is falls_silent


def test_a_supply_that_breaks_down_under_the_motors_resets_the_bcm() -> None:
    def change(world: World) -> None:
        world.supply.rest_v, world.supply.source_ohm = 10.0, 0.6

    car = make_bench(change)
    car.ask("unlock")

    outages = car.car.recorder.outages["bcm"]
    assert [round(until - since, 3) for since, until in outages] == [
        round(car.car.bcm.parameters.boot_s, 3)
    ] * len(outages)
    assert not car.car.bcm.is_down
