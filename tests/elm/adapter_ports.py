"""Two ways to an emulated adapter: a pseudo-terminal in real time, a port in a time of its own."""

from __future__ import annotations

import os
import socket
import threading
import time
import tty
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from types import TracebackType
from typing import Self

from canlock.model.stream import Sent
from canlock.sources.elm327.port import AdapterGoneError, AdapterPort
from elm.adapter_emulator import AdapterEmulator, BusFrame, Ecu

STEP_S = 0.002
PATIENCE_S = 20.0


class PtyAdapter:
    """An emulator behind a pseudo-terminal, in a thread of its own, at the rate of its line."""

    def __init__(self, emulator: AdapterEmulator) -> None:
        self.emulator = emulator
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        begun = time.monotonic()
        while not self._stop.wait(STEP_S):
            now = time.monotonic() - begun
            try:
                out = self.emulator.run_until(now)
                if out:
                    os.write(self._master, out)
                try:
                    data = os.read(self._master, 4096)
                except BlockingIOError:
                    continue
            except OSError:
                return
            self.emulator.write(data)

    def unplug(self) -> None:
        """Pull the cable."""
        self._stop.set()
        self._thread.join()
        for descriptor in (self._master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)
        self._master = self._slave = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.unplug()


class Forgetful(AdapterEmulator):
    """An adapter that does not hear every command."""

    def __init__(
        self,
        deaf_to: Mapping[str, Collection[int]],
        traffic: Iterable[tuple[float, BusFrame]] = (),
        ecu: Ecu | None = None,
    ) -> None:
        """Note which.

        Args:
            deaf_to: By command, the how-manieth times it is given, from 0, that get no answer.
            traffic: As of the emulator.
            ecu: As of the emulator.
        """
        super().__init__(traffic=traffic, ecu=ecu)
        self.deaf_to = deaf_to

    def _do(self, command: str) -> None:
        number = self.commands.count(command) - 1
        if number not in self.deaf_to.get(command, ()):
            super()._do(command)


class Late(AdapterEmulator):
    """An adapter one of whose answers comes late, as over a Bluetooth link that hangs."""

    def __init__(self, command: str, late_s: float, ecu: Ecu | None = None) -> None:
        """Note which: the first to a command, and by how much."""
        super().__init__(ecu=ecu)
        self._late_command = command
        self._late_s = late_s

    def _do(self, command: str) -> None:
        super()._do(command)
        if command == self._late_command and self.commands.count(command) == 1:
            at_s, data = self._busy.pop()
            self._busy.append((at_s + self._late_s, data))


class EmulatedPort(AdapterPort):
    """An adapter port whose wire ends in an emulator; time passes only by waiting."""

    def __init__(self, emulator: AdapterEmulator, *, offset_s: float = 0.0) -> None:
        self.emulator = emulator
        self.channel = "emulated"
        self.is_baudrate_given = True
        self.is_socket = False
        self.is_unplugged = False
        self.log: list[Sent] = []
        self._baudrate = emulator.baudrate
        self._offset_s = offset_s
        self._time_s = 0.0
        self._sent = deque()
        self._held = b""

    def tick(self) -> float:
        return self._time_s

    def sleep(self, duration_s: float) -> None:
        # What comes meanwhile waits in the driver's buffer.
        self._held = self._held + self._step(duration_s)

    def set_baudrate(self, baudrate: int) -> None:
        self._baudrate = baudrate

    def _write(self, data: bytes) -> None:
        self._check()
        self.log.append(Sent(self.now(), data))
        self._sent.append(self.log[-1])
        self._held = self._held + self._step(len(data) * self.byte_s)
        self.emulator.write(data)

    def read(self, timeout_s: float) -> bytes:
        self._check()
        deadline = self._time_s + timeout_s
        chunk = self._held
        self._held = b""
        while not chunk and self._time_s < deadline:
            chunk = self._step(min(STEP_S, deadline - self._time_s))
        return chunk

    def close(self) -> None:
        pass

    def _check(self) -> None:
        if self.is_unplugged:
            raise AdapterGoneError("emulated: gone")

    def _step(self, duration_s: float) -> bytes:
        self._time_s += duration_s
        if self._baudrate != self.emulator.baudrate:
            return b"\xff" * (self.emulator.run_until(self._time_s) != b"")
        return self.emulator.run_until(self._time_s)


class TcpAdapter(PtyAdapter):
    """An emulator behind a TCP port of this host, as Wi-Fi adapters have one: for one client."""

    def __init__(self, emulator: AdapterEmulator) -> None:
        self.emulator = emulator
        self._server = socket.create_server(("127.0.0.1", 0))
        self.path = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._server.settimeout(PATIENCE_S)
        client, _ = self._server.accept()
        client.setblocking(False)
        begun = time.monotonic()
        with client:
            while not self._stop.wait(STEP_S):
                try:
                    if out := self.emulator.run_until(time.monotonic() - begun):
                        client.sendall(out)
                    data = client.recv(4096)
                except BlockingIOError:
                    continue
                except OSError:
                    return
                if not data:
                    return  # The client has gone.
                self.emulator.write(data)

    def unplug(self) -> None:
        """Switch it off."""
        self._stop.set()
        self._thread.join()
        self._server.close()
