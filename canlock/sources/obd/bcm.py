"""Reading the body computer: its trouble codes, and its inputs as if they were frames.

It reads and does nothing else; where the vehicle file names a session it is opened, kept alive and
closed again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import numpy as np

from canlock.errors import BusError
from canlock.model.frames import (
    CLASSIC_BYTES,
    EXTENDED_BIT,
    FD_BYTES,
    FrameBatch,
    FrameFlag,
)
from canlock.model.stream import Gap, TroubleCode
from canlock.model.vehicle import BcmAccess, Poll
from canlock.sources.obd.codes import spell_code
from canlock.sources.obd.gate import DEFAULT_SESSIONS, RequestRefusedError
from canlock.sources.obd.requester import NegativeAnswerError, NoAnswerError, Requester

BCM: Final = "bcm"
SPEED_EVERY_S: Final = 4.0
"""While it is polled the speed is asked for so often, where the car tells it."""

KEEP_ALIVE_S: Final = 2.0
"""A session ends by itself after 5 s without a request (S3 of ISO 14229-2)."""

READ_CODES: Final = bytes((0x19, 0x02, 0xFF))
"""Codes by status mask, all of them."""

_DEFAULT_SESSION: Final = {"uds": 0x01, "kwp": 0x81}
_IDENTITY: Final = {"uds": bytes((0x22, 0xF1, 0x87)), "kwp": bytes((0x21, 0x83))}
"""The part number: UDS data id F187; Nissan's KWP local id 83 (DOMAIN 3.1)."""

_CODE_BYTES: Final = 3
_FAILURES_TO_END: Final = 5
"""Polls in a row without an answer, and it is not asked any more."""


def is_installed() -> bool:
    """Say whether udsoncan, of the extra `uds`, is there."""
    from importlib.util import find_spec

    return find_spec("udsoncan") is not None


@dataclass(frozen=True, slots=True)
class PollTarget:
    """A poll and the message that describes its answer."""

    poll: Poll
    key: int
    """Frame key of the message in the DBC: the answer is decoded as if that frame had come."""


class BcmReader:
    """One body computer. Use it as a context manager: inside, its session is open."""

    def __init__(
        self,
        requester: Requester,
        access: BcmAccess,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take a way to it over.

        Args:
            requester: The way.
            access: How the vehicle file says that it is spoken to.
            clock: Seconds, the wall clock's.
            sleep: Waits so many seconds.
        """
        self._requester = requester
        self._access = access
        self._clock = clock
        self._sleep = sleep
        self._heard_at = float("-inf")
        self._has_session = False

    def __enter__(self) -> Self:
        """Open the session that the vehicle file names.

        Raises:
            SourceError: It cannot be opened.
        """
        session = self._access.session
        if session is not None and session not in DEFAULT_SESSIONS:
            self._ask(bytes((0x10, session)))
            self._has_session = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Go back to the default session; where that fails it ends by itself within 5 s."""
        if self._has_session:
            try:
                self._ask(bytes((0x10, _DEFAULT_SESSION[self._access.protocol])))
            except (BusError, RequestRefusedError):
                return

    def read_identity(self) -> str | None:
        """Return its part number, or None where it does not tell one.

        Raises:
            SourceError: It must not be asked any more.
        """
        request = _IDENTITY[self._access.protocol]
        try:
            answer = self._ask(request)
        except (NoAnswerError, NegativeAnswerError) as error:
            _end_where_told(error)
            return None
        text = answer[len(request) :].decode("ascii", errors="ignore")
        return "".join(letter for letter in text if letter.isprintable()).strip() or None

    def read_codes(self) -> tuple[TroubleCode, ...] | None:
        """Return its trouble codes; None where it has no service for them or does not answer.

        KWP units have it elsewhere, in a service that canlock does not send.

        Raises:
            SourceError: It must not be asked any more.
        """
        if self._access.protocol != "uds":
            return None
        try:
            answer = self._ask(READ_CODES)
        except (NoAnswerError, NegativeAnswerError) as error:
            _end_where_told(error)
            return None
        return parse_codes(answer, self._clock())

    def poll(
        self, targets: Sequence[PollTarget], should_end: Callable[[], bool]
    ) -> Iterator[FrameBatch | Gap]:
        """Ask again and again, each poll at its period, and yield the answers as frames.

        Where no answer comes, a gap says so: nothing that was not seen then is evidence.

        Raises:
            SourceError: It must not be asked any more, or does not answer any more.
        """
        due = dict.fromkeys(range(len(targets)), self._clock())
        failures = 0
        speed_at = self._clock()
        while targets and not should_end():
            if self._clock() >= speed_at:
                self._requester.watch_speed()
                speed_at = self._clock() + SPEED_EVERY_S
            index = min(due, key=lambda one: due[one])
            target = targets[index]
            wait_s = due[index] - self._clock()
            if wait_s > 0:
                self._sleep(min(wait_s, KEEP_ALIVE_S))
                self._keep_alive()
                continue
            asked_s = self._clock()
            due[index] = asked_s + target.poll.period_s
            try:
                answer = self._ask(target.poll.request)
            except (NoAnswerError, NegativeAnswerError) as error:
                _end_where_told(error)
                failures += 1
                if failures >= _FAILURES_TO_END:
                    raise
                until_s = max(due[index], self._clock())
                yield Gap(asked_s, until_s, f"poll: {error}", frozenset({target.key}))
            else:
                failures = 0
                yield answer_frame(target.key, answer, self._clock())

    def _keep_alive(self) -> None:
        if self._has_session and self._clock() - self._heard_at >= KEEP_ALIVE_S:
            # KWP knows only `3E`; a suppressed answer (3E 80) would look like none.
            is_uds = self._access.protocol == "uds"
            self._ask(b"\x3e\x00" if is_uds else b"\x3e")

    def _ask(self, payload: bytes) -> bytes:
        answer = self._requester.request(payload)
        self._heard_at = self._clock()
        return answer


def parse_codes(answer: bytes, at_s: float) -> tuple[TroubleCode, ...]:
    """Return the codes of `59 02 mask`, then code, failure type and status four bytes each.

    The status goes along: a code whose test did not run says nothing of health (DOMAIN 3.3).

    Raises:
        BusError: The answer is not of that form, or udsoncan is not installed.
    """
    if not is_installed():
        raise BusError("reading the BCM's codes needs udsoncan: pip install 'canlock[uds]'")
    from udsoncan.exceptions import InvalidResponseException
    from udsoncan.Response import Response
    from udsoncan.services.ReadDTCInformation import ReadDTCInformation

    try:
        found = ReadDTCInformation.interpret_response(
            Response.from_payload(answer),
            subfunction=ReadDTCInformation.Subfunction.reportDTCByStatusMask,
            tolerate_zero_padding=True,
            ignore_all_zero_dtc=True,
        )
    except (InvalidResponseException, ValueError) as error:
        raise BusError(
            f"the BCM's answer {answer[:8].hex(' ').upper()} ... is no list of codes"
        ) from error
    codes = []
    for code in found.service_data.dtcs:
        high, low, failure = code.id.to_bytes(_CODE_BYTES, "big")
        status = code.status.get_byte_as_int()
        codes.append(
            TroubleCode(at_s, BCM, spell_code(high, low), f"{failure:02X}", f"{status:02X}")
        )
    return tuple(codes)


def answer_frame(key: int, answer: bytes, at_s: float) -> FrameBatch:
    """Return an answer as one frame of the message that describes it.

    Its bytes are those of the whole answer, service and identifier first; beyond 64 they are cut.
    """
    width = CLASSIC_BYTES if len(answer) <= CLASSIC_BYTES else FD_BYTES
    held = answer[:width]
    flags = FrameFlag.EXTENDED if key & EXTENDED_BIT else FrameFlag(0)
    if width == FD_BYTES:
        flags |= FrameFlag.FD
    return FrameBatch(
        np.array([at_s]),
        np.array([key & ~EXTENDED_BIT], np.uint32),
        np.array([int(flags)], np.uint8),
        np.array([len(held)], np.uint8),
        np.zeros(1, np.uint8),
        np.frombuffer(held.ljust(width, b"\0"), np.uint8).reshape(1, width),
        (BCM,),
    )


def _end_where_told(error: BusError) -> None:
    if isinstance(error, NegativeAnswerError) and error.ends_everything:
        raise error
