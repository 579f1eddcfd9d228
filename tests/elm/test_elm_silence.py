"""Who listens cannot send: not by the port, not by the interface, not by a mistake elsewhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.errors import BusError
from canlock.sources.elm327.port import is_harmless
from elm.adapter_emulator import AdapterEmulator
from elm.adapter_ports import EmulatedPort

ROOM = Path(__file__).parents[2] / "canlock"


@given(st.binary(max_size=12) | st.from_regex(rb"[0-9A-F ]{0,16}\r", fullmatch=True))
def test_no_bytes_but_known_commands_pass_a_listeners_port(data: bytes) -> None:
    port = EmulatedPort(AdapterEmulator())
    if is_harmless(data):
        return
    with pytest.raises(BusError, match="no command of a listener"):
        port.write(data)
    assert port.log == []


@pytest.mark.parametrize(
    "command",
    [b"0100\r", b"2147\r", b"\r", b"ATRTR\r", b"ATSI\r", b"ATFI\r", b"ATCSM0\r", b"ATPP0CSV23\r",
     b"ATSP6\r", b"STPX H:745,D:2147\r", b"ATMA\r0100\r", b"AT\r", b"ATWM\r", b"ATMT01\r"],
)  # fmt: skip
def test_what_sends_or_stays_for_good_does_not_pass(command: bytes) -> None:
    assert not is_harmless(command)


@pytest.mark.parametrize(
    "command", [b" ", b"ATZ\r", b"ATMA\r", b"STM\r", b"STFAP358,7FF\r", b"ATCF18DAF110\r"]
)
def test_what_a_listener_needs_passes(command: bytes) -> None:
    assert is_harmless(command)


def test_only_the_armed_room_can_write_requests() -> None:
    callers = {
        str(module.relative_to(ROOM))
        for module in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "write_request"
    }
    assert callers == {"sources/obd/elm_requester.py"}


def test_the_listening_room_does_not_know_the_armed_one() -> None:
    for module in (ROOM / "sources" / "elm327").glob("*.py"):
        assert "sources.obd" not in module.read_text(encoding="utf-8").replace(
            "see `canlock.sources.obd`", ""
        )
