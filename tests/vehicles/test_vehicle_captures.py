"""The shipped vehicles on real captures: cantools decodes, the vehicle file names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from cantools.database import Database

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.roles import NUMBER_ROLES
from canlock.model.vehicle import SignalMap, Vehicle

Frames = list[tuple[float, int, bytes]]
Reader = Callable[[str], Frames]

E90 = "bmw_e90_lock_cycles.log"
TAYCAN = ("taycan_idle_door_open.log", "taycan_ign_on.log")


def raw_values(
    database: Database, frames: Frames, message: str
) -> Iterator[tuple[float, dict[str, int]]]:
    """Yield the time after the first frame and the raw values of each frame of a message."""
    wanted = database.get_message_by_name(message)
    for at_s, frame_id, payload in frames:
        if frame_id == wanted.frame_id:
            decoded = wanted.decode(payload, decode_choices=False, scaling=False)
            assert isinstance(decoded, dict)
            yield at_s, {name: int(str(value)) for name, value in decoded.items()}


def words(
    database: Database, frames: Frames, entry: SignalMap
) -> Iterator[tuple[float, str | None]]:
    """Yield the time and the word of each frame, as the contract says (without `combine`)."""
    assert entry.combine is None
    for at_s, raw in raw_values(database, frames, entry.message):
        pattern = tuple(raw[signal.partition(".")[2]] for signal in entry.signals)
        yield at_s, entry.values.get(pattern)


def changes(database: Database, frames: Frames, entry: SignalMap) -> list[tuple[float, str | None]]:
    found: list[tuple[float, str | None]] = []
    for at_s, word in words(database, frames, entry):
        if not found or found[-1][1] != word:
            found.append((at_s, word))
    return found


def unnamed(database: Database, frames: Frames, vehicle: Vehicle) -> set[tuple[str, str]]:
    """Return (signals, raw values) that the frames carry and the vehicle file does not name."""
    found = set()
    for entry in vehicle.signals:
        if entry.role in NUMBER_ROLES:
            continue
        for _, raw in raw_values(database, frames, entry.message):
            pattern = tuple(raw[signal.partition(".")[2]] for signal in entry.signals)
            named = set(entry.values)
            parts = [(value,) for value in pattern] if entry.combine else [pattern]
            if not set(parts) <= named:
                found.add((" ".join(entry.signals), ",".join(map(str, pattern))))
    return found


def status(vehicle: Vehicle, door: str) -> SignalMap:
    (entry,) = [
        entry
        for entry in vehicle.signals
        if entry.role == "lock.status" and door in entry.doors and entry.feedback == "measured"
    ]
    return entry


def ajar(vehicle: Vehicle, door: str, message: str) -> SignalMap:
    (entry,) = [
        entry
        for entry in vehicle.signals
        if entry.role == "door.ajar" and door in entry.doors and entry.message == message
    ]
    return entry


def moved(frames: Frames) -> Frames:
    first_s = frames[0][0]
    return [(at_s - first_s, frame_id, payload) for at_s, frame_id, payload in frames]


# BMW E90: five commands by the inside button, then the driver's door opens three times from inside.

COMMANDS = [(12.20, "lock"), (13.31, "unlock"), (14.51, "lock"), (18.01, "unlock"), (21.61, "lock")]


@pytest.fixture(scope="module")
def e90(frames_of: Reader) -> Frames:
    return moved(frames_of(E90))


@pytest.fixture(scope="module")
def bmw() -> Vehicle:
    return load_vehicle("bmw-e9x").vehicle


@pytest.fixture(scope="module")
def bmw_database(databases: dict[str, Database]) -> Database:
    return databases["bmw_e9x"]


def commands(database: Database, frames: Frames) -> list[tuple[float, dict[str, int]]]:
    """A new count with a command in it, read without the vehicle file."""
    found: list[tuple[float, dict[str, int]]] = []
    count = None
    for at_s, raw in raw_values(database, frames, "LOCK_COMMAND"):
        if raw["Standing"] == 0x18 and raw["Count"] != count:
            found.append((at_s, raw))
        count = raw["Count"]
    return found


def test_an_e90_orders_five_times_at_the_known_times(
    bmw_database: Database, e90: Frames, bmw: Vehicle
) -> None:
    (entry,) = [entry for entry in bmw.signals if entry.role == "command.lock"]
    orders = commands(bmw_database, e90)
    told = [entry.values[raw["CommandA"], raw["CommandB"]] for _, raw in orders]
    assert told == [action for _, action in COMMANDS]
    for (at_s, _), (expected_s, _) in zip(orders, COMMANDS, strict=True):
        assert at_s == pytest.approx(expected_s, abs=0.05)


def test_every_order_of_the_e90_came_from_the_inside_button(
    bmw_database: Database, e90: Frames, bmw: Vehicle
) -> None:
    (entry,) = [entry for entry in bmw.signals if entry.role == "command.requestor"]
    orders = commands(bmw_database, e90)
    assert {entry.values[raw["Requestor"],] for _, raw in orders} == {"interior"}


@pytest.mark.parametrize("door", ["driver", "passenger", "rear-left", "rear-right", "tailgate"])
def test_every_lock_of_the_e90_answers_within_a_fifth_of_a_second(
    bmw_database: Database, e90: Frames, bmw: Vehicle, door: str
) -> None:
    said = changes(bmw_database, e90, status(bmw, door))
    for at_s, raw in commands(bmw_database, e90):
        wanted = "locked" if raw["CommandA"] == 0x22 else "unlocked"
        answers = [change_s - at_s for change_s, word in said if word == wanted]
        latency_s = min(delay_s for delay_s in answers if delay_s >= 0)
        assert 0.015 < latency_s < min(0.15, bmw.timing.command_to_status)


def test_the_e90_drivers_door_opens_three_times_and_unlocks_itself(
    bmw_database: Database, e90: Frames, bmw: Vehicle
) -> None:
    said = changes(bmw_database, e90, ajar(bmw, "driver", "DOOR_DRIVER"))
    opened = [at_s for at_s, word in said if word == "open"]
    assert opened == pytest.approx([23.27, 29.00, 35.76], abs=0.05)
    last_s, last = changes(bmw_database, e90, status(bmw, "driver"))[-1]
    assert last == "unlocked"
    assert last_s == opened[0]


@pytest.mark.parametrize("door", ["passenger", "rear-left", "rear-right", "tailgate"])
def test_no_other_door_of_the_e90_opens(
    bmw_database: Database, e90: Frames, bmw: Vehicle, door: str
) -> None:
    sources = [e for e in bmw.signals if e.role == "door.ajar" and door in e.doors]
    assert len(sources) == 2
    for entry in sources:
        assert {word for _, word in words(bmw_database, e90, entry)} == {"closed"}


def test_the_two_sources_of_the_e90_drivers_door_agree_within_a_tenth(
    bmw_database: Database, e90: Frames, bmw: Vehicle
) -> None:
    door = changes(bmw_database, e90, ajar(bmw, "driver", "DOOR_DRIVER"))[1:]
    union = changes(bmw_database, e90, ajar(bmw, "driver", "DOORS_OPEN"))[1:]
    assert [word for _, word in door] == [word for _, word in union]
    for (first_s, _), (second_s, _) in zip(door, union, strict=True):
        assert 0.0 < second_s - first_s < 0.1


def test_the_e90_battery_is_healthy(bmw_database: Database, e90: Frames) -> None:
    message = bmw_database.get_message_by_name("SUPPLY")
    volts = []
    for _, frame_id, payload in e90:
        if frame_id == message.frame_id:
            decoded = message.decode(payload)
            assert isinstance(decoded, dict)
            volts.append(float(str(decoded["Voltage"])))
    assert len(volts) > 40
    assert 12.0 <= min(volts) <= max(volts) <= 12.1


def test_the_e90_terminal_counter_runs_from_0_to_14(bmw_database: Database, e90: Frames) -> None:
    counts = [raw["Counter"] for _, raw in raw_values(bmw_database, e90, "TERMINAL")]
    assert {(after - before) % 15 for before, after in pairwise(counts)} == {1}
    assert max(counts) == 14


def test_no_declared_period_is_shorter_than_the_pauses_of_a_healthy_e90(
    e90: Frames, bmw: Vehicle
) -> None:
    seen = 0
    for facts in bmw.messages:
        times = [at_s for at_s, frame_id, _ in e90 if frame_id == facts.key]
        if facts.period_s is None or not times:
            continue
        seen += 1
        longest_s = max(after - before for before, after in pairwise(times))
        print(f"{facts.name}: declared {facts.period_s} s, longest pause {longest_s:.3f} s")
        assert longest_s <= 1.01 * facts.period_s
        assert facts.length == len(next(p for _, i, p in e90 if i == facts.key))
    assert seen == 9


def test_the_vehicle_file_names_all_that_an_e90_says(
    bmw_database: Database, e90: Frames, bmw: Vehicle
) -> None:
    found = unnamed(bmw_database, e90, bmw)
    print(f"not named: {sorted(found)}")
    assert found == set()


# Porsche Taycan: nothing is ordered; the driver's door opens in one capture, is open in the next.


@pytest.fixture(scope="module")
def vw() -> Vehicle:
    return load_vehicle("vw-meb").vehicle


@pytest.fixture(scope="module")
def vw_database(databases: dict[str, Database]) -> Database:
    return databases["vw_meb"]


def test_the_taycan_drivers_door_opens_once(
    vw_database: Database, frames_of: Reader, vw: Vehicle
) -> None:
    said = changes(vw_database, frames_of(TAYCAN[0]), ajar(vw, "driver", "ZV"))
    assert [word for _, word in said] == ["closed", "open"]
    assert said[1][0] == pytest.approx(374.59, abs=0.005)


def test_the_taycan_drivers_door_stays_open(
    vw_database: Database, frames_of: Reader, vw: Vehicle
) -> None:
    said = list(words(vw_database, frames_of(TAYCAN[1]), ajar(vw, "driver", "ZV")))
    assert {word for _, word in said} == {"open"}


@pytest.mark.parametrize("capture", TAYCAN)
@pytest.mark.parametrize("door", ["passenger", "rear-left", "rear-right", "tailgate"])
def test_the_other_doors_of_the_taycan_stay_shut(
    vw_database: Database, frames_of: Reader, vw: Vehicle, capture: str, door: str
) -> None:
    said = list(words(vw_database, frames_of(capture), ajar(vw, door, "ZV")))
    assert {word for _, word in said} == {"closed"}


@pytest.mark.parametrize("capture", TAYCAN)
@pytest.mark.parametrize("door", ["driver", "passenger", "rear-left", "rear-right"])
def test_the_taycan_rests_unlocked(
    vw_database: Database, frames_of: Reader, vw: Vehicle, capture: str, door: str
) -> None:
    frames = frames_of(capture)
    assert {word for _, word in words(vw_database, frames, status(vw, door))} == {"unlocked"}
    (command,) = [entry for entry in vw.signals if entry.role == "command.lock"]
    assert {word for _, word in words(vw_database, frames, command)} == {"unlock"}


def test_the_taycan_is_switched_on(vw_database: Database, frames_of: Reader, vw: Vehicle) -> None:
    (entry,) = [entry for entry in vw.signals if entry.role == "power.state"]
    assert [word for _, word in changes(vw_database, frames_of(TAYCAN[0]), entry)] == ["off"]
    said = changes(vw_database, frames_of(TAYCAN[1]), entry)
    assert [word for _, word in said] == ["off", "acc", "on"]


@pytest.mark.parametrize("capture", TAYCAN)
def test_the_declared_periods_are_those_of_the_taycan(
    frames_of: Reader, vw: Vehicle, capture: str
) -> None:
    # The adapter lost frames, so only the shortest pauses tell the period.
    frames = frames_of(capture)
    seen = 0
    for facts in vw.messages:
        times = [at_s for at_s, frame_id, _ in frames if frame_id == facts.key]
        if facts.period_s is None:
            assert not times
            continue
        seen += 1
        pauses = sorted(after - before for before, after in pairwise(times))
        median_s = pauses[len(pauses) // 2]
        print(f"{capture} {facts.name}: declared {facts.period_s} s, median {median_s:.3f} s")
        assert 0.5 * facts.period_s <= median_s <= 2.05 * facts.period_s
        assert facts.length == len(next(p for _, i, p in frames if i == facts.key))
    assert seen == 6


@pytest.mark.parametrize("capture", TAYCAN)
def test_the_vehicle_file_names_all_that_a_taycan_says_but_for_what_is_not_known_yet(
    vw_database: Database, frames_of: Reader, vw: Vehicle, capture: str
) -> None:
    found = unnamed(vw_database, frames_of(capture), vw)
    print(f"not named: {sorted(found)}")
    summary = "ZV.ActualInside ZV.ActualOutside ZV.ActualSafe ZV.ActualKnown"
    assert found <= {(summary, "0,0,0,0")}
