"""What may be sent to a car: the one gate, which every byte for the bus has to pass.

Contract 6: OBD services 01 02 03 07 09 0A and UDS/KWP 10 (the default session, or the one that the
vehicle file names, never programming), 19, 21, 22, 3E. Rate-limited; refused while the car moves;
written down. There is no request here that locks, actuates, clears or writes.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from canlock.errors import SourceError
from canlock.model.stream import Sent

READ_OBD: Final = frozenset({0x01, 0x02, 0x03, 0x07, 0x09, 0x0A})
READ_UDS: Final = frozenset({0x19, 0x21, 0x22})
SESSION_CONTROL: Final = 0x10
TESTER_PRESENT: Final = 0x3E
DEFAULT_SESSIONS: Final = frozenset({0x01, 0x81})
"""Of UDS (ISO 14229-1) and of KWP (ISO 14230-3)."""

PROGRAMMING_SESSIONS: Final = frozenset({0x02, 0x85})
"""Of UDS and of KWP: refused, whatever a vehicle file says."""

SPACING_S: Final = 0.1
"""At most ten requests a second (DOMAIN 3.5)."""

SPEED_FRESH_S: Final = 5.0
"""A speed that is older says nothing of now."""

STANDING_KMH: Final = 0.5
"""Below it the wheels stand; a speed signal at rest may show its last bit."""

SENT_LIMIT: Final = 4_096

_SINGLE_FRAME_BYTES: Final = 7


class RequestRefusedError(SourceError):
    """A request that canlock does not send, or not now."""


class RequestGate:
    """Decides, waits, and writes down. Any thread may pass requests."""

    def __init__(
        self,
        *,
        is_armed: bool,
        stands: bool = False,
        session: int | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Set what the user allowed.

        Args:
            is_armed: `--allow-requests` was given.
            stands: The user confirmed that the car stands, which holds while no speed is known.
            session: The diagnostic session that the vehicle file names.
            clock: Seconds, the wall clock's.
            sleep: Waits so many seconds.

        Raises:
            RequestRefusedError: The session is a programming one.
        """
        if session in PROGRAMMING_SESSIONS:
            raise RequestRefusedError(
                f"the vehicle file names the session {session:02X}, in which a control unit is "
                "programmed; canlock never opens it"
            )
        self._is_armed = is_armed
        self._stands = stands
        self._session = session
        self._clock = clock
        self._sleep = sleep
        self._speed: tuple[float, float] | None = None
        self._last_at = float("-inf")
        self._sent: deque[Sent] = deque(maxlen=SENT_LIMIT)
        self._lock = threading.Lock()
        self.refused: list[bytes] = []
        """Requests that did not pass."""

    @property
    def is_moving(self) -> bool:
        """The car moves, or nobody knows that it does not."""
        if self._speed is not None:
            speed_kmh, at_s = self._speed
            if speed_kmh > STANDING_KMH:
                return True
            if self._clock() - at_s <= SPEED_FRESH_S:
                return False
        return not self._stands

    def note_speed(self, speed_kmh: float) -> None:
        """Take in how fast the car is now.

        One that moved has to be confirmed anew: what the user said was of before.
        """
        self._speed = speed_kmh, self._clock()
        if speed_kmh > STANDING_KMH:
            self._stands = False

    def pass_request(self, payload: bytes, *, is_obd: bool) -> None:
        """Return when the request may go out now; it is then written down as sent.

        Args:
            payload: Service and what follows, without the length byte of the frame.
            is_obd: It goes to the emissions units by service 01 to 0A; else it is UDS or KWP.

        Raises:
            RequestRefusedError: It may not.
        """
        with self._lock:
            try:
                self.check(payload, is_obd=is_obd)
            except RequestRefusedError:
                self.refused.append(payload)
                raise
            wait_s = self._last_at + SPACING_S - self._clock()
            if wait_s > 0:
                self._sleep(wait_s)
            self._last_at = self._clock()
            self._note_sent(frame_bytes(payload))

    def note_flow_control(self, frame: bytes) -> None:
        """Write down a flow control frame, which a long answer asks for."""
        self._note_sent(frame)

    def note_command(self, command: bytes) -> None:
        """Write down what went to the adapter and ended there."""
        self._note_sent(command)

    def note_sent(self, item: Sent) -> None:
        """Write down what went to the adapter and ended there, with the time at which it did."""
        self._sent.append(item)

    def take_sent(self) -> list[Sent]:
        """Return what has gone out since the last time."""
        taken = list(self._sent)
        self._sent.clear()
        return taken

    def _note_sent(self, payload: bytes) -> None:
        self._sent.append(Sent(self._clock(), payload))

    def check(self, payload: bytes, *, is_obd: bool) -> None:
        """Return when the request may go out; writes nothing down.

        Raises:
            RequestRefusedError: It may not.
        """
        shown = payload.hex(" ").upper() or "nothing"
        if not self._is_armed:
            raise RequestRefusedError(f"{shown}: not sent; requests need --allow-requests")
        if not payload:
            raise RequestRefusedError("an empty request is not sent")
        if not self._is_reading(payload, is_obd=is_obd):
            raise RequestRefusedError(f"{shown}: not sent; canlock sends nothing but reads")
        if self.is_moving:
            raise RequestRefusedError(
                f"{shown}: not sent; the car moves, or it is not known that it stands"
            )

    def _is_reading(self, payload: bytes, *, is_obd: bool) -> bool:
        service = payload[0]
        if len(payload) > _SINGLE_FRAME_BYTES:
            # No read that canlock knows is so long; a long one could hide anything.
            return False
        if is_obd:
            return service in READ_OBD
        if service == SESSION_CONTROL:
            allowed = {*DEFAULT_SESSIONS, self._session}
            return len(payload) == 2 and payload[1] in allowed  # noqa: PLR2004 (service, session)
        if service == TESTER_PRESENT:
            return len(payload) <= 2  # noqa: PLR2004 (service, whether to answer)
        return service in READ_UDS


def frame_bytes(payload: bytes) -> bytes:
    """Return the single frame that carries a request: `21 47` goes out as `02 21 47`."""
    return bytes([len(payload)]) + payload
