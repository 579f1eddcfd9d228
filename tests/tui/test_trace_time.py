"""Times as a person types them, when looking for a place in the trace."""

from __future__ import annotations

import can
import pytest

from canlock.errors import CanlockError
from canlock.pipeline.frame_history import FrameHistory
from canlock.pipeline.frame_window import FrameWindow
from canlock.sources.canmessage import MessageColumns
from canlock.tui.trace_text import clock_words, fit_time_column
from canlock.tui.trace_time import parse_time

NOON_S = 1_700_049_600.0
"""2023-11-15 12:00:00 UTC."""

DAY_S = 86_400.0


def a_window(*at_s: float) -> FrameWindow:
    history = FrameHistory()
    history.take(MessageColumns().batch([can.Message(timestamp=one) for one in at_s]))
    return history.window()


@pytest.mark.parametrize(
    ("text", "at_s"),
    [
        pytest.param("12.5", NOON_S + 12.5, id="after the first"),
        pytest.param("+12.5", NOON_S + 12.5, id="with a sign"),
        pytest.param("+ 12.5 s", NOON_S + 12.5, id="with a unit"),
        pytest.param(".5", NOON_S + 0.5, id="no leading zero"),
        pytest.param("-5", NOON_S + 55, id="before the last"),
        pytest.param("1700049612.25", NOON_S + 12.25, id="since 1970"),
    ],
)
def test_a_number_is_seconds(text: str, at_s: float) -> None:
    assert parse_time(text, a_window(NOON_S, NOON_S + 60)) == at_s


@pytest.mark.parametrize("after_s", [0.0, 0.25, 59.0])
def test_what_the_clock_shows_finds_its_frame(after_s: float) -> None:
    window = a_window(NOON_S, NOON_S + 60)
    assert parse_time(clock_words(NOON_S + after_s), window) == NOON_S + after_s


def test_the_clock_is_utc() -> None:
    assert clock_words(NOON_S + 0.25) == "12:00:00.25000"
    assert clock_words(371.19) == "371.190000"


def test_an_evening_before_midnight_is_that_of_the_day_before() -> None:
    midnight_s = NOON_S + DAY_S / 2
    window = a_window(midnight_s - 60, midnight_s + 60)
    assert parse_time("23:59:30", window) == midnight_s - 30
    assert parse_time("0:00:30", window) == midnight_s + 30
    assert parse_time("00:02", window) == midnight_s + 120


@pytest.mark.parametrize("text", ["", "noon", "1,5", "12:3", "--5", "1e9", "nan"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CanlockError, match="expected seconds"):
        parse_time(text, a_window(NOON_S))


def test_there_is_no_time_of_day_where_a_capture_has_none() -> None:
    with pytest.raises(CanlockError, match="no time of day"):
        parse_time("12:00", a_window(371.19, 400.0))
    assert parse_time("1", a_window(371.19, 400.0)) == 372.19


def test_there_is_no_time_before_the_first_frame() -> None:
    with pytest.raises(CanlockError, match="no frame has come"):
        parse_time("1", FrameHistory().window())


@pytest.mark.parametrize(("last_s", "width"), [(9.0, 10), (99.0, 10), (100.0, 11), (99_999.0, 13)])
def test_the_column_of_times_is_as_wide_as_the_last_time(last_s: float, width: int) -> None:
    column = fit_time_column(a_window(0.0, last_s), "start")
    assert column.width == width
    assert len(column.words(last_s, 0.0, 0.0)) == width
    assert len(column.title) == width
