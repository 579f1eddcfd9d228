"""Asking a control unit over a real CAN adapter: can-isotp does the frames, the gate the rest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

from canlock.errors import BusError
from canlock.model.vehicle import BcmAccess
from canlock.sources.obd.gate import RequestGate, RequestRefusedError
from canlock.sources.obd.requester import (
    ANSWER_S,
    ENGINE,
    PATIENT_S,
    PENDING_LIMIT,
    SPEED,
    NegativeAnswerError,
    NoAnswerError,
    is_pending,
    judge_answer,
    speed_of,
)
from canlock.sources.obd.transport import FLOW_CONTROL

if TYPE_CHECKING:
    import can
    import isotp

_HIGHEST_STANDARD: Final = 0x7FF
_PARAMETERS: Final = {"tx_padding": 0x00, "blocking_send": False}


def is_installed() -> bool:
    """Say whether can-isotp, of the extra `uds`, is there."""
    from importlib.util import find_spec

    return find_spec("isotp") is not None


def open_requester(
    interface: str | None,
    channel: str | None,
    access: BcmAccess,
    gate: RequestGate,
    *,
    bitrate: int | None = None,
) -> CanRequester:
    """Open a CAN adapter for requests, which is not silent: it acknowledges and it sends.

    Raises:
        BusError: It cannot be opened, or can-isotp is not installed.
        RequestRefusedError: The gate is shut: then no adapter is opened that could send.
    """
    if not is_installed():
        raise BusError("asking the BCM needs can-isotp: pip install 'canlock[uds]'")
    gate.check(b"\x3e\x00", is_obd=False)
    import can

    given = {"interface": interface, "channel": channel, "bitrate": bitrate}
    try:
        bus = can.Bus(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except Exception as error:
        text = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise BusError(f"{interface}:{channel} cannot be opened: {text}") from error
    # The engine's control unit answers what the car's speed is.
    is_extended = _is_extended(access)
    heard = {access.response} if is_extended else {access.response, ENGINE[1]}
    full = 0x1FFF_FFFF if is_extended else _HIGHEST_STANDARD
    bus.set_filters([{"can_id": one, "can_mask": full, "extended": is_extended} for one in heard])
    return CanRequester(bus, access, gate)


class Wire(Protocol):
    """What a requester needs of a bus of python-can."""

    def recv(self, timeout: float | None, /) -> can.Message | None:
        """Return the next message."""
        ...

    def send(self, message: can.Message, /) -> None:
        """Send a message."""
        ...

    def shutdown(self) -> None:
        """Close it."""
        ...


class CanRequester:
    """A control unit on a bus that python-can opened."""

    def __init__(self, bus: Wire, access: BcmAccess, gate: RequestGate) -> None:
        """Take a bus over."""
        import isotp

        self._bus = bus
        self._access = access
        self._gate = gate
        self._is_extended = _is_extended(access)
        mode = (
            isotp.AddressingMode.Normal_29bits
            if self._is_extended
            else isotp.AddressingMode.Normal_11bits
        )
        self._mode = mode
        self._request_id = access.request

    def request(self, payload: bytes) -> bytes:
        """Ask and return the positive answer, see `Requester`."""
        self._gate.pass_request(payload, is_obd=False)
        return self._ask(payload, self._access.request, self._access.response)

    def watch_speed(self) -> None:
        """Ask the engine's control unit how fast the car is, see `Requester`."""
        if self._is_extended:
            return  # The rest of the car speaks with long ids too; its speed is asked otherwise.
        self._gate.pass_request(SPEED, is_obd=True)
        try:
            speed_kmh = speed_of(self._ask(SPEED, *ENGINE))
        except (NoAnswerError, NegativeAnswerError):
            return
        if speed_kmh is not None:
            self._gate.note_speed(speed_kmh)

    def _ask(self, payload: bytes, request_id: int, response_id: int) -> bytes:
        import isotp

        self._request_id = request_id
        while self._bus.recv(0) is not None:
            continue  # Answers to what was asked before.
        layer = isotp.TransportLayerLogic(
            rxfn=self._receive,
            txfn=self._send,
            address=isotp.Address(self._mode, txid=request_id, rxid=response_id),
            params=_PARAMETERS,
        )
        layer.send(payload)
        deadline = time.monotonic() + ANSWER_S
        patience = PENDING_LIMIT
        while time.monotonic() < deadline:
            try:
                layer.process(rx_timeout=0.01)
            except RequestRefusedError:
                raise
            except Exception as error:
                raise BusError(f"the adapter failed: {error}") from error
            answer = layer.recv()
            if answer is None:
                continue
            if is_pending(payload, bytes(answer)) and patience:
                patience -= 1
                deadline = time.monotonic() + PATIENT_S
            elif (positive := judge_answer(payload, bytes(answer))) is not None:
                return positive
        shown = payload.hex(" ").upper()
        raise NoAnswerError(f"no answer from 0x{response_id:X} to {shown}")

    def close(self) -> None:
        """Close the bus."""
        try:
            self._bus.shutdown()
        except Exception:
            return  # A pulled cable makes drivers fail; there is nothing left to close.

    def _receive(self, timeout_s: float) -> isotp.CanMessage | None:
        import isotp

        message = self._bus.recv(timeout_s)
        if message is None or message.is_error_frame or message.is_remote_frame:
            return None
        return isotp.CanMessage(
            arbitration_id=message.arbitration_id,
            data=bytes(message.data or b""),
            dlc=message.dlc,
            extended_id=message.is_extended_id,
        )

    def _send(self, frame: isotp.CanMessage) -> None:
        """Send a frame of a request that the gate has let pass, or a flow control frame.

        A request fits one frame (the gate sees to it), so nothing else is ever due here.
        """
        import can

        data = bytes(frame.data)
        kind = data[0] >> 4 if data else -1
        if kind == FLOW_CONTROL:
            self._gate.note_flow_control(data)
        elif kind != 0:
            raise RequestRefusedError(f"{data.hex(' ').upper()}: not sent; not a read request")
        self._bus.send(
            can.Message(
                arbitration_id=self._request_id, is_extended_id=self._is_extended, data=data
            )
        )


def _is_extended(access: BcmAccess) -> bool:
    return max(access.request, access.response) > _HIGHEST_STANDARD
