"""An slcan adapter on a pseudo-terminal, with a cable that can be pulled."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import threading
import time
import tty
from pathlib import Path


class SlcanAdapter:
    """Answers python-can's slcan driver; `path` is where it is plugged in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commands: list[bytes] = []
        """What the driver wrote, in all."""

        self._master: int | None = None
        self._slave: int | None = None
        self._thread: threading.Thread | None = None

    def plug(self) -> None:
        """Be there, at the same path each time."""
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._slave))
        self._pipe = os.pipe()
        self._thread = threading.Thread(
            target=self._serve, args=(self._master, self._pipe[0]), daemon=True
        )
        self._thread.start()

    def unplug(self) -> None:
        """Be gone, in the middle of whatever goes on."""
        self.path.unlink(missing_ok=True)
        slave, self._slave = self._slave, None
        master, self._master = self._master, None
        if master is None or slave is None or self._thread is None:
            return
        os.close(slave)
        os.write(self._pipe[1], b"x")
        self._thread.join(5)
        for end in (master, *self._pipe):
            os.close(end)

    def say(self, data: bytes) -> None:
        """Send bytes to the driver."""
        if self._master is not None:
            with contextlib.suppress(OSError):
                os.write(self._master, data)

    def frame(self, number: int, data: bytes) -> None:
        """Send a frame with an 11-bit id."""
        self.say(f"t{number:03X}{len(data)}{data.hex().upper()}\r".encode())

    def _serve(self, master: int, wake: int) -> None:
        while True:
            ready, _, _ = select.select([master, wake], [], [])
            if wake in ready:
                return
            try:
                heard = os.read(master, 256)
            except OSError:
                time.sleep(0.01)  # Nobody has it open just now.
                continue
            for command in filter(None, heard.split(b"\r")):
                self.commands.append(command)
                self.say(b"\r")
