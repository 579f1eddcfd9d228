"""`canlock replay`: a recorded log onto a virtual bus and into the live view."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from canlock.cli.output import has_screen, say
from canlock.cli.plain import Plain, print_plain
from canlock.cli.watch import VehicleName, stopping_on_signals
from canlock.cli.web import DEFAULT_AT, Web, WebAt, serve_view

if TYPE_CHECKING:
    from canlock.pipeline.replayed import Replay

SLOWEST, FASTEST = 0.1, 100.0


def replay(  # noqa: PLR0913, PLR0917 - each is an option of the command.
    capture: Annotated[
        Path,
        typer.Argument(
            metavar="CAPTURE", help="A recorded log.", show_default=False, readable=False
        ),
    ],
    speed: Annotated[
        float,
        typer.Option("--speed", metavar="X", help="0.1 to 100 times; 0 is as fast as it goes."),
    ] = 1.0,
    vehicle: VehicleName = None,
    interface: Annotated[
        str | None,
        typer.Option(
            "-i",
            "--interface",
            metavar="I",
            help="Play onto udp_multicast too, so that other programs on this computer can watch.",
        ),
    ] = None,
    channel: Annotated[
        str | None, typer.Option("-c", "--channel", metavar="C", help="Its channel.")
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Begin again at the end.")] = False,
    headless: Annotated[
        bool, typer.Option("--headless", help="Print one JSON object a line, canlock.live/1.")
    ] = False,
    plain: Plain = False,
    web: Web = False,
    web_at: WebAt = DEFAULT_AT,
) -> None:
    """Play a recorded log onto a virtual bus into the live view; never onto a real bus.

    Space holds it and goes on, `.` steps, the left and right arrows go ten seconds back and on, `[`
    and `]` to the operation before and after, `-` and `+` change the speed, `r` begins again at the
    end, `?` lists all keys. Where the output is no terminal the report is printed at the end.
    """
    if speed != 0 and not SLOWEST <= speed <= FASTEST:
        raise typer.BadParameter(
            f"found {speed:g}, expected 0 (as fast as it goes) or {SLOWEST:g} to {FASTEST:g}",
            param_hint="--speed",
        )
    if web:
        serve_view(f"replay: {capture.name}", web_at)
        return

    def open_replay() -> Replay:
        from canlock.pipeline.recorded import find_recording, vehicle_for
        from canlock.pipeline.replayed import Replay
        from canlock.sources.player import Mirror

        mirror = None if interface is None else Mirror(interface, channel)
        loaded = vehicle_for(capture, vehicle)
        return Replay(find_recording(capture), loaded, speed, is_looping=loop, mirror=mirror)

    if not plain and not headless and has_screen():
        raise typer.Exit(show_replay(open_replay, f"replay: {capture.name}"))
    played = open_replay()
    with stopping_on_signals(played.stop):
        if plain:
            print_plain(played.steps)
        else:
            _print(played, headless=headless)


def _print(played: Replay, *, headless: bool) -> None:
    from canlock.reports.live_json import LiveLines
    from canlock.reports.text import render_text

    lines = LiveLines()
    last = None
    with closing(played.steps) as steps:
        for last in steps:
            for line in lines.look(last) if headless else ():
                say(line)
    if last is None:
        return
    if headless:
        for line in lines.look(last, is_last=True):
            say(line)
    else:
        say(render_text(last))


def show_replay(open_replay: Callable[[], Replay], title: str) -> int:
    """Show a replay until the person quits; it is opened while the view already stands.

    Raises:
        CanlockError: What kept it from opening, or ended it.
    """
    from canlock.tui.app import LiveApp, run_live_view
    from canlock.tui.session import Session, replay_session

    def open_session() -> Session:
        replay = open_replay()
        replay.waits_at_end = True
        return replay_session(replay)

    app = LiveApp(open_session, title=title)
    # A signal must not leave the terminal as the live view has set it up.
    with stopping_on_signals(app.exit):
        return run_live_view(app)
