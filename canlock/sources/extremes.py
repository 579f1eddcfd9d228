"""The least and the greatest byte in each column of a table: what all its rows have in common.

Two passes over the bytes as they lie tell of all columns whether they are the same in every row, or
within some range. To fetch the columns one by one takes several times as long.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_ABREAST: Final = 64
"""So many rows are made one: numpy's loop along a row is faster than that over rows, and what was
found so far stays in the first cache."""


def find_extremes(table: Bytes, stride: int) -> tuple[Bytes, Bytes]:
    """Return the least and the greatest byte of each column, both of shape (stride,).

    Args:
        table: contiguous rows on end, at least one.
        stride: bytes of a row.
    """
    abreast = min(_ABREAST, len(table) // stride)
    row = abreast * stride
    rows = len(table) // row
    whole = table[: rows * row].reshape(rows, row)
    # The last ones need not fill a long row; some of those before them are looked at twice then.
    last = table[len(table) - row :]
    least = np.minimum(np.minimum.reduce(whole, axis=0), last).reshape(abreast, stride)
    most = np.maximum(np.maximum.reduce(whole, axis=0), last).reshape(abreast, stride)
    return np.minimum.reduce(least, axis=0), np.maximum.reduce(most, axis=0)
