"""What a held state says: the first word, each change, and what is no change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cantools.database import Signal

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import compile_layout
from canlock.model.frames import EXTENDED_BIT, FrameBatch, FrameFlag
from canlock.model.samples import Decoded, RoleSample
from canlock.model.vehicle import MessageFacts, SignalMap, Vehicle

BODY, OTHER = 0x60D, 0x358
SIGNALS = {
    "BODY.Door": Signal("Door", 0, 2),
    "BODY.Left": Signal("Left", 8, 2),
    "BODY.Right": Signal("Right", 10, 2),
    "BODY.Count": Signal("Count", 16, 8),
    "BODY.Signed": Signal("Signed", 7, 4, "big_endian", is_signed=True),
    "BODY.Wide": Signal("Wide", 8, 32),
    "BODY.Page": Signal("Page", 0, 8, is_multiplexer=True),
    "BODY.Front": Signal("Front", 8, 8, multiplexer_ids=[1], multiplexer_signal="Page"),
    "BODY.Rear": Signal("Rear", 8, 8, multiplexer_ids=[2], multiplexer_signal="Page"),
    "OTHER.Door": Signal("Door", 0, 2),
}
Values = dict[tuple[int, ...], str]
AJAR: Values = {(0,): "closed", (1,): "open"}
LOCK: Values = {(1,): "unlocked", (2,): "locked"}
ON: Values = {(0,): "off", (1,): "on"}
DOOR = SignalMap("door.ajar", ("BODY.Door",), ("driver",), AJAR)


def a_decoder(*entries: SignalMap, body: int = BODY) -> Decoder:
    messages = (MessageFacts("BODY", body, 8), MessageFacts("OTHER", OTHER, 8))
    vehicle = Vehicle("a-car", "A car", ("driver",), entries, messages)
    return Decoder(vehicle, compile_layout(vehicle, SIGNALS.__getitem__))


def frames(
    *rows: tuple[float, bytes],
    ids: list[int] | None = None,
    flags: int | list[int] = 0,
    channels: list[int] | None = None,
) -> FrameBatch:
    count = len(rows)
    payload = np.zeros((count, 8), np.uint8)
    for row, (_, data) in enumerate(rows):
        payload[row, : len(data)] = list(data)
    return FrameBatch(
        np.array([at_s for at_s, _ in rows], np.float64),
        np.array(ids or [BODY] * count, np.uint32),
        np.broadcast_to(np.array(flags, np.uint8), (count,)),
        np.array([len(data) for _, data in rows], np.uint8),
        np.array(channels or [0] * count, np.uint8),
        payload,
        ("can0", "can1"),
    )


def steps(*values: int, place: int = 0) -> FrameBatch:
    """Frames a second apart, with one byte that changes."""
    rows = [
        (float(at_s), bytes(place) + bytes([value]) + bytes(7 - place))
        for at_s, value in enumerate(values)
    ]
    return frames(*rows)


def told(decoded: Decoded) -> list[tuple[float, Any, Any, float | None, bool]]:
    return [(s.at_s, s.value, s.previous, s.since_s, s.is_first) for s in decoded.samples]


def test_the_first_frame_gives_a_sample_with_nothing_before_it() -> None:
    assert a_decoder(DOOR).decode(steps(1)).samples == (
        RoleSample(0.0, "door.ajar", ("driver",), "open", is_first=True, source=0),
    )


def test_a_change_tells_what_was_before_and_until_when_it_was_seen() -> None:
    assert told(a_decoder(DOOR).decode(steps(0, 0, 0, 1, 1, 0))) == [
        (0.0, "closed", None, None, True),
        (3.0, "open", "closed", 2.0, False),
        (5.0, "closed", "open", 4.0, False),
    ]


def test_a_change_between_batches_is_a_change() -> None:
    decoder = a_decoder(DOOR)
    decoder.decode(frames((0.0, b"\0"), (0.1, b"\0")))
    assert decoder.decode(frames((0.2, b"\0"))).samples == ()
    assert told(decoder.decode(frames((0.3, b"\1")))) == [(0.3, "open", "closed", 0.2, False)]


def test_an_unknown_raw_value_between_two_equal_words_is_no_change() -> None:
    assert told(a_decoder(DOOR).decode(steps(0, 3, 3, 0))) == [(0.0, "closed", None, None, True)]


def test_a_change_across_unknown_values_dates_from_the_last_word_seen() -> None:
    assert told(a_decoder(DOOR).decode(steps(0, 0, 3, 3, 1)))[1:] == [
        (4.0, "open", "closed", 1.0, False)
    ]


def test_unknown_values_from_the_start_are_told_once() -> None:
    decoder = a_decoder(DOOR)
    assert told(decoder.decode(steps(3, 2, 3))) == [(0.0, None, None, None, True)]
    assert decoder.decode(steps(2, 3)).samples == ()


def test_the_first_word_after_unknown_values_is_a_first_word_not_a_change() -> None:
    assert told(a_decoder(DOOR).decode(steps(3, 3, 1, 0)))[1:] == [
        (2.0, "open", None, None, True),
        (3.0, "closed", "open", 2.0, False),
    ]


def test_two_raw_values_of_one_word_are_one_word() -> None:
    values: Values = {(0,): "closed", (1,): "open", (2,): "open"}
    entry = SignalMap("door.ajar", ("BODY.Door",), (), values)
    assert [value for _, value, *_ in told(a_decoder(entry).decode(steps(0, 1, 2, 1)))] == [
        "closed",
        "open",
    ]


def test_values_of_a_signed_signal_are_signed() -> None:
    values: Values = {(-1,): "open", (7,): "closed"}
    entry = SignalMap("door.ajar", ("BODY.Signed",), (), values)
    decoded = a_decoder(entry).decode(steps(0xF0, 0x70, 0x80))
    assert [value for _, value, *_ in told(decoded)] == ["open", "closed"]


def test_values_of_a_long_signal_are_found_among_many() -> None:
    values: Values = {(0xFFFFFFFF,): "open", (0x1000000,): "closed"}
    decoder = a_decoder(SignalMap("door.ajar", ("BODY.Wide",), (), values))
    rows = [b"\0" + raw.to_bytes(4, "little") for raw in (0, 0xFFFFFFFF, 0x1000001, 0x1000000)]
    decoded = decoder.decode(frames(*((float(at_s), row) for at_s, row in enumerate(rows))))
    assert [value for _, value, *_ in told(decoded)] == [None, "open", "closed"]


def test_several_signals_mean_a_word_together_and_an_order_that_nobody_named_is_told() -> None:
    values: Values = {(0, 0): "unlock", (1, 0): "lock", (1, 1): "deadlock"}
    entry = SignalMap("command.lock", ("BODY.Left", "BODY.Right"), (), values)
    decoded = a_decoder(entry).decode(steps(0b0000, 0b0001, 0b0100, 0b0101, 0b1101, place=1))
    assert told(decoded) == [
        (0.0, "unlock", None, None, True),
        (1.0, "lock", "unlock", 0.0, False),
        (2.0, None, None, None, False),
        (3.0, "deadlock", "lock", 1.0, False),
        (4.0, None, None, None, False),
    ]


@pytest.mark.parametrize(
    ("left", "right", "all_on", "any_on"),
    [
        (0, 0, "off", "off"),
        (0, 1, "off", "on"),
        (1, 0, "off", "on"),
        (1, 1, "on", "on"),
        (3, 0, "off", None),
        (3, 1, None, "on"),
        (0, 3, "off", None),
        (1, 3, None, "on"),
        (3, 3, None, None),
    ],
)
def test_an_unknown_input_makes_all_and_any_unknown_unless_the_other_decides(
    left: int, right: int, all_on: str | None, any_on: str | None
) -> None:
    lamps = ("BODY.Left", "BODY.Right")
    decoder = a_decoder(
        SignalMap("ack.flasher", lamps, (), ON, combine="all", true_value="on"),
        SignalMap("ack.flasher", lamps, (), ON, combine="any", true_value="on"),
    )
    samples = decoder.decode(steps(right << 2 | left, place=1)).samples
    assert [sample.value for sample in samples] == [all_on, any_on]


def test_a_frame_too_short_for_its_signal_is_counted_and_says_nothing() -> None:
    entry = SignalMap("ack.flasher", ("BODY.Left",), (), ON)
    rows = ((0.0, b"\0\0"), (1.0, b"\0"), (2.0, b""), (3.0, b"\0\1"))
    decoded = a_decoder(entry).decode(frames(*rows))
    assert told(decoded)[1:] == [(3.0, "on", "off", 0.0, False)]
    assert [(life.count, life.short) for life in decoded.lives] == [(4, 2)]


@pytest.mark.parametrize("flag", [FrameFlag.ERROR, FrameFlag.REMOTE])
def test_error_and_remote_frames_are_no_data(flag: FrameFlag) -> None:
    rows = ((0.0, b"\0"), (1.0, b"\1"), (2.0, b"\0"))
    decoded = a_decoder(DOOR).decode(frames(*rows, flags=[0, flag, 0]))
    assert told(decoded) == [(0.0, "closed", None, None, True)]
    assert [life.count for life in decoded.lives] == [2]
    assert decoded.frames == 3


def test_ids_of_eleven_and_of_twenty_nine_bits_are_different_messages() -> None:
    decoder = a_decoder(DOOR, body=BODY | EXTENDED_BIT)
    assert decoder.wanted == {BODY | EXTENDED_BIT, OTHER}
    rows = ((0.0, b"\0"), (1.0, b"\1"))
    assert told(decoder.decode(frames(*rows, flags=[0, FrameFlag.EXTENDED]))) == [
        (1.0, "open", None, None, True)
    ]


def test_an_id_on_two_channels_is_one_message() -> None:
    rows = ((0.0, b"\0"), (0.1, b"\0"), (0.2, b"\1"), (0.3, b"\1"))
    decoded = a_decoder(DOOR).decode(frames(*rows, channels=[0, 1, 0, 1]))
    assert told(decoded)[1:] == [(0.2, "open", "closed", 0.1, False)]


def test_samples_stand_in_the_order_of_frames_and_then_of_entries() -> None:
    decoder = a_decoder(
        SignalMap("door.ajar", ("OTHER.Door",), ("rear-left",), AJAR),
        DOOR,
        SignalMap("lock.child", ("BODY.Door",), (), ON),
    )
    rows = ((0.0, b"\0"), (1.0, b"\0"), (2.0, b"\1"), (3.0, b"\1"))
    decoded = decoder.decode(frames(*rows, ids=[BODY, OTHER, BODY, OTHER]))
    assert [(sample.at_s, sample.source) for sample in decoded.samples] == [
        (0.0, 1),
        (0.0, 2),
        (1.0, 0),
        (2.0, 1),
        (2.0, 2),
        (3.0, 0),
    ]


def test_frames_of_other_pages_say_nothing_about_a_paged_signal() -> None:
    decoder = a_decoder(SignalMap("ack.horn", ("BODY.Front",), (), ON))
    decoder.decode(frames((0.0, b"\1\0"), (1.0, b"\2\0")))
    decoder.decode(frames((2.0, b"\2\0")))
    decoder.decode(frames((3.0, b"\2\0"), (4.0, b"\2\0")))
    assert told(decoder.decode(frames((5.0, b"\1\1")))) == [(5.0, "on", "off", 0.0, False)]


def test_frames_that_repeat_an_unknown_value_do_not_prolong_the_word_before() -> None:
    decoder = a_decoder(DOOR)
    decoder.decode(steps(0, 3))
    decoder.decode(frames((2.0, b"\3" + bytes(7))))
    assert told(decoder.decode(frames((3.0, b"\1")))) == [(3.0, "open", "closed", 0.0, False)]


def test_raw_values_that_do_not_fit_a_signal_never_come() -> None:
    values: Values = {(4,): "open", (-4,): "open", (1,): "closed"}
    entry = SignalMap("door.ajar", ("BODY.Door",), (), values)
    assert [value for _, value, *_ in told(a_decoder(entry).decode(steps(0, 1, 0)))] == [
        None,
        "closed",
    ]


def test_a_frame_that_brings_none_of_several_signals_is_passed_over() -> None:
    entry = SignalMap("ack.horn", ("BODY.Front", "BODY.Rear"), (), ON, combine="any")
    rows = ((0.0, b"\7\1"), (1.0, b"\1\1"))
    assert told(a_decoder(entry).decode(frames(*rows))) == [(1.0, "on", None, None, True)]


def test_a_frame_too_short_for_one_of_its_signals_brings_neither() -> None:
    signals = ("BODY.Door", "BODY.Left", "OTHER.Door")
    entry = SignalMap("ack.horn", signals, (), ON, combine="any", true_value="on")
    rows = ((0.0, b"\0\0"), (1.0, b"\0"), (2.0, b"\1"), (3.0, b"\1\0"))
    decoded = a_decoder(entry).decode(frames(*rows, ids=[BODY, OTHER, BODY, BODY]))
    assert told(decoded)[1:] == [
        (1.0, "off", None, None, True),
        (3.0, "on", "off", 0.0, False),
    ]


def test_signals_of_different_pages_each_hold_their_last_value() -> None:
    values: Values = {(0,): "unlocked", (1,): "locked"}
    entry = SignalMap(
        "lock.status",
        ("BODY.Front", "BODY.Rear"),
        (),
        values,
        combine="all",
        true_value="locked",
        feedback="all-locked",
    )
    pages = ((1, 1), (2, 1), (1, 1), (2, 1), (7, 0), (2, 0), (1, 1))
    rows = [(float(at_s), bytes(pair)) for at_s, pair in enumerate(pages)]
    assert told(a_decoder(entry).decode(frames(*rows))) == [
        (0.0, None, None, None, True),
        (1.0, "locked", None, None, True),
        # The rear page came last at 3.0 s; the pages since then say nothing about it.
        (5.0, "unlocked", "locked", 3.0, False),
    ]


def test_signals_of_different_messages_are_joined_and_changes_date_from_their_own() -> None:
    doors = ("BODY.Door", "OTHER.Door")
    entry = SignalMap("door.ajar", doors, (), AJAR, combine="any", true_value="open")
    rows = [(at_s / 10, b"\0") for at_s in range(6)]
    rows[5] = (0.5, b"\1")
    ids = [BODY, OTHER, OTHER, OTHER, OTHER, BODY]
    assert told(a_decoder(entry).decode(frames(*rows, ids=ids)))[1:] == [
        (0.1, "closed", None, None, True),
        (0.5, "open", "closed", 0.0, False),
    ]


def test_an_order_given_again_with_a_new_count_is_a_sample_too() -> None:
    values: Values = {(0,): "none", (1,): "lock", (2,): "unlock"}
    entry = SignalMap("command.lock", ("BODY.Door",), (), values, counter="BODY.Count")
    pairs = ((0, 4), (1, 5), (1, 5), (1, 6), (0, 6), (0, 7), (1, 7), (1, 7))
    rows = [(float(at_s), bytes([word, 0, count])) for at_s, (word, count) in enumerate(pairs)]
    samples = a_decoder(entry).decode(frames(*rows)).samples
    assert [(s.at_s, s.value, s.previous, s.counter) for s in samples] == [
        (0.0, "none", None, 4),
        (1.0, "lock", "none", 5),
        (3.0, "lock", "lock", 6),
        (4.0, "none", "lock", 6),
        (6.0, "lock", "none", 7),
    ]


def test_a_held_order_that_comes_back_after_one_that_nobody_named_is_told_again() -> None:
    values: Values = {(0,): "none", (1,): "lock", (2,): "unlock"}
    rows = [(float(at_s), bytes([word])) for at_s, word in enumerate((1, 1, 7, 1, 0, 7, 0, 1))]
    expected = ["lock", None, "lock", "none", None, "lock"]
    for cut in range(len(rows)):
        entry = SignalMap("command.lock", ("BODY.Door",), (), values)
        decoder = a_decoder(entry)
        parts = [part for part in (rows[:cut], rows[cut:]) if part]
        samples = [sample for part in parts for sample in decoder.decode(frames(*part)).samples]
        assert [sample.value for sample in samples] == expected


def test_a_count_says_nothing_about_a_state_that_nobody_orders() -> None:
    entry = SignalMap("lock.status", ("BODY.Door",), (), LOCK, counter="BODY.Count")
    rows = [(float(at_s), bytes([1, 0, at_s])) for at_s in range(4)]
    assert len(a_decoder(entry).decode(frames(*rows)).samples) == 1


def test_an_empty_batch_says_nothing_new() -> None:
    decoder = a_decoder(DOOR)
    decoder.decode(steps(0, 1))
    decoded = decoder.decode(frames())
    assert (decoded.first_s, decoded.last_s, decoded.frames) == (1.0, 1.0, 0)
    assert decoded.samples == ()
    assert [life.count for life in decoded.lives] == [2]
