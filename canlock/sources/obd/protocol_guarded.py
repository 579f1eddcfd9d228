"""A serial port with a guard: what python-OBD writes passes the gate, or never leaves.

pyserial finds this module by the beginning of a port's name, `guarded://`. A request that the gate
refuses is answered with `NO DATA`, as a car would that does not know it, and the wire stays still.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

from canlock.sources.obd.gate import RequestGate, RequestRefusedError

if TYPE_CHECKING:
    import serial

SCHEME: Final = "guarded"
_PREFIX: Final = f"{SCHEME}://"
_NO_DATA: Final = b"NO DATA\r\r>"
_UNKNOWN: Final = b"?\r\r>"

_HARMLESS_AT: Final = re.compile(
    r"(Z|WS|D|I|@1|RV|DP|DPN|E[01]|H[01]|L[01]|S[01]|D[01]|AL|AT[012]|ST[0-9A-F]{2}|CAF[01]"
    r"|SP[0-9A-C]|SPA[0-9A-C]|TP[0-9A-C]|SH7E0)"
)
"""Commands that end in the adapter; those that write its memory for good are not among them but
for SP, which python-OBD needs to find the protocol."""

_RATE_PROBE: Final = b"\x7f\x7f"
"""python-OBD's nonsense by which it finds the baud rate: two DELs, which are no command."""

_REQUEST: Final = re.compile(r"[0-9A-F]{2,}")

_wires: dict[str, RequestGate] = {}
_numbers = itertools.count()


def guarded_name(channel: str, gate: RequestGate) -> str:
    """Return the name by which pyserial opens a port behind a gate."""
    import serial

    package = __name__.rpartition(".")[0]
    if package not in serial.protocol_handler_packages:
        serial.protocol_handler_packages.append(package)
    token = str(next(_numbers))
    _wires[token] = gate
    return f"{_PREFIX}{token}/{channel}"


def forget_name(name: str) -> None:
    """Forget a gate, when its port is closed."""
    _wires.pop(name.removeprefix(_PREFIX).partition("/")[0], None)


class Serial:
    """Stands before a real port; pyserial makes it, python-OBD uses it."""

    def __init__(self, _port: None = None, **settings: Any) -> None:  # noqa: ANN401 (pyserial's)
        """Keep the settings for the port to come."""
        self.__dict__["_settings"] = settings
        self.__dict__["_inner"] = None
        self.__dict__["_gate"] = None
        self.__dict__["_answers"] = bytearray()
        self.__dict__["_line"] = bytearray()

    def __setattr__(self, name: str, value: Any) -> None:  # noqa: ANN401 (pyserial's)
        """Hand settings to the real port; `port` is what makes it."""
        if name == "port":
            self._make(value)
        else:
            setattr(self.__dict__["_inner"], name, value)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (pyserial's)
        """Hand everything else to the real port."""
        inner = self.__dict__["_inner"]
        if inner is None:
            raise AttributeError(name)
        return getattr(inner, name)

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read at once."""
        return len(self.__dict__["_answers"]) or int(self.__dict__["_inner"].in_waiting)

    def read(self, size: int = 1) -> bytes:
        """Return the guard's own answers first."""
        answers: bytearray = self.__dict__["_answers"]
        if answers:
            taken = bytes(answers[:size])
            del answers[:size]
            return taken
        return bytes(self.__dict__["_inner"].read(size))

    def write(self, data: bytes) -> int:
        """Let through what the gate lets through, one command at a time."""
        line: bytearray = self.__dict__["_line"]
        for byte in data:
            line.append(byte)
            if byte == ord("\r"):
                self._pass(bytes(line[:-1]))
                line.clear()
        return len(data)

    def _make(self, name: str) -> None:
        import serial

        token, _, channel = name.removeprefix(_PREFIX).partition("/")
        self.__dict__["_gate"] = _wires[token]
        inner: serial.Serial = serial.serial_for_url(
            channel, do_not_open=True, **self.__dict__["_settings"]
        )
        self.__dict__["_inner"] = inner

    def _pass(self, command: bytes) -> None:
        gate: RequestGate = self.__dict__["_gate"]
        text = command.decode("latin-1").replace(" ", "").upper()
        if command == _RATE_PROBE or (text[:2] == "AT" and _HARMLESS_AT.fullmatch(text[2:])):
            gate.note_command(command + b"\r")
        elif _REQUEST.fullmatch(text):
            # An odd digit behind a request tells the adapter how many frames to wait for.
            try:
                gate.pass_request(bytes.fromhex(text[: len(text) // 2 * 2]), is_obd=True)
            except RequestRefusedError:
                self.__dict__["_answers"] += _NO_DATA
                return
        else:
            # An empty line would repeat the last request past the gate.
            self.__dict__["_answers"] += _UNKNOWN
            return
        self.__dict__["_inner"].write(command + b"\r")
