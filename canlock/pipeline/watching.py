"""Watching live buses: what comes is analysed, and a Snapshot given whenever there is one to see.

The frames go to the analysis at once. Reasoning costs some ten milliseconds, so it goes on in a
thread of its own, and only so often that it never takes more than a share of the processor.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, Protocol

from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.detection.detector import Detected
from canlock.model.link import LinkStatus, TapState
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, SideItem, StreamItem
from canlock.pipeline.analysis import Analysis
from canlock.pipeline.bus_group import BusGroup
from canlock.pipeline.bus_meter import BusMeter
from canlock.pipeline.live import SideQueue
from canlock.pipeline.supply_watch import SupplyWatch
from canlock.pipeline.switching import SWITCH_S
from canlock.pipeline.tap import TAP_S, TapCheck

LOOK_S: Final = 0.1
"""Least time between two Snapshots; no eye follows more."""

LONGEST_LOOK_S: Final = 0.25
"""With nothing new a Snapshot comes so often all the same: the state of the bus may change."""

SHARE: Final = 4.0
"""So many times as long as the last reasoning took, the next one waits at least: it never takes
more than a fifth of a processor."""

CHECK_S: Final = 1.0
"""Time between two looks at the supply voltage and the speed."""

LIVE_STATES: Final = frozenset({"connected"})


class Consumer(Protocol):
    """Takes everything that comes, in its order: a recording, a ring for incidents."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of it."""
        ...

    def take(self, item: StreamItem) -> None:
        """Take an item; quick, and never raises."""
        ...

    def look(self, snapshot: Snapshot) -> None:
        """See what the analysis makes of it."""
        ...

    def close(self) -> None:
        """End."""
        ...


class Pacer:
    """Says when the next look is due, by what the last one cost."""

    def __init__(self, least_s: float, now: Callable[[], float] = time.monotonic) -> None:
        """Let the first look be due at once."""
        self._least_s = least_s
        self._now = now
        self._due_at = -1.0
        self._began_at = 0.0

    def is_due(self) -> bool:
        """Say whether it is time; the look begins now where it is."""
        self._began_at = self._now()
        return self._began_at >= self._due_at

    def done(self) -> None:
        """Note that the look is over."""
        now = self._now()
        self._due_at = now + max(self._least_s, SHARE * (now - self._began_at))


@dataclass(frozen=True, slots=True)
class Attached:
    """What hangs on a session besides the analysis."""

    consumers: tuple[Consumer, ...] = ()
    """Take everything that comes; while there are some, all ids are read."""

    notes: tuple[str, ...] = ()
    """What a reader must know besides."""

    on_detected: Callable[[Detected], None] | None = None
    """Is told what happened, before any reasoning and oftener."""

    supply: SupplyWatch | None = None
    """Ends the session when the battery suffers; None: nothing does."""

    on_speed: Callable[[float], None] | None = None
    """Is told each second how fast the car is, in km/h, where that is known."""

    tap_s: float = TAP_S
    """How long it is listened to all ids before it is said what the tap sees."""


class Watch:
    """One session at some live buses. `steps` runs it; `stop` ends it from any thread."""

    def __init__(
        self,
        group: BusGroup,
        loaded: LoadedVehicle,
        items: Iterable[StreamItem],
        stop: threading.Event,
        attached: Attached = Attached(),
    ) -> None:
        """Make a session ready.

        Args:
            group: The buses, for their state.
            loaded: The vehicle.
            items: What the buses give, from the first frame on.
            stop: Ends the session when it is set.
            attached: What hangs on it besides.
        """
        self._group = group
        self._items = items
        group.plan(loaded.vehicle)
        self._analysis = Analysis(loaded)
        polled = {poll.message for poll in loaded.vehicle.polls}
        answers = {facts.key for facts in loaded.vehicle.messages if facts.name in polled}
        self._bus_keys = self._analysis.wanted - answers
        """No adapter has to let through what comes only to who asks for it."""

        self._consumers = attached.consumers
        self._notes = attached.notes
        # Taken before a view changes it as well: `steps` may outlast that.
        self._switch_s = sys.getswitchinterval()
        self._on_detected = attached.on_detected
        self._supply = attached.supply
        self._on_speed = attached.on_speed
        self._speed_told_s: float | None = None
        self._tap_s = attached.tap_s
        self.stop = stop
        self.side = SideQueue()
        """Takes the marks that are made meanwhile."""

        self._tap: TapCheck | None = TapCheck(loaded.vehicle)
        self._tap_state: TapState | None = None
        self._meter = BusMeter(group.bitrate)
        self._began_at = time.monotonic()
        self._has_begun = False
        self._finished = threading.Event()
        self.ending: str | None = None
        """Why the session ended by itself."""

    def steps(self) -> Generator[Snapshot]:
        """Yield Snapshots until the end, the last with all that came.

        Raises:
            BusError: A bus cannot be opened, or a reading thread broke.
        """
        self._has_begun = True
        self._began_at = time.monotonic()
        sys.setswitchinterval(SWITCH_S)
        try:
            yield from self._steps()
        finally:
            sys.setswitchinterval(self._switch_s)
            self.stop.set()
            self._close()
            self._finished.set()

    def _steps(self) -> Iterator[Snapshot]:
        look, check = Pacer(LOOK_S), Pacer(CHECK_S)
        has_news, is_detected = True, True
        shown_at = time.monotonic()
        job: Future[Snapshot] | None = None
        with ThreadPoolExecutor(1, "reason") as reasoner:
            for item in self._items:
                taken = self._take_in(item)
                has_news |= taken
                is_detected &= not taken
                if self._on_detected is not None and not is_detected:
                    self._on_detected(self._analysis.detect())
                    is_detected = True
                if check.is_due():
                    self._check()
                    check.done()
                self._finish_tap_check()
                if job is not None and job.done():
                    yield self._show(job.result())
                    job, shown_at = None, time.monotonic()
                    look.done()
                is_late = time.monotonic() - shown_at > LONGEST_LOOK_S
                if job is None and (has_news or is_late) and look.is_due():
                    job = reasoner.submit(self._reason, self._analysis.detect())
                    has_news = False
        self._take_marks()
        yield self._show(self._reason(self._analysis.detect()))

    def _finish_tap_check(self) -> None:
        """Say after ten seconds what the tap sees; from then on only what is needed is read."""
        listened_s = time.monotonic() - self._began_at
        if self._tap is None or listened_s < self._tap_s:
            return
        report = self._tap.report(self._group.links, listened_s, self._group.bitrate)
        self._tap = None
        self._tap_state = report.state
        self._notes = (*self._notes, report.summary)
        if not self._consumers:
            self._group.narrow(self._bus_keys)

    def _check(self) -> None:
        """Look after the battery, and tell how fast the car is, where somebody wants to know."""
        if self._supply is None and self._on_speed is None:
            return
        detected = self._analysis.detect()
        is_news = detected.now_s != self._speed_told_s
        if self._on_speed is not None and detected.speed_kmh is not None and is_news:
            # Where no frame comes time stands still, and the speed is of nobody knows when.
            self._on_speed(detected.speed_kmh)
            self._speed_told_s = detected.now_s
        if self._supply is None or not detected.supply_v or detected.now_s is None:
            return
        self.ending = self._supply.see(detected.now_s, detected.supply_v[-1])
        if self.ending is not None:
            self.stop.set()

    def wait_closed(self, timeout_s: float) -> bool:
        """Wait until the buses and all consumers are closed; close them where nothing ever ran."""
        if not self._has_begun:
            self._close()
            return True
        return self._finished.wait(timeout_s)

    def _close(self) -> None:
        close = getattr(self._items, "close", None)
        if close is not None:
            close()
        self._group.close()
        for consumer in self._consumers:
            consumer.close()

    def _take_in(self, item: StreamItem) -> bool:
        """Take in an item and the marks made meanwhile; say whether anything happened."""
        has_marks = self._take_marks()
        return self._take(item) or has_marks

    def _take_marks(self) -> bool:
        handed_in: list[SideItem] = [*self.side.take()]
        for item in handed_in:
            self._take(item)
        return bool(handed_in)

    def _take(self, item: StreamItem) -> bool:
        for consumer in self._consumers:
            consumer.take(item)
        if self._tap is not None:
            self._tap.take(item)
        self._meter.take(item)
        return self._analysis.take(item)

    def _reason(self, detected: Detected) -> Snapshot:
        """Return a Snapshot of what was detected; runs beside the taking in."""
        links = self._group.links
        notes = [*self._notes, *link_notes(links)]
        for consumer in self._consumers:
            notes.extend(consumer.notes)
        if self.ending is not None:
            notes.insert(0, self.ending)
        snapshot = self._analysis.snapshot_of(detected, self._group.info, notes)
        snapshot = replace(snapshot, links=links, bus=self._meter.rate, tap=self._tap_state)
        if not any(link.state in LIVE_STATES for link in links):
            # Time stands still where no frame comes, so the analysis cannot know.
            stale = tuple(replace(state, is_stale=True) for state in snapshot.states)
            snapshot = replace(snapshot, states=stale)
        return snapshot

    def _show(self, snapshot: Snapshot) -> Snapshot:
        for consumer in self._consumers:
            consumer.look(snapshot)
        return snapshot

    def mark(self, mark: Mark) -> None:
        """Take a mark, from any thread."""
        self.side.put(mark)


def link_notes(links: Sequence[LinkStatus]) -> Iterator[str]:
    """Yield in words what is to be known of the buses."""
    for link in links:
        if link.state == "silent":
            yield f"{link.name}: open, but no frame comes: the car sleeps or the tap hears nothing."
        elif link.state in ("reconnecting", "lost"):
            why = f" ({link.last_error})" if link.last_error else ""
            yield f"{link.name}: {link.state}{why}; it is opened again and again."
        if link.dropped:
            yield f"{link.name}: {link.dropped} frames came faster than they were analysed: lost."
        if link.errors:
            yield (
                f"{link.name}: {link.errors} errors of the adapter, opened again "
                f"{link.reopened} times; the last: {link.last_error}"
            )
        yield from (f"{link.name}: {note}" for note in link.notes)
        yield f"{link.name}: {link.silence.words}"
