"""`canlock check`: leads through the tests that find the fault, one action at a time."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from canlock.cli.output import has_screen, say
from canlock.cli.watch import (
    CLOSING_S,
    Bitrate,
    BusArguments,
    Channel,
    Interface,
    VehicleName,
    find_vehicle,
    open_group,
    stopping_on_signals,
)
from canlock.errors import CanlockError

if TYPE_CHECKING:
    from canlock.cli.check_lines import Conversation, TypedLines
    from canlock.decoding.vehicle_file import LoadedVehicle
    from canlock.model.snapshot import Snapshot
    from canlock.model.stream import StreamItem
    from canlock.pipeline.bus_group import BusGroup
    from canlock.pipeline.guided_folder import CheckFolder
    from canlock.pipeline.guided_session import Guide
    from canlock.pipeline.watching import Watch

SLOWEST, FASTEST = 0.1, 100.0
REPORT_TEXT: Final = "report.txt"
REPORT_PAGE: Final = "report.html"


def check(  # noqa: PLR0913, PLR0917 - each is an option of the command.
    interface: Interface = None,
    channel: Channel = None,
    bitrate: Bitrate = None,
    bus_kwargs: BusArguments = None,
    vehicle: VehicleName = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--folder",
            metavar="DIR",
            help="Where it is kept; name the same one again to go on with a check that was left.",
        ),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            "--replay",
            metavar="CAPTURE",
            help="Check the car of a capture, played onto a virtual bus; its marks are left out.",
        ),
    ] = None,
    speed: Annotated[
        float, typer.Option("--speed", metavar="X", help="Of --replay: 0.1 to 100 times.")
    ] = 1.0,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Ask line by line, for screen readers and plain terminals."),
    ] = False,
) -> None:
    """Lead through the tests that find the fault, one action at a time, and stop when sure.

    It asks first how to reach the OBD socket. Nothing is sent to the car. All that comes and is
    answered is kept in a folder, with the report at the end; key q leaves, and the same --folder
    goes on from there.
    """
    from canlock.cli.check_lines import Conversation, TypedLines, ask_first
    from canlock.pipeline.guided import GuidedCheck
    from canlock.pipeline.guided_clock import CaptureClock
    from canlock.pipeline.guided_folder import CheckFolder, marks_of
    from canlock.pipeline.guided_session import Guide

    if not SLOWEST <= speed <= FASTEST:
        raise typer.BadParameter(
            f"found {speed:g}, expected {SLOWEST:g} to {FASTEST:g}", param_hint="--speed"
        )
    kept = CheckFolder(folder or Path(f"canlock-check-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
    loaded = _known_vehicle(kept, replay, vehicle)
    earlier = kept.read(loaded) if loaded is not None else ()
    guided = GuidedCheck(marks_of(earlier), asks_socket=replay is None)
    typed = TypedLines()
    if kept.parts:
        say(f"Going on with the check in {kept.path}.")
    if not guided.needs_bus:
        ask_first(Conversation(Guide(guided, lambda _: None)), typed)
    if guided.ending is not None:
        say(guided.ending.text)
        return
    stop = threading.Event()
    if replay is not None:
        from canlock.pipeline.guided_watch import PlayedBus

        played = PlayedBus(replay, speed)
        group, items = played.group, played.items(stop)
    else:
        group = open_group(interface, channel, bitrate, bus_kwargs)
        items = group.items(stop)
    opened = _open_watch(group, items, stop, kept, loaded, earlier, vehicle)
    if opened is None:
        return
    watch, steps = opened
    guide = Guide(guided, watch.side.put, CaptureClock(1.0 if replay is None else speed))
    if plain or not has_screen():
        _lead_by_lines(Conversation(guide), typed, watch, steps)
    else:
        _lead_on_screen(guide, watch, steps)
    _finish(guide, kept)


def _known_vehicle(
    kept: CheckFolder, replay: Path | None, name: str | None
) -> LoadedVehicle | None:
    """Return the vehicle of what was recorded so far, or of what is to be played; else None."""
    from canlock.pipeline.recorded import vehicle_for

    known = kept.parts[0] if kept.parts else replay
    return None if known is None else vehicle_for(known, name)


def _open_watch(
    group: BusGroup,
    items: Iterator[StreamItem],
    stop: threading.Event,
    kept: CheckFolder,
    loaded: LoadedVehicle | None,
    earlier: tuple[StreamItem, ...],
    vehicle: str | None,
) -> tuple[Watch, Generator[Snapshot]] | None:
    """Return the analysis of what comes, recorded from now on, and its Snapshots.

    None where nothing came.
    """
    from canlock.pipeline.guided_watch import FromNow, take_up, told_from_first
    from canlock.pipeline.recognising import Recognised
    from canlock.pipeline.watching import Attached, Watch
    from canlock.sources.recording import Recorder

    try:
        with stopping_on_signals(stop.set):
            found = (
                Recognised(loaded, ())
                if loaded is not None
                else find_vehicle(group, items, stop, vehicle)
            )
        if found is None:
            group.close()
            return None
        kept.make()
        recording = FromNow(Recorder(kept.next_part))
    except BaseException:
        group.close()
        raise
    live = take_up(earlier, chain(found.head, items), recording)
    notes = tuple(str(problem) for problem in found.loaded.warnings)
    watch = Watch(group, found.loaded, live, stop, Attached((recording,), notes))
    return watch, told_from_first(watch.steps(), recording, kept.path)


def _lead_by_lines(
    talk: Conversation, typed: TypedLines, watch: Watch, steps: Generator[Snapshot]
) -> None:
    from canlock.cli.check_lines import converse

    try:
        converse(talk, typed, steps)
    finally:
        watch.stop.set()
        watch.wait_closed(CLOSING_S)


def _lead_on_screen(guide: Guide, watch: Watch, steps: Generator[Snapshot]) -> None:
    from canlock.tui.check_app import CheckApp
    from canlock.tui.turns import run_undisturbed

    app = CheckApp(guide, steps)
    with stopping_on_signals(app.exit):
        run_undisturbed(app.run_async())
    watch.stop.set()
    app.feed.wait()
    watch.wait_closed(CLOSING_S)
    if app.failure is not None:
        raise app.failure


def _finish(guide: Guide, kept: CheckFolder) -> None:
    """Say how it ended, and write the report."""
    snapshot, ending = guide.snapshot, guide.ending
    say()
    if ending is not None:
        say(ending.text)
    if ending is None or ending.kind == "left":
        say(f"Go on later with the same command and `--folder {kept.path}`.")
    if snapshot is None or (ending is not None and ending.kind == "left"):
        return
    from canlock.reports.html_report import render_html
    from canlock.reports.text import render_text

    text = render_text(snapshot)
    say()
    say(text)
    try:
        (kept.path / REPORT_TEXT).write_text(text + "\n", encoding="utf-8")
        (kept.path / REPORT_PAGE).write_text(render_html(snapshot) + "\n", encoding="utf-8")
    except OSError as error:
        raise CanlockError(
            f"{kept.path}: the report cannot be written: {error.strerror}"
        ) from error
    say()
    say(f"The report is in {kept.path / REPORT_PAGE}, beside what was recorded.")
