"""Random streams: a frame-by-frame reference says the same, however the frames are cut."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from itertools import pairwise

import numpy as np
from cantools.database import Message, Signal
from cantools.database.conversion import BaseConversion
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import compile_layout
from canlock.model.frames import EXTENDED_BIT, FrameBatch, FrameFlag
from canlock.model.samples import Decoded, RoleSample, Value, join_breaks
from canlock.model.vehicle import MessageFacts, SignalMap, Vehicle

Values = dict[tuple[int, ...], str]
LOCK: Values = {(0,): "none", (1,): "lock", (2,): "unlock"}
ON: Values = {(0,): "off", (1,): "on"}
PATTERNS: Values = {(0, 0): "none", (1, 0): "lock", (1, 1): "deadlock", (2, 0): "lock"}
PAGES = BaseConversion.factory(choices={page: f"page {page}" for page in range(4)})  # type: ignore[arg-type]

DATABASE = [
    Message(
        0x60D,
        "BODY",
        3,
        [
            Signal("Order", 0, 2),
            Signal("Left", 2, 2),
            Signal("Right", 4, 2),
            Signal("Count", 8, 2),
            Signal("Number", 23, 8, "big_endian", is_signed=True),
        ],
    ),
    Message(
        0x18DA0001,
        "PAGED",
        3,
        [
            Signal("Page", 0, 2, conversion=PAGES, is_multiplexer=True),
            Signal("Front", 8, 2, multiplexer_ids=[0, 1], multiplexer_signal="Page"),
            Signal("Rear", 16, 2, multiplexer_ids=[2], multiplexer_signal="Page"),
        ],
        is_extended_frame=True,
    ),
    Message(0x100, "WIDE", 12, [Signal("Near", 0, 2), Signal("Far", 80, 2)]),
]
SIGNALS = {f"{m.name}.{s.name}": s for m in DATABASE for s in m.signals}

SINGLE = (
    SignalMap("command.lock", ("BODY.Order",), (), LOCK),
    SignalMap("command.lock", ("BODY.Order",), (), LOCK, counter="BODY.Count"),
    SignalMap("command.lock", ("BODY.Left", "BODY.Right"), (), PATTERNS),
    SignalMap("request.fob", ("BODY.Order",), (), LOCK, kind="event"),
    SignalMap("request.fob", ("BODY.Order",), (), LOCK, kind="event", first_is_event=True),
    SignalMap("request.fob", ("BODY.Order",), (), LOCK, kind="event", counter="BODY.Count"),
    SignalMap(
        "request.fob",
        ("BODY.Left", "BODY.Right"),
        (),
        PATTERNS,
        kind="event",
        first_is_event=True,
        counter="BODY.Count",
    ),
    SignalMap("ack.flasher", ("BODY.Left", "BODY.Right"), (), ON, combine="all", true_value="on"),
    SignalMap("ack.flasher", ("BODY.Left", "BODY.Right"), (), ON, combine="any", true_value="on"),
    SignalMap("fob.count", ("BODY.Number",)),
    SignalMap("door.ajar", ("PAGED.Front",), (), {(0,): "closed", (2,): "open"}),
    SignalMap("request.fob", ("PAGED.Rear",), (), LOCK, kind="event", first_is_event=True),
    SignalMap("ack.horn", ("WIDE.Near",), (), ON),
    SignalMap("ack.horn", ("WIDE.Far",), (), ON),
)
JOINT = (
    SignalMap("ack.horn", ("PAGED.Front", "PAGED.Rear"), (), ON, combine="any", true_value="on"),
    SignalMap("command.lock", ("BODY.Left", "WIDE.Far"), (), PATTERNS),
    SignalMap(
        "request.fob", ("PAGED.Front", "BODY.Left"), (), PATTERNS, kind="event", first_is_event=True
    ),
)
MEASURED = (
    SignalMap("supply.voltage", ("BODY.Number",)),
    SignalMap("vehicle.speed", ("WIDE.Far",)),
    SignalMap("supply.voltage", ("PAGED.Rear",)),
)


@dataclass(frozen=True)
class Frame:
    at_s: float
    arbitration_id: int
    flags: int
    payload: bytes


def a_decoder(*entries: SignalMap) -> Decoder:
    facts = [
        MessageFacts(
            message.name,
            message.frame_id | (EXTENDED_BIT if message.is_extended_frame else 0),
            message.length,
            period_s={"BODY": 0.1, "WIDE": 0.2}.get(message.name),
        )
        for message in DATABASE
    ]
    vehicle = Vehicle("a-car", "A car", (), entries, tuple(facts))
    return Decoder(vehicle, compile_layout(vehicle, SIGNALS.__getitem__))


@st.composite
def streams(draw: st.DrawFn) -> list[Frame]:
    """Frames of three messages: bits that often stay, pauses, short frames, no data."""
    at_s = 1_700_000_000.0
    found = []
    for _ in range(draw(st.integers(1, 60))):
        at_s += draw(st.sampled_from([0.0, 0.01, 0.1, 0.1, 0.45, 0.55, 3.0, -0.2]))
        message = draw(st.sampled_from([DATABASE[0], *DATABASE]))
        flags = FrameFlag.EXTENDED if message.is_extended_frame else FrameFlag(0)
        flags |= draw(st.sampled_from([FrameFlag(0)] * 12 + [FrameFlag.ERROR, FrameFlag.REMOTE]))
        if draw(st.integers(0, 19)) == 0:
            flags ^= FrameFlag.EXTENDED
        length = draw(st.sampled_from([message.length] * 12 + [0, 1, 2, 8, 16]))
        byte = st.sampled_from([0, 0, 1, 1, 2, 0b010001, 0b000100, 0b011001, 0xFF])
        payload = bytes(draw(byte) for _ in range(min(length, 3))).ljust(length, b"\0")
        if length > 10:
            payload = payload[:10] + bytes([draw(byte)]) + payload[11:]
        found.append(Frame(at_s, message.frame_id, int(flags), payload))
    return found


def to_batch(frames: list[Frame], *, is_wide: bool) -> FrameBatch:
    lengths = [len(frame.payload) for frame in frames]
    payload = np.zeros((len(frames), 64 if is_wide or max(lengths) > 8 else 8), np.uint8)
    for row, frame in enumerate(frames):
        payload[row, : lengths[row]] = list(frame.payload)
    return FrameBatch(
        np.array([frame.at_s for frame in frames]),
        np.array([frame.arbitration_id for frame in frames], np.uint32),
        np.array([frame.flags for frame in frames], np.uint8),
        np.array(lengths, np.uint8),
        np.zeros(len(frames), np.uint8),
        payload,
    )


def decode(
    frames: list[Frame], entries: tuple[SignalMap, ...], cuts: list[int], *, is_wide: bool = False
) -> Decoded:
    """Return what the batches between the cuts gave, joined."""
    decoder = a_decoder(*entries)
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(frames)}), len(frames)]
    parts = [
        decoder.decode(to_batch(frames[begin:end], is_wide=is_wide and begin % 2 == 0))
        for begin, end in pairwise(edges)
    ]
    return Decoded(
        parts[0].first_s,
        parts[-1].last_s,
        sum(part.frames for part in parts),
        tuple(sample for part in parts for sample in part.samples),
        tuple(column for part in parts for column in part.measures),
        tuple(silence for part in parts for silence in part.silences),
        parts[-1].lives,
        join_breaks([part.breaks for part in parts]),
        np.concatenate([part.hushes_s for part in parts]),
        np.concatenate([part.errors_s for part in parts]),
    )


def broken(decoded: Decoded) -> list[tuple[float, ...]]:
    breaks = decoded.breaks
    columns = (getattr(breaks, each.name).tolist() for each in fields(breaks))
    return sorted(zip(*columns, strict=True))


def measured(decoded: Decoded) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for column in decoded.measures:
        pairs = zip(column.at_s.tolist(), column.value.tolist(), strict=True)
        found.setdefault(column.role, []).extend(pairs)
    return found


@settings(max_examples=60, deadline=None)
@given(streams(), st.lists(st.integers(1, 59), max_size=8), st.booleans())
def test_it_does_not_matter_how_frames_are_cut_into_batches(
    frames: list[Frame], cuts: list[int], is_wide: bool
) -> None:
    entries = SINGLE + JOINT + MEASURED
    whole = decode(frames, entries, [])
    for other in (
        decode(frames, entries, list(range(1, len(frames)))),
        decode(frames, entries, cuts, is_wide=is_wide),
    ):
        assert other.samples == whole.samples
        assert other.silences == whole.silences
        assert other.lives == whole.lives
        assert measured(other) == measured(whole)
        assert broken(other) == broken(whole)
        assert np.array_equal(other.hushes_s, whole.hushes_s)
        assert np.array_equal(other.errors_s, whole.errors_s)
        assert (other.first_s, other.last_s, other.frames) == (
            whole.first_s,
            whole.last_s,
            whole.frames,
        )


@dataclass
class Reference:
    """One entry, frame by frame, in plain Python over what cantools decodes."""

    entry: SignalMap
    source: int
    samples: list[RoleSample] = field(default_factory=list)
    word: Value | None = None
    seen_s: float | None = None
    frame_s: float | None = None
    used_count: int | None = None
    order_count: int | None = None
    was_named: bool = False
    has_returned: bool = False
    has_spoken: bool = False
    has_paused: bool = False

    def take(self, at_s: float, raw: dict[str, int]) -> None:
        if self.frame_s is not None and at_s - self.frame_s > 0.5:
            self.has_paused = True
        self.frame_s = at_s
        entry = self.entry
        names = [name.partition(".")[2] for name in (*entry.signals, entry.counter) if name]
        if any(name not in raw for name in names):
            return
        count = raw[names[-1]] if entry.counter else None
        word = self.word_of(tuple(raw[name] for name in names[: len(entry.signals)]))
        self.has_returned = word is not None and not self.was_named
        is_unnamed_order = self.is_unnamed_order(word, count)
        if word is None:
            if not self.has_spoken and entry.kind == "state":
                self.tell(at_s, None, count, is_first=True)
            elif is_unnamed_order:
                self.tell(at_s, None, count, is_first=False, is_named=False)
            self.has_spoken = True
            return
        is_first = self.word is None
        if self.used_count is None:
            self.used_count = count
        if self.is_told(word, count, is_first=is_first):
            self.tell(at_s, word, count, is_first=is_first)
        if word != "none":
            self.used_count = count
        self.word, self.seen_s, self.has_spoken, self.has_paused = word, at_s, True, False

    def is_unnamed_order(self, word: Value | None, count: int | None) -> bool:
        """An order in a word that the file does not name is told: it must not pass for none."""
        was_named, self.was_named = self.was_named, word is not None
        if self.order_count is None:
            self.order_count = count
        is_new = count != self.order_count
        if word != "none":
            self.order_count = count
        if self.entry.role not in ("command.lock", "command.requestor") or word is not None:
            return False
        return is_new if count is not None and self.entry.kind == "event" else was_named

    def is_told(self, word: Value | None, count: int | None, *, is_first: bool) -> bool:
        is_active = word != "none"
        is_new_count = count is not None and is_active and count != self.used_count
        if self.entry.kind == "state":
            is_command = self.entry.role in ("command.lock", "command.requestor")
            is_again = is_command and is_active and self.has_returned
            return word != self.word or is_new_count or is_again
        if is_first:
            return self.entry.first_is_event and is_active
        if count is not None:
            return is_new_count
        is_pressed_again = self.entry.first_is_event and self.has_paused
        return is_active and (word != self.word or is_pressed_again)

    def word_of(self, raws: tuple[int, ...]) -> Value | None:
        values = self.entry.values
        if not values:
            return float(raws[0])
        if self.entry.combine is None:
            return values.get(raws)
        inputs = [values.get((raw,)) for raw in raws]
        decisive, other = ("off", "on") if self.entry.combine == "all" else ("on", "off")
        if decisive in inputs:
            return decisive
        return None if None in inputs else other

    def tell(
        self,
        at_s: float,
        word: Value | None,
        count: int | None,
        *,
        is_first: bool,
        is_named: bool = True,
    ) -> None:
        has_past = is_named and not is_first
        self.samples.append(
            RoleSample(
                at_s=at_s,
                role=self.entry.role,
                doors=(),
                value=word,
                previous=self.word if has_past else None,
                since_s=self.seen_s if has_past else None,
                kind=self.entry.kind,
                is_first=is_first,
                source=self.source,
                counter=count,
            )
        )


@settings(max_examples=80, deadline=None)
@given(streams())
def test_a_stream_says_what_the_rules_say_frame_by_frame(frames: list[Frame]) -> None:
    references = [Reference(entry, source) for source, entry in enumerate(SINGLE)]
    for frame in frames:
        is_extended = bool(frame.flags & FrameFlag.EXTENDED)
        for message in DATABASE:
            if frame.flags & (FrameFlag.ERROR | FrameFlag.REMOTE):
                continue
            if (message.frame_id, message.is_extended_frame) != (frame.arbitration_id, is_extended):
                continue
            raw = message.decode(
                frame.payload, decode_choices=False, scaling=False, allow_truncated=True
            )
            for reference in references:
                if reference.entry.message == message.name:
                    reference.take(frame.at_s, raw)  # type: ignore[arg-type]
    for source, reference in enumerate(references):
        found = [s for s in decode(frames, SINGLE, []).samples if s.source == source]
        assert found == reference.samples
