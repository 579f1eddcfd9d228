"""Answers whose time is known to the frame, on a bus that sends a change at once."""

from __future__ import annotations

from pathlib import Path

from canlock.decoding.vehicle_file import load_vehicle
from canlock.pipeline.recorded import diagnose_recording, find_recording

CAPTURE = Path(__file__).parents[2] / "captures" / "bmw-healthy.log.gz"


def test_door_frames_of_an_e9x_are_sent_as_the_locks_move() -> None:
    """They come each 10 s otherwise, which would leave every answer's time open."""
    snapshot = diagnose_recording(find_recording(CAPTURE), load_vehicle("bmw-e9x"))
    answers = [
        answer
        for operation in snapshot.operations
        for answer in operation.responses
        if answer.state == "answered" and answer.latency_s is not None
    ]

    exact = [answer for answer in answers if answer.latency_floor_s == answer.latency_s]

    assert len(answers) > 20
    assert len(exact) > 0.7 * len(answers)
