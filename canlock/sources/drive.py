"""Several captures of one drive as one stream in the order of time.

Files that follow one another are read one after the other; files that were recorded side by side,
one for each bus perhaps, are merged, and frames that stand in several of them are taken once. No
more files are open at a time than overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from canlock.model.capture import CaptureInfo
from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import Gap
from canlock.sources.capture import CaptureReader, open_capture
from canlock.sources.damage import PLACES
from canlock.sources.lines import BLOCK_BYTES
from canlock.sources.repeats import Repeats, Sources


class DriveReader:
    """Some captures that can be read as one. Each call of `batches` reads them anew."""

    def __init__(self, readers: Sequence[CaptureReader], *, in_order: bool) -> None:
        self._readers = tuple(readers)
        self._in_order = in_order
        self._repeats = Repeats()

    @property
    def repeated(self) -> int:
        """Return how many of the wanted frames stood in an earlier file too; they were left out.

        The counts of `info` are those of the files, as nobody knows of the other frames.
        """
        return self._repeats.count

    @property
    def readers(self) -> tuple[CaptureReader, ...]:
        """Return those of the single files, in the order in which they were named."""
        return self._readers

    @property
    def info(self) -> CaptureInfo:
        """Return what has been found in all files so far; in the end, all of it."""
        infos = [reader.info for reader in self._readers]
        firsts = [info.first_s for info in infos if info.first_s is not None]
        lasts = [info.last_s for info in infos if info.last_s is not None]
        return CaptureInfo(
            path=", ".join(info.path for info in infos),
            format=", ".join(dict.fromkeys(info.format for info in infos)),
            frames=sum(info.frames for info in infos),
            bad_lines=sum(info.bad_lines for info in infos),
            first_s=min(firsts, default=None),
            last_s=max(lasts, default=None),
            out_of_order=sum(info.out_of_order for info in infos),
            clock_jumps=sum(info.clock_jumps for info in infos),
            error_frames=sum(info.error_frames for info in infos),
            is_truncated=any(info.is_truncated for info in infos),
            damage=tuple(damage for info in infos for damage in info.damage)[:PLACES],
        )

    @property
    def slow(self) -> str | None:
        """Return why the reading took longer than it could have, once it is done."""
        reasons = [reader.slow for reader in self._readers if reader.slow is not None]
        return "; ".join(dict.fromkeys(reasons)) or None

    def batches(self) -> Iterator[FrameBatch | Gap]:
        """Yield the wanted frames in time order, and gaps as a single capture gives them.

        Raises:
            OutOfOrderError: within one file a time stamp goes back, and the drive was opened as
                `in_order`.
            SourceError: a file went away, or a part that its format needs is not installed.
        """
        waiting = self._waiting()
        self._repeats = repeats = Repeats()
        feeds: list[_Feed] = []
        while waiting or feeds:
            until_s = min((feed.last_s for feed in feeds), default=np.inf)
            while waiting and (not feeds or waiting[0][0] <= until_s):
                feed = _Feed(waiting.pop(0)[1].batches(), number=len(waiting))
                yield from feed.go_on()
                if feed.batch is not None:
                    feeds.append(feed)
                    until_s = min(until_s, feed.last_s)
            if not feeds:
                continue
            until_s = min(feed.last_s for feed in feeds)
            batch = repeats.drop(*_merge(feeds, until_s))
            if len(batch):
                yield batch
            for feed in feeds:
                if feed.is_empty:
                    yield from feed.go_on()
            feeds = [feed for feed in feeds if feed.batch is not None]

    def _waiting(self) -> list[tuple[float, CaptureReader]]:
        """Return the files by the times at which they begin; those without frames begin first."""
        if not self._in_order or len(self._readers) == 1:
            # Where files are put in order, only reading one tells when it begins.
            return [(-np.inf, reader) for reader in self._readers]
        begins = [(reader.find_first_s(), reader) for reader in self._readers]
        waiting = [(-np.inf if at_s is None else at_s, reader) for at_s, reader in begins]
        return sorted(waiting, key=lambda pair: pair[0])


class _Feed:
    """One file while it is being merged."""

    def __init__(self, items: Iterator[FrameBatch | Gap], number: int) -> None:
        self.number = number
        """Tells it from the other files."""

        self.batch: FrameBatch | None = None
        """Frames that are not handed on yet; None: the file has ended."""

        self._items = items

    @property
    def last_s(self) -> float:
        """Return the time of the last frame in hand."""
        return float(self.batch.timestamp_s[-1]) if self.batch is not None else np.inf

    @property
    def is_empty(self) -> bool:
        """Tell whether more must be read before anything can be handed on."""
        return self.batch is None or not len(self.batch)

    def go_on(self) -> Iterator[Gap]:
        """Read the next frames, and yield the gaps before them."""
        self.batch = None
        for item in self._items:
            if isinstance(item, FrameBatch):
                self.batch = item
                return
            yield item

    def take(self, until_s: float) -> FrameBatch:
        """Return the frames in hand up to a time, and keep the others."""
        if self.batch is None:
            return join_batches(())
        count = int(np.searchsorted(self.batch.timestamp_s, until_s, side="right"))
        taken = self.batch.take(slice(0, count))
        self.batch = self.batch.take(slice(count, None))
        return taken


def _merge(feeds: Sequence[_Feed], until_s: float) -> tuple[FrameBatch, Sources]:
    """Return the frames in hand up to a time in its order, and which file each is from."""
    parts = [feed.take(until_s) for feed in feeds]
    batch = join_batches([part for part in parts if len(part)])
    sources = np.repeat(
        np.array([feed.number for feed in feeds], np.uint32), [len(part) for part in parts]
    )
    if len(batch) == max(map(len, parts)):
        return batch, sources
    order = np.argsort(batch.timestamp_s, kind="stable")
    return batch.take(order), sources[order]


def open_captures(
    paths: Sequence[Path | str],
    wanted: frozenset[int] | None = None,
    *,
    in_order: bool = True,
    block_bytes: int = BLOCK_BYTES,
) -> DriveReader:
    """Return one reader for several captures of one drive; for the rest, see `open_capture`.

    Raises:
        CaptureNotFoundError: there is no such file.
        CaptureUnreadableError: no known log format explains the content of one.
    """
    readers = [
        open_capture(path, wanted, in_order=in_order, block_bytes=block_bytes) for path in paths
    ]
    return DriveReader(readers, in_order=in_order)
