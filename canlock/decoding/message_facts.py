"""What the reasoning needs to know of each message that a vehicle file uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from canlock.decoding.database import Databases
from canlock.errors import VehicleFileError
from canlock.model.frames import frame_key
from canlock.model.vehicle import Alive, MessageFacts, Poll, SignalMap

if TYPE_CHECKING:
    from cantools.database.can import Message

NOBODY: Final = "Vector__XXX"
"""What a DBC names as the transmitter where it knows none."""

_MS_IN_S: Final = 1000.0


def gather_facts(
    databases: Databases,
    signals: Sequence[SignalMap],
    alive: Sequence[Alive],
    polls: Sequence[Poll],
) -> Iterator[MessageFacts]:
    """Yield the facts of every message that an entry names, once each, in the file's order.

    A message that the databases lack is left out: that was noted where the entry was read.
    """
    names = [
        *(name.partition(".")[0] for signal in signals for name in signal.signals),
        *(node.message for node in alive),
        *(poll.message for poll in polls),
    ]
    # Sent only when something happens, whatever cycle time a default of the DBC may give it.
    eventful = {signal.message for signal in signals if signal.first_is_event}
    eventful |= {poll.message for poll in polls}
    for name in dict.fromkeys(names):
        try:
            message = databases.message(name)
        except VehicleFileError:
            continue
        declared = [node.period_s for node in alive if node.message == name and node.period_s]
        cycle_s = None if name in eventful else _find_cycle_time(message)
        yield MessageFacts(
            name=name,
            key=frame_key(message.frame_id, is_extended=message.is_extended_frame),
            length=message.length,
            sender=next((sender for sender in message.senders if sender != NOBODY), None),
            period_s=declared[0] if declared else cycle_s,
        )


def _find_cycle_time(message: Message) -> float | None:
    cycle_ms = message.cycle_time
    return cycle_ms / _MS_IN_S if cycle_ms is not None and cycle_ms > 0 else None


def list_comments(databases: Databases, signals: Iterable[SignalMap]) -> Iterator[tuple[str, str]]:
    """Yield (message or `Message.Signal`, comment) for what is mapped: doubts stand there."""
    seen: set[str] = set()
    for signal in signals:
        counters = () if signal.counter is None else (signal.counter,)
        for name in (signal.message, *signal.signals, *counters):
            if name in seen:
                continue
            seen.add(name)
            holder = databases.signal(name) if "." in name else databases.message(name)
            if holder.comment:
                yield name, " ".join(holder.comment.split())
