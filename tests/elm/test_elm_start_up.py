"""The adapter is found, known for what it is, and made silent before it listens."""

from __future__ import annotations

import pytest

from canlock.errors import BusError
from canlock.sources.elm327.adapter import start_up
from canlock.sources.elm327.lines import LineForm
from elm.adapter_emulator import AdapterEmulator, Nature
from elm.adapter_ports import EmulatedPort, Forgetful

CLONE_LACKS = frozenset({"ATD1", "ATCSM", "ATAL"})


class DeafAdapter(AdapterEmulator):
    """A port with something else behind it."""

    def write(self, data: bytes) -> None:
        """Say nothing to it."""


def started(emulator: AdapterEmulator, bitrate: int = 500_000) -> EmulatedPort:
    port = EmulatedPort(emulator)
    start_up(port, bitrate, is_extended=False)
    return port


def test_a_genuine_adapter_is_set_up_in_the_order_that_the_data_sheet_asks_for() -> None:
    emulator = AdapterEmulator(Nature(banner="ELM327 v2.2"))
    adapter = start_up(EmulatedPort(emulator), 500_000, is_extended=False)
    commands = " ".join(one for one in emulator.commands if one != "ATI")
    assert commands == (
        "ATZ ATE0 ATL0 ATH1 ATS0 ATD1 STI ATCAF0 ATCSM1 ATCFC0 ATAL ATTP6 ATCF000 ATCM000"
    )
    assert (adapter.version, adapter.stn, adapter.lacks) == ("2.2", None, ())
    assert adapter.is_silent
    assert adapter.has_masks
    assert not adapter.has_exact_filters
    assert adapter.form == LineForm(has_dlc=True, has_standard=True, has_extended=False)


def test_setting_up_puts_nothing_on_the_bus() -> None:
    emulator = AdapterEmulator()
    started(emulator)
    assert emulator.sent_frames == []


def test_a_clone_that_does_not_know_a_command_says_so_and_is_used_without_it() -> None:
    emulator = AdapterEmulator(Nature(unknown=CLONE_LACKS, cannot_stop_echo=True))
    adapter = start_up(EmulatedPort(emulator), 500_000, is_extended=False)
    assert adapter.lacks == ("ATD1", "ATCSM1", "ATAL")
    assert not adapter.is_silent
    assert not adapter.form.has_dlc
    assert adapter.silence == "silent: not confirmed"


@pytest.mark.parametrize("command", ["ATE0", "ATH1", "ATCSM1", "ATTP6", "ATCM000"])
def test_an_answer_that_does_not_come_is_asked_for_once_more(command: str) -> None:
    emulator = Forgetful({command: {0}})
    adapter = start_up(EmulatedPort(emulator), 500_000, is_extended=False)
    assert emulator.commands.count(command) == 2
    assert adapter.lacks == ()


def test_a_bit_rate_that_is_never_confirmed_is_refused() -> None:
    emulator = Forgetful({"ATTP6": range(9)})
    with pytest.raises(BusError, match="refuses CAN at 500000"):
        start_up(EmulatedPort(emulator), 500_000, is_extended=False)


def test_an_stn_chip_is_found_out() -> None:
    emulator = AdapterEmulator(Nature(banner="ELM327 v1.4b", stn="STN1110 v4.0.4"))
    adapter = start_up(EmulatedPort(emulator), 500_000, is_extended=False)
    assert adapter.stn == "STN1110 v4.0.4"
    assert adapter.has_exact_filters


def test_an_adapter_that_cannot_show_ids_is_refused() -> None:
    emulator = AdapterEmulator(Nature(unknown=frozenset({"ATH1"})))
    with pytest.raises(BusError, match="which frame is which"):
        started(emulator)


def test_a_port_on_which_nothing_answers_is_refused_and_the_text_says_what_was_tried() -> None:
    emulator = DeafAdapter()
    with pytest.raises(BusError, match=r"nothing answers as an ELM327 does \(tried 38400 baud\)"):
        started(emulator)


@pytest.mark.parametrize("baudrate", [38_400, 115_200, 9_600, 500_000])
def test_the_rate_of_the_line_is_found(baudrate: int) -> None:
    port = EmulatedPort(AdapterEmulator(baudrate=baudrate))
    port.is_baudrate_given = False
    port.set_baudrate(38_400)
    assert start_up(port, 500_000, is_extended=False).baudrate == baudrate


@pytest.mark.parametrize(
    ("bitrate", "is_extended", "command"),
    [
        (500_000, False, "ATTP6"),
        (500_000, True, "ATTP7"),
        (250_000, False, "ATTP8"),
        (250_000, True, "ATTP9"),
        (125_000, False, "ATPBE004"),
        (500_000, None, "ATPBE001"),
    ],
)
def test_each_bit_rate_has_its_command(
    bitrate: int, is_extended: bool | None, command: str
) -> None:
    emulator = AdapterEmulator()
    start_up(EmulatedPort(emulator), bitrate, is_extended=is_extended)
    assert command in emulator.commands
    assert ("ATTPB" in emulator.commands) == command.startswith("ATPB")


def test_a_bit_rate_that_the_chip_cannot_have_is_refused() -> None:
    with pytest.raises(BusError, match="cannot have 83333 bit/s"):
        started(AdapterEmulator(), 83_333)


def test_an_adapter_that_was_left_listening_is_stopped_first() -> None:
    emulator = AdapterEmulator()
    port = EmulatedPort(emulator)
    emulator.write(b"ATMA\r")
    assert start_up(port, 500_000, is_extended=False).banner == "ELM327 v1.5"
    assert emulator.sent_frames == []
