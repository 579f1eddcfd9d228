"""Incidents: when an operation fails, the seconds before and after become a capture of their own.

That is how a fault is caught that comes and goes: `STAMP-OUTCOME.log` with its marks and session
files, and the report of that moment.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from canlock.errors import CanlockError, SourceError
from canlock.model.frames import FrameBatch
from canlock.model.operations import Operation
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, MarkUndone, SideItem, StreamItem
from canlock.pipeline.ring import Ring
from canlock.sources import marks, session
from canlock.sources.sidefile import reason, side_path
from canlock.sources.writer import write_capture

FAILED: Final = frozenset({"partly", "silent", "no-command"})

BEFORE_S: Final = 30.0
AFTER_S: Final = 15.0
KEPT: Final = 50
"""Incidents in one folder."""

KEPT_MB: Final = 200.0
REPORT_SUFFIX: Final = ".report.txt"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much becomes of an incident, and how many are kept."""

    before_s: float = BEFORE_S
    after_s: float = AFTER_S
    kept: int = KEPT
    kept_mb: float = KEPT_MB


@dataclass(slots=True)
class _Pending:
    """An incident whose seconds after are not over."""

    name: str
    from_s: float
    until_s: float


class Incidents:
    """Watches a session for failed operations and keeps what was about them."""

    def __init__(
        self, folder: Path, render: Callable[[Snapshot], str], bounds: Bounds | None = None
    ) -> None:
        """Make the folder.

        Args:
            folder: Where incidents go; those of earlier sessions count for the bounds.
            render: Writes the report of a moment.
            bounds: How much is kept.

        Raises:
            SourceError: The folder cannot be made.
        """
        self._folder = folder
        self._render = render
        self._bounds = bounds or Bounds()
        self._ring = Ring(kept_s=4 * (self._bounds.before_s + self._bounds.after_s))
        self._known: set[float] = set()
        self._pending: _Pending | None = None
        self._writer = ThreadPoolExecutor(1, "incident")
        self._jobs: list[Future[None]] = []
        self._failure: str | None = None
        self._last: Snapshot | None = None
        self.written: list[Path] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(f"{folder}: {reason(error)}, expected a folder for incidents") from (
                error
            )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the incidents."""
        notes = []
        if self.written:
            count = len(self.written)
            kept = "1 incident was" if count == 1 else f"{count} incidents were"
            notes.append(f"{kept} kept in {self._folder}.")
        if self._failure is not None:
            notes.append(f"An incident could not be kept: {self._failure}")
        return tuple(notes)

    def take(self, item: StreamItem) -> None:
        """Keep an item for some minutes."""
        self._ring.take(item)

    def look(self, snapshot: Snapshot) -> None:
        """See whether an operation failed, and whether the time after one is over."""
        self._last = snapshot
        for operation in self._new_failures(snapshot):
            self._begin(operation)
        now_s = snapshot.now_s
        if self._pending is not None and now_s is not None and now_s >= self._pending.until_s:
            self._finish(snapshot)

    def close(self) -> None:
        """Write what is pending and wait for it."""
        if self._pending is not None and self._last is not None:
            self._finish(self._last)
        self._writer.shutdown(wait=True)

    def _new_failures(self, snapshot: Snapshot) -> Iterator[Operation]:
        now_s = snapshot.now_s or 0.0
        # What is older than a minute is settled, and was looked at then.
        recent_s = now_s - 120.0
        self._known = {at_s for at_s in self._known if at_s >= recent_s}
        for operation in reversed(snapshot.operations):
            if operation.at_s < recent_s:
                return
            if not operation.is_closed or operation.outcome not in FAILED:
                continue
            if operation.at_s not in self._known:
                self._known.add(operation.at_s)
                yield operation

    def _begin(self, operation: Operation) -> None:
        from_s = operation.at_s - self._bounds.before_s
        until_s = operation.until_s + self._bounds.after_s
        pending = self._pending
        if pending is not None:
            # Several that fail one after the other are one incident, while the ring holds it.
            pending.from_s = min(pending.from_s, from_s)
            longest_s = 2 * (self._bounds.before_s + self._bounds.after_s)
            pending.until_s = max(pending.until_s, min(until_s, pending.from_s + longest_s))
            return
        stamp = datetime.fromtimestamp(operation.at_s, UTC).strftime("%Y%m%dT%H%M%SZ")
        self._pending = _Pending(f"{stamp}-{operation.outcome}", from_s, until_s)

    def _finish(self, snapshot: Snapshot) -> None:
        pending, self._pending = self._pending, None
        if pending is None:
            return
        batches, side = self._ring.between(pending.from_s, pending.until_s)
        if batches:
            self._jobs = [job for job in self._jobs if not job.done()]
            job = self._writer.submit(self._write, pending.name, batches, side, snapshot)
            self._jobs.append(job)

    def _write(
        self, name: str, batches: list[FrameBatch], side: list[SideItem], snapshot: Snapshot
    ) -> None:
        try:
            path = _free_name(self._folder, name)
            write_capture(path, batches)
            made = _without_undone(side)
            first_s = float(batches[0].timestamp_s[0])
            if made:
                marks.write_marks(side_path(path, marks.SUFFIX), made, first_s)
            others = [item for item in side if not isinstance(item, Mark | MarkUndone)]
            if others:
                others.sort(key=lambda item: item.at_s)
                session.write_session(side_path(path, session.SUFFIX), others)
            report = self._render(snapshot)
            side_path(path, REPORT_SUFFIX).write_text(report + "\n", encoding="utf-8")
            self.written.append(path)
            self._let_go()
        except Exception as error:
            # Nothing that goes wrong here may end in silence, nor end the watching.
            text = error if isinstance(error, CanlockError) else reason(error)
            self._failure = f"{self._folder}: {text}"

    def _let_go(self) -> None:
        """Delete the oldest incidents where there are too many, or they are too big."""
        logs = sorted(self._folder.glob("????????T??????Z-*.log"))
        sizes = [_sizes(path) for path in logs]
        while logs[1:] and (
            len(logs) > self._bounds.kept or sum(sizes) > self._bounds.kept_mb * 1e6
        ):
            for path in _parts(logs.pop(0)):
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
            sizes.pop(0)


def _parts(path: Path) -> Iterator[Path]:
    yield path
    for suffix in (marks.SUFFIX, session.SUFFIX, REPORT_SUFFIX):
        yield side_path(path, suffix)


def _sizes(path: Path) -> int:
    return sum(part.stat().st_size for part in _parts(path) if part.exists())


def _free_name(folder: Path, name: str) -> Path:
    path = folder / f"{name}.log"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.log"
    return path


def _without_undone(side: list[SideItem]) -> list[Mark]:
    undone = [item.mark for item in side if isinstance(item, MarkUndone)]
    return [item for item in side if isinstance(item, Mark) and item not in undone]
