"""From what is true of the car to raw values: a vehicle file read backwards.

Entries that share a signal must be met by one raw value: where `0x40` means key inserted and
ignition off, both have their say. So signals that some entry ties together are settled together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from canlock.model.roles import ROLE_VALUES
from canlock.model.vehicle import SignalMap

Pattern = tuple[int, ...]
Raws = Mapping[str, int]
"""`Message.Signal` -> raw value."""

NEAREST_WORD: Final[dict[str, tuple[str, ...]]] = {
    "unlock-all": ("unlock",),
    "deadlock": ("lock",),
    "deadlocked": ("locked",),
    "up": ("moving", "pressed"),
    "down": ("moving", "pressed"),
    "lock": ("pressed",),
    "unlock": ("pressed",),
    "ajar": ("open",),
    "key-inside": ("yes",),
    "door-open": ("yes",),
    "power": ("yes",),
    "low-voltage": ("yes",),
    "count": ("yes",),
    "auto-relock": ("auto-lock", "other"),
    "handle": ("other",),
    "remote": ("other",),
}
"""What a bus says that has no value for a word, nearest first."""

UNNAMED_ROLES: Final = ("command.requestor",)
"""Roles in which a car sends some value of its own where the vehicle file names none."""

SOME: Final = "some-"
"""Before a command that is given to some only of the doors that one signal speaks for."""

MOST_CANDIDATES: Final = 64


@dataclass(frozen=True, slots=True)
class Wish:
    """What one entry should say."""

    entry: SignalMap
    word: str

    @property
    def weight(self) -> float:
        """Return how much it counts: an event more than a state, an idle event hardly."""
        if self.entry.kind != "event":
            return 1.0
        return 0.4 if self.word == ROLE_VALUES[self.entry.role][0] else 2.0


def list_patterns(entry: SignalMap, word: str) -> list[Pattern]:
    """Return the raw patterns of an entry's signals that say a word, or the nearest word to it."""
    for wanted in (word, *NEAREST_WORD.get(word, ())):
        found = [pattern for pattern, said in entry.values.items() if said == wanted]
        if found:
            width = len(entry.signals) if entry.combine is not None else 1
            return [pattern * width for pattern in found]
    return []


def read_word(entry: SignalMap, raws: Raws) -> str | None:
    """Return what an entry says with some raw values, as a decoder would read it."""
    pattern = tuple(raws[signal] for signal in entry.signals)
    if entry.combine is None:
        return entry.values.get(pattern)
    words = [entry.values.get((raw,)) for raw in pattern]
    truths = [word == entry.true_value for word in words]
    is_true = all(truths) if entry.combine == "all" else any(truths)
    if is_true:
        return entry.true_value
    return next((word for word in entry.values.values() if word != entry.true_value), None)


def settle(wishes: Sequence[Wish], previous: Raws, highest: Raws) -> dict[str, int]:
    """Return raw values that meet the wishes as well as may be; of equals, the least change.

    Args:
        wishes: What each entry of a group of tied signals should say.
        previous: The group's raw values so far.
        highest: The largest raw value of each signal.
    """
    candidates: list[dict[str, int]] = [dict(previous)]
    for wish in wishes:
        patterns = list_patterns(wish.entry, wish.word) or _invent(wish, previous, highest)
        candidates += [
            {**candidate, **dict(zip(wish.entry.signals, pattern, strict=True))}
            for pattern in patterns
            for candidate in tuple(candidates)
        ]
        del candidates[MOST_CANDIDATES:]
    return max(candidates, key=lambda raws: _score(wishes, raws))


def _score(wishes: Iterable[Wish], raws: Raws) -> float:
    score = 0.0
    for wish in wishes:
        said = read_word(wish.entry, raws)
        if said == wish.word or (said in NEAREST_WORD.get(wish.word, ()) and said is not None):
            score += wish.weight
        elif said is None and (wish.entry.role in UNNAMED_ROLES or wish.word.startswith(SOME)):
            score += wish.weight / 2
    return score


def _invent(wish: Wish, previous: Raws, highest: Raws) -> list[Pattern]:
    """Return a pattern that the vehicle file does not name, where cars are known to have more."""
    entry = wish.entry
    if wish.word.startswith(SOME):
        marked = list_patterns(entry, wish.word.removeprefix(SOME))
        rest = list_patterns(entry, "none") or [tuple(previous[each] for each in entry.signals)]
        # Some parts of it ask for what is asked of some doors, the others for nothing.
        mixed = [
            pattern
            for ends in itertools.product(rest, marked)
            for pattern in itertools.product(*zip(*ends, strict=True))
            if pattern not in entry.values
        ]
        return mixed[:1] or _split_byte(entry, rest, marked)
    if entry.role not in UNNAMED_ROLES or len(entry.signals) != 1 or wish.word == "none":
        return []
    free = ((raw,) for raw in range(1, highest[entry.signals[0]] + 1))
    return list(itertools.islice((raw for raw in free if raw not in entry.values), 1))


def _split_byte(
    entry: SignalMap, rest: Sequence[Pattern], marked: Sequence[Pattern]
) -> list[Pattern]:
    """Return one signal's value that is none of the named ones, but between two of them."""
    if len(entry.signals) != 1 or not marked:
        return []
    (idle,), (asked,) = rest[0], marked[0]
    between = (((asked & ~mask) | (idle & mask),) for mask in (0x0F, 0xF0, 0x03, 0x01))
    return list(itertools.islice((each for each in between if each not in entry.values), 1))


def tie_signals(entries: Sequence[SignalMap]) -> list[list[SignalMap]]:
    """Return entries in groups: two that share a signal, at first or second hand, are in one."""
    groups: list[tuple[set[str], list[SignalMap]]] = []
    for entry in entries:
        signals = set(entry.signals)
        members = [entry]
        for group in [group for group in groups if group[0] & signals]:
            groups.remove(group)
            signals |= group[0]
            members = group[1] + members
        groups.append((signals, members))
    return [members for _, members in groups]
