"""Snapshots and answers for the tests of the guided check."""

from __future__ import annotations

from canlock.model.capture import CaptureInfo
from canlock.model.samples import MessageLife
from canlock.model.snapshot import RoleState, Snapshot
from canlock.model.stream import Mark, MarkUndone, SideItem
from canlock.model.verdict import Finding, Hypothesis, NextTest
from canlock.pipeline.guided import GuidedCheck

DOORS = ("driver", "passenger", "rear-left", "rear-right")
START_S = 1_700_000_000.0

UNKNOWN = Finding(
    "insufficient-evidence", "unknown", (), 0.5, False, ("no-fault",), "Not enough was seen."
)
BROKEN = Finding(
    "door-harness-open",
    "wiring",
    ("driver",),
    0.93,
    True,
    ("door-harness-open",),
    "A wire in the rubber gaiter of the driver's door is broken.",
)
SOUND = Finding("no-fault", "none", (), 0.9, True, ("no-fault",), "No fault was seen.")


def a_test(test_id: str, door: str | None = None, bits: float = 0.5) -> NextTest:
    return NextTest(test_id, f"do {test_id}", 1.0, bits, door)


def a_snapshot(
    at_s: float = 0.0,
    *,
    finding: Finding = UNKNOWN,
    tests: tuple[NextTest, ...] = (),
    further: tuple[NextTest, ...] = (),
    marks: tuple[Mark, ...] = (),
    suspects: dict[str, float] | None = None,
    states: tuple[RoleState, ...] = (),
) -> Snapshot:
    hypotheses = tuple(
        Hypothesis("actuator-motor-fault", (door,), share)
        for door, share in (suspects or {}).items()
    )
    return Snapshot(
        vehicle="a-car",
        vehicle_name="A car",
        doors=DOORS,
        tier="T3",
        capture=CaptureInfo("live", "live", first_s=START_S),
        first_s=START_S,
        now_s=START_S + at_s,
        findings=(finding,),
        hypotheses=hypotheses,
        lives=(MessageLife("BCM_BODY", 10, START_S, START_S + at_s, 0.1),),
        marks=marks,
        next_tests=tests,
        further_tests=further,
        states=states,
    )


class Driven:
    """A check that somebody drives, with the marks that an analysis would have taken in."""

    def __init__(self, check: GuidedCheck) -> None:
        self.check = check
        self.at_s = 0.0
        self.marks: list[Mark] = []
        self.items: list[SideItem] = []
        self.finding = UNKNOWN
        self.tests: tuple[NextTest, ...] = ()
        self.further: tuple[NextTest, ...] = ()
        self.suspects: dict[str, float] = {}
        self.states: tuple[RoleState, ...] = ()

    @property
    def snapshot(self) -> Snapshot:
        return a_snapshot(
            self.at_s,
            finding=self.finding,
            tests=self.tests,
            further=self.further,
            marks=tuple(self.marks),
            suspects=self.suspects,
            states=self.states,
        )

    def look(self) -> None:
        self.check.see(self.snapshot)
        self._take()

    def wait(self, seconds: float) -> None:
        self.at_s += seconds
        self.check.tick(START_S + self.at_s)
        self._take()
        self.look()

    def say(self, text: str = "enter") -> bool:
        has_meant = self.check.answer(text, START_S + self.at_s)
        self._take()
        self.look()
        return has_meant

    def say_all(self, *texts: str) -> None:
        for text in texts:
            assert self.say(text), (text, self.check.prompt)

    def do_test(self, *answers: str) -> None:
        """Do every act of a test, waiting out each countdown; `answers` go to the questions."""
        left = list(answers)
        present = self._present
        while self._present == present and self.check.ending is None:
            prompt = self.check.prompt
            if prompt.kind == "wait":
                self.wait(prompt.wait_s or 0.5)
            elif prompt.kind == "act":
                assert self.say()
            else:
                assert self.say(left.pop(0)), prompt
            if prompt.kind != "wait":
                self.at_s += 0.5

    @property
    def _present(self) -> tuple[str, str]:
        prompt = self.check.prompt
        return prompt.title, prompt.place.partition(",")[0]

    def actions(self) -> list[str]:
        """What was marked, but for the notes of the check itself."""
        return [mark.action for mark in self.marks if mark.action != "note"]

    def notes(self) -> list[str]:
        return [mark.note for mark in self.marks if mark.action == "note"]

    def _take(self) -> None:
        for item in self.check.take_items():
            self.items.append(item)
            if isinstance(item, Mark):
                self.marks.append(item)
            elif isinstance(item, MarkUndone):
                self.marks.remove(item.mark)


def opened(complaint: str = "1", *, past: tuple[Mark, ...] = ()) -> Driven:
    """A check whose opening questions are answered; by default the driver's door gives trouble."""
    driven = Driven(GuidedCheck(past))
    driven.say_all("1", "enter")
    driven.look()
    driven.say_all(complaint)
    return driven
