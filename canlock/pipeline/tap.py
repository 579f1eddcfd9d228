"""Can this tap see it? Ten seconds of listening tell, before any verdict can.

A verdict "the BCM gives no command" from a port behind a gateway would be false: what the tap
cannot see has to be said first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from canlock.model.frames import EXTENDED_BIT, FrameBatch, FrameFlag
from canlock.model.link import LinkState, LinkStatus, TapState
from canlock.model.stream import Gap, StreamItem
from canlock.model.vehicle import Vehicle
from canlock.pipeline.bus_load import BusLoad

TAP_S: Final = 10.0

FEW_IDS: Final = 5
"""A gateway lets a handful of ids through to its diagnostic port; a bus of the car carries dozens.
"""

DIAGNOSTIC_IDS: Final = range(0x700, 0x800)
"""11-bit ids of testers and their answers (ISO 15765-4 and what makers use about it)."""

_DIAGNOSTIC_WIDE: Final = (0x18DA, 0x18DB)
_BAD_SHARE: Final = 0.01
"""Error frames to good ones: a sound bus has none."""

_PERIODS: Final = 1.5
"""A message that keeps its time comes at least once within so many periods."""

_SLOW: Final = 2.0
"""A message that comes so many times slower than it should is named."""

WORDS: Final[dict[TapState, str]] = {
    "sees-all": "This tap sees it: every regular message of the vehicle file comes.",
    "sees-part": "This tap sees a part of it.",
    "other-bus": "Frames come, but none of this vehicle's: another bus of the car, or another car.",
    "gateway": "This tap seems to be behind a gateway, which lets only diagnostics through.",
    "wrong-bitrate": "Only error frames come: the bit rate is wrong, or the wires are swapped.",
    "no-frames": "Nothing comes at all: the car sleeps, or the tap is not on a bus.",
}

LINK_WORDS: Final[dict[LinkState, str]] = {
    "connected": "frames come",
    "silent": "open, but nothing comes now",
    "reconnecting": "failed, and is being opened again",
    "lost": "failed, and cannot be opened again",
    "closed": "closed",
}

UNKNOWN_WORDS: Final = "Frames come, but of no vehicle that is known, or of several."

ADVICE: Final[dict[TapState, tuple[str, ...]]] = {
    "sees-all": (),
    "sees-part": (
        "What is missing may be sent by a node that sleeps: press unlock, switch the ignition on, "
        "and check again.",
        "It may also be on another bus of the car: tap there too, with `-c can0,can1`.",
    ),
    "other-bus": (
        "Tap the body bus: at the BCM, at a door's connector, or at the radio.",
        "Or name another vehicle; `canlock vehicles` lists them.",
    ),
    "gateway": (
        "The diagnostic port does not show the body bus here. Tap at the BCM or at a door's "
        "connector, or have the BCM's data read with `canlock obd`.",
    ),
    "wrong-bitrate": (
        "Give the right bit rate: 500000 for most drive trains and newer cars, 125000 or 100000 "
        "for many body buses.",
        "Check that CAN-H and CAN-L are not swapped.",
    ),
    "no-frames": (
        "Wake the car: open a door, press unlock, switch the ignition on; then check again.",
        "If it stays silent, check the plug, the channel's name and the bit rate; some ports sit "
        "behind a gateway that shows nothing at all.",
    ),
}


@dataclass(frozen=True, slots=True)
class MessageSight:
    """How one mapped message came."""

    name: str
    key: int
    count: int
    rate_hz: float | None
    """None: fewer than two came."""

    period_s: float | None
    """Declared; None: it comes only when something happens."""

    is_due: bool
    """It was listened for so long that a regular message would have come."""


@dataclass(frozen=True, slots=True)
class TapReport:
    """What ten seconds of listening showed."""

    state: TapState
    seconds: float
    frames: int
    ids: int
    error_frames: int
    load: tuple[float, float] | None
    """Least and most share of the bus's time; None where the bit rate is not known."""

    messages: tuple[MessageSight, ...]
    links: tuple[LinkStatus, ...]
    is_vehicle_known: bool = True
    """False: nothing tells which of the frames are of use."""

    lost_s: float = 0.0
    """How long frames may have been missing: an adapter's line was too slow, or it failed."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Regular messages that did not come."""
        return tuple(sight.name for sight in self.messages if not sight.count and sight.is_due)

    @property
    def summary(self) -> str:
        """Return it in one line."""
        if not self.is_vehicle_known:
            return UNKNOWN_WORDS if self.state == "other-bus" else WORDS[self.state]
        seen = sum(sight.count > 0 for sight in self.messages)
        text = f"{WORDS[self.state]} {seen} of {len(self.messages)} mapped messages came"
        if self.missing and self.state == "sees-part":
            text += f"; missing: {', '.join(self.missing)}"
        if not seen and any(link.is_filtered for link in self.links):
            # The adapter was told to hold back all others: what else is there is not known.
            text += "; nothing else was listened to, `canlock check-tap` does that"
        return text + "."

    def lines(self) -> Iterator[str]:
        """Yield it in full, with what to do."""
        yield self.summary
        yield ""
        yield (
            f"{self.frames} frames of {self.ids} ids in {self.seconds:.1f} s, "
            f"{self.error_frames} error frames"
        )
        if self.load is not None:
            yield f"bus load {self.load[0]:.0%} to {self.load[1]:.0%}"
        if self.lost_s:
            yield (
                f"frames may be missing for {self.lost_s:.1f} s of it, by the adapter's doing: "
                "more comes than is told here"
            )
        elif self.error_frames > _BAD_SHARE * self.frames and self.state != "wrong-bitrate":
            yield "so many error frames tell of a bad wire, a wrong ending or a wrong bit rate"
        for link in self.links:
            yield f"{link.name}: {LINK_WORDS[link.state]}; {link.silence.words}"
        if self.messages:
            yield ""
        for sight in self.messages:
            yield _sight_line(sight, is_whole=not self.lost_s)
        if ADVICE[self.state]:
            yield ""
            yield from (f"- {advice}" for advice in ADVICE[self.state])


class TapCheck:
    """Takes what comes while it listens."""

    def __init__(self, vehicle: Vehicle | None) -> None:
        """Begin with nothing heard; the vehicle may become known while it listens."""
        self.vehicle = vehicle
        self._counts: dict[int, int] = {}
        self._spans: dict[int, tuple[float, float]] = {}
        self._frames = 0
        self._errors = 0
        self._load = BusLoad()
        self._gaps: list[Gap] = []
        self._first_s: float | None = None
        self._last_s = 0.0

    def take(self, item: StreamItem) -> None:
        """Take what came."""
        if isinstance(item, Gap) and item.keys is None:
            self._gaps.append(item)
        if not isinstance(item, FrameBatch) or not len(item):
            return
        self._first_s = float(item.timestamp_s[0]) if self._first_s is None else self._first_s
        self._last_s = float(item.timestamp_s[-1])
        is_error = (item.flags & np.uint8(FrameFlag.ERROR)) > 0
        self._errors += int(is_error.sum())
        self._frames += len(item) - int(is_error.sum())
        self._load.take(item)
        keys = item.keys[~is_error]
        times_s = item.timestamp_s[~is_error]
        for key in np.unique(keys).tolist():
            at = np.flatnonzero(keys == key)
            first_s = self._spans.get(key, (float(times_s[at[0]]), 0.0))[0]
            self._spans[key] = (first_s, float(times_s[at[-1]]))
            self._counts[key] = self._counts.get(key, 0) + len(at)

    def report(
        self, links: Sequence[LinkStatus], listened_s: float, bitrate: int | None = None
    ) -> TapReport:
        """Return what was heard.

        Args:
            links: The buses, for their state.
            listened_s: How long was listened.
            bitrate: Bits a second of the bus; None: not known, and so no load.
        """
        vehicle = self.vehicle
        # What comes only to who asks for it is nothing that a tap could see.
        polled = {poll.message for poll in vehicle.polls} if vehicle is not None else set()
        sights = tuple(
            self._sight(facts.name, facts.key, facts.period_s, listened_s)
            for facts in (vehicle.messages if vehicle is not None else ())
            if facts.name not in polled
        )
        heard_s = 0.0 if self._first_s is None else self._last_s - self._first_s
        errors = max(self._errors, sum(link.error_frames for link in links))
        return TapReport(
            self._state(sights, errors),
            listened_s,
            self._frames,
            len(self._counts),
            errors,
            self._load.share(bitrate if len(links) == 1 else None, heard_s),
            sights,
            tuple(links),
            vehicle is not None,
            _lasting(self._gaps),
        )

    def _sight(
        self, name: str, key: int, period_s: float | None, listened_s: float
    ) -> MessageSight:
        count = self._counts.get(key, 0)
        first_s, last_s = self._spans.get(key, (0.0, 0.0))
        rate_hz = (count - 1) / (last_s - first_s) if count > 1 and last_s > first_s else None
        is_due = period_s is not None and listened_s >= _PERIODS * period_s
        return MessageSight(name, key, count, rate_hz, period_s, is_due)

    def _state(self, sights: Sequence[MessageSight], errors: int) -> TapState:
        if not self._frames:
            return "wrong-bitrate" if errors else "no-frames"
        if not any(sight.count for sight in sights):
            strangers = [key for key in self._counts if not _is_diagnostic(key)]
            return "other-bus" if len(strangers) > FEW_IDS else "gateway"
        regular = [sight for sight in sights if sight.is_due]
        has_all = all(sight.count for sight in regular or sights)
        return "sees-all" if has_all else "sees-part"


def _is_diagnostic(key: int) -> bool:
    if key & EXTENDED_BIT:
        return (key & ~EXTENDED_BIT) >> 16 in _DIAGNOSTIC_WIDE
    return key in DIAGNOSTIC_IDS


def _lasting(gaps: Sequence[Gap]) -> float:
    """Return how long at least one of some gaps lasts, in seconds."""
    total_s, reached_s = 0.0, float("-inf")
    for gap in sorted(gaps, key=lambda gap: gap.at_s):
        total_s += max(0.0, gap.until_s - max(gap.at_s, reached_s))
        reached_s = max(reached_s, gap.until_s)
    return total_s


def _sight_line(sight: MessageSight, *, is_whole: bool) -> str:
    wide = bool(sight.key & EXTENDED_BIT)
    number = f"{sight.key & ~EXTENDED_BIT:0{8 if wide else 3}X}"
    expected = "on events" if sight.period_s is None else f"each {sight.period_s:g} s"
    if not sight.count:
        is_early = sight.period_s is not None and not sight.is_due
        heard = "not seen yet: listen longer, with `--for`" if is_early else "not seen"
    elif sight.rate_hz is None:
        heard = "seen once" if sight.count == 1 else f"seen {sight.count} times"
    else:
        heard = f"{sight.rate_hz:.1f} a second"
        is_slow = sight.period_s is not None and sight.rate_hz * sight.period_s < 1 / _SLOW
        if is_slow and is_whole:
            heard += ", slower than it should"
    return f"  {number:>8}  {sight.name:24} {expected:14} {heard}"
