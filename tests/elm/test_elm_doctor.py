"""The doctor: what the adapter is, what it loses, and what that means."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from canlock.cli.doctor import describe
from canlock.errors import BusError
from canlock.sources.elm327.examination import Examination, examine_adapter
from canlock.sources.elm327.grade import LATE_S, VERY_LATE_S, grade_adapter, name_kind, name_voltage
from canlock.sources.elm327.plan import Watched
from elm.adapter_emulator import AdapterEmulator, BusFrame, Nature, cyclic
from elm.adapter_ports import EmulatedPort, PtyAdapter

WATCHED = [Watched(0x358, 8, 0.1), Watched(0x35D, 8, 0.1)]
LOCKS = [(0.1, BusFrame(0x358, bytes(8))), (0.1, BusFrame(0x35D, bytes(8)))]
BUSY = [(0.02, BusFrame(0x100 + 8 * n, bytes(8))) for n in range(25)]


def examined(
    nature: Nature | None = None,
    *,
    baudrate: int = 38_400,
    is_busy: bool = True,
    watched: list[Watched] | None = None,
    fails_after: int | None = None,
) -> Examination:
    emulator = AdapterEmulator(
        nature or Nature(banner="ELM327 v2.2"),
        baudrate,
        traffic=cyclic([*LOCKS, *(BUSY if is_busy else [])]),
        fails_after=fails_after,
    )
    examination = examine_adapter(
        EmulatedPort(emulator), 500_000, WATCHED if watched is None else watched
    )
    assert emulator.sent_frames == []
    assert emulator.acknowledged == 0 or not examination.adapter.is_silent
    return examination


def test_an_stn_adapter_is_graded_best() -> None:
    examination = examined(Nature(banner="ELM327 v1.4b", stn="STN1110 v4.0.4"), baudrate=115_200)
    grade = grade_adapter(examination)
    assert (grade.letter, grade.reasons) == ("A", ())
    assert "STN chip" in name_kind(examination)


def test_a_genuine_elm327_on_a_busy_bus_is_good_because_it_is_told_what_to_let_through() -> None:
    examination = examined()
    assert examination.open_ears.overflows > 0
    assert examination.planned is not None
    assert examination.planned.overflows == 0
    assert grade_adapter(examination).letter == "B"
    assert "genuine" in name_kind(examination)


def test_without_a_vehicle_the_overflows_are_those_of_open_ears() -> None:
    grade = grade_adapter(examined(watched=[]))
    assert grade.letter == "C"
    assert "--vehicle" in grade.reasons[0]


@pytest.mark.parametrize(
    ("nature", "text"),
    [
        (Nature(banner="ELM327 v1.5"), "never made a 1.5"),
        (Nature(banner="ELM327 v2.1", unknown=frozenset({"ATAMC"})), "lacks ATAMC, which"),
        (Nature(banner="OBDII"), "does not tell a version"),
        (Nature(banner="ELM327 v2.2", ignores_filters=True), "says OK to a filter"),
    ],
)
def test_a_clone_is_known(nature: Nature, text: str) -> None:
    examination = examined(nature)
    assert examination.is_copy
    assert text in name_kind(examination)


def test_an_old_genuine_chip_is_not_blamed_for_what_came_later() -> None:
    nature = Nature(banner="ELM327 v1.3a", unknown=frozenset({"ATAMC", "ATCSM", "ATCTM", "ATCEA"}))
    examination = examined(nature)
    assert not examination.is_copy
    assert "ATCSM1" in examination.lacks


@pytest.mark.parametrize(
    ("nature", "letter", "text"),
    [
        (Nature(unknown=frozenset({"ATCSM"})), "C", "may acknowledge frames"),
        (Nature(unknown=frozenset({"ATD1"})), "C", "how long a frame is"),
        (Nature(unknown=frozenset({"ATCM"})), "D", "cannot filter"),
        (Nature(drop_chance=0.01), "D", "damaged on their way"),
        (Nature(ignores_filters=True), "D", "lets everything through"),
    ],
)
def test_each_lack_has_its_grade_and_its_sentence(nature: Nature, letter: str, text: str) -> None:
    grade = grade_adapter(examined(nature))
    assert grade.letter == letter
    assert any(text in reason for reason in grade.reasons)


def test_a_bus_that_cannot_be_read_is_no_use() -> None:
    grade = grade_adapter(examined(fails_after=0))
    # Eight tries take longer than the examination: no frame came.
    assert grade.letter == "E"


def test_a_silent_bus_says_what_to_do() -> None:
    emulator = AdapterEmulator()
    grade = grade_adapter(examine_adapter(EmulatedPort(emulator), 500_000))
    assert grade.letter == "E"
    assert "ignition" in grade.reasons[0]


@pytest.mark.parametrize(
    ("jitter_s", "letter"),
    [(LATE_S, "A"), (LATE_S + 0.001, "B"), (VERY_LATE_S, "B"), (VERY_LATE_S + 0.001, "C")],
)
def test_the_clock_is_graded(jitter_s: float, letter: str) -> None:
    examination = examined(Nature(stn="STN1110 v4.0.4"), baudrate=115_200)
    assert examination.planned is not None
    shaken = replace(examination, planned=replace(examination.planned, jitter_s=jitter_s))
    assert grade_adapter(shaken).letter == letter


def test_a_serial_line_keeps_the_beat() -> None:
    examination = examined(is_busy=False)
    assert examination.open_ears.jitter_s is not None
    assert examination.open_ears.jitter_s < 0.005


@pytest.mark.parametrize(
    ("volts", "text"),
    [(None, "not told"), (11.4, "low"), (11.5, "11.5 V"), (13.2, "being charged")],
)
def test_voltages_are_named(volts: float | None, text: str) -> None:
    assert text in name_voltage(volts)


def test_the_report_says_everything_in_lines_that_fit() -> None:
    lines = describe(examined(Nature(unknown=frozenset({"ATCSM", "ATD1"}))))
    text = "\n".join(lines)
    for word in ("Adapter", "Lacks", "ATCSM1", "Silence", "not confirmed", "Supply", "GRADE C"):
        assert word in text
    assert max(map(len, lines)) <= 80


def test_a_pulled_cable_ends_the_examination() -> None:
    port = EmulatedPort(AdapterEmulator(traffic=cyclic(LOCKS)))
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        port.is_unplugged = len(told) > 1

    with pytest.raises(BusError, match="gone"):
        examine_adapter(port, 500_000, tell=tell)


def test_the_command_prints_a_grade() -> None:
    with PtyAdapter(AdapterEmulator(traffic=cyclic(LOCKS))) as adapter:
        arguments = ["doctor", adapter.path, "--seconds", "1", "--vehicle", "nissan-qashqai-j10"]
        done = subprocess.run(
            [sys.executable, "-m", "canlock", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "GRADE B: good for diagnosing locks." in done.stdout
    assert adapter.emulator.sent_frames == []


def test_the_command_has_one_line_for_a_port_that_is_not_there() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "canlock", "doctor", "/dev/ttyNOWHERE"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "is the adapter plugged in?" in done.stderr
