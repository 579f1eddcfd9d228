"""Conditions on frames, each tried on many rows at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from canlock.decoding.extraction import both
from canlock.decoding.signal_book import BookSignal
from canlock.model.frames import FrameFlag
from canlock.pipeline.frame_window import FrameRows, FrameWindow, Ident

_REMOTE: Final = np.uint8(FrameFlag.REMOTE)

Chosen = npt.NDArray[np.bool_]
"""Shape (n,): which rows are meant."""


class Term(Protocol):
    """One condition."""

    def choose(self, rows: FrameRows, window: FrameWindow) -> Chosen:
        """Return shape (n,): for which rows it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Negated:
    """Holds where another term does not."""

    term: Term

    def choose(self, rows: FrameRows, window: FrameWindow) -> Chosen:
        """Return for which rows it holds."""
        return ~self.term.choose(rows, window)


@dataclass(frozen=True, slots=True)
class Either:
    """Holds where one of several terms does."""

    terms: tuple[Term, ...]

    def choose(self, rows: FrameRows, window: FrameWindow) -> Chosen:
        """Return for which rows it holds."""
        chosen = np.zeros(len(rows), np.bool_)
        for term in self.terms:
            chosen |= term.choose(rows, window)
        return chosen


@dataclass(frozen=True, slots=True)
class RowTest:
    """Looks at whole columns."""

    test: Callable[[FrameRows, FrameWindow], Any]

    def choose(self, rows: FrameRows, window: FrameWindow) -> Chosen:
        """Return for which rows it holds."""
        chosen: Chosen = self.test(rows, window)
        return chosen


class IdentTest:
    """Asked once an ident, not once a frame."""

    def __init__(self, is_meant: Callable[[Ident], bool]) -> None:
        self._is_meant = is_meant
        self._known: tuple[Ident, ...] = ()
        self._table = np.zeros(0, np.bool_)

    def choose(self, rows: FrameRows, window: FrameWindow) -> Chosen:
        """Return for which rows it holds."""
        table = self.table(window.idents)
        return table.take(rows.ident) if len(table) else np.zeros(len(rows), np.bool_)

    def table(self, idents: tuple[Ident, ...]) -> Chosen:
        """Return for which idents it holds."""
        if idents is not self._known:
            if idents[: len(self._known)] != self._known:
                self._table = np.zeros(0, np.bool_)
            new = idents[len(self._table) :]
            more = np.fromiter((self._is_meant(ident) for ident in new), np.bool_, len(new))
            self._table = np.concatenate([self._table, more])
            self._known = idents
        return self._table


class SignalTest:
    """Looks at the raw values of a signal, in the frames that carry it."""

    def __init__(self, signal: BookSignal, test: Callable[[Any], Chosen]) -> None:
        self._signal = signal
        self._test = test
        key = signal.key
        self._carriers = IdentTest(lambda ident: ident.key == key and ident.kind == "data")

    def choose(self, rows: FrameRows, window: FrameWindow) -> Chosen:
        """Return for which rows it holds."""
        chosen = np.zeros(len(rows), np.bool_)
        carrying = np.flatnonzero(self._carriers.choose(rows, window))
        if len(carrying):
            length = rows.length[carrying]
            raw, is_valid = self._signal.read_rows(rows.payload.take(carrying, axis=0), length)
            found = both(self._test(raw), is_valid)
            chosen[carrying] = True if found is None else found
        return chosen


@dataclass(frozen=True, slots=True)
class DataTest:
    """Looks for bytes in payloads."""

    mask: bytes
    """Bits that matter, byte by byte."""

    wanted: bytes
    is_whole: bool
    """The bytes must be the whole payload, not a part of it."""

    def choose(self, rows: FrameRows, window: FrameWindow) -> Chosen:  # noqa: ARG002 - as all terms.
        """Return for which rows it holds."""
        size = len(self.wanted)
        chosen = np.zeros(len(rows), np.bool_)
        # A remote frame has no payload, whatever length it asks for.
        length = np.where(rows.flags & _REMOTE, np.uint8(0), rows.length)
        if self.is_whole:
            if size <= rows.payload.shape[1]:
                chosen = self._agrees(rows, 0) & (length == size)
            return chosen
        for start in range(rows.payload.shape[1] - size + 1):
            chosen |= self._agrees(rows, start) & (length >= start + size)
        return chosen

    def _agrees(self, rows: FrameRows, start: int) -> Chosen:
        found = np.ones(len(rows), np.bool_)
        for place, (mask, wanted) in enumerate(zip(self.mask, self.wanted, strict=True), start):
            if mask:
                found &= (rows.payload[:, place] & np.uint8(mask)) == wanted
        return found
