"""Ids that come on several channels: they are decoded as one message, and that is told."""

from __future__ import annotations

from typing import Final

import numpy as np

from canlock.model.frames import EXTENDED_BIT, NO_DATA, FrameBatch

_CHANNEL_BITS: Final = 8
_NAMED: Final = 3
"""So many ids are named; of more there is no use."""


class DoubledIds:
    """The mapped ids met so far, and the channels that each came on."""

    def __init__(self, keys: frozenset[int]) -> None:
        """Take the keys of the mapped messages."""
        self._keys = keys
        self._channels: dict[int, set[str]] = {}

    def follow(self, batch: FrameBatch) -> None:
        """Take in the next frames. Of a capture with one channel there is nothing to know."""
        if len(batch.channels) < 2:  # noqa: PLR2004
            return
        is_data = batch.flags & np.uint8(NO_DATA) == 0
        pairs = batch.keys.astype(np.uint64) << np.uint64(_CHANNEL_BITS) | batch.channel
        pairs = np.sort(pairs[is_data])
        is_new = np.ones(len(pairs), np.bool_)
        is_new[1:] = pairs[1:] != pairs[:-1]
        for pair in pairs[is_new].tolist():
            key, number = divmod(pair, 1 << _CHANNEL_BITS)
            if key in self._keys:
                self._channels.setdefault(key, set()).add(batch.channels[number])

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know: nothing, or one sentence."""
        doubled = sorted(key for key, names in self._channels.items() if len(names) > 1)
        if not doubled:
            return ()
        names = sorted({name for key in doubled for name in self._channels[key]})
        ids = ", ".join(f"0x{key & ~EXTENDED_BIT:X}" for key in doubled[:_NAMED])
        more = f" and {len(doubled) - _NAMED} more" if len(doubled) > _NAMED else ""
        return (
            f"The channels {' and '.join(names)} carry the same ids ({ids}{more}), which were "
            "taken as one message each: if these are not the same bus, record one of them alone.",
        )
