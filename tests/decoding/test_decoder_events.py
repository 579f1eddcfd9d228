"""What counts as an event: one press, one event, however often the bus repeats it."""

from __future__ import annotations

import numpy as np
import pytest
from cantools.database import Signal

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import compile_layout
from canlock.model.frames import FrameBatch
from canlock.model.samples import RoleSample
from canlock.model.vehicle import MessageFacts, SignalMap, Vehicle

SIGNALS = {
    "FOB.Button": Signal("Button", 0, 4),
    "FOB.Count": Signal("Count", 8, 8),
    "FOB.Page": Signal("Page", 16, 1, is_multiplexer=True),
    "FOB.Key": Signal("Key", 17, 4, multiplexer_ids=[1], multiplexer_signal="Page"),
}
VALUES: dict[tuple[int, ...], str] = {(0,): "none", (1,): "lock", (2,): "unlock"}
NONE, LOCK, UNLOCK, UNNAMED = 0, 1, 2, 9

Frame = tuple[float, int] | tuple[float, int, int]
"""Time, button and, where it matters, count."""


def events(
    *frames: Frame,
    signal: str = "FOB.Button",
    first: bool = False,
    counter: bool = False,
    values: dict[tuple[int, ...], str] = VALUES,
) -> list[RoleSample]:
    entry = SignalMap(
        "request.fob",
        (signal,),
        (),
        values,
        kind="event",
        first_is_event=first,
        counter="FOB.Count" if counter else None,
    )
    vehicle = Vehicle("a-car", "A car", (), (entry,), (MessageFacts("FOB", 0x23A, 4),))
    layout = compile_layout(vehicle, SIGNALS.__getitem__)
    payload = np.zeros((len(frames), 8), np.uint8)
    for row, (_, button, *count) in enumerate(frames):
        payload[row, :2] = [button, *(count or [0])]
        payload[row, 2] = 1 | button << 1
    batch = FrameBatch(
        np.array([frame[0] for frame in frames]),
        np.full(len(frames), 0x23A, np.uint32),
        np.zeros(len(frames), np.uint8),
        np.full(len(frames), 4, np.uint8),
        np.zeros(len(frames), np.uint8),
        payload,
    )
    found = list(Decoder(vehicle, layout).decode(batch).samples)
    one_by_one = Decoder(vehicle, layout)
    singles = [one_by_one.decode(batch.take(slice(row, row + 1))) for row in range(len(frames))]
    assert [sample for decoded in singles for sample in decoded.samples] == found
    return found


def told(samples: list[RoleSample]) -> list[tuple[float, object]]:
    return [(sample.at_s, sample.value) for sample in samples]


def test_a_change_away_from_none_is_one_event() -> None:
    assert events((0.0, NONE), (0.1, NONE), (0.2, LOCK), (0.3, LOCK), (0.4, NONE)) == [
        RoleSample(0.2, "request.fob", (), "lock", "none", 0.1, "event", source=0)
    ]


def test_a_change_from_one_request_to_another_is_an_event() -> None:
    found = events((0.0, NONE), (0.1, LOCK), (0.2, UNLOCK), (0.3, LOCK))
    assert told(found) == [(0.1, "lock"), (0.2, "unlock"), (0.3, "lock")]


def test_a_return_to_none_is_never_an_event() -> None:
    assert events((0.0, LOCK), (0.1, NONE), (5.0, NONE), first=True)[1:] == []


def test_the_same_request_after_none_is_a_new_event() -> None:
    found = events((0.0, NONE), (0.1, LOCK), (0.2, NONE), (0.3, LOCK))
    assert told(found) == [(0.1, "lock"), (0.3, "lock")]


def test_the_first_frame_is_no_event_because_what_was_before_is_unknown() -> None:
    assert events((0.0, LOCK), (0.1, LOCK)) == []


def test_the_first_frame_of_a_message_sent_only_on_events_is_one() -> None:
    assert events((0.0, LOCK), (0.1, LOCK), first=True) == [
        RoleSample(0.0, "request.fob", (), "lock", kind="event", is_first=True, source=0)
    ]


def test_a_first_frame_of_none_is_no_event_even_then() -> None:
    assert events((0.0, NONE), first=True) == []


def test_unnamed_values_between_repeats_make_no_event() -> None:
    assert told(events((0.0, NONE), (0.1, LOCK), (0.2, UNNAMED), (0.3, LOCK))) == [(0.1, "lock")]


def test_an_unnamed_value_before_the_first_named_one_does_not_count_as_a_first_frame() -> None:
    assert events((0.0, UNNAMED), (0.1, LOCK)) == []
    assert told(events((0.0, UNNAMED), (0.1, LOCK), first=True)) == [(0.1, "lock")]


@pytest.mark.parametrize(
    ("pause_s", "is_new"),
    [
        pytest.param(0.1, False, id="a held button's repeat"),
        pytest.param(0.49, False, id="just a repeat"),
        pytest.param(0.51, True, id="just a new press"),
    ],
)
def test_the_same_request_after_a_pause_is_new_where_only_events_are_sent(
    pause_s: float, *, is_new: bool
) -> None:
    later_s = 1.0 + pause_s
    expected = [(1.0, "lock"), (later_s, "lock")] if is_new else [(1.0, "lock")]
    assert told(events((1.0, LOCK), (later_s, LOCK), first=True)) == expected
    assert told(events((0.0, NONE), (1.0, LOCK), (later_s, LOCK))) == [(1.0, "lock")]


def test_none_after_a_pause_is_no_event() -> None:
    assert told(events((0.0, LOCK), (3.0, NONE), (6.0, NONE), first=True)) == [(0.0, "lock")]


def test_any_frame_of_the_message_ends_a_pause() -> None:
    frames = [(0.0, LOCK), (0.4, UNNAMED), (0.8, LOCK)]
    assert told(events(*frames, first=True)) == [(0.0, "lock")]


def test_a_pause_before_an_unnamed_value_still_makes_the_next_request_new() -> None:
    frames = [(0.0, LOCK), (0.8, UNNAMED), (0.9, LOCK)]
    assert told(events(*frames, first=True)) == [(0.0, "lock"), (0.9, "lock")]


def test_a_message_without_a_value_for_none_still_gives_events() -> None:
    frames = [(0.0, LOCK), (0.1, LOCK), (0.2, UNLOCK), (2.0, UNLOCK)]
    values: dict[tuple[int, ...], str] = {(1,): "lock", (2,): "unlock"}
    assert told(events(*frames, first=True, values=values)) == [
        (0.0, "lock"),
        (0.2, "unlock"),
        (2.0, "unlock"),
    ]


def test_a_new_count_is_a_new_event_and_the_same_count_a_repeat() -> None:
    found = events((0.0, NONE, 5), (0.1, LOCK, 6), (0.2, LOCK, 6), (0.3, LOCK, 7), counter=True)
    assert [(sample.at_s, sample.counter) for sample in found] == [(0.1, 6), (0.3, 7)]


def test_the_last_request_repeated_with_its_old_count_is_no_event() -> None:
    frames = [(0.0, NONE, 6), (5.0, LOCK, 6), (10.0, NONE, 6), (15.0, LOCK, 6)]
    assert events(*frames, counter=True) == []


def test_a_repeat_after_none_has_the_same_count_and_is_no_event() -> None:
    frames = [(0.0, NONE, 5), (0.1, LOCK, 6), (0.2, NONE, 6), (5.0, LOCK, 6)]
    assert told(events(*frames, counter=True)) == [(0.1, "lock")]


def test_a_count_that_runs_ahead_of_its_request_is_not_used_up() -> None:
    frames = [(0.0, NONE, 5), (0.1, NONE, 6), (0.2, LOCK, 6)]
    assert told(events(*frames, counter=True)) == [(0.2, "lock")]


def test_another_request_with_the_same_count_is_a_repeat() -> None:
    frames = [(0.0, NONE, 5), (0.1, LOCK, 6), (0.2, UNLOCK, 6)]
    assert told(events(*frames, counter=True)) == [(0.1, "lock")]


@pytest.mark.parametrize(("first", "expected"), [(True, [(0.0, "lock")]), (False, [])])
def test_the_first_frame_with_a_count_is_an_event_only_where_it_may_be(
    first: bool,
    expected: list[tuple[float, str]],
) -> None:
    assert told(events((0.0, LOCK, 5), (9.0, LOCK, 5), first=first, counter=True)) == expected


def test_a_new_count_with_an_unnamed_value_is_passed_over() -> None:
    frames = [(0.0, NONE, 5), (0.1, UNNAMED, 6), (0.2, LOCK, 6)]
    assert told(events(*frames, counter=True)) == [(0.2, "lock")]


def test_a_count_that_wraps_is_a_new_count() -> None:
    frames = [(0.0, NONE, 254), (0.1, LOCK, 255), (0.2, LOCK, 0)]
    assert told(events(*frames, counter=True)) == [(0.1, "lock"), (0.2, "lock")]


def test_a_multiplexed_request_is_seen_where_its_page_is() -> None:
    assert told(events((0.0, NONE), (0.1, LOCK), signal="FOB.Key")) == [(0.1, "lock")]
