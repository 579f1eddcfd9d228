"""`canlock watch`: a live bus into the live view, or into JSON lines."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from canlock.cli.arming import AllowRequests, CarStands, arm_polling
from canlock.cli.output import has_screen, say, warn
from canlock.cli.plain import Plain, print_plain
from canlock.cli.web import DEFAULT_AT, Web, WebAt, serve_view
from canlock.errors import CanlockError

if TYPE_CHECKING:
    from canlock.model.link import LinkStatus
    from canlock.model.snapshot import Snapshot
    from canlock.model.stream import StreamItem
    from canlock.pipeline.bus_group import BusGroup
    from canlock.pipeline.frame_history import FrameHistory
    from canlock.pipeline.recognising import Recognised
    from canlock.pipeline.watching import Attached, Consumer, Watch
    from canlock.reports.live_json import LiveLines
    from canlock.sources.obd.armed import Arming

CLOSING_S: Final = 10.0
"""How long leaving waits for files and adapters to be closed."""

Interface = Annotated[
    str | None,
    typer.Option(
        "-i", "--interface", metavar="I", help="python-can's interface; else as it is configured."
    ),
]
Channel = Annotated[
    str | None,
    typer.Option("-c", "--channel", metavar="C", help="Channel, or several: can0,can1."),
]
Bitrate = Annotated[
    int | None,
    typer.Option("-b", "--bitrate", metavar="N", help="Bits a second; it is never guessed."),
]
BusArguments = Annotated[
    list[str] | None,
    typer.Option("--bus-kwargs", metavar="KEY=VALUE", help="More of python-can's settings."),
]
VehicleName = Annotated[
    str | None,
    typer.Option(
        "--vehicle",
        metavar="V",
        help="A shipped vehicle's name or a vehicle file; without it the fitting one is used.",
    ),
]


def watch(  # noqa: PLR0913, PLR0917 - each is an option of the command.
    interface: Interface = None,
    channel: Channel = None,
    bitrate: Bitrate = None,
    bus_kwargs: BusArguments = None,
    vehicle: VehicleName = None,
    headless: Annotated[
        bool,
        typer.Option(
            "--headless",
            help="Print one JSON object a line, canlock.live/1; so too where there is no terminal.",
        ),
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record",
            metavar="FILE",
            help="Record all frames, marks and the rest; the suffix tells the format.",
        ),
    ] = None,
    rotate_mb: Annotated[
        float | None, typer.Option("--rotate-mb", metavar="N", help="Files of so many megabytes.")
    ] = None,
    rotate_minutes: Annotated[
        float | None,
        typer.Option("--rotate-minutes", metavar="N", help="Files of so long."),
    ] = None,
    incidents: Annotated[
        Path | None,
        typer.Option(
            "--incidents",
            metavar="DIR",
            help="Keep the seconds about each failed operation, with its report, in this folder.",
        ),
    ] = None,
    duration: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", help="End by itself after so long.")
    ] = None,
    stop_below: Annotated[
        float | None,
        typer.Option(
            "--stop-below",
            metavar="V",
            help="End when the supply stays below so many volts, 0: never; "
            "11.8 with --headless, else never.",
        ),
    ] = None,
    allow_requests: AllowRequests = False,
    car_stands: CarStands = False,
    plain: Plain = False,
    web: Web = False,
    web_at: WebAt = DEFAULT_AT,
) -> None:
    """Watch a live bus: nothing is sent, and the verdict grows while you press and pull.

    The adapter is held silent where it can be, and a plain word says whether it is. Only with
    --allow-requests the inputs that the vehicle file lists in [[poll]] are asked for meanwhile.
    """
    from canlock.pipeline.supply_watch import LIMIT_V, SupplyWatch
    from canlock.pipeline.watching import Attached

    if web:
        serve_view(f"watch: {interface or 'bus'}:{channel or ''}", web_at)
        return
    headless = not plain and (headless or not has_screen())
    stop = threading.Event()
    arming = arm_polling(vehicle, channel, car_stands=car_stands) if allow_requests else None
    group = open_group(interface, channel, bitrate, bus_kwargs, arming)
    consumers = _consumers(group, record, rotate_mb, rotate_minutes, incidents)
    with stopping_on_signals(stop.set), _ending_after(duration, stop):
        items = group.items(stop)
        try:
            found = find_vehicle(group, items, stop, vehicle)
        except BaseException:
            _close(group, consumers)
            raise
        if found is None:
            _close(group, consumers)
            return
        limit_v = stop_below if stop_below is not None else (LIMIT_V if headless else 0.0)
        attached = Attached(
            consumers,
            tuple(str(problem) for problem in found.loaded.warnings),
            supply=SupplyWatch(limit_v) if limit_v > 0 else None,
            on_speed=arming.gate.note_speed if arming is not None else None,
        )
        _run(group, found, items, attached, stop, headless=headless, plain=plain)


def _run(
    group: BusGroup,
    found: Recognised,
    items: Iterator[StreamItem],
    attached: Attached,
    stop: threading.Event,
    *,
    headless: bool,
    plain: bool = False,
) -> None:
    from canlock.pipeline.watching import Watch

    def everything() -> Iterator[StreamItem]:
        yield from found.head
        yield from items

    if plain:
        session = Watch(group, found.loaded, everything(), stop, attached)
        print_plain(session.steps(), group.links)
        if session.ending is not None:
            warn(session.ending)
        return
    if not headless:
        from canlock.pipeline.frame_history import FrameHistory

        frames = FrameHistory(found.loaded)
        attached = replace(attached, consumers=(*attached.consumers, frames))
        session = Watch(group, found.loaded, everything(), stop, attached)
        raise typer.Exit(show_live(session, frames, title=f"watch: {group.info.path}"))
    from canlock.reports.live_json import LiveLines

    lines = LiveLines()
    attached = replace(
        attached, on_detected=lambda detected: _say_all(lines.events(detected.events))
    )
    session = Watch(group, found.loaded, everything(), stop, attached)
    print_live(session, lines, group.links)


def _consumers(
    group: BusGroup,
    record: Path | None,
    rotate_mb: float | None,
    rotate_minutes: float | None,
    incidents: Path | None,
) -> tuple[Consumer, ...]:
    """Return what takes all that comes.

    Raises:
        SourceError: A file or folder cannot be written.
    """
    from canlock.pipeline.incidents import Incidents
    from canlock.reports.text import render_text
    from canlock.sources.recording import Recorder, Rotation

    if record is None and (rotate_mb is not None or rotate_minutes is not None):
        group.close()
        raise typer.BadParameter("--rotate-mb and --rotate-minutes go with --record")
    consumers: list[Consumer] = []
    try:
        if record is not None:
            consumers.append(Recorder(record, Rotation(rotate_mb, rotate_minutes)))
        if incidents is not None:
            consumers.append(Incidents(incidents, render_text))
    except BaseException:
        _close(group, consumers)
        raise
    return tuple(consumers)


def _close(group: BusGroup, consumers: Sequence[Consumer]) -> None:
    group.close()
    for consumer in consumers:
        consumer.close()


def print_live(session: Watch, lines: LiveLines, links: Sequence[LinkStatus]) -> None:
    """Print what happens in a session, one JSON object a line, until it ends."""
    _say_all(lines.buses(links, None))
    last: Snapshot | None = None
    with closing(session.steps()) as steps:
        for last in steps:
            _say_all(lines.look(last))
    if last is not None:
        _say_all(lines.look(last, is_last=True))
    if session.ending is not None:
        warn(session.ending)


def show_live(session: Watch, frames: FrameHistory, *, title: str) -> int:
    """Show a session in the live view until the person quits, and wait until all is closed.

    Raises:
        CanlockError: What ended the session.
    """
    from canlock.tui.app import LiveApp
    from canlock.tui.session import Session
    from canlock.tui.turns import run_undisturbed

    shown = Session(session.steps(), session.side.put, frames=frames)
    app = LiveApp(lambda: shown, title=title)
    # A signal must not leave the terminal as the live view has set it up.
    with stopping_on_signals(app.exit):
        run_undisturbed(app.run_async())
    session.stop.set()
    app.feed.wait()
    session.wait_closed(CLOSING_S)
    if app.failure is not None:
        raise app.failure
    if session.ending is not None:
        warn(session.ending)
    return app.return_code or 0


def open_group(
    interface: str | None,
    channel: str | None,
    bitrate: int | None,
    arguments: list[str] | None,
    arming: Arming | None = None,
) -> BusGroup:
    """Return the buses that the options name, opened to be listened to.

    Args:
        interface: python-can's interface.
        channel: Its channel, or several, divided by commas.
        bitrate: Bits a second.
        arguments: Further settings as `KEY=VALUE`.
        arming: What is polled besides, where the user allowed it.

    Raises:
        BusError: One of them cannot be opened, or python-can's configuration is wrong.
    """
    from canlock.pipeline.bus_group import BusGroup
    from canlock.sources.bus import BusReader
    from canlock.sources.listening import open_listening

    opener = open_listening
    if arming is not None:
        from canlock.sources.obd.armed import open_armed

        opener = partial(open_armed, arming=arming)
    options = dict(_argument(text) for text in arguments or ())
    channels: list[str | None] = [None]
    if channel is not None:
        channels = [part.strip() for part in channel.split(",") if part.strip()] or [channel]
    group = BusGroup(
        [
            BusReader(interface, one, bitrate=bitrate, options=options, opener=opener)
            for one in channels
        ]
    )
    group.open()
    for link in group.links:
        warn(f"{link.name}: {link.silence.words}")
    return group


def _argument(text: str) -> tuple[str, object]:
    from canlock.sources.listening import read_setting

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise typer.BadParameter(f"found `{text}`, expected KEY=VALUE", param_hint="--bus-kwargs")
    return name.strip(), read_setting(value)


def find_vehicle(
    group: BusGroup, items: Iterator[StreamItem], stop: threading.Event, name: str | None
) -> Recognised | None:
    """Return the vehicle, named or recognised by its frames; None where nothing came until `stop`.

    Raises:
        VehicleError: It cannot be loaded, or none or several fit.
    """
    from canlock.decoding.vehicle_file import load_vehicle
    from canlock.pipeline.recognising import Recognised, recognise_live

    if name is not None:
        return Recognised(load_vehicle(name), ())
    warn("listening for some seconds to recognise the vehicle; --vehicle names it at once")
    found = recognise_live(
        items,
        stop,
        lambda: warn(f"nothing comes on {group.info.path} yet: wake the car, open a door"),
    )
    if found is None:
        warn("no frame came")
    else:
        warn(f"the vehicle was recognised by its frames: {found.loaded.vehicle.id}")
    return found


@contextmanager
def stopping_on_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call `stop` on Ctrl-C and on a request to end (SIGTERM), in place of dying on the spot."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread may say what a signal does.
        return
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, lambda *_: stop() and None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _ending_after(duration_s: float | None, stop: threading.Event) -> Iterator[None]:
    if duration_s is None:
        yield
        return
    if duration_s <= 0:
        raise CanlockError(f"found --for {duration_s:g}, expected more than 0 seconds")
    timer = threading.Timer(duration_s, stop.set)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _say_all(lines: Iterator[str]) -> None:
    for line in lines:
        say(line)
