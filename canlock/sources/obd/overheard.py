"""What another tester does on the bus: its lock commands are no fault of the car.

Passive: it reads requests to the body computer out of the frames that were heard. That such
requests move locks is known here only so that the movement can be laid at their door.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from canlock.model.frames import EXTENDED_BIT, NO_DATA, FrameBatch, FrameFlag, frame_key
from canlock.model.stream import Sample
from canlock.model.vehicle import BcmAccess
from canlock.sources.obd.transport import Reassembly

ACTUATING: Final = frozenset({0x2F, 0x30, 0x31})
"""UDS and KWP services that make a control unit do something: input/output control, routines."""

RELEASED: Final = "none"
DIAGNOSTICS: Final = "diagnostics"
HELD_S: Final = 5.0
"""A tester's command holds so long (DOMAIN 3.1: temporary control, 5 s)."""

_HIGHEST_STANDARD: Final = 0x7FF


class Eavesdropper:
    """Follows the requests to one body computer through the batches of a stream."""

    def __init__(self, access: BcmAccess) -> None:
        """Take how the vehicle file says that it is spoken to."""
        self._reassembly = Reassembly()
        self._held_until_s: float | None = None
        self.key = frame_key(access.request, is_extended=access.request > _HIGHEST_STANDARD)
        """Frame key of the requests: the batches have to hold it."""

    def overhear(self, batch: FrameBatch) -> Iterator[Sample]:
        """Yield who asks for what the locks do, where a tester does."""
        if not len(batch):
            return
        is_extended = (batch.flags & np.uint8(FrameFlag.EXTENDED)) != 0
        is_data = (batch.flags & np.uint8(NO_DATA)) == 0
        rows = np.flatnonzero(
            (batch.arbitration_id == np.uint32(self.key & ~EXTENDED_BIT))
            & (is_extended == bool(self.key & EXTENDED_BIT))
            & is_data
        )
        for row in rows.tolist():
            at_s = float(batch.timestamp_s[row])
            yield from self._release(at_s)
            frame = batch.payload[row, : int(batch.length[row])].tobytes()
            request = self._reassembly.take(frame)
            if request and request[0] in ACTUATING:
                if self._held_until_s is None:
                    yield Sample(at_s, "command.requestor", DIAGNOSTICS)
                self._held_until_s = at_s + HELD_S
        yield from self._release(float(batch.timestamp_s[-1]))

    def _release(self, now_s: float) -> Iterator[Sample]:
        if self._held_until_s is not None and now_s > self._held_until_s:
            yield Sample(self._held_until_s, "command.requestor", RELEASED)
            self._held_until_s = None
