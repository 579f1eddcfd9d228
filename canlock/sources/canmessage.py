"""python-can's messages turned into columns, and columns into messages.

python-can gives and takes one object a frame; this is the only place where canlock does so too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameBatch, FrameFlag

if TYPE_CHECKING:
    from can import Message

_ID_BITS: Final = 0x1FFF_FFFF
_CHANNEL_LIMIT: Final = 255
"""The channel column holds a byte; whatever comes after that many names shares the last one."""

_EXTENDED: Final = int(FrameFlag.EXTENDED)
_FD: Final = int(FrameFlag.FD)
_BITRATE_SWITCH: Final = int(FrameFlag.BITRATE_SWITCH)
_ERROR_STATE: Final = int(FrameFlag.ERROR_STATE)
_ERROR: Final = int(FrameFlag.ERROR)
_REMOTE: Final = int(FrameFlag.REMOTE)
_TRANSMITTED: Final = int(FrameFlag.TRANSMITTED)


class MessageColumns:
    """Turns messages into batches whose channels keep their numbers from batch to batch."""

    def __init__(self) -> None:
        """Begin with no channel known."""
        self._numbers: dict[str, int] = {}

    def batch(self, messages: Sequence[Message]) -> FrameBatch:
        """Return the messages as n rows, in their order.

        A message whose length and data disagree counts by the shorter: what was not received is
        not there.
        """
        count = len(messages)
        lengths = [_length(message) for message in messages]
        width = FD_BYTES if max(lengths, default=0) > CLASSIC_BYTES else CLASSIC_BYTES
        payload = b"".join(
            bytes((message.data or b"")[:length]).ljust(width, b"\0")
            for message, length in zip(messages, lengths, strict=True)
        )
        channel = np.fromiter((self._number(message.channel) for message in messages), np.uint8)
        return FrameBatch(
            np.fromiter((message.timestamp for message in messages), np.float64, count),
            np.fromiter((message.arbitration_id & _ID_BITS for message in messages), np.uint32),
            np.fromiter((_flags(message) for message in messages), np.uint8, count),
            np.array(lengths, np.uint8),
            channel,
            np.frombuffer(payload, np.uint8).reshape(count, width),
            tuple(self._numbers) or ("",),
        )

    def _number(self, channel: object) -> int:
        name = "" if channel is None else str(channel)
        number = self._numbers.get(name)
        if number is None:
            number = min(len(self._numbers), _CHANNEL_LIMIT)
            if number < _CHANNEL_LIMIT:
                self._numbers[name] = number
            else:
                self._numbers.setdefault("other", number)
        return number


def messages_of(batch: FrameBatch) -> Iterator[Message]:
    """Yield one message a row. Their channel is left to the bus that sends them."""
    from can import Message

    width = batch.payload.shape[1]
    payload = batch.payload.tobytes()
    rows = zip(
        batch.timestamp_s.tolist(),
        batch.arbitration_id.tolist(),
        batch.flags.tolist(),
        batch.length.tolist(),
        range(0, len(payload), width),
        strict=True,
    )
    for timestamp_s, arbitration_id, flags, length, start in rows:
        yield Message(
            timestamp=timestamp_s,
            arbitration_id=arbitration_id,
            is_extended_id=bool(flags & _EXTENDED),
            is_remote_frame=bool(flags & _REMOTE),
            is_error_frame=bool(flags & _ERROR),
            dlc=length,
            data=None if flags & _REMOTE else payload[start : start + length],
            is_fd=bool(flags & _FD),
            is_rx=not flags & _TRANSMITTED,
            bitrate_switch=bool(flags & _BITRATE_SWITCH),
            error_state_indicator=bool(flags & _ERROR_STATE),
        )


def _length(message: Message) -> int:
    if message.is_remote_frame:
        return max(0, min(message.dlc, FD_BYTES))
    return max(0, min(message.dlc, len(message.data or b""), FD_BYTES))


def _flags(message: Message) -> int:
    flags = _EXTENDED if message.is_extended_id else 0
    if message.is_fd:
        flags |= _FD
        if message.bitrate_switch:
            flags |= _BITRATE_SWITCH
        if message.error_state_indicator:
            flags |= _ERROR_STATE
    if message.is_error_frame:
        flags |= _ERROR
    if message.is_remote_frame:
        flags |= _REMOTE
    return flags if message.is_rx else flags | _TRANSMITTED
