"""What was recorded, and what was wrong with it, in sentences."""

from __future__ import annotations

from canlock.model.capture import CaptureInfo
from canlock.telling import clock


def describe_recording(capture: CaptureInfo) -> str:
    """Return how much was recorded, when, and in which format."""
    facts = [f"{capture.frames} frames"]
    if capture.first_s is not None and capture.last_s is not None:
        facts[0] += f" in {clock.duration(capture.last_s - capture.first_s)}"
        begin = clock.date_and_clock(capture.first_s)
        facts.append(
            f"begun {begin} UTC" if begin else "without a clock: times count from its start"
        )
    return f"{', '.join(facts)} (format: {capture.format})."


def describe_damage(capture: CaptureInfo) -> list[str]:
    """Return what was wrong with the capture, a sentence each; none where nothing was."""
    counted = (
        (capture.out_of_order, "Frames with an earlier time than the frame before them"),
        (capture.clock_jumps, "Times at which the recorder's clock went back"),
        (capture.error_frames, "Error frames, which tell of trouble on the wires"),
    )
    told = [f"{what}: {count}." for count, what in counted if count]
    if capture.is_truncated:
        told.append("The recording stops in the middle of a line: its end is missing.")
    if capture.bad_lines:
        told.append(f"Lines left out because they could not be read: {capture.bad_lines}.")
    elif capture.damage:
        told.append("Damage to the recording:")
    return told
