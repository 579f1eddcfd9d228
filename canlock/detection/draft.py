"""An operation in the making: the steps that were seen so far, not yet judged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from canlock.model.operations import Command, Request
from canlock.model.samples import RoleSample

HAZARD_FLASHES: Final = 4
"""An answer-back is one to three flashes; more is the hazard switch."""

OWN_FLASHES: Final = {"lock": 1, "unlock": 2}
"""The answer-back of a car whose orders are not shown (DOMAIN 0.4): one flash more is the next."""

COMMAND_LEADS_S: Final = 0.15
"""A command frame may reach the bus this long before the frame of its request. Judgement:
arbitration and gateway delay."""

FLASHES_APART_S: Final = 1.25
"""Flashes of one answer-back follow each other within this: lamps flash 60 to 120 times a minute
(UN R48), and the frames that show it come in their own time."""

ECHO_S: Final = 0.6
"""The echoes of one order come within this: the lamps, and what the BCM believes. Judgement."""


def direction(action: str | None) -> str | None:
    """Return `lock` or `unlock` for an action or a lock state, or None where it has none."""
    if action in ("lock", "deadlock", "locked", "deadlocked"):
        return "lock"
    if action in ("unlock", "unlock-all", "unlocked"):
        return "unlock"
    return None


def agree(first: str | None, second: str | None) -> bool:
    """Say whether two actions may be one: either has no direction, or both have the same."""
    one, other = direction(first), direction(second)
    return one is None or other is None or one == other


@dataclass(slots=True)
class Draft:
    """What has been joined to one operation. Times are in order within each list."""

    at_s: float
    last_step_s: float
    until_s: float | None = None
    """Set when it is closed."""

    request: Request | None = None
    command: Command | None = None
    edges: list[RoleSample] = field(default_factory=list)
    """Changes of lock, latch and door states."""

    late_edges: list[RoleSample] = field(default_factory=list)
    """Changes of lock status soon after the window: they tell what came unseen within it."""

    flashes: list[float] = field(default_factory=list)
    """Rising edges of the answer-back lamps."""

    unnamed_order_s: float | None = None
    """When the BCM first ordered something in a word that the vehicle file does not name."""

    inhibits: list[RoleSample] = field(default_factory=list)
    last_command_s: float | None = None
    order_doubt_s: float = 0.0
    """So long before its frame the order may have been given, where it is held."""

    locks: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Door -> (lock state, feedback) when the operation began."""

    words: dict[tuple[int, str], str] = field(default_factory=dict)
    """(source, door) -> lock state when the operation began, as each source says it."""

    wanted: dict[int, str] = field(default_factory=dict)
    """Source -> command that was held when the operation began, where it is a state."""

    lamps_answer: bool = False
    """The lamps have answered orders of this log before: silence of theirs means something."""

    ajar: dict[str, str] = field(default_factory=dict)
    power: str | None = None
    key_inside: str | None = None
    key_inserted: str | None = None
    previous_command: Command | None = None
    """The command of the operation before."""

    overheard: str | None = None
    """Who was ordering by another way than the mapped signals while it lasted: another tester."""

    recent_starts: int = 0
    """Operations that began in the 20 s before."""

    last_unlock_s: float | None = None
    """When the last unlock before this was ordered, with no door opened since."""

    last_power_s: float | None = None
    """When the power state last changed before this."""

    def copy(self) -> Draft:
        """Return a copy that may go on by itself."""
        return replace(
            self,
            edges=list(self.edges),
            late_edges=list(self.late_edges),
            flashes=list(self.flashes),
            inhibits=list(self.inhibits),
        )

    @property
    def action(self) -> str | None:
        """Return what it is about: the command's action, else the request's."""
        if self.command is not None:
            return self.command.action
        return self.request.action if self.request is not None else None

    @property
    def way(self) -> str | None:
        """Return `lock` or `unlock`, as was ordered, asked for or answered; None: nobody knows."""
        return direction(self.action) or self.answer_way

    def end_s(self, window_s: float) -> float:
        """Return when its window ends, or would if nothing else came."""
        return self.until_s if self.until_s is not None else self.last_step_s + window_s

    @property
    def first_answer_s(self) -> float | None:
        """Return when the car first did something, or None where it has not."""
        moves = (edge.at_s for edge in self.edges if edge.role == "lock.status")
        orders = () if self.command is None else (self.command.at_s,)
        words = (sample.at_s for sample in self.inhibits)
        return min((*orders, *self.flashes, *moves, *words), default=None)

    @property
    def answer_way(self) -> str | None:
        """Return `lock` or `unlock`, as the car answered; None: nobody knows."""
        if self.command is not None:
            return direction(self.command.action)
        ways = (direction(str(edge.value)) for edge in self.edges if edge.role == "lock.status")
        return next((way for way in ways if way is not None), None)

    def drop_answer(self) -> None:
        """Forget what the car did."""
        self.command = self.last_command_s = None
        self.flashes, self.inhibits = [], []
        self.unnamed_order_s = None

    @property
    def is_hazard(self) -> bool:
        """Say whether it is nothing but hazard lamps, so far."""
        has_moves = any(edge.role == "lock.status" for edge in self.edges)
        is_idle = self.request is None and self.command is None and not has_moves
        return is_idle and len(self.flashes) >= HAZARD_FLASHES

    def is_followed_by(self, sample: RoleSample) -> bool:
        """Say whether a lock that moves tells of the next order, where orders are not on the bus.

        What the BCM believes moves exactly when it orders: back, or later than the first echo of
        this one. Of measured locks it takes two together: one alone bounces, or is slow, unless
        the lamps answered a further order just before it went back.
        """
        moves = self._moves()
        if sample.feedback == "belief":
            first_s = min([*self.flashes[:1], *(edge.at_s for edge in moves[:1])], default=inf)
            is_late = earliest_s(sample) - first_s > ECHO_S
            return is_late or _turns(sample, moves) or self._is_taken_back(sample, moves)
        if sample.feedback != "measured":
            return False
        way = direction(str(sample.value))
        return self.has_next_flash(sample) or any(
            edge.source != sample.source
            and edge.feedback == "measured"
            and sample.at_s - edge.at_s <= ECHO_S
            and direction(str(edge.value)) == way
            and (
                (_turns(sample, moves) and _turns(edge, moves))
                or (self._comes_late(sample, moves) and self._comes_late(edge, moves))
            )
            for edge in moves
        )

    def _is_taken_back(self, sample: RoleSample, moves: list[RoleSample]) -> bool:
        """Say whether the BCM believes the other way of doors that this order left as they were."""
        way = direction(str(sample.value))
        asked = direction(self.request.action) if self.request is not None else None
        is_against = way is not None and self.answer_way not in (None, way) and asked != way
        return is_against and all(edge.source != sample.source for edge in moves)

    def has_next_flash(self, edge: RoleSample) -> bool:
        """Say whether the last flash answers the order by which a measured lock goes back.

        It is one more than this order's own, and just before the lock moves.
        """
        return (
            edge.feedback == "measured"
            and len(self.flashes) == self._own_flashes() + 1
            and 0.0 <= edge.at_s - self.flashes[-1] <= ECHO_S
            and _turns(edge, self._moves())
        )

    def has_gone_back(self, flash_s: float) -> bool:
        """Say whether one flash more answers the order by which a lock has just gone back."""
        moves = self._moves()
        return len(self.flashes) == self._own_flashes() and any(
            edge.feedback == "measured" and flash_s - edge.at_s <= ECHO_S and _turns(edge, moves)
            for edge in moves
        )

    @property
    def has_more_flashes_than_own(self) -> bool:
        """Say whether the lamps flashed oftener than this order explains."""
        return len(self.flashes) > self._own_flashes()

    def _own_flashes(self) -> int:
        return OWN_FLASHES.get(self.answer_way or "", HAZARD_FLASHES)

    def _moves(self) -> list[RoleSample]:
        return [edge for edge in self.edges if edge.role == "lock.status"]

    def _comes_late(self, edge: RoleSample, moves: list[RoleSample]) -> bool:
        """Say whether a lock moves for the first time, and later than an order explains."""
        if self.request is not None and self.request.is_seen:
            return False  # A second press would have been seen as well.
        is_first = all(other.source != edge.source for other in moves if other.at_s < edge.at_s)
        return is_first and earliest_s(edge) - moves[0].at_s > ECHO_S

    def split_off(self, sample: RoleSample, *, within_s: float) -> list[RoleSample]:
        """Return and forget the changes just before one that went the same way."""
        way = direction(str(sample.value))
        since_s = sample.at_s - within_s
        chosen = [e for e in self.edges if e.at_s >= since_s and direction(str(e.value)) == way]
        self.edges = [edge for edge in self.edges if edge not in chosen]
        return chosen

    def touch(self, at_s: float) -> None:
        """Remember that a step happened."""
        self.last_step_s = max(self.last_step_s, at_s)


def _turns(edge: RoleSample, moves: list[RoleSample]) -> bool:
    """Say whether a lock goes back on how it moved before."""
    way = direction(str(edge.value))
    return any(
        other.source == edge.source
        and other.at_s < edge.at_s
        and direction(str(other.value)) not in (None, way)
        for other in moves
    )


def earliest_s(edge: RoleSample) -> float:
    """Return the earliest time at which a lock may have moved."""
    return edge.at_s if edge.since_s is None else edge.since_s


def order_doubt_s(sample: RoleSample) -> float:
    """Return how long before its frame an order may have been given, where it is a held state."""
    if sample.kind != "state" or sample.since_s is None:
        return 0.0
    return min(sample.at_s - sample.since_s, ECHO_S)
