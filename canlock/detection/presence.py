"""Which messages were there when: what was not there to be seen is never evidence.

All answers are as known at the end of the window that is asked about, so they do not depend on how
much of the future has been read already.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from math import inf

from canlock.model.samples import Decoded, MessageLife, Silence
from canlock.model.stream import Gap
from canlock.model.vehicle import Vehicle

SILENCE_PERIODS = 5.0
SHORTEST_SILENCE_S = 0.5
"""A cyclic message is silent after five periods, at least half a second (DOMAIN 2.1)."""

OFTEN_S = 1.0
"""A message with at most this period tells its state by each frame. Judgement."""


BESIDE = {
    "driver": "passenger",
    "passenger": "driver",
    "rear-left": "rear-right",
    "rear-right": "rear-left",
}
"""Doors of one axle: a car that has the one has the other."""


class Presence:
    """Liveness of the mapped messages and the gaps of the recording."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._sender = {facts.name: facts.sender for facts in vehicle.messages}
        self._cyclic = {facts.name for facts in vehicle.messages if facts.period_s is not None}
        self._eventful = {entry.message for entry in vehicle.signals if entry.kind == "event"}
        self._by_key = {facts.key: facts.name for facts in vehicle.messages}
        self._bcm_messages = tuple(a.message for a in vehicle.alive if a.node == "bcm")
        self._modules = modules_of(vehicle)
        self._siblings: dict[str, tuple[str, ...]] = {}
        for name, sender in self._sender.items():
            if sender is None:
                self._siblings[name] = self._bcm_messages
            else:
                self._siblings[name] = tuple(n for n, s in self._sender.items() if s == sender)
        self.lives: dict[str, MessageLife] = {}
        self._silences: dict[str, list[Silence]] = {}
        self._gaps: list[Gap] = []
        self._last_s = -inf

    def learn(self, decoded: Decoded) -> None:
        """Take in what one batch showed."""
        if decoded.frames:
            self._last_s = max(self._last_s, decoded.last_s)
        for life in decoded.lives:
            self.lives[life.message] = life
        for silence in decoded.silences:
            self._silences.setdefault(silence.message, []).append(silence)

    def lacks_module(self, door: str) -> bool:
        """Say whether a door's own control unit never spoke, while its neighbour's does.

        Then nothing is known of that door: what the BCM says of its lock and its switch comes from
        there. Where both doors of an axle say nothing, the car may not have them, or the tap.
        """
        return door in silent_modules(self._modules, self.lives)

    def hears_module(self, door: str, from_s: float, until_s: float) -> bool:
        """Say whether a door's own control unit kept speaking, where the vehicle file names one."""
        own = self._modules.get(door, ())
        spoken = [message for message in own if message in self.lives]
        if not spoken:
            return not self.lacks_module(door)
        return any(self.kept_coming(message, from_s, until_s) for message in spoken)

    def add_gap(self, gap: Gap) -> None:
        """Remember that frames may be missing."""
        self._gaps.append(gap)

    def forget_before(self, at_s: float) -> None:
        """Drop what lies wholly before a time."""
        self._gaps = [gap for gap in self._gaps if gap.until_s >= at_s]
        for message, silences in self._silences.items():
            self._silences[message] = [s for s in silences if s.until_s >= at_s]

    def is_gapped(self, from_s: float, until_s: float, messages: Iterable[str] = ()) -> bool:
        """Say whether frames (of some messages, or any) may be missing between two times."""
        names = set(messages)
        for gap in self._gaps:
            if gap.at_s > until_s or gap.until_s < from_s:
                continue
            if gap.keys is None or not names:
                return True
            if any(self._by_key.get(key) in names for key in gap.keys):
                return True
        return False

    def is_alive(self, message: str, from_s: float, until_s: float) -> bool:
        """Say whether a cyclic message kept coming at some time between two times."""
        life = self.lives.get(message)
        if life is None or life.first_s > until_s or life.period_s is None:
            return False
        longest_s = max(SILENCE_PERIODS * life.period_s, SHORTEST_SILENCE_S)
        last_s = life.last_s
        if last_s <= until_s and last_s < from_s and until_s - last_s > longest_s:
            return False
        silences = self._silences.get(message, [])
        index = bisect_right(silences, from_s, key=lambda silence: silence.from_s) - 1
        if index < 0:
            return True
        silence = silences[index]
        covers = silence.from_s < from_s and silence.until_s > until_s
        return not (covers and until_s - silence.from_s > longest_s)

    def is_awake(self, at_s: float) -> bool:
        """Say whether cyclic messages came at a time, as far as any is known to be cyclic."""
        cyclic = [life.message for life in self.lives.values() if life.period_s is not None]
        return not cyclic or any(self.is_alive(message, at_s, at_s) for message in cyclic)

    def kept_coming(self, message: str, from_s: float, until_s: float) -> bool:
        """Say whether a cyclic message kept coming all the time between two times."""
        life = self.lives.get(message)
        if life is None or life.period_s is None or life.first_s > from_s:
            return False
        longest_s = max(SILENCE_PERIODS * life.period_s, SHORTEST_SILENCE_S)
        pauses = [(s.from_s, s.until_s) for s in self._silences.get(message, [])]
        pauses.append((life.last_s, inf))
        return not any(
            end_s > from_s and min(end_s, until_s) - begin_s > longest_s
            for begin_s, end_s in pauses
        )

    def can_see_event(self, message: str, from_s: float, until_s: float) -> bool:
        """Say whether a frame of a message would have been seen between two times.

        A cyclic message must have kept coming; an event-only one counts while any cyclic message
        of its sender does (the node `bcm` where the sender is unknown). One that tells a state and
        never came may pass on another bus. Nothing is seen in a gap, nor behind the end of the
        recording.
        """
        if until_s > self._last_s or self.is_gapped(from_s, until_s, [message]):
            return False
        life = self.lives.get(message)
        if life is None and message not in self._eventful:
            return False
        if message in self._cyclic or (life is not None and life.period_s is not None):
            return self.kept_coming(message, from_s, until_s)
        return any(
            self.kept_coming(name, from_s, until_s) for name in self._siblings.get(message, ())
        )

    def can_confirm(self, message: str, from_s: float, until_s: float) -> bool:
        """Say whether a message would have told of a change between two times.

        A message that comes often confirms by its frames, which a gap does not undo; one that is
        sent on change, and else now and then, confirms by its silence, which a gap does undo.
        """
        life = self.lives.get(message)
        if life is None:
            return False
        if life.period_s is None:
            return self.can_see_event(message, from_s, until_s)
        if life.last_s < from_s:
            return False
        if life.period_s <= OFTEN_S:
            return self.is_alive(message, from_s, until_s)
        silences = self._silences.get(message, [])
        is_cut_off = any(s.from_s < from_s < s.until_s for s in silences)
        return not is_cut_off and self.can_see_event(message, from_s, until_s)

    def is_current(self, message: str, at_s: float) -> bool:
        """Say whether what a message last said can be taken to hold at a time."""
        life = self.lives.get(message)
        if life is None or life.first_s > at_s:
            return False
        if life.period_s is None:
            return self.can_see_event(message, at_s - SHORTEST_SILENCE_S, at_s)
        return self.is_alive(message, at_s, at_s)


def modules_of(vehicle: Vehicle) -> dict[str, tuple[str, ...]]:
    """Return door -> the messages that its own control unit sends, and nobody else's."""
    found: dict[str, list[str]] = {}
    for alive in vehicle.alive:
        if alive.node == "door-module" and len(alive.doors) == 1:
            found.setdefault(alive.doors[0], []).append(alive.message)
    return {door: tuple(messages) for door, messages in found.items()}


def silent_modules(modules: Mapping[str, Sequence[str]], seen: Container[str]) -> frozenset[str]:
    """Return the doors whose control unit never spoke, while that of the door beside them did.

    Args:
        modules: what `modules_of` says of the vehicle.
        seen: names of the messages that came.
    """
    spoken = {door for door, own in modules.items() if any(message in seen for message in own)}
    return frozenset(door for door in modules if door not in spoken and BESIDE.get(door) in spoken)
