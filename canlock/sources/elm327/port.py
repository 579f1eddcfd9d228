"""The wire to the adapter: a serial port, a Bluetooth serial port or a socket, by pyserial.

Every byte that is written is noted as a `Sent`, so that the session log can hold it.
"""

from __future__ import annotations

import re
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from canlock.errors import BusError
from canlock.model.stream import Sent

if TYPE_CHECKING:
    import serial

FIRST_BAUDRATES: Final = (38_400, 115_200, 9_600, 500_000, 230_400, 57_600, 19_200, 1_000_000)
"""Rates at which an adapter may stand, the usual ones first (ELM327 data sheet: 38400 or 9600 out
of the box; STN chips and Bluetooth clones 115200)."""

SOCKET_BAUDRATE: Final = 38_400
"""Wi-Fi adapters do not tell the rate between their radio and their chip; the slow one is safe."""

SENT_LIMIT: Final = 4_096
"""Writes that are kept until somebody asks for them."""

_BITS_PER_BYTE: Final = 10
"""Start bit, eight bits, stop bit."""

_TICK_S: Final = 0.01
"""Longest single wait in the driver; a deadline is met by so much."""

_SOCKET_TICK_S: Final = 0.004
_SOCKET_CHUNK: Final = 256
"""A socket does not say how much waits: it is read until this is full or the tick is over."""

_WRITE_S: Final = 1.0


STOP: Final = b" "
"""Any byte stops a running monitor. A carriage return would repeat the last command, a space is
forgotten (ELM327 data sheet, "Interrupting")."""

_HARMLESS: Final = re.compile(
    rb"(AT(Z|WS|I|E0|L0|H1|S0|D[01]|AL|RV|MA|PPS|CEA|AMC|CTM1|CAF[01]|CSM1|CFC[01]|AT0|ST[0-9A-F]{2}"
    rb"|TP[6-9B]|PB[0-9A-F]{4}|C[FM]([0-9A-F]{3}|[0-9A-F]{8})|CRA([0-9A-F]{3}|[0-9A-F]{8})"
    rb"|CP[0-9A-F]{2}|SH([0-9A-F]{3}|[0-9A-F]{6})|FCSH([0-9A-F]{3}|[0-9A-F]{8})|FCSD[0-9A-F]{6}"
    rb"|FCSM1)|ST(I|M|FCP|FAP[0-9A-F]{3,8},[0-9A-F]{3,8}))\r"
)
"""All that canlock ever tells an adapter. Not among them: whatever sends (hexadecimal requests,
ATRTR, ATSI, ATFI, STPX), whatever is kept in its memory for good (ATPP, ATSP), and ATCSM0."""


def is_harmless(command: bytes) -> bool:
    """Say whether bytes for the adapter are known to put nothing on the bus."""
    return command == STOP or _HARMLESS.fullmatch(command) is not None


class AdapterGoneError(BusError):
    """The port failed: unplugged, out of range, or taken by another program."""


class AdapterPort:
    """An open port. One thread only."""

    def __init__(self, channel: str, baudrate: int | None = None) -> None:
        """Open it.

        Args:
            channel: `/dev/ttyUSB0`, `COM3`, `socket://192.168.0.10:35000`; `@115200` behind a
                device's name is its baud rate.
            baudrate: Bits a second on the wire; None: the first of `FIRST_BAUDRATES`, to be
                changed by whoever finds a better one.

        Raises:
            BusError: There is no such port, or it cannot be opened.
        """
        import serial

        self.channel, given = _split_channel(channel)
        self.is_baudrate_given = (baudrate or given) is not None
        self.is_socket = "://" in self.channel
        first = SOCKET_BAUDRATE if self.is_socket else FIRST_BAUDRATES[0]
        self._baudrate = baudrate or given or first
        self._sent: deque[Sent] = deque(maxlen=SENT_LIMIT)
        self._offset_s = time.time() - time.monotonic()
        try:
            self._serial: serial.Serial = serial.serial_for_url(
                self.channel,
                baudrate=self._baudrate,
                timeout=_SOCKET_TICK_S if self.is_socket else _TICK_S,
                write_timeout=_WRITE_S,
            )
        except (OSError, ValueError) as error:  # pyserial's own error is an OSError.
            raise BusError(f"{self.channel}: {_reason(error)}") from error

    @property
    def baudrate(self) -> int:
        """Bits a second on the wire."""
        return self._baudrate

    @property
    def byte_s(self) -> float:
        """How long one byte takes on the wire."""
        return _BITS_PER_BYTE / self._baudrate

    def now(self) -> float:
        """Return the wall clock's time, which never steps while the port is open."""
        return self._offset_s + self.tick()

    def tick(self) -> float:
        """Return seconds of a clock that only goes forward, for waits."""
        return time.monotonic()

    def sleep(self, duration_s: float) -> None:
        """Wait, while the adapter goes on."""
        time.sleep(duration_s)

    def set_baudrate(self, baudrate: int) -> None:
        """Change the rate of this end.

        Raises:
            AdapterGoneError: The port does not take it.
        """
        try:
            self._serial.baudrate = baudrate
        except (OSError, ValueError) as error:
            raise AdapterGoneError(f"{self.channel}: {_reason(error)}") from error
        self._baudrate = baudrate

    def write(self, command: bytes) -> None:
        """Write a command that ends in the adapter, and note it.

        Raises:
            BusError: It is none: it would put something on the bus, or is not known to keep off it.
            AdapterGoneError: The port failed.
        """
        if not is_harmless(command):
            raise BusError(f"{self.channel}: {command!r} is no command of a listener; not sent")
        self._write(command)

    def write_request(self, request: bytes) -> None:
        """Write what the adapter puts on the bus, and note it.

        For the room behind the gate alone, see `canlock.sources.obd`: everyone else only listens.

        Raises:
            AdapterGoneError: The port failed.
        """
        self._write(request)

    def _write(self, data: bytes) -> None:
        self._sent.append(Sent(self.now(), data))
        try:
            self._serial.write(data)
        except OSError as error:
            raise AdapterGoneError(f"{self.channel}: {_reason(error)}") from error

    def read(self, timeout_s: float) -> bytes:
        """Return what has come, at the latest when the time is over; nothing where nothing came.

        Raises:
            AdapterGoneError: The port failed.
        """
        deadline = time.monotonic() + timeout_s
        try:
            while True:
                if chunk := self._read_some(may_wait=timeout_s > 0):
                    return chunk
                if time.monotonic() >= deadline:
                    return b""
        except (OSError, TypeError) as error:  # pyserial trips over a port closed by another.
            raise AdapterGoneError(f"{self.channel}: {_reason(error)}") from error

    def _read_some(self, *, may_wait: bool) -> bytes:
        waiting = int(self._serial.in_waiting)
        if self.is_socket:
            return bytes(self._serial.read(_SOCKET_CHUNK)) if waiting or may_wait else b""
        if not waiting and not may_wait:
            return b""
        chunk = bytes(self._serial.read(waiting or 1))
        if chunk and not waiting:
            chunk += bytes(self._serial.read(self._serial.in_waiting))
        return chunk

    def take_sent(self) -> list[Sent]:
        """Return what has been written since the last time."""
        taken = list(self._sent)
        self._sent.clear()
        return taken

    def close(self) -> None:
        """Close it. Never raises."""
        with suppress(OSError, TypeError):
            self._serial.close()


def _split_channel(channel: str) -> tuple[str, int | None]:
    """Return the port and the rate that may stand behind its name."""
    name, mark, rate = channel.rpartition("@")
    if mark and rate.isdigit() and "://" not in channel:
        return name, int(rate)
    return channel, None


def _reason(error: Exception) -> str:
    """Return in a few words what is the matter with a port."""
    if isinstance(error, FileNotFoundError) or "No such file" in str(error):
        return "no such port; is the adapter plugged in?"
    if isinstance(error, PermissionError) or "Permission denied" in str(error):
        return "not allowed; on Linux: add yourself to the group `dialout` and log in again"
    if "could not open port" in str(error) or "Could not open port" in str(error):
        return f"cannot be opened: {str(error).rpartition(': ')[2]}"
    return next(iter(str(error).splitlines()), "") or type(error).__name__
