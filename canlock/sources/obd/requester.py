"""Asking one control unit: what every way to it has in common."""

from __future__ import annotations

from typing import Final, Protocol

from canlock.errors import BusError

NEGATIVE: Final = 0x7F
PENDING: Final = 0x78
"""The unit asks for patience; its answer is to follow."""

ANSWER_BIT: Final = 0x40
SPEED: Final = bytes((0x01, 0x0D))
ENGINE: Final = (0x7E0, 0x7E8)
"""Ids of the engine's control unit and of its answers (ISO 15765-4)."""

PENDING_LIMIT: Final = 10
"""So often a unit may ask for patience."""

ANSWER_S: Final = 1.0
"""A unit answers within 50 ms (P2); slow ones and slow lines take longer."""

PATIENT_S: Final = 5.0
"""After it asked for patience (P2*)."""

STOP_CODES: Final = {
    0x21: "it is busy with another tester",
    0x22: "conditions are not right",
    0x33: "it wants to be unlocked first",
}
"""Negative responses after which nothing more is asked (DOMAIN 3.5)."""

_CODE_NAMES: Final = {
    0x10: "general reject",
    0x11: "service not supported",
    0x12: "sub-function not supported",
    0x13: "wrong length",
    0x31: "request out of range",
    0x7E: "not supported in this session",
    0x7F: "service not supported in this session",
    0x80: "service not supported in this session",
    **STOP_CODES,
}


class NoAnswerError(BusError):
    """The unit did not answer. That says nothing of its health."""


class NegativeAnswerError(BusError):
    """The unit answered that it will not."""

    def __init__(self, request: bytes, code: int) -> None:
        """Take the request and the negative response code."""
        name = _CODE_NAMES.get(code, "no reason that canlock knows")
        shown = request.hex(" ").upper()
        super().__init__(
            f"the control unit refuses {shown}: {name} (7F {request[0]:02X} {code:02X})"
        )
        self.code = code

    @property
    def ends_everything(self) -> bool:
        """Nothing more is to be asked."""
        return self.code in STOP_CODES


class Requester(Protocol):
    """A way to one control unit."""

    def request(self, payload: bytes) -> bytes:
        """Ask and return the positive answer, its service byte first.

        Raises:
            RequestRefusedError: The gate lets it not pass.
            NoAnswerError: Nothing came.
            NegativeAnswerError: The unit will not.
            BusError: The adapter failed.
        """
        ...

    def watch_speed(self) -> None:
        """Ask how fast the car is and tell the gate; a car that does not answer tells nothing.

        Raises:
            RequestRefusedError: The gate lets it not pass.
            BusError: The adapter failed.
        """
        ...

    def close(self) -> None:
        """Let go of the adapter. Never raises."""
        ...


def judge_answer(request: bytes, answer: bytes) -> bytes | None:
    """Return a positive answer to a request, or None where it is to be waited on.

    An answer to something else is waited past.

    Raises:
        NegativeAnswerError: The unit will not.
    """
    service = request[0]
    if answer and answer[0] == service | ANSWER_BIT:
        return answer
    is_refusal = len(answer) > 2 and answer[0] == NEGATIVE and answer[1] == service  # noqa: PLR2004
    if is_refusal and answer[2] != PENDING:
        raise NegativeAnswerError(request, answer[2])
    return None


def is_pending(request: bytes, answer: bytes) -> bool:
    """Say whether the unit asks for patience."""
    return answer[:3] == bytes((NEGATIVE, request[0], PENDING))


def speed_of(answer: bytes) -> float | None:
    """Return the speed in km/h that `41 0D` tells, or None where it is something else."""
    is_speed = len(answer) > 2 and answer[:2] == bytes((SPEED[0] | ANSWER_BIT, SPEED[1]))  # noqa: PLR2004
    return float(answer[2]) if is_speed else None
