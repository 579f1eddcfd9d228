"""BCM, fob, radio, handles, switches: what a car does by design."""

from __future__ import annotations

import pytest

from canlock.simulation.clock import Clock
from canlock.simulation.wiring import LOCK_SENSOR, MIRROR_MOTOR, Break
from canlock.simulation.world import World
from simulation.simulation_bench import DOORS, Bench, make_bench, make_traits

NEAR_M, FAR_M = 0.8, 5.0


def press(bench: Bench, distance_m: float, *, fob: int = 1, action: str = "unlock") -> None:
    """Press a fob and wait."""
    bench.do(bench.car.press_fob(fob, action, distance_m=distance_m, hold_s=0.2))


def make_quiet(world: World) -> None:
    """Take chance out of the radio."""
    world.radio.fading_db = 0.0


@pytest.mark.parametrize(("action", "flashes"), [("lock", 1), ("unlock", 2)])
def test_the_car_answers_back_once_for_lock_and_twice_for_unlock(action: str, flashes: int) -> None:
    bench = make_bench()

    bench.ask(action)

    assert bench.history("ack.flasher") == ["on", "off"] * flashes


def test_the_button_inside_is_not_answered_with_a_flash() -> None:
    bench = make_bench()

    bench.ask("unlock", "interior")

    assert not any(bench.locks().values())
    assert bench.history("ack.flasher") == []


@pytest.mark.parametrize(("between_s", "opens_all"), [(4.5, True), (5.5, False)])
def test_a_second_press_opens_all_doors_only_within_its_window(
    between_s: float, *, opens_all: bool
) -> None:
    bench = make_bench(lambda world: setattr(world.bcm, "selective", True))

    bench.ask("unlock", settle_s=between_s)
    assert [door for door, is_locked in bench.locks().items() if not is_locked] == ["driver"]

    bench.ask("unlock")
    assert (not any(bench.locks().values())) is opens_all


def test_an_unlocked_car_locks_itself_only_if_no_door_was_opened() -> None:
    def change(world: World) -> None:
        world.bcm.relock_s = 30.0

    left, entered = make_bench(change), make_bench(change)
    left.ask("unlock", settle_s=25.0)
    entered.ask("unlock", settle_s=25.0)
    driver = entered.car.doors["driver"]
    assert entered.do(driver.pull("outer", 0.4))
    entered.do(driver.swing(40.0, 0.8))
    left.wait(10.0)
    entered.wait(10.0)

    assert all(left.locks().values())
    assert not any(entered.locks().values())
    assert [order.requestor for order in left.car.bcm.orders] == ["fob", "auto-relock"]
    first, second = (order.at_s for order in left.car.bcm.orders)
    assert second - first == pytest.approx(30.0, abs=0.01)


@pytest.mark.parametrize("refuses", [True, False])
def test_a_door_that_stands_open_keeps_only_cars_that_mind_it_from_locking(
    *, refuses: bool
) -> None:
    bench = make_bench(
        lambda world: setattr(world.bcm, "refuses_lock_when_open", refuses), locked=False
    )
    passenger = bench.car.doors["passenger"]
    bench.do(passenger.pull("outer", 0.4))
    bench.do(passenger.swing(40.0, 0.8))

    bench.ask("lock")

    assert all(bench.locks().values()) is not refuses
    assert ("door-open" in bench.history("command.inhibit")) is refuses
    assert bool(bench.history("ack.flasher")) is not refuses


@pytest.mark.parametrize(("rest_v", "refuses"), [(8.7, True), (9.4, False)])
def test_low_voltage_keeps_the_bcm_from_commanding(rest_v: float, *, refuses: bool) -> None:
    def change(world: World) -> None:
        world.supply.rest_v, world.bcm.low_voltage_v = rest_v, 9.0

    bench = make_bench(change)
    bench.ask("unlock")

    assert [reason for _, reason in bench.car.bcm.refusals] == ["low-voltage"] * refuses
    assert len(bench.car.bcm.orders) == (not refuses)


def test_eight_operations_in_twenty_seconds_earn_a_rest() -> None:
    bench = make_bench(lambda world: setattr(world.bcm, "counts_operations", True))

    for press_number in range(9):
        bench.ask("lock" if press_number % 2 else "unlock", settle_s=2.2)
    assert len(bench.car.bcm.orders) == 8
    bench.wait(30.0)
    bench.ask("unlock")

    assert len(bench.car.bcm.orders) == 9


def test_with_the_ignition_on_the_fob_is_not_heeded_and_the_button_inside_is() -> None:
    bench = make_bench()
    bench.car.set_power("on")

    bench.ask("unlock", "fob")
    assert all(bench.locks().values())
    bench.ask("unlock", "interior")

    assert not any(bench.locks().values())


@pytest.mark.parametrize(("jammed", "commands"), [(True, 3), (False, 1)])
def test_a_bcm_that_sees_a_lock_stand_still_tries_again(*, jammed: bool, commands: int) -> None:
    def change(world: World) -> None:
        world.bcm.retries = 2
        world.doors["driver"].motor.drag = 2.0 if jammed else 0.0

    bench = make_bench(change)
    bench.ask("unlock")

    assert bench.history("command.lock", "driver")[2:].count("unlock") == commands
    assert len(bench.car.bcm.orders) == 1


def test_a_bcm_without_lock_switches_believes_what_it_ordered() -> None:
    bench = make_bench(
        lambda world: setattr(world.doors["passenger"].motor, "condition", "open"),
        traits=make_traits(sensors=()),
    )

    bench.ask("unlock")

    assert bench.history("lock.status", "passenger", "belief")[-1] == "unlocked"
    assert bench.locks()["passenger"]
    assert bench.history("lock.status", "passenger", "measured") == []


@pytest.mark.parametrize(("distance_m", "is_heard"), [(0.5, True), (5.0, False)])
def test_a_fob_with_an_empty_cell_reaches_no_farther_than_an_arm(
    distance_m: float, *, is_heard: bool
) -> None:
    def change(world: World) -> None:
        make_quiet(world)
        world.fob.cell_v, world.fob.range_m = 2.2, 15.0

    bench = make_bench(change)
    press(bench, distance_m)

    assert bool(bench.car.bcm.orders) is is_heard
    assert bench.history("fob.battery") == (["low"] if is_heard else [])
    press(bench, FAR_M, fob=2)
    assert not any(bench.locks().values())  # The spare one is well.


def test_noise_drowns_both_fobs_at_one_place() -> None:
    def change(world: World) -> None:
        make_quiet(world)
        world.radio.noise_db = 40.0

    bench = make_bench(change)
    press(bench, FAR_M)
    press(bench, FAR_M, fob=2)

    assert bench.car.bcm.orders == []


@pytest.mark.parametrize(("lead", "is_heard"), [(250, True), (300, False)])
def test_a_code_that_is_too_far_ahead_is_not_followed(lead: int, *, is_heard: bool) -> None:
    def change(world: World) -> None:
        make_quiet(world)
        world.fob.code_lead = lead

    bench = make_bench(change)
    press(bench, NEAR_M)

    assert bool(bench.car.bcm.orders) is is_heard


def test_a_button_that_is_held_shows_until_it_is_let_go() -> None:
    bench = make_bench(make_quiet)

    bench.do(bench.car.press_fob(1, "unlock", distance_m=NEAR_M, hold_s=0.7))

    times_s = bench.car.recorder.timelines[("request.fob", "", None)].at_s
    assert bench.history("request.fob") == ["unlock", "none"]
    assert times_s[1] - times_s[0] == pytest.approx(0.7)


def test_a_rod_that_has_come_off_leaves_the_inner_handle() -> None:
    bench = make_bench(
        lambda world: setattr(world.doors["driver"].latch, "outer_is_connected", False),
        locked=False,
    )
    driver = bench.car.doors["driver"]

    assert not bench.do(driver.pull("outer", 0.5))
    assert bench.do(driver.pull("inner", 0.5))


def test_the_inner_handle_of_a_locked_door_unlocks_it_as_it_opens() -> None:
    bench = make_bench()
    driver = bench.car.doors["driver"]

    assert not bench.do(driver.pull("outer", 0.5))
    assert bench.do(driver.pull("inner", 0.5))
    assert bench.history("lock.status", "driver", "measured") == ["locked", "unlocked"]


def test_a_deadlocked_or_child_locked_door_does_not_open_from_inside() -> None:
    def change(world: World) -> None:
        world.bcm.deadlocks = True
        world.doors["rear-left"].latch.child_lock = True

    bench = make_bench(change, locked=False)
    assert not bench.do(bench.car.doors["rear-left"].pull("inner", 0.5))
    bench.ask("lock")

    assert bench.history("lock.status", "driver", "measured")[-1] == "deadlocked"
    assert not bench.do(bench.car.doors["driver"].pull("inner", 0.5))


def test_a_pawl_that_sticks_holds_the_door_against_either_handle() -> None:
    bench = make_bench(lambda world: setattr(world.doors["driver"].latch, "stuck", 1.0))
    bench.ask("unlock")
    driver = bench.car.doors["driver"]

    assert not driver.is_locked
    assert not bench.do(driver.pull("outer", 0.5))
    assert not bench.do(driver.pull("inner", 0.5))


def test_a_lock_switch_that_sticks_tells_nothing_of_the_lever() -> None:
    bench = make_bench(lambda world: setattr(world.doors["driver"].sensors, "lock_stuck", "locked"))

    bench.ask("unlock")

    assert not bench.locks()["driver"]
    assert bench.history("lock.status", "driver", "measured") == ["locked"]


def test_the_open_wire_of_a_lock_switch_reads_locked_for_ever() -> None:
    bench = make_bench(
        lambda world: world.doors["driver"].harness.breaks.update({LOCK_SENSOR: Break()}),
        locked=False,
    )

    bench.ask("lock")
    bench.ask("unlock")

    assert not bench.locks()["driver"]
    assert bench.history("lock.status", "driver", "measured") == ["locked"]


def test_a_window_moves_with_the_ignition_on_and_never_without_it() -> None:
    bench = make_bench()
    window = bench.car.doors["passenger"].window
    assert window is not None

    assert not bench.do(window.press("down", 0.8, has_power=False))
    assert bench.do(window.press("down", 0.8, has_power=True))
    assert bench.history("window.moving", "passenger") == ["idle", "down", "idle"]
    assert bench.history("window.switch", "passenger") == ["down", "none"]
    assert window.position_percent > 0.0


def test_a_door_switch_opens_when_its_door_does() -> None:
    bench = make_bench(locked=False)

    for door in DOORS:
        part = bench.car.doors[door]
        assert bench.do(part.pull("outer", 0.4))
        bench.do(part.swing(40.0, 0.8))
        bench.do(part.swing(0.0, 0.8))
        assert bench.history("door.ajar", door) == ["closed", "open", "closed"]


def test_a_clock_keeps_the_order_of_what_is_due_at_once_and_forgets_what_was_called_off() -> None:
    clock = Clock()
    done: list[str] = []
    clock.at(2.0, lambda: done.append("later"))
    clock.at(1.0, lambda: done.append("first"))
    clock.at(1.0, lambda: done.append("second"))
    clock.at(1.5, lambda: done.append("never")).cancel()

    clock.run(1.0)
    assert (done, clock.now_s) == (["first", "second"], 1.0)
    clock.run(5.0)

    assert (done, clock.now_s) == (["first", "second", "later"], 5.0)


def test_the_mechanical_key_unlocks_one_door_by_hand_and_asks_the_bcm_for_the_rest() -> None:
    bench = make_bench()

    assert bench.do(bench.car.turn_cylinder("unlock", 0.5))

    assert not any(bench.locks().values())
    assert bench.history("request.cylinder", "driver") == ["unlock", "none"]
    assert [order.requestor for order in bench.car.bcm.orders] == ["cylinder"]


def test_a_mirror_turns_with_the_ignition_on_and_its_wire_whole() -> None:
    def cut(world: World) -> None:
        world.doors["driver"].harness.breaks[MIRROR_MOTOR] = Break()

    for bench, has_power, turns in (
        (make_bench(), True, True),
        (make_bench(), False, False),
        (make_bench(cut), True, False),
    ):
        mirror = bench.car.doors["driver"].mirror
        assert mirror is not None
        assert bench.do(mirror.turn("up", 0.5, has_power=has_power)) is turns
        assert bench.history("mirror.moving", "driver") == ["idle", *["up", "idle"] * turns]


def test_a_belt_in_the_gap_keeps_a_door_from_shutting() -> None:
    bench = make_bench(locked=False)
    driver = bench.car.doors["driver"]
    assert bench.do(driver.pull("outer", 0.4))
    bench.do(driver.swing(40.0, 0.8))
    driver.caught_deg = 6.0
    bench.do(driver.swing(0.0, 0.8))

    assert (driver.is_open, driver.sensed_ajar) == (True, "open")
    driver.caught_deg = 0.0
    bench.do(driver.swing(0.0, 0.8))
    assert (driver.is_open, driver.sensed_ajar) == (False, "closed")


def test_a_request_by_telephone_and_a_tester_are_told_by_their_requestor() -> None:
    bench = make_bench()

    bench.do(bench.car.ask_remotely("unlock"))
    bench.car.bcm.order("lock", "diagnostics")
    bench.wait(2.0)

    assert [order.requestor for order in bench.car.bcm.orders] == ["remote", "diagnostics"]
    assert all(bench.locks().values())
