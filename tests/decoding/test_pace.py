"""Frames counted by their pace: what is missing, hushes, error frames, an uptime that goes back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from cantools.database import load_string

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import compile_layout
from canlock.model.frames import FrameBatch, FrameFlag
from canlock.model.samples import Decoded, join_breaks
from canlock.model.vehicle import Alive, MessageFacts, SignalMap, Vehicle

DATABASE = load_string(
    """VERSION ""
NS_ :
BS_:
BU_: BCM
BO_ 256 BODY: 8 BCM
 SG_ Count : 0|4@1+ (1,0) [0|15] "" BCM
 SG_ Uptime : 8|16@1+ (1,0) [0|65535] "" BCM
""",
    "dbc",
)


def decode(
    times_s: list[float],
    counts: list[int] | None = None,
    uptimes: list[int] | None = None,
    *,
    period_s: float | None = 0.1,
    errors_s: tuple[float, ...] = (),
    cuts: tuple[int, ...] = (),
) -> Decoded:
    """Return what the frames of one message give, joined."""
    signals = () if uptimes is None else (SignalMap("bcm.uptime", ("BODY.Uptime",)),)
    counter = None if counts is None else "BODY.Count"
    vehicle = Vehicle(
        "car",
        "Car",
        ("driver",),
        signals,
        (MessageFacts("BODY", 256, 8, "BCM", period_s),),
        alive=(Alive("bcm", "BODY", period_s, counter=counter),),
    )
    message = DATABASE.get_message_by_name("BODY")  # type: ignore[union-attr]
    signal_of = {f"BODY.{signal.name}": signal for signal in message.signals}
    decoder = Decoder(vehicle, compile_layout(vehicle, signal_of.__getitem__))
    rows = [(at_s, 256, 0, n) for n, at_s in enumerate(times_s)]
    rows += [(at_s, 8, int(FrameFlag.ERROR), -1) for at_s in errors_s]
    rows.sort()
    payload = np.zeros((len(rows), 8), np.uint8)
    for row, (_, _, flags, number) in enumerate(rows):
        if not flags:
            payload[row, 0] = 0 if counts is None else counts[number]
            value = 0 if uptimes is None else uptimes[number]
            payload[row, 1:3] = value & 0xFF, value >> 8
    batch = FrameBatch(
        np.array([row[0] for row in rows]),
        np.array([row[1] for row in rows], np.uint32),
        np.array([row[2] for row in rows], np.uint8),
        np.full(len(rows), 8, np.uint8),
        np.zeros(len(rows), np.uint8),
        payload,
    )
    edges = [0, *cuts, len(rows)]
    parts = [decoder.decode(batch.take(slice(first, last))) for first, last in pairwise(edges)]
    return Decoded(
        parts[0].first_s,
        parts[-1].last_s,
        len(rows),
        lives=parts[-1].lives,
        breaks=join_breaks([part.breaks for part in parts if len(part.breaks)]),
        hushes_s=np.concatenate([part.hushes_s for part in parts]),
        errors_s=np.concatenate([part.errors_s for part in parts]),
    )


def every(period_s: float, count: int, from_s: float = 0.0) -> list[float]:
    return [round(from_s + period_s * number, 6) for number in range(count)]


def missing(decoded: Decoded) -> list[tuple[float, float, int]]:
    breaks = decoded.breaks
    rows = zip(breaks.from_s, breaks.until_s, breaks.missing, strict=True)
    return [(round(a, 3), round(b, 3), int(n)) for a, b, n in rows]


@pytest.mark.parametrize(("pause_s", "told"), [(0.14, []), (0.2, [1]), (0.7, [6])])
def test_frames_are_missing_where_the_pace_says_so(pause_s: float, told: list[int]) -> None:
    times_s = [*every(0.1, 40), *every(0.1, 40, 3.9 + pause_s)]

    assert [count for _, _, count in missing(decode(times_s))] == told


@pytest.mark.parametrize(("period_s", "known_by"), [(0.1, 6), (None, 20)])
def test_before_the_pace_is_known_breaks_wait(period_s: float | None, known_by: int) -> None:
    """A declared period needs fewer frames to be believed."""
    times_s = [*every(0.1, 5), *every(0.1, 40, 0.9)]
    breaks = decode(times_s, period_s=period_s).breaks

    assert breaks.until_s.tolist() == [0.9]
    assert breaks.shown_s.tolist() == pytest.approx([times_s[known_by]])


def test_a_burst_at_the_beginning_is_no_pace_of_a_declared_message() -> None:
    """A state that is told once a second, and at each change too."""
    burst = [0.0, 0.016, 0.032, 0.048, 0.066, 0.082, 0.098, 0.116]
    decoded = decode([*burst, *every(1.0, 40, 1.0)], period_s=1.0)

    assert decoded.lives[0].pace_s == 1.0
    assert missing(decoded) == []


def test_a_message_of_another_pace_than_declared_lacks_nothing() -> None:
    decoded = decode(every(0.25, 100), period_s=0.1)

    assert missing(decoded) == []
    assert decoded.lives[0].pace_s == pytest.approx(0.25)


@pytest.mark.parametrize(("period_s", "is_counted"), [(2.5, True), (2.6, False)])
def test_slow_messages_are_not_counted(period_s: float, *, is_counted: bool) -> None:
    life = decode(every(period_s, 40), period_s=period_s).lives[0]

    assert (life.pace_s is not None) == is_counted


def test_a_number_that_does_not_roll_is_not_read_as_a_counter() -> None:
    times_s = every(0.1, 100)

    assert missing(decode(times_s, [n * 7 % 16 for n in range(100)])) == []


def test_a_hush_is_told_from_frame_to_frame() -> None:
    decoded = decode([*every(0.02, 30), *every(0.02, 30, 1.0)], period_s=0.02)

    assert decoded.hushes_s == pytest.approx(np.array([[0.58, 1.0]]))


def test_error_frames_are_told_with_their_times() -> None:
    decoded = decode(every(0.1, 40), errors_s=(1.23, 2.34), cuts=(13, 20))

    assert decoded.errors_s.tolist() == [1.23, 2.34]


@pytest.mark.parametrize(
    ("before", "after", "has_restarted"),
    [
        pytest.param(5000, 0, True, id="from the start"),
        pytest.param(5000, 4990, True, id="back"),
        pytest.param(5000, 4999, False, id="by one second: rounding"),
        pytest.param(65535, 0, False, id="it ran to the end of its bits"),
    ],
)
def test_an_uptime_that_goes_back_began_anew(
    before: int, after: int, *, has_restarted: bool
) -> None:
    uptimes = [before] * 30 + [after] * 30
    for cuts in ((), (30,), (29, 31)):
        decoded = decode(every(0.1, 60), uptimes=uptimes, cuts=cuts)
        assert decoded.breaks.is_restart.tolist() == [True] * has_restarted
