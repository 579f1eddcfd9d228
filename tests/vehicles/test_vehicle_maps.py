"""The shipped vehicle files: what they claim, and what they leave out on purpose."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from cantools.database import Database

from canlock.decoding.vehicle_file import check_vehicle, load_vehicle
from canlock.model.frames import EXTENDED_BIT
from canlock.model.roles import NUMBER_ROLES, ROLE_VALUES, idle_value
from canlock.model.vehicle import SignalMap, Vehicle

DBC_FOLDER = Path(__file__).parents[2] / "dbc"
VEHICLES = ("bmw-e9x", "ford-fd1", "nissan-qashqai-j10", "vw-meb")


def content_of(name: str) -> dict[str, Any]:
    return tomllib.loads((DBC_FOLDER / f"{name}.toml").read_text())


def vehicle(name: str) -> Vehicle:
    return load_vehicle(name).vehicle


def entries(name: str, role: str, door: str | None = None) -> list[SignalMap]:
    found = [entry for entry in vehicle(name).signals if entry.role == role]
    return [entry for entry in found if door is None or door in entry.doors]


def only(name: str, role: str, door: str | None = None) -> SignalMap:
    (entry,) = entries(name, role, door)
    return entry


def test_exactly_these_vehicles_ship() -> None:
    assert sorted(path.stem for path in DBC_FOLDER.glob("*.toml")) == list(VEHICLES)


@pytest.mark.parametrize("name", VEHICLES)
def test_a_shipped_vehicle_has_nothing_to_complain_of(name: str) -> None:
    assert check_vehicle(name) == []


@pytest.mark.parametrize("name", VEHICLES)
def test_every_name_and_word_in_a_vehicle_file_exists(
    name: str, databases: dict[str, Database]
) -> None:
    content = content_of(name)
    database = databases[content["dbc"][0].removesuffix(".dbc")]
    known = {f"{m.name}.{s.name}" for m in database.messages for s in m.signals}
    for entry in content["signal"]:
        signals = entry.get("signals", [entry.get("signal")])
        assert set(signals) <= known, entry
        assert entry.get("counter", signals[0]) in known
        assert set(entry.get("doors", [])) <= set(content["doors"])
        if entry["role"] in NUMBER_ROLES:
            assert "values" not in entry
            continue
        assert set(entry["values"].values()) <= set(ROLE_VALUES[entry["role"]]), entry
        width = 1 if "combine" in entry else len(signals)
        assert {len(raw.split(",")) for raw in entry["values"]} == {width}, entry
    for node in content["alive"]:
        assert node["message"] in {message.name for message in database.messages}


@pytest.mark.parametrize("name", VEHICLES)
def test_every_raw_value_that_is_named_fits_its_signal(
    name: str, databases: dict[str, Database]
) -> None:
    content = content_of(name)
    database = databases[content["dbc"][0].removesuffix(".dbc")]
    length = {f"{m.name}.{s.name}": s.length for m in database.messages for s in m.signals}
    for entry in vehicle(name).signals:
        for raw in entry.values:
            for signal, value in zip(entry.signals, raw, strict=False):
                assert 0 <= value < 1 << length[signal], (entry.role, raw)


@pytest.mark.parametrize("name", VEHICLES)
def test_an_event_has_an_idle_value(name: str) -> None:
    for entry in vehicle(name).signals:
        if entry.kind == "event" and entry.role != "command.lock":
            assert idle_value(entry.role) in entry.values.values(), entry


@pytest.mark.parametrize("name", VEHICLES)
def test_a_lock_status_says_how_it_is_known(name: str) -> None:
    statuses = entries(name, "lock.status")
    assert statuses
    assert all(entry.feedback for entry in statuses)


@pytest.mark.parametrize(
    ("name", "is_verified"),
    [("bmw-e9x", True), ("vw-meb", True), ("nissan-qashqai-j10", True), ("ford-fd1", False)],
)
def test_only_what_was_never_seen_on_a_car_is_unverified(name: str, is_verified: bool) -> None:
    assert vehicle(name).is_verified is is_verified


SET_MEANS = {
    "door.ajar": "open",
    "handle.outer": "pulled",
    "handle.inner": "pulled",
    "lock.defect": "defect",
    "lock.child": "on",
    "ack.flasher": "on",
    "command.inhibit": "yes",
    "mirror.moving": "moving",
    "fob.battery": "low",
    "lock.status": "locked",
}
"""What a single bit that is set says: no source of the four cars has one that is inverted."""


@pytest.mark.parametrize("name", VEHICLES)
def test_a_single_bit_that_is_set_says_the_remarkable_thing(name: str) -> None:
    single = [entry for entry in vehicle(name).signals if set(entry.values) == {(0,), (1,)}]
    told = [(entry.role, entry.values[1,]) for entry in single if entry.role in SET_MEANS]
    assert told == [(role, SET_MEANS[role]) for role, _ in told]
    assert "door.ajar" in dict(told)


def test_a_disputed_bit_is_in_the_database_and_plays_no_role() -> None:
    mapped = {signal for entry in vehicle("nissan-qashqai-j10").signals for signal in entry.signals}
    assert not any("LockSummary" in signal for signal in mapped)


def test_a_qashqai_shows_no_request_and_no_command() -> None:
    roles = vehicle("nissan-qashqai-j10").roles()
    assert not any(role.startswith(("request.", "command.", "handle.")) for role in roles)


def test_only_the_driver_has_a_sensor_on_a_qashqai() -> None:
    assert only("nissan-qashqai-j10", "lock.status", "driver").feedback == "measured"
    for door in ("passenger", "rear-left", "rear-right"):
        assert only("nissan-qashqai-j10", "lock.status", door).feedback == "belief"


def test_both_lamps_of_a_qashqai_make_an_answer() -> None:
    flash = only("nissan-qashqai-j10", "ack.flasher")
    assert (flash.combine, flash.true_value, len(flash.signals)) == ("all", "on", 2)


@pytest.mark.parametrize(
    ("acc_or_on", "on_or_start", "expected"),
    [(0, 0, "off"), (1, 0, "acc"), (1, 1, "on"), (0, 1, "start")],
)
def test_the_ignition_of_a_qashqai_is_a_pair(
    acc_or_on: int, on_or_start: int, expected: str
) -> None:
    assert only("nissan-qashqai-j10", "power.state").values[acc_or_on, on_or_start] == expected


def test_a_bmw_command_is_one_for_all_doors_and_counted() -> None:
    command = only("bmw-e9x", "command.lock")
    assert command.doors == vehicle("bmw-e9x").doors
    assert command.kind == "event"
    assert command.counter == "LOCK_COMMAND.Count"
    assert command.values[0x22, 0x22] == "lock"
    assert command.values[0x11, 0x11] == "unlock"
    assert command.values[0x88, 0x88] == "none"


def test_a_bmw_command_for_some_doors_or_for_windows_is_unknown() -> None:
    values = only("bmw-e9x", "command.lock").values
    assert (0x33, 0x33) not in values
    assert (0x81, 0x88) not in values
    assert (0x22, 0x11) not in values


def test_the_messages_that_a_bmw_sends_only_on_events_are_marked_so() -> None:
    for role in ("request.fob", "window.switch"):
        assert all(entry.first_is_event for entry in entries("bmw-e9x", role))
    assert vehicle("bmw-e9x").message("FOB").period_s is None
    assert vehicle("bmw-e9x").message("FOB").sender == "CAS"


@pytest.mark.parametrize(
    ("wanted", "expected"), [((0, 0, 0), "unlock"), ((1, 1, 0), "lock"), ((1, 1, 1), "deadlock")]
)
def test_a_meb_command_is_a_pattern_of_three_bits(wanted: tuple[int, ...], expected: str) -> None:
    command = only("vw-meb", "command.lock")
    assert command.kind == "state"
    assert command.values[wanted] == expected


def test_a_meb_summary_is_unknown_until_the_car_says_that_it_is_known() -> None:
    (summary,) = [e for e in entries("vw-meb", "lock.status") if e.feedback == "all-locked"]
    assert summary.values[1, 1, 0, 1] == "locked"
    assert not any(raw[-1] == 0 for raw in summary.values)


def test_each_meb_door_has_one_source_of_being_ajar() -> None:
    for door in vehicle("vw-meb").doors:
        assert len(entries("vw-meb", "door.ajar", door)) == 1


def test_each_meb_door_module_is_watched() -> None:
    doors = [node.doors for node in vehicle("vw-meb").alive if node.node == "door-module"]
    assert sorted(doors) == [("driver",), ("passenger",), ("rear-left",), ("rear-right",)]


def test_ford_opens_the_driver_alone_with_status_3() -> None:
    assert only("ford-fd1", "command.lock", "driver").values[3,] == "unlock"
    assert only("ford-fd1", "command.lock", "passenger").values[3,] == "none"
    assert only("ford-fd1", "lock.status", "driver").values[3,] == "unlocked"
    assert only("ford-fd1", "lock.status", "passenger").values[3,] == "locked"


def test_ford_names_every_requestor_that_is_in_use() -> None:
    values = only("ford-fd1", "command.requestor").values
    assert set(values) == {(raw,) for raw in range(29)}
    assert values[8,] == "fob"
    assert values[9,] == values[18,] == values[19,] == "handle"
    assert values[13,] == "auto-relock"
    assert values[23,] == "diagnostics"


def test_ford_counts_presses_and_commands() -> None:
    assert only("ford-fd1", "fob.count").signals == ("LOCKING.FobPressCount",)
    assert only("ford-fd1", "command.lock", "driver").counter == "LOCKING.LockEventNumber"
    assert only("ford-fd1", "request.interior", "passenger").counter is not None


@pytest.mark.parametrize(("raw", "driver", "rear"), [(0, 0, 0), (1, 1, 0), (2, 0, 1), (3, 1, 1)])
def test_ford_tells_the_windows_of_one_side_together(raw: int, driver: int, rear: int) -> None:
    words = ("idle", "moving")
    assert only("ford-fd1", "window.moving", "driver").values[raw,] == words[driver]
    assert only("ford-fd1", "window.moving", "rear-left").values[raw,] == words[rear]


def test_the_reads_of_a_qashqai_have_an_address_a_session_and_its_shortest_answer() -> None:
    car = vehicle("nissan-qashqai-j10")
    assert car.bcm is not None
    assert (car.bcm.request, car.bcm.response, car.bcm.protocol) == (0x745, 0x765, "kwp")
    assert car.bcm.session == 0xC0
    assert [(poll.request.hex(), poll.message) for poll in car.polls] == [("2144", "BCM_LID_44")]


def test_no_frame_of_a_qashqai_can_be_taken_for_a_polled_answer() -> None:
    car = vehicle("nissan-qashqai-j10")
    (poll,) = car.polls
    assert [facts.key >= EXTENDED_BIT for facts in car.messages] == [
        facts.name == poll.message for facts in car.messages
    ]


@pytest.mark.parametrize(
    ("answer", "role", "door"),
    [
        ("61442000000000", "door.ajar", "driver"),
        ("61440100000000", "door.ajar", "passenger"),
        ("61440080000000", "door.ajar", "rear-right"),
        ("61440040000000", "door.ajar", "rear-left"),
        ("61440020000000", "door.ajar", "tailgate"),
        ("61444000000000", "key.inserted", None),
        ("61448000000000", None, None),  # The ignition: mapped from the bus only.
        ("61440800000000", None, None),  # The light selector.
        ("6144c000000000", "key.inserted", None),  # As it was read on a 2013 car.
    ],
)
def test_each_switch_that_a_qashqai_answers_is_its_own(
    answer: str, role: str | None, door: str | None, databases: dict[str, Database]
) -> None:
    message = databases["nissan_qashqai_j10"].get_message_by_name("BCM_LID_44")
    decoded = message.decode(bytes.fromhex(answer), decode_choices=False)
    assert isinstance(decoded, dict)
    told = set()
    for entry in vehicle("nissan-qashqai-j10").signals:
        if entry.message != "BCM_LID_44":
            continue
        raw = decoded[entry.signals[0].partition(".")[2]]
        assert isinstance(raw, int)
        if entry.values[raw,] in {"open", "yes"}:
            told.add((entry.role, entry.doors[0] if entry.doors else None))
    assert told == (set() if role is None else {(role, door)})
