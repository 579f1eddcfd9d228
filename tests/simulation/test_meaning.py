"""A vehicle file read backwards gives raw values that, read forwards, say what was meant."""

from __future__ import annotations

import pytest

from canlock.model.roles import NUMBER_ROLES
from canlock.model.vehicle import SignalMap
from canlock.simulation.meaning import SOME, Wish, list_patterns, read_word, settle, tie_signals
from simulation.simulation_bench import load_shipped

KEY = SignalMap("key.inserted", ("T.K",), values={(0,): "no", (0x40,): "yes", (0x45,): "yes"})
POWER = SignalMap("power.state", ("T.K",), values={(0,): "off", (0x40,): "off", (0x45,): "on"})
LAMPS = SignalMap(
    "ack.flasher",
    ("B.L", "B.R"),
    values={(0,): "off", (1,): "on"},
    combine="all",
    true_value="on",
)
COMMAND = SignalMap(
    "command.lock",
    ("C.A", "C.B"),
    values={(136, 136): "none", (34, 34): "lock", (17, 17): "unlock"},
    kind="event",
)
REQUESTOR = SignalMap("command.requestor", ("C.R",), values={(5,): "fob", (11,): "interior"})


def settled(entry: SignalMap, word: str, previous: dict[str, int]) -> dict[str, int]:
    """Return the raw values for one wish."""
    return settle([Wish(entry, word)], previous, dict.fromkeys(entry.signals, 255))


@pytest.mark.parametrize(
    ("power", "key", "raw"), [("off", "no", 0), ("off", "yes", 0x40), ("on", "yes", 0x45)]
)
def test_two_entries_on_one_signal_are_met_by_one_value(power: str, key: str, raw: int) -> None:
    wishes = [Wish(POWER, power), Wish(KEY, key)]

    assert settle(wishes, {"T.K": 0}, {"T.K": 255}) == {"T.K": raw}


@pytest.mark.parametrize(("word", "raw"), [("on", 1), ("off", 0)])
def test_a_combined_entry_sets_all_of_its_signals(word: str, raw: int) -> None:
    assert settled(LAMPS, word, {"B.L": 1 - raw, "B.R": 1 - raw}) == {"B.L": raw, "B.R": raw}


def test_a_word_that_the_bus_has_no_value_for_leaves_the_signal_as_it_was() -> None:
    held = SignalMap("command.lock", ("C.A",), values={(1,): "lock", (2,): "unlock"})

    assert settled(held, "none", {"C.A": 2}) == {"C.A": 2}


def test_a_word_that_the_bus_tells_only_roughly_is_told_so() -> None:
    plain = SignalMap("lock.status", ("D.L",), values={(1,): "unlocked", (2,): "locked"})
    window = SignalMap("window.moving", ("D.W",), values={(0,): "idle", (1,): "moving"})

    assert settled(plain, "deadlocked", {"D.L": 1}) == {"D.L": 2}
    assert settled(window, "up", {"D.W": 0}) == {"D.W": 1}


def test_a_command_to_some_doors_is_not_told_as_one_to_all() -> None:
    raws = settled(COMMAND, f"{SOME}unlock", {"C.A": 136, "C.B": 136})

    assert read_word(COMMAND, raws) is None
    assert 17 in raws.values()


def test_a_requestor_without_a_name_is_some_other_value() -> None:
    raws = settled(REQUESTOR, "auto-relock", {"C.R": 5})

    assert read_word(REQUESTOR, raws) is None


def test_entries_that_share_signals_at_second_hand_are_settled_together() -> None:
    entries = [
        SignalMap("door.ajar", ("M.A",)),
        SignalMap("lock.status", ("M.B", "M.C")),
        SignalMap("power.state", ("M.C", "M.D")),
        SignalMap("key.inserted", ("M.D",)),
    ]

    groups = tie_signals(entries)

    assert sorted(len(group) for group in groups) == [1, 3]


def test_every_word_of_every_shipped_vehicle_survives_the_way_there_and_back() -> None:
    checked = 0
    for loaded in load_shipped().values():
        for entry in loaded.vehicle.signals:
            if entry.role in NUMBER_ROLES:
                continue
            for word in set(entry.values.values()):
                raws = settled(entry, word, dict.fromkeys(entry.signals, 0))
                assert read_word(entry, raws) == word
                assert list_patterns(entry, word)
                checked += 1
    assert checked > 100
