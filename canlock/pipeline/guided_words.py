"""What a guided check says at each moment, in words for a person at the car."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from canlock.model.snapshot import Snapshot
from canlock.pipeline.guided_parts import Act, Measurement, Part, Procedure
from canlock.pipeline.guided_progress import Progress
from canlock.pipeline.guided_prompt import DONE_KEY, Choice, Prompt

AT_ONCE: Final = "Do what is asked and press Enter at once, or choose one of the other keys."
DONE_NOW: Final = Choice(DONE_KEY, "done, just now")
DONE: Final = Choice(DONE_KEY, "go on")

MOVES_KMH: Final = 3.0
"""From this speed on the car moves; less may be noise."""


def show(
    procedure: Procedure | None,
    parts: tuple[Part, ...],
    progress: Progress,
    snapshot: Snapshot | None,
    wait_s: float | None,
) -> Prompt:
    """Return what is to be shown, but for notices and commands.

    Args:
        procedure: What is being done; None: what comes next is not chosen yet.
        parts: What is left of it, the present part first.
        progress: What was done before.
        snapshot: What is known now.
        wait_s: What is left of a countdown; None: there is none.
    """
    if procedure is None:
        return _between(snapshot)
    place = _place(procedure, parts, progress)
    if is_moving(snapshot):
        text = "The car moves. The check goes on when it stands."
        prompt = Prompt("wait", procedure.title, text)
    elif wait_s is not None:
        text = "Leave the car alone for a moment."
        prompt = Prompt("wait", procedure.title, text, wait_s=wait_s)
    elif not parts:
        prompt = Prompt("wait", procedure.title, "One moment.")
    else:
        prompt = _part(procedure, parts[0])
    return replace(prompt, why=procedure.why, place=place)


def _part(procedure: Procedure, part: Part) -> Prompt:
    if isinstance(part, Act):
        if part.marks:
            text = f"{part.text} Then press Enter at once."
            return Prompt("act", procedure.title, text, choices=(DONE_NOW,))
        return Prompt("act", procedure.title, part.text, choices=(DONE,))
    if isinstance(part, Measurement):
        return Prompt("number", procedure.title, part.text, unit=part.unit)
    choices = tuple(
        Choice(str(number), answer.words) for number, answer in enumerate(part.answers, 1)
    )
    return Prompt("question", procedure.title, part.text, choices=choices)


def _between(snapshot: Snapshot | None) -> Prompt:
    if snapshot is None or snapshot.now_s is None:
        text = "No frame has come yet. Wake the car: open a door, or press the fob."
        return Prompt("wait", "Listening to the car", text)
    if not snapshot.lives:
        text = (
            f"Frames come, but none of this vehicle ({snapshot.vehicle_name}). Wake the car: "
            "open a door, or press the fob. If it stays so, it is another bus or another car."
        )
        return Prompt("wait", "Listening to the car", text)
    return Prompt("wait", "Thinking", "What the last test says is being weighed.")


def _place(procedure: Procedure, parts: tuple[Part, ...], progress: Progress) -> str:
    """Return how far it is: `test 2, step 3 of 7`."""
    if procedure.is_opening:
        return ""
    total = len(procedure.parts)
    step = min(max(total - len(parts) + 1, 1), total)
    return f"test {len(progress.done) + 1}, step {step} of {total}"


def bus_notice(snapshot: Snapshot | None) -> str:
    """Return what is wrong with the bus, where no frame comes; empty where nothing is."""
    if snapshot is None or not snapshot.links:
        return ""
    states = {link.state for link in snapshot.links}
    if "connected" in states:
        return ""
    if states & {"reconnecting", "lost"}:
        return "The adapter does not answer. Look at its plug; it is opened again and again."
    return "No frame comes now: the car sleeps. Open a door or press the fob to wake it."


def is_moving(snapshot: Snapshot | None) -> bool:
    """Say whether the car is known to move."""
    if snapshot is None:
        return False
    return any(
        state.role == "vehicle.speed"
        and not state.is_stale
        and isinstance(state.value, float | int)
        and state.value > MOVES_KMH
        for state in snapshot.states
    )
