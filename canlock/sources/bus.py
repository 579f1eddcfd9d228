"""Listening to a live bus: one supervised thread, a bounded queue, a batch each few tens of ms.

python-can's own plumbing ends in silence at the first exception, or spins. Here every exception is
counted, the bus is closed and opened again with growing pauses, and whatever may have been missed
meanwhile comes out as a `Gap` between the frames around it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self

from canlock.errors import BusError
from canlock.model.capture import CaptureInfo
from canlock.model.frames import FrameBatch, empty_batch
from canlock.model.stream import Gap
from canlock.sources.canmessage import MessageColumns
from canlock.sources.inbox import QUEUE_LIMIT, Inbox
from canlock.sources.listening import (
    ListeningBus,
    bus_name,
    bus_options,
    first_line,
    open_listening,
)

LinkState = Literal["connected", "silent", "reconnecting", "lost", "closed"]
"""How it stands with the bus.

`silent`: open, but nothing has come for `SILENT_AFTER_S`. `reconnecting`: it failed and is opened
again and again. `lost`: the same for more than `LOST_AFTER_S`; it is still tried. `closed`: not
opened yet, or stopped.
"""

BATCH_S: Final = 0.05
"""Time between two batches: short beside the 0.2 s in which a person sees a door answer."""

SILENT_AFTER_S: Final = 2.0
"""A bus that is awake carries many frames a second: so long without any, it sleeps or the tap does
not hear it."""

LOST_AFTER_S: Final = 10.0

_RECEIVE_S: Final = 0.1
"""Longest wait for one message, and so for the thread to notice that it shall stop."""

_FAILURES_TO_REOPEN: Final = 3
"""Exceptions in a row after which the bus is opened anew; one bad line needs no such thing."""

_RETRY_S: Final = 0.01
"""Pause after the first exception; doubled with each further one."""

_FIRST_REOPEN_S: Final = 0.05
_LONGEST_REOPEN_S: Final = 0.5
"""So that a plugged-in adapter is back within a second."""

_LONGEST_WORK_S: Final = _RECEIVE_S / 10
"""Processor time of a wait that is none; a true one takes far less than a millisecond."""

_HASTY_LIMIT: Final = 3
_HASTY_PAUSE_S: Final = 0.005
"""A driver may say at once that nothing came, and python-can then asks it again and again without
a pause until the wait is over. After so many such waits it is asked only every 5 ms."""

_JOIN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How the reading has gone so far."""

    state: LinkState
    frames: int
    dropped: int
    """Frames that came while the queue was full."""

    errors: int
    """Exceptions of the driver, failed attempts to open it again included."""

    reopened: int
    last_error: str | None
    is_listen_only: bool
    """The adapter was told not to acknowledge frames either."""


class BusReader:
    """Reads one bus in a thread of its own and never sends.

    Use it as a context manager: it is open inside. `status` and `info` may be asked from any
    thread at any time.
    """

    def __init__(
        self,
        interface: str | None = None,
        channel: str | None = None,
        *,
        bitrate: int | None = None,
        wanted: AbstractSet[int] | None = None,
        options: Mapping[str, object] | None = None,
        batch_s: float = BATCH_S,
        queue_limit: int = QUEUE_LIMIT,
    ) -> None:
        """Note what to read; `open` opens it.

        Args:
            interface: python-can's name of the interface; None: as python-can is configured.
            channel: Its channel; None: likewise.
            bitrate: Bits a second; None: likewise.
            wanted: Frame keys to deliver, error frames besides; None: all.
            options: Further keyword arguments of the interface.
            batch_s: Time between two batches.
            queue_limit: Messages that may wait for a batch.

        Raises:
            BusError: There is no such interface, or python-can's configuration is wrong.
        """
        self._options = bus_options(interface, channel, bitrate, options)
        self._batch_s = batch_s
        self._queue_limit = queue_limit
        self._columns = MessageColumns()
        self._inbox = Inbox(wanted, queue_limit)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._bus: ListeningBus | None = None
        self._is_listen_only = False
        self._crash: BaseException | None = None
        self._errors = 0
        self._reopened = 0
        self._last_error: str | None = None
        self._heard_at = 0.0
        self._down_since: float | None = None
        self._reopen_s = _FIRST_REOPEN_S

    @property
    def name(self) -> str:
        """`interface:channel`."""
        return bus_name(self._options)

    @property
    def status(self) -> LinkStatus:
        """How the reading goes."""
        return LinkStatus(
            self._state(),
            self._inbox.frames,
            self._inbox.dropped,
            self._errors,
            self._reopened,
            self._last_error,
            self._is_listen_only,
        )

    @property
    def info(self) -> CaptureInfo:
        """What has been read so far, as of a capture."""
        return CaptureInfo(
            self.name,
            "live",
            frames=self._inbox.frames,
            first_s=self._inbox.first_s,
            last_s=self._inbox.last_s,
            out_of_order=self._inbox.out_of_order,
            error_frames=self._inbox.error_frames,
        )

    def open(self) -> None:
        """Open the bus and begin to read. Does nothing where it is open.

        Raises:
            BusError: The interface or its channel cannot be opened.
        """
        if self._thread is not None:
            return
        self._bus = open_listening(self._options)
        self._is_listen_only = self._bus.is_listen_only
        self._heard_at = time.monotonic()
        self._down_since = None
        self._crash = None
        self._stopping.clear()
        self._thread = threading.Thread(target=self._read, name=f"read {self.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread and close the bus. What has come can still be had from `batches`."""
        self._stopping.set()
        thread = self._thread
        if thread is not None:
            thread.join(_JOIN_S)
            if thread.is_alive():
                # A driver that hangs cannot be ended; its thread is a daemon and sends nothing.
                self._note(BusError(f"{self.name}: the driver does not return"))
            self._thread = None

    def batches(
        self, stop: threading.Event, *, has_ticks: bool = False
    ) -> Iterator[FrameBatch | Gap]:
        """Yield what comes, and when `stop` is set, what is left; then the bus is closed.

        Args:
            stop: Ends the reading, as does `close`.
            has_ticks: Yield an empty batch where nothing came, so that the caller has its turn.

        Raises:
            BusError: The bus cannot be opened, or the reading thread broke.
        """
        self.open()
        try:
            while not stop.wait(self._batch_s) and not self._stopping.is_set():
                yield from self._taken(has_ticks=has_ticks)
        finally:
            self.close()
        yield from self._taken(has_ticks=False)
        if self._crash is not None:
            raise BusError(
                f"{self.name}: reading broke off: {first_line(self._crash)}"
            ) from self._crash

    def __enter__(self) -> Self:
        """Open the bus and return the reader."""
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the bus."""
        self.close()

    def _taken(self, *, has_ticks: bool) -> Iterator[FrameBatch | Gap]:
        messages, gaps = self._inbox.take()
        start = 0
        for place, gap in gaps:
            if place > start:
                yield self._columns.batch(messages[start:place])
            yield gap
            start = place
        if start < len(messages):
            yield self._columns.batch(messages[start:])
        if has_ticks and not messages and not gaps:
            yield empty_batch()

    def _state(self) -> LinkState:
        if self._thread is None or not self._thread.is_alive():
            return "closed"
        now = time.monotonic()
        down_since = self._down_since
        if down_since is not None:
            return "lost" if now - down_since > LOST_AFTER_S else "reconnecting"
        return "silent" if now - self._heard_at > SILENT_AFTER_S else "connected"

    def _read(self) -> None:
        """Keep the bus open and read it until told to stop; runs in the thread."""
        try:
            while not self._stopping.is_set():
                if self._bus is None:
                    self._reopen()
                else:
                    self._listen(self._bus)
            if self._bus is not None:
                self._drain(self._bus)
            self._inbox.end()
        except BaseException as error:
            # Nothing may end this thread in silence: `batches` raises it.
            self._crash = error
        finally:
            self._stopping.set()
            self._shut()

    def _listen(self, bus: ListeningBus) -> None:
        """Read until told to stop, or until the bus has to be opened anew."""
        failures = 0
        hasty = 0
        while not self._stopping.is_set():
            wait_s = 0.0 if hasty > _HASTY_LIMIT else _RECEIVE_S
            asked_at, worked_at = time.monotonic(), time.thread_time()
            try:
                message = bus.recv(wait_s)
                if message is not None:
                    self._inbox.put(message)
            except Exception as error:
                failures += 1
                self._note(error)
                if failures >= _FAILURES_TO_REOPEN:
                    self._shut()
                    return
                self._stopping.wait(_RETRY_S * 2 ** (failures - 1))
                continue
            failures = 0
            self._down_since = None
            self._reopen_s = _FIRST_REOPEN_S
            if message is not None:
                self._heard_at = time.monotonic()
                hasty = 0
                continue
            waited_s, worked_s = time.monotonic() - asked_at, time.thread_time() - worked_at
            if waited_s < _RECEIVE_S / 2 or worked_s > _LONGEST_WORK_S:
                hasty += 1
            if hasty > _HASTY_LIMIT:
                self._stopping.wait(_HASTY_PAUSE_S)

    def _reopen(self) -> None:
        """Wait and try once to open the bus; the next wait is twice as long."""
        if self._stopping.wait(self._reopen_s):
            return
        self._reopen_s = min(self._reopen_s * 2, _LONGEST_REOPEN_S)
        try:
            self._bus = open_listening(self._options)
        except BusError as error:
            self._note(error)
        else:
            self._reopened += 1

    def _drain(self, bus: ListeningBus) -> None:
        """Take in what the driver still holds, so that the last batch is whole."""
        try:
            for _ in range(self._queue_limit):
                message = bus.recv(0)
                if message is None:
                    return
                self._inbox.put(message)
        except Exception as error:
            self._note(error)

    def _shut(self) -> None:
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.shutdown()
        if self._down_since is None:
            self._down_since = time.monotonic()

    def _note(self, error: Exception) -> None:
        self._errors += 1
        self._last_error = first_line(error)
        self._inbox.interrupt(f"adapter error: {self._last_error}")
