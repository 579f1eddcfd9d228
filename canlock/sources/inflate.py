"""Inflates zlib data by the fastest means there is: libdeflate where it is installed, else zlib.

libdeflate (the package `deflate`) needs all of the data at once and a guess of the size, and is two
to three times as fast. What it refuses is given to zlib, which tells what is wrong.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final

INFLATED_LIMIT: Final = 1 << 26
"""Bytes that one piece may inflate to. Beyond it lies a bomb, not a log: pieces hold 128 KB."""


class InflateError(ValueError):
    """The data is damaged; the text tells how."""


def inflate(packed: bytes | memoryview, size: int) -> bytes | bytearray:
    """Return inflated data, all of it and checked.

    Args:
        packed: zlib data; what lies behind its end is passed over.
        size: how many bytes it says that it holds; only a guess.

    Raises:
        InflateError: it is damaged, ends early or holds more than `INFLATED_LIMIT` bytes.
    """
    fast = _fast_inflater()
    if fast is not None and 0 < size <= INFLATED_LIMIT:
        try:
            inflated: bytes | bytearray = fast(packed, size)
        except Exception:
            # Whatever it raises, and it tells no reason: zlib has the last word.
            inflated = b""
        if len(inflated) == size:
            return inflated
    return _inflate_slowly(packed)


def inflate_start(packed: bytes) -> bytes:
    """Return what can be had of data that was cut off, nothing where it is damaged."""
    try:
        return zlib.decompressobj().decompress(packed, INFLATED_LIMIT)
    except zlib.error:
        return b""


def _inflate_slowly(packed: bytes | memoryview) -> bytes:
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(packed, INFLATED_LIMIT)
    except zlib.error as error:
        raise InflateError(str(error)) from None
    if not inflater.eof:
        reason = "it has no end" if len(inflated) < INFLATED_LIMIT else "it is far too long"
        raise InflateError(reason)
    return inflated


@cache
def _fast_inflater() -> Callable[[bytes | memoryview, int], Any] | None:
    try:
        module = import_module("deflate")
        found: Callable[[bytes | memoryview, int], Any] = module.zlib_decompress
    except (ImportError, AttributeError):
        return None
    return found
