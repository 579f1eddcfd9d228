"""Chance: one stream of random numbers a part, so that a fault in one leaves the others' luck."""

from __future__ import annotations

import random
import zlib

import numpy as np


class Chance:
    """Hands out random streams that depend on the seed and the part's name alone."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def stream(self, part: str) -> random.Random:
        """Return a stream for single numbers."""
        # A string seeds through SHA-512: the same on every machine and Python version.
        return random.Random(f"{self._seed}/{part}")

    def columns(self, part: str) -> np.random.Generator:
        """Return a stream for whole columns of numbers."""
        return np.random.Generator(np.random.PCG64([abs(self._seed), zlib.crc32(part.encode())]))
