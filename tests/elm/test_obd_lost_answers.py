"""Asking a control unit over an adapter or a link that loses answers, or is late with them."""

from __future__ import annotations

import pytest

from canlock.model.vehicle import BcmAccess
from canlock.sources.elm327.exchange import ANSWER_S
from canlock.sources.obd.bcm import BcmReader
from canlock.sources.obd.elm_requester import open_requester as open_elm_requester
from canlock.sources.obd.gate import RequestGate
from elm.adapter_emulator import AdapterEmulator
from elm.adapter_ports import EmulatedPort, Forgetful, Late

pytest.importorskip("isotp", reason="can-isotp, of the extra `uds`, is not installed")

from elm.bcm_emulator import REQUEST, RESPONSE, BodyComputer

KWP = BcmAccess(REQUEST, RESPONSE, "kwp", session=0xC0)


@pytest.mark.parametrize(
    "deaf_to",
    [
        {"ATSH7E0": {0}},
        {"ATSH7E0": {0, 1}},
        {"ATCRA7E8": {0, 1}},
        {"ATSH745": {1}},
        {"ATSH745": {1, 2}},
        {"ATCRA765": {1, 2}},
    ],
)
def test_whatever_the_adapter_does_not_hear_each_unit_is_asked_what_is_meant_for_it(
    deaf_to: dict[str, set[int]],
) -> None:
    body = BodyComputer("kwp")
    emulator = Forgetful(deaf_to, ecu=body.answer)
    port = EmulatedPort(emulator)
    gate = RequestGate(is_armed=True, stands=True, clock=port.now, sleep=port.sleep)
    access = BcmAccess(REQUEST, RESPONSE, "kwp")
    requester = open_elm_requester(port, access, gate, bitrate=500_000)
    requester.watch_speed()
    answer = requester.request(b"\x21\x47")
    requester.close()
    assert answer[:2] == b"\x61\x47"
    asked = {(to, data[1:]) for to, data in emulator.sent_frames}
    assert asked <= {(REQUEST, b"\x21\x47"), (0x7E0, b"\x01\x0d")}
    assert (REQUEST, b"\x21\x47") in asked


@pytest.mark.parametrize("command", ["ATTP6", "ATCSM1", "ATSH745", "ATCRA765"])
@pytest.mark.parametrize("late_s", [0.9, 1.01, 1.06, 1.2])
def test_an_answer_that_comes_late_is_taken_for_no_other(command: str, late_s: float) -> None:
    body = BodyComputer("kwp", session=0xC0)
    emulator = Late(command, late_s * ANSWER_S, body.answer)
    port = EmulatedPort(emulator)
    gate = RequestGate(is_armed=True, stands=True, session=0xC0, clock=port.now, sleep=port.sleep)
    requester = open_elm_requester(port, KWP, gate, bitrate=500_000)
    with BcmReader(requester, KWP, clock=port.now, sleep=port.sleep) as reader:
        assert reader.ask(b"\x21\x47") == b"\x61\x47\x00"
    requester.close()
    assert body.asked == [b"\x10\xc0", b"\x21\x47", b"\x10\x81"]


class Sleeper(BodyComputer):
    """Wakes up by the first request, and does not answer it."""

    def answer(self, request_id: int, payload: bytes) -> list[bytes]:
        return super().answer(request_id, payload)[: len(self.asked) > 1]


def test_a_unit_that_wakes_up_by_the_first_request_is_asked_once_more() -> None:
    body = Sleeper("kwp", session=0xC0)
    port = EmulatedPort(AdapterEmulator(ecu=body.answer))
    gate = RequestGate(is_armed=True, stands=True, session=0xC0, clock=port.now, sleep=port.sleep)
    requester = open_elm_requester(port, KWP, gate, bitrate=500_000)
    with BcmReader(requester, KWP, clock=port.now, sleep=port.sleep) as reader:
        assert reader.ask(b"\x21\x47") == b"\x61\x47\x00"
    requester.close()
    assert body.asked[:2] == [b"\x10\xc0", b"\x10\xc0"]
