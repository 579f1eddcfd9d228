"""An entry whose signals come in different frames: of several messages, or multiplexed pages.

Each signal holds its last symbol until it comes again; before it ever came it is unknown. A frame
counts where it brings at least one of the signals, and one that is too short for a signal that it
ought to carry brings none.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from canlock.decoding.edges import Runs, make_track
from canlock.decoding.entries import Batches
from canlock.decoding.extraction import Mask, both, raw_values
from canlock.decoding.layout import EntryLayout
from canlock.decoding.messages import (
    Column,
    MessageFrames,
    PauseCounter,
    Rows,
    Times,
    find_stretches,
    follow_on,
)
from canlock.decoding.words import NO_WORD, Symbols, Words, WordTable

Parts = Mapping[int, MessageFrames]


class JointReader:
    """Reads what such an entry says, batch after batch."""

    def __init__(self, entry: EntryLayout, table: WordTable) -> None:
        """Take an entry of words; a number has one signal, so there is nothing to join."""
        self.role = entry.role
        self.track = make_track(entry)
        self._entry = entry
        self._words = Words(table, [field.bits for field in entry.fields])
        self._inputs = [_HeldInput() for _ in entry.fields]
        self._pauses = PauseCounter() if entry.heeds_pauses else None

    def read(self, batches: Batches) -> Runs | None:
        """Return the runs of the entry's value, known or not; None where no frame carries it."""
        messages = dict.fromkeys(self._entry.messages)
        parts = {message: batches[message].frames for message in messages if message in batches}
        if not parts:
            return None
        row = np.unique(np.concatenate([part.row for part in parts.values()]))
        at_s = np.empty(len(row))
        for part in parts.values():
            at_s[np.searchsorted(row, part.row)] = part.first_s
        mask = np.zeros(len(row), np.bool_)
        prior_s = np.full(len(row), np.nan)
        columns: list[Column] = []
        for number, held in enumerate(self._inputs):
            places, symbols = self._find_symbols(number, parts, row)
            mask[places] = True
            prior_s[places] = np.fmin(prior_s[places], held.find_prior(at_s[places]))
            columns.append(held.spread(places, symbols, len(row)))
        return self._cut(parts, row, at_s, prior_s, mask, columns)

    def _find_symbols(self, number: int, parts: Parts, row: Rows) -> tuple[Rows, Symbols]:
        """Return in which of the joint rows a signal comes, and its symbols there."""
        message = self._entry.messages[number]
        if message not in parts:
            return np.empty(0, np.intp), np.empty(0, np.int16)
        part = parts[message]
        field = self._entry.fields[number]
        carried = zip(self._entry.fields, self._entry.messages, strict=True)
        short = part.payloads.short([other for other, carrier in carried if carrier == message])
        valid = both(part.payloads.valid(field), None if short is None else ~short)
        places = np.searchsorted(row, part.row)
        symbols = self._words.symbols(number, part.payloads.pattern(field.bits))
        return (places, symbols) if valid is None else (places[valid], symbols[valid])

    def _cut(
        self,
        parts: Parts,
        row: Rows,
        at_s: Times,
        prior_s: Times,
        mask: Mask,
        columns: list[Column],
    ) -> Runs | None:
        counter = self._entry.counter
        if counter is not None:
            # It is in the one message that the signals are in, so the joint rows are its rows.
            payloads = parts[self._entry.messages[0]].payloads
            mask = both(mask, payloads.valid(counter))
            columns.append(payloads.pattern(counter.bits))
        if self._pauses is not None:
            columns.append(self._pauses.number(at_s))
        found = find_stretches(columns, mask)
        if found is None:
            return None
        starts, ends = found
        columns = [column[starts] for column in columns]
        value = self._words.codes(columns[: len(self._inputs)])
        return Runs(
            row[starts],
            at_s[starts],
            at_s[ends],
            value,
            value != NO_WORD,
            None if counter is None else raw_values(columns[len(self._inputs)], counter.bits),
            None if self._pauses is None else columns[-1],
            prior_s[starts],
        )


class _HeldInput:
    """One signal of several: its last symbol, and when it last came."""

    def __init__(self) -> None:
        self._symbol = 0
        self._last_s = float("nan")

    def find_prior(self, at_s: Times) -> Times:
        """Return for each time at which the signal comes when it came before; NaN: never."""
        if not len(at_s):
            return at_s
        prior_s: Times = follow_on(self._last_s, at_s)
        self._last_s = float(at_s[-1])
        return prior_s

    def spread(self, places: Rows, symbols: Symbols, count: int) -> Symbols:
        """Return shape (count,): each symbol from its place to the next one's."""
        held: Symbols = np.full(count, self._symbol, np.int16)
        if len(places):
            lengths = np.diff(np.append(places, count))
            held[places[0] :] = np.repeat(symbols, lengths)
            self._symbol = int(symbols[-1])
        return held
