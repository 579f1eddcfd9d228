"""Recording what comes from live buses, with its marks and session files, in a thread of its own.

Twice a second all of it is brought to the disk itself. A disk that is full or slow never holds up
who listens: what could not be written is said.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from canlock.errors import CanlockError, SourceError
from canlock.model.frames import FrameBatch
from canlock.model.stream import Gap, Mark, MarkUndone, StreamItem
from canlock.sources import marks, session
from canlock.sources.recording_formats import LACKS, Sink, open_sink
from canlock.sources.sidefile import reason, side_path

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot
    from canlock.model.stream import SideItem

FLUSH_S: Final = 0.4
"""So that everything older than a second is on the disk, the time that the disk takes included."""

WAITING_FRAMES: Final = 400_000
"""Frames that wait for a slow disk: 50 s of a full 1 Mbit/s bus, some 15 MB."""

_JOIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a recording goes on in another file; None: never for that reason."""

    size_mb: float | None = None
    minutes: float | None = None
    """By the clock of the frames."""

    @property
    def is_wanted(self) -> bool:
        """Tell whether there may be several files."""
        return self.size_mb is not None or self.minutes is not None


class Recorder:
    """Takes everything that comes and writes it down."""

    def __init__(self, path: Path, rotation: Rotation | None = None) -> None:
        """Begin the first file.

        Args:
            path: Its suffix tells the format. With a rotation files are `STEM-001.log` and so on.
            rotation: When to go on in another file.

        Raises:
            SourceError: There is such a file already, or it cannot be written.
        """
        self._path = path
        self._rotation = rotation or Rotation()
        self._number = 0
        self._queue: queue.SimpleQueue[StreamItem | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._lost = 0
        self._lost_since_s: float | None = None
        self._last_s: float | None = None
        self._failure: str | None = None
        self._begun = threading.Event()
        self._files: _Files | None = None
        self.paths: list[Path] = []
        """The captures written so far."""

        self._thread = threading.Thread(target=self._run, name="record", daemon=True)
        self._thread.start()
        self._begun.wait(_JOIN_S)
        if self._failure is not None:
            raise SourceError(self._failure)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the recording."""
        notes = []
        if self._failure is not None:
            notes.append(f"The recording has ended: {self._failure}. The watching goes on.")
        if self._lost:
            notes.append(f"{self._lost} frames came faster than the disk took them: not recorded.")
        lacks = LACKS.get(self._path.suffix.lower())
        if lacks is not None:
            notes.append(f"A recording as {self._path.suffix} does not hold: {lacks}.")
        return tuple(notes)

    def take(self, item: StreamItem) -> None:
        """Hand an item to the thread that writes. Never waits and never raises."""
        if isinstance(item, FrameBatch):
            if not len(item):
                return
            with self._lock:
                if self._waiting + len(item) > WAITING_FRAMES:
                    self._lost += len(item)
                    if self._lost_since_s is None:
                        self._lost_since_s = float(item.timestamp_s[0])
                    return
                self._waiting += len(item)
            if self._lost_since_s is not None:
                until_s = float(item.timestamp_s[0])
                self._queue.put(Gap(self._lost_since_s, until_s, "the disk was too slow"))
                self._lost_since_s = None
        self._queue.put(item)

    def look(self, snapshot: Snapshot) -> None:
        """Do nothing: what is recorded does not depend on what it means."""

    def close(self) -> None:
        """Write what waits and finish the files."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        try:
            self._files = self._next_files()
        except (CanlockError, OSError) as error:
            self._failure = _text(self._path, error)
            return
        finally:
            self._begun.set()
        flush_at = time.monotonic() + FLUSH_S
        is_over = False
        while not is_over:
            try:
                item = self._queue.get(timeout=max(0.0, flush_at - time.monotonic()))
                is_over = item is None
            except queue.Empty:
                item = None
            self._guard(item, is_over=is_over, must_flush=time.monotonic() >= flush_at)
            if time.monotonic() >= flush_at:
                flush_at = time.monotonic() + FLUSH_S

    def _guard(self, item: StreamItem | None, *, is_over: bool, must_flush: bool) -> None:
        """Write an item, or after a failure only let it go."""
        if isinstance(item, FrameBatch):
            with self._lock:
                self._waiting -= len(item)
        files = self._files
        if files is None:
            return
        try:
            if isinstance(item, FrameBatch) and self._is_over(files, item):
                files.close()
                files = self._files = self._next_files()
            if item is not None:
                files.write(item)
            if must_flush:
                files.flush()
            if is_over:
                files.close()
        except Exception as error:
            # Writers raise anything, and nothing may end this thread in silence.
            self._failure = _text(files.path, error)
            self._files = None
            with contextlib.suppress(Exception):
                files.close()

    def _is_over(self, files: _Files, batch: FrameBatch) -> bool:
        """Tell whether frames belong in the next file, so that none is begun in vain."""
        limit_mb, limit_min = self._rotation.size_mb, self._rotation.minutes
        is_full = limit_mb is not None and files.size() >= limit_mb * 1e6
        is_old = limit_min is not None and files.age_s(batch) >= limit_min * 60.0
        return files.has_frames and (is_full or is_old)

    def _next_files(self) -> _Files:
        self._number += 1
        path = self._path
        if self._rotation.is_wanted:
            path = path.with_name(f"{path.stem}-{self._number:03d}{path.suffix}")
        files = _Files(path)
        self.paths.append(path)
        return files


class _Files:
    """One capture that is being written, and what lies beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for suffix in (marks.SUFFIX, session.SUFFIX):
            if side_path(path, suffix).exists():
                raise SourceError(
                    f"{side_path(path, suffix)}: is there already, expected a new name: a drive "
                    "cannot be repeated, so nothing is written over"
                )
        self._sink: Sink = open_sink(path)
        self._session: session.SessionWriter | None = None
        self._marks: marks.MarksWriter | None = None
        self._made: list[Mark] = []
        self._unwritten: list[Mark] = []
        self._first_s: float | None = None

    @property
    def has_frames(self) -> bool:
        return self._first_s is not None

    def age_s(self, batch: FrameBatch) -> float:
        """Return the seconds from the first frame to those that have come now."""
        first_s = self._first_s
        return 0.0 if first_s is None else float(batch.timestamp_s[0]) - first_s

    def size(self) -> int:
        return self._sink.size()

    def write(self, item: StreamItem) -> None:
        if isinstance(item, FrameBatch):
            self._sink.write(item)
            if self._first_s is None:
                self._first_s = float(item.timestamp_s[0])
                self._write_marks(self._unwritten)
        elif isinstance(item, Mark):
            self._made.append(item)
            self._write_marks([item])
        elif isinstance(item, MarkUndone):
            self._undo(item)
        else:
            self._write_session(item)

    def flush(self) -> None:
        self._sink.flush()
        if self._session is not None:
            self._session.write([], is_synced=True)

    def close(self) -> None:
        """Finish every file, whatever becomes of the others."""
        if self._first_s is None and self._unwritten:
            self._first_s = self._unwritten[0].at_s
            self._write_marks(self._unwritten)
        with contextlib.ExitStack() as all_of_them:
            all_of_them.callback(self._sink.close)
            for writer in (self._session, self._marks):
                if writer is not None:
                    all_of_them.callback(writer.close)

    def _write_marks(self, made: Sequence[Mark]) -> None:
        if self._first_s is None:
            # The times of marks count from the first frame, which is still to come.
            self._unwritten.extend(made)
            return
        for mark in list(made):
            if self._marks is None:
                self._marks = marks.MarksWriter(side_path(self.path, marks.SUFFIX), self._first_s)
            self._marks.append(mark)
        self._unwritten = []

    def _undo(self, undone: MarkUndone) -> None:
        for known in (self._made, self._unwritten):
            if undone.mark in known:
                known.remove(undone.mark)
        if self._marks is not None and self._first_s is not None:
            self._marks.close()
            path = side_path(self.path, marks.SUFFIX)
            marks.write_marks(path, self._made, self._first_s)
            self._marks = marks.MarksWriter(path, self._first_s)

    def _write_session(self, item: SideItem) -> None:
        if isinstance(item, Mark | MarkUndone):
            return
        if self._session is None:
            self._session = session.SessionWriter(side_path(self.path, session.SUFFIX))
        self._session.append(item)


def _text(path: Path, error: Exception) -> str:
    if isinstance(error, CanlockError):
        return str(error)
    if isinstance(error, FileExistsError):
        return (
            f"{error.filename or path}: is there already, expected a new name: a drive cannot be "
            "repeated, so nothing is written over"
        )
    return f"{path}: {reason(error)}"
