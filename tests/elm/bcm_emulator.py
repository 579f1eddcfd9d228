"""A body computer of our own: answers reads, remembers what it was asked."""

from __future__ import annotations

import threading
from collections import deque
from functools import partial

import can
import isotp

REQUEST, RESPONSE = 0x745, 0x765
CODES = bytes.fromhex("A562162F95011308C1000050")
"""B2562-16 failed now; B1501-13 stored; U0100-00 whose test has not run."""

PART_NUMBER = b"284B2JD00A"


class BodyComputer:
    """What it answers to what, in the way of KWP or of UDS."""

    def __init__(self, protocol: str = "uds", *, session: int | None = None) -> None:
        self.protocol = protocol
        self.session = session
        self.now_in: int | None = None
        self.asked: list[bytes] = []
        self.inputs = 0x00
        self.speed_kmh: int | None = 0
        self.refuses: dict[int, int] = {}
        """Negative response codes by service."""

        self.pleas = 0
        """So many times it asks for patience before it answers a read."""

        self.sleeps_through = 0
        """So many requests only wake it up."""

    def answer(self, request_id: int, payload: bytes) -> list[bytes]:
        """Return the answers to a request, pleas to wait first."""
        if request_id in (0x7E0, 0x7DF):
            if payload == b"\x01\x0d" and self.speed_kmh is not None:
                return [bytes((0x41, 0x0D, self.speed_kmh))]
            return []
        if request_id != REQUEST:
            return []
        self.asked.append(payload)
        if self.sleeps_through:
            self.sleeps_through -= 1
            return []
        service = payload[0]
        if service in self.refuses:
            return [bytes((0x7F, service, self.refuses[service]))]
        if service == 0x10:
            self.now_in = payload[1]
            return [bytes((0x50, payload[1]))]
        if service == 0x3E:
            return [b"\x7e" + payload[1:2]]
        pleas = [bytes((0x7F, service, 0x78))] * self.pleas
        return [*pleas, *self._read(payload)]

    def _read(self, payload: bytes) -> list[bytes]:
        if self.session is not None and self.now_in != self.session:
            return [bytes((0x7F, payload[0], 0x80))]
        if payload == b"\x19\x02\xff" and self.protocol == "uds":
            return [b"\x59\x02\xff" + CODES]
        if payload == b"\x22\xf1\x87" and self.protocol == "uds":
            return [b"\x62\xf1\x87" + PART_NUMBER]
        if payload == b"\x21\x83" and self.protocol == "kwp":
            return [b"\x61\x83" + PART_NUMBER]
        if payload[0] == 0x21 and self.protocol == "kwp":
            return [bytes((0x61, payload[1], self.inputs))]
        return [bytes((0x7F, payload[0], 0x11))]


def _take(held: deque[can.Message], _: float) -> isotp.CanMessage | None:
    if not held:
        return None
    message = held.popleft()
    return isotp.CanMessage(
        arbitration_id=message.arbitration_id, data=bytes(message.data), dlc=message.dlc
    )


class VirtualBody:
    """A body computer on a virtual bus, by can-isotp, in a thread of its own."""

    def __init__(self, channel: str, body: BodyComputer) -> None:
        self.body = body
        self._bus = can.Bus(interface="virtual", channel=channel)
        self._stop = threading.Event()
        self.frames: list[can.Message] = []
        """Everything that anybody else put on the bus."""

        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        pairs = ((REQUEST, RESPONSE), (0x7E0, 0x7E8))
        held: dict[int, deque[can.Message]] = {request: deque() for request, _ in pairs}
        layers = {
            request: isotp.TransportLayerLogic(
                rxfn=partial(_take, held[request]),
                txfn=self._send,
                address=isotp.Address(rxid=request, txid=response),
                params={"tx_padding": 0x00},
            )
            for request, response in pairs
        }
        while not self._stop.is_set():
            message = self._bus.recv(0.002)
            if message is not None:
                self.frames.append(message)
                if message.arbitration_id in held:
                    held[message.arbitration_id].append(message)
            for request, layer in layers.items():
                layer.process()
                asked = layer.recv()
                for answer in self.body.answer(request, bytes(asked)) if asked else ():
                    layer.send(answer)

    def _send(self, frame: isotp.CanMessage) -> None:
        self._bus.send(
            can.Message(
                arbitration_id=frame.arbitration_id, is_extended_id=False, data=bytes(frame.data)
            )
        )

    def close(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join()
        self._bus.shutdown()
