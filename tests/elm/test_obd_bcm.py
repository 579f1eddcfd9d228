"""Reading a body computer, through an ELM327 and over a CAN adapter, with the same outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

import can
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.errors import BusError
from canlock.model.frames import EXTENDED_BIT, FrameBatch, FrameFlag
from canlock.model.stream import Gap, TroubleCode
from canlock.model.vehicle import BcmAccess, Poll
from canlock.sources.elm327.port import AdapterGoneError, is_harmless
from canlock.sources.obd.bcm import READ_CODES, BcmReader, parse_codes
from canlock.sources.obd.can_requester import CanRequester, open_requester
from canlock.sources.obd.codes import read_obd_codes, spell_code
from canlock.sources.obd.elm_requester import open_requester as open_elm_requester
from canlock.sources.obd.gate import RequestGate, RequestRefusedError
from canlock.sources.obd.polling import PollTarget, answer_frame, poll_until
from canlock.sources.obd.requester import NegativeAnswerError, NoAnswerError, Requester
from elm.adapter_emulator import AdapterEmulator, Nature
from elm.adapter_ports import EmulatedPort

pytest.importorskip("isotp", reason="can-isotp, of the extra `uds`, is not installed")
pytest.importorskip("udsoncan", reason="udsoncan, of the extra `uds`, is not installed")

from udsoncan.services.ReadDTCInformation import ReadDTCInformation

from elm.bcm_emulator import (
    PART_NUMBER,
    REQUEST,
    RESPONSE,
    BodyComputer,
    VirtualBody,
)

NUMBERS = count()
UDS = BcmAccess(REQUEST, RESPONSE, "uds")
KWP = BcmAccess(REQUEST, RESPONSE, "kwp", session=0xC0)
CODES = [("B2562", "16", "2F"), ("B1501", "13", "08"), ("U0100", "00", "50")]
DOORS = Poll(b"\x21\x47", "BCM_LID_47", 0.5)


class Way:
    """A way to a body computer and what went over it."""

    def __init__(
        self,
        requester: Requester,
        gate: RequestGate,
        now: Callable[[], float],
        sleep: Callable[[float], None],
        on_bus: Callable[[], list[bytes]],
    ) -> None:
        self.requester = requester
        self.gate = gate
        self.now = now
        self.sleep = sleep
        self.on_bus = on_bus
        """Everything that canlock put on the bus."""

    def reader(self, access: BcmAccess) -> BcmReader:
        return BcmReader(self.requester, access, clock=self.now, sleep=self.sleep)


@contextmanager
def by_elm(body: BodyComputer, access: BcmAccess, nature: Nature | None = None) -> Iterator[Way]:
    emulator = AdapterEmulator(nature or Nature(), ecu=body.answer)
    port = EmulatedPort(emulator)
    gate = RequestGate(
        is_armed=True, stands=True, session=access.session, clock=port.now, sleep=port.sleep
    )
    requester = open_elm_requester(port, access, gate, bitrate=500_000)
    yield Way(
        requester, gate, port.now, port.sleep, lambda: [data for _, data in emulator.sent_frames]
    )
    requester.close()


@contextmanager
def by_can(body: BodyComputer, access: BcmAccess) -> Iterator[Way]:
    channel = f"bcm-{next(NUMBERS)}"
    server = VirtualBody(channel, body)
    gate = RequestGate(is_armed=True, stands=True, session=access.session)
    requester = open_requester("virtual", channel, access, gate)
    import time

    try:
        yield Way(
            requester,
            gate,
            time.time,
            time.sleep,
            lambda: [bytes(message.data) for message in server.frames],
        )
    finally:
        requester.close()
        server.close()


WAYS = [pytest.param(by_elm, id="ELM327"), pytest.param(by_can, id="CAN adapter")]
WayMaker = Callable[[BodyComputer, BcmAccess], AbstractContextManager[Way]]


@pytest.mark.parametrize("way_to", WAYS)
def test_the_codes_of_a_body_computer_are_read(way_to: WayMaker) -> None:
    with way_to(BodyComputer(), UDS) as way, way.reader(UDS) as reader:
        codes = reader.read_codes()
    assert codes is not None
    assert [(one.code, one.failure_type, one.status) for one in codes] == CODES
    assert {one.ecu for one in codes} == {"bcm"}


@pytest.mark.parametrize("way_to", WAYS)
@pytest.mark.parametrize("access", [UDS, KWP], ids=["uds", "kwp"])
def test_its_part_number_is_read(way_to: WayMaker, access: BcmAccess) -> None:
    body = BodyComputer(access.protocol, session=access.session)
    with way_to(body, access) as way, way.reader(access) as reader:
        assert reader.read_identity() == PART_NUMBER.decode()


@pytest.mark.parametrize("way_to", WAYS)
@pytest.mark.parametrize("read", [BcmReader.read_identity, BcmReader.read_codes])
def test_a_unit_that_sleeps_through_the_first_request_is_asked_again(
    way_to: WayMaker, read: Callable[[BcmReader], object]
) -> None:
    body = BodyComputer()
    body.sleeps_through = 1
    with way_to(body, UDS) as way, way.reader(UDS) as reader:
        assert read(reader) is not None
    assert len(body.asked) == 2


@pytest.mark.parametrize("way_to", WAYS)
def test_the_session_of_the_vehicle_file_is_opened_first_and_closed_at_the_end(
    way_to: WayMaker,
) -> None:
    body = BodyComputer("kwp", session=0xC0)
    with way_to(body, KWP) as way:
        with way.reader(KWP) as reader:
            reader.read_identity()
        assert body.asked == [b"\x10\xc0", b"\x21\x83", b"\x10\x81"]
        assert body.now_in == 0x81


@pytest.mark.parametrize("way_to", WAYS)
def test_everything_that_went_on_the_bus_is_written_down_and_nothing_else(
    way_to: WayMaker,
) -> None:
    with way_to(BodyComputer(), UDS) as way:
        with way.reader(UDS) as reader:
            reader.read_codes()
            reader.read_identity()
        written = [item.payload for item in way.gate.take_sent()]
        noted = [one for one in written if not is_harmless(one)]
        assert (b"ATSH745\r" in written) == (way_to is by_elm)
        went = [data.rstrip(b"\0") for data in way.on_bus()]
    assert [one.rstrip(b"\0") for one in noted] == went
    assert noted[0] == b"\x03\x19\x02\xff"


@pytest.mark.parametrize("way_to", WAYS)
def test_a_plea_to_wait_is_waited_for(way_to: WayMaker) -> None:
    body = BodyComputer()
    body.pleas = 2
    with way_to(body, UDS) as way, way.reader(UDS) as reader:
        assert reader.read_codes() is not None


@pytest.mark.parametrize("way_to", WAYS)
def test_a_unit_that_is_not_there_gives_no_answer_which_is_not_no_codes(way_to: WayMaker) -> None:
    elsewhere = BcmAccess(0x700, 0x708, "uds")
    with way_to(BodyComputer(), elsewhere) as way, way.reader(elsewhere) as reader:
        assert reader.read_codes() is None


@pytest.mark.parametrize("way_to", WAYS)
@pytest.mark.parametrize("code", [0x21, 0x22, 0x33])
def test_a_unit_that_wants_to_be_left_alone_is(way_to: WayMaker, code: int) -> None:
    body = BodyComputer()
    body.refuses[0x19] = code
    with (
        way_to(body, UDS) as way,
        way.reader(UDS) as reader,
        pytest.raises(NegativeAnswerError),
    ):
        reader.read_codes()


@pytest.mark.parametrize("way_to", WAYS)
def test_a_unit_that_does_not_know_the_service_has_told_nothing(way_to: WayMaker) -> None:
    body = BodyComputer()
    body.refuses[0x19] = 0x11
    with way_to(body, UDS) as way, way.reader(UDS) as reader:
        assert reader.read_codes() is None


def test_kwp_units_are_not_asked_for_codes() -> None:
    body = BodyComputer("kwp", session=0xC0)
    with by_elm(body, KWP) as way, way.reader(KWP) as reader:
        assert reader.read_codes() is None
    assert b"\x19\x02\xff" not in body.asked


def test_polled_inputs_come_as_frames_at_their_period_and_the_session_is_kept_alive() -> None:
    body = BodyComputer("kwp", session=0xC0)
    slow = Poll(b"\x21\x47", "BCM_LID_47", 4.5)
    with by_elm(body, KWP) as way, way.reader(KWP) as reader:
        end_s = way.now() + 14.0
        frames = []
        for item in poll_until(reader, [PollTarget(slow, 0x6F0)], lambda: way.now() >= end_s):
            assert isinstance(item, FrameBatch)
            frames.append(item)
            body.inputs = len(frames)
    assert [int(frame.payload[0, 2]) for frame in frames] == list(range(len(frames)))
    assert {int(frame.arbitration_id[0]) for frame in frames} == {0x6F0}
    steps = np.diff([float(frame.timestamp_s[0]) for frame in frames])
    assert all(4.0 < step < 5.1 for step in steps)
    assert b"\x3e" in body.asked


def test_polls_are_refused_as_soon_as_the_car_moves() -> None:
    body = BodyComputer("kwp", session=0xC0)
    with by_elm(body, KWP) as way, way.reader(KWP) as reader:
        polled = poll_until(reader, [PollTarget(DOORS, 0x6F0)], lambda: False)
        next(polled)
        body.speed_kmh = 12
        with pytest.raises(RequestRefusedError, match="moves"):
            list(polled)
        asked = len(body.asked)
    # Not even the way back to the default session is sent then; it ends by itself.
    assert len(body.asked) == asked


def test_over_a_can_adapter_inputs_are_polled_too_until_the_car_moves() -> None:
    body = BodyComputer("kwp", session=0xC0)
    quick = Poll(b"\x21\x47", "BCM_LID_47", 0.15)
    with by_can(body, KWP) as way, way.reader(KWP) as reader:
        polled = poll_until(reader, [PollTarget(quick, 0x6F0)], lambda: False)
        for inputs in (0x00, 0x00, 0x01):
            body.inputs = inputs
            frame = next(polled)
            assert isinstance(frame, FrameBatch)
            assert frame.payload[0, :3].tolist() == [0x61, 0x47, inputs]
        way.gate.note_speed(12.0)
        with pytest.raises(RequestRefusedError, match="moves"):
            list(polled)


def test_a_car_whose_engine_unit_sleeps_is_polled_on_the_users_word() -> None:
    body = BodyComputer("kwp", session=0xC0)
    body.speed_kmh = None
    with by_elm(body, KWP) as way, way.reader(KWP) as reader:
        end_s = way.now() + 6.0
        items = list(poll_until(reader, [PollTarget(DOORS, 0x6F0)], lambda: way.now() >= end_s))
    assert len(items) > 5


def test_a_poll_without_an_answer_is_a_gap_and_after_some_the_end() -> None:
    body = BodyComputer("kwp", session=0xC0)
    items = []
    with by_elm(body, KWP) as way, way.reader(KWP) as reader:
        polled = poll_until(reader, [PollTarget(DOORS, 0x6F0)], lambda: False)
        items.append(next(polled))
        body.refuses[0x21] = 0x11
        with pytest.raises(NegativeAnswerError):
            items.extend(polled)
    gaps = [item for item in items if isinstance(item, Gap)]
    assert len(gaps) == 4
    assert all(gap.keys == frozenset({0x6F0}) and gap.until_s > gap.at_s for gap in gaps)


def test_a_clone_that_cannot_be_told_whom_to_hear_is_refused() -> None:
    with (
        pytest.raises(BusError, match="cannot ask a control unit"),
        by_elm(BodyComputer(), UDS, Nature(unknown=frozenset({"ATCRA"}))),
    ):
        pass


def test_a_pulled_cable_is_an_error_and_no_answer_of_the_car() -> None:
    emulator = AdapterEmulator(ecu=BodyComputer().answer)
    port = EmulatedPort(emulator)
    gate = RequestGate(is_armed=True, stands=True, clock=port.now, sleep=port.sleep)
    requester = open_elm_requester(port, UDS, gate, bitrate=500_000)
    port.is_unplugged = True
    with pytest.raises(AdapterGoneError):
        requester.request(READ_CODES)


def test_an_unarmed_gate_opens_no_adapter_that_could_send() -> None:
    with pytest.raises(RequestRefusedError):
        open_requester("virtual", "nowhere", UDS, RequestGate(is_armed=False, stands=True))


def test_no_frame_but_a_request_that_passed_can_leave_a_can_adapter() -> None:
    channel = f"bcm-{next(NUMBERS)}"
    spy = can.Bus(interface="virtual", channel=channel)
    gate = RequestGate(is_armed=True, stands=True)
    requester = CanRequester(can.Bus(interface="virtual", channel=channel), UDS, gate)
    for payload in (b"\x30\x07\x00\x01", b"\x2e\xf1\x90" + bytes(20), b"\x14\xff\xff\xff"):
        with pytest.raises(RequestRefusedError):
            requester.request(payload)
    assert spy.recv(0.05) is None
    with pytest.raises(NoAnswerError):
        requester.request(b"\x22\xf1\x87")
    message = spy.recv(0.05)
    assert message is not None
    assert (message.arbitration_id, bytes(message.data)) == (0x745, b"\x03\x22\xf1\x87" + bytes(4))
    assert spy.recv(0.05) is None
    requester.close()
    spy.shutdown()


def test_codes_are_asked_for_as_udsoncan_asks() -> None:
    request = ReadDTCInformation.make_request(subfunction=2, status_mask=0xFF)
    assert request.get_payload() == READ_CODES


@given(
    st.lists(
        st.tuples(st.integers(1, 0xFFFF), st.integers(0, 0xFF), st.integers(0, 0xFF)), max_size=20
    )
)
def test_every_code_of_an_answer_is_read_with_its_failure_type_and_status(
    records: list[tuple[int, int, int]],
) -> None:
    answer = b"\x59\x02\xff" + b"".join(
        code.to_bytes(2, "big") + bytes((failure, status)) for code, failure, status in records
    )
    assert parse_codes(answer, 5.0) == tuple(
        TroubleCode(
            5.0, "bcm", spell_code(code >> 8, code & 0xFF), f"{failure:02X}", f"{status:02X}"
        )
        for code, failure, status in records
    )


@pytest.mark.parametrize("answer", ["59 02", "59 03 FF A5 62 16", "59 02 FF A5 62"])
def test_an_answer_of_another_form_is_an_error(answer: str) -> None:
    with pytest.raises(BusError, match="no list of codes"):
        parse_codes(bytes.fromhex(answer), 0.0)


@pytest.mark.parametrize(
    ("high", "low", "code"),
    [(0xA5, 0x62, "B2562"), (0x01, 0x71, "P0171"), (0xC1, 0x00, "U0100"), (0x5A, 0xBC, "C1ABC")],
)
def test_codes_are_spelt_as_people_write_them(high: int, low: int, code: str) -> None:
    assert spell_code(high, low) == code


def test_emissions_codes_come_in_pairs_and_zeros_are_none() -> None:
    assert list(read_obd_codes(bytes.fromhex("43020171A5620000"))) == ["P0171", "B2562"]
    assert list(read_obd_codes(bytes.fromhex("430171A562"))) == ["P0171", "B2562"]
    assert list(read_obd_codes(bytes.fromhex("43017100000000"))) == ["P0171"]
    assert list(read_obd_codes(b"\x43\x00")) == []


@pytest.mark.parametrize("length", [1, 8, 9, 64, 65])
def test_an_answer_is_one_frame_whole_up_to_64_bytes(length: int) -> None:
    answer = bytes(range(1, length + 1))
    frame = answer_frame(0x6F0 | EXTENDED_BIT, answer, 7.0)
    held = min(length, 64)
    assert frame.payload[0, :held].tobytes() == answer[:held]
    assert int(frame.length[0]) == held
    assert bool(frame.flags[0] & FrameFlag.FD) == (length > 8)
    assert frame.keys[0] == 0x6F0 | EXTENDED_BIT
