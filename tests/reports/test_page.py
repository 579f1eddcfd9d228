"""A page of plain text keeps its width and lets nothing unprintable out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.reports.page import NARROWEST, Page

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def a_page(width: int = 80, *, color: bool = False, encoding: str = "ascii") -> Page:
    return Page(width, color=color, encoding=encoding)


@given(
    st.text(max_size=200),
    st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60)), max_size=4),
    st.integers(0, 120),
    st.integers(0, 4),
)
def test_no_line_is_longer_than_the_page_or_holds_a_control_character(
    text: str, rows: list[tuple[str, str]], width: int, indent: int
) -> None:
    page = a_page(width)
    page.line(text, indent=indent, bullet="12.")
    page.table(("time", "what"), rows, indent=indent)
    for line in page.text().split("\n"):
        assert len(line) <= max(width, NARROWEST)
        assert line.isascii()
        assert line.isprintable()


@given(st.text(alphabet="ab 1%s", max_size=120), st.integers(40, 60))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    page = a_page(width)
    page.line(text)
    assert page.text().split() == text.split()


@pytest.mark.parametrize("unit", ["%", "s", "V", "UTC", "RUB"])
def test_a_number_is_not_parted_from_its_unit(unit: str) -> None:
    # Without the unit the line is as wide as the page.
    page = a_page(40)
    page.line(f"{'x' * 37} 12 {unit}")
    assert page.text().split("\n") == ["x" * 37, f"12 {unit}"]


def test_a_number_may_be_parted_from_another_word() -> None:
    page = a_page(40)
    page.line(f"{'x' * 37} 12 sets")
    assert page.text().split("\n") == [f"{'x' * 37} 12", "sets"]


def test_an_item_continues_under_its_first_letter() -> None:
    page = a_page(40)
    page.line("a word and another " * 3, indent=1, bullet="-")
    first, second = page.text().split("\n")
    assert first.startswith("  - a")
    assert second.startswith("    a")


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    page = a_page(encoding="utf-8")
    page.line("evil\x1b[2J\x00\r\nname\u202e\x9b")
    assert page.text() == "evil?[2J? name??"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("ascii", "??? - 20?.log"),
        ("latin-1", "??? - 20\u00b0.log"),
        ("utf-8", "\u0434\u0432\u0430 - 20\u00b0.log"),
    ],
)
def test_letters_that_the_terminal_lacks_become_question_marks(encoding: str, text: str) -> None:
    page = a_page(encoding=encoding)
    page.line("\u0434\u0432\u0430 \u2013 20\u00b0.log")
    assert page.text() == text


def test_columns_stand_under_each_other() -> None:
    page = a_page()
    page.table(("time", "what"), [("+1.00 s", "a"), ("+10.00 s", "b")])
    assert page.text() == "  time      what\n  +1.00 s   a\n  +10.00 s  b"


def test_a_table_too_wide_wraps_its_widest_column_within_itself() -> None:
    page = a_page(40)
    page.table(("time", "what"), [("+1.00 s", "one two three four five six seven")])
    assert page.text().split("\n") == [
        "  time     what",
        "  +1.00 s  one two three four five six",
        "           seven",
    ]


def test_a_table_whose_longest_words_do_not_fit_becomes_a_list() -> None:
    page = a_page(40)
    page.table(("one", "two"), [("a" * 20, "b" * 20)], below=["under it"])
    assert page.text().split("\n") == [f"  - {'a' * 20},", f"    {'b' * 20}", "    under it"]


def test_colour_changes_nothing_but_the_colour() -> None:
    plain, coloured = a_page(40), a_page(40, color=True)
    for page in (plain, coloured):
        page.heading("WHY")
        page.line("something that is bad " * 3, style="bad")
    assert coloured.text() != plain.text()
    assert ANSI.sub("", coloured.text()) == plain.text()


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("The latch is stiff.", True),
        ("All latches? No: all latchs.", True),
        ("(Latch)", True),
        ("the latch's spring", True),
        ("It is latched.", False),
        ("", False),
    ],
)
def test_a_word_is_found_as_a_whole_word_only(text: str, is_said: bool) -> None:
    page = a_page()
    page.line(text)
    assert page.speaks_of("latch") == is_said


def test_a_list_that_does_not_go_on_says_nothing() -> None:
    page = a_page()
    page.more(0)
    page.more(-3)
    assert page.text() == ""
    page.more(1)
    assert page.text() == "... and 1 more (use --format json)"


def test_a_weight_stays_with_its_number() -> None:
    page = Page(40, color=False, encoding="ascii")
    page.line("This is as long as it can be; so weight -6.1")
    assert page.text().endswith("\nweight -6.1")
