"""Arithmetic on eight characters at a time against Python's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.sources.words import (
    WORD,
    align_last,
    common_count,
    decimal_value,
    hexadecimal_bytes,
    hexadecimal_value,
    is_decimal,
    is_hexadecimal,
    keep_first,
    keep_last,
    mask_first,
    part_count,
)


def word(text: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.frombuffer(text, "<u8")


@pytest.mark.parametrize("place", range(WORD))
def test_every_character_is_told_in_every_place(place: int) -> None:
    for byte in range(256):
        text = b"0" * place + bytes([byte]) + b"0" * (WORD - 1 - place)
        character = chr(byte)
        assert bool(is_decimal(word(text))[0]) == (character in "0123456789")
        expected = character in "0123456789abcdefABCDEF"
        assert bool(is_hexadecimal(word(text))[0]) == expected


@given(st.integers(0, 99_999_999))
def test_decimal_digits_give_their_number(value: int) -> None:
    assert decimal_value(word(b"%08d" % value)).tolist() == [value]


@given(st.integers(0, 0xFFFF_FFFF), st.booleans())
def test_hexadecimal_digits_give_their_number_and_bytes(value: int, is_upper: bool) -> None:
    text = word((b"%08X" if is_upper else b"%08x") % value)
    assert hexadecimal_value(text).tolist() == [value]
    assert hexadecimal_bytes(text).tobytes() == value.to_bytes(4, "big")


@pytest.mark.parametrize("count", range(WORD + 1))
def test_characters_are_kept_at_either_end(count: int) -> None:
    text = b"abcdefgh"
    many = np.array([count])
    for counts in (count, many):
        assert keep_first(word(text), counts).tobytes() == text[:count].ljust(WORD, b"0")
        kept = text[len(text) - count :].rjust(WORD, b"0")
        assert keep_last(word(text), counts).tobytes() == kept
        assert mask_first(word(text), counts).tobytes() == text[:count].ljust(WORD, b"\0")
        if count:
            aligned = text[:count].rjust(WORD, b"0")
            assert align_last(word(text), counts).tobytes() == aligned


def test_counts_that_are_all_equal_become_one() -> None:
    assert common_count(np.array([3, 3])) == 3
    assert common_count(np.array([], np.intp)) == 0
    assert common_count(7) == 7
    many = np.array([3, 4])
    assert common_count(many) is many


@given(st.integers(-5, 40), st.integers(0, 32))
def test_a_count_is_shared_out_over_words(count: int, start: int) -> None:
    expected = len(range(max(start, 0), min(count, start + WORD)))
    assert part_count(count, start) == expected
    assert np.asarray(part_count(np.array([count]), start)).tolist() == [expected]
