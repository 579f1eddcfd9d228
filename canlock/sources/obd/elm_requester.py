"""Asking a control unit through an ELM327: the adapter adds the frame's length and flow control."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from canlock.errors import BusError
from canlock.model.vehicle import BcmAccess
from canlock.sources.elm327.adapter import Adapter, start_up
from canlock.sources.elm327.exchange import ask_twice, ensure, interrupt
from canlock.sources.elm327.lines import LineCutter, MonitoredFrame, read_line
from canlock.sources.elm327.port import AdapterPort, is_harmless
from canlock.sources.obd.gate import RequestGate
from canlock.sources.obd.requester import (
    ANSWER_S,
    ENGINE,
    PATIENT_S,
    PENDING_LIMIT,
    SPEED,
    NegativeAnswerError,
    NoAnswerError,
    is_pending,
    judge_answer,
    speed_of,
)
from canlock.sources.obd.transport import FIRST, Reassembly

FLOW_CONTROL: Final = bytes((0x30, 0x00, 0x00))
"""Send the rest, all of it, as fast as you like."""

_EACH_TIME: Final = (
    "ATCAF1",
    "ATCFC1",
    "ATD0",  # Some print no length digit all the same; an answer tells its length itself.
)
"""What listening sets otherwise."""

_ONCE: Final = (
    "ATFCSM1",
    "ATAT0",
    "ATST32",  # 0.2 s of quiet end an answer; the chip counts in 4 ms.
)

_HIGHEST_STANDARD: Final = 0x7FF
_SLACK_S: Final = 0.5
"""For the adapter's own wait at the end of an answer, and for the line."""


def open_requester(
    port: AdapterPort, access: BcmAccess, gate: RequestGate, *, bitrate: int
) -> ElmRequester:
    """Start the adapter behind a port and have it ask one control unit.

    Raises:
        BusError: No adapter answers, or it cannot do it.
    """
    adapter = start_up(port, bitrate, is_extended=access.request > _HIGHEST_STANDARD)
    requester = ElmRequester(port, adapter, access, gate)
    requester.prepare()
    return requester


class ElmRequester:
    """A control unit behind an ELM327, which `prepare` takes over from whoever listens."""

    def __init__(
        self, port: AdapterPort, adapter: Adapter, access: BcmAccess, gate: RequestGate
    ) -> None:
        """Take a started adapter that receives ids of this width."""
        self._port = port
        self._gate = gate
        self._access = access
        self._form = replace(adapter.form, has_dlc=False)
        self._is_prepared = False
        self._has_flow_control = True

    def prepare(self) -> None:
        """Set the adapter up for asking; again where it has listened since.

        Raises:
            BusError: It cannot do it.
        """
        self._note_commands()
        commands = list(_EACH_TIME)
        if not self._is_prepared:
            commands += [
                *_header_commands(self._access.request),
                f"ATFCSH{_digits(self._access.request)}",
                f"ATFCSD{FLOW_CONTROL.hex().upper()}",
                *_ONCE,
            ]
        commands.append(f"ATCRA{_digits(self._access.response)}")
        refused = [command for command in commands if not ask_twice(self._port, command).is_ok]
        self._note_commands()
        # Without the receive filter or the framing the answers would be somebody else's, or none.
        if any(command.startswith(("ATSH", "ATCRA", "ATCAF")) for command in refused):
            raise BusError(
                f"{self._port.channel}: the adapter does not know {', '.join(refused)}, so it "
                "cannot ask a control unit"
            )
        self._has_flow_control &= not any(command.startswith("ATFC") for command in refused)
        self._is_prepared = True

    def request(self, payload: bytes) -> bytes:
        """Ask and return the positive answer, see `Requester`."""
        if not self._is_prepared:
            self.prepare()  # The adapter may still be set up for another unit.
        self._gate.pass_request(payload, is_obd=False)
        try:
            return self._ask(payload, self._access.response)
        finally:
            self._note_commands()

    def watch_speed(self) -> None:
        """Ask the engine's control unit how fast the car is, see `Requester`."""
        if self._access.request > _HIGHEST_STANDARD:
            return  # The rest of the car speaks with long ids too; its speed is asked otherwise.
        self._gate.check(SPEED, is_obd=True)
        request, response = ENGINE
        try:
            for command in (f"ATSH{request:03X}", f"ATCRA{response:03X}"):
                if not ensure(self._port, command):
                    return  # Who would be asked, or heard, is not known.
            self._gate.pass_request(SPEED, is_obd=True)
            speed_kmh = speed_of(self._ask(SPEED, response))
        except (NoAnswerError, NegativeAnswerError):
            return
        finally:
            for command in (
                *_header_commands(self._access.request),
                f"ATCRA{_digits(self._access.response)}",
            ):
                self._is_prepared &= ensure(self._port, command)
            self._note_commands()
        if speed_kmh is not None:
            self._gate.note_speed(speed_kmh)

    def _ask(self, payload: bytes, response: int) -> bytes:
        self._port.write_request(payload.hex().upper().encode("ascii") + b"\r")
        cutter = LineCutter()
        reassembly = Reassembly()
        deadline = self._port.tick() + ANSWER_S + _SLACK_S
        patience = PENDING_LIMIT
        outcome: bytes | NegativeAnswerError | None = None
        while (left_s := deadline - self._port.tick()) > 0:
            for line in cutter.feed(self._port.read(left_s)):
                if line.is_prompt:
                    return _settle(payload, response, outcome)
                answer = self._take(line.text, response, reassembly)
                if answer is None or outcome is not None:
                    continue
                if is_pending(payload, answer) and patience:
                    patience -= 1
                    deadline = self._port.tick() + PATIENT_S
                else:
                    outcome = _judge(payload, answer)
        # Its prompt did not come: it must not be in the way of the next request.
        interrupt(self._port)
        return _settle(payload, response, outcome)

    def close(self) -> None:
        """Close the port."""
        self._port.close()

    def _note_commands(self) -> None:
        """Write down what ended in the adapter; what went on the bus the gate has written down."""
        for item in self._port.take_sent():
            if is_harmless(item.payload):
                self._gate.note_sent(item)

    def _take(self, text: bytes, response: int, reassembly: Reassembly) -> bytes | None:
        reading = read_line(text, self._form)
        if not isinstance(reading, MonitoredFrame):
            return None
        if reading.arbitration_id != response:
            return None
        if reading.data and reading.data[0] >> 4 == FIRST and self._has_flow_control:
            self._gate.note_flow_control(FLOW_CONTROL)
        return reassembly.take(reading.data)


def _judge(payload: bytes, answer: bytes) -> bytes | NegativeAnswerError | None:
    """Judge now, to be told at the prompt: a request before it would cut the adapter off."""
    try:
        return judge_answer(payload, answer)
    except NegativeAnswerError as error:
        return error


def _settle(payload: bytes, response: int, outcome: bytes | NegativeAnswerError | None) -> bytes:
    """Return the answer, or raise.

    A unit that asked for patience may have outlasted the adapter's: then there is no answer, and
    asking again would only make it begin anew.
    """
    if isinstance(outcome, NegativeAnswerError):
        raise outcome
    if outcome is None:
        raise NoAnswerError(f"no answer from 0x{response:X} to {payload.hex(' ').upper()}")
    return outcome


def _digits(number: int) -> str:
    return f"{number:03X}" if number <= _HIGHEST_STANDARD else f"{number:08X}"


def _header_commands(request: int) -> list[str]:
    """Return what sets the id of a request; a 29-bit one has its first five bits apart."""
    if request <= _HIGHEST_STANDARD:
        return [f"ATSH{request:03X}"]
    return [f"ATCP{request >> 24:02X}", f"ATSH{request & 0xFF_FFFF:06X}"]
