"""What is plotted against a plain reading of the frames, one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import can
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.decoding.signal_book import SignalBook, compile_book
from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.model.stream import Gap
from canlock.pipeline.frame_history import FrameHistory
from canlock.sources.canmessage import MessageColumns
from canlock.tui.plot_canvas import Span, draw_axis, draw_series, tick_step
from canlock.tui.plot_series import Series, with_gaps, with_pauses
from canlock.tui.plot_tracks import PlotTracks

LOCK = "lock.status driver (measured)"
OPEN = "door.ajar driver"
VOLTS = "IPDM_STATUS.SupplyVoltage"


@cache
def a_vehicle() -> tuple[LoadedVehicle, SignalBook]:
    loaded = load_vehicle("nissan-qashqai-j10")
    return loaded, compile_book(loaded)


def tracks() -> PlotTracks:
    loaded, book = a_vehicle()
    return PlotTracks(loaded.vehicle, loaded.layout, book)


def a_status(at_s: float, *, is_locked: bool) -> can.Message:
    data = bytes([0, 0, 0, 0, 0, int(is_locked), 0, 0])
    return can.Message(timestamp=at_s, arbitration_id=0x358, is_extended_id=False, data=data)


def a_voltage(at_s: float, raw: int) -> can.Message:
    data = bytes([0, 0, raw, 0, 0, 0])
    return can.Message(timestamp=at_s, arbitration_id=0x625, is_extended_id=False, data=data)


def a_series(*steps: tuple[float, float], names: Sequence[str] = ()) -> Series:
    at_s = np.array([at_s for at_s, _ in steps], np.float64)
    return Series(at_s, np.array([value for _, value in steps], np.float64), tuple(names))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.1, 0.1, 0.1, 2.0]), st.booleans()), max_size=40),
    st.integers(1, 9),
)
def test_a_role_holds_until_it_changes_and_is_unknown_while_its_message_is_missing(
    steps: list[tuple[float, bool]], batch_size: int
) -> None:
    made: list[can.Message] = []
    at_s = 100.0
    # Its pace is learnt from the first frames.
    for step_s, is_locked in [(0.1, False)] * 20 + steps:
        at_s += step_s
        made.append(a_status(at_s, is_locked=is_locked))
    history = FrameHistory(a_vehicle()[0], block_rows=7)
    plotted = tracks()
    for start in range(0, len(made), batch_size):
        history.take(MessageColumns().batch(made[start : start + batch_size]))
        assert plotted.follow(history.window(), ()) == 1.0
    series = plotted.series(LOCK, history.window())
    for message, following in zip(made, [*made[1:], None], strict=True):
        words = "locked" if message.data[5] else "unlocked"
        is_missing = following is not None and following.timestamp - message.timestamp > 1
        asked_s = message.timestamp + (0.0 if not is_missing else -1e-6)
        if not is_missing:
            assert series.words(series.value_at(asked_s)) == words
        elif following is not None:
            middle_s = (message.timestamp + following.timestamp) / 2
            assert series.words(series.value_at(middle_s)) == "unknown"


def test_a_signal_is_read_from_each_frame_and_a_long_pause_is_a_gap() -> None:
    times = [*np.arange(0, 2, 0.1).tolist(), *np.arange(5, 6, 0.1).tolist()]
    raws = [200 + place % 3 for place in range(len(times))]
    history = FrameHistory(a_vehicle()[0], block_rows=8)
    history.take(
        MessageColumns().batch([a_voltage(*pair) for pair in zip(times, raws, strict=True)])
    )
    plotted = tracks()
    plotted.follow(history.window(), (VOLTS,))
    series = plotted.series(VOLTS, history.window())
    for at_s, raw in zip(times, raws, strict=True):
        assert series.value_at(at_s) == raw * 0.0625
    assert series.words(series.value_at(1.0)).endswith(" V")
    assert series.words(series.value_at(3.0)) == "unknown"
    assert series.words(series.value_at(9.0)) == "unknown"
    assert series.words(series.value_at(-1.0)) == "unknown"


def test_a_role_of_numbers_is_its_signal() -> None:
    history = FrameHistory(a_vehicle()[0])
    history.take(MessageColumns().batch([a_voltage(1.0, 200), a_voltage(1.1, 192)]))
    plotted = tracks()
    plotted.follow(history.window(), ())
    assert plotted.foremost == ("supply.voltage",)
    plotted.follow(history.window(), plotted.foremost)
    assert plotted.series("supply.voltage", history.window()).value_at(1.1) == 12.0


def test_what_has_said_something_is_plotted_the_chain_from_press_to_door_first() -> None:
    history = FrameHistory(a_vehicle()[0])
    plotted = tracks()
    plotted.follow(history.window(), ())
    assert not plotted.foremost
    body = can.Message(timestamp=1.0, arbitration_id=0x60D, is_extended_id=False, data=bytes(8))
    history.take(MessageColumns().batch([body, a_status(2.0, is_locked=True)]))
    plotted.follow(history.window(), ())
    assert plotted.foremost[:1] == (LOCK,)
    assert OPEN in plotted.foremost
    assert set(plotted.foremost) < set(plotted.names)


def test_reading_stops_in_time_and_goes_on_where_it_stopped() -> None:
    history = FrameHistory(a_vehicle()[0], block_rows=10)
    made = [a_status(number / 10, is_locked=number >= 50) for number in range(100)]
    history.take(MessageColumns().batch(made))
    plotted = tracks()
    clock = iter(range(10_000))
    shares = [plotted.follow(history.window(), (), now=lambda: next(clock)) for _ in range(10)]
    assert shares == pytest.approx([number / 10 for number in range(1, 11)])
    assert plotted.series(LOCK, history.window()).next_change(0.0, 1) == 5.0


def test_after_a_new_beginning_nothing_of_before_is_plotted() -> None:
    history = FrameHistory(a_vehicle()[0])
    history.take(MessageColumns().batch([a_status(50.0, is_locked=True)]))
    plotted = tracks()
    plotted.follow(history.window(), (VOLTS,))
    history.begin_again()
    history.take(MessageColumns().batch([a_status(1.0, is_locked=False)]))
    plotted.follow(history.window(), (VOLTS,))
    series = plotted.series(LOCK, history.window())
    assert series.at_s[0] == 1.0
    assert series.words(series.value_at(1.0)) == "unlocked"


def test_a_gap_of_the_adapter_is_a_gap_of_everything() -> None:
    history = FrameHistory(a_vehicle()[0])
    made = [a_status(number / 10, is_locked=True) for number in range(50)]
    history.take(MessageColumns().batch(made))
    history.take(Gap(2.0, 2.05, "adapter overflow"))
    history.take(Gap(3.0, 3.05, "a door module was reset", frozenset({0x60D})))
    plotted = tracks()
    plotted.follow(history.window(), ())
    series = plotted.series(LOCK, history.window())
    assert math.isnan(series.value_at(2.02))
    assert series.value_at(2.05) == series.value_at(1.9)
    assert not math.isnan(series.value_at(3.02))


def test_without_a_vehicle_there_is_nothing_to_plot() -> None:
    plotted = PlotTracks(None, None, SignalBook())
    history = FrameHistory()
    history.take(MessageColumns().batch([a_status(1.0, is_locked=True)]))
    assert plotted.follow(history.window(), ()) == 1.0
    assert plotted.names == ()
    assert plotted.foremost == ()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=12),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)), max_size=4),
)
def test_within_a_gap_nobody_knows_and_outside_it_all_is_as_it_was(
    steps: list[tuple[int, int]], gaps: list[tuple[int, int]]
) -> None:
    series = a_series(*sorted((float(at_s), float(value)) for at_s, value in steps))
    spans = [(begin + 0.25, begin + length + 0.25) for begin, length in gaps]
    found = with_gaps(series, spans)
    assert (np.diff(found.at_s) >= 0).all()
    for place in range(-1, 200):
        at_s = place / 4 + 0.1
        expected = series.value_at(at_s)
        # Whoever spoke first within a gap, or in the gap before it, is heard only after it.
        if any(begin <= at_s < end for begin, end in spans):
            known_before = series.value_at(min(b for b, e in spans if b <= at_s < e))
            if not math.isnan(known_before):
                assert math.isnan(found.value_at(at_s))
        elif not any(begin <= at_s for begin, _ in spans):
            assert found.value_at(at_s) == expected or math.isnan(expected)


@pytest.mark.parametrize(
    ("pause_s", "is_gap"),
    [pytest.param(0.34, False, id="3 lost"), pytest.param(0.36, True, id="4")],
)
def test_a_pause_of_three_and_a_half_steps_is_a_gap(pause_s: float, is_gap: bool) -> None:
    times = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.5 + pause_s]
    series = with_pauses(a_series(*((at_s, 1.0) for at_s in times)), times[-1])
    assert math.isnan(series.value_at(0.5 + 0.2)) == is_gap
    assert series.value_at(times[-1]) == 1.0


def test_changes_are_found_in_both_directions() -> None:
    series = a_series((1, 0), (2, 0), (3, 1), (4, math.nan), (5, math.nan), (6, 1))
    assert [series.next_change(at_s, 1) for at_s in (0, 1, 3, 4, 6)] == [1, 3, 4, 6, None]
    assert [series.next_change(at_s, -1) for at_s in (7, 6, 4, 3, 1)] == [6, 4, 3, 1, None]
    assert series.since(2.5) == 1
    assert series.since(0.5) is None


# --- Drawing --------------------------------------------------------------------------------------


def test_a_state_is_a_step_line_with_its_names() -> None:
    series = a_series((1, 0), (3, 1), (6, 0), (8, math.nan), names=["unlocked", "locked"])
    drawing = draw_series(series, Span(0, 10, 10), 4)
    assert drawing.labels == ("locked", "unlocked")
    assert drawing.lines == ("   ┌──┐   ", " ──┘  └─  ")


def test_several_changes_in_one_column_are_one_heavy_line() -> None:
    series = a_series((0, 0), (4.2, 1), (4.4, 0), (4.6, 1), (7, 1), names=["off", "on"])
    drawing = draw_series(series, Span(0, 8, 8), 4)
    assert drawing.lines == ("    ┃───", "────┃   ")


@settings(max_examples=100, deadline=None)
@given(
    # Of two states at one instant nobody ever sees the first.
    st.lists(
        st.tuples(st.floats(-5, 25), st.sampled_from([0.0, 1.0, 2.0, math.nan])),
        max_size=20,
        unique_by=lambda step: step[0],
    ),
    st.integers(1, 40),
)
def test_a_column_shows_every_state_within_its_time_and_no_other(
    steps: list[tuple[float, float]], columns: int
) -> None:
    series = a_series(*sorted(steps, key=lambda pair: pair[0]), names=["a", "b", "c"])
    span = Span(0, 20, columns)
    drawing = draw_series(series, span, 4)
    edges = span.edges()
    known = list(zip(series.at_s.tolist(), series.value.tolist(), strict=True))
    for column in range(columns):
        before = [value for at_s, value in known if at_s < edges[column]][-1:]
        at_edge = [value for at_s, value in known if at_s <= edges[column]][-1:]
        held = before if at_edge and not math.isnan(at_edge[0]) else []
        within = [value for at_s, value in known if edges[column] <= at_s < edges[column + 1]]
        levels = {series.names[int(value)] for value in [*held, *within] if not math.isnan(value)}
        drawn = {
            label
            for label, line in zip(drawing.labels, drawing.lines, strict=True)
            if line[column] != " "
        }
        named = [name for name in reversed(series.names) if name in drawing.labels]
        if levels:
            low, high = (named.index(name) for name in (min(levels), max(levels)))
            levels |= set(named[high : low + 1])
        assert drawn == levels


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-5, 25), st.floats(-100, 100)), max_size=30),
    st.integers(1, 30),
    st.integers(1, 6),
)
def test_a_number_is_drawn_between_its_least_and_greatest_value(
    steps: list[tuple[float, float]], columns: int, rows: int
) -> None:
    series = a_series(*sorted(steps, key=lambda pair: pair[0]))
    span = Span(0, 20, columns)
    drawing = draw_series(series, span, rows)
    assert len(drawing.lines) == len(drawing.labels) == rows
    assert all(len(line) == columns for line in drawing.lines)
    for column in range(columns):
        is_drawn = any(line[column] != " " for line in drawing.lines)
        begins = len(series.at_s) and series.at_s[0] < span.edges()[column + 1]
        assert is_drawn == bool(begins)


def test_the_least_value_is_at_the_bottom_and_the_greatest_on_top() -> None:
    series = a_series((0, 5.0), (5, 9.0))
    drawing = draw_series(series, Span(0, 10, 4), 2)
    assert drawing.labels == ("9", "5")
    assert drawing.lines[1][0] == "⣀"
    assert drawing.lines[0][3] == "⠉"
    assert drawing.lines[0][0] == " "


def test_events_are_marks_with_their_words_where_there_is_room() -> None:
    series = Series(
        np.array([2.0, 9.0, 9.5]), np.array([0.0, 1.0, 0.0]), ("lock", "unlock"), "", True
    )
    drawing = draw_series(series, Span(0, 20, 20), 4)
    assert drawing.lines == ("┈┈▲lock┈┈┃lock┈┈┈┈┈┈",)


@given(st.floats(1e-4, 1e5), st.integers(1, 300))
def test_the_axis_has_round_steps_with_room_for_their_labels(width_s: float, columns: int) -> None:
    span = Span(1000.0, 1000.0 + width_s, columns)
    step_s = tick_step(span)
    assert step_s >= span.column_s * 12 * 0.999
    axis, labels = draw_axis(span, 1000.0)
    assert len(axis) == len(labels) == columns
    assert axis[0] == "┬"
    assert labels.startswith("+0"[:columns])
