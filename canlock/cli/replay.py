"""`canlock replay`: a recorded log onto a virtual bus and into the live view."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from canlock.cli.output import say
from canlock.cli.watch import VehicleName, stopping_on_signals

if TYPE_CHECKING:
    from canlock.pipeline.replayed import Replay

SKIP_S: Final = 10.0
STEP_S: Final = 0.1
FASTER: Final = 2.0
SLOWEST, FASTEST = 0.1, 100.0

KEYS: Final = (
    ("space", "hold", "Hold/go on"),
    ("full_stop", "step", "Step"),
    ("left_square_bracket", "skip(-1)", "-10 s"),
    ("right_square_bracket", "skip(1)", "+10 s"),
    ("minus", "hasten(0.5)", "Slower"),
    ("plus", "hasten(2.0)", "Faster"),
    ("l", "loop", "Loop"),
)


def replay(
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
) -> None:
    """Play a recorded log onto a virtual bus into the live view; never onto a real bus.

    Space holds it and goes on, `.` steps, `[` and `]` go ten seconds back and on, `-` and `+`
    change the speed, `l` loops. Where the output is no terminal the report is printed at the end.
    """
    from canlock.pipeline.recorded import find_recording, vehicle_for
    from canlock.pipeline.replayed import Replay
    from canlock.sources.player import Mirror

    if speed != 0 and not SLOWEST <= speed <= FASTEST:
        raise typer.BadParameter(
            f"found {speed:g}, expected 0 (as fast as it goes) or {SLOWEST:g} to {FASTEST:g}",
            param_hint="--speed",
        )
    loaded = vehicle_for(capture, vehicle)
    mirror = None if interface is None else Mirror(interface, channel)
    played = Replay(find_recording(capture), loaded, speed, is_looping=loop, mirror=mirror)
    if headless or not sys.stdout.isatty():
        with stopping_on_signals(played.stop):
            _print(played, headless=headless)
        return
    raise typer.Exit(_show(played, f"replay: {capture.name}"))


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


def _show(played: Replay, title: str) -> int:
    """Show a replay with the keys of a player.

    Raises:
        CanlockError: What ended it.
    """
    app = view_with_keys(played, title)
    with stopping_on_signals(app.exit):
        app.run()
    played.stop()
    app.feed.wait()
    if app.failure is not None:
        raise app.failure
    status: int = app.return_code or 0
    return status


def view_with_keys(played: Replay, title: str) -> Any:  # noqa: ANN401 - textual is imported late.
    """Return the live view of a replay, with the keys of a player."""
    from canlock.tui import app as live_view
    from canlock.tui.app import LiveApp

    class ReplayApp(LiveApp):
        """The live view, and keys that hold, step and hasten what it shows."""

        CSS_PATH = str(Path(live_view.__file__).with_name(LiveApp.CSS_PATH))
        BINDINGS = list(KEYS)  # noqa: RUF012 - textual reads it from the class.

        def action_hold(self) -> None:
            """Hold the replay, or let it go on."""
            self._tell("held" if played.transport.toggle() else "going on")

        def action_step(self) -> None:
            """Play a tenth of a second, and hold."""
            played.transport.step(STEP_S)

        def action_skip(self, direction: int) -> None:
            """Go ten seconds on, or back."""
            self._tell(f"at +{played.skip(direction * SKIP_S):.0f} s")

        def action_hasten(self, factor: float) -> None:
            """Play faster, or slower where the factor is below 1."""
            now = played.transport.speed or FASTEST
            played.transport.set_speed(min(max(now * factor, SLOWEST), FASTEST))
            self._tell(f"{played.transport.speed:g} times as fast as it happened")

        def action_loop(self) -> None:
            """Begin again at the end, or do not."""
            played.is_looping = not played.is_looping
            self._tell("looping" if played.is_looping else "ends at the end")

        def _tell(self, words: str) -> None:
            self.notify(words, timeout=2.0, markup=False)

    return ReplayApp(played.steps, title=title, on_mark=played.mark)
