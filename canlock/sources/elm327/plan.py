"""What to listen to when: the wire to an ELM327 is far slower than the bus behind it.

At 38,400 baud 182 frames of eight bytes a second come through, of the 500 to 2,000 on a car's bus;
more makes the adapter's buffer run over. So it is told what to let through: one mask over all
wanted ids where what that lets through fits; else over the essential ones only; else one group of
ids after the other, which is sampling, and is said to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from canlock.model.frames import CLASSIC_BYTES, EXTENDED_BIT
from canlock.sources.elm327.acceptance import IdMask, cover, exact

BUSY_BUS_HZ: Final = 1500.0
"""Frames a second taken for the rest of the bus: a car's main bus at 500 kbit/s with its engine
running."""

UNKNOWN_PERIOD_S: Final = 0.1
"""Taken for a message whose period nobody knows; body messages mostly have it."""

FULL_SHARE: Final = 0.75
"""Of the line rate, what a plan may use: frames come in bursts, the buffer holds some 20."""

DWELL_S: Final = 1.0
"""How long a rotation stays with one group: several periods of a body message."""

GLANCE_S: Final = 0.35
"""How long it stays with messages that only tell circumstances: three periods."""

GLANCE_EVERY_S: Final = 15.0
"""How often it looks away for these."""

_BITS_PER_BYTE: Final = 10
_LINE_END: Final = 1
_ID_DIGITS: Final = {False: 3, True: 8}

PlanKind = Literal["everything", "complete", "glancing", "sampled"]
"""`everything`: no filter. `complete`: all wanted ids all the time. `glancing`: the essential ids
nearly all the time, the others at a glance now and then. `sampled`: one group after the other."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A message that is wanted."""

    key: int
    """Frame key, see `frames.frame_key`."""

    length: int = CLASSIC_BYTES
    period_s: float | None = None
    is_essential: bool = True
    """It tells of locks, doors, requests or of who lives; else only of circumstances."""

    is_optional: bool = False
    """It is listened to only where that costs the others nothing."""

    @property
    def rate_hz(self) -> float:
        """Frames a second."""
        return 1.0 / (self.period_s or UNKNOWN_PERIOD_S)


@dataclass(frozen=True, slots=True)
class Window:
    """What is let through for a while."""

    masks: tuple[IdMask, ...]
    """Empty: everything."""

    keys: frozenset[int]
    """The wanted ids that come through."""

    load_hz: float
    """Frames a second that come through, as estimated."""

    dwell_s: float | None = None
    """None: for good."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Windows that are taken in turn."""

    kind: PlanKind
    windows: tuple[Window, ...]
    line_hz: float
    """Frames of eight bytes a second that the line carries."""

    @property
    def keys(self) -> frozenset[int]:
        """All wanted ids."""
        return frozenset().union(*(window.keys for window in self.windows))

    @property
    def is_sampled(self) -> bool:
        """Not every wanted id is listened to all the time."""
        return len(self.windows) > 1


def line_rate(baudrate: int, length: int = CLASSIC_BYTES, *, is_extended: bool = False) -> float:
    """Return how many frames a second a line carries, without spaces and with the DLC digit.

    38,400 baud carry 182 frames of eight bytes, 115,200 baud 548.
    """
    digits = _ID_DIGITS[is_extended] + 1 + 2 * length + _LINE_END
    return baudrate / _BITS_PER_BYTE / digits


def plan_windows(
    watched: Sequence[Watched],
    baudrate: int,
    *,
    has_masks: bool = True,
    has_exact_filters: bool = False,
    most_hz: float | None = None,
) -> Plan:
    """Return what to listen to when.

    Args:
        watched: What is wanted; nothing means everything.
        baudrate: Bits a second of the line.
        has_masks: The chip has one id filter and mask.
        has_exact_filters: The chip has any number of id filters.
        most_hz: What the line was found to carry, where it has run over: less than its rate.
    """
    everything = tuple({one.key: one for one in watched}.values())
    wanted = tuple(one for one in everything if not one.is_optional)
    line_hz = line_rate(baudrate)
    if not wanted or not (has_masks or has_exact_filters):
        keys = frozenset(one.key for one in wanted)
        return Plan("everything", (Window((), keys, BUSY_BUS_HZ),), line_hz)
    budget_hz = min(line_hz * FULL_SHARE, most_hz or line_hz)
    loads = _Loads(everything, has_exact_filters=has_exact_filters)
    essential = tuple(one for one in wanted if one.is_essential) or wanted
    others = tuple(one for one in wanted if one not in essential)
    for group in (everything, wanted):
        whole = loads.window(group)
        if whole is not None and whole.load_hz <= budget_hz:
            return Plan("complete", (whole,), line_hz)
    first = loads.window(essential)
    if others and first is not None and first.load_hz <= budget_hz:
        glances = _fit_groups(others, loads, budget_hz, GLANCE_S)
        steady = replace(first, dwell_s=GLANCE_EVERY_S)
        return Plan("glancing", (steady, *glances), line_hz)
    groups = _fit_groups(essential, loads, budget_hz, DWELL_S)
    glances = _fit_groups(others, loads, budget_hz, GLANCE_S)
    windows = (*groups, *glances)
    if len(windows) == 1:
        # One id alone that is still too much: it can only be tried.
        return Plan("complete", (replace(windows[0], dwell_s=None),), line_hz)
    return Plan("sampled", windows, line_hz)


class _Loads:
    """Estimates what a filter over some messages lets through."""

    def __init__(
        self,
        watched: tuple[Watched, ...],
        *,
        has_exact_filters: bool,
    ) -> None:
        self._watched = watched
        self._has_exact_filters = has_exact_filters

    def window(self, group: Sequence[Watched]) -> Window | None:
        """Return the window over a group, or None where no filter covers it."""
        masks = tuple(exact(one.key) for one in group)
        if not self._has_exact_filters:
            mask = cover(masks)
            if mask is None:
                return None
            masks = (mask,)
        inside = [one for one in self._watched if _passes(masks, one.key)]
        keys = frozenset(one.key for one in inside)
        return Window(masks, keys, self._load(masks, inside))

    def _load(self, masks: tuple[IdMask, ...], inside: Iterable[Watched]) -> float:
        """Return eight-byte frames a second, shorter ones counted by their share of the line."""
        own = sum(one.rate_hz * self._weight(one) for one in inside)
        if self._has_exact_filters:
            return own
        # The other ids of the bus are taken to lie anywhere.
        return own + BUSY_BUS_HZ * masks[0].share * (masks[0].share > exact(0).share)

    def _weight(self, one: Watched) -> float:
        is_extended = bool(one.key & EXTENDED_BIT)
        own_hz = line_rate(1, min(one.length, CLASSIC_BYTES), is_extended=is_extended)
        return line_rate(1) / own_hz


def _passes(masks: Iterable[IdMask], key: int) -> bool:
    is_extended = bool(key & EXTENDED_BIT)
    return any(one.lets_through(key & ~EXTENDED_BIT, is_extended=is_extended) for one in masks)


def _fit_groups(
    messages: Sequence[Watched], loads: _Loads, budget_hz: float, dwell_s: float
) -> tuple[Window, ...]:
    """Return windows that fit and together let all through: near ids share one."""
    groups = [[one] for one in sorted(messages, key=lambda one: one.key)]
    while len(groups) > 1:
        joined = []
        for left, right in pairwise(groups):
            window = loads.window([*left, *right])
            if window is not None and window.load_hz <= budget_hz:
                joined.append((window.load_hz, left, right))
        if not joined:
            break
        _, left, right = min(joined, key=lambda entry: entry[0])
        groups[groups.index(left)] = left + right
        groups.remove(right)
    windows = [loads.window(group) for group in groups]
    return tuple(replace(one, dwell_s=dwell_s) for one in windows if one is not None)


def describe_plan(plan: Plan, wanted: int) -> str | None:
    """Return in a sentence what a plan costs the reader of a report; None where it costs nothing.

    Args:
        plan: The plan.
        wanted: How many messages it was made for.
    """
    if not wanted or plan.kind == "complete":
        return None
    if plan.kind == "everything":
        return (
            "The adapter cannot filter by id: where its buffer ran over, what was not seen counts "
            "for nothing."
        )
    if plan.kind == "glancing":
        return (
            "The adapter's line is too slow for everything: doors and locks were listened to all "
            f"the time, circumstances at a glance every {GLANCE_EVERY_S:.0f} s."
        )
    return (
        f"Sampled: the adapter's line is too slow for all {wanted} messages at once, so they were "
        "listened to in turn; what was not seen meanwhile counts for nothing."
    )
