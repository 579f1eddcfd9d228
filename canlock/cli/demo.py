"""`canlock demo`: the main job with no hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from canlock.cli.output import has_screen, say
from canlock.cli.plain import Plain, print_plain
from canlock.cli.web import DEFAULT_AT, Web, WebAt, serve_view

if TYPE_CHECKING:
    from canlock.pipeline.replayed import Replay

SAMPLE: Final = "qashqai-driver-door-gaiter.log"
TITLE: Final = "demo: a Qashqai whose driver's door stays shut"
SPEED: Final = 8.0
"""So that the minute of the sample is over within ten seconds."""


def demo(
    speed: Annotated[
        float, typer.Option("--speed", help="How many times faster than it happened.")
    ] = SPEED,
    plain: Plain = False,
    web: Web = False,
    web_at: WebAt = DEFAULT_AT,
) -> None:
    """Play a bundled capture through a virtual bus into the live view; `q` quits.

    The story: a Qashqai whose driver's door stays shut. Prints the report instead when the output
    is not a terminal.
    """
    if web:
        serve_view("demo", web_at)
        return
    if plain or not has_screen():
        _print(speed, plain=plain)
        return
    from canlock.cli.replay import show_replay

    raise typer.Exit(show_replay(lambda: _open(speed), TITLE))


def _open(speed: float) -> Replay:
    from canlock.bundled import bundled_folder
    from canlock.pipeline.recorded import find_recording, vehicle_for
    from canlock.pipeline.replayed import replay_steps

    recording = find_recording(bundled_folder("captures") / SAMPLE)
    return replay_steps(recording, vehicle_for(recording.path, None), speed)


def _print(speed: float, *, plain: bool) -> None:
    if plain:
        print_plain(_open(speed).steps)
        return
    from canlock.bundled import bundled_folder
    from canlock.pipeline.recorded import diagnose_recording, find_recording, vehicle_for
    from canlock.reports.text import render_text

    recording = find_recording(bundled_folder("captures") / SAMPLE)
    say(render_text(diagnose_recording(recording, vehicle_for(recording.path, None))))
