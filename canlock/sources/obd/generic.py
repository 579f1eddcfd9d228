"""What any car since about 2001 tells through its socket, by python-OBD: the emissions side.

python-OBD is not passive: connecting already sends `0100`. So it runs behind the gate, and what it
is known to get wrong is read here from the bytes of the answers instead: a VIN loses trailing
letters, and a car that does not answer looks like a car without codes.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from canlock.errors import BusError
from canlock.model.stream import TroubleCode
from canlock.sources.elm327.adapter import find_adapter
from canlock.sources.elm327.port import AdapterPort
from canlock.sources.obd.codes import read_obd_codes
from canlock.sources.obd.gate import RequestGate, RequestRefusedError
from canlock.sources.obd.protocol_guarded import forget_name, guarded_name
from canlock.sources.obd.readiness import Readiness, read_readiness
from canlock.sources.obd.transport import FIRST, Reassembly

if TYPE_CHECKING:
    import obd

VIN_LETTERS: Final = 17
ENGINE: Final = "engine"
PENDING: Final = "04"
"""Status byte of a code that was seen once: the pending bit of ISO 14229-1."""

CONFIRMED: Final = "08"
ADAPTERS_FLOW_CONTROL: Final = b"\x30\x00\x00"
"""What an ELM327 sends by itself when an answer has several frames (its data sheet, ATCFC1)."""

_ANSWER_BIT: Final = 0x40
_CAN_PROTOCOLS: Final = ("6", "7", "8", "9")
_STANDARD_DIGITS: Final = 3
_EXTENDED_DIGITS: Final = 8
_FRAME: Final = re.compile(r"[0-9A-Fa-f]{9,}")
_PAD: Final = b"\x00\x55\xaa\xff"


@dataclass(frozen=True, slots=True)
class GenericReading:
    """What the car told; None where it did not answer, which is not the same as nothing."""

    volts: float | None
    protocol: str | None
    """How the car is spoken to; None: it does not answer at all."""

    vin: str | None
    speed_kmh: float | None
    stored: tuple[TroubleCode, ...] | None
    pending: tuple[TroubleCode, ...] | None
    readiness: Readiness | None


def is_installed() -> bool:
    """Say whether python-OBD, the extra `obd`, is there."""
    from importlib.util import find_spec

    return find_spec("obd") is not None


def read_generic(
    channel: str,
    gate: RequestGate,
    *,
    baudrate: int | None = None,
    clock: Callable[[], float] = time.time,
) -> GenericReading:
    """Ask the car everything that any car tells.

    Args:
        channel: The adapter's port.
        gate: Armed, or nothing goes out.
        baudrate: Of the serial line; None: python-OBD finds it.
        clock: Seconds, the wall clock's.

    Raises:
        BusError: No adapter answers, it went away, or python-OBD is not installed.
        RequestRefusedError: The gate is shut, or the car began to move.
    """
    if not is_installed():
        raise BusError("reading codes needs python-OBD: pip install 'canlock[obd]'")
    # Asked here once: behind python-OBD a refusal would only look like a silent car.
    gate.check(b"\x01\x0d", is_obd=True)
    # python-OBD tries for two minutes where nothing answers; this takes some seconds.
    channel, baudrate = _find(channel, gate, baudrate)
    with _connection(channel, gate, baudrate) as connection:
        return _Asking(connection, gate, clock).read()


def mask_vin(vin: str) -> str:
    """Return a VIN that does not tell whose car it is: maker and model year stay."""
    return vin[:3] + "*" * 6 + vin[9:10] + "*" * (len(vin) - 10)


def _find(channel: str, gate: RequestGate, baudrate: int | None) -> tuple[str, int]:
    """Return the port's own name and the rate at which an adapter answers behind it.

    Raises:
        BusError: None does.
    """
    port = AdapterPort(channel, baudrate)
    try:
        find_adapter(port)
    finally:
        for item in port.take_sent():
            gate.note_sent(item)
        port.close()
    return port.channel, port.baudrate


@contextmanager
def _connection(channel: str, gate: RequestGate, baudrate: int) -> Iterator[obd.OBD]:
    import obd

    obd.logger.setLevel(logging.CRITICAL + 1)  # What goes wrong is told by an error.
    name = guarded_name(channel, gate)
    connection = None
    try:
        try:
            connection = obd.OBD(name, baudrate=baudrate, fast=False, check_voltage=False)
        except Exception as error:
            # It raises whatever its serial port does, and more.
            raise BusError(f"{channel}: {type(error).__name__} while connecting") from error
        if connection.status() == obd.OBDStatus.NOT_CONNECTED:
            raise BusError(
                f"{channel}: no ELM327 answers; is it plugged into the car, and is it this port?"
            )
        yield connection
    finally:
        if connection is not None:
            _close_quietly(connection)
        forget_name(name)


def _close_quietly(connection: obd.OBD) -> None:
    try:
        connection.close()
    except Exception:
        return  # A pulled cable makes it trip over its own port.


class _Asking:
    """One car, asked one thing after the other."""

    def __init__(self, connection: obd.OBD, gate: RequestGate, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._gate = gate
        self._clock = clock

    def read(self) -> GenericReading:
        """Return everything."""
        import obd

        commands = obd.commands
        volts = self._value(commands.ELM_VOLTAGE)
        if not self._connection.is_connected():
            return GenericReading(volts, None, None, None, None, None, None)
        speed = self._payloads(commands.SPEED, 0x01)
        speed_kmh = float(max(one[2] for one in speed)) if speed else None
        if speed_kmh is not None:
            self._gate.note_speed(speed_kmh)
            if self._gate.is_moving:
                raise RequestRefusedError(
                    f"the car moves ({speed_kmh:.0f} km/h): nothing more is sent"
                )
        vin = next((_vin(one) for one in self._payloads(commands.VIN, 0x09) or ()), None)
        readiness = self._payloads(commands.STATUS, 0x01)
        return GenericReading(
            volts=volts,
            protocol=self._connection.protocol_name() or None,
            vin=vin,
            speed_kmh=speed_kmh,
            stored=self._codes(commands.GET_DTC, 0x03, CONFIRMED),
            pending=self._codes(commands.GET_CURRENT_DTC, 0x07, PENDING),
            readiness=read_readiness(readiness[0]) if readiness else None,
        )

    def _codes(
        self, command: obd.OBDCommand, service: int, status: str
    ) -> tuple[TroubleCode, ...] | None:
        payloads = self._payloads(command, service)
        if not payloads:
            return None
        at_s = self._clock()
        codes = dict.fromkeys(code for one in payloads for code in read_obd_codes(one))
        return tuple(TroubleCode(at_s, ENGINE, code, status=status) for code in codes)

    def _payloads(self, command: obd.OBDCommand, service: int) -> list[bytes]:
        """Return the whole answers to a request, service byte first; none where none came.

        A unit that says "wait" and then answers in one frame is lost on python-OBD: no answer.
        """
        found = []
        is_can = self._connection.protocol_id() in _CAN_PROTOCOLS
        for message in self._query(command).messages:
            if is_can and any(_is_first(frame) for frame in _frames(message)):
                self._gate.note_flow_control(ADAPTERS_FLOW_CONTROL)
            payload = _whole(message) if is_can else bytes(message.data)
            if len(payload) > 1 and payload[0] == service | _ANSWER_BIT:
                found.append(payload)
        return found

    def _value(self, command: obd.OBDCommand) -> float | None:
        value = self._query(command).value
        return None if value is None else float(value.magnitude)

    def _query(self, command: obd.OBDCommand) -> Any:  # noqa: ANN401 (python-OBD has no types)
        import obd

        refused = len(self._gate.refused)
        try:
            response = self._connection.query(command, force=True)
        except Exception as error:
            # The first query after unplugging raises a TypeError.
            raise BusError(f"the adapter went away ({type(error).__name__})") from error
        if len(self._gate.refused) > refused:
            raise RequestRefusedError(
                f"{self._gate.refused[-1].hex(' ').upper()}: not sent; the car moves, or it is "
                "not known that it stands"
            )
        if self._connection.status() == obd.OBDStatus.NOT_CONNECTED:
            raise BusError("the adapter went away")
        return response


def _whole(message: Any) -> bytes:  # noqa: ANN401 (python-OBD has no types)
    """Return an answer as it came: python-OBD cuts lists of codes by a count that may be absent."""
    reassembly = Reassembly()
    for frame in _frames(message):
        payload = reassembly.take(frame)
        if payload is not None:
            return payload
    return bytes(message.data)


def _frames(message: Any) -> Iterator[bytes]:  # noqa: ANN401 (python-OBD has no types)
    """Yield the bytes of an answer's frames, without their ids."""
    for frame in message.frames:
        digits = frame.raw.replace(" ", "")
        if not _FRAME.fullmatch(digits):
            continue  # `NO DATA` and the like come as frames, too.
        head = _STANDARD_DIGITS if len(digits) % 2 else _EXTENDED_DIGITS
        yield bytes.fromhex(digits[head:])


def _is_first(frame: bytes) -> bool:
    """Say whether a frame begins an answer of several, for the rest of which is asked."""
    return frame[0] >> 4 == FIRST


def _vin(payload: bytes) -> str | None:
    """Return the VIN of `49 02 01 ...`, whole: only padding before it is taken off."""
    text = payload[3:].lstrip(_PAD)[:VIN_LETTERS]
    if len(text) != VIN_LETTERS or not text.isalnum() or not text.isascii():
        return None
    return text.decode("ascii")
