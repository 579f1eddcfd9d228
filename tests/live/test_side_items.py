"""What an adapter tells besides frames reaches the analysis; a narrow line plans for the car."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import can
import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.stream import Gap, Sample, StreamItem
from canlock.sources import listening
from canlock.sources.bus import BusReader

GAP = Gap(10.0, 11.0, "adapter overflow")
VOLTS = Sample(10.5, "supply.voltage", 12.4)


class TellingBus(can.BusABC):
    """Hears nothing, has something to tell besides, and remembers what it was asked to watch."""

    def __init__(self, channel: str = "x", **_options: object) -> None:
        super().__init__(channel=channel)
        self.watched: list[Sequence[Any]] = []
        self._side: list[object] = [GAP, VOLTS]

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        time.sleep(min(timeout or 0.0, 0.01))
        return None, False

    def send(self, msg: can.Message, timeout: float | None = None) -> None:
        raise AssertionError(f"nothing may be sent: {msg}, {timeout}")

    def watch(self, messages: Sequence[Any]) -> None:
        self.watched.append(messages)

    def take_side_items(self) -> list[object]:
        told, self._side = self._side, []
        return told


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> TellingBus:
    telling = TellingBus()
    monkeypatch.setattr(listening, "_ask_for_room", lambda _bus: None)
    monkeypatch.setattr(can, "Bus", lambda *_args, **_options: telling)
    return telling


def read(reader: BusReader, seconds: float) -> list[StreamItem]:
    stop = threading.Event()
    threading.Timer(seconds, stop.set).start()
    return list(reader.batches(stop))


@pytest.mark.usefixtures("bus")
def test_gaps_and_voltage_of_the_adapter_come_with_the_frames() -> None:
    items = read(BusReader("virtual", "x"), 0.3)

    assert [item for item in items if item in (GAP, VOLTS)] == [GAP, VOLTS]


def test_a_plan_that_fails_is_said_and_does_not_end_the_listening(
    bus: TellingBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_messages: Sequence[Any]) -> None:
        raise can.CanOperationError("it does not know ATPB")

    monkeypatch.setattr(bus, "watch", refuse)
    reader = BusReader("virtual", "x")
    reader.plan(load_vehicle("nissan-qashqai-j10").vehicle)

    items = read(reader, 0.3)

    assert GAP in items
    (note,) = reader.status.notes
    assert "it does not know ATPB" in note
    assert not reader.status.is_filtered


def test_an_adapter_that_can_plan_is_told_what_the_vehicle_needs(bus: TellingBus) -> None:
    vehicle = load_vehicle("nissan-qashqai-j10").vehicle
    reader = BusReader("virtual", "x")
    reader.plan(vehicle)

    read(reader, 0.3)

    assert bus.watched
    assert vehicle.bcm is not None
    polled = {poll.message for poll in vehicle.polls}
    needed = {facts.key for facts in vehicle.messages if facts.name not in polled}
    # What another tester asks of the BCM, besides.
    assert {each.key for each in bus.watched[0]} == needed | {vehicle.bcm.request}
