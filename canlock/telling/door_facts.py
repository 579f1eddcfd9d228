"""How each door stood in the end, what its lock answered, and whether a fault sits at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from canlock.model.faults import NOT_FAULTS
from canlock.telling.conclusion import candidates

if TYPE_CHECKING:
    from canlock.model.operations import Response
    from canlock.model.snapshot import RoleState, Snapshot

Health = Literal["fault", "suspect", "failed", "works", "unseen"]

HEALTH_WORDS: Final[dict[Health, str]] = {
    "fault": "FAULT",
    "suspect": "SUSPECTED",
    "failed": "FAILED",
    "works": "works",
    "unseen": "not seen",
}
"""`failed`: it did not do what was ordered, and no fault is seen in that door itself."""

SUREST: Final = ("measured", "any-locked", "all-locked", "belief")
"""Ways to know a lock's state, the surest first."""

KNOWN_BY: Final = {
    "belief": " (BCM's belief)",
    "any-locked": " (of a group)",
    "all-locked": " (of a group)",
}

LEAST_SUSPICION: Final = 0.05
"""A cause that is less probable than this throws no suspicion on its door."""

UNKNOWN: Final = "not visible"


@dataclass(frozen=True, slots=True)
class DoorFacts:
    """What a picture of one door tells."""

    door: str
    health: Health
    lock: str | None
    """`locked`, `unlocked`, `deadlocked`, `moving`, `fault`; None: not known."""

    lock_words: str
    ajar: bool | None
    """None: not known."""

    answered: int
    ordered: int
    """Orders whose effect on this door's own lock could be seen; `answered` of them."""

    latency_s: float | None
    """Of its last answer."""

    @property
    def ajar_words(self) -> str:
        """Return whether it stood open."""
        return {True: "OPEN", False: "shut", None: UNKNOWN}[self.ajar]

    @property
    def answer_words(self) -> str:
        """Return what it answered, with the time that the last answer took."""
        if not self.ordered:
            return "answers could not be seen"
        last = "" if self.latency_s is None else f", last in {self.latency_s:.2f} s"
        orders = "order" if self.ordered == 1 else "orders"
        return f"answered {self.answered} of {self.ordered} {orders}{last}"


def list_door_facts(snapshot: Snapshot) -> tuple[DoorFacts, ...]:
    """Return the facts of every door, in the vehicle's order."""
    return tuple(_facts(door, snapshot) for door in snapshot.doors)


def _facts(door: str, snapshot: Snapshot) -> DoorFacts:
    told = [
        response
        for operation in snapshot.operations
        for response in operation.responses
        if response.door == door and response.feedback == "measured"
    ]
    failed = [each for each in told if each.state in ("silent", "bounced")]
    answered = [each for each in told if each.state in ("answered", "slow")]
    lock = _lock(door, snapshot.states)
    return DoorFacts(
        door=door,
        health=_health(door, snapshot, failed, answered),
        lock=None if lock is None else str(lock.value),
        lock_words=UNKNOWN
        if lock is None
        else f"{lock.value}{KNOWN_BY.get(lock.feedback or '', '')}",
        ajar=_ajar(door, snapshot.states),
        answered=len(answered),
        ordered=len(answered) + len(failed),
        latency_s=next(
            (each.latency_s for each in reversed(answered) if each.latency_s is not None), None
        ),
    )


def _health(
    door: str, snapshot: Snapshot, failed: list[Response], answered: list[Response]
) -> Health:
    accused = [each for each in snapshot.findings if each.fault not in NOT_FAULTS]
    if any(each.is_confident and door in each.doors for each in accused):
        return "fault"
    for finding in accused:
        causes = [
            cause
            for cause in candidates(finding, snapshot)
            if cause.fault not in NOT_FAULTS and cause.probability >= LEAST_SUSPICION
        ]
        if door in finding.doors or any(door in cause.doors for cause in causes):
            return "suspect"
    if failed:
        return "failed"
    return "works" if answered else "unseen"


def _lock(door: str, states: tuple[RoleState, ...]) -> RoleState | None:
    """Return what is best known of a door's lock; None where nothing is, or it went stale."""
    known = [
        state
        for state in states
        if state.role == "lock.status"
        and state.door in (door, None)
        and state.value is not None
        and not state.is_stale
    ]
    return min(
        known,
        key=lambda state: (
            state.door is None,
            SUREST.index(state.feedback) if state.feedback in SUREST else len(SUREST),
        ),
        default=None,
    )


def _ajar(door: str, states: tuple[RoleState, ...]) -> bool | None:
    for role in ("door.ajar", "latch.status"):
        for state in states:
            if state.role == role and state.door == door and not state.is_stale:
                if state.value in ("open", "ajar"):
                    return True
                if state.value == "closed":
                    return False
    return None
