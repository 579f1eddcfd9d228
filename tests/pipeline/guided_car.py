"""A simulated car led through a guided check: somebody does what it asks for, and says rightly."""

from __future__ import annotations

from dataclasses import dataclass, field

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.model.capture import CaptureInfo
from canlock.model.doors import door_name
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, MarkUndone, SideItem
from canlock.pipeline.analysis import Analysis, in_step
from canlock.pipeline.guided import GuidedCheck
from canlock.pipeline.guided_prompt import Prompt
from canlock.simulation.bus import Bus
from canlock.simulation.car import Car
from canlock.simulation.chance import Chance
from canlock.simulation.clock import Clock, Process
from canlock.simulation.drive import BEFORE_S, START_S, list_stages, set_up
from canlock.simulation.person import Person

NEAR_M = 0.8
FAR_M = 8.0
LATE_S = 0.4
"""Between the deed and the key."""

ANSWER_S = 2.0


@dataclass
class LedCar:
    """A car with a fault put in, its logger, and a person who does as they are asked."""

    fault: str
    door: str = "driver"
    vehicle: str = "nissan-qashqai-j10"
    seed: int = 3
    asked: list[str] = field(default_factory=list)
    """Titles of what was asked, each once in a row."""

    deeds: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loaded: LoadedVehicle = load_vehicle(self.vehicle)
        stages, story = list_stages((self.fault,))
        self.case = set_up(self.loaded, stages, story, door=self.door, seed=self.seed)
        for parameters in self.case.world.doors.values():
            parameters.starts_locked = True
        self.clock = Clock(-BEFORE_S)
        self.chance = Chance(self.seed)
        self.car = Car(self.clock, self.case.traits, self.case.world, self.chance)
        for onset in self.case.onsets:
            self.car.break_down(onset.changes)
        habits = self.case.world.habits
        self.person = Person(self.clock, self.car, habits, self.chance.stream("person"))
        self.person.distance_m = NEAR_M
        self.said = ""
        self.at_door = self.door
        self.clock.run(1.0)

    @property
    def at_s(self) -> float:
        """Return the time on the capture's clock."""
        return START_S + self.clock.now_s

    def snapshot(self) -> Snapshot:
        """Return what canlock makes of it all so far."""
        bus = Bus(self.loaded, self.case.traits, self.case.world.bus, self.chance)
        frames = bus.log(self.car.recorder, self.clock.now_s, START_S, from_s=0.0)
        analysis = Analysis(self.loaded)
        for item in in_step([frames], self.marks):
            analysis.take(item)
        info = CaptureInfo("led", "live", len(frames), first_s=START_S, last_s=self.at_s)
        return analysis.snapshot(info)

    def take(self, items: tuple[SideItem, ...]) -> None:
        """Keep the marks, as a recording would."""
        for item in items:
            if isinstance(item, Mark):
                self.marks.append(item)
            elif isinstance(item, MarkUndone):
                self.marks.remove(item.mark)

    def lead(self, check: GuidedCheck, most: int = 150) -> None:
        """Do what a check asks for until it ends."""
        for _ in range(most):
            self.look(check)
            prompt = check.prompt
            if prompt.kind == "over":
                return
            if not self.asked or self.asked[-1] != prompt.title:
                self.asked.append(prompt.title)
            self.step(check, prompt)
            self.take(check.take_items())
        raise AssertionError(f"it never ended: {self.asked}")

    def look(self, check: GuidedCheck) -> None:
        """Let canlock say what it makes of it, where the check waits for that."""
        if check.needs_bus:
            check.see(self.snapshot())
        check.tick(self.at_s)
        self.take(check.take_items())

    def _look_at(self, prompt: Prompt) -> None:
        """Go to the door that is spoken of."""
        for door in self.case.traits.doors:
            if door_name(door) in f"{prompt.title} {prompt.text}":
                self.at_door = door

    def step(self, check: GuidedCheck, prompt: Prompt) -> None:
        """Do one thing, or give one answer."""
        self._look_at(prompt)
        if prompt.kind == "wait":
            self.clock.run(self.clock.now_s + (prompt.wait_s or 0.5) + 0.01)
            check.tick(self.at_s)
            return
        if prompt.text.startswith("Open the") and not self._opens_from_inside():
            assert check.answer("k", self.at_s)
            return
        if prompt.kind == "act":
            self.act(prompt)
            self.clock.run(self.clock.now_s + LATE_S)
            assert check.answer("enter", self.at_s)
            return
        self.clock.run(self.clock.now_s + ANSWER_S)
        assert check.answer(self.reply(prompt), self.at_s)

    def act(self, prompt: Prompt) -> None:
        """Do what is asked for, with the hands that the simulated person has."""
        text = prompt.text.lower()
        self.deeds.append(prompt.text)
        if "ten paces" in text:
            self.person.distance_m = FAR_M
        elif "hold the fob" in text or "come back" in text:
            self.person.distance_m = 0.2
        elif "50 m or more" in text:
            self.car.radio.move_away()
        for action in ("lock", "unlock"):
            if f"press {action} on the button inside" in text:
                self._do(self.car.press_interior(action, 0.3))
            elif f"press {action} " in text:
                self._press(action, spare="spare fob" in text)
        self._use_door(text)

    def _use_door(self, text: str) -> None:
        door = self.car.doors[self.at_door]
        if "handle of" in text:
            self._do(self._pull("inner" if "inside handle" in text else "outer"))
        elif "window switch" in text:
            self._do(self._window())
        elif "switch the ignition" in text:
            self.car.set_power("on" if "ignition on" in text else "off")
        elif "flex" in text:
            self._do(door.flex(4.0))
        elif text.startswith("shut the"):
            self._do(door.swing(0.0, 0.5))

    def reply(self, prompt: Prompt) -> str:
        """Answer as the simulated car looks and sounds."""
        if prompt.kind == "number":
            return "12.5"
        wanted = {
            "How to reach the OBD socket": "another door",
            "Which door gives trouble": self.complaint,
            "Sure enough": "finish",
            "Nothing more to try": "finish",
        }.get(prompt.title, self.said)
        if "What came from" in prompt.text:
            sounds = {"silence": "nothing", "click": "click", "hum": "hum", "whirr": "whirr"}
            wanted = sounds[self.car.doors[self.at_door].motor.sound]
        if "knob" in prompt.text:
            part = self.car.doors[self.at_door]
            is_free = part.turn_knob(to_locked=part.is_locked)
            wanted = "freely" if is_free else "stiff"
        chosen = [each.key for each in prompt.choices if wanted and wanted in each.words]
        assert chosen, (prompt, wanted)
        return chosen[0]

    @property
    def complaint(self) -> str:
        return {"driver": "driver's door", "passenger": "passenger's door"}.get(self.door, "none")

    def _press(self, action: str, *, spare: bool = False) -> None:
        self.car.doors[self.at_door].motor.hush()
        number = 2 if spare else 1
        distance_m = self.person.distance_m
        self._do(self.car.press_fob(number, action, distance_m=distance_m, hold_s=0.3))

    def _pull(self, handle: str) -> Process[None]:
        part = self.car.doors[self.at_door]
        is_free = yield from part.pull("inner" if handle == "inner" else "outer", 0.5)
        if is_free:
            yield from part.swing(50.0, 0.6)
        self.said = "it opened" if is_free else "it stayed shut"

    def _window(self) -> Process[None]:
        window = self.car.doors[self.at_door].window
        assert window is not None
        self.said = "did not move"
        if (yield from window.press("down", 0.9, has_power=self.car.bcm.has_power)):
            self.said = "it moved"

    def _opens_from_inside(self) -> bool:
        """Open the door, as somebody does who has climbed in."""
        self.said = ""
        self._do(self._pull("inner"))
        self.clock.run(self.clock.now_s + 2.0)
        return self.said == "it opened"

    def _do(self, deed: Process[None]) -> None:
        self.clock.start(deed)
