"""Can this tap see it: what is heard in ten seconds, and what it means."""

from __future__ import annotations

import sys
import threading
import time
import types
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import replace
from typing import ClassVar

import can
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_builders import GAITER, QASHQAI, a_channel, frames_of, some_frames
from typer.testing import CliRunner

from canlock.cli.main import app
from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import BusError
from canlock.model.frames import FrameFlag
from canlock.model.link import Silence
from canlock.model.stream import Gap
from canlock.pipeline.bitrates import hears_at
from canlock.pipeline.bus_group import BusGroup
from canlock.pipeline.bus_load import BusLoad, frame_bits
from canlock.pipeline.tap import ADVICE, FEW_IDS, TapCheck, TapReport
from canlock.pipeline.watching import Attached, Watch
from canlock.sources.bus import BusReader
from canlock.sources.player import CapturePlayer, open_replay_bus

LINK = replace(
    BusReader("virtual", "tap").status, state="connected", silence=Silence(True, "no car")
)
VEHICLE = load_vehicle(QASHQAI).vehicle


def crc_bits(bits: list[int]) -> list[int]:
    """The check sum of a classic frame, bit by bit as Bosch's specification has it."""
    crc = 0
    for bit in bits:
        carry = bit ^ (crc >> 14 & 1)
        crc = (crc << 1) & 0x7FFF
        if carry:
            crc ^= 0x4599
    return [crc >> n & 1 for n in range(14, -1, -1)]


def true_bits(number: int, data: bytes, *, is_extended: bool) -> int:
    """Bits of one frame on the wire, stuffed ones and the pause counted, by building it."""

    def of(value: int, width: int) -> list[int]:
        return [value >> n & 1 for n in range(width - 1, -1, -1)]

    bits = [0]
    if is_extended:
        bits += [*of(number >> 18, 11), 1, 1, *of(number & 0x3FFFF, 18), 0, 0, 0]
    else:
        bits += [*of(number, 11), 0, 0, 0]
    bits += of(len(data), 4)
    for byte in data:
        bits += of(byte, 8)
    bits += crc_bits(bits)
    stuffed = 0
    run, last = 0, None
    for bit in bits:
        run = run + 1 if bit == last else 1
        last = bit
        if run == 5:
            stuffed += 1
            last, run = 1 - bit, 1
    return len(bits) + stuffed + 1 + 2 + 7 + 3


def test_what_an_adapter_lost_is_not_laid_to_the_bus() -> None:
    check = TapCheck(VEHICLE)
    check.take(some_frames([1.0, 2.0, 3.0]))
    for gap in (Gap(1.1, 1.6, "x"), Gap(1.4, 1.9, "x"), Gap(2.1, 2.4, "x", frozenset({1}))):
        check.take(gap)
    links = [replace(LINK, error_frames=50)]
    lossy = check.report(links, 3.0)
    assert lossy.lost_s == pytest.approx(0.8)
    text = "\n".join(lossy.lines())
    assert "missing for 0.8 s" in text
    assert "slower than it should" not in text
    assert "bad wire" not in text


@pytest.mark.parametrize("is_filtered", [False, True])
def test_who_listens_to_some_ids_only_does_not_say_that_there_is_nothing_else(
    is_filtered: bool,
) -> None:
    report = TapCheck(VEHICLE).report([replace(LINK, is_filtered=is_filtered)], 10.0)
    assert ("nothing else was listened to" in report.summary) is is_filtered


@given(st.integers(0, 0x7FF), st.integers(0, 0x1FFF_FFFF), st.binary(max_size=8), st.booleans())
def test_a_frame_takes_no_less_and_no_more_bits_than_are_reckoned(
    short: int, wide: int, data: bytes, is_extended: bool
) -> None:
    least, most = frame_bits(len(data), is_extended=is_extended)
    number = wide if is_extended else short
    assert least <= true_bits(number, data, is_extended=is_extended) <= most


def test_the_load_of_a_full_bus_is_whole() -> None:
    load = BusLoad()
    load.take(some_frames([n / 8000 for n in range(8000)]))
    share = load.share(1_000_000, 1.0)
    assert share is not None
    assert share[0] == pytest.approx(0.888)
    assert share[1] == pytest.approx(1.08)
    assert load.share(None, 1.0) is None
    assert load.share(1_000_000, 0.0) is None


def test_the_load_of_a_bus_that_switches_its_rate_is_not_known() -> None:
    load = BusLoad()
    batch = some_frames([1.0])
    load.take(replace(batch, flags=np.array([FrameFlag.FD], np.uint8)))
    assert load.share(500_000, 1.0) is None


def heard(*items: object) -> TapReport:
    check = TapCheck(VEHICLE)
    for item in items:
        check.take(item)  # type: ignore[arg-type]
    return check.report([LINK], 10.0, 500_000)


def test_a_whole_bus_is_seen_with_rates_and_load() -> None:
    frames = frames_of(GAITER)
    report = heard(frames.take(frames.timestamp_s < frames.timestamp_s[0] + 10.0))
    assert report.state == "sees-all"
    assert report.missing == ()
    (locks,) = [sight for sight in report.messages if sight.key == 0x358]
    assert locks.rate_hz == pytest.approx(1 / (locks.period_s or 1.0), rel=0.1)
    assert report.load is not None
    assert 0.0 < report.load[0] < report.load[1] < 0.5
    text = "\n".join(report.lines())
    assert "a second" in text
    assert "bus load" in text
    assert "silent: confirmed" in text


def test_a_part_is_told_with_what_is_missing() -> None:
    report = heard(some_frames([n / 10 for n in range(100)], 0x358))
    assert report.state == "sees-part"
    assert len(report.missing) >= 1
    assert all(name in report.summary for name in report.missing)


def test_a_message_that_comes_too_slowly_is_named() -> None:
    regular = heard(some_frames([n / 10 for n in range(100)], 0x358))
    slow = heard(some_frames([n / 4 for n in range(40)], 0x358))
    assert "slower than it should" not in "\n".join(regular.lines())
    assert "slower than it should" in "\n".join(slow.lines())


@pytest.mark.parametrize(
    ("ids", "state"),
    [
        pytest.param(range(0x10, 0x10 + FEW_IDS), "gateway", id="a handful of ids"),
        pytest.param(range(0x10, 0x11 + FEW_IDS), "other-bus", id="one more"),
        pytest.param(range(0x700, 0x720), "gateway", id="only diagnostics"),
    ],
)
def test_a_bus_without_one_mapped_frame(ids: range, state: str) -> None:
    report = heard(*(some_frames([1.0, 2.0], one) for one in ids))
    assert report.state == state
    assert all(advice in "\n".join(report.lines()) for advice in ADVICE[report.state])


def test_nothing_but_errors_is_a_wrong_bit_rate_and_nothing_at_all_is_not() -> None:
    errors = some_frames([1.0, 1.1])
    errors = replace(errors, flags=np.full(2, FrameFlag.ERROR, np.uint8))
    assert heard(errors).state == "wrong-bitrate"
    assert heard().state == "no-frames"
    good = heard(errors, some_frames([2.0]))
    assert good.state == "sees-part"
    assert "bad wire" in "\n".join(good.lines())


def test_no_bit_rate_is_tried_on_a_bus_that_may_not_be_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loud = Silence(False, "it cannot be told to be")
    monkeypatch.setattr("canlock.pipeline.bus_group.BusGroup.links", (replace(LINK, silence=loud),))
    with pytest.raises(BusError, match="may not be silent"):
        hears_at(BusGroup([BusReader("virtual", a_channel())]))


class RateBus(can.BusABC):
    """An adapter on a bus of 125 kbit/s: at any other rate it hears only errors."""

    opened: ClassVar[list[int]] = []

    def __init__(self, channel: str | None = None, bitrate: int = 0, **_: object) -> None:
        self.opened.append(bitrate)
        self._is_right = bitrate == 125_000
        super().__init__(channel or "0")

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        time.sleep(min(0.01, timeout or 0.01))
        is_error = not self._is_right
        message = can.Message(
            arbitration_id=0 if is_error else 0x358,
            timestamp=time.time(),
            is_extended_id=False,
            is_error_frame=is_error,
            data=bytes(8),
        )
        return message, True

    def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002
        raise AssertionError(f"{msg} was sent")


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    module = types.ModuleType("rate_can")
    module.RateBus = RateBus  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rate_can", module)
    for name in ("slcan", "gs_usb"):
        monkeypatch.setitem(can.interfaces.BACKENDS, name, ("rate_can", "RateBus"))
    monkeypatch.setattr(RateBus, "opened", [])
    monkeypatch.setattr("canlock.pipeline.bitrates.TRY_S", 0.3)
    return RateBus.opened


@pytest.mark.parametrize("vehicle", [["--vehicle", QASHQAI], []], ids=["named", "not named"])
def test_a_silent_adapter_looks_for_the_right_bit_rate(
    rates: list[int], vehicle: list[str]
) -> None:
    given = ["check-tap", "-i", "slcan", "-c", "x", "-b", "250000", *vehicle]
    done = CliRunner().invoke(app, [*given, "--for", "0.5"])
    assert done.exit_code == 0, done.output
    assert "use `-b 125000`" in done.stdout
    assert rates == [250_000, 500_000, 125_000]


def test_a_bit_rate_that_the_adapter_does_not_know_is_passed_over(
    rates: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: RateBus, channel: str | None = None, bitrate: int = 0, **_: object) -> None:
        if bitrate == 500_000:
            raise ValueError("no such bit rate")
        begin(self, channel, bitrate)

    begin = RateBus.__init__
    monkeypatch.setattr(RateBus, "__init__", refuse)
    given = ["check-tap", "-i", "slcan", "-c", "x", "-b", "250000", "--vehicle", QASHQAI]
    done = CliRunner().invoke(app, [*given, "--for", "0.5"])
    assert done.exit_code == 0, done.output
    assert "use `-b 125000`" in done.stdout
    assert rates == [250_000, 125_000]


def test_an_adapter_that_may_not_be_silent_never_guesses(rates: list[int]) -> None:
    given = ["check-tap", "-i", "gs_usb", "-c", "x", "-b", "500000", "--vehicle", QASHQAI]
    done = CliRunner().invoke(app, [*given, "--for", "0.5"])
    assert done.exit_code == 0, done.output
    assert "The bit rate is not guessed" in done.stdout
    assert "silent: not confirmed, because" in done.stdout
    assert rates == [500_000]


@pytest.mark.parametrize("named", [True, False])
def test_a_tap_that_hears_nothing_says_what_to_do(named: bool) -> None:
    given = ["check-tap", "-i", "virtual", "-c", a_channel(), "--for", "0.3"]
    done = CliRunner().invoke(app, [*given, *(["--vehicle", QASHQAI] if named else [])])
    assert done.exit_code == 0, done.output
    assert "Wake the car" in done.stdout


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (range(0x7E0, 0x7E3), "behind a gateway"),
        (range(0x10, 0x20), "of no vehicle that is known"),
    ],
)
def test_a_tap_of_no_known_car_is_told_what_it_sees_all_the_same(ids: range, words: str) -> None:
    channel = a_channel()
    bus = open_replay_bus("virtual", channel)
    batches = [some_frames([n / 10 for n in range(20)], one) for one in ids]
    player = CapturePlayer(batches, bus, 0)
    threading.Timer(0.3, player.start).start()
    done = CliRunner().invoke(app, ["check-tap", "-i", "virtual", "-c", channel, "--for", "1.5"])
    player.stop()
    bus.shutdown()
    assert done.exit_code == 2, done.output
    assert words in done.stdout
    assert f"{20 * len(ids)} frames of {len(ids)} ids" in done.stdout
    assert f"virtual:{channel}: frames come; silent: confirmed" in done.stdout
    assert "no shipped vehicle fits these frames" in " ".join(done.stderr.split())


BMW = load_vehicle("bmw-e9x").vehicle


@pytest.mark.parametrize(
    ("listened_s", "state", "missing"),
    [(10.0, "sees-all", ()), (14.9, "sees-all", ()), (15.0, "sees-part", ("TRUNK",))],
)
def test_a_message_that_may_still_come_is_not_missed(
    listened_s: float, state: str, missing: tuple[str, ...]
) -> None:
    check = TapCheck(BMW)
    for facts in BMW.messages:
        if facts.name != "TRUNK":  # Each 10 s.
            check.take(some_frames([1.0, 2.0], facts.key))
    report = check.report([LINK], listened_s)
    assert (report.state, report.missing) == (state, missing)
    (line,) = [line for line in report.lines() if "TRUNK  " in line]
    assert ("not seen yet: listen longer" in line) is (not missing)


def test_error_frames_are_counted_once() -> None:
    errors = some_frames([1.0, 1.1])
    errors = replace(errors, flags=np.full(2, FrameFlag.ERROR, np.uint8))
    check = TapCheck(VEHICLE)
    check.take(errors)
    assert check.report([replace(LINK, error_frames=2)], 10.0).error_frames == 2
    # Those that the queue had no room for are told by the bus only.
    assert TapCheck(VEHICLE).report([replace(LINK, error_frames=3)], 10.0).error_frames == 3


def test_a_car_is_recognised_and_its_tap_checked() -> None:
    channel = a_channel()
    bus = open_replay_bus("virtual", channel)
    player = CapturePlayer([frames_of(GAITER)], bus, 20.0)
    threading.Timer(0.3, player.start).start()
    done = CliRunner().invoke(app, ["check-tap", "-i", "virtual", "-c", channel, "--for", "1.5"])
    player.stop()
    bus.shutdown()
    assert done.exit_code == 0, done.output
    assert "This tap sees it" in done.stdout


def test_a_watch_checks_its_tap_by_itself_and_leaves_out_what_nobody_needs() -> None:
    channel, stop = a_channel(), threading.Event()
    group = BusGroup([BusReader("virtual", channel)])
    attached = Attached(tap_s=0.3)
    watch = Watch(group, load_vehicle(QASHQAI), group.items(stop), stop, attached)
    bus = open_replay_bus("virtual", channel)
    player = CapturePlayer([frames_of(GAITER)], bus, 20.0)
    with closing(watch.steps()) as steps:
        next(steps)
        player.start()
        last = next(step for step in steps if any("mapped messages" in n for n in step.notes))
    player.stop()
    bus.shutdown()
    assert any("came" in note for note in last.notes)


def test_what_comes_only_to_who_asks_is_asked_of_no_adapter_and_missed_by_no_tap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel, stop = a_channel(), threading.Event()
    group = BusGroup([BusReader("virtual", channel)])
    told: list[AbstractSet[int]] = []
    monkeypatch.setattr(group, "narrow", told.append)
    loaded = load_vehicle(QASHQAI)
    (poll,) = loaded.vehicle.polls
    watch = Watch(group, loaded, group.items(stop), stop, Attached(tap_s=0.1))
    with closing(watch.steps()) as steps:
        last = next(step for step in steps if step.tap is not None)
    (keys,) = told
    assert 0x358 in keys
    assert loaded.vehicle.message(poll.message).key not in keys
    assert any("0 of 4 mapped messages" in note for note in last.notes)
    assert poll.message not in {sight.name for sight in heard().messages}
