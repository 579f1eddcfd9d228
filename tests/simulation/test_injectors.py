"""What each injector does to a car, seen at the car: levers, doors, voltages, frames on the bus."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from canlock.model.faults import FAULT_CODES, INSUFFICIENT, UNKNOWN_FAULT
from canlock.simulation.case import Case
from canlock.simulation.injection import list_codes
from canlock.simulation.world import World
from simulation.simulation_bench import DOORS, Bench, make_bench, make_broken, make_traits

NEAR_M, FAR_M = 0.5, 5.0
SEEDS = range(5)


def follow(bench: Bench, rounds: int = 2) -> dict[str, set[str]]:
    """Return which doors followed each order, as often as it was given."""
    followed = {"unlock": set(DOORS), "lock": set(DOORS)}
    for _ in range(rounds):
        for action, wanted in (("unlock", False), ("lock", True)):
            bench.ask(action)
            followed[action] &= {door for door, state in bench.locks().items() if state is wanted}
    return followed


def heard(bench: Bench, distance_m: float, *, fob: int = 1) -> bool:
    """Press a fob; return whether the BCM gave an order."""
    before = len(bench.car.bcm.orders)
    bench.do(bench.car.press_fob(fob, "unlock", distance_m=distance_m, hold_s=0.2))
    return len(bench.car.bcm.orders) > before


def open_and_shut(bench: Bench, door: str) -> None:
    part = bench.car.doors[door]
    bench.do(part.swing(40.0, 0.8))
    bench.do(part.swing(0.0, 0.8))


def broken(
    code: str, door: str | None = None, *, locked: bool = True
) -> Iterator[tuple[Bench, Case]]:
    """Yield the fault in several severities."""
    for seed in SEEDS:
        yield make_broken(code, door, seed=seed, locked=locked)


def test_every_code_of_the_taxonomy_that_is_something_at_a_car_can_be_put_in() -> None:
    assert set(list_codes()) == set(FAULT_CODES) - {INSUFFICIENT, UNKNOWN_FAULT}


def test_a_car_with_nothing_put_in_follows_every_order() -> None:
    for bench, case in broken("no-fault"):
        assert follow(bench) == {"unlock": set(DOORS), "lock": set(DOORS)}
        assert case.injected[0].code == "no-fault"


@pytest.mark.parametrize("door", ["driver", "rear-left"])
@pytest.mark.parametrize("locked", [True, False])
def test_an_open_wire_stops_both_directions_of_one_door_and_never_another(
    door: str, *, locked: bool
) -> None:
    for bench, _ in broken("door-harness-open", door, locked=locked):
        followed = follow(bench)
        assert followed["unlock"] & followed["lock"] == set(DOORS) - {door}
        assert bench.locks()[door] is locked


def test_an_intermittent_wire_stops_its_door_now_and_then_and_never_another() -> None:
    moved, stood = 0, 0
    for bench, _ in broken("door-harness-intermittent", "passenger"):
        for _ in range(8):
            open_and_shut(bench, "passenger")
            followed = follow(bench, rounds=1)
            assert followed["unlock"] & followed["lock"] >= set(DOORS) - {"passenger"}
            is_whole = "passenger" in followed["unlock"] & followed["lock"]
            moved, stood = moved + is_whole, stood + (not is_whole)
    assert min(moved, stood) >= 5


def test_a_chafed_wire_takes_the_fuse_once_it_touches_and_then_no_door_moves() -> None:
    blown = 0
    for bench, _ in broken("door-harness-short", "driver"):
        for _ in range(16):
            was_blown = bench.car.supply.fuse_is_blown
            follow(bench, rounds=1)
            open_and_shut(bench, "driver")
            if was_blown:
                before = bench.locks()
                bench.ask("unlock" if before["passenger"] else "lock")
                assert bench.locks() == before
        blown += bench.car.supply.fuse_is_blown
    assert blown == len(SEEDS)


def test_the_fuse_stands_what_healthy_motors_take_all_at_once() -> None:
    bench = make_bench()

    for _ in range(10):
        follow(bench, rounds=1)

    assert not bench.car.supply.fuse_is_blown


def test_a_short_pulls_the_voltage_down_until_its_fuse_blows() -> None:
    bench, _ = make_broken("door-harness-short", "driver", seed=0)
    for wire in bench.car.world.doors["driver"].harness.shorts.values():
        wire.closed = 1.0
    bench.car.doors["driver"].harness.bend(0.0, is_moving=False)
    rest_v = bench.car.supply.volts

    bench.ask("unlock")

    timeline = bench.car.recorder.timelines[("supply.voltage", "", None)]
    assert rest_v - min(float(value) for value in timeline.values) > 0.5
    assert bench.car.supply.fuse_is_blown
    assert bench.car.supply.volts == pytest.approx(rest_v)


def test_a_door_module_that_is_offline_takes_lock_and_window_of_its_door_off_the_bus() -> None:
    traits = make_traits(modules=DOORS[:4])
    for seed in SEEDS:
        bench, _ = make_broken("door-module-offline", "passenger", seed=seed, traits=traits)
        part = bench.car.doors["passenger"]
        while not part.is_silent:
            bench.wait(0.5)
        window = part.window
        assert window is not None
        assert not bench.do(window.press("down", 0.3, has_power=True), settle_s=0.4)
        bench.car.recorder.close()
        assert {node for node in bench.car.recorder.outages if node.startswith("door:")} == {
            "door:passenger"
        }


def test_a_silent_door_module_obeys_no_order() -> None:
    bench, _ = make_broken(
        "door-module-offline", "passenger", seed=1, traits=make_traits(modules=DOORS[:4])
    )
    bench.car.doors["passenger"].module.is_alive = False

    bench.ask("unlock", settle_s=1.5)

    assert [door for door, is_locked in bench.locks().items() if is_locked] == ["passenger"]


@pytest.mark.parametrize("door", ["driver", "rear-right"])
def test_a_dead_motor_leaves_the_window_of_its_door_alone(door: str) -> None:
    for bench, case in broken("actuator-motor-fault", door):
        if case.world.doors[door].motor.failing < 1.0:
            continue
        assert follow(bench)["unlock"] == set(DOORS) - {door}
        window = bench.car.doors[door].window
        assert window is not None
        assert bench.do(window.press("down", 0.5, has_power=True))


def test_a_worn_actuator_takes_half_as_long_again_as_its_neighbours_or_longer() -> None:
    for bench, _ in broken("actuator-degrading", "driver"):
        bench.ask("unlock")
        times = {
            door: bench.car.recorder.timelines[("lock.status", "measured", door)].at_s[-1]
            - bench.car.bcm.orders[-1].at_s
            for door in ("driver", "passenger")
            if not bench.locks()[door]
        }
        if "driver" in times:
            assert times["driver"] > 1.5 * times["passenger"]


def test_a_dead_output_stage_stops_one_direction_of_one_group() -> None:
    for bench, case in broken("bcm-output-driver-fault"):
        group = set(case.injected[0].doors)
        followed = follow(bench)
        dead = {action for action, doors in followed.items() if doors != set(DOORS)}
        # A door that is never locked cannot fail to unlock: the dead direction is the one in which
        # the levers do not move.
        stands = {state for door, state in bench.locks().items() if door in group}
        assert len(dead) == 1
        assert followed[dead.pop()] == set(DOORS) - group
        assert len(stands) == 1


def test_a_bcm_that_gives_no_command_leaves_requests_unanswered() -> None:
    asked = 0
    for bench, _ in broken("bcm-no-command"):
        for _ in range(6):
            bench.ask("unlock", settle_s=8.0)
            bench.ask("lock", settle_s=8.0)
            asked += 2
        assert len(bench.car.bcm.orders) < 12
        assert not bench.car.bcm.refusals


def test_a_bcm_that_sleeps_through_the_first_request_hears_the_second() -> None:
    bench = make_bench(lambda world: setattr(world.bcm, "deaf_after_s", 4.0))

    bench.wait(10.0)
    bench.ask("unlock", settle_s=1.0)
    assert bench.car.bcm.orders == []
    bench.ask("unlock", settle_s=1.0)

    assert len(bench.car.bcm.orders) == 1


def test_a_bcm_that_commands_astray_orders_late_twice_or_unasked() -> None:
    kinds = set()
    for seed in range(12):
        bench, case = make_broken("bcm-command-glitch", seed=seed)
        began_s = bench.clock.now_s
        for _ in range(6):
            bench.ask("unlock", settle_s=6.0)
            bench.ask("lock", settle_s=6.0)
        orders = [order for order in bench.car.bcm.orders if order.at_s >= began_s]
        late = [order for order in orders if (order.at_s - began_s) % 6.0 > 1.0]
        assert late
        kinds.add(case.injected[0].severity["kind"])
    assert kinds == {"late", "doubled", "reversed", "spurious"}


def test_a_bcm_that_resets_is_off_the_bus_with_a_good_battery() -> None:
    for bench, _ in broken("bcm-reset"):
        follow(bench, rounds=8)
        bench.car.recorder.close()
        volts = bench.car.recorder.timelines[("supply.voltage", "", None)].values
        assert bench.car.recorder.outages["bcm"]
        assert min(float(value) for value in volts) > 9.5


@pytest.mark.parametrize("stuck", ["closed", "open"])
def test_a_door_switch_that_sticks_tells_the_same_whatever_the_door_does(stuck: str) -> None:
    told = set()
    for seed in range(8):
        bench, case = make_broken("door-ajar-switch-fault", "passenger", seed=seed)
        if case.injected[0].severity["stuck"] == stuck:
            open_and_shut(bench, "passenger")
            told.update(bench.history("door.ajar", "passenger")[-1:])
    assert told == {stuck}


def test_a_lock_switch_that_sticks_leaves_the_lever_free() -> None:
    for bench, _ in broken("lock-feedback-sensor-fault", "driver"):
        assert follow(bench)["unlock"] == set(DOORS)
        assert len(bench.history("lock.status", "driver", "measured")) == 1


def test_a_fob_with_a_low_cell_is_heard_at_the_window_only_and_the_spare_one_from_afar() -> None:
    for bench, _ in broken("fob-battery-low"):
        assert not heard(bench, FAR_M)
        assert heard(bench, FAR_M, fob=2)


def test_noise_drowns_both_fobs_until_the_car_stands_elsewhere() -> None:
    for bench, _ in broken("rf-interference"):
        assert not heard(bench, FAR_M)
        assert not heard(bench, FAR_M, fob=2)
        bench.car.radio.move_away()
        assert heard(bench, FAR_M)


def test_a_fob_that_is_not_known_is_not_heard_at_any_distance() -> None:
    for bench, _ in broken("fob-desync-or-unregistered"):
        assert not heard(bench, NEAR_M)
        assert heard(bench, FAR_M, fob=2)


def test_a_dead_request_switch_is_that_of_one_door_or_no_handle_finds_the_fob() -> None:
    for bench, case in broken("handle-request-switch-fault", "driver"):
        case.world.switches.handle_fails = 1.0
        bench.do(bench.car.press_handle("driver", distance_m=NEAR_M, hold_s=0.4))
        assert bench.car.bcm.orders == []
        bench.do(bench.car.press_handle("passenger", distance_m=NEAR_M, hold_s=0.4))
        assert bool(bench.car.bcm.orders) is case.world.switches.antennas_work
        assert heard(bench, NEAR_M)


def test_a_handle_button_works_with_a_fob_at_hand_and_not_with_one_far_off() -> None:
    for distance_m, is_found in ((0.79, True), (0.81, False)):
        bench = make_bench(lambda world: setattr(world.radio, "fading_db", 0.0))
        bench.do(bench.car.press_handle("driver", distance_m=distance_m, hold_s=0.4))
        assert bool(bench.car.bcm.orders) is is_found
        assert bench.history("request.handle", "driver") == ["unlock", "none"]


def test_a_button_inside_that_is_dead_or_stuck_asks_for_nothing() -> None:
    told = set()
    for seed in range(8):
        bench, case = make_broken("interior-lock-switch-fault", seed=seed)
        for action in ("lock", "unlock"):
            bench.do(bench.car.press_interior(action, 0.3))
        assert bench.car.bcm.orders == []
        assert heard(bench, NEAR_M)
        kind = str(case.injected[0].severity["kind"])
        history = bench.history("request.interior", "driver")
        told.add(kind)
        assert history == ([] if kind == "dead" else [kind])
    assert told == {"dead", "lock", "unlock"}


def test_frozen_latches_come_free_as_they_thaw_and_only_in_the_cold() -> None:
    for bench, case in broken("latch-frozen", "driver"):
        part = bench.car.doors["driver"]
        assert case.world.ambient_c <= 2.0
        stiff = part.parameters.motor.drag
        for _ in range(6):
            part.thaw(0.95)
        assert part.parameters.motor.drag < min(stiff, 0.4)
        assert part.parameters.latch.stuck < 0.01


def test_a_jammed_latch_stops_its_lock_at_least_one_way_and_no_other_door() -> None:
    for bench, _ in broken("latch-jammed", "rear-left"):
        stuck = 0
        for _ in range(4):
            followed = follow(bench, rounds=1)
            assert followed["unlock"] & followed["lock"] >= set(DOORS) - {"rear-left"}
            stuck += "rear-left" not in followed["unlock"] & followed["lock"]
        assert stuck


def test_a_lever_that_runs_into_something_hums_and_springs_back() -> None:
    bench = make_bench(lambda world: setattr(world.doors["driver"].motor, "blocked", 1.0))

    bench.ask("unlock")

    driver = bench.car.doors["driver"].motor
    assert (driver.position, driver.sound) == (1.0, "hum")
    assert not bench.locks()["passenger"]


def test_a_lever_with_a_worn_detent_springs_back_after_the_pulse() -> None:
    bench = make_bench(lambda world: setattr(world.doors["driver"].motor, "bounces", 1.0))

    bench.ask("unlock")

    told = bench.history("lock.status", "driver", "measured")
    assert told == ["locked", "unlocked", "locked"]
    assert bench.history("lock.status", "passenger", "measured") == ["locked", "unlocked"]


def test_a_rod_that_came_off_leaves_the_lock_and_takes_the_outer_handle() -> None:
    for bench, _ in broken("linkage-disconnected", "driver"):
        assert follow(bench)["unlock"] == set(DOORS)
        bench.ask("unlock")
        assert not bench.do(bench.car.doors["driver"].pull("outer", 0.4))


def test_without_the_feed_no_door_moves_and_the_car_still_answers() -> None:
    for bench, _ in broken("lock-power-feed-open"):
        bench.ask("unlock")
        assert all(bench.locks().values())
        assert "on" in bench.history("ack.flasher")


def test_a_flat_battery_dips_far_under_the_motors() -> None:
    for bench, _ in broken("supply-undervoltage"):
        healthy = make_bench()
        dips = []
        for each in (bench, healthy):
            each.ask("unlock")
            volts = each.car.recorder.timelines[("supply.voltage", "", None)].values
            dips.append(min(float(value) for value in volts))
        assert dips[0] < 10.2 < dips[1]


def test_below_its_threshold_the_bcm_refuses_and_the_battery_hardly_dips() -> None:
    for bench, _ in broken("inhibit-low-voltage"):
        bench.ask("unlock")
        assert [reason for _, reason in bench.car.bcm.refusals] == ["low-voltage"]
        assert bench.car.bcm.orders == []


def test_with_the_ignition_on_the_fob_is_refused_and_heeded_once_it_is_off() -> None:
    for bench, _ in broken("inhibit-power-state"):
        bench.car.set_power("on")
        assert not heard(bench, NEAR_M)
        bench.car.set_power("off")
        bench.wait(2.0)
        assert heard(bench, NEAR_M)
        assert {reason for _, reason in bench.car.bcm.refusals} == {"power"}


def test_a_key_in_the_car_keeps_it_from_staying_locked() -> None:
    rules = set()
    for seed in range(8):
        bench, case = make_broken("inhibit-key-inside", seed=seed, locked=False)
        bench.do(bench.car.doors["driver"].pull("outer", 0.4))
        bench.do(bench.car.doors["driver"].swing(40.0, 0.6))
        bench.car.leave_key(is_inside=True)
        bench.ask("lock")
        assert not any(bench.locks().values())
        assert bench.history("ack.horn") == ["on", "off"]
        bench.car.leave_key(is_inside=False)
        bench.ask("lock")
        assert all(bench.locks().values())
        rules.add(case.injected[0].severity["rule"])
    assert rules == {"refuses", "reopens"}


def test_a_car_that_is_played_with_takes_a_rest_and_recovers() -> None:
    kinds = set()
    for seed in range(6):
        bench, case = make_broken("inhibit-thermal-or-count", seed=seed)
        for press in range(16):
            bench.ask("lock" if press % 2 else "unlock", settle_s=1.2)
        before = bench.locks()
        bench.ask("unlock" if before["driver"] else "lock", settle_s=1.2)
        assert bench.locks()["driver"] is before["driver"]
        bench.wait(90.0)
        bench.ask("unlock" if before["driver"] else "lock", settle_s=1.2)
        assert bench.locks()["driver"] is not before["driver"]
        kinds.add(case.injected[0].severity["kind"])
    assert kinds == {"count", "thermal"}


def test_a_motor_that_is_worked_as_usual_never_opens_its_ptc() -> None:
    bench = make_bench()

    for _ in range(12):
        follow(bench, rounds=1)

    assert not any(door.motor.is_resting for door in bench.car.doors.values())


def test_a_car_locks_above_a_speed_with_all_doors_shut_and_not_below_it() -> None:
    for top_kmh, locks in ((23.9, False), (24.1, True)):
        bench = make_bench(lambda world: setattr(world.bcm, "speed_lock_kmh", 24.0), locked=False)
        bench.car.set_power("on")
        bench.do(bench.car.drive(top_kmh, 8.0), settle_s=9.0)
        assert all(bench.locks().values()) is locks
        assert [order.requestor for order in bench.car.bcm.orders] == ["auto-lock"] * locks


def test_a_car_unlocks_by_itself_in_the_way_it_is_made() -> None:
    kinds = set()
    for seed in range(10):
        bench, case = make_broken("auto-lock-or-unlock", seed=seed)
        kind = case.injected[0].severity["kind"]
        bench.car.set_power("on")
        bench.car.set_power("off")
        bench.wait(2.0)
        assert (not any(bench.locks().values())) is (kind == "power-off")
        bench.ask("lock", "interior")
        bench.car.automatics.crash()
        bench.wait(2.0)
        assert (not any(bench.locks().values())) is (kind == "crash")
        kinds.add(kind)
    assert kinds == {"speed", "power-off", "crash"}


def test_a_deadlock_or_child_lock_holds_the_inner_handle_and_not_the_outer_one() -> None:
    kinds = set()
    for seed in range(8):
        bench, case = make_broken("deadlock-or-child-lock-active", seed=seed, locked=False)
        door = bench.car.doors[case.door]
        kind = case.injected[0].severity["kind"]
        if kind == "deadlock":
            bench.ask("lock")
        assert not bench.do(door.pull("inner", 0.4))
        bench.ask("unlock")
        assert bench.do(door.pull("outer", 0.4))
        kinds.add(kind)
    assert kinds == {"deadlock", "child-lock"}


def test_cold_grease_makes_every_lock_slower() -> None:
    def answer_s(ambient_c: float) -> float:
        bench = make_bench(lambda world: setattr(world, "ambient_c", ambient_c))
        bench.ask("unlock")
        timeline = bench.car.recorder.timelines[("lock.status", "measured", "driver")]
        return timeline.at_s[-1] - bench.car.bcm.orders[0].at_s

    assert answer_s(-10.0) > 1.15 * answer_s(20.0)
    assert answer_s(25.0) == pytest.approx(answer_s(20.0))


@pytest.mark.parametrize("suspends", [True, False])
def test_low_voltage_under_the_motors_makes_some_cars_let_them_go(*, suspends: bool) -> None:
    def change(world: World) -> None:
        world.supply.rest_v, world.supply.source_ohm = 9.6, 0.2
        world.bcm.suspends_when_low = suspends

    bench = make_bench(change)
    bench.ask("unlock")

    amps = bench.car.recorder.timelines[("motor.current", "", None)]
    driven_s = amps.at_s[-1] - bench.car.bcm.orders[0].at_s
    assert (driven_s < 0.1) is suspends
