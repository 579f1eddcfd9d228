"""Reading the body computer: its part number, its trouble codes, and whatever else is asked.

It reads and does nothing else; where the vehicle file names a session it is opened, kept alive and
closed again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from canlock.errors import BusError
from canlock.model.stream import TroubleCode
from canlock.model.vehicle import BcmAccess
from canlock.sources.obd.codes import spell_code
from canlock.sources.obd.gate import DEFAULT_SESSIONS, RequestRefusedError
from canlock.sources.obd.requester import NegativeAnswerError, NoAnswerError, Requester

BCM: Final = "bcm"
KEEP_ALIVE_S: Final = 2.0
"""A session ends by itself after 5 s without a request (S3 of ISO 14229-2)."""

READ_CODES: Final = bytes((0x19, 0x02, 0xFF))
"""Codes by status mask, all of them."""

_DEFAULT_SESSION: Final = {"uds": 0x01, "kwp": 0x81}
_IDENTITY: Final = {"uds": bytes((0x22, 0xF1, 0x87)), "kwp": bytes((0x21, 0x83))}
"""The part number: UDS data id F187; Nissan's KWP local id 83 (DOMAIN 3.1)."""

_CODE_BYTES: Final = 3


def is_installed() -> bool:
    """Say whether udsoncan, of the extra `uds`, is there."""
    from importlib.util import find_spec

    return find_spec("udsoncan") is not None


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
            self._ask_twice(bytes((0x10, session)))
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
                self.ask(bytes((0x10, _DEFAULT_SESSION[self._access.protocol])))
            except (BusError, RequestRefusedError):
                return

    def read_identity(self) -> str | None:
        """Return its part number, or None where it does not tell one.

        Raises:
            SourceError: It must not be asked any more.
        """
        request = _IDENTITY[self._access.protocol]
        try:
            answer = self._ask_twice(request)
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
            answer = self._ask_twice(READ_CODES)
        except (NoAnswerError, NegativeAnswerError) as error:
            _end_where_told(error)
            return None
        return parse_codes(answer, self._clock())

    @property
    def keep_alive_s(self) -> float:
        """When it has to be told next that its session is still wanted; infinity: never."""
        return self._heard_at + KEEP_ALIVE_S if self._has_session else math.inf

    def keep_alive(self) -> None:
        """Tell it that its session is still wanted, where it is time.

        Raises:
            RequestRefusedError: The gate lets it not pass.
            BusError: It does not answer, or the adapter failed.
        """
        if self._clock() >= self.keep_alive_s:
            # KWP knows only `3E`; a suppressed answer (3E 80) would look like none.
            is_uds = self._access.protocol == "uds"
            self.ask(b"\x3e\x00" if is_uds else b"\x3e")

    def watch_speed(self) -> None:
        """Have the gate told how fast the car is, see `Requester`."""
        self._requester.watch_speed()

    def now(self) -> float:
        """Return the time by the reader's clock, in seconds."""
        return self._clock()

    def sleep(self, duration_s: float) -> None:
        """Wait."""
        self._sleep(duration_s)

    def ask(self, payload: bytes) -> bytes:
        """Return the positive answer to a request, see `Requester.request`."""
        answer = self._requester.request(payload)
        self._heard_at = self._clock()
        return answer

    def _ask_twice(self, payload: bytes) -> bytes:
        """Ask again where nothing came: a unit that sleeps may only wake up by the first request.

        For what is read once; a poll comes round again by itself.
        """
        try:
            return self.ask(payload)
        except NoAnswerError:
            return self.ask(payload)


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


def _end_where_told(error: BusError) -> None:
    if isinstance(error, NegativeAnswerError) and error.ends_everything:
        raise error
