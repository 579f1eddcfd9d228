"""Long payloads out of short frames, by ISO 15765-2: for answers, and for what others say.

Pure. A listener needs no flow control to put together what two others tell each other.
"""

from __future__ import annotations

from typing import Final

SINGLE: Final = 0x0
FIRST: Final = 0x1
CONSECUTIVE: Final = 0x2
FLOW_CONTROL: Final = 0x3

_FIRST_FRAME_BYTES: Final = 8


class Reassembly:
    """Puts the frames of one sender together. What does not fit together is dropped."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._length = 0
        self._next = 0

    def take(self, frame: bytes) -> bytes | None:
        """Take in a frame; return the payload that it completes, or None."""
        if not frame:
            return None
        kind, low = frame[0] >> 4, frame[0] & 0xF
        if kind == SINGLE:
            self._length = 0
            is_whole = 0 < low < len(frame)
            return frame[1 : 1 + low] if is_whole else None
        if kind == FIRST and len(frame) == _FIRST_FRAME_BYTES:
            self._length = low << 8 | frame[1]
            self._held = bytearray(frame[2:])
            self._next = 1
            return None
        if kind != CONSECUTIVE or not self._length:
            return None
        if low != self._next:
            # A frame is missing: the rest is of no use.
            self._length = 0
            return None
        self._held += frame[1:]
        self._next = (self._next + 1) % 16
        if len(self._held) < self._length:
            return None
        payload = bytes(self._held[: self._length])
        self._length = 0
        return payload
