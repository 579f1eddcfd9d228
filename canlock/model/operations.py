"""Operations: what was asked, what the BCM ordered, what each door answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["answered", "partly", "silent", "refused", "no-command", "unseen"]
ResponseState = Literal["answered", "slow", "silent", "bounced", "already", "some-silent", "unseen"]


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asked for something: seen on the bus, or said with a mark."""

    at_s: float
    role: str
    """One of `roles.REQUEST_ROLES`."""

    action: str
    """`lock`, `unlock`, `unlock-all`, `trunk`, `panic`, or `pressed` where it is not told."""

    door: str | None = None
    is_marked: bool = False
    """A person said so."""

    is_seen: bool = False
    """A frame shows that the BCM received it."""

    mark_action: str | None = None
    """The mark's own word where there is one: it tells the spare fob from the first."""


@dataclass(frozen=True, slots=True)
class Command:
    """The BCM ordered the locks to move."""

    at_s: float
    action: str
    """`lock`, `unlock` or `deadlock`."""

    doors: tuple[str, ...]
    requestor: str | None = None
    is_inferred: bool = False
    """Known only from its echo: an answer-back flash or a belief bit."""

    repeats: int = 0
    """Retries of the same command within the operation."""

    unsure_doors: tuple[str, ...] = ()
    """Doors that it may have been for as well: nothing on the bus tells."""

    @property
    def names_requestor(self) -> bool:
        """Say whether the BCM tells who asked, in a word that the vehicle file knows."""
        return self.requestor not in (None, "other")


@dataclass(frozen=True, slots=True)
class Response:
    """What one door's lock did after the command."""

    door: str
    state: ResponseState
    """`already`: it stood so before the command; `some-silent`: a summary says that at least one
    door of its group failed; `unseen`: nobody could have seen it."""

    feedback: str
    """`measured`, `belief`, `any-locked`, `all-locked`."""

    value: str | None = None
    at_s: float | None = None
    """When the new state was first seen."""

    latency_s: float | None = None
    """From the command to `at_s`: an upper bound."""

    latency_floor_s: float | None = None
    """From the command to the last frame that still showed the old state: a lower bound."""

    role: str = "lock.status"


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody tried to open a door, or one opened."""

    at_s: float
    door: str
    handle: Literal["outer", "inner", "unknown"]
    result: Literal["opened", "not-opened", "unseen"]
    lock: str | None
    """What the lock was known to be: `locked`, `unlocked`, `deadlocked`; None: not known."""

    lock_feedback: str | None = None
    """How that is known: a `roles.FEEDBACKS` word, or `command` where only the order is known."""

    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """Somebody used a window's switch, or said that a door was opened or closed.

    A window's wires share the door's harness; what is said of a door tries its door switch.
    """

    at_s: float
    door: str
    result: Literal["moved", "dead", "agrees", "contradicts", "unseen"]
    is_marked: bool = False
    about: Literal["window", "switch"] = "window"


@dataclass(frozen=True, slots=True)
class Circumstance:
    """How things stood when an operation began; None: not known."""

    ajar_doors: tuple[str, ...] | None = None
    """Doors that stood open."""

    power: str | None = None
    speed_kmh: float | None = None
    is_key_inside: bool | None = None
    is_key_inserted: bool | None = None
    supply_v: float | None = None
    """Just before the request."""

    supply_min_v: float | None = None
    """Lowest within the operation."""

    temperature_c: float | None = None
    operations_in_20_s: int = 0
    locks: tuple[tuple[str, str], ...] = ()
    """(door, lock state) where known."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One request, mark or command and all that followed."""

    at_s: float
    until_s: float
    """End of the window in which things were counted as belonging to it."""

    outcome: Outcome
    request: Request | None = None
    command: Command | None = None
    responses: tuple[Response, ...] = ()
    circumstance: Circumstance = Circumstance()
    inhibit: str | None = None
    """What the BCM gave as its reason for refusing."""

    flashes: int = 0
    """Answer-back flashes seen."""

    flashes_s: tuple[float, ...] = ()
    """When they were seen."""

    is_closed: bool = True
    """Its window is over; otherwise more may still belong to it."""

    is_waking: bool = False
    """The bus had just woken, or the log begun: what asked for it may have been lost (DOMAIN 2.1).
    """

    is_gapped: bool = False
    """Frames may be missing within it: nothing unseen in it is evidence."""

    can_see_request: bool = False
    """A request of this kind would have been seen."""

    can_see_command: bool = False
    """A command, or its echo, would have been seen."""

    unnamed_order_s: float | None = None
    """When the BCM ordered something in a word that the vehicle file does not name."""

    cause: str | None = None
    """Where there was no request: `auto-relock`, `auto-lock`, `auto-unlock`, ...; None: unexplained
    or requested."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A control unit fell silent, or began anew, while the rest of the bus went on."""

    node: Literal["bcm", "door-module"]
    doors: tuple[str, ...]
    """Of a door module; empty for the BCM."""

    from_s: float
    until_s: float | None
    """None: still silent at the end of what was read."""

    has_restarted: bool
    """Its rolling counter or uptime began anew after it (or jumped in a way that only a restart
    explains)."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """How well the mapped messages came through, in one stretch of at most 10 s of an awake bus.

    What an `Outage` explains is not counted here.
    """

    at_s: float
    until_s: float
    errors: int
    """Error frames."""

    holes: int
    """Times that one or several, but not all, mapped cyclic messages stayed away for longer than
    2.5 periods, or lack two frames or more by their rolling counter."""

    jumps: int
    """Rolling counter steps other than +1 with no hole that explains them."""

    is_logger: bool
    """All messages gapped together, an adapter gap covers it, or frames are missing all the time:
    the logger lost them, not the bus."""

    expected: int
    """Frames of cyclic mapped messages that were due."""

    missing: int
    """How many of these did not come."""

    bunched: int = 0
    """How many of these were missing three or more in a row, of one message: a bus that is
    disturbed loses all for a moment, a logger that is too slow loses now this one, now that."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """Something that happened, for a person to read in order."""

    at_s: float
    role: str
    door: str | None
    value: str
    text: str
