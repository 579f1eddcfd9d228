"""A vehicle: which signals of its bus play which role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SignalKind = Literal["state", "event"]
Combine = Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Times that a healthy car of this kind keeps, in seconds; defaults from DOMAIN 2.1."""

    status_period: float | None = None
    """Period of the lock status frames; None: learnt from the capture."""

    request_to_command: float = 0.25
    """Longest healthy delay from a request that the BCM received to its command."""

    command_to_status: float = 0.6
    """Longest healthy delay from a command to the measured lock status, two periods not counted."""

    command_pulse: float = 0.5
    """How long the motor is driven."""

    selective_unlock: float = 5.0
    """A second unlock within this opens all doors where the first opened one."""

    auto_relock: float | None = None
    """The car locks itself this long after an unlock with no door opened; None: not known."""

    retry: float = 1.5
    """The same command again within this, with no new request, is a retry."""

    operation_window: float = 3.0
    """What happens within this after the last step still belongs to an operation."""

    operation_limit: int = 8
    """This many operations in 20 s and the BCM rests its motors."""


@dataclass(frozen=True, slots=True)
class SignalMap:
    """One `[[signal]]` entry: the role that one or several signals play for some doors."""

    role: str
    signals: tuple[str, ...]
    """`Message.Signal`, as the DBC spells them."""

    doors: tuple[str, ...] = ()
    """Empty: the whole car."""

    values: Mapping[tuple[int, ...], str] = field(default_factory=dict)
    """Raw integers, one for each of `signals` (one only with `combine`) -> canonical value.

    Empty for a role of numbers: its value is the physical one.
    """

    combine: Combine | None = None
    true_value: str | None = None
    """With `combine`: the value that counts as true, the second-named in the file."""

    kind: SignalKind = "state"
    first_is_event: bool = False
    """The message is sent only when something happens: its first frame is an event too."""

    counter: str | None = None
    """`Message.Signal` of the count that tells a new event from a repeat."""

    feedback: str | None = None
    """For `lock.status`: one of `roles.FEEDBACKS`."""

    line: int = 0
    """Line of the vehicle file, for messages."""

    @property
    def message(self) -> str:
        """Return the name of the message that carries the (first) signal."""
        return self.signals[0].partition(".")[0]


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What the reasoning needs to know of one message that the vehicle file uses."""

    name: str
    key: int
    """Frame key, see `frames.frame_key`."""

    length: int
    """Bytes of payload that the DBC gives it."""

    sender: str | None = None
    """Transmitter that the DBC names."""

    period_s: float | None = None
    """Declared cycle time; None: event-driven, or not known."""


@dataclass(frozen=True, slots=True)
class Alive:
    """One `[[alive]]` entry: a message whose presence means that a node lives."""

    node: str
    """`bcm` or `door-module`."""

    message: str
    period_s: float | None = None
    doors: tuple[str, ...] = ()
    counter: str | None = None


@dataclass(frozen=True, slots=True)
class BcmAccess:
    """How armed read requests reach the BCM."""

    request: int
    response: int
    protocol: str
    session: int | None = None
    """Diagnostic session in which it answers reads; None: the default one."""


@dataclass(frozen=True, slots=True)
class Poll:
    """An armed read whose answer is decoded like a frame."""

    request: bytes
    message: str
    period_s: float


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle file, checked against its DBC."""

    id: str
    """The file's stem: `nissan-qashqai-j10`."""

    name: str
    doors: tuple[str, ...]
    signals: tuple[SignalMap, ...]
    messages: tuple[MessageFacts, ...]
    """Every message that `signals` and `alive` name, once each."""

    timing: Timing = field(default_factory=Timing)
    alive: tuple[Alive, ...] = ()
    bcm: BcmAccess | None = None
    polls: tuple[Poll, ...] = ()
    is_verified: bool = True
    """Somebody has seen the file work on a car."""

    path: str = ""

    def roles(self) -> frozenset[str]:
        """Return the roles that some signal plays."""
        return frozenset(entry.role for entry in self.signals)

    @property
    def shows_asking(self) -> bool:
        """Say whether the bus shows that somebody asks, by the fob or by the inside button.

        Where it does not, an order that nobody was seen to ask for may have been asked for.
        """
        roles = self.roles()
        return "request.interior" in roles and not roles.isdisjoint(("request.fob", "fob.count"))

    def message(self, name: str) -> MessageFacts:
        """Return the facts of a message by name."""
        return next(facts for facts in self.messages if facts.name == name)
