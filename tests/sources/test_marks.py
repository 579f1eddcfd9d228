"""Marks files: what is read, what is left out and how that is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.errors import SideFileError
from canlock.model.roles import DOORS
from canlock.model.stream import MARK_ACTIONS, Mark
from canlock.sources import marks as marks_module
from canlock.sources.marks import (
    FAR_S,
    LONGEST_CAPTURE_S,
    OUTSIDE_S,
    MarksRead,
    MarksWriter,
    describe_outside,
    find_marks,
    format_mark,
    read_marks,
    write_marks,
)
from canlock.sources.sidefile import LINE_LIMIT, PROBLEM_LIMIT

FIRST_S = 1_700_000_000.0
HEADER = "time,action,door,note\n"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file that hypothesis writes over and over."""
    return tmp_path_factory.mktemp("marks") / "drive.marks.csv"


def read_text(
    path: Path,
    text: str | bytes,
    *,
    first_s: float = FIRST_S,
    last_s: float | None = None,
    doors: tuple[str, ...] | None = None,
) -> MarksRead:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_marks(path, first_s, last_s=last_s, doors=doors)


def test_the_contracts_own_example_is_read(scratch: Path) -> None:
    found = read_text(
        scratch,
        HEADER
        + "+12.40,press-fob-unlock,,\n+15.00,pull-outer-handle,driver,\n"
        + "+15.80,not-opened,driver,\n",
        first_s=0.0,
    )
    assert found == MarksRead(
        (
            Mark(12.4, "press-fob-unlock"),
            Mark(15.0, "pull-outer-handle", "driver"),
            Mark(15.8, "not-opened", "driver"),
        ),
        (),
        0,
    )


@pytest.mark.parametrize(
    ("written", "at_s"),
    [
        pytest.param("+2", FIRST_S + 2, id="after the first frame"),
        pytest.param("+ 2.5", FIRST_S + 2.5, id="a space after the plus"),
        pytest.param("+.5", FIRST_S + 0.5, id="no zero before the point"),
        pytest.param("1700000002.5", FIRST_S + 2.5, id="on the capture's clock"),
        pytest.param("1.7000000025e9", FIRST_S + 2.5, id="with an exponent"),
    ],
)
def test_a_time_is_counted_from_the_first_frame_or_absolute(
    scratch: Path, written: str, at_s: float
) -> None:
    found = read_text(scratch, f"{HEADER}{written},opened,driver,\n")
    assert found.marks == (Mark(at_s, "opened", "driver"),)


def test_a_time_below_zero_is_one_on_the_captures_clock(scratch: Path) -> None:
    found = read_text(scratch, f"{HEADER}-0.5,note,,\n", first_s=0.0)
    assert found.marks == (Mark(-0.5, "note"),)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"\xef\xbb\xbf" + HEADER.encode() + b"+1,opened,driver,\n", id="BOM"),
        pytest.param(HEADER.replace("\n", "\r\n") + "+1,opened,driver,\r\n", id="CRLF"),
        pytest.param(HEADER.replace("\n", "\r") + "+1,opened,driver,\r", id="CR"),
        pytest.param((HEADER + "+1,opened,driver,\n").encode("utf-16"), id="UTF-16"),
        pytest.param(f"\n  \n{HEADER}\n+1,opened,driver,\n\n", id="blank lines"),
        pytest.param(f"# who\n{HEADER}  # when\n+1,opened,driver,\n#,,,\n", id="comments"),
        pytest.param(" Time , ACTION,door ,note\n +1 , Opened , Driver , \n", id="spaces"),
        pytest.param(f'{HEADER}"+1" ,"opened" , "driver" ,""\n', id="all quoted"),
        pytest.param(f"{HEADER}+1,opened,driver", id="short last line with no break"),
        pytest.param("time,action,door,note,,\n+1,opened,driver,,,,\n,,,,\n", id="spare commas"),
    ],
)
def test_however_a_table_was_saved_it_is_the_same_table(scratch: Path, text: str | bytes) -> None:
    assert read_text(scratch, text) == MarksRead((Mark(FIRST_S + 1, "opened", "driver"),), (), 0)


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ('"cold, not frozen"', "cold, not frozen"),
        ("cold, not frozen", "cold, not frozen"),
        ('"he said ""no"""', 'he said "no"'),
        ('he said "no"', 'he said "no"'),
        ('"never closed', "never closed"),
        ('"ends in a comma,"', "ends in a comma,"),
        ("# no comment", "# no comment"),
        ("ключ сел", "ключ сел"),
    ],
)
def test_a_note_may_hold_commas_and_quotes(scratch: Path, written: str, note: str) -> None:
    found = read_text(scratch, f"{HEADER}+1,note,,{written}\n+2,rested,,\n")
    assert found.marks == (Mark(FIRST_S + 1, "note", None, note), Mark(FIRST_S + 2, "rested"))


def test_marks_come_out_in_the_order_of_time_and_ties_in_that_of_the_file(scratch: Path) -> None:
    found = read_text(scratch, f"{HEADER}+3,closed,,\n+1,opened,,b\n+1,opened,,a\n")
    assert [(mark.action, mark.note) for mark in found.marks] == [
        ("opened", "b"),
        ("opened", "a"),
        ("closed", ""),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("+1,press-fob-unlok,,", ["unknown action `press-fob-unlok`", "`press-fob-unlock`?"]),
        ("+1,,driver,", ["unknown action ``"]),
        ("soon,opened,,", ["found the time `soon`", "+12.40"]),
        ("14:03:12,opened,,", ["found the time `14:03:12`"]),
        ("nan,opened,,", ["found the time `nan`"]),
        ("1e999,opened,,", ["found the time `1e999`"]),
        ("+1_0,opened,,", ["found the time `+1_0`"]),
        ("+1,opened,drivr,", ["unknown door `drivr`", "did you mean `driver`?", "tailgate"]),
        ("12.4,opened,,", ["far outside the capture", "capture's clock"]),
        ("+1700000000,opened,,", ["far outside the capture"]),
        pytest.param(
            "x" * (LINE_LIMIT + 10), [f"more than {LINE_LIMIT} characters"], id="an endless line"
        ),
    ],
)
def test_a_wrong_line_is_left_out_and_named_and_the_rest_is_used(
    scratch: Path, line: str, words: list[str]
) -> None:
    found = read_text(scratch, f"{HEADER}+0,rested,,\n{line}\n+2,closed,driver,\n", doors=DOORS)
    assert [mark.action for mark in found.marks] == ["rested", "closed"]
    assert found.left_out == 1
    (problem,) = found.problems
    assert problem.place == f"{scratch}:3"
    assert all(word in problem.text for word in words), problem.text
    assert "\n" not in problem.text


@pytest.mark.parametrize(
    ("at_s", "last_s", "is_used"),
    [
        (FIRST_S - FAR_S, None, True),
        (FIRST_S - FAR_S - 1, None, False),
        (FIRST_S + 100 + FAR_S, FIRST_S + 100, True),
        (FIRST_S + 101 + FAR_S, FIRST_S + 100, False),
        (FIRST_S + LONGEST_CAPTURE_S + FAR_S, None, True),
        (FIRST_S + LONGEST_CAPTURE_S + FAR_S + 1, None, False),
    ],
)
def test_a_mark_more_than_a_day_outside_the_capture_is_on_another_clock(
    scratch: Path, at_s: float, last_s: float | None, is_used: bool
) -> None:
    found = read_text(scratch, f"{HEADER}{at_s:.0f},note,,\n", last_s=last_s)
    assert (len(found.marks), found.left_out) == ((1, 0) if is_used else (0, 1))


def test_without_a_vehicle_any_door_is_taken_and_a_usual_one_by_its_usual_name(
    scratch: Path,
) -> None:
    found = read_text(scratch, f"{HEADER}+1,opened,Rear-Left,\n+2,opened,Sliding,\n")
    assert [mark.door for mark in found.marks] == ["rear-left", "Sliding"]


def test_a_door_of_the_vehicles_own_is_known_by_any_capitals(scratch: Path) -> None:
    found = read_text(scratch, f"{HEADER}+1,opened,sliding,\n", doors=("Sliding",))
    assert [mark.door for mark in found.marks] == ["Sliding"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ":1: found an empty file"),
        ("# nothing\n\n", "found an empty file"),
        ("+1,opened,driver,\n", ":1: found `+1,opened,driver,`"),
        ("\n\ntime,door,action,note\n", ":3: found"),
        ("time;action;door;note\n", "separate the columns with commas"),
        ("%PDF-1.7\n%\x00\x01\n", ":1: found `%PDF-1.7`"),
    ],
)
def test_a_file_without_the_header_is_no_marks_file(scratch: Path, text: str, words: str) -> None:
    with pytest.raises(SideFileError) as caught:
        read_text(scratch, text)
    assert words in str(caught.value)
    assert "time,action,door,note" in str(caught.value)
    assert str(scratch) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.csv", "", "\0"])
def test_a_path_that_is_no_file_is_said_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(SideFileError, match=r"(no such file|a directory|null)"):
        read_marks(str(tmp_path) + "/" + name, FIRST_S)


def test_bytes_that_are_not_utf_8_spoil_the_note_and_nothing_else(scratch: Path) -> None:
    text = HEADER.encode() + "+1,note,,ключ\n+2,note,,сел\n".encode("cp1251")
    found = read_text(scratch, text)
    assert len(found.marks) == 2
    assert found.left_out == 0
    assert [problem.place for problem in found.problems] == [f"{scratch}:2"]
    assert "UTF-8" in found.problems[0].text


def test_many_wrong_lines_are_all_counted_and_the_first_are_named(scratch: Path) -> None:
    found = read_text(scratch, HEADER + "rubbish\n" * (PROBLEM_LIMIT + 5))
    assert found.left_out == PROBLEM_LIMIT + 5
    assert len(found.problems) == PROBLEM_LIMIT


def test_more_marks_than_anybody_makes_are_counted_and_not_kept(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks_module, "MARK_LIMIT", 3)
    found = read_text(scratch, HEADER + "+1,note,,\n" * 5)
    assert (len(found.marks), found.left_out) == (3, 2)


def test_a_line_of_the_greatest_length_is_read_and_a_longer_one_skipped_whole(
    scratch: Path,
) -> None:
    longest = "+1,note,,".ljust(LINE_LIMIT, "x")
    found = read_text(scratch, f"{HEADER}{longest}\n{longest}x\n+2,rested,,\n")
    assert [len(mark.note) for mark in found.marks] == [LINE_LIMIT - len("+1,note,,"), 0]
    assert [problem.place for problem in found.problems] == [f"{scratch}:3"]


@pytest.mark.parametrize("capture", ["drive.log", "drive.blf", "drive.asc.gz", "drive.ASC.GZ"])
def test_the_marks_beside_a_capture_are_found_whatever_its_format(
    tmp_path: Path, capture: str
) -> None:
    beside = tmp_path / "drive.marks.csv"
    assert find_marks(tmp_path / capture) is None
    beside.write_text(HEADER)
    assert find_marks(tmp_path / capture) == beside
    assert find_marks(str(tmp_path / "driver.log")) is None


@pytest.mark.parametrize("capture", ["/", "", ".", "x" * 300 + ".log", "\0"])
def test_a_path_that_is_no_capture_has_no_marks(capture: str) -> None:
    assert find_marks(capture) is None


def test_only_the_last_suffix_is_the_captures_format(tmp_path: Path) -> None:
    beside = tmp_path / "2024.05.01 drive.marks.csv"
    beside.write_text(HEADER)
    assert find_marks(tmp_path / "2024.05.01 drive.log") == beside


def test_what_is_written_is_told_in_seconds_after_the_first_frame(tmp_path: Path) -> None:
    path = tmp_path / "drive.marks.csv"
    marks = [
        Mark(FIRST_S + 15.8, "not-opened", "driver", "stuck, I say"),
        Mark(FIRST_S + 12.4, "press-fob-unlock"),
    ]
    write_marks(path, marks, FIRST_S)
    assert path.read_bytes() == (
        b"time,action,door,note\n"
        b"+12.40,press-fob-unlock,,\n"
        b'+15.80,not-opened,driver,"stuck, I say"\n'
    )


def test_a_mark_before_the_first_frame_keeps_its_time_on_the_clock() -> None:
    assert format_mark(Mark(FIRST_S - 0.25, "note"), FIRST_S) == "1699999999.75,note,,"


def test_a_note_of_several_lines_becomes_one() -> None:
    assert format_mark(Mark(1.0, "note", None, " a\r\nb\nc\rd "), 0.0) == "+1.00,note,,a b c d"


def test_a_note_too_long_to_be_read_again_is_cut(scratch: Path) -> None:
    write_marks(scratch, [Mark(1.0, "note", None, '"' * LINE_LIMIT)], 0.0)
    found = read_marks(scratch, 0.0)
    assert found.left_out == 0
    assert set(found.marks[0].note) == {'"'}


def test_marks_that_cannot_be_written_are_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(SideFileError, match="directory"):
        write_marks(tmp_path, [], 0.0)


def test_marks_are_on_the_disk_as_soon_as_they_are_made(tmp_path: Path) -> None:
    path = tmp_path / "drive.marks.csv"
    with MarksWriter(path, FIRST_S) as writer:
        assert read_marks(path, FIRST_S).marks == ()
        for number in range(3):
            writer.append(Mark(FIRST_S + number, "note"))
            assert len(read_marks(path, FIRST_S).marks) == number + 1
    writer.close()


def test_marks_are_added_to_those_of_a_session_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "drive.marks.csv"
    path.write_text(HEADER + "+1.00,opened,,\n+2.00,clo")
    with MarksWriter(path, FIRST_S) as writer:
        writer.append(Mark(FIRST_S + 3, "rested"))
    found = read_marks(path, FIRST_S)
    assert [mark.action for mark in found.marks] == ["opened", "rested"]
    assert found.left_out == 1


NOTES = st.text(st.characters(codec="utf-8"), max_size=40).filter(
    lambda note: note == note.strip() and not {"\r", "\n"} & set(note)
)
MARKS = st.builds(
    Mark,
    st.integers(-8_000_000, 200_000_000).map(lambda hundredths: FIRST_S + hundredths / 100),
    st.sampled_from(MARK_ACTIONS),
    st.none() | st.sampled_from(DOORS),
    NOTES,
)


@given(st.lists(MARKS, max_size=8))
def test_marks_that_are_written_are_read_back(scratch: Path, marks: list[Mark]) -> None:
    write_marks(scratch, marks, FIRST_S)
    found = read_marks(scratch, FIRST_S, doors=DOORS)
    assert (found.problems, found.left_out) == ((), 0)
    expected = sorted(marks, key=lambda mark: mark.at_s)
    assert [(m.action, m.door, m.note) for m in found.marks] == [
        (m.action, m.door, m.note) for m in expected
    ]
    assert [m.at_s for m in found.marks] == pytest.approx([m.at_s for m in expected], abs=1e-6)


RUBBISH = st.binary(max_size=200) | st.text(max_size=200).map(
    lambda text: (HEADER + text).encode(errors="surrogatepass")
)


@given(RUBBISH, st.none() | st.just(DOORS))
def test_no_file_makes_the_reader_fail_in_any_other_way(
    scratch: Path, rubbish: bytes, doors: tuple[str, ...] | None
) -> None:
    scratch.write_bytes(rubbish)
    try:
        found = read_marks(scratch, FIRST_S, doors=doors)
    except SideFileError as error:
        message = str(error)
        found = MarksRead((), (), 0)
    else:
        message = ""
    assert "\n" not in message
    assert all(mark.action in MARK_ACTIONS for mark in found.marks)
    assert len(found.problems) <= found.left_out + 1


FIELDS = st.sampled_from(
    ["", "+1", "1e5", "-", "opened", "note", "driver", '"a', ",", "\0", "é", " ", "\x85", "#"]
)


@given(st.lists(st.lists(FIELDS, max_size=6).map(",".join), max_size=5))
def test_every_line_is_a_mark_or_left_out_or_blank_or_a_comment(
    scratch: Path, lines: list[str]
) -> None:
    found = read_text(scratch, HEADER + "".join(f"{line}\n" for line in lines), first_s=0.0)
    counted = [
        line
        for line in lines
        if line.strip() and line.strip(", \x85") and not line.lstrip().startswith("#")
    ]
    assert len(found.marks) + found.left_out == len(counted)


def test_marks_on_another_clock_are_one_problem_however_many(scratch: Path) -> None:
    lines = "".join(f"{second},opened,driver,\n" for second in range(100, 140))
    found = read_text(scratch, f"{HEADER}{lines}+1,closed,driver,\n")
    assert [mark.action for mark in found.marks] == ["closed"]
    assert (found.left_out, found.far) == (40, 40)
    (problem,) = found.problems
    assert problem.place == f"{scratch}:2"
    assert "found the time 100.00" in problem.text
    assert "with 39 more like it" in problem.text


@pytest.mark.parametrize(
    ("after_s", "words"),
    [
        ([0.0, 100.0], None),
        ([-OUTSIDE_S, 100.0 + OUTSIDE_S], None),
        ([5.0, 101.0 + OUTSIDE_S], ["1 of 2 marks lies", "61 s after its last frame"]),
        ([-1.0 - OUTSIDE_S, 5.0], ["1 of 2 marks lies", "61 s before its first frame"]),
        (
            [-500.0, -100.0, 5.0, 1000.0],
            ["3 of 4 marks lie", "500 s before its first frame", "900 s after its last frame"],
        ),
        ([], None),
    ],
)
def test_marks_a_minute_outside_a_capture_are_told_in_one_line(
    after_s: list[float], words: list[str] | None
) -> None:
    marks = [Mark(FIRST_S + second, "note") for second in after_s]
    text = describe_outside(marks, FIRST_S, FIRST_S + 100.0)
    if words is None:
        assert text is None
        return
    assert text is not None
    assert "\n" not in text
    assert all(word in text for word in words), text


def test_without_a_frame_no_mark_is_outside() -> None:
    assert describe_outside([Mark(5.0, "note")], None, None) is None
