"""`canlock check-tap`: can this tap see it?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Final

import typer

from canlock.cli.output import say, warn
from canlock.cli.watch import (
    Bitrate,
    BusArguments,
    Channel,
    Interface,
    VehicleName,
    find_vehicle,
    open_group,
    stopping_on_signals,
)
from canlock.errors import BusError, CanlockError, VehicleUnknownError

if TYPE_CHECKING:
    from canlock.model.link import LinkState, TapState
    from canlock.model.stream import StreamItem
    from canlock.pipeline.bus_group import BusGroup

LISTEN_S: Final = 10.0


def check_tap(
    interface: Interface = None,
    channel: Channel = None,
    bitrate: Bitrate = None,
    bus_kwargs: BusArguments = None,
    vehicle: VehicleName = None,
    seconds: Annotated[
        float, typer.Option("--for", metavar="SECONDS", help="How long to listen.")
    ] = LISTEN_S,
) -> None:
    """Say whether this tap can see what the locks do: ten seconds of listening, nothing is sent.

    Tells which messages of the vehicle live, at what rate, the bus load and error frames, and what
    to do where the bit rate is wrong, a gateway is in the way or the car sleeps.
    """
    if seconds <= 0:
        raise CanlockError(f"found --for {seconds:g}, expected more than 0 seconds")
    stop = threading.Event()
    group = open_group(interface, channel, bitrate, bus_kwargs)
    with stopping_on_signals(stop.set):
        timer = threading.Timer(seconds, stop.set)
        timer.daemon = True
        timer.start()
        try:
            state = _listen(group, stop, vehicle)
        except VehicleUnknownError as error:
            warn(error)
            raise typer.Exit(2) from None
        finally:
            timer.cancel()
            group.close()
    if state == "wrong-bitrate":
        _try_bitrates(group, interface, channel, bus_kwargs)


def _listen(group: BusGroup, stop: threading.Event, name: str | None) -> TapState:
    """Listen until `stop`, say what was heard, and return it in a word.

    Raises:
        VehicleUnknownError: None or several fit what was heard, which was said all the same.
    """
    from canlock.pipeline.tap import TapCheck

    began_at = time.monotonic()
    check = TapCheck(None)
    states: tuple[LinkState, ...] = ()

    def heard() -> Iterator[StreamItem]:
        nonlocal states
        for item in group.items(stop):
            check.take(item)
            # Those of a closed bus say nothing of how it was.
            states = states if stop.is_set() else tuple(link.state for link in group.links)
            yield item

    unknown: VehicleUnknownError | None = None
    items = heard()
    try:
        found = find_vehicle(group, items, stop, name)
    except VehicleUnknownError as error:
        unknown = error
    else:
        check.vehicle = found.loaded.vehicle if found is not None else None
    for _ in items:
        pass  # It is taken in on its way.
    links = tuple(
        replace(link, state=state or link.state) for link, state in zip_longest(group.links, states)
    )
    report = check.report(links, time.monotonic() - began_at, group.bitrate)
    for line in report.lines():
        say(line)
    if unknown is not None:
        raise unknown
    return report.state


def _try_bitrates(
    group: BusGroup, interface: str | None, channel: str | None, arguments: list[str] | None
) -> None:
    """Try the other bit rates that cars use, but only where silence is confirmed.

    An active node at a wrong rate destroys what the others send.
    """
    from canlock.pipeline.bitrates import BITRATES, hears_at

    if not all(link.silence.is_confirmed for link in group.links):
        say("- The bit rate is not guessed: the adapter may not be silent, and at a wrong rate it")
        say("  would destroy what the car's computers send.")
        return
    for bitrate in BITRATES:
        if bitrate == group.bitrate:
            continue
        try:
            tried = open_group(interface, channel, bitrate, arguments)
        except BusError:
            continue  # Not every adapter knows every bit rate.
        if hears_at(tried):
            say(f"- At {bitrate} bits a second good frames come: use `-b {bitrate}`.")
            return
    say("- At none of the other bit rates that cars use a good frame came.")
