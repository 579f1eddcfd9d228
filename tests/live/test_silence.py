"""Whether an adapter is silent, told by its interface, and filters that it can be given."""

from __future__ import annotations

import json
import subprocess
import types
from typing import Any

import can
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.model.frames import EXTENDED_BIT
from canlock.sources.listening import EXACT_FILTERS, ONE_FILTER, bus_filters, open_listening
from canlock.sources.silence import LISTEN_ONLY, silence_of


def the_state(name: str) -> object:
    return types.SimpleNamespace(state=types.SimpleNamespace(name=name))


@pytest.mark.parametrize("interface", sorted(can.VALID_INTERFACES))
def test_every_interface_of_python_can_has_an_answer(interface: str) -> None:
    told = silence_of(interface, "no-such-channel", the_state("PASSIVE"))
    is_expected = interface in LISTEN_ONLY or interface in ("virtual", "udp_multicast")
    assert told.is_confirmed == is_expected
    assert told.words.startswith("silent: confirmed (" if is_expected else "silent: not confirmed")


@pytest.mark.parametrize(("state", "is_silent"), [("PASSIVE", True), ("ACTIVE", False)])
def test_an_adapter_that_tells_its_state_is_believed(state: str, is_silent: bool) -> None:
    assert silence_of("pcan", "PCAN_USBBUS1", the_state(state)).is_confirmed is is_silent


def test_a_driver_that_cannot_tell_its_state_is_not_taken_for_silent() -> None:
    assert not silence_of("pcan", "PCAN_USBBUS1", object()).is_confirmed


@pytest.mark.parametrize("is_silent", [True, False])
def test_a_bus_of_our_own_says_whether_it_is_silent(is_silent: bool) -> None:
    bus = types.SimpleNamespace(is_silent=is_silent)
    assert silence_of("elm327", "/dev/ttyUSB0", bus).is_confirmed is is_silent


@pytest.mark.parametrize(
    ("linkinfo", "is_silent", "word"),
    [
        ({"info_kind": "vcan"}, True, "virtual"),
        ({"info_kind": "can", "info_data": {"ctrlmode": ["LISTEN-ONLY"]}}, True, "can7 is up in"),
        ({"info_kind": "can", "info_data": {"ctrlmode": ["LOOPBACK"]}}, False, "listen-only on"),
        ({"info_kind": "can", "info_data": {}}, False, "ip link set can7 down"),
    ],
)
def test_the_system_is_asked_how_a_socketcan_interface_is_set_up(
    monkeypatch: pytest.MonkeyPatch, linkinfo: dict[str, Any], is_silent: bool, word: str
) -> None:
    def told(*_: object, **__: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], 0, json.dumps([{"linkinfo": linkinfo}]).encode())

    monkeypatch.setattr("shutil.which", lambda _: "/sbin/ip")
    monkeypatch.setattr("subprocess.run", told)
    found = silence_of("socketcan", "can7", object())
    assert found.is_confirmed is is_silent
    assert word in found.words


@pytest.mark.parametrize("answer", [b"", b"[]", b"nonsense", b"[7]"])
def test_an_answer_that_makes_no_sense_confirms_nothing(
    monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/sbin/ip")
    monkeypatch.setattr(
        "subprocess.run",
        lambda *_, **__: subprocess.CompletedProcess([], 0, answer),
    )
    assert not silence_of("socketcan", "can7", object()).is_confirmed


KEYS = st.frozensets(
    st.integers(0, 0x7FF) | st.integers(0, 0x1FFF_FFFF).map(lambda one: one | EXTENDED_BIT),
    min_size=1,
    max_size=12,
)


@given(st.sampled_from(sorted(EXACT_FILTERS | ONE_FILTER)), KEYS, KEYS)
def test_a_filter_lets_through_what_is_wanted_and_an_exact_one_nothing_else(
    interface: str, wanted: frozenset[int], others: frozenset[int]
) -> None:
    filters = bus_filters(interface, wanted)
    oracle = can.Bus("filters", "virtual", can_filters=filters)
    try:
        for key in wanted | others:
            message = can.Message(
                arbitration_id=key & ~EXTENDED_BIT, is_extended_id=bool(key & EXTENDED_BIT)
            )
            passes = oracle._matches_filters(message)
            assert passes or key not in wanted
            assert not passes or not filters or key in wanted or interface in ONE_FILTER
    finally:
        oracle.shutdown()
    if interface in ONE_FILTER:
        assert len(filters) <= (2 if interface == "vector" else 1)


def test_an_interface_that_filters_in_python_gets_no_filter() -> None:
    assert bus_filters("slcan", {0x358}) == []
    assert bus_filters("socketcan", frozenset()) == []


class RecordingBus(can.BusABC):
    """A bus that notes the filters it is given."""

    def __init__(self, channel: str) -> None:
        self.given: list[object] = []
        super().__init__(channel)

    def _apply_filters(self, filters: object) -> None:
        self.given.append(filters)

    def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002
        raise AssertionError(f"{msg} was sent")


def test_no_way_round_the_wrapper_can_send(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = RecordingBus("can0")
    monkeypatch.setattr(can, "Bus", lambda **_: bus)
    wrapper = open_listening({"interface": "socketcan", "channel": "can0"})
    from canlock.errors import BusError

    with pytest.raises(BusError, match="nothing was sent"):
        bus.send(can.Message())
    task = bus.send_periodic(can.Message(), 0.01, autostart=False)
    assert task is not None
    wrapper.narrow({0x358})
    assert bus.given[-1] == [{"can_id": 0x358, "can_mask": 0x7FF, "extended": False}]
    wrapper.shutdown()
