"""A recorded car heard through an emulated adapter, and what canlock concludes from that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import can

from canlock.model.capture import CaptureInfo
from canlock.model.frames import FrameBatch, FrameFlag
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Gap, Sent, StreamItem
from canlock.pipeline.analysis import Analysis, in_step
from canlock.pipeline.recorded import (
    Recording,
    diagnose_recording,
    find_recording,
    read_side_items,
    vehicle_for,
)
from canlock.sources.canmessage import MessageColumns
from canlock.sources.capture import open_capture
from canlock.sources.elm327.adapter import start_up
from canlock.sources.elm327.monitor import Heard, Monitor
from canlock.sources.elm327.plan import Plan, Watched, Window, line_rate, plan_windows
from canlock.sources.elm327.watch import watched_messages
from elm.adapter_emulator import AdapterEmulator, BusFrame, Nature
from elm.adapter_ports import EmulatedPort

ROOT = Path(__file__).parents[2]
LEAD_S = 3.0
"""The adapter is started so long before the recording begins."""

BATCH = 50
Strategy = Literal["planned", "unfiltered", "rotating"]


@dataclass
class ElmRun:
    """What came of it."""

    snapshot: Snapshot
    plan: Plan
    emulator: AdapterEmulator
    gaps: list[Gap]
    frames: int


def recorded(name: str) -> tuple[Recording, Snapshot]:
    """Return a shipped capture and the verdict on it as it stands."""
    recording = find_recording(ROOT / "captures" / name)
    return recording, diagnose_recording(recording, vehicle_for(recording.path, None))


def frames_of(recording: Recording) -> tuple[list[tuple[float, BusFrame]], float]:
    """Return a capture's frames, their times from its start, and that start."""
    frames = []
    for batch in open_capture(recording.path).batches():
        if not isinstance(batch, FrameBatch):
            continue
        rows = zip(
            batch.timestamp_s.tolist(),
            batch.arbitration_id.tolist(),
            batch.flags.tolist(),
            batch.length.tolist(),
            batch.payload,
            strict=True,
        )
        for at_s, number, flags, length, payload in rows:
            if not flags & FrameFlag.ERROR:
                is_extended = bool(flags & FrameFlag.EXTENDED)
                data = payload[:length].tobytes()
                frames.append((at_s, BusFrame(number, data, is_extended)))
    start_s = frames[0][0]
    return [(at_s - start_s, frame) for at_s, frame in frames], start_s


def diagnose_through_elm(
    recording: Recording,
    *,
    baudrate: int = 38_400,
    nature: Nature | None = None,
    strategy: Strategy = "planned",
    foreign: list[tuple[float, BusFrame]] | None = None,
    tells_gaps: bool = True,
) -> ElmRun:
    """Play a capture to an emulated adapter and diagnose what comes out of it.

    `foreign`: further frames by time; `tells_gaps` False: as a reader without conscience would.
    """
    loaded = vehicle_for(recording.path, None)
    frames, start_s = frames_of(recording)
    duration_s = frames[-1][0]
    both = sorted([*frames, *(foreign or [])], key=lambda entry: entry[0])
    emulator = AdapterEmulator(
        nature or Nature(),
        baudrate,
        traffic=((LEAD_S + at_s, frame) for at_s, frame in both),
    )
    port = EmulatedPort(emulator, offset_s=start_s - LEAD_S)
    adapter = start_up(port, 500_000, is_extended=False)
    watched = watched_messages(loaded.vehicle)
    plan = _plan(strategy, watched, baudrate, has_exact_filters=adapter.has_exact_filters)
    monitor = Monitor(port, adapter, plan, watched if strategy == "planned" else ())
    gaps: list[Gap] = []
    analysis = Analysis(loaded)
    side = read_side_items(recording, loaded, start_s)
    frames_heard = 0
    for item in in_step(_stream(monitor, port, duration_s + LEAD_S), side.items):
        if isinstance(item, FrameBatch):
            frames_heard += len(item)
        elif isinstance(item, Gap):
            gaps.append(item)
            if not tells_gaps:
                continue
        analysis.take(item)
    info = CaptureInfo("emulated", "live", first_s=start_s)
    return ElmRun(analysis.snapshot(info), monitor.plan, emulator, gaps, frames_heard)


def _plan(
    strategy: Strategy, watched: tuple[Watched, ...], baudrate: int, *, has_exact_filters: bool
) -> Plan:
    if strategy == "planned":
        return plan_windows(watched, baudrate, has_exact_filters=has_exact_filters)
    if strategy == "unfiltered":
        return plan_windows(watched, baudrate, has_masks=False)
    windows = tuple(
        Window(only.windows[0].masks, only.keys, 10.0, 1.0)
        for only in (plan_windows([one], baudrate) for one in watched)
    )
    return Plan("sampled", windows, line_rate(baudrate))


def _stream(monitor: Monitor, port: EmulatedPort, until_s: float) -> Iterator[StreamItem]:
    columns = MessageColumns()
    held: list[can.Message] = []
    while port.tick() < until_s:
        item = monitor.receive(0.05)
        if isinstance(item, Heard):
            held.append(
                can.Message(
                    timestamp=item.at_s,
                    arbitration_id=item.frame.arbitration_id,
                    is_extended_id=item.frame.is_extended,
                    data=item.frame.data,
                )
            )
        if item is None or len(held) > BATCH:
            # Gaps first: what the frames seem to lack is explained before it is missed.
            yield from (one for one in monitor.take_side_items() if not isinstance(one, Sent))
            if held:
                yield columns.batch(held)
            held = []
