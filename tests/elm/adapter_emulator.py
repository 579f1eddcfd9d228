"""An ELM327 (or STN, or clone) of our own: bytes in, bytes out at the rate of its line.

Time is handed in, so that it runs over a pseudo-terminal in real time and in a test as fast as the
machine can. It keeps account of every frame that it put on the bus and of every acknowledgement.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heapreplace

BUFFER_BYTES = 512
RESET_S = 0.5
COMMAND_S = 0.002
ANSWER_S = 0.03
"""A control unit answers a request after so long."""

QUIET_S = 0.05
"""So long after the last answer the adapter gives its prompt."""

BROADCAST = 0x7DF
ENGINE_ANSWERS = 0x7E8
CONSECUTIVE_S = 0.002
HEX = re.compile(r"[0-9A-F]+")


@dataclass(frozen=True)
class BusFrame:
    """What the bus carries."""

    id: int
    data: bytes
    is_extended: bool = False


@dataclass(frozen=True)
class Nature:
    """What kind of adapter it is."""

    banner: str = "ELM327 v1.5"
    description: str = "OBDII to RS232 Interpreter"
    stn: str | None = None
    unknown: frozenset[str] = frozenset()
    """Commands, or their beginnings, that it answers with `?`."""

    cannot_stop_echo: bool = False
    has_spaces_always: bool = False
    forgets_dlc: bool = False
    """It says OK to ATD1 and prints no length digit."""

    ignores_filters: bool = False
    """It says OK to a filter and lets everything through."""

    voltage: str = "12.4V"
    drop_chance: float = 0.0
    """Of one byte to be lost on the way."""

    nul_chance: float = 0.0
    wrong_chance: float = 0.0
    """Of one byte to come out as another, 8 bits wide."""

    has_linefeeds: bool = False


Ecu = Callable[[int, bytes], list[bytes]]
"""A control unit: request id and payload to the payloads of its answers."""


@dataclass
class _Settings:
    echo: bool = True
    headers: bool = False
    spaces: bool = True
    dlc: bool = False
    formatting: bool = True
    silent: bool = True
    flow_control: bool = True
    filter: tuple[int, int] = (0, 0)
    receive: int | None = None
    exact: list[tuple[int, int]] | None = None
    header: int = 0x7DF
    protocol: str = "0"


def cyclic(
    messages: Iterable[tuple[float, BusFrame]], *, until_s: float = 1e9, phase_s: float = 0.0
) -> Iterator[tuple[float, BusFrame]]:
    """Yield frames by (period, frame), each with a phase of its own."""
    queue = [
        (phase_s + period_s * (index * 0.37 % 1.0), index, period_s, frame)
        for index, (period_s, frame) in enumerate(messages)
    ]
    heapify(queue)
    while queue and queue[0][0] < until_s:
        at_s, index, period_s, frame = queue[0]
        yield at_s, frame
        heapreplace(queue, (at_s + period_s, index, period_s, frame))


@dataclass
class AdapterEmulator:
    """The chip. `traffic` is in the emulator's own time, which begins at 0."""

    nature: Nature = field(default_factory=Nature)
    baudrate: int = 38_400
    traffic: Iterable[tuple[float, BusFrame]] = ()
    ecu: Ecu | None = None
    fails_after: int | None = None
    """So many monitored frames after which the bus cannot be read any more."""

    seed: int = 1

    def __post_init__(self) -> None:
        self.sent_frames: list[tuple[int, bytes]] = []
        self.acknowledged = 0
        self.shown = 0
        self.overflows = 0
        self.commands: list[str] = []
        self.received = bytearray()
        self.supply_broken = False
        self._random = random.Random(self.seed)
        self._settings = _Settings(echo=True)
        self._frames = iter(self.traffic)
        self._next = next(self._frames, None)
        self._now = 0.0
        self._line_at = 0.0
        self._pending: deque[int] = deque()
        self._input = bytearray()
        self._is_monitoring = False
        self._busy: deque[tuple[float, bytes]] = deque()

    # --- The outside -----------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Take bytes from the host, now."""
        self.received += data
        for byte in data:
            if self._is_monitoring:
                self._is_monitoring = False
                self._say("STOPPED", ends=True)
                continue
            if byte == 0x0D:
                command = bytes(self._input).decode("latin-1").replace(" ", "").upper()
                self._input.clear()
                if self._settings.echo or self.nature.cannot_stop_echo:
                    self._put(command.encode("latin-1") + b"\r")
                self.commands.append(command)
                self._do(command)
            elif byte != 0x20 or self._input:
                self._input.append(byte)

    def run_until(self, now: float) -> bytes:
        """Return what the line carries up to a time."""
        out = bytearray()
        while True:
            frame_at = self._next[0] if self._next else None
            busy_at = self._busy[0][0] if self._busy else None
            at = min((t for t in (frame_at, busy_at) if t is not None), default=None)
            if at is None or at > now:
                break
            out += self._carry(max(at, self._now))
            if busy_at is not None and busy_at == at:
                self._put(self._busy.popleft()[1])
            else:
                assert self._next is not None
                frame = self._next[1]
                self._next = next(self._frames, None)
                self._hear(frame)
        out += self._carry(now)
        return bytes(out)

    # --- The line --------------------------------------------------------------------------------

    def _carry(self, now: float) -> bytes:
        """Return the bytes that the line has carried by a time."""
        byte_s = 10 / self.baudrate
        if not self._pending:
            self._line_at = max(self._line_at, now)
        out = bytearray()
        while self._pending and self._line_at + byte_s <= now:
            self._line_at += byte_s
            byte = self._pending.popleft()
            if self._random.random() < self.nature.drop_chance:
                continue
            if self._random.random() < self.nature.nul_chance:
                out.append(0)
            if self._random.random() < self.nature.wrong_chance:
                byte = self._random.randrange(128, 256)
            out.append(byte)
        self._now = max(self._now, now)
        return bytes(out)

    def _put(self, data: bytes) -> None:
        if not self._pending:
            self._line_at = max(self._line_at, self._now)
        self._pending.extend(data)

    def _end_of_line(self) -> bytes:
        return b"\r\n" if self.nature.has_linefeeds else b"\r"

    def _say(self, *lines: str, ends: bool = True, after_s: float = 0.0) -> None:
        end = self._end_of_line()
        data = b"".join(line.encode("ascii") + end for line in lines)
        if ends:
            data += end + b">"
        if after_s:
            self._busy.append((self._now + after_s, data))
        else:
            self._put(data)

    # --- The bus ---------------------------------------------------------------------------------

    def _hear(self, frame: BusFrame) -> None:
        if not self._is_monitoring:
            return
        if not self._settings.silent:
            self.acknowledged += 1
        if not self._passes(frame):
            return
        if self.fails_after is not None and self.shown >= self.fails_after:
            self._is_monitoring = False
            self._say("CAN ERROR")
            return
        line = self._format(frame).encode("ascii")
        if self._settings.formatting and not _is_formatted(frame.data):
            line += b" <DATA ERROR"
        line += self._end_of_line()
        room = BUFFER_BYTES - len(self._pending)
        if len(line) > room:
            self.overflows += 1
            self._is_monitoring = False
            self._put(line[: max(room, 0)])
            self._say("BUFFER FULL")
            return
        self.shown += 1
        self._put(line)

    def _passes(self, frame: BusFrame) -> bool:
        if self.nature.ignores_filters:
            return True
        if self._settings.exact is not None:
            masks = self._settings.exact
            return not masks or any(not (frame.id ^ i) & m for i, m in masks)
        i, m = self._settings.filter
        return not (frame.id ^ i) & m

    def _format(self, frame: BusFrame) -> str:
        parts = [f"{frame.id:08X}" if frame.is_extended else f"{frame.id:03X}"]
        if self._settings.dlc and not self.nature.forgets_dlc:
            parts.append(f"{len(frame.data):X}")
        parts += [f"{byte:02X}" for byte in frame.data]
        is_spaced = self._settings.spaces or self.nature.has_spaces_always
        return (" " if is_spaced else "").join(parts)

    # --- Commands --------------------------------------------------------------------------------

    def _do(self, command: str) -> None:
        if any(command.startswith(one) for one in self.nature.unknown):
            self._say("?", after_s=COMMAND_S)
        elif command.startswith("AT"):
            self._do_at(command[2:])
        elif command.startswith("ST") and self.nature.stn:
            self._do_st(command[2:])
        elif command and HEX.fullmatch(command) and len(command) % 2 == 0:
            self._request(bytes.fromhex(command))
        else:
            self._say("?", after_s=COMMAND_S)

    def _do_at(self, what: str) -> None:
        settings = self._settings
        switches = {
            "E": "echo", "H": "headers", "S": "spaces", "D": "dlc",
            "CAF": "formatting", "CSM": "silent", "CFC": "flow_control",
        }  # fmt: skip
        texts = {
            "I": self.nature.banner,
            "@1": self.nature.description,
            "RV": self.nature.voltage,
            "DPN": "A6" if settings.protocol == "0" else settings.protocol,
            "IGN": "ON",
        }
        if what in ("Z", "WS"):
            self._settings = _Settings()
            self._say("", self.nature.banner, after_s=RESET_S)
        elif what == "MA":
            self._is_monitoring = True
        elif what in texts:
            self._say(texts[what], after_s=COMMAND_S)
        elif what[:-1] in switches and what[-1] in "01":
            setattr(settings, switches[what[:-1]], what[-1] == "1")
            self._say("OK", after_s=COMMAND_S)
        else:
            self._set(what)

    def _set(self, what: str) -> None:
        settings = self._settings
        if match := re.fullmatch(r"CF([0-9A-F]{3}|[0-9A-F]{8})", what):
            settings.filter, settings.receive = (int(match[1], 16), settings.filter[1]), None
        elif match := re.fullmatch(r"CM([0-9A-F]{3}|[0-9A-F]{8})", what):
            settings.filter, settings.receive = (settings.filter[0], int(match[1], 16)), None
        elif match := re.fullmatch(r"CRA([0-9A-F]{3}|[0-9A-F]{8})?", what):
            # It is the same filter, set to one id; the next ATCF and ATCM undo it.
            settings.receive = int(match[1], 16) if match[1] else None
            settings.filter = (settings.receive or 0, 0x1FFF_FFFF if match[1] else 0)
        elif match := re.fullmatch(r"SH([0-9A-F]{3}|[0-9A-F]{6})", what):
            settings.header = int(match[1], 16)
        elif match := re.fullmatch(r"[ST]P(A?[0-9A-C])", what):
            settings.protocol = match[1]
        elif not re.fullmatch(
            r"L[01]|AL|AR|PB[0-9A-F]{4}|ST[0-9A-F]{2}|AT[012]|FCS[HD][0-9A-F]+|FCSM[012]|D|PC|V[01]"
            r"|PPS|FE|CEA|AMC|CTM[15]",
            what,
        ):
            self._say("?", after_s=COMMAND_S)
            return
        self._say("OK", after_s=COMMAND_S)

    def _do_st(self, what: str) -> None:
        if what in ("I", "DI"):
            self._say(self.nature.stn or "", after_s=COMMAND_S)
        elif what == "M":
            self._is_monitoring = True
        elif what == "FCP":
            self._settings.exact = []
            self._say("OK", after_s=COMMAND_S)
        elif match := re.fullmatch(r"FAP([0-9A-F]+),([0-9A-F]+)", what):
            self._settings.exact = [
                *(self._settings.exact or []), (int(match[1], 16), int(match[2], 16))
            ]  # fmt: skip
            self._say("OK", after_s=COMMAND_S)
        else:
            self._say("?", after_s=COMMAND_S)

    # --- Requests --------------------------------------------------------------------------------

    def _request(self, payload: bytes) -> None:
        """Put a request on the bus and print what a control unit answers, as ATCAF1 ATH1 does."""
        header = self._settings.header
        self.sent_frames.append((header, bytes([len(payload)]) + payload))
        answers = self.ecu(header, payload) if self.ecu is not None else []
        answering = ENGINE_ANSWERS if header == BROADCAST else header + 8
        response = self._settings.receive if self._settings.receive is not None else answering
        lines = []
        for answer in answers:
            frames = list(_segments(answer))
            if len(frames) > 1:
                self.sent_frames.append((header, b"\x30\x00\x00"))
            lines += [self._format(BusFrame(response, frame)) for frame in frames]
        if lines:
            self._say(*lines, after_s=ANSWER_S + CONSECUTIVE_S * len(lines))
        else:
            is_searching = self._settings.protocol == "0"
            text = "UNABLE TO CONNECT" if is_searching else "NO DATA"
            self._say(text, after_s=ANSWER_S + QUIET_S)


def _is_formatted(data: bytes) -> bool:
    """Say whether a frame is one of ISO 15765-2, as an adapter with ATCAF1 expects."""
    return bool(data) and data[0] >> 4 < 4 and (data[0] >> 4 > 0 or 0 < data[0] < len(data))


def _segments(payload: bytes) -> Iterator[bytes]:
    """Yield an answer's frames by ISO 15765-2, padded."""
    if len(payload) < 8:
        yield (bytes([len(payload)]) + payload).ljust(8, b"\0")
        return
    yield bytes([0x10 | len(payload) >> 8, len(payload) & 0xFF]) + payload[:6]
    for number, start in enumerate(range(6, len(payload), 7), 1):
        yield (bytes([0x20 | number & 0xF]) + payload[start : start + 7]).ljust(8, b"\0")
