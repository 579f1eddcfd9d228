"""From raw values to canonical words: value tables, patterns over several signals, all and any.

All three are one small machine. Each input's raw value becomes a symbol (0: not named), the symbols
lead from state to state (0: unknown), and the last state is the word. Patterns form a tree, so that
even sixteen signals need no more states than their patterns have prefixes; `all` and `any` walk
between false, unknown and true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.extraction import Pattern, raw_values
from canlock.decoding.fields import Bits
from canlock.model.vehicle import SignalMap

Symbols = npt.NDArray[np.int16]
Codes = npt.NDArray[np.int16]
"""Indices into `Words.names`; `NO_WORD` where the raw values are not named."""

NO_WORD: Final = -1
DENSE_BITS: Final = 16
"""Up to this length every pattern has its place in a table."""

_UNKNOWN, _FALSE, _TRUE = 0, 1, 2
_ALL: Final = ((0, 1, 0), (1, 1, 1), (0, 1, 2))
_ANY: Final = ((0, 0, 2), (0, 1, 2), (2, 2, 2))
"""Three-valued logic, `[state][symbol]`: an unknown input counts unless the others decide."""


@dataclass(frozen=True, slots=True)
class WordTable:
    """The machine for one entry, as plain data."""

    names: tuple[str, ...]
    """The words that the entry can say, each once."""

    symbols: tuple[tuple[tuple[int, int], ...], ...]
    """For each input: (raw value, symbol); raw values that are missing have symbol 0."""

    steps: tuple[tuple[tuple[int, ...], ...], ...]
    """For each input: the next state, by state and symbol."""

    start: int
    """State before the first input."""

    codes: tuple[int, ...]
    """By last state: index into `names`, or `NO_WORD`."""


def compile_words(entry: SignalMap) -> WordTable:
    """Return the machine that an entry's `values` and `combine` describe."""
    names = tuple(dict.fromkeys(entry.values.values()))
    if entry.combine is not None:
        true = entry.true_value if entry.true_value is not None else names[-1]
        false = next((name for name in names if name != true), None)
        symbols = tuple(
            (pattern[0], _TRUE if word == true else _FALSE)
            for pattern, word in sorted(entry.values.items())
        )
        count = len(entry.signals)
        return WordTable(
            names=names,
            symbols=(symbols,) * count,
            steps=((_ALL if entry.combine == "all" else _ANY),) * count,
            start=_TRUE if entry.combine == "all" else _FALSE,
            codes=(NO_WORD, NO_WORD if false is None else names.index(false), names.index(true)),
        )
    return _compile_patterns(entry, names)


def _compile_patterns(entry: SignalMap, names: tuple[str, ...]) -> WordTable:
    count = len(entry.signals)
    patterns = [(pattern, word) for pattern, word in entry.values.items() if len(pattern) == count]
    symbols = []
    steps = []
    states: dict[tuple[int, ...], int] = {(): 1}
    for place in range(count):
        raws = sorted({pattern[place] for pattern, _ in patterns})
        symbols.append(tuple((raw, symbol) for symbol, raw in enumerate(raws, 1)))
        following: dict[tuple[int, ...], int] = {}
        table = [[0] * (len(raws) + 1) for _ in range(len(states) + 1)]
        for pattern, _ in patterns:
            prefix = pattern[: place + 1]
            state = following.setdefault(prefix, len(following) + 1)
            table[states[prefix[:-1]]][raws.index(pattern[place]) + 1] = state
        steps.append(tuple(tuple(row) for row in table))
        states = following
    codes = [NO_WORD] * (len(states) + 1)
    for pattern, word in patterns:
        codes[states[pattern]] = names.index(word)
    return WordTable(names, tuple(symbols), tuple(steps), 1, tuple(codes))


class Words:
    """A word table made ready for columns."""

    def __init__(self, table: WordTable, places: Sequence[Bits]) -> None:
        """Build the look-up tables; `places` are those of the inputs, in order."""
        self.names = table.names
        self._symbols = [
            _SymbolTable(bits, pairs) for bits, pairs in zip(places, table.symbols, strict=True)
        ]
        # The start is folded into the first step and the codes into the last.
        steps = [np.array(step, np.int16) for step in table.steps]
        steps[-1] = np.array(table.codes, np.int16)[steps[-1]]
        self._first: Symbols = steps[0][table.start]
        self._later = steps[1:]

    def symbols(self, place: int, pattern: Pattern) -> Symbols:
        """Return shape (n,): the symbols of one input's patterns."""
        return self._symbols[place].find(pattern)

    def codes(self, symbols: Sequence[Symbols]) -> Codes:
        """Return shape (n,): the words that the symbols of all inputs make, as codes."""
        state: Symbols = self._first.take(symbols[0])
        for step, symbol in zip(self._later, symbols[1:], strict=True):
            state = step[state, symbol]
        return state


class _SymbolTable:
    """Raw value -> symbol for one input."""

    def __init__(self, bits: Bits, pairs: Sequence[tuple[int, int]]) -> None:
        self._bits = bits
        self._pairs = pairs
        self._dense: Symbols | None = None
        if not bits.is_float:
            # Looked up by pattern, so that nothing need be sign-extended. A raw value that does
            # not fit the signal can never come.
            least = -(1 << (bits.length - 1)) if bits.is_signed else 0
            patterns = sorted(
                (raw & ((1 << bits.length) - 1), symbol)
                for raw, symbol in pairs
                if least <= raw < least + (1 << bits.length)
            )
            keys = [pattern for pattern, _ in patterns]
            symbols = [symbol for _, symbol in patterns]
            if bits.length <= DENSE_BITS:
                self._dense = np.zeros(1 << bits.length, np.int16)
                self._dense[keys] = symbols
            # The last row is for patterns above all keys; its symbol is that of the unnamed.
            self._keys = np.array([*keys, 0], np.uint64)
            self._sparse = np.array([*symbols, 0], np.int16)

    def find(self, pattern: Pattern) -> Symbols:
        if self._dense is not None:
            # `take` is several times faster than an index, for narrow indexes above all.
            dense: Symbols = self._dense.take(pattern)
            return dense
        if self._bits.is_float:
            raw = raw_values(pattern, self._bits)
            found = np.zeros(len(pattern), np.int16)
            for value, symbol in self._pairs:
                found[raw == value] = symbol
            return found
        at = np.searchsorted(self._keys[:-1], pattern)
        sparse: Symbols = np.where(self._keys[at] == pattern, self._sparse[at], np.int16(0))
        return sparse
