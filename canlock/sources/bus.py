"""Listening to a live bus: one supervised thread, a bounded queue, a batch each few tens of ms.

python-can's own plumbing ends in silence at the first exception, or spins. Here every exception is
counted, the bus is closed and opened again with growing pauses, and whatever may have been missed
meanwhile comes out as a `Gap` between the frames around it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from canlock.errors import BusError
from canlock.model.capture import CaptureInfo
from canlock.model.frames import empty_batch
from canlock.model.link import LinkState, LinkStatus, Silence
from canlock.model.stream import StreamItem
from canlock.model.vehicle import Vehicle
from canlock.sources.asking import Asking
from canlock.sources.canmessage import MessageColumns
from canlock.sources.inbox import QUEUE_LIMIT, Inbox
from canlock.sources.listening import (
    ListeningBus,
    bus_name,
    bus_options,
    first_line,
    open_listening,
)
from canlock.sources.listening_health import BusHealth
from canlock.sources.reopening import Reopening
from canlock.sources.silence import NO_CAR

if TYPE_CHECKING:
    from can import Message

BATCH_S: Final = 0.02
"""Time between two batches: short beside the 0.2 s in which a person sees a door answer."""

SILENT_AFTER_S: Final = 2.0
"""A bus that is awake carries many frames a second: so long without any, it sleeps or the tap does
not hear it."""

_RECEIVE_S: Final = 0.1
"""Longest wait for one message, and so for the thread to notice that it shall stop."""

_RETRY_S: Final = 0.01
"""Pause after the first exception; doubled with each further one."""

_HASTY_LIMIT: Final = 3
_HASTY_PAUSE_S: Final = 0.005
"""A driver may say at once that nothing came, and python-can then asks it again and again without
a pause until the wait is over. After so many such waits it is asked only every 5 ms."""

_BURST_FRAMES: Final = 1024
_BURST_S: Final = 0.02
"""Some drivers wait a little even where they are asked not to."""

_BURST_PAUSE_S: Final = 0.004
"""Waking up for each frame costs more than the frame: the driver or the kernel keeps those that
come meanwhile, 32 at most on a full 1 Mbit/s bus."""

_DRAIN_S: Final = 0.5
_JOIN_S: Final = 5.0


class BusReader:
    """Reads one bus in a thread of its own and never sends.

    Use it as a context manager: it is open inside. `status` and `info` may be asked from any
    thread at any time.
    """

    def __init__(  # noqa: PLR0913 - each of them is a choice of its own, and has a default.
        self,
        interface: str | None = None,
        channel: str | None = None,
        *,
        bitrate: int | None = None,
        wanted: AbstractSet[int] | None = None,
        options: Mapping[str, object] | None = None,
        opener: Callable[[Mapping[str, Any]], ListeningBus] = open_listening,
        batch_s: float = BATCH_S,
        queue_limit: int = QUEUE_LIMIT,
    ) -> None:
        """Note what to read.

        Args:
            interface: python-can's name of the interface; None: as python-can is configured.
            channel: Its channel; None: likewise.
            bitrate: Bits a second; None: likewise.
            wanted: Frame keys to deliver, error frames besides; None: all.
            options: Further keyword arguments of the interface.
            opener: Opens the bus, each time that it has to be.
            batch_s: Time between two batches.
            queue_limit: Messages that may wait for a batch.

        Raises:
            BusError: There is no such interface, or python-can's configuration is wrong.
        """
        self._options = bus_options(interface, channel, bitrate, options)
        self._open = opener
        self._batch_s = batch_s
        self._columns = MessageColumns()
        self._inbox = Inbox(
            wanted, queue_limit, has_adapter_clock=self._options["interface"] not in NO_CAR
        )
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._bus: ListeningBus | None = None
        self._silence = Silence(False, "it is not open yet")
        self._is_filtered = False
        self._asking = Asking(wanted)
        self._side_items: deque[StreamItem] = deque()
        self._notes: tuple[str, ...] = ()
        self._crash: BaseException | None = None
        self._errors = 0
        self._reopened = 0
        self._last_error: str | None = None
        self._heard_at = 0.0
        self._reopening = Reopening()

    @property
    def name(self) -> str:
        """`interface:channel`."""
        return bus_name(self._options)

    @property
    def bitrate(self) -> int | None:
        """Bits a second as they were given or configured; None: not known here."""
        bitrate = self._options.get("bitrate")
        return bitrate if isinstance(bitrate, int) else None

    @property
    def status(self) -> LinkStatus:
        """How the reading goes."""
        inbox, counts = self._inbox, (self._errors, self._reopened)
        heard = inbox.frames, inbox.dropped, *counts, inbox.error_frames
        how = self._last_error, self._silence, self._is_filtered, self._notes
        return LinkStatus(self.name, self._state(), *heard, *how)

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
            clock_jumps=self._inbox.clock_jumps,
            error_frames=self._inbox.error_frames,
        )

    def open(self) -> None:
        """Open the bus and begin to read. Does nothing where it is open.

        Raises:
            BusError: The interface or its channel cannot be opened.
        """
        if self._thread is not None:
            return
        self._bus = self._opened()
        self._heard_at = time.monotonic()
        self._reopening = Reopening()
        self._crash = None
        self._stopping.clear()
        self._thread = threading.Thread(target=self._read, name=f"read {self.name}", daemon=True)
        self._thread.start()

    def narrow(self, wanted: AbstractSet[int]) -> None:
        """Deliver only some frame keys, and error frames, from now on; from any thread.

        The adapter or the kernel is told too, where it can hold back the others.
        """
        self._inbox.narrow(wanted)
        self._asking.narrow(wanted)

    def plan(self, vehicle: Vehicle) -> None:
        """Let an adapter with a narrow line plan for a vehicle, from any thread."""
        self._asking.plan(vehicle)

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

    def batches(self, stop: threading.Event, *, has_ticks: bool = False) -> Iterator[StreamItem]:
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
        yield from self.take()

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

    def take(self) -> Iterator[StreamItem]:
        """Yield what has come since, without waiting; raise BusError where the thread broke."""
        yield from self._taken(has_ticks=False)
        if self._crash is not None:
            raise BusError(
                f"{self.name}: reading broke off: {first_line(self._crash)}"
            ) from self._crash

    def _taken(self, *, has_ticks: bool) -> Iterator[StreamItem]:
        while self._side_items:
            # Gaps first: what the frames lack is explained before it is missed.
            yield self._side_items.popleft()
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
        if self._reopening.down_since is not None:
            return "lost" if self._reopening.is_lost(now) else "reconnecting"
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
                self._bus.take_leave()
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
        health = BusHealth(str(self._options["interface"]))
        while not self._stopping.is_set():
            self._asking.tell_news(bus)
            self._is_filtered = bus.is_filtered
            wait_s = 0.0 if health.hasty > _HASTY_LIMIT else _RECEIVE_S
            asked_at, worked_at = time.monotonic(), time.thread_time()
            burst: list[Message] = []
            error = self._receive(bus, wait_s, burst)
            self._take_side_items(bus)
            now = time.monotonic()
            trouble = health.see(burst, now)
            if burst or error is None:
                self._reopening.hear(is_sound=health.is_sound)
            if burst:
                self._heard_at = now
                error = self._inbox.put(burst) or error
            elif error is None:
                health.see_silence(now - asked_at, time.thread_time() - worked_at)
                self._stopping.wait(_HASTY_PAUSE_S if health.hasty > _HASTY_LIMIT else 0.0)
            if trouble is None and health.is_time_to_ask(now) and bus.has_failed():
                trouble = "the adapter has left the bus (bus-off)"
            if self._is_broken(health, error, trouble):
                self._shut()
                return
            if burst:
                time.sleep(_BURST_PAUSE_S)

    def _take_side_items(self, bus: ListeningBus) -> None:
        self._side_items.extend(bus.take_side_items())
        self._notes = bus.notes

    def _is_broken(self, health: BusHealth, error: Exception | None, trouble: str | None) -> bool:
        """Note what went wrong; say whether the bus has to be opened anew."""
        if trouble is not None:
            self._note(BusError(trouble))
            self._reopening.storm()
            return True
        if error is None:
            health.failures = 0
            return False
        self._note(error)
        if health.see_error(error):
            return True
        self._stopping.wait(_RETRY_S * 2 ** (health.failures - 1))
        return False

    def _receive(self, bus: ListeningBus, wait_s: float, burst: list[Message]) -> Exception | None:
        """Wait for a message, take in all that the driver holds, and return what it raised."""
        try:
            message = bus.recv(wait_s)
            began_at = time.monotonic()
            while message is not None:
                burst.append(message)
                if len(burst) == _BURST_FRAMES or time.monotonic() - began_at > _BURST_S:
                    break
                message = bus.recv(0)
        except Exception as error:
            return error
        return None

    def _reopen(self) -> None:
        """Wait and try once to open the bus."""
        if self._stopping.wait(self._reopening.pause_s()):
            return
        try:
            self._bus = self._opened()
        except BusError as error:
            self._note(error)
        else:
            self._reopened += 1

    def _opened(self) -> ListeningBus:
        bus = self._open(self._options)
        self._silence = bus.silence
        self._asking.tell(bus)
        self._is_filtered = bus.is_filtered
        return bus

    def _drain(self, bus: ListeningBus) -> None:
        """Take in what the driver still holds, so that the last batch is whole."""
        until = time.monotonic() + _DRAIN_S
        while time.monotonic() < until:
            burst: list[Message] = []
            error = self._receive(bus, 0, burst)
            if burst:
                error = self._inbox.put(burst) or error
            if error is not None:
                self._note(error)
            if error is not None or not burst:
                return

    def _shut(self) -> None:
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.shutdown()
            self._take_side_items(bus)  # The last word to an adapter is written down, too.
        self._reopening.fail(time.monotonic())

    def _note(self, error: Exception) -> None:
        self._errors += 1
        self._last_error = first_line(error)
        self._inbox.interrupt(f"adapter error: {self._last_error}")
