"""A CAN adapter that listens and, armed by the user, polls the BCM over the same bus."""

from __future__ import annotations

from collections import deque
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from canlock.model.frames import frame_key
from canlock.model.link import Silence
from canlock.model.stream import StreamItem
from canlock.model.vehicle import BcmAccess
from canlock.sources.elm327.acceptance import STANDARD_MASK
from canlock.sources.listening import ListeningBus
from canlock.sources.obd.bcm import BcmReader
from canlock.sources.obd.can_requester import CanRequester
from canlock.sources.obd.gate import RequestGate
from canlock.sources.obd.live_polling import LivePolling
from canlock.sources.obd.polling import PollTarget
from canlock.sources.obd.requester import ENGINE

if TYPE_CHECKING:
    from can import BusABC, Message

ARMED: Final = Silence(False, "you allowed requests, so it acknowledges and asks")


class AskingBus(ListeningBus):
    """A bus whose frames are all handed on, those that come while it asks as well."""

    def __init__(
        self,
        bus: BusABC,
        name: str,
        interface: str,
        access: BcmAccess,
        targets: tuple[PollTarget, ...],
        gate: RequestGate,
    ) -> None:
        """Take an open bus over.

        Args:
            bus: The open bus.
            name: `interface:channel`, for messages.
            interface: python-can's name of the interface.
            access: How the BCM is spoken to.
            targets: What is polled.
            gate: What every request has to pass.
        """
        self._held: deque[Message] = deque()
        is_extended = access.response > STANDARD_MASK
        self._answers = {frame_key(access.response, is_extended=is_extended), ENGINE[1]}
        self._items: list[StreamItem] = []
        self._gate = gate
        requester = CanRequester(_Wire(bus, self._held), access, gate)
        super().__init__(bus, name, interface, ARMED)  # From here on `bus.send` refuses.
        self._reader = BcmReader(requester, access)
        self._polling = LivePolling(self._reader, targets)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the listening and of the polling."""
        return (*super().notes, *self._polling.notes)

    def recv(self, timeout_s: float) -> Message | None:
        """Return the next message, or None where none came in time; ask what is due.

        Raises:
            Exception: Whatever the driver raises; the reader above lives with all of it.
        """
        if not self._held and self._polling.due_s <= self._reader.now():
            self._items += self._polling.run()
        if self._held:
            return self._held.popleft()
        due_in_s = self._polling.due_s - self._reader.now()
        return super().recv(min(timeout_s, max(0.0, due_in_s)))

    def narrow(self, keys: AbstractSet[int]) -> None:
        """Let other ids be held back, but for those of the answers. Never raises."""
        super().narrow(keys | self._answers)

    def take_side_items(self) -> list[StreamItem]:
        """Return answers, gaps, and everything that was sent."""
        items, self._items = self._items, []
        return [*super().take_side_items(), *items, *self._gate.take_sent()]

    def take_leave(self) -> None:
        """Ask no more; frames that come with the last answer can still be had. Never raises."""
        with suppress(Exception):  # A pulled cable makes drivers raise anything.
            self._polling.end()

    def shutdown(self) -> None:
        """Ask no more and close the bus. Never raises."""
        self.take_leave()
        super().shutdown()


class _Wire:
    """The bus as the requester has it: what it receives is kept for whoever listens."""

    def __init__(self, bus: BusABC, held: deque[Message]) -> None:
        self._receive = bus.recv
        self._transmit = bus.send
        self._held = held

    def recv(self, timeout_s: float | None) -> Message | None:
        message = self._receive(timeout_s)
        if message is not None:
            self._held.append(message)
        return message

    def send(self, message: Message) -> None:
        self._transmit(message)

    def shutdown(self) -> None:
        """Do nothing: the bus is closed by whoever listens to it."""
