"""The filter of the trace against plain Python over python-can's messages and cantools."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from functools import cache

import can
import numpy as np
import pytest
from cantools.database.can import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.decoding.signal_book import SignalBook, compile_book
from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.errors import CanlockError
from canlock.pipeline.frame_history import FrameHistory
from canlock.sources.canmessage import MessageColumns
from canlock.tui.trace_filter import parse_filter
from canlock.tui.trace_selection import Selection

IDS = (0x60D, 0x358, 0x625, 0x35D, 0x354, 0x00D, 0x123)
SIGNS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
Oracle = Callable[[Sequence[can.Message], int], bool]


@cache
def a_vehicle() -> tuple[LoadedVehicle, SignalBook]:
    loaded = load_vehicle("nissan-qashqai-j10")
    return loaded, compile_book(loaded)


@cache
def a_message(message: tuple[int, bool]) -> Message | None:
    arbitration_id, is_extended = message
    for one in a_vehicle()[0].databases.messages:
        if one.frame_id == arbitration_id and one.is_extended_frame == is_extended:
            return one
    return None


def is_data(message: can.Message) -> bool:
    return not message.is_error_frame and not message.is_remote_frame


def name_of(message: can.Message) -> str:
    known = a_message((message.arbitration_id, message.is_extended_id))
    return known.name if known is not None and is_data(message) else ""


def digits_of(message: can.Message) -> str:
    return f"{message.arbitration_id:0{8 if message.is_extended_id else 3}X}"


def last_alike(made: Sequence[can.Message], place: int) -> can.Message | None:
    def identity(one: can.Message) -> tuple[object, ...]:
        return (
            one.arbitration_id,
            one.is_extended_id,
            one.channel,
            one.is_error_frame,
            one.is_remote_frame,
        )

    alike = [one for one in made[:place] if identity(one) == identity(made[place])]
    return alike[-1] if alike else None


def has_changed(made: Sequence[can.Message], place: int) -> bool:
    last, this = last_alike(made, place), made[place]
    return last is not None and (bytes(last.data), last.dlc) != (bytes(this.data), this.dlc)


def value_of(message: can.Message, name: str) -> float | None:
    known = a_message((message.arbitration_id, message.is_extended_id))
    if known is None or not is_data(message):
        return None
    decoded = known.decode(bytes(message.data), decode_choices=False, allow_truncated=True)
    value = decoded.get(name)  # type: ignore[union-attr]
    assert value is None or isinstance(value, int | float)
    return None if value is None else float(value)


@st.composite
def messages(draw: st.DrawFn) -> list[can.Message]:
    made = []
    at_s = 1_700_000_000.0
    for _ in range(draw(st.integers(1, 30))):
        at_s += draw(st.sampled_from([0.0, 0.25, 1.0]))
        kind = draw(st.sampled_from(["data", "data", "data", "data", "remote", "error"]))
        is_fd = kind == "data" and draw(st.integers(0, 7)) == 0
        length = draw(st.sampled_from([12, 64] if is_fd else [0, 2, 5, 6, 8]))
        filled = draw(st.sampled_from([b"\0\0\xc9", b"\0\x39", b"\1\2\3", b"\xff", b"\0"])) * length
        made.append(
            can.Message(
                timestamp=at_s,
                arbitration_id=draw(st.sampled_from(IDS)),
                is_extended_id=draw(st.integers(0, 4)) == 0,
                is_error_frame=kind == "error",
                is_remote_frame=kind == "remote",
                is_fd=is_fd,
                is_rx=draw(st.booleans()),
                channel=draw(st.sampled_from(["can0", "kcan1"])),
                dlc=length,
                data=None if kind == "remote" else filled[:length],
            )
        )
    return made


@st.composite
def terms(draw: st.DrawFn) -> tuple[str, Oracle]:
    text, oracle = draw(
        st.one_of(
            id_terms(),
            word_terms(),
            channel_terms(),
            data_terms(),
            number_terms(),
            claim_terms(),
            signal_terms(),
        )
    )
    if draw(st.booleans()):
        return text, oracle
    return f"!{text}", lambda made, place: not oracle(made, place)


@st.composite
def id_terms(draw: st.DrawFn) -> tuple[str, Oracle]:
    pattern = draw(
        st.sampled_from(["60D", "60d", "0x358", "6xx", "D", "00D", "0000060D", "xxxxxxxx"])
    )
    digits = pattern.removeprefix("0x").upper().replace("X", ".")
    sign = draw(st.sampled_from(["=", "!="]))

    def oracle(made: Sequence[can.Message], place: int) -> bool:
        message = made[place]
        is_wide = len(digits) == 8
        number = f"{message.arbitration_id:0{len(digits)}X}"
        found = re.fullmatch(digits, number) is not None and not (
            is_wide and not message.is_extended_id
        )
        return found == (sign == "=")

    return f"id{sign}{pattern},7FF", oracle


@st.composite
def word_terms(draw: st.DrawFn) -> tuple[str, Oracle]:
    word = draw(st.sampled_from(["bcm", "BODY", "60", "D", "status"]))

    def oracle(made: Sequence[can.Message], place: int) -> bool:
        text = f"{digits_of(made[place])} {name_of(made[place])}".lower()
        return word.lower() in text

    if draw(st.booleans()):
        return word, oracle
    return f"name~{word}", lambda made, place: word.lower() in name_of(made[place]).lower()


@st.composite
def channel_terms(draw: st.DrawFn) -> tuple[str, Oracle]:
    names = draw(st.sampled_from(["can0", "KCAN1", "can0,kcan1", "can"]))
    return f"ch={names}", lambda made, place: made[place].channel in names.lower().split(",")


@st.composite
def data_terms(draw: st.DrawFn) -> tuple[str, Oracle]:
    pattern = draw(
        st.sampled_from(["00", "01", "0102", "xx", "c9", "xF", "0xc9", "01" * 9, "ff" * 12])
    )
    sign = draw(st.sampled_from(["~", "=", "!="]))
    if pattern == "0xc9":
        pattern = "0xC9"
    regex = re.compile(pattern.lower().replace("x", "."))

    def oracle(made: Sequence[can.Message], place: int) -> bool:
        message = made[place]
        digits = "" if message.is_remote_frame else bytes(message.data).hex()
        if sign == "~":
            return any(
                regex.fullmatch(digits[start : start + len(pattern)])
                for start in range(0, len(digits) - len(pattern) + 1, 2)
            )
        return (regex.fullmatch(digits) is not None) == (sign == "=")

    return f"data{sign}{pattern}", oracle


@st.composite
def number_terms(draw: st.DrawFn) -> tuple[str, Oracle]:
    sign = draw(st.sampled_from(sorted(SIGNS)))
    if draw(st.booleans()):
        length = draw(st.sampled_from([0, 2, 6, 8, 12]))
        return f"len{sign}{length}", lambda made, place: SIGNS[sign](made[place].dlc, length)
    at_s = draw(st.sampled_from([0, 0.25, 1.5]))
    return f"t{sign}{at_s}", lambda made, place: SIGNS[sign](
        made[place].timestamp - made[0].timestamp, at_s
    )


@st.composite
def claim_terms(draw: st.DrawFn) -> tuple[str, Oracle]:
    claims: dict[str, Oracle] = {
        "changed": has_changed,
        "new": lambda made, place: last_alike(made, place) is None,
        "error": lambda made, place: made[place].is_error_frame,
        "remote": lambda made, place: made[place].is_remote_frame,
        "fd": lambda made, place: made[place].is_fd,
        "sent": lambda made, place: not made[place].is_rx,
        "extended": lambda made, place: made[place].is_extended_id,
    }
    claim = draw(st.sampled_from(sorted(claims)))
    return f"is={claim}", claims[claim]


@st.composite
def signal_terms(draw: st.DrawFn) -> tuple[str, Oracle]:
    name, word, number = draw(
        st.sampled_from(
            [
                ("DriverLocked", "locked", 1.0),
                ("OthersLocked", "unlocked", 0.0),
                ("DriverDoorOpen", "Open", 1.0),
                ("BrakeLamp", "on", 1.0),
                ("SupplyVoltage", "12.5625", 12.5625),
                ("SupplyVoltage", "0", 0.0),
                # 57 x 0.01 is a little more than 0.57.
                ("Speed", "0.57", 0.57),
            ]
        )
    )
    is_word = not word[0].isdigit()
    sign = draw(st.sampled_from(["=", "!="] if is_word else sorted(SIGNS)))

    def oracle(made: Sequence[can.Message], place: int) -> bool:
        value = value_of(made[place], name)
        if value is None:
            return False
        is_equal = math.isclose(value, number, rel_tol=1e-9, abs_tol=1e-9)
        if sign in "<>":
            return bool(SIGNS[sign](value, number)) and not is_equal
        return (
            is_equal != (sign == "!=")
            if sign in ("=", "!=")
            else (is_equal or bool(SIGNS[sign](value, number)))
        )

    return f"{name.lower()}{sign}{word}", oracle


def check(
    made: Sequence[can.Message], chosen: Sequence[tuple[str, Oracle]], block_rows: int, size: int
) -> None:
    """Hold what terms choose, followed batch by batch, equal to what plain Python chooses."""
    history = FrameHistory(block_rows=block_rows)
    selection = Selection(parse_filter(" ".join(text for text, _ in chosen), a_vehicle()[1]))
    columns = MessageColumns()
    for start in range(0, len(made), size):
        history.take(columns.batch(made[start : start + size]))
        selection.follow(history.window())
    expected = [
        place for place in range(len(made)) if all(oracle(made, place) for _, oracle in chosen)
    ]
    assert selection.numbers(0, len(made)).tolist() == expected
    assert len(selection) == len(expected)
    for place, number in enumerate(expected):
        assert selection.numbers(place, place + 1).tolist() == [number]
        assert selection.place_of(number) == place
    window = history.window()
    idents = window.gather(np.arange(len(made))).ident.tolist()
    last = {idents[number]: number for number in expected}
    rows = selection.last_rows(window).tolist()
    assert {ident: row for ident, row in enumerate(rows) if row >= 0} == last


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(id_terms, id="ids"),
        pytest.param(word_terms, id="words"),
        pytest.param(channel_terms, id="channels"),
        pytest.param(data_terms, id="payloads"),
        pytest.param(number_terms, id="lengths and times"),
        pytest.param(claim_terms, id="claims"),
        pytest.param(signal_terms, id="signals"),
    ],
)
@settings(max_examples=60, deadline=None)
@given(data=st.data(), made=messages())
def test_a_term_lets_through_what_plain_python_lets_through(
    kind: Callable[[], st.SearchStrategy[tuple[str, Oracle]]],
    data: st.DataObject,
    made: list[can.Message],
) -> None:
    check(made, [data.draw(kind())], block_rows=7, size=10)


@settings(max_examples=80, deadline=None)
@given(messages(), st.lists(terms(), max_size=3), st.integers(1, 12), st.integers(1, 12))
def test_terms_hold_together_however_frames_are_cut(
    made: list[can.Message], chosen: list[tuple[str, Oracle]], block_rows: int, size: int
) -> None:
    check(made, chosen, block_rows, size)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 7), st.sampled_from(["", "len>0"]))
def test_places_move_up_by_as_many_as_were_let_go(
    count: int, kept: int, block_rows: int, text: str
) -> None:
    history = FrameHistory(kept_frames=kept, block_rows=block_rows)
    selection = Selection(parse_filter(text, SignalBook()))
    columns = MessageColumns()
    before: list[int] = []
    for second in range(count):
        message = can.Message(timestamp=second, data=b"\0" * (second % 3))
        history.take(columns.batch([message]))
        window = history.window()
        gone = selection.follow(window)
        numbers = selection.numbers(0, 1000).tolist()
        assert numbers[: len(before[gone:])] == before[gone:]
        expected = range(window.first, window.end)
        assert numbers == [row for row in expected if not text or row % 3]
        before = numbers


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("id=60G", "expected hexadecimal digits", id="no digit"),
        pytest.param("id=123456789", "expected hexadecimal digits", id="too many digits"),
        pytest.param("id<60D", "expected `=` or `!=`", id="no order among ids"),
        pytest.param("data~0", "expected pairs", id="half a byte"),
        pytest.param("data<00", "expected `~`", id="no order among payloads"),
        pytest.param("len~4", "expected = !=", id="no part of a number"),
        pytest.param("len=four", "expected a number", id="no number"),
        pytest.param("is=odd", "expected one of changed, new", id="no such claim"),
        pytest.param("is>changed", "expected `=` or `!=`", id="no order among claims"),
        pytest.param("NoSuch=1", "no signal `NoSuch`", id="no such signal"),
        pytest.param("DriverLocked=ajar", "or one of unlocked, locked", id="no such value"),
        pytest.param("DriverLocked~1", "expected = !=", id="no part of a value"),
        pytest.param("=5", "expected a word", id="no subject"),
        pytest.param("id=", "expected a word", id="no value"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_could_be(text: str, words: str) -> None:
    with pytest.raises(CanlockError, match=re.escape(words)) as refused:
        parse_filter(f"len>0 {text}", a_vehicle()[1])
    assert f"`{text}`" in str(refused.value)
    assert "\n" not in str(refused.value)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_whatever_is_typed_is_a_filter_or_refused(text: str) -> None:
    history = FrameHistory()
    history.take(MessageColumns().batch([can.Message(timestamp=1.0, data=b"\1")]))
    try:
        selection = Selection(parse_filter(text, a_vehicle()[1]))
    except CanlockError:
        return
    selection.follow(history.window())
    assert len(selection) in (0, 1)


def test_a_new_beginning_is_filtered_anew() -> None:
    history = FrameHistory()
    columns = MessageColumns()
    selection = Selection(parse_filter("id=60D", SignalBook()))
    history.take(columns.batch([can.Message(arbitration_id=0x60D, is_extended_id=False)] * 3))
    selection.follow(history.window())
    assert len(selection) == 3
    history.begin_again()
    history.take(columns.batch([can.Message(arbitration_id=1), can.Message(arbitration_id=0x60D)]))
    selection.follow(history.window())
    assert selection.numbers(0, 9).tolist() == [1]
    assert selection.last_rows(history.window()).tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Speed=0.57", 1),
        ("Speed>=0.57", 1),
        ("Speed<=0.57", 1),
        ("Speed>0.57", 0),
        ("Speed<0.57", 0),
    ],
)
def test_what_only_a_scale_makes_different_is_equal(text: str, count: int) -> None:
    # 57 x 0.01 is a little more than 0.57.
    message = can.Message(arbitration_id=0x354, is_extended_id=False, data=b"\0\x39\0\0\0\0\0\0")
    history = FrameHistory()
    history.take(MessageColumns().batch([message]))
    selection = Selection(parse_filter(text, a_vehicle()[1]))
    selection.follow(history.window())
    assert len(selection) == count
