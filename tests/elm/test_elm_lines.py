"""What the adapter prints is read for what it is, and damage is known as damage."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from canlock.sources.elm327.lines import (
    LINE_LIMIT,
    Damaged,
    LineCutter,
    LineForm,
    MonitoredFrame,
    Notice,
    Word,
    read_line,
)

WITH_DLC = LineForm()
WITHOUT_DLC = LineForm(has_dlc=False)
STANDARD = LineForm(has_extended=False)

frames = st.builds(
    lambda is_extended, number, data: MonitoredFrame(
        number & (0x1FFF_FFFF if is_extended else 0x7FF), is_extended, data, dlc=len(data)
    ),
    st.booleans(),
    st.integers(0, 0x1FFF_FFFF),
    st.binary(max_size=8),
)


def printed(frame: MonitoredFrame, *, has_dlc: bool, is_spaced: bool) -> bytes:
    """A frame as the data sheet shows it; 29-bit ids stand in groups of two with spaces."""
    number = f"{frame.arbitration_id:08X}" if frame.is_extended else f"{frame.arbitration_id:03X}"
    groups = (
        [number[place : place + 2] for place in range(0, 8, 2)] if frame.is_extended else [number]
    )
    dlc = [f"{len(frame.data):X}"] if has_dlc else []
    parts = [*groups, *dlc, *(f"{byte:02X}" for byte in frame.data)]
    # The chip prints a space behind each group, the last one too.
    return ("".join(part + " " for part in parts) if is_spaced else "".join(parts)).encode()


@given(frames, st.booleans(), st.booleans())
def test_a_printed_frame_is_read_back(
    frame: MonitoredFrame, has_dlc: bool, is_spaced: bool
) -> None:
    line = printed(frame, has_dlc=has_dlc, is_spaced=is_spaced)
    assert read_line(line, LineForm(has_dlc=has_dlc)) == frame


@given(frames.filter(lambda frame: not frame.is_extended), st.data())
def test_an_11_bit_line_with_a_lost_byte_is_damage_and_never_another_frame(
    frame: MonitoredFrame, data: st.DataObject
) -> None:
    line = printed(frame, has_dlc=True, is_spaced=False)
    place = data.draw(st.integers(0, len(line) - 1))
    assert isinstance(read_line(line[:place] + line[place + 1 :], STANDARD), Damaged)


@given(frames, st.integers(0, 30))
def test_a_cut_line_is_damage(frame: MonitoredFrame, kept: int) -> None:
    line = printed(frame, has_dlc=True, is_spaced=False)
    form = LineForm(has_standard=not frame.is_extended, has_extended=frame.is_extended)
    if kept < len(line):
        assert isinstance(read_line(line[:kept], form), Damaged)


@given(st.lists(frames, min_size=2, max_size=4))
def test_lines_that_lost_the_break_between_them_are_damage(several: list[MonitoredFrame]) -> None:
    line = b"".join(printed(frame, has_dlc=True, is_spaced=False) for frame in several)
    reading = read_line(line, WITH_DLC)
    if isinstance(reading, MonitoredFrame):
        # Two short frames can look like one, whose digit then agrees by chance.
        again = printed(reading, has_dlc=True, is_spaced=False)
        digit = 8 if reading.is_extended else 3
        assert (again[:digit], again[digit + 1 :]) == (line[:digit], line[digit + 1 :])
        assert min(int(line[digit : digit + 1], 16), 8) == len(reading.data)
    else:
        assert isinstance(reading, Damaged)


@given(st.binary(max_size=300), st.booleans(), st.booleans(), st.booleans())
@example(b"\x00\xff>\r?", True, True, True)
def test_no_bytes_make_the_parser_raise_or_invent(
    noise: bytes, has_dlc: bool, has_standard: bool, has_extended: bool
) -> None:
    form = LineForm(has_dlc, has_standard, has_extended)
    for line in LineCutter().feed(noise):
        reading = read_line(line.text, form)
        if isinstance(reading, MonitoredFrame) and not reading.is_remote:
            again = printed(reading, has_dlc=has_dlc, is_spaced=False)
            text = line.text.replace(b" ", b"").replace(b"\t", b"")
            # Codes above 8 also mean eight bytes.
            assert len(again) == len(text)
            assert again[:3] == text[:3]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6))
def test_lines_do_not_depend_on_how_the_bytes_come(stream: bytes, cuts: list[int]) -> None:
    whole = [(line.text, line.is_prompt) for line in LineCutter().feed(stream)]
    places = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    cutter = LineCutter()
    pieces = [
        (line.text, line.is_prompt)
        for start, end in pairwise(places)
        for line in cutter.feed(stream[start:end])
    ]
    assert pieces == whole


def test_a_line_without_end_takes_no_more_memory_than_the_longest_line() -> None:
    cutter = LineCutter()
    for _ in range(100):
        assert not list(cutter.feed(b"A" * 100))
    assert len(cutter.held) == LINE_LIMIT
    (line,) = cutter.feed(b"\r")
    assert line.is_cut
    assert isinstance(read_line(line.text, WITH_DLC), Damaged)


def test_the_tail_says_how_much_came_after_a_line() -> None:
    lines = list(LineCutter().feed(b"ABC\rDE\r>F"))
    assert [(line.text, line.tail) for line in lines] == [(b"ABC", 5), (b"DE", 2), (b">", 1)]


@pytest.mark.parametrize(
    ("line", "reading"),
    [
        (b"BUFFER FULL", Notice(Word.BUFFER_FULL)),
        (b"3588010203BUFFER FULL", Notice(Word.BUFFER_FULL, has_cut_frame=True)),
        (b"358 8 01 02 BUFFER FULL", Notice(Word.BUFFER_FULL, has_cut_frame=True)),
        (b"3588010203<RX ERROR", Notice(Word.RX_ERROR, has_cut_frame=True)),
        (b"CAN ERROR", Notice(Word.CAN_ERROR)),
        (b"STOPPED", Notice(Word.STOPPED)),
        (b"?", Notice(Word.UNKNOWN_COMMAND)),
        (b"BUFER FULL", Damaged(b"BUFER FULL")),
        (b"358\xff0102", Damaged(b"358\xff0102")),
        (b"3588RTR", MonitoredFrame(0x358, False, b"", is_remote=True, dlc=8)),
        (b"358 2 RTR", MonitoredFrame(0x358, False, b"", is_remote=True, dlc=2)),
        (b"358F0102030405060708", MonitoredFrame(0x358, False, bytes(range(1, 9)), dlc=8)),
        (b"8002AABB", Damaged(b"8002AABB")),
        (b"3580", MonitoredFrame(0x358, False, b"", dlc=0)),
        (b"358", Damaged(b"358")),
    ],
)
def test_words_and_odd_lines(line: bytes, reading: object) -> None:
    assert read_line(line, WITH_DLC) == reading


def test_without_the_length_digit_the_number_of_digits_tells_the_width() -> None:
    assert read_line(b"35801", WITHOUT_DLC) == MonitoredFrame(0x358, False, b"\x01", dlc=1)
    assert read_line(b"18DAF11001", WITHOUT_DLC) == MonitoredFrame(0x18DAF110, True, b"\x01", dlc=1)
