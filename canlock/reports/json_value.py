"""What JSON can hold, and how finely numbers are told in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

DECIMALS: Final = 6
"""Of times, in seconds, and of probabilities: finer than any recorder's clock."""
