"""Breaks are told apart by the messages that they are of."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from canlock.model.samples import Breaks

INDICES = st.lists(st.integers(0, 300), max_size=40)


@given(INDICES, st.sets(st.integers(0, 300), max_size=10))
def test_the_breaks_of_some_messages_are_found(rows: list[int], wanted: set[int]) -> None:
    message = np.array(rows, np.int16)
    times, flags = np.zeros(len(rows)), np.zeros(len(rows), np.bool_)
    breaks = Breaks(message, times, times, np.zeros(len(rows), np.int32), flags, flags, times)
    assert breaks.are_of(wanted).tolist() == [row in wanted for row in rows]
