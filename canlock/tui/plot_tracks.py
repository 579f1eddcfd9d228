"""All that could be plotted, and the series of what is: kept up to date as frames come."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import EntryLayout, Layout
from canlock.decoding.signal_book import BookSignal, SignalBook
from canlock.model.vehicle import Vehicle
from canlock.pipeline.frame_window import FrameWindow
from canlock.tui.plot_series import NO_SERIES, RoleTrack, Series, SignalTrack

FOREMOST: Final = (
    "request.",
    "command.lock",
    "lock.status",
    "door.ajar",
    "ack.flasher",
    "handle.",
    "power.state",
    "latch.status",
    "supply.voltage",
)
"""Roles that are plotted unless somebody chooses others: the chain from the press to the door."""

BUDGET_S: Final = 0.03
"""Time that reading may take at once: a key pressed meanwhile must not wait."""


class PlotTracks:
    """Reads frames into tracks, each by its name: `lock.status driver`, `Message.Signal`."""

    def __init__(self, vehicle: Vehicle | None, layout: Layout | None, book: SignalBook) -> None:
        """Take what the frames mean.

        Args:
            vehicle: The vehicle; None: only signals of the book can be plotted.
            layout: It, compiled.
            book: All messages and signals.
        """
        self._vehicle = vehicle
        self._layout = layout
        self._signals = {signal.full_name: signal for signal in book.signals}
        self._numbers: dict[str, str] = {}
        """Name of a role of numbers -> name of its signal."""

        self._keys: frozenset[int] = frozenset()
        """Frame keys that have come."""

        self._roles: dict[str, RoleTrack] = {}
        self._chosen: dict[str, SignalTrack] = {}
        self._signal_seen: dict[str, int] = {}
        self._series: dict[str, tuple[int, Series]] = {}
        self._beginnings = 0
        self._seen = 0
        self._begin()

    def _begin(self) -> None:
        self._seen = 0
        self._series = {}
        self._chosen = {}
        self._signal_seen = {}
        self._roles = {}
        self._numbers = {}
        self._decoder = None
        if self._vehicle is None or self._layout is None:
            return
        self._decoder = Decoder(self._vehicle, self._layout)
        for entry in self._layout.entries:
            if entry.words is not None:
                message = self._layout.messages[entry.messages[0]].name
                self._roles[self._name(entry)] = RoleTrack(entry, message)
            elif entry.fields[0].name in self._signals:
                self._numbers[self._name(entry)] = entry.fields[0].name

    def _signal(self, name: str) -> BookSignal | None:
        return self._signals.get(self._numbers.get(name, name))

    def _name(self, entry: EntryLayout) -> str:
        words = [entry.role, *entry.doors]
        if self._vehicle is not None and set(entry.doors) == set(self._vehicle.doors):
            words = [entry.role, "all doors"]
        name = " ".join(words)
        if entry.feedback is not None:
            name += f" ({entry.feedback})"
        is_taken = name in self._roles or name in self._numbers
        return f"{name} #{entry.source}" if is_taken else name

    @property
    def names(self) -> tuple[str, ...]:
        """Return all that could be plotted: roles first."""
        return (*self._roles, *self._numbers, *self._signals)

    @property
    def foremost(self) -> tuple[str, ...]:
        """Return the roles that have said something and matter most."""
        said = [name for name, track in self._roles.items() if track.has_any]
        said += [
            name
            for name in self._numbers
            if (signal := self._signal(name)) is not None and signal.key in self._keys
        ]
        found = [
            (place, name)
            for name in said
            for place, begin in enumerate(FOREMOST)
            if name.startswith(begin)
        ]
        return tuple(name for _, name in sorted(found, key=lambda pair: pair[0]))

    def follow(
        self,
        window: FrameWindow,
        names: tuple[str, ...],
        now: Callable[[], float] = time.perf_counter,
    ) -> float:
        """Read what has come, for some time; return how much of the kept frames is read, 0 to 1.

        Args:
            window: What is kept.
            names: What is plotted: of the signals, only these are read.
            now: Tells how long it has taken.
        """
        if window.beginnings != self._beginnings:
            self._begin()
            self._beginnings = window.beginnings
        until = now() + BUDGET_S
        self._keys = frozenset(ident.key for ident in window.idents if ident.kind == "data")
        self._choose(names, window.first)
        self._forget(window)
        self._follow_roles(window, lambda: now() > until)
        self._follow_signals(window, lambda: now() > until)
        seen = min([self._seen, *self._signal_seen.values()], default=window.end)
        return (max(seen, window.first) - window.first) / max(1, len(window))

    def _choose(self, names: tuple[str, ...], first: int) -> None:
        for name in names:
            signal = self._signal(name)
            if signal is not None and name not in self._chosen:
                self._chosen[name] = SignalTrack(signal)
                self._signal_seen[name] = first
        for name in tuple(self._chosen):
            if name not in names:
                del self._chosen[name], self._signal_seen[name]

    def _forget(self, window: FrameWindow) -> None:
        if not window.parts:
            return
        first_s = float(window.parts[0].rows.at_s[0])
        for role in self._roles.values():
            role.forget(first_s)
        for signal in self._chosen.values():
            signal.forget(first_s)

    def _follow_roles(self, window: FrameWindow, is_late: Callable[[], bool]) -> None:
        if self._decoder is None:
            self._seen = window.end
            return
        for end, batch in window.batches(self._seen):
            decoded = self._decoder.decode(batch)
            for track in self._roles.values():
                track.follow(decoded)
            self._seen = end
            if is_late():
                return

    def _follow_signals(self, window: FrameWindow, is_late: Callable[[], bool]) -> None:
        for name, track in self._chosen.items():
            for part in window.parts:
                if part.end > self._signal_seen[name] and not is_late():
                    track.follow(part, self._signal_seen[name], window)
                    self._signal_seen[name] = part.end

    def series(self, name: str, window: FrameWindow) -> Series:
        """Return what is known of a role or signal in a window."""
        read = self._signal_seen.get(name, self._seen)
        known = self._series.get(name)
        if known is not None and known[0] == read:
            return known[1]
        track = self._roles.get(name) or self._chosen.get(name)
        series = NO_SERIES if track is None else _until_now(track.series(window), window)
        self._series[name] = read, series
        return series


def _until_now(series: Series, window: FrameWindow) -> Series:
    """Return a series that tells nothing of what is yet to come."""
    if series.is_event or not len(series.at_s):
        return series
    now_s = max(float(window.parts[-1].rows.at_s[-1]), float(series.at_s[-1]))
    return replace(
        series,
        at_s=np.append(series.at_s, np.nextafter(now_s, np.inf)),
        value=np.append(series.value, np.nan),
    )
