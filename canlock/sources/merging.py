"""Stretches of several sources merged in the order of time, and rid of what cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from canlock.model.frames import join_batches
from canlock.sources.damage import DamageLog
from canlock.sources.screening import are_possible, describe_fault
from canlock.sources.stretch import Stretch

Rows = npt.NDArray[np.intp]


def merge_stretches(feeds: Sequence[Iterator[Stretch]]) -> Iterator[Stretch]:
    """Yield all frames of some sources, those with equal times in the order of the sources.

    The frames of one source stay in their order, even where their times go back. Their numbers
    mean nothing any more.
    """
    open_feeds = [_Feed(feed) for feed in feeds]
    for feed in open_feeds:
        feed.go_on()
    while any(feed.part is not None for feed in open_feeds):
        alive = [feed for feed in open_feeds if feed.part is not None]
        until_s = min(feed.last_s for feed in alive)
        parts = [feed.take(until_s) for feed in alive]
        yield _join([part for part, _ in parts], [times_s for _, times_s in parts])
        for feed in alive:
            if feed.is_empty:
                feed.go_on()


def screen(stretch: Stretch, log: DamageLog) -> Stretch:
    """Return a stretch without the frames that no bus can have carried, which are told."""
    arbitration_id = stretch.keys & np.uint32(0x7FFF_FFFF)
    is_good = are_possible(stretch.timestamp_s, arbitration_id, stretch.flags)
    if is_good.all():
        return stretch
    bad = np.flatnonzero(~is_good)
    log.bad_lines += len(bad)
    for row in bad.tolist():
        if not log.has_room("line"):
            break
        text = describe_fault(
            float(stretch.timestamp_s[row]), int(arbitration_id[row]), int(stretch.flags[row])
        )
        log.tell("line", f"frame {stretch.number[row]}", text)
    return take_rows(stretch, is_good)


def take_rows(stretch: Stretch, is_left: npt.NDArray[np.bool_]) -> Stretch:
    """Return some of the frames of a stretch; the others count as unreadable."""
    before = np.concatenate(([0], np.cumsum(is_left)))
    bad = np.concatenate((before[stretch.bad_before], before[:-1][~is_left]))
    chosen = is_left[stretch.kept_rows]
    return Stretch(
        stretch.timestamp_s[is_left],
        stretch.keys[is_left],
        stretch.flags[is_left],
        stretch.length[is_left],
        stretch.number[is_left],
        _distinct(bad),
        stretch.kept.take(chosen),
        before[stretch.kept_rows[chosen]],
    )


def _distinct(rows: Rows) -> Rows:
    """Return rows in their order, each once."""
    rows = np.sort(rows)
    # `np.unique` would import the masked arrays, a tenth of a second at the start.
    return rows[np.diff(rows, prepend=-1) > 0]


class _Feed:
    """One source while it is being merged."""

    def __init__(self, stretches: Iterator[Stretch]) -> None:
        self.part: Stretch | None = None
        """What is not handed on yet; None: the source has ended."""

        self._stretches = stretches
        self._order_s = np.empty(0)
        """Shape (n,): by what frames are merged: their times, but never before an earlier one's."""

        self._latest_s = -np.inf
        self._at = 0

    @property
    def last_s(self) -> float:
        return float(self._order_s[-1]) if len(self._order_s) else -np.inf

    @property
    def is_empty(self) -> bool:
        return self.part is not None and self._at == len(self._order_s)

    def go_on(self) -> None:
        self.part = next(self._stretches, None)
        self._at = 0
        if self.part is None:
            self._order_s = np.empty(0)
            return
        order_s = np.maximum.accumulate(self.part.timestamp_s)
        self._order_s = np.maximum(order_s, self._latest_s)
        if len(order_s):
            self._latest_s = float(self._order_s[-1])

    def take(self, until_s: float) -> tuple[Stretch, npt.NDArray[np.float64]]:
        """Return the frames up to a time, and by what they are merged."""
        assert self.part is not None
        first = self._at
        last = int(np.searchsorted(self._order_s, until_s, side="right"))
        self._at = max(last, first)
        return _cut(self.part, first, self._at), self._order_s[first : self._at]


def _cut(stretch: Stretch, first: int, last: int) -> Stretch:
    """Return some frames on end."""
    if first == 0 and last == stretch.frame_count:
        return stretch
    rows = slice(first, last)
    kept = slice(*np.searchsorted(stretch.kept_rows, [first, last]).tolist())
    # What is unreadable behind the last frame is before the next one.
    is_last = last == stretch.frame_count
    bad = stretch.bad_before
    bad = bad[(bad >= first) & ((bad < last) | is_last)] - first
    return Stretch(
        stretch.timestamp_s[rows],
        stretch.keys[rows],
        stretch.flags[rows],
        stretch.length[rows],
        stretch.number[rows],
        bad,
        stretch.kept.take(kept),
        stretch.kept_rows[kept] - first,
    )


def _join(parts: list[Stretch], order_s: list[npt.NDArray[np.float64]]) -> Stretch:
    """Return frames of several sources in the order of time."""
    if len(parts) == 1:
        return parts[0]
    order = np.argsort(np.concatenate(order_s), kind="stable")
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    firsts = np.cumsum([0, *(part.frame_count for part in parts)]).tolist()
    bad = [
        _moved(part, place[first : first + part.frame_count])
        for part, first in zip(parts, firsts, strict=False)
    ]
    rows = np.concatenate(
        [place[part.kept_rows + first] for part, first in zip(parts, firsts, strict=False)]
    )
    kept_order = np.argsort(rows, kind="stable")
    return Stretch(
        np.concatenate([part.timestamp_s for part in parts])[order],
        np.concatenate([part.keys for part in parts])[order],
        np.concatenate([part.flags for part in parts])[order],
        np.concatenate([part.length for part in parts])[order],
        np.concatenate([part.number for part in parts])[order],
        _distinct(np.concatenate(bad)),
        join_batches([part.kept for part in parts]).take(kept_order),
        rows[kept_order],
    )


def _moved(part: Stretch, place: Rows) -> Rows:
    """Return before which frames the unreadable places of a part are among all."""
    if not len(part.bad_before):
        return np.empty(0, np.intp)
    behind = np.append(place, place[-1] + 1 if len(place) else 0)
    return behind[part.bad_before]
