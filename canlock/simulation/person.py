"""The person at the car: what a hand can do, how long it takes, and what is noticed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from canlock.simulation.car import Car
from canlock.simulation.clock import Clock, Process
from canlock.simulation.habits import Habits
from canlock.simulation.latch import Handle
from canlock.simulation.marks import MarkBook

NEAR_M: Final = 0.8
"""Standing at a door."""

AT_HANDLE_M: Final = (0.3, 0.75)
"""The fob in a pocket, while a hand is at the handle; judgement."""

FAR_M: Final = 5.0
"""Walking up to the car; judgement."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that the person saw or heard, for the truth."""

    at_s: float
    text: str


class Person:
    """Does one thing at a time. Each method that takes time is a process to `yield from`."""

    def __init__(self, clock: Clock, car: Car, habits: Habits, chance: random.Random) -> None:
        self._clock = clock
        self.car = car
        self.habits = habits
        self.chance = chance
        self.marks = MarkBook(
            clock,
            chance,
            late_s=habits.mark_late_s,
            told_share=habits.marks_told,
            wrong_share=habits.marks_wrong,
            about=habits.marks_about,
            doors=car.traits.doors,
        )
        self.sights: list[Sight] = []
        self.distance_m = FAR_M
        self._flashes = 0
        car.bcm.flashed = self._notice_flash

    @property
    def now_s(self) -> float:
        """Return the time."""
        return self._clock.now_s

    def pause(self, low_s: float, high_s: float) -> Process[None]:
        """Wait a while, or do something that does not matter here."""
        yield self.chance.uniform(low_s, high_s)

    def react(self) -> Process[None]:
        """Take in what has happened and turn to the next thing."""
        yield self.habits.reaction_s * self.chance.lognormvariate(0.0, 0.25)

    def press_fob(self, action: str, *, spare: bool = False) -> Process[bool]:
        """Press a fob's button; return whether the car flashed in answer."""
        before = self._flashes
        hold_s = self.habits.hold_s * self.chance.lognormvariate(0.0, 0.2)
        press = self.car.press_fob(
            2 if spare else 1, action, distance_m=self.distance_m, hold_s=hold_s
        )
        self._clock.start(press)
        self.marks.write(f"press-{'spare-' if spare else ''}fob-{action}")
        yield from self.pause(0.7, 1.1)
        has_flashed = self._flashes > before
        self._see(f"the car {'flashed' if has_flashed else 'did not flash'} after {action}")
        return has_flashed

    def press_interior(self, action: str) -> Process[None]:
        """Press the lock button inside."""
        self._clock.start(self.car.press_interior(action, self.habits.hold_s))
        self.marks.write(f"press-interior-{action}")
        yield from self.pause(0.7, 1.1)

    def press_handle(self, door: str) -> Process[bool]:
        """Press the request switch on a door's handle; return whether the car flashed."""
        before = self._flashes
        self.distance_m = self.chance.uniform(*AT_HANDLE_M)
        press = self.car.press_handle(
            door, distance_m=self.distance_m, hold_s=self.habits.hold_s + 0.2
        )
        self._clock.start(press)
        self.marks.write("press-handle-switch", door)
        yield from self.pause(0.8, 1.2)
        return self._flashes > before

    def check_locked(self, door: str) -> Process[bool]:
        """Pull at a door that should be locked, and leave it so; return whether it opened."""
        self.marks.write("pull-outer-handle", door)
        is_free = yield from self.car.doors[door].pull("outer", self.habits.pull_s)
        if is_free:
            yield from self.car.doors[door].swing(self.habits.open_deg, self.habits.swing_s)
            self.marks.write("opened", door)
        return is_free

    def turn_mirror(self, door: str) -> Process[None]:
        """Set the mirror of a door."""
        mirror = self.car.doors[door].mirror
        if mirror is None:
            return
        direction = self.chance.choice(("up", "down"))
        turned = yield from mirror.turn(
            direction, self.chance.uniform(0.5, 1.2), has_power=self.car.bcm.has_power
        )
        self._see(f"the {door} mirror {'turned' if turned else 'did not turn'}")

    def blink(self, lamps: str) -> Process[None]:
        """Let the hazard lamps or one side's indicators blink for a while."""
        self._clock.start(self.car.blink(lamps, self.chance.randint(3, 7)))
        yield from self.pause(0.5, 3.0)

    def drive(self, duration_s: float) -> Process[None]:
        """Drive a round, the ignition being on."""
        yield from self.car.drive(self.chance.uniform(26.0, 45.0), duration_s)

    def leave_key(self, *, is_inside: bool) -> Process[None]:
        """Put the key into its place in the car, or take it out."""
        yield from self.pause(0.4, 0.9)
        self.car.leave_key(is_inside=is_inside)

    def try_handle(self, door: str, handle: Handle = "outer") -> Process[bool]:
        """Pull a handle, and open the door where it comes free; return whether it opened."""
        part = self.car.doors[door]
        self.distance_m = NEAR_M
        self.marks.write(f"pull-{handle}-handle", door)
        is_free = yield from part.pull(
            handle, self.habits.pull_s * self.chance.lognormvariate(0.0, 0.2)
        )
        if is_free:
            yield from part.swing(self.habits.open_deg, self.habits.swing_s)
        self.marks.write("opened" if is_free else "not-opened", door)
        self._see(f"the {door} door {'opened' if is_free else 'did not open'}")
        return is_free

    def press_and_pull(self, door: str) -> Process[None]:
        """Press unlock with the other hand on a handle already."""
        press = self.car.press_fob(
            1, "unlock", distance_m=self.distance_m, hold_s=self.habits.hold_s
        )
        self._clock.start(press)
        self.marks.write("press-fob-unlock")
        yield from self.pause(0.0, 0.25)
        yield from self.try_handle(door)

    def close(self, door: str) -> Process[None]:
        """Shut a door."""
        yield from self.car.doors[door].swing(0.0, self.habits.swing_s)
        self.marks.write("closed", door)

    def press_window(self, door: str, direction: str = "down") -> Process[bool]:
        """Hold the window switch of a door; return whether the pane moved."""
        window = self.car.doors[door].window
        if window is None:
            return False
        self.marks.write("press-window-switch", door)
        has_moved = yield from window.press(
            direction,
            self.chance.uniform(0.6, 1.4),
            has_power=self.car.bcm.has_power,
        )
        self.marks.write("window-moved" if has_moved else "window-dead", door)
        self._see(f"the {door} window {'moved' if has_moved else 'did not move'}")
        return has_moved

    def listen(self, door: str, action: str = "unlock") -> Process[None]:
        """Press a fob with an ear at a door, and say what was heard."""
        self.distance_m = NEAR_M
        motor = self.car.doors[door].motor
        motor.hush()
        yield from self.press_fob(action)
        self.marks.write(f"heard-{motor.sound}", door)
        self._see(f"{motor.sound} at the {door} door")

    def flex(self, door: str, presses: int = 3) -> Process[None]:
        """Work the gaiter of an open door to and fro, pressing the fob every 2 s."""
        self._clock.start(self.car.doors[door].flex(2.0 * presses))
        self.marks.write("flex-harness", door)
        for press in range(presses):
            yield from self.press_fob("unlock" if press % 2 else "lock")
            yield from self.pause(0.8, 1.2)

    def turn_mechanical_key(self, action: str) -> Process[None]:
        """Turn the key in the driver's door."""
        self.marks.write(f"turn-key-{action}", self.car.traits.driver)
        is_free = yield from self.car.turn_cylinder(action, self.habits.hold_s + 0.3)
        if not is_free:
            self.marks.write("knob-stiff", self.car.traits.driver)
        yield from self.pause(0.6, 1.2)

    def warm_latch(self, door: str) -> Process[None]:
        """Hold something warm to a latch for a while."""
        yield from self.pause(4.0, 7.0)
        self.car.doors[door].thaw(self.chance.uniform(0.5, 0.95))
        self.marks.write("warmed-latch", door)

    def sees_locked(self, door: str) -> bool:
        """Tell what a glance at a door's knob tells."""
        return self.car.doors[door].is_locked

    def feel_knob(self, door: str) -> Process[None]:
        """Move the inside knob of a door to and fro."""
        part = self.car.doors[door]
        was_locked = part.is_locked
        yield from self.pause(0.5, 1.0)
        is_free = part.turn_knob(to_locked=not was_locked)
        yield from self.pause(0.3, 0.6)
        if is_free:
            part.turn_knob(to_locked=was_locked)
        self.marks.write("knob-free" if is_free else "knob-stiff", door)

    def lock_by_hand(self, door: str) -> Process[None]:
        """Push the knob of a door down where it stands up."""
        yield from self.pause(0.8, 1.4)
        self.car.doors[door].turn_knob(to_locked=True)

    def come_near(self) -> Process[None]:
        """Walk up to the car."""
        yield from self.pause(1.0, 2.0)
        self.distance_m = NEAR_M
        self.marks.write("near-car")

    def walk_off(self) -> Process[None]:
        """Go some way off and come back part of it."""
        yield from self.pause(1.0, 2.0)
        self.distance_m = self.chance.uniform(2.5, 8.0)
        self.marks.write("far-from-car")

    def turn_key(self, state: str) -> Process[None]:
        """Turn the ignition to `off`, `acc` or `on`."""
        yield from self.pause(0.5, 1.0)
        self.car.set_power(state)
        yield from self.pause(0.3, 0.8)

    def _notice_flash(self, count: int) -> None:
        self._flashes += 1
        self._see(f"the indicators flash {count}x")

    def _see(self, text: str) -> None:
        self.sights.append(Sight(self._clock.now_s, text))
