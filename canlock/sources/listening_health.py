"""How an opened bus behaves: failures in a row, waits that are none, storms of error frames."""

from __future__ import annotations

import errno
import time
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from canlock.sources.silence import NO_CAR

if TYPE_CHECKING:
    from can import Message

LEAST_WAIT_S: Final = 0.05
"""A driver that says sooner that nothing came did not wait, see `bus`."""

LONGEST_WORK_S: Final = 0.01
"""Processor time of a wait that is none; a true one takes far less than a millisecond."""

STORM_ERRORS: Final = 200
STORM_S: Final = 1.0
"""So many error frames in a second without one good frame: the adapter hears nothing that it can
read, and to listen on is of no use. A bus that is pulled about by a bad wire has good frames."""

_BUS_OFF: Final = 0x40
"""Class bit of an error frame, linux/can/error.h: the controller has left the bus."""

FAILURES_TO_REOPEN: Final = 3
"""Exceptions in a row after which a bus is opened anew; one bad line needs no such thing."""

_GONE: Final = frozenset({errno.ENETDOWN, errno.ENODEV})
_ASK_S: Final = 1.0


class BusHealth:
    """What is noticed of one bus since it was opened."""

    def __init__(self, interface: str) -> None:
        """Begin with nothing noticed.

        Args:
            interface: python-can's name of the interface.
        """
        self.failures = 0
        """Exceptions of the driver since the last message."""

        self.hasty = 0
        self.is_sound = False
        """A good frame has come."""

        self._has_wire = interface not in NO_CAR
        self._tells_classes = interface == "socketcan"
        self._errors = 0
        self._since = self._asked_at = time.monotonic()

    def see_silence(self, waited_s: float, worked_s: float) -> None:
        """Note a wait in which nothing came."""
        if waited_s < LEAST_WAIT_S or worked_s > LONGEST_WORK_S:
            self.hasty += 1

    def see(self, burst: Sequence[Message], now: float) -> str | None:
        """Note some messages; return why it is of no use to listen on, or None."""
        if now - self._since > STORM_S:
            self._since, self._errors = now, 0
        if burst:
            self.hasty = self.failures = 0
        errors = [message for message in burst if message.is_error_frame]
        since_good = errors
        if len(errors) < len(burst):
            self.is_sound = True
            self._since, self._errors = now, 0
            since_good = [*takewhile(lambda one: one.is_error_frame, reversed(burst))]
        if not self._has_wire:
            return None  # On a virtual bus error frames are only told of, and it has not ended.
        if self._tells_classes and any(message.arbitration_id & _BUS_OFF for message in errors):
            return "the adapter has left the bus (bus-off)"
        self._errors += len(since_good)
        if self._errors < STORM_ERRORS:
            return None
        return f"error storm: {self._errors} error frames within a second and not one good frame"

    def see_error(self, error: Exception) -> bool:
        """Note an exception of the driver; say whether the bus has to be opened anew."""
        self.failures += 1
        # The kernel says once that an interface has gone, and then nothing ever comes from it.
        is_gone = getattr(error, "error_code", None) in _GONE
        return is_gone or self.failures >= FAILURES_TO_REOPEN

    def is_time_to_ask(self, now: float) -> bool:
        """Say whether the driver is to be asked how its controller is: once a second."""
        if now - self._asked_at < _ASK_S:
            return False
        self._asked_at = now
        return True
