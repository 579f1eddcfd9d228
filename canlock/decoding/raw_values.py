"""The `values` of a `[[signal]]` entry: raw integers and the words that they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from canlock.decoding.problem import list_words, suggest
from canlock.decoding.toml_entry import Entry
from canlock.model.roles import ROLE_VALUES

if TYPE_CHECKING:
    from cantools.database.can import Signal

_INTEGER: Final = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]{1,16}|0[bB][01]{1,64}|[0-9]{1,20})")

RawValues = dict[tuple[int, ...], str]


def read_values(
    entry: Entry,
    pairs: Mapping[str, str],
    role: str,
    signals: Sequence[Signal | None],
    *,
    is_combined: bool,
) -> RawValues:
    """Return what the raw values of an entry mean, in the order of the file.

    Args:
        entry: The `[[signal]]` table; each mistake is noted there.
        pairs: Its `values` as they are written.
        role: A role whose values are words.
        signals: The entry's signals; None for one that the database lacks.
        is_combined: The values are those of each signal, not of all of them together.
    """
    width = 1 if is_combined else len(signals)
    values: RawValues = {}
    for written, word in pairs.items():
        raw = _read_key(entry, written, width)
        _check_word(entry, role, written, word)
        if raw is None:
            continue
        if raw in values:
            entry.error(f"raw value `{written}` stands here twice", "values", written)
        values[raw] = word
        for index, signal in enumerate(signals):
            if signal is not None:
                _check_range(entry, written, raw[0 if is_combined else index], signal)
    return values


def _read_key(entry: Entry, written: str, width: int) -> tuple[int, ...] | None:
    parts = [part.strip() for part in written.split(",")]
    if not all(_INTEGER.fullmatch(part) for part in parts):
        form = "a whole number" if width == 1 else f"{width} whole numbers with commas between"
        text = f'raw value `{written}` is no integer; expected {form}, like `"0"` or `"0x1F"`'
        entry.error(text, "values", written)
        return None
    if len(parts) != width:
        found = f"raw value `{written}` holds {_count(len(parts), 'integer')}"
        wanted = "one" if width == 1 else f"{width}, one for each of `signals`"
        entry.error(f"{found}; expected {wanted}", "values", written)
        return None
    return tuple(int(part, _base(part)) for part in parts)


def _base(part: str) -> int:
    prefix = part.lstrip("+-")[:2].lower()
    return {"0x": 16, "0b": 2}.get(prefix, 10)


def _check_word(entry: Entry, role: str, written: str, word: str) -> None:
    words = ROLE_VALUES[role]
    if word not in words:
        near = suggest(word, words)
        text = f"role `{role}` has no value `{word}`{near}; it has {list_words(words)}"
        entry.error(text, "values", written)


def _check_range(entry: Entry, written: str, raw: int, signal: Signal) -> None:
    half = 1 << (signal.length - 1)
    lowest, highest = (-half, half - 1) if signal.is_signed else (0, 2 * half - 1)
    if not lowest <= raw <= highest:
        kind = "signed" if signal.is_signed else "unsigned"
        text = (
            f"raw value {raw} in `{written}` can never occur: `{signal.name}` is {kind} with "
            f"{_count(signal.length, 'bit')}, {lowest} to {highest}"
        )
        entry.error(text, "values", written)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
