"""How long the trace takes to draw, filter and jump with a million frames, and what it costs live.

A capture is repeated until a million frames are kept. Times are medians of some rounds, in
milliseconds of one core.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from textual.app import App
from textual.pilot import Pilot

from canlock.bundled import bundled_folder
from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.frames import FrameBatch, join_batches
from canlock.pipeline.frame_history import FrameHistory
from canlock.pipeline.frame_window import FrameWindow
from canlock.sources.capture import open_capture
from canlock.tui.plot_screen import PlotScreen
from canlock.tui.plot_tracks import PlotTracks
from canlock.tui.plot_view import PlotView
from canlock.tui.trace_filter import TraceFilter, parse_filter
from canlock.tui.trace_list import TraceList
from canlock.tui.trace_screen import TraceScreen
from canlock.tui.trace_selection import Selection

CAPTURE = "qashqai-driver-door-gaiter.log"
VEHICLE = "nissan-qashqai-j10"
FRAMES = 1_000_000
ROUNDS = 7
FILTERS = (
    "id=60D",
    "BCM",
    "DriverLocked=locked",
    "SupplyVoltage<12.5",
    "data~01",
    "data~01xx03",
    "is=changed",
    "t>100 len>4",
)


def read_frames() -> FrameBatch:
    items = open_capture(bundled_folder("captures") / CAPTURE).batches()
    return join_batches([item for item in items if isinstance(item, FrameBatch)])


def fill(history: FrameHistory, frames: FrameBatch, count: int) -> float:
    """Repeat some frames until so many are kept; return nanoseconds a frame."""
    step_s = float(frames.timestamp_s[-1] - frames.timestamp_s[0]) + 0.001
    rounds = -(-count // len(frames))
    began_s = time.perf_counter()
    for number in range(rounds):
        history.take(replace(frames, timestamp_s=frames.timestamp_s + number * step_s))
    return (time.perf_counter() - began_s) / (rounds * len(frames)) * 1e9


def median_ms(act: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        act()
        times.append((time.perf_counter() - began_s) * 1000)
    return statistics.median(times)


def time_filters(history: FrameHistory) -> None:
    window = history.window()
    print(f"window of {len(window):,} frames: {median_ms(history.window):.2f} ms")
    for text in FILTERS:
        chosen = parse_filter(text, history.book())
        selection = Selection(chosen)
        selection.follow(window)
        spent_ms = median_ms(partial(follow, chosen, window))
        print(f"filter {text:22} {len(selection):9,} rows {spent_ms:7.1f} ms")


def follow(chosen: TraceFilter, window: FrameWindow) -> None:
    Selection(chosen).follow(window)


def time_plots(history: FrameHistory) -> None:
    loaded = history.loaded
    assert loaded is not None
    window = history.window()
    names = ("BCM_STATUS.DriverLocked", "IPDM_STATUS.SupplyVoltage", "VEHICLE_SPEED.Speed")

    def read() -> None:
        tracks = PlotTracks(loaded.vehicle, loaded.layout, history.book())
        tracks.follow(window, names, now=lambda: 0.0)

    print(f"plots read from {len(window):,} frames: {median_ms(read):.0f} ms, in slices of 30 ms")


class Bench(App[None]):
    """An app that shows nothing until it is told."""


async def time_screens(history: FrameHistory) -> None:
    for size in ((80, 24), (200, 60)):
        app = Bench()
        async with app.run_test(size=size) as pilot:
            await time_trace(app, pilot, history)
            await time_plot(app, pilot, history)


async def time_trace(app: Bench, pilot: Pilot[None], history: FrameHistory) -> None:
    await app.push_screen(TraceScreen(history))
    await pilot.pause(0.5)
    shown = app.screen.query_one(TraceList)
    label = f"{app.size.width}x{app.size.height}"
    count = shown.view.count
    jumps = iter(np.random.default_rng(1).integers(0, count, 10_000).tolist())

    def draw() -> None:
        shown.draw()
        for line in range(shown.size.height):
            shown.render_line(line)

    def jump() -> None:
        shown.move_to(next(jumps), is_centred=True)
        draw()

    print(f"{label} draw a screen of frames: {median_ms(draw):.2f} ms")
    print(f"{label} jump to any of {count:,} rows and draw: {median_ms(jump):.2f} ms")
    shown.set_by_ident(is_by_ident=True)
    print(f"{label} draw a screen of ids: {median_ms(draw):.2f} ms")
    shown.set_by_ident(is_by_ident=False)
    chosen = parse_filter("is=changed", history.book())

    def choose() -> None:
        shown.choose_rows(chosen)
        draw()

    print(f"{label} filter {count:,} rows by is=changed and draw: {median_ms(choose):.1f} ms")
    shown.choose_rows(parse_filter("", history.book()))
    for action in ("page(-1)", "move(-1)", "first", "last"):
        times = [await time_action(shown, action) for _ in range(ROUNDS)]
        print(f"{label} {action:8} until drawn: {statistics.median(times):.1f} ms")
    app.pop_screen()


async def time_action(shown: TraceList, action: str) -> float:
    """Return how long it takes from a key until the screen has been drawn, in milliseconds."""
    drawn = asyncio.Event()
    began_s = time.perf_counter()
    await shown.run_action(action)
    shown.call_after_refresh(drawn.set)
    await drawn.wait()
    return (time.perf_counter() - began_s) * 1000


async def time_plot(app: Bench, pilot: Pilot[None], history: FrameHistory) -> None:
    await app.push_screen(PlotScreen(history))
    await pilot.pause(2.0)
    shown = app.screen.query_one(PlotView)
    shown.action_all()
    label = f"{app.size.width}x{app.size.height}"
    print(f"{label} draw {len(shown.lanes)} plots of everything: {median_ms(shown.draw):.1f} ms")
    app.pop_screen()


async def time_live(frames: FrameBatch, rate: float, seconds: float) -> None:
    """Let frames come at a rate while a screen follows them; tell what the process uses."""
    for name, make in (("nothing", None), ("trace", TraceScreen), ("plots", PlotScreen)):
        history = FrameHistory(load_vehicle(VEHICLE))
        fill(history, frames, 300_000)
        last_s = float(history.window().parts[-1].rows.at_s[-1])
        app = Bench()
        async with app.run_test(size=(80, 24)) as pilot:
            if make is not None:
                await app.push_screen(make(history))
            await pilot.pause(1.5)
            stop = threading.Event()
            thread = threading.Thread(target=_feed, args=(history, frames, rate, last_s, stop))
            thread.start()
            began_s, used_s = time.perf_counter(), time.process_time()
            await asyncio.sleep(seconds)
            share = (time.process_time() - used_s) / (time.perf_counter() - began_s)
            stop.set()
            thread.join()
        print(f"live at {rate:,.0f} frames/s, 80x24, showing {name}: {share:.1%} of a core")


def _feed(
    history: FrameHistory, frames: FrameBatch, rate: float, last_s: float, stop: threading.Event
) -> None:
    batch_s = 0.03
    size = int(rate * batch_s)
    began_s = time.monotonic()
    number = 0
    while not stop.is_set():
        start = number * size % (len(frames) - size)
        batch = frames.take(slice(start, start + size))
        number += 1
        at_s = last_s + number * batch_s + np.linspace(0, batch_s, size, endpoint=False)
        history.take(replace(batch, timestamp_s=at_s))
        time.sleep(max(0.0, began_s + number * batch_s - time.monotonic()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--rate", type=float, default=8000.0)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    frames = read_frames()
    history = FrameHistory(load_vehicle(VEHICLE))
    print(f"{fill(history, frames, options.frames):.0f} ns to keep a frame")
    time_filters(history)
    time_plots(history)
    asyncio.run(time_screens(history))
    asyncio.run(time_live(frames, options.rate, options.seconds))


if __name__ == "__main__":
    main()
