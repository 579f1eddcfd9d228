"""What the logger has: frames of the vehicle's own databases, in cycles and on events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import compile_layout
from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.model.frames import FrameBatch, FrameFlag
from canlock.simulation.bus import Bus
from canlock.simulation.chance import Chance
from canlock.simulation.drive import simulate
from canlock.simulation.schedule import FRAME_S, queue_frames, thin_out
from canlock.simulation.traits import read_traits
from canlock.simulation.world import World
from simulation.simulation_bench import DOORS, Bench, make_bench, plain_bcm

DBC = """
VERSION ""
NS_ :
BS_:
BU_: BCM DOOR
BO_ 256 STATUS: 8 BCM
 SG_ Driver : 0|2@1+ (1,0) [0|3] "" X
 SG_ Lamps : 7|1@0+ (1,0) [0|1] "" X
 SG_ Alive : 8|4@1+ (1,0) [0|14] "" X
 SG_ Volts : 23|12@0+ (0.01,0) [0|40] "V" X
 SG_ Free : 40|8@1+ (1,0) [0|255] "" X
BO_ 257 FOB: 4 BCM
 SG_ Button : 0|4@1+ (1,0) [0|15] "" X
 SG_ Count : 8|8@1+ (1,0) [0|255] "" X
BO_ 2364539904 DOORS: 8 DOOR
 SG_ Page M : 0|4@1+ (1,0) [0|15] "" X
 SG_ DriverOpen m1 : 8|1@1+ (1,0) [0|1] "" X
 SG_ PassengerOpen m2 : 9|1@1+ (1,0) [0|1] "" X
BO_ 512 ORDER: 16 BCM
 SG_ Want : 64|8@1+ (1,0) [0|255] "" X
 SG_ Number : 72|8@1+ (1,0) [0|255] "" X
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 60000;
BA_DEF_DEF_ "GenMsgCycleTime" 0;
BA_ "GenMsgCycleTime" BO_ 256 100;
BA_ "GenMsgCycleTime" BO_ 2364539904 50;
BA_ "GenMsgCycleTime" BO_ 512 5000;
"""

VEHICLE = """
schema = "canlock.vehicle/1"
name = "A car of every kind of signal"
dbc = ["any.dbc"]
doors = ["driver", "passenger", "rear-left", "rear-right", "tailgate"]

[[signal]]
role = "lock.status"
doors = ["driver"]
signal = "STATUS.Driver"
feedback = "measured"
values = { "1" = "unlocked", "2" = "locked" }

[[signal]]
role = "ack.flasher"
signal = "STATUS.Lamps"
values = { "0" = "off", "1" = "on" }

[[signal]]
role = "supply.voltage"
signal = "STATUS.Volts"

[[signal]]
role = "request.fob"
signal = "FOB.Button"
kind = "event"
first = "event"
counter = "FOB.Count"
values = { "0" = "none", "4" = "lock", "8" = "unlock" }

[[signal]]
role = "door.ajar"
doors = ["driver"]
signal = "DOORS.DriverOpen"
values = { "0" = "closed", "1" = "open" }

[[signal]]
role = "door.ajar"
doors = ["passenger"]
signal = "DOORS.PassengerOpen"
values = { "0" = "closed", "1" = "open" }

[[signal]]
role = "command.lock"
signal = "ORDER.Want"
kind = "event"
counter = "ORDER.Number"
values = { "136" = "none", "34" = "lock", "17" = "unlock" }

[[alive]]
node = "bcm"
message = "STATUS"
counter = "STATUS.Alive"
"""


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedVehicle:
    (tmp_path / "any.dbc").write_text(DBC)
    (tmp_path / "any-car.toml").write_text(VEHICLE)
    return load_vehicle(tmp_path / "any-car.toml")


def a_quiet_bus(world: World) -> None:
    """Lose no frame, hear every press."""
    plain_bcm(world)
    world.bus.lost_share = 0.0
    world.bus.sleep_after_s = None
    world.bus.background_hz = 20.0
    world.bus.voltage_noise_v = 0.0
    world.radio.fading_db = 0.0


def log(loaded: LoadedVehicle, bench: Bench) -> FrameBatch:
    """Return what a logger has that ran from the start to now."""
    bench.car.recorder.close()
    bus = Bus(loaded, read_traits(loaded.vehicle), bench.car.world.bus, Chance(1))
    return bus.log(bench.car.recorder, bench.clock.now_s, 0.0)


def decode(loaded: LoadedVehicle, frames: FrameBatch, name: str) -> list[dict[str, object]]:
    """Return what cantools reads from each frame of a message, with its time."""
    message = loaded.databases.message(name)
    chosen = frames.take(frames.arbitration_id == message.frame_id)
    rows = []
    for at_s, length, payload in zip(
        chosen.timestamp_s.tolist(), chosen.length.tolist(), chosen.payload, strict=True
    ):
        values = message.decode(payload[:length].tobytes(), decode_choices=False)
        assert isinstance(values, dict)
        rows.append({"at_s": at_s, **values})
    return rows


def press(bench: Bench, action: str, hold_s: float = 0.35) -> None:
    bench.do(bench.car.press_fob(1, action, distance_m=1.0, hold_s=hold_s))


def test_a_cyclic_message_keeps_its_period_and_its_jitter_does_not_add_up(
    loaded: LoadedVehicle,
) -> None:
    bench = make_bench(a_quiet_bus)
    bench.wait(30.0)

    times_s = np.array([row["at_s"] for row in decode(loaded, log(loaded, bench), "STATUS")])

    assert len(times_s) == pytest.approx(320, abs=2)
    beats = times_s[0] + 0.1 * np.arange(len(times_s))
    assert np.abs(times_s - beats).max() < 0.02


def test_a_state_on_the_bus_follows_the_sensor(loaded: LoadedVehicle) -> None:
    bench = make_bench(a_quiet_bus)
    press(bench, "unlock")

    rows = decode(loaded, log(loaded, bench), "STATUS")

    timeline = bench.car.recorder.timelines[("lock.status", "measured", "driver")]
    turned_s = timeline.at_s[-1]
    assert [row["Driver"] for row in rows if float(str(row["at_s"])) < turned_s][-1] == 2
    after = [row for row in rows if float(str(row["at_s"])) > turned_s]
    assert {row["Driver"] for row in after} == {1}
    assert float(str(after[0]["at_s"])) - turned_s < 0.15


def test_a_held_button_repeats_each_tenth_of_a_second_and_ends_with_none(
    loaded: LoadedVehicle,
) -> None:
    bench = make_bench(a_quiet_bus)
    press(bench, "unlock", hold_s=0.35)

    rows = decode(loaded, log(loaded, bench), "FOB")

    assert [row["Button"] for row in rows] == [8, 8, 8, 8, 0]
    assert len({row["Count"] for row in rows}) == 1


def test_nothing_is_sent_of_an_event_message_while_nothing_happens(loaded: LoadedVehicle) -> None:
    bench = make_bench(a_quiet_bus)
    bench.wait(10.0)

    assert decode(loaded, log(loaded, bench), "FOB") == []


def test_a_count_steps_once_a_press_and_once_a_command_but_not_for_a_retry(
    loaded: LoadedVehicle,
) -> None:
    def change(world: World) -> None:
        a_quiet_bus(world)
        world.bcm.retries = 2
        world.doors["driver"].motor.drag = 2.0

    bench = make_bench(change)
    for action in ("unlock", "lock", "unlock"):
        press(bench, action)
    frames = log(loaded, bench)

    fob = list(dict.fromkeys(row["Count"] for row in decode(loaded, frames, "FOB")))
    orders = [row for row in decode(loaded, frames, "ORDER") if row["Want"] != 136]
    assert np.diff(np.array(fob, np.int64)).tolist() == [1, 1]
    numbers = [int(str(row["Number"])) for row in orders]
    assert np.diff(sorted(set(numbers))).tolist() == [1, 1]
    assert len(bench.car.bcm.orders) == 3


def test_a_slow_message_is_sent_at_once_on_a_change(loaded: LoadedVehicle) -> None:
    bench = make_bench(a_quiet_bus)
    press(bench, "unlock")

    rows = decode(loaded, log(loaded, bench), "ORDER")

    ordered_s = bench.car.bcm.orders[0].at_s
    first = next(row for row in rows if row["Want"] == 17)
    assert 0.0 < float(str(first["at_s"])) - ordered_s < 0.05
    assert rows[-1]["Want"] == 136


def test_each_page_of_a_multiplexed_message_carries_its_own_door(loaded: LoadedVehicle) -> None:
    bench = make_bench(a_quiet_bus, locked=False)
    passenger = bench.car.doors["passenger"]
    bench.do(passenger.pull("outer", 0.3))
    bench.do(passenger.swing(40.0, 0.8))

    frames = log(loaded, bench)
    rows = decode(loaded, frames, "DOORS")

    assert {row.get("DriverOpen") for row in rows if row["Page"] == 1} == {0}
    assert [row["PassengerOpen"] for row in rows if row["Page"] == 2][-1] == 1
    chosen = frames.flags[frames.arbitration_id == 2364539904 - 0x8000_0000]
    assert set(chosen.tolist()) == {int(FrameFlag.EXTENDED)}


def test_an_alive_counter_steps_with_each_frame_and_begins_anew_after_a_reset(
    loaded: LoadedVehicle,
) -> None:
    bench = make_bench(a_quiet_bus)
    bench.wait(3.0)
    bench.car.bcm.reset()
    reset_s = bench.clock.now_s
    bench.wait(3.0)

    rows = decode(loaded, log(loaded, bench), "STATUS")

    before = [int(str(row["Alive"])) for row in rows if float(str(row["at_s"])) < reset_s]
    after = [int(str(row["Alive"])) for row in rows if float(str(row["at_s"])) > reset_s]
    assert set(np.diff(before).tolist()) <= {1, -14}  # It counts from 0 to 14.
    assert after[:3] == [0, 1, 2]
    gap_s = next(float(str(row["at_s"])) for row in rows if float(str(row["at_s"])) > reset_s)
    assert gap_s - reset_s >= bench.car.bcm.parameters.boot_s


def test_signals_that_nobody_maps_keep_their_initial_value(loaded: LoadedVehicle) -> None:
    bench = make_bench(a_quiet_bus)
    press(bench, "unlock")

    assert {row["Free"] for row in decode(loaded, log(loaded, bench), "STATUS")} == {0}


def test_the_voltage_on_the_bus_is_that_of_the_supply(loaded: LoadedVehicle) -> None:
    bench = make_bench(a_quiet_bus)
    bench.wait(3.0)

    rows = decode(loaded, log(loaded, bench), "STATUS")

    volts = [float(str(row["Volts"])) for row in rows]
    assert volts == pytest.approx([bench.car.supply.volts] * len(rows), abs=0.006)


def test_a_long_message_is_flexible_data_rate(loaded: LoadedVehicle) -> None:
    frames = log(loaded, make_bench(a_quiet_bus))

    orders = frames.arbitration_id == 512
    assert set(frames.length[orders].tolist()) == {16}
    assert (frames.flags[orders] & FrameFlag.FD).all()
    assert frames.payload.shape[1] == 64
    assert not frames.payload[~orders, 8:].any()


def test_what_a_bus_cannot_show_its_capture_does_not_contain(
    loaded: LoadedVehicle, tmp_path: Path
) -> None:
    fewer = VEHICLE.split("[[signal]]")
    kept = [part for part in fewer if "request.fob" not in part and "lock.status" not in part]
    (tmp_path / "blind-car.toml").write_text("[[signal]]".join(kept))
    blind = load_vehicle(tmp_path / "blind-car.toml")

    shown = simulate(loaded, ["no-fault"], seed=3).frames
    hidden = simulate(blind, ["no-fault"], seed=3).frames

    assert decode(loaded, shown, "FOB")
    assert not [row for row in decode(blind, hidden, "FOB") if row["Button"]]
    assert {row["Driver"] for row in decode(blind, hidden, "STATUS")} == {0}


def test_frames_stand_in_the_order_of_time_and_never_two_at_once(loaded: LoadedVehicle) -> None:
    drive = simulate(loaded, ["no-fault"], seed=2, duration_s=20.0)

    assert (np.diff(drive.frames.timestamp_s) > FRAME_S / 2).all()
    assert drive.frames.timestamp_s[0] >= 1_700_000_000.0


def test_a_bus_that_sleeps_is_silent_and_loses_its_first_frames_after_waking(
    loaded: LoadedVehicle,
) -> None:
    def change(world: World) -> None:
        a_quiet_bus(world)
        world.bus.sleep_after_s, world.bus.wake_s = 4.0, 0.2

    bench = make_bench(change)
    press(bench, "unlock")
    rested_s = bench.clock.now_s
    bench.wait(15.0)
    woken_s = bench.clock.now_s
    press(bench, "lock", hold_s=0.5)
    times_s = log(loaded, bench).timestamp_s

    pauses = np.diff(times_s)
    fell_asleep_s = times_s[np.argmax(pauses)]
    assert rested_s - 4.0 < fell_asleep_s < rested_s + 4.5
    assert times_s[np.argmax(pauses) + 1] == pytest.approx(woken_s + 0.2, abs=0.15)


def test_a_bus_does_not_sleep_with_the_ignition_on(loaded: LoadedVehicle) -> None:
    def change(world: World) -> None:
        a_quiet_bus(world)
        world.bus.sleep_after_s = 4.0

    bench = make_bench(change)
    bench.car.set_power("on")
    bench.wait(20.0)
    times_s = log(loaded, bench).timestamp_s

    assert np.diff(times_s[times_s > 2.0]).max() < 0.5


def test_a_disturbed_bus_brings_error_frames_and_a_quiet_one_none(loaded: LoadedVehicle) -> None:
    def change(world: World) -> None:
        a_quiet_bus(world)
        world.bus.burst_every_s, world.bus.burst_error_hz = 2.0, 40.0

    errors = []
    for bench in (make_bench(change), make_bench(a_quiet_bus)):
        bench.wait(20.0)
        frames = log(loaded, bench)
        errors.append(int(np.count_nonzero(frames.flags & FrameFlag.ERROR)))

    assert errors[0] > 20
    assert errors[1] == 0


@pytest.mark.parametrize(
    ("lamps", "lit"),
    [("hazard", {(0, 0), (1, 1)}), ("left", {(0, 0), (1, 0)}), ("right", {(0, 0), (0, 1)})],
)
def test_indicators_blink_together_for_hazards_and_alone_for_a_turn(
    lamps: str, lit: set[tuple[int, int]]
) -> None:
    qashqai = load_vehicle("nissan-qashqai-j10")
    bench = make_bench(a_quiet_bus)
    bench.do(bench.car.blink(lamps, 3), settle_s=4.0)

    rows = decode(qashqai, log(qashqai, bench), "BCM_BODY")

    assert {(row["LampLeft"], row["LampRight"]) for row in rows} == lit


@pytest.mark.parametrize("name", ["bmw-e9x", "vw-meb", "ford-fd1"])
def test_an_order_to_one_door_alone_shows_and_is_not_told_as_one_to_all(name: str) -> None:
    car = load_vehicle(name)

    def change(world: World) -> None:
        a_quiet_bus(world)
        world.bcm.selective = True

    bench = make_bench(change)
    bench.wait(3.0)
    since_s = bench.clock.now_s
    press(bench, "unlock")
    frames = log(car, bench)
    decoder = Decoder(car.vehicle, compile_layout(car.vehicle, car.databases.signal))
    told = [
        sample
        for sample in decoder.decode(frames).samples
        if sample.role == "command.lock" and sample.at_s > since_s
    ]

    assert told
    assert all(sample.value is None or sample.doors == ("driver",) for sample in told)


def test_frames_that_are_due_together_queue_up() -> None:
    queued = queue_frames(np.array([1.0, 1.0, 1.0, 2.0]))

    assert queued == pytest.approx([1.0, 1.0 + FRAME_S, 1.0 + 2 * FRAME_S, 2.0])


def test_of_frames_that_come_too_soon_after_each_other_the_last_stays() -> None:
    assert thin_out(np.array([3.0, 1.0, 1.001, 1.002])).tolist() == [1.002, 3.0]


def test_every_door_named_in_the_file_is_a_door_of_the_car(loaded: LoadedVehicle) -> None:
    assert read_traits(loaded.vehicle).doors == DOORS
