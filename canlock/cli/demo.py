"""`canlock demo`: the main job with no hardware."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from canlock.cli.output import say

SAMPLE: Final = "qashqai-driver-door-gaiter.log"
SPEED: Final = 8.0
"""So that the minute of the sample is over within ten seconds."""


def demo(
    speed: Annotated[
        float, typer.Option("--speed", help="How many times faster than it happened.")
    ] = SPEED,
) -> None:
    """Play a bundled capture through a virtual bus into the live view; `q` quits.

    The story: a Qashqai whose driver's door stays shut. Prints the report instead when the output
    is not a terminal.
    """
    from canlock.bundled import bundled_folder
    from canlock.pipeline.recorded import diagnose_recording, find_recording, vehicle_for

    recording = find_recording(bundled_folder("captures") / SAMPLE)
    loaded = vehicle_for(recording.path, None)
    if not sys.stdout.isatty():
        from canlock.reports.text import render_text

        say(render_text(diagnose_recording(recording, loaded)))
        return
    from canlock.pipeline.replayed import replay_steps
    from canlock.tui.app import run_live_view

    replay = replay_steps(recording, loaded, speed)
    title = f"demo: {recording.path.name}, {speed:g} times as fast as it happened"
    raise typer.Exit(run_live_view(replay.steps, title=title, on_mark=replay.side.put))
