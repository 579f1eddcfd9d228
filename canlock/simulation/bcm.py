"""The body control module: from a request to a command, or to a reason why not."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from canlock.simulation.bcm_parameters import BcmParameters
from canlock.simulation.clock import Clock, Process, Timer
from canlock.simulation.door import Door
from canlock.simulation.outputs import LOCK, UNLOCK, Line, Outputs
from canlock.simulation.recorder import Recorder
from canlock.simulation.supply import Supply

OBEYED_S: Final = 1.2
"""By then a healthy lock has moved; shorter than the time between two presses of most people."""

COUNT_WINDOW_S: Final = 20.0
COUNT_REST_S: Final = 30.0
"""Operation count and rest: DOMAIN 1.2, Fiat (S14)."""

BEEP_S: Final = 0.4
"""Length of the buzzer's sound; judgement."""

REOPEN_S: Final = 0.8
"""A lock with the key inside and a door open is taken back so soon (DOMAIN 2.1: within 2 s)."""

REMOTE_SOURCES: Final = ("fob", "handle", "remote")
"""Sources that are answered with a flash (Nissan: on remote operation, DOMAIN 0.4)."""


@dataclass(slots=True)
class Order:
    """One command as it was given, for the truth."""

    at_s: float
    action: str
    doors: tuple[str, ...]
    requestor: str
    obeyed: tuple[str, ...] = ()
    """Doors whose lever stood right after `OBEYED_S`, whatever was believed."""

    is_overtaken: bool = False
    """Another order came before that: what the levers did says nothing of this one."""


class Bcm:
    """Takes requests, weighs them, drives the outputs and answers back."""

    def __init__(  # noqa: PLR0913, PLR0917 - a part is given all that it is wired to.
        self,
        clock: Clock,
        recorder: Recorder,
        supply: Supply,
        outputs: Outputs,
        doors: Mapping[str, Door],
        parameters: BcmParameters,
        chance: random.Random,
        driver: str,
    ) -> None:
        self._clock = clock
        self._recorder = recorder
        self._supply = supply
        self._outputs = outputs
        self._doors = doors
        self.parameters = parameters
        self._chance = chance
        self._driver = driver
        self.orders: list[Order] = []
        self.refusals: list[tuple[float, str]] = []
        self.has_power = False
        """Ignition on."""

        self.key_is_inside = False
        """A fob lies in the car, or a key is in its lock."""

        self.is_down = False
        self.flashed: Callable[[int], None] = lambda _: None
        """Called with the number of answer-back flashes, for who looks at the car."""

        self._stirred_s = clock.now_s
        self._turn = 0
        self._driver_unlocked_at_s: float | None = None
        self._relock: Timer | None = None
        self._operations_at_s: list[float] = []
        self._resting_until_s = -1.0
        for name, door in doors.items():
            believed = "locked" if door.is_locked else "unlocked"
            recorder.note("lock.status", believed, name, provenance="belief")
            # What was ordered last, and long ago: a bus that holds wanted states still shows it.
            recorder.announce("command.lock", believed.removesuffix("ed"), name, is_new=False)
        clock.after(parameters.pulse_s, self._forget_order)
        recorder.note("command.inhibit", "no")
        recorder.note("bcm.uptime", clock.now_s - chance.uniform(600.0, 90_000.0))
        supply.listen(self._watch_supply)
        self.go_astray()

    @property
    def are_doors_shut(self) -> bool:
        """Tell whether the door switches say so."""
        return all(door.sensed_ajar == "closed" for door in self._doors.values())

    @property
    def believes_locked(self) -> bool:
        """Tell whether it takes the driver's door for locked."""
        told = self._recorder.latest("lock.status", self._driver, provenance="belief")
        return told != "unlocked"

    def order(self, action: str, requestor: str) -> None:
        """Command all doors for a reason of the car's own, or because a tester asks for it."""
        self._command(action, ("driver", "others"), requestor)

    def request(self, source: str, action: str, door: str | None = None) -> None:
        """Take a request that has been received.

        Args:
            source: `fob`, `handle`, `interior`, `cylinder` or `remote`.
            action: `lock` or `unlock`.
            door: The door at which it was asked for, where the source sits in one.
        """
        if self.is_down:
            return
        rested_s, self._stirred_s = self._clock.now_s - self._stirred_s, self._clock.now_s
        if self.parameters.deaf_after_s is not None and rested_s > self.parameters.deaf_after_s:
            return
        reason = self._find_reason(source, action)
        # Chance is drawn in any case, so that a fault shifts nothing else.
        luck = self._chance.random()
        if reason is not None:
            self._refuse(reason)
        elif luck >= self.parameters.drops_request:
            self._clock.start(self._serve(source, action, door))

    def go_astray(self) -> None:
        """Begin with the commands and resets of a broken controller, where it has such faults."""
        parameters = self.parameters
        if parameters.spurious_every_s is not None:
            self._clock.start(self._misbehave(parameters.spurious_every_s))
        if parameters.resets_every_s is not None:
            self._clock.start(self._stumble(parameters.resets_every_s))

    def forget_relock(self) -> None:
        """Somebody has come in, or locked: the car does not lock itself any more."""
        if self._relock is not None:
            self._relock.cancel()
            self._relock = None

    def reset(self) -> None:
        """The controller starts anew: off the bus, outputs off, counters and uptime back."""
        if self.is_down:
            return
        self.is_down = True
        self._turn += 1
        self._outputs.release()
        self.forget_relock()
        self._recorder.take_down("bcm")
        self._forget_order()
        self._recorder.note("command.requestor", "none")
        self._recorder.note("command.inhibit", "no")
        self._recorder.note("ack.flasher", "off")
        self._clock.after(self.parameters.boot_s, self._boot)

    def _forget_order(self) -> None:
        for name in self._doors:
            self._recorder.note("command.lock", "none", name)

    def _boot(self) -> None:
        self.is_down = False
        # Recorded as the instant from which it counts; the bus tells the time since.
        self._recorder.note("bcm.uptime", self._clock.now_s)
        self._recorder.bring_up("bcm")
        self._watch_supply()

    def _watch_supply(self) -> None:
        parameters = self.parameters
        if self._supply.volts < parameters.brownout_v:
            self.reset()
        elif parameters.suspends_when_low and self._supply.volts < parameters.low_voltage_v:
            # Not at once: the change that is being told of must first have reached every part.
            self._clock.after(0.0, self._outputs.release)

    def _find_reason(self, source: str, action: str) -> str | None:
        parameters = self.parameters
        now_s = self._clock.now_s
        if self._supply.volts < parameters.low_voltage_v:
            return "low-voltage"
        if now_s < self._resting_until_s:
            return "count"
        if self.has_power and parameters.refuses_fob_when_on and source in REMOTE_SOURCES:
            return "power"
        guards_key = self.key_is_inside and parameters.key_inside == "refuses"
        if action == "lock" and source in REMOTE_SOURCES and guards_key:
            return "key-inside"
        if not self.are_doors_shut and action == "lock" and parameters.refuses_lock_when_open:
            return "door-open"
        return None

    def _refuse(self, reason: str) -> None:
        self.refusals.append((self._clock.now_s, reason))
        self._recorder.announce("command.inhibit", reason)
        if reason == "key-inside":
            self._clock.start(self._beep())
        self._clock.after(
            self.parameters.inhibit_shown_s, lambda: self._recorder.note("command.inhibit", "no")
        )

    def _beep(self) -> Process[None]:
        """Sound the buzzer outside (DOMAIN 1.1, S26)."""
        self._recorder.note("ack.horn", "on")
        yield BEEP_S
        self._recorder.note("ack.horn", "off")

    def _serve(self, source: str, action: str, door: str | None) -> Process[None]:
        parameters = self.parameters
        late_s = 0.0
        if parameters.late_s is not None and self._chance.random() < parameters.late_share:
            late_s = self._chance.uniform(*parameters.late_s)
        yield parameters.latency_s * self._chance.uniform(0.8, 1.2) + late_s
        lines = self._choose_lines(action, source, door)
        self._command(action, lines, source)
        if parameters.relock_s is not None and action == "unlock" and source in REMOTE_SOURCES:
            self._relock = self._clock.after(parameters.relock_s, self._lock_again)
        is_caught = self.key_is_inside and not self.are_doors_shut
        if action == "lock" and parameters.key_inside == "reopens" and is_caught:
            yield REOPEN_S
            self._clock.start(self._beep())
            self.order("unlock", "auto-unlock")
        if self._chance.random() < parameters.doubled_share:
            yield self._chance.uniform(0.8, 2.0)
            self._command(action, lines, source)
        if self._chance.random() < parameters.reversed_share:
            yield self._chance.uniform(0.8, 2.5)
            self._command("lock" if action == "unlock" else "unlock", ("driver", "others"), "none")

    def _choose_lines(self, action: str, source: str, door: str | None) -> tuple[Line, ...]:
        """Return which lines besides the common one take part."""
        now_s = self._clock.now_s
        first_at_s, self._driver_unlocked_at_s = self._driver_unlocked_at_s, None
        # A handle that has no line of its own opens all doors.
        is_own = door in (None, self._driver)
        is_selective = self.parameters.selective and source in REMOTE_SOURCES and is_own
        if action == "lock" or not is_selective:
            return "driver", "others"
        if first_at_s is not None and now_s - first_at_s <= self.parameters.selective_window_s:
            return "driver", "others"
        self._driver_unlocked_at_s = now_s
        return ("driver",)

    def _lock_again(self) -> None:
        self._relock = None
        if self.are_doors_shut and not self.has_power and not self.is_down:
            self.order("lock", "auto-relock")

    def _command(self, action: str, lines: tuple[Line, ...], source: str) -> None:
        self.forget_relock()
        if self.is_down:
            return
        self._turn += 1
        self._count_operation()
        doors = tuple(name for name in self._doors if self._outputs.line_of(name) in lines)
        word = "deadlock" if action == "lock" and self._deadlocks(source) else action
        order = Order(self._clock.now_s, word, doors, source)
        if self.orders and order.at_s - self.orders[-1].at_s < OBEYED_S:
            self.orders[-1].is_overtaken = True
        self.orders.append(order)
        self._clock.after(OBEYED_S, lambda: self._check(order))
        self._recorder.announce("command.requestor", source)
        self._clock.start(self._execute(word, lines, doors, self._turn))
        answers = source in REMOTE_SOURCES or (
            source == "auto-relock" and self.parameters.relock_flashes
        )
        if answers:
            self._clock.start(self._flash(1 if action == "lock" else 2, self._turn))

    def _check(self, order: Order) -> None:
        """Take down, for the truth alone, which levers stand as ordered."""
        wants_locked = order.action != "unlock"
        order.obeyed = tuple(
            name for name in order.doors if self._doors[name].is_locked == wants_locked
        )

    def _deadlocks(self, source: str) -> bool:
        return self.parameters.deadlocks and source in (*REMOTE_SOURCES, "auto-relock")

    def _count_operation(self) -> None:
        now_s = self._clock.now_s
        recent = [at_s for at_s in self._operations_at_s if now_s - at_s <= COUNT_WINDOW_S]
        self._operations_at_s = [*recent, now_s]
        if self.parameters.counts_operations and len(self._operations_at_s) >= 8:
            self._resting_until_s = now_s + COUNT_REST_S

    def _execute(
        self, word: str, lines: tuple[Line, ...], doors: tuple[str, ...], turn: int
    ) -> Process[None]:
        """Drive the motors, and again where a lock switch says that it was in vain."""
        wanted = "unlocked" if word == "unlock" else "locked"
        for attempt in range(1 + self.parameters.retries):
            for name in doors:
                self._doors[name].arm_deadlock(deadlocks=word == "deadlock")
                self._recorder.announce("command.lock", word, name, is_new=attempt == 0)
            self._outputs.drive(UNLOCK if word == "unlock" else LOCK, lines)
            for name in doors:
                believed = "deadlocked" if word == "deadlock" else wanted
                self._recorder.note("lock.status", believed, name, provenance="belief")
            if self._chance.random() < self.parameters.resets_at_pulse:
                self._clock.after(self.parameters.pulse_s / 3, self.reset)
            yield self.parameters.pulse_s
            if turn != self._turn:
                return
            self._outputs.release()
            self._forget_order()
            yield self.parameters.retry_gap_s
            if turn != self._turn or self._are_all(wanted, doors):
                return

    def _are_all(self, wanted: str, doors: tuple[str, ...]) -> bool:
        """Tell whether every lock switch that there is agrees."""
        return all(self._doors[name].sensed_lock in (None, wanted) for name in doors)

    def _flash(self, count: int, turn: int) -> Process[None]:
        """Answer back with the indicators: once for lock, twice for unlock (DOMAIN 0.4)."""
        yield self.parameters.flash_delay_s
        self.flashed(count)
        for _ in range(count):
            if turn != self._turn:
                break
            self._recorder.note("ack.flasher", "on")
            yield self.parameters.flash_on_s
            self._recorder.note("ack.flasher", "off")
            yield self.parameters.flash_off_s

    def _stumble(self, every_s: float) -> Process[None]:
        while True:
            yield self._chance.expovariate(1 / every_s)
            self.reset()

    def _misbehave(self, every_s: float) -> Process[None]:
        while True:
            yield self._chance.expovariate(1 / every_s)
            self._command(self._chance.choice(("lock", "unlock")), ("driver", "others"), "none")
