"""Listening through the adapter: starts it, reads it, sets it going again, turns its filter.

The adapter is told where to listen and when to stop, and nothing else: no command here makes it
put a frame on the bus.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from canlock.errors import BusError
from canlock.model.frames import FrameBatch, frame_key
from canlock.model.stream import StreamItem
from canlock.sources.elm327.acceptance import filter_commands
from canlock.sources.elm327.adapter import Adapter, listen_again
from canlock.sources.elm327.coverage import (
    BUS_ERROR,
    DAMAGED,
    OVERFLOW,
    RESTARTED,
    SAMPLED,
    Coverage,
)
from canlock.sources.elm327.exchange import ensure, interrupt
from canlock.sources.elm327.filter_judge import FilterJudge
from canlock.sources.elm327.interlude import Interlude, Interludes
from canlock.sources.elm327.lines import (
    BUS_TROUBLE,
    FormJudge,
    Line,
    LineCutter,
    MonitoredFrame,
    Notice,
    Word,
)
from canlock.sources.elm327.patience import Patience
from canlock.sources.elm327.plan import Plan, Watched, Window, describe_plan, plan_windows
from canlock.sources.elm327.port import AdapterPort
from canlock.sources.elm327.stir import LONGEST_STIR_S, Stir

_PROMPT_S: Final = 0.3
"""`BUFFER FULL` and its like end in a prompt; where it does not come the adapter is stopped."""

_READ_S: Final = 0.2
_TURN_S: Final = 0.15
"""About what turning the filter takes, over what the dwell itself does."""

_OVERFLOWS_TO_REPLAN: Final = 3
_OVERFLOW_SPAN_S: Final = 10.0
"""So many in so long and the estimate was wrong: a narrower plan is made."""

BUFFER_BYTES: Final = 512
"""What the chip holds for a slow line (ELM327 data sheet); 0.13 s at 38,400 baud."""

_CHOKED_SHARE: Final = 0.7
"""Of the estimated load of a plan that ran over, what the next one may have."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A frame and when it was complete."""

    at_s: float
    frame: MonitoredFrame


@dataclass(frozen=True, slots=True)
class Trouble:
    """Frames were lost, or the bus could not be read."""

    at_s: float
    text: str


class Monitor:
    """A started adapter that listens. One thread only."""

    def __init__(
        self,
        port: AdapterPort,
        adapter: Adapter,
        plan: Plan,
        watched: Sequence[Watched] = (),
        interludes: Sequence[Interlude] = (),
    ) -> None:
        """Take over a port whose adapter has been set up.

        Args:
            port: The open port.
            adapter: As `start_up` found it.
            plan: What to listen to.
            watched: What the plan was made from; empty: it is never made anew.
            interludes: What else the adapter does between two stretches of listening.
        """
        self._port = port
        self._adapter = adapter
        self._stir = Stir()
        self.watch(watched)
        self._interludes = Interludes(interludes)
        self._cutter = LineCutter()
        self._judge = FormJudge(adapter.form)
        self._coverage = Coverage()
        self._ready: deque[Heard | Trouble] = deque()
        self._side: list[StreamItem] = []
        self._line_s = 0.0
        self._is_running = False
        self._is_ended_at: float | None = None
        """When the adapter said that it ends; its prompt is to follow."""

        self._is_fruitful = False
        """A frame came since it was started."""

        self._patience = Patience()
        self._position = 0
        self._turn_at = 0.0
        self._overflow_at: deque[float] = deque(maxlen=_OVERFLOWS_TO_REPLAN)
        self._filter: tuple[str, ...] | None = None
        self._filter_judge = FilterJudge()
        self.ignores_filters = False
        """It says OK to a filter and lets everything through all the same."""

        self.plan = plan
        self.counts: Counter[str] = Counter()
        """`frames`, `overflows`, `damaged`, `bus errors`, `restarts`."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of a report must know, in sentences."""
        plan = describe_plan(self.plan, len(self._watched))
        return (*(() if plan is None else (plan,)), *self._interludes.notes)

    def take_side_items(self) -> list[StreamItem]:
        """Return gaps, what the interludes gave, and every write since the last time."""
        items = [*self._coverage.take(), *self._side, *self._port.take_sent()]
        self._side.clear()
        return sorted(items, key=_begins_at)

    def receive(self, timeout_s: float) -> Heard | Trouble | None:
        """Return the next frame or trouble, or None where none came in time.

        Raises:
            BusError: The bus could not be read again and again.
            AdapterGoneError: The port failed.
        """
        deadline = self._port.tick() + timeout_s
        while not self._ready:
            left_s = deadline - self._port.tick()
            if not self._is_running:
                if not self._resume(left_s):
                    return None
            elif self.ignores_filters and self._can_filter:
                self._live_without_filter()
            elif self._is_due():
                self._turn()
            self._listen(max(0.0, min(left_s, _READ_S)))
            if not self._ready and self._port.tick() >= deadline:
                return None
        return self._ready.popleft()

    def watch(self, watched: Sequence[Watched]) -> None:
        """Take in what plans are made from."""
        self._watched = tuple(watched)
        self._stir.heed(one.key for one in watched if one.is_essential)

    def interject(self, interlude: Interlude) -> None:
        """Let something else have the adapter now and then."""
        self._interludes.add(interlude)

    def adapt(self, adapter: Adapter) -> None:
        """Take in that the adapter was set up otherwise; it must not be running."""
        self._adapter = adapter
        self._judge = FormJudge(adapter.form)
        self._filter = None

    def replace_plan(self, plan: Plan) -> None:
        """Listen to something else from now on."""
        self.stop()
        self.plan = plan
        self._position = 0

    def stop(self, why: str = RESTARTED) -> None:
        """Make the adapter stop; `receive` starts it again.

        Raises:
            AdapterGoneError: The port failed.
        """
        if not self._is_running:
            return
        left_s = self._port.now()
        for line in self._cutter.feed(interrupt(self._port)):
            if not line.is_prompt:
                self._take_line(line, left_s)
        self._cutter.clear()
        self._is_running = False
        self._is_ended_at = None
        self._coverage.lose(self._port.now(), why, since_s=left_s)

    def end(self) -> None:
        """Make the adapter stop for good.

        Raises:
            AdapterGoneError: The port failed.
        """
        self.stop()
        self._side += self._interludes.end()

    @property
    def _window(self) -> Window:
        return self.plan.windows[self._position % len(self.plan.windows)]

    @property
    def _can_filter(self) -> bool:
        return self._adapter.has_masks or self._adapter.has_exact_filters

    def _live_without_filter(self) -> None:
        self.stop()
        self.adapt(replace(self._adapter, has_masks=False, has_exact_filters=False))
        self.replace_plan(plan_windows(self._watched, self._adapter.baudrate, has_masks=False))

    def _resume(self, left_s: float) -> bool:
        """Start listening, after the rest that trouble demands; say whether it does."""
        wait_s = self._patience.rests_until - self._port.tick()
        if wait_s > 0:
            self._port.sleep(min(wait_s, max(left_s, 0.0)))
            if wait_s > left_s:
                return False
        self._start()
        return True

    def _start(self) -> None:
        """Let the interludes have their turn, and listen."""
        items, has_changed = self._interludes.run(self._port.tick())
        self._side += items
        if has_changed:
            listen_again(self._port, self._adapter)
            self._filter = None
        window = self._window
        commands = filter_commands(window.masks, has_exact_filters=self._adapter.has_exact_filters)
        if self._can_filter and tuple(commands) != self._filter:
            is_set = [ensure(self._port, command) for command in commands]
            self._filter = tuple(commands) if all(is_set) else None
            self._filter_judge = FilterJudge()
        self._cutter.clear()
        self._port.write(b"STM\r" if self._adapter.has_exact_filters else b"ATMA\r")
        self._is_running = True
        self._is_fruitful = False
        self._patience.begin()
        self._is_ended_at = None
        self._turn_at = self._port.tick() + (window.dwell_s or 0.0)
        self._coverage.begin(self._port.now())
        self._coverage.back(self._port.now(), window)

    def _is_due(self) -> bool:
        """Say whether it is time to turn the filter or for an interlude.

        While somebody is at the doors both wait, where they can.
        """
        now = self._port.tick()
        due = self._interludes.due(now)
        if any(not interlude.is_patient for interlude in due):
            return True
        overdue_s = [now - (interlude.due_at or now) for interlude in due]
        if self.plan.is_sampled and now >= self._turn_at:
            overdue_s.append(now - self._turn_at)
        if not overdue_s:
            return False
        can_wait = self.plan.kind != "sampled" and self._position == 0
        return not (can_wait and self._stir.is_on(now)) or max(overdue_s) >= LONGEST_STIR_S

    def _turn(self) -> None:
        """Stop, and go on with the next window where it is time."""
        now = self._port.tick()
        left_s = self._port.now()
        self.stop(SAMPLED if self.plan.is_sampled else RESTARTED)
        if self.plan.is_sampled and now >= self._turn_at:
            self._position = (self._position + 1) % len(self.plan.windows)
            window = self._window
            away_s = (window.dwell_s or 0.0) + _TURN_S
            self._coverage.turn(left_s, self.plan, window, away_s)
        self._start()

    def _listen(self, timeout_s: float) -> None:
        chunk = self._port.read(timeout_s)
        now_s = self._port.now()
        for line in self._cutter.feed(chunk):
            # What stands behind a line in its chunk came after it.
            self._line_s = max(self._line_s, now_s - line.tail * self._port.byte_s)
            self._take_line(line, self._line_s)
        if self._is_ended_at is not None and self._port.tick() - self._is_ended_at > _PROMPT_S:
            interrupt(self._port)
            self._end(now_s)

    def _take_line(self, line: Line, at_s: float) -> None:
        if line.is_prompt:
            self._end(at_s)
            return
        reading = self._judge.read(line.text)
        match reading:
            case MonitoredFrame() if self._is_let_through(reading):
                self._take_frame(reading, at_s)
            case Notice():
                self._take_notice(reading, at_s)
            case _:
                self._take_damage(line.text, at_s)

    def _is_let_through(self, frame: MonitoredFrame) -> bool:
        """Say whether the filter can have let it through: if not, its id was damaged."""
        if self._filter is None or not self._window.masks:
            return True
        passes = any(
            one.lets_through(frame.arbitration_id, is_extended=frame.is_extended)
            for one in self._window.masks
        )
        self.ignores_filters |= self._filter_judge.see(is_stray=not passes)
        return passes

    def _take_frame(self, frame: MonitoredFrame, at_s: float) -> None:
        self.counts["frames"] += 1
        self._is_fruitful = True
        self._coverage.heard(at_s)
        self._ready.append(Heard(at_s, frame))
        key = frame_key(frame.arbitration_id, is_extended=frame.is_extended)
        self._stir.see(key, frame.data, self._port.tick())

    def _take_notice(self, notice: Notice, at_s: float) -> None:
        word = notice.word
        if word is Word.BUFFER_FULL:
            self.counts["overflows"] += 1
            self._overflow_at.append(self._port.tick())
            self._lose(at_s, OVERFLOW, held_s=BUFFER_BYTES * self._port.byte_s)
            self._is_ended_at = self._port.tick()
        elif word in BUS_TROUBLE:
            self.counts["bus errors"] += 1
            self._patience.word = word
            self._lose(at_s, f"{BUS_ERROR}: {word.value.decode()}")
            self._is_ended_at = self._port.tick()
        elif word in (Word.RX_ERROR, Word.DATA_ERROR):
            self.counts["bus errors"] += 1
            self._coverage.miss(at_s, f"{BUS_ERROR}: {word.value.decode()}")
            self._ready.append(Trouble(at_s, word.value.decode()))
        elif word is not Word.OK and word is not Word.SEARCHING:
            if notice.has_cut_frame:
                self._coverage.miss(at_s, RESTARTED)
            self._is_ended_at = self._port.tick()

    def _lose(self, at_s: float, why: str, held_s: float = 0.0) -> None:
        self._coverage.lose(at_s, why, held_s=held_s)
        self._ready.append(Trouble(at_s, why))

    def _take_damage(self, text: bytes, at_s: float) -> None:
        command = b"STM" if self._adapter.has_exact_filters else b"ATMA"
        if text.strip() == command:
            return  # A clone that cannot be kept from repeating what it is told.
        self.counts["damaged"] += 1
        self._coverage.miss(at_s, DAMAGED)
        self._ready.append(Trouble(at_s, DAMAGED))

    def _end(self, at_s: float) -> None:
        """The adapter waits for a command: it no longer listens."""
        if not self._is_running:
            return
        self.counts["restarts"] += 1
        self._coverage.lose(at_s, RESTARTED)
        self._is_running = False
        self._is_ended_at = None
        self._replan_after_overflows()
        if self._patience.end(self._port.tick(), is_fruitful=self._is_fruitful):
            word = self._patience.word
            said = word.value.decode() if word is not None else "nothing of use"
            raise BusError(
                f"{self._port.channel}: the adapter says {said} again and again and no frame "
                "comes; is the bit rate right, and is this a CAN bus?"
            )

    def _replan_after_overflows(self) -> None:
        """Make a narrower plan where the estimate was wrong."""
        times = self._overflow_at
        is_often = len(times) == _OVERFLOWS_TO_REPLAN and times[-1] - times[0] < _OVERFLOW_SPAN_S
        if not is_often or not self._watched:
            return
        times.clear()
        narrower = plan_windows(
            self._watched,
            self._adapter.baudrate,
            has_masks=self._adapter.has_masks,
            has_exact_filters=self._adapter.has_exact_filters,
            most_hz=self._window.load_hz * _CHOKED_SHARE,
        )
        if narrower.windows != self.plan.windows:
            self.plan = narrower
            self._position = 0
            self._coverage.turn(self._port.now(), narrower, self._window, _TURN_S)


def _begins_at(item: StreamItem) -> float:
    return float(item.timestamp_s[0]) if isinstance(item, FrameBatch) else item.at_s
