"""Playing a capture onto a virtual bus. Nothing is ever played onto a car.

What a bus does not carry is lost on the way: the names of a capture's channels, and which frames
the recording host had sent itself. Everything else arrives as it was, in its order.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from canlock.errors import BusError, CanlockError
from canlock.model.frames import FrameBatch
from canlock.model.stream import Gap
from canlock.sources.bus import BusReader
from canlock.sources.canmessage import messages_of
from canlock.sources.inbox import QUEUE_LIMIT
from canlock.sources.listening import bus_name, bus_options, first_line
from canlock.sources.player_transport import Transport

if TYPE_CHECKING:
    from can import BusABC

REPLAY_INTERFACES: Final = ("virtual", "udp_multicast")
"""`virtual` stays inside the process, `udp_multicast` with a hop limit of 0 inside the host."""

IN_FLIGHT_LIMIT: Final = QUEUE_LIMIT // 4
"""Frames that are sent ahead of whoever takes them: the reader's queue never overflows."""

_ROOM_S: Final = 0.001
_SEND_S: Final = 1.0
_JOIN_S: Final = 5.0
_NUMBERS: Final = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Mirror:
    """A bus of this host on which frames are played too, for other programs."""

    interface: str
    """One of `REPLAY_INTERFACES`."""

    channel: str | None = None


class CapturePlayer:
    """Plays batches onto a bus in a thread of its own, at the pace of their time stamps."""

    def __init__(
        self,
        batches: Iterable[FrameBatch | Gap],
        bus: BusABC,
        pace: float | Transport = 1.0,
        *,
        mirror: BusABC | None = None,
        has_room: Callable[[int], bool] | None = None,
        on_gap: Callable[[int, Gap], None] | None = None,
    ) -> None:
        """Note what to play; `start` plays it.

        Args:
            batches: Frames in their order. It is read in the player's thread.
            bus: An open bus, see `open_replay_bus`. It stays the caller's to close.
            pace: How many times as fast as recorded, 0 and infinity are as fast as it goes; or a
                transport, by which others hold and hasten it.
            mirror: Another open bus that gets the same; also the caller's to close.
            has_room: Given the number of frames sent, says whether another may follow now.
            on_gap: Is told of each gap with the number of frames sent before it.

        Raises:
            BusError: The bus leads out of this host.
            SourceError: The speed is negative or no number.
        """
        self._buses = (bus,) if mirror is None else (bus, mirror)
        for one in self._buses:
            _refuse_real_buses(one)
        self._batches = batches
        self._transport = pace if isinstance(pace, Transport) else Transport(pace)
        self._has_room = has_room
        self._on_gap = on_gap
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="play a capture", daemon=True)
        self.finished = threading.Event()
        """Everything is played, or the player was stopped, or it failed."""

        self.sent = 0
        self.error: CanlockError | None = None
        """Why it ended before its time."""

    def start(self) -> None:
        """Begin to play. A player plays once."""
        self._thread.start()

    def stop(self) -> None:
        """End the playing, in the middle of a wait too, and wait for the thread."""
        self._stopping.set()
        self._transport.wake()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end and return whether it has come.

        Raises:
            CanlockError: The capture could not be read on, or the bus did not take a frame.
        """
        has_finished = self.finished.wait(timeout_s)
        if has_finished:
            self._thread.join(_JOIN_S)
        if self.error is not None:
            raise self.error
        return has_finished

    def _run(self) -> None:
        items: Iterator[FrameBatch | Gap] = iter(())
        try:
            items = iter(self._batches)
            for item in items:
                if self._stopping.is_set():
                    break
                if isinstance(item, FrameBatch):
                    self._play(item)
                elif self._on_gap is not None:
                    self._on_gap(self.sent, item)
        except CanlockError as error:
            self.error = error
        except Exception as error:
            # Nothing may end this thread in silence: `wait` raises it.
            self.error = BusError(f"the replay broke off: {first_line(error)}")
            self.error.__cause__ = error
        finally:
            if isinstance(items, Generator):
                items.close()  # In this thread, which has run it.
            self.finished.set()

    def _play(self, batch: FrameBatch) -> None:
        for message in messages_of(batch):
            if not self._transport.wait_for(message.timestamp, self._stopping):
                return
            while self._has_room is not None and not self._has_room(self.sent):
                if self._stopping.wait(_ROOM_S):
                    return
            for bus in self._buses:
                bus.send(message, _SEND_S)
            self.sent += 1


def open_replay_bus(interface: str, channel: str | None = None) -> BusABC:
    """Open a bus to play on. Time stamps are kept where the interface can (`virtual`).

    Raises:
        BusError: The interface leads out of this host, or cannot be opened.
    """
    import can

    if interface not in REPLAY_INTERFACES:
        raise BusError(
            f"found the interface {interface}, expected {' or '.join(REPLAY_INTERFACES)}; "
            "captures are never played onto a real bus"
        )
    kept = {"preserve_timestamps": True} if interface == "virtual" else {"hop_limit": 0}
    options = bus_options(interface, channel, options=kept)
    try:
        return can.Bus(ignore_config=True, **options)
    except Exception as error:
        raise BusError(f"{bus_name(options)} cannot be opened: {first_line(error)}") from error


def replay_over_virtual_bus(
    batches: Iterable[FrameBatch | Gap],
    pace: float | Transport = 1.0,
    *,
    channel: str | None = None,
    mirror: Mirror | None = None,
    stop: threading.Event | None = None,
    has_ticks: bool = False,
) -> Iterator[FrameBatch | Gap]:
    """Play batches onto a virtual bus and yield what is received there, each frame once.

    The sender waits for whoever takes the frames, so none is lost at any speed. Gaps come out
    where they went in.

    Args:
        batches: Frames in their order.
        pace: How many times as fast as recorded, see `CapturePlayer`.
        channel: Name of the virtual channel; None: one of its own. Others may listen there.
        mirror: Another bus that gets the same frames.
        stop: Ends the replay early.
        has_ticks: Yield an empty batch now and then while none comes, as when the replay is held.

    Raises:
        CanlockError: What the batches raised, or the bus.
    """
    channel = channel or f"canlock-replay-{next(_NUMBERS)}"
    received = 0
    gaps: deque[tuple[int, Gap]] = deque()
    with BusReader("virtual", channel) as reader:
        bus = open_replay_bus("virtual", channel)
        other = None
        try:
            if mirror is not None:
                other = open_replay_bus(mirror.interface, mirror.channel)
            player = CapturePlayer(
                batches,
                bus,
                pace,
                mirror=other,
                has_room=lambda sent: sent - received < IN_FLIGHT_LIMIT,
                on_gap=lambda sent, gap: gaps.append((sent, gap)),
            )
            player.start()
            try:
                for item in reader.batches(player.finished, has_ticks=True):
                    if stop is not None and stop.is_set():
                        player.stop()
                    if not isinstance(item, FrameBatch):
                        if isinstance(item, Gap):
                            yield item
                        continue
                    if has_ticks and not len(item):
                        yield item
                    before, received = received, received + len(item)
                    yield from _with_gaps(item, before, gaps)
            finally:
                player.stop()
        finally:
            for opened in (bus, other):
                if opened is not None:
                    opened.shutdown()
    yield from (gap for _, gap in gaps)
    if player.error is not None:
        raise player.error


def _with_gaps(
    batch: FrameBatch, before: int, gaps: deque[tuple[int, Gap]]
) -> Iterator[FrameBatch | Gap]:
    """Yield a batch with the gaps that lie in it or at its end, each in its place."""
    start = 0
    while gaps and gaps[0][0] <= before + len(batch):
        sent, gap = gaps.popleft()
        place = sent - before
        if place > start:
            yield batch.take(slice(start, place))
            start = place
        yield gap
    if start < len(batch):
        yield batch.take(slice(start, None))


def _refuse_real_buses(bus: BusABC) -> None:
    from can.interfaces.udp_multicast import UdpMulticastBus
    from can.interfaces.virtual import VirtualBus

    if isinstance(bus, VirtualBus):
        return
    name = type(bus).__name__
    if not isinstance(bus, UdpMulticastBus):
        raise BusError(f"{name}: captures are played onto a virtual bus only, never a real one")
    multicast = getattr(bus, "_multicast", None)
    if getattr(multicast, "hop_limit", None) != 0:
        raise BusError(f"{name}: its frames could leave this host; open it with hop_limit=0")
