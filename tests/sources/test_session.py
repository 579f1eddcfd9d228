"""Session files: what is read, in which order, what is left out and how that is told."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.errors import SideFileError
from canlock.model.frames import EXTENDED_BIT
from canlock.model.roles import DOORS, NUMBER_ROLES, ROLE_VALUES
from canlock.model.stream import Gap, Sample, Sent, TroubleCode
from canlock.sources import session as session_module
from canlock.sources.session import (
    ORDER_WINDOW,
    SessionItem,
    SessionWriter,
    find_session,
    format_item,
    read_session,
    write_session,
)
from canlock.sources.sidefile import LINE_LIMIT

GAP = '{"time": 1.0, "type": "gap", "ids": "all", "until": 2.0, "reason": "overflow"}'


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file that hypothesis writes over and over."""
    return tmp_path_factory.mktemp("session") / "drive.session.jsonl"


def read_text(
    path: Path, text: str | bytes, *, doors: tuple[str, ...] | None = None
) -> tuple[list[SessionItem], list[str], int]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    session = read_session(path, doors=doors)
    items = list(session)
    return (
        items,
        [f"{problem.place}: {problem.text}" for problem in session.problems],
        (session.left_out),
    )


def a_sample(at_s: float) -> str:
    return json.dumps({"time": at_s, "type": "sample", "role": "supply.voltage", "value": 12.4})


def test_the_contracts_own_example_is_read(scratch: Path) -> None:
    items, problems, left_out = read_text(
        scratch,
        '{"time": 1700000012.5, "type": "gap", "ids": "all", "until": 1700000013.1, '
        '"reason": "adapter overflow"}\n'
        '{"time": 1700000020.0, "type": "sample", "role": "supply.voltage", "value": 12.4}\n'
        '{"time": 1700000031.0, "type": "dtc", "ecu": "bcm", "code": "B2562", '
        '"failure_type": "16", "status": "2F"}\n'
        '{"time": 1700000040.0, "type": "sent", "bytes": "02 21 47"}\n',
    )
    assert items == [
        Gap(1700000012.5, 1700000013.1, "adapter overflow"),
        Sample(1700000020.0, "supply.voltage", 12.4),
        TroubleCode(1700000031.0, "bcm", "B2562", "16", "2F"),
        Sent(1700000040.0, b"\x02\x21\x47"),
    ]
    assert (problems, left_out) == ([], 0)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (856, 0x358),
        ("0x358", 0x358),
        ("0X358", 0x358),
        ("0x123x", 0x123 | EXTENDED_BIT),
        (0x123 | EXTENDED_BIT, 0x123 | EXTENDED_BIT),
        (0x7FF, 0x7FF),
        (0x800, 0x800 | EXTENDED_BIT),
        ("0x18DAF110", 0x18DAF110 | EXTENDED_BIT),
        (0x1FFFFFFF, 0x1FFFFFFF | EXTENDED_BIT),
    ],
)
def test_an_id_is_a_frame_key_or_text_and_beyond_11_bits_it_has_29(
    scratch: Path, written: int | str, key: int
) -> None:
    line = json.dumps({"time": 1, "type": "gap", "ids": [written], "until": 2})
    items, problems, _ = read_text(scratch, line)
    assert problems == []
    assert items == [Gap(1.0, 2.0, "", frozenset({key}))]


@pytest.mark.parametrize("role", sorted(ROLE_VALUES))
def test_every_word_of_a_role_is_read_and_no_other(scratch: Path, role: str) -> None:
    lines = [
        json.dumps({"time": 1.0, "type": "sample", "role": role, "value": value})
        for value in (*ROLE_VALUES[role], "Locked!", 1)
    ]
    items, problems, left_out = read_text(scratch, "\n".join(lines))
    assert items == [Sample(1.0, role, value) for value in ROLE_VALUES[role]]
    assert left_out == 2
    assert all(ROLE_VALUES[role][-1] in problem for problem in problems)


@pytest.mark.parametrize("role", NUMBER_ROLES)
def test_a_role_of_numbers_takes_numbers(scratch: Path, role: str) -> None:
    lines = [
        json.dumps({"time": 1.0, "type": "sample", "role": role, "value": value})
        for value in (12, 12.5, "12")
    ]
    items, problems, left_out = read_text(scratch, "\n".join(lines))
    assert items == [Sample(1.0, role, 12.0), Sample(1.0, role, 12.5)]
    assert left_out == 1
    assert "expected a number" in problems[0]


BAD = {
    "an unknown type": ('{"time": 1, "type": "sampel"}', "unknown type `sampel`; did you mean"),
    "no type": ('{"time": 1}', 'expected an object with a `"type"`'),
    "no time": ('{"type": "sent", "bytes": "02"}', "required field `time`"),
    "a time in words": ('{"time": "1", "type": "sent", "bytes": "02"}', "at `time`"),
    "a time without end": ('{"time": 1e999, "type": "sent", "bytes": "02"}', "out of range"),
    "a time that is no number": ('{"time": NaN, "type": "sent", "bytes": "02"}', "JSON object"),
    "a list": ("[1, 2]", 'expected an object with a `"type"`'),
    "no JSON": ("gap from here on", "found `gap from here on`, expected a JSON object"),
    "endless nesting": (
        '{"time": 1, "type": "sent", "bytes": "02", "x": ' + "[" * 50_000,
        "expected a JSON object",
    ),
    "a gap backwards": ('{"time": 3, "type": "gap", "ids": "all", "until": 2}', "`until`"),
    "ids in words": ('{"time": 1, "type": "gap", "ids": "some", "until": 2}', 'expected "all"'),
    "an id in words": ('{"time": 1, "type": "gap", "ids": ["lock"], "until": 2}', "`lock`"),
    "an id of 30 bits": ('{"time": 1, "type": "gap", "ids": [536870912], "until": 2}', "29 bits"),
    "an id below zero": ('{"time": 1, "type": "gap", "ids": [-1], "until": 2}', "29 bits"),
    "a vast id": ('{"time": 1, "type": "gap", "ids": [' + "9" * 5000 + '], "until": 2}', "ids"),
    "an unknown role": (
        '{"time": 1, "type": "sample", "role": "lock.state", "value": "locked"}',
        "unknown role `lock.state`; did you mean `lock.status`?",
    ),
    "an unknown door": (
        '{"time": 1, "type": "sample", "role": "door.ajar", "value": "open", "doors": ["drivr"]}',
        "unknown door `drivr`; did you mean `driver`?",
    ),
    "a code without a code": ('{"time": 1, "type": "dtc", "ecu": "bcm", "code": " "}', "empty"),
    "a status of three digits": (
        '{"time": 1, "type": "dtc", "ecu": "bcm", "code": "B1", "status": "2F1"}',
        "two hexadecimal digits",
    ),
    "bytes that are none": ('{"time": 1, "type": "sent", "bytes": "2 1"}', "02 21 47"),
    "an endless line": ('{"time": 1, "x": "' + "x" * LINE_LIMIT + '"}', "characters"),
}


@pytest.mark.parametrize(("line", "words"), BAD.values(), ids=BAD)
def test_a_wrong_line_is_left_out_and_named_and_the_rest_is_used(
    scratch: Path, line: str, words: str
) -> None:
    text = f"{a_sample(1.0)}\n{line}\n{a_sample(2.0)}\n"
    items, problems, left_out = read_text(scratch, text, doors=DOORS)
    assert [item.at_s for item in items] == [1.0, 2.0]
    assert left_out == 1
    assert problems[0].startswith(f"{scratch}:2: ")
    assert words in problems[0]
    assert "\n" not in problems[0]


def test_the_line_in_which_a_recorder_was_killed_is_told_as_such(scratch: Path) -> None:
    items, problems, left_out = read_text(scratch, f"{GAP}\n{GAP[:30]}")
    assert (len(items), left_out) == (1, 1)
    assert "cut off in mid-line" in problems[0]


def test_a_recorder_killed_in_its_first_line_leaves_nothing_and_no_error(scratch: Path) -> None:
    assert read_text(scratch, GAP[:30])[::2] == ([], 1)
    assert read_text(scratch, "") == ([], [], 0)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("time,action,door,note\n+1,opened,,\n", id="a marks file"),
        pytest.param("%PDF-1.7\n", id="one line"),
        pytest.param("(1.0) can0 123#00\n" * 100_000, id="a capture"),
    ],
)
def test_a_file_of_another_kind_is_refused(scratch: Path, text: str) -> None:
    with pytest.raises(SideFileError, match=r":1: found .*no session item"):
        read_text(scratch, text)


def test_a_file_of_types_to_come_is_a_session_file(scratch: Path) -> None:
    items, _, left_out = read_text(scratch, '{"type": "temperature", "time": 1}\n' * 300)
    assert (items, left_out) == ([], 300)


def test_a_missing_file_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SideFileError, match="no such file"):
        read_session(tmp_path / "drive.session.jsonl")


def test_bytes_are_upper_case_and_times_whole_numbers_too(scratch: Path) -> None:
    text = '{"time": 1, "type": "dtc", "ecu": "bcm", "code": "B1", "failure_type": "1f"}\n'
    assert read_text(scratch, text)[0] == [TroubleCode(1.0, "bcm", "B1", "1F")]


def test_items_come_out_in_the_order_of_time_and_ties_in_that_of_the_file(scratch: Path) -> None:
    # A gap is written when it ends; what was polled meanwhile stands before it.
    late_gap = '{"time": 1.5, "type": "gap", "ids": "all", "until": 9.0, "reason": "late"}'
    text = "\n".join([a_sample(1.0), a_sample(2.0), a_sample(3.0), late_gap, GAP, late_gap])
    items, _, left_out = read_text(scratch, text)
    assert [item.at_s for item in items] == [1.0, 1.0, 1.5, 1.5, 2.0, 3.0]
    assert isinstance(items[0], Sample)
    assert left_out == 0


@pytest.mark.parametrize(("lines_ahead", "left_out"), [(4, 0), (5, 1)])
def test_an_item_too_far_behind_its_time_is_left_out_so_that_order_holds(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, lines_ahead: int, left_out: int
) -> None:
    monkeypatch.setattr(session_module, "ORDER_WINDOW", 4)
    text = "\n".join([*(a_sample(2.0 + n) for n in range(lines_ahead)), GAP])
    items, problems, found_left_out = read_text(scratch, text)
    assert found_left_out == left_out == len(problems)
    assert [item.at_s for item in items] == sorted(item.at_s for item in items)
    assert len(items) == lines_ahead + 1 - left_out


def test_reading_again_reads_and_counts_again(scratch: Path) -> None:
    scratch.write_text(f"{GAP}\nrubbish\n")
    session = read_session(scratch)
    assert list(session) == list(session)
    assert session.left_out == 1


def test_memory_does_not_grow_with_the_file(scratch: Path) -> None:
    def peak_of(lines: int) -> int:
        with scratch.open("w") as file:
            file.writelines(a_sample(float(number)) + "\n" for number in range(lines))
        tracemalloc.start()
        try:
            assert sum(1 for _ in read_session(scratch)) == lines
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak_of(ORDER_WINDOW * 5) < 1.2 * peak_of(ORDER_WINDOW + 10)


@pytest.mark.parametrize("capture", ["drive.log", "drive.blf", "drive.asc.gz"])
def test_the_session_beside_a_capture_is_found_whatever_its_format(
    tmp_path: Path, capture: str
) -> None:
    assert find_session(tmp_path / capture) is None
    beside = tmp_path / "drive.session.jsonl"
    beside.touch()
    assert find_session(tmp_path / capture) == beside


def test_what_is_written_looks_as_the_contract_says(tmp_path: Path) -> None:
    path = tmp_path / "drive.session.jsonl"
    items: list[SessionItem] = [
        Gap(1700000012.5, 1700000013.1, "adapter overflow"),
        Gap(1.0, 2.0, "sampled", frozenset({0x358, 0x10})),
        Sample(1700000020.0, "supply.voltage", 12.4),
        Sample(3.0, "door.ajar", "open", ("driver",)),
        TroubleCode(1700000031.0, "bcm", "B2562", "16", "2F"),
        Sent(1700000040.0, b"\x02\x21\x4a"),
    ]
    write_session(path, items)
    assert path.read_text().splitlines() == [
        '{"time": 1700000012.5, "type": "gap", "ids": "all", "until": 1700000013.1, '
        '"reason": "adapter overflow"}',
        '{"time": 1.0, "type": "gap", "ids": [16, 856], "until": 2.0, "reason": "sampled"}',
        '{"time": 1700000020.0, "type": "sample", "role": "supply.voltage", "value": 12.4}',
        '{"time": 3.0, "type": "sample", "role": "door.ajar", "value": "open", '
        '"doors": ["driver"]}',
        '{"time": 1700000031.0, "type": "dtc", "ecu": "bcm", "code": "B2562", '
        '"failure_type": "16", "status": "2F"}',
        '{"time": 1700000040.0, "type": "sent", "bytes": "02 21 4A"}',
    ]


def test_an_item_with_no_number_is_an_error_of_one_line() -> None:
    with pytest.raises(SideFileError, match="sample item cannot be written"):
        format_item(Sample(1.0, "supply.voltage", float("nan")))


def test_items_can_be_read_as_soon_as_they_are_made(tmp_path: Path) -> None:
    path = tmp_path / "drive.session.jsonl"
    path.write_text(f"{GAP}\n{GAP[:20]}")
    with SessionWriter(path) as writer:
        for number in range(3):
            writer.append(Sent(2.0 + number, b"\x3e"))
            assert len(list(read_session(path))) == number + 2


TIMES = st.floats(-1e10, 1e10)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
KEYS = st.integers(0, 0x7FF) | st.integers(0, 0x1FFF_FFFF).map(lambda key: key | EXTENDED_BIT)
HEX_BYTES = st.none() | st.integers(0, 255).map(lambda byte: f"{byte:02X}")
DOOR_TUPLES = st.lists(st.sampled_from(DOORS), max_size=3).map(tuple)
ITEMS: st.SearchStrategy[SessionItem] = st.one_of(
    st.builds(
        lambda times, reason, keys: Gap(min(times), max(times), reason, keys),
        st.tuples(TIMES, TIMES),
        TEXTS,
        st.none() | st.frozensets(KEYS, max_size=5),
    ),
    st.sampled_from(sorted(ROLE_VALUES)).flatmap(
        lambda role: st.builds(
            Sample, TIMES, st.just(role), st.sampled_from(ROLE_VALUES[role]), DOOR_TUPLES
        )
    ),
    st.builds(
        Sample,
        TIMES,
        st.sampled_from(NUMBER_ROLES),
        st.floats(allow_nan=False, allow_infinity=False),
        DOOR_TUPLES,
    ),
    st.builds(TroubleCode, TIMES, TEXTS, TEXTS.filter(str.strip), HEX_BYTES, HEX_BYTES),
    st.builds(Sent, TIMES, st.binary(max_size=12)),
)


@given(st.lists(ITEMS, max_size=8))
def test_items_that_are_written_are_read_back_to_the_last_bit(
    scratch: Path, items: list[SessionItem]
) -> None:
    write_session(scratch, items)
    session = read_session(scratch, doors=DOORS)
    assert list(session) == sorted(items, key=lambda item: item.at_s)
    assert session.problems == ()


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["all", "0x1", "é"])
)
RECORDS = st.dictionaries(
    st.sampled_from(["time", "until", "ids", "role", "value", "doors", "ecu", "code", "bytes"]),
    LEAVES | st.lists(LEAVES, max_size=3),
).flatmap(
    lambda record: st.sampled_from(["gap", "sample", "dtc", "sent", "other"]).map(
        lambda kind: json.dumps({**record, "type": kind}).encode() + b"\n"
    )
)


@given(st.lists(RECORDS | st.binary(max_size=60), max_size=6).map(b"".join))
def test_no_file_makes_the_reader_fail_in_any_other_way(scratch: Path, rubbish: bytes) -> None:
    scratch.write_bytes(rubbish)
    session = read_session(scratch)
    message = ""
    try:
        items = list(session)
    except SideFileError as error:
        items, message = [], str(error)
    assert "\n" not in message
    assert [item.at_s for item in items] == sorted(item.at_s for item in items)
    assert len(session.problems) <= session.left_out + 1
