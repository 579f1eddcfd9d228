"""The bus and the logger at it: from a recording of the car to columns of frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.encoder import (
    MessageShape,
    RawColumn,
    SignalShape,
    Variant,
    encode_rows,
    read_shape,
    scale_to_raw,
)
from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.model.frames import FD_BYTES, FrameBatch, FrameFlag
from canlock.model.vehicle import SignalMap, Vehicle
from canlock.simulation.background import Chatter, plan_chatter
from canlock.simulation.chance import Chance
from canlock.simulation.logger import (
    ERROR_SHAPE,
    Column,
    draw_bursts,
    draw_stalls,
    find_asleep,
    find_powered,
    miss_frames,
    tell_errors,
)
from canlock.simulation.recorder import Recorder
from canlock.simulation.schedule import (
    SLOW_S,
    BusParameters,
    Times,
    keep_within,
    queue_frames,
    schedule_changes,
    schedule_cycle,
    schedule_events,
    thin_out,
)
from canlock.simulation.tracks import Measure, TrackBuilder, Tracks
from canlock.simulation.traits import Traits

CHANNEL: Final = "can0"
BCM_ROLES: Final = ("command.", "ack.", "request.")
RUNNING_ROLES: Final = frozenset({"vehicle.speed"})
"""Messages that carry nothing else come from units that sleep with the ignition off."""

RESTLESS_S: Final = 1.0
"""A message with a longer cycle follows the voltage when it moves (measured on an E90)."""


class Bus:
    """Sends what a recording holds, as the vehicle file and its databases say."""

    def __init__(
        self,
        loaded: LoadedVehicle,
        traits: Traits,
        parameters: BusParameters,
        chance: Chance,
    ) -> None:
        self._vehicle: Vehicle = loaded.vehicle
        self._traits = traits
        self._parameters = parameters
        self._chance = chance
        self._shapes = {message.name: read_shape(message) for message in loaded.databases.messages}
        # An answer to a read comes only to who asks, and nobody does.
        self._answers = {poll.message for poll in loaded.vehicle.polls}
        self._mapped = [
            self._shapes[facts.name]
            for facts in loaded.vehicle.messages
            if facts.name in self._shapes and facts.name not in self._answers
        ]

    def log(
        self, recorder: Recorder, duration_s: float, start_s: float, *, from_s: float = 0.0
    ) -> FrameBatch:
        """Return what a logger has at the end of a session.

        Args:
            recorder: The session, closed.
            duration_s: Until which second of the session the logger runs.
            start_s: What its clock shows at second 0 of the session.
            from_s: In which second of the session it was switched on.
        """
        tracks = TrackBuilder(
            self._vehicle,
            self._traits,
            recorder,
            self._signal_shapes(),
            self._chance.stream("counters").randrange(256),
        ).build()
        columns = [self._send(shape, tracks, recorder, duration_s) for shape in self._mapped]
        columns += self._chat(recorder, duration_s)
        asleep = find_asleep(recorder, self._parameters, duration_s)
        log = self._join(columns, asleep, duration_s, start_s)
        return log.take(slice(int(np.searchsorted(log.timestamp_s, start_s + from_s)), None))

    def _signal_shapes(self) -> dict[str, SignalShape]:
        return {
            f"{shape.name}.{signal.name}": signal
            for shape in self._mapped
            for signal in shape.signals.values()
        }

    def _send(
        self, shape: MessageShape, tracks: Tracks, recorder: Recorder, duration_s: float
    ) -> Column:
        chance = self._chance.columns(f"bus/{shape.name}")
        entries = [entry for entry in self._vehicle.signals if self._carries(shape, entry)]
        times = self._schedule(shape, entries, tracks, duration_s, chance)
        outages = recorder.outages.get(self._node_of(shape, entries) or "", [])
        times = times[~keep_within(times, outages)]
        if entries and {entry.role for entry in entries} <= RUNNING_ROLES:
            times = times[keep_within(times, find_powered(recorder, duration_s))]
        raws = self._sample(shape, tracks, times, chance)
        raws.update(self._count_alive(shape, times, outages))
        variants = shape.variants
        if any(entry.first_is_event for entry in entries):
            # What is sent because of an event is the page that tells of it.
            variants = tuple(each for each in variants if each.signals & raws.keys()) or variants
        return Column(shape, times, encode_variants(shape, raws, len(times), variants))

    def _carries(self, shape: MessageShape, entry: SignalMap) -> bool:
        return any(signal.partition(".")[0] == shape.name for signal in entry.signals)

    def _schedule(
        self,
        shape: MessageShape,
        entries: list[SignalMap],
        tracks: Tracks,
        duration_s: float,
        chance: np.random.Generator,
    ) -> Times:
        parameters = self._parameters
        changes_s = tracks.changes_s.get(shape.name, [])
        busy_s = tracks.busy_s.get(shape.name, [])
        # Drawn in any case, so that one message's nature leaves the others' luck.
        drawn_s = float(chance.choice(parameters.undeclared_periods_s))
        is_told_at_once = bool(chance.random() < 0.3)
        if any(entry.first_is_event for entry in entries):
            told = schedule_changes(changes_s, parameters, chance, repeats=False)
            return thin_out(np.concatenate([told, schedule_events(busy_s, parameters, chance)]))
        facts = self._vehicle.message(shape.name)
        period_s = facts.period_s or shape.period_s or drawn_s
        cycle = schedule_cycle(period_s, -1.0, duration_s + 1.0, parameters, chance)
        if period_s >= RESTLESS_S:
            changes_s = [*changes_s, *self._restless(shape, tracks)]
        has_events = any(entry.kind == "event" for entry in entries)
        if not (period_s > SLOW_S or has_events or is_told_at_once):
            return thin_out(cycle)
        told = schedule_changes(changes_s, parameters, chance, repeats=period_s > SLOW_S)
        held = schedule_events(busy_s if period_s > SLOW_S else [], parameters, chance)
        return thin_out(np.concatenate([cycle, told, held]))

    def _restless(self, shape: MessageShape, tracks: Tracks) -> list[float]:
        return [
            at_s
            for name, measure in tracks.measures.items()
            if name.partition(".")[0] == shape.name and measure.role == "supply.voltage"
            for at_s in measure.at_s[1:]
        ]

    def _node_of(self, shape: MessageShape, entries: list[SignalMap]) -> str | None:
        """Return which node of the car sends a message: `bcm`, `door:` and the door, or None."""
        for alive in self._vehicle.alive:
            if alive.message == shape.name and alive.node == "door-module" and alive.doors:
                return f"door:{alive.doors[0]}"
        senders = {
            self._shapes[alive.message].sender
            for alive in self._vehicle.alive
            if alive.node == "bcm" and alive.message in self._shapes
        }
        is_own = any(alive.message == shape.name for alive in self._vehicle.alive)
        if is_own or (shape.sender is not None and shape.sender in senders):
            return "bcm"
        speaks = any(entry.role.startswith(BCM_ROLES) for entry in entries)
        return "bcm" if shape.sender is None and speaks else None

    def _sample(
        self, shape: MessageShape, tracks: Tracks, times: Times, chance: np.random.Generator
    ) -> dict[str, RawColumn | int]:
        raws: dict[str, RawColumn | int] = {}
        for name, signal in shape.signals.items():
            full_name = f"{shape.name}.{name}"
            track = tracks.tracks.get(full_name)
            measure = tracks.measures.get(full_name)
            if track is not None:
                raws[name] = track.raw[0] if len(track.raw) == 1 else track.sample(times)
            elif measure is not None:
                raws[name] = scale_to_raw(signal, self._measure(measure, times, chance))
        return raws

    def _measure(
        self, measure: Measure, times: Times, chance: np.random.Generator
    ) -> npt.NDArray[np.float64]:
        rows = np.searchsorted(np.array(measure.at_s), times, side="right") - 1
        values: Times = np.array(measure.value, np.float64)[np.maximum(rows, 0)]
        if measure.role == "bcm.uptime":
            values = times - values
        if measure.role == "supply.voltage":
            values = values + chance.normal(0.0, self._parameters.voltage_noise_v, len(times))
        return values

    def _count_alive(
        self, shape: MessageShape, times: Times, outages: list[tuple[float, float]]
    ) -> Iterator[tuple[str, RawColumn]]:
        """Yield rolling counters: one step a frame, from their start after each outage."""
        for alive in self._vehicle.alive:
            if alive.counter is None or alive.message != shape.name:
                continue
            name = alive.counter.partition(".")[2]
            signal = shape.signals[name]
            first = self._chance.stream(f"alive/{shape.name}").randrange(256)
            steps = np.arange(first, first + len(times))
            for _, until_s in outages:
                later = times >= until_s
                if later.any():
                    steps[later] = np.arange(int(later.sum()))
            span = signal.highest_raw - signal.lowest_raw + 1
            yield name, signal.lowest_raw + steps % span

    def _chat(self, recorder: Recorder, duration_s: float) -> list[Column]:
        """Return frames that no entry of the vehicle file maps."""
        mapped = {shape.name for shape in self._mapped} | self._answers
        silent = [shape for shape in self._shapes.values() if shape.name not in mapped]
        taken = {shape.arbitration_id for shape in self._shapes.values()}
        powered = find_powered(recorder, duration_s)
        columns = []
        for chatter in plan_chatter(
            silent, taken, self._parameters.background_hz, self._chance.stream("background")
        ):
            chance = self._chance.columns(f"background/{chatter.shape.name}")
            times = schedule_cycle(
                chatter.period_s, -1.0, duration_s + 1.0, self._parameters, chance
            )
            if chatter.needs_power:
                times = times[keep_within(times, powered)]
            columns.append(Column(chatter.shape, times, fill(chatter, len(times), chance)))
        return columns

    def _join(
        self,
        columns: list[Column],
        asleep: list[tuple[float, float]],
        duration_s: float,
        start_s: float,
    ) -> FrameBatch:
        bursts = list(draw_bursts(self._parameters, self._chance, duration_s))
        columns = [*columns, *tell_errors(bursts, self._parameters, self._chance)]
        counts = [len(column.at_s) for column in columns]
        width = max(column.payload.shape[1] for column in columns)
        times = np.concatenate([column.at_s for column in columns])
        keys = np.repeat([column.shape.arbitration_id for column in columns], counts)
        flags = np.repeat([flags_of(column.shape) for column in columns], counts)
        lengths = np.repeat([column.shape.length for column in columns], counts)
        is_lost = np.concatenate(
            [miss_frames(column, bursts, self._parameters, self._chance) for column in columns]
        )
        payload = np.zeros((len(times), width), np.uint8)
        row = 0
        for column in columns:
            end = row + len(column.at_s)
            payload[row:end, : column.payload.shape[1]] = column.payload
            row = end
        # Of frames that are due at once, the lower id wins the bus.
        order = np.lexsort((keys, times))
        sent = queue_frames(times[order])
        heard = (sent >= 0.0) & (sent <= duration_s) & ~is_lost[order]
        stalls = list(draw_stalls(self._parameters, self._chance, duration_s))
        heard &= ~keep_within(sent, [*asleep, *stalls])
        rows = order[heard]
        return FrameBatch(
            timestamp_s=np.round(start_s + sent[heard], 6),
            arbitration_id=keys[rows].astype(np.uint32),
            flags=flags[rows].astype(np.uint8),
            length=lengths[rows].astype(np.uint8),
            channel=np.zeros(len(rows), np.uint8),
            payload=payload[rows],
            channels=(CHANNEL,),
        )


def encode_variants(
    shape: MessageShape,
    raws: Mapping[str, RawColumn | int],
    rows: int,
    variants: tuple[Variant, ...],
) -> npt.NDArray[np.uint8]:
    """Return payloads of frames that take some multiplexer variants of a message in turn."""
    payload = np.zeros((rows, shape.width), np.uint8)
    for turn, variant in enumerate(variants[:rows]):
        chosen = slice(turn, rows, len(variants))
        own = {
            name: column if isinstance(column, int) else column[chosen]
            for name, column in raws.items()
        }
        payload[chosen] = encode_rows(shape, own, len(range(*chosen.indices(rows))), variant)
    return payload


def fill(chatter: Chatter, rows: int, chance: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return payloads of a message that has nothing to do with locks.

    Most of its bytes stand still; one counts, and some creep.
    """
    width = FD_BYTES if chatter.shape.length > 8 else 8
    payload = np.zeros((rows, width), np.uint8)
    for byte, nature in enumerate(chatter.natures):
        if nature == "still":
            payload[:, byte] = chance.integers(256)
        elif nature == "counts":
            payload[:, byte] = (np.arange(rows) + chance.integers(16)) % 16
        elif nature == "creeps":
            walk = chance.integers(256) + np.cumsum(chance.integers(-1, 2, rows))
            payload[:, byte] = walk % 256
    return payload


def flags_of(shape: MessageShape) -> int:
    """Return the flag bits of a message's frames."""
    if shape is ERROR_SHAPE:
        return int(FrameFlag.ERROR)
    flags = FrameFlag.EXTENDED if shape.is_extended else FrameFlag(0)
    if shape.is_fd:
        flags |= FrameFlag.FD | FrameFlag.BITRATE_SWITCH
    return int(flags)
