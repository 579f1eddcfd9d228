"""The guided check: what to ask next, when to move on, when to stop, what was answered.

A state machine that knows no bus, screen, file or clock. Whoever drives it hands in Snapshots,
answers and the time of the capture's clock, shows `prompt`, and passes on what `take_items` gives.
Its whole memory is the marks that it makes (`guided_progress`), so it can be taken up again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, MarkUndone, Sample, SideItem
from canlock.pipeline.guided_choice import OFFER_ID, Chosen, choose, is_sure
from canlock.pipeline.guided_parts import (
    WHOLE_CAR,
    Act,
    Answer,
    Measurement,
    Part,
    Procedure,
)
from canlock.pipeline.guided_procedures import (
    HELP_IN,
    NO_DOOR,
    PREPARE,
    SHUT_OUT,
    SOCKET,
    SOME_DOORS,
    complaint,
)
from canlock.pipeline.guided_progress import Progress, learn, note, read_progress
from canlock.pipeline.guided_prompt import (
    BURNT,
    BURNT_WORDS,
    CANNOT,
    EXHAUSTED_WORDS,
    FINISHED_WORDS,
    LEAVE,
    LEFT_WORDS,
    REPORT,
    SURE_WORDS,
    UNDO,
    Ending,
    Prompt,
)
from canlock.pipeline.guided_words import AT_ONCE, bus_notice, is_moving, show

TOLD_S: Final = 1.0
"""What came of an act is marked so long after it at the most, however long the answer took: the
rules for marks expect them within a second or so (contract, section 3)."""

OLDEST_S: Final = 50.0
"""And never so long ago that the analysis has closed its book on it (a minute)."""

PATIENCE_S: Final = 5.0
"""How long it is waited for the verdict on the last test."""


@dataclass(frozen=True, slots=True)
class _State:
    """All that an answer can change, so that it can be taken back."""

    progress: Progress
    procedure: Procedure | None = None
    """What is being done; None: what comes next is not chosen yet."""

    door: str | None = None
    parts: tuple[Part, ...] = ()
    """What is left of it, the present part first."""

    acted_s: float | None = None
    """When the last act was done."""

    until_s: float | None = None
    """The car is left alone until then."""

    goes_on: bool = False
    """The person wants further tests although canlock is sure."""


class GuidedCheck:
    """One guided check, from the first question to the last."""

    def __init__(self, past: Iterable[Mark] = (), *, asks_socket: bool = True) -> None:
        """Begin a check, or take one up again.

        Args:
            past: The marks of its recording so far, in the order of time.
            asks_socket: Ask first how the OBD socket can be reached.
        """
        progress = read_progress(past)
        if not asks_socket and progress.socket is None:
            progress = replace(progress, socket="at-hand")
        self._state = _State(progress)
        self._past: list[tuple[_State, tuple[Mark, ...]]] = []
        self._snapshot: Snapshot | None = None
        self._at_s: float | None = None
        self._items: list[SideItem] = []
        self._untimed: list[Mark] = []
        self._awaited: Mark | None = None
        self._notice = ""
        self.ending: Ending | None = None
        """None: it goes on."""

        if progress.stopped is not None:
            self._notice = f"It was stopped last time: {progress.stopped}."
        self._choose()

    @property
    def progress(self) -> Progress:
        """Return what has been asked and answered so far."""
        return self._state.progress

    @property
    def needs_bus(self) -> bool:
        """Say whether it cannot go on without a Snapshot: all that comes before is asked."""
        return self._state.procedure is None

    @property
    def snapshot(self) -> Snapshot | None:
        """Return the last Snapshot that was handed in."""
        return self._snapshot

    @property
    def prompt(self) -> Prompt:
        """Return what is to be shown now."""
        if self.ending is not None:
            return Prompt("over", "The check is over", self.ending.text)
        state = self._state
        wait_s = None
        if state.until_s is not None and self._at_s is not None:
            wait_s = max(state.until_s - self._at_s, 0.0)
        notice = self._notice or bus_notice(self._snapshot)
        prompt = show(state.procedure, state.parts, state.progress, self._snapshot, wait_s)
        commands = [REPORT, LEAVE, BURNT] if state.progress.is_prepared else [LEAVE]
        if self._past:
            commands.insert(0, UNDO)
        if self._can_skip():
            commands.insert(0, CANNOT)
        return replace(prompt, notice=notice, commands=tuple(commands))

    def see(self, snapshot: Snapshot) -> None:
        """Take in what is known now."""
        self._snapshot = snapshot
        if snapshot.now_s is not None:
            self._at_s = max(self._at_s or snapshot.now_s, snapshot.now_s)
            self._items.extend(replace(mark, at_s=snapshot.now_s) for mark in self._untimed)
            self._untimed.clear()
        if self._awaited is not None and self._awaited in snapshot.marks:
            self._awaited = None
        self._go_on()

    def tick(self, at_s: float | None) -> None:
        """Let time go on, to a time on the capture's clock."""
        if at_s is not None:
            self._at_s = at_s
        self._go_on()

    def take_items(self) -> tuple[SideItem, ...]:
        """Return, once, what the answers have made: for the analysis and its recording."""
        items = tuple(self._items)
        self._items.clear()
        return items

    def answer(self, text: str, at_s: float | None = None) -> bool:
        """Take a key or a typed line; say whether it meant anything now.

        Args:
            text: `enter` or nothing for what is done, a number for an answer, or a command's key.
            at_s: When, on the capture's clock; None: no frame has come yet.
        """
        self.tick(at_s)
        self._notice = ""
        if self.ending is not None:
            return False
        word = text.strip().lower()
        if word in {command.key for command in self.prompt.commands}:
            self._command(word)
            return True
        state = self._state
        part = state.parts[0] if state.parts and state.until_s is None else None
        if part is None or is_moving(self._snapshot):
            return False
        return self._answer_part(part, "" if word == "enter" else word)

    def _answer_part(self, part: Part, word: str) -> bool:
        if isinstance(part, Act):
            if word:
                self._notice = AT_ONCE
                return False
            self._do(part)
            return True
        if isinstance(part, Measurement):
            return self._measure(part, word)
        if not word.isdecimal() or not 1 <= int(word) <= len(part.answers):
            self._notice = f"Answer with a key from 1 to {len(part.answers)}."
            return False
        self._tell(part.answers[int(word) - 1])
        return True

    def _do(self, act: Act) -> None:
        wait_s = act.wait_s
        until_s = self._at_s + wait_s if wait_s and self._at_s is not None else None
        state = replace(
            self._state, parts=self._state.parts[1:], acted_s=self._at_s, until_s=until_s
        )
        self._change(state, self._marks(act.marks, self._at_s))

    def _tell(self, answer: Answer) -> None:
        state = self._state
        state = replace(state, parts=(*answer.then, *state.parts[1:]))
        if answer.code:
            self._tell_code(answer.code, state)
            return
        at_s = self._at_s
        if at_s is not None and state.acted_s is not None:
            at_s = max(min(at_s, state.acted_s + TOLD_S), at_s - OLDEST_S)
        self._change(state, self._marks(answer.marks, at_s))

    def _tell_code(self, code: str, state: _State) -> None:
        """Take an answer that is no mark: to an opening question, or whether to go on."""
        subject = state.procedure.id if state.procedure is not None else ""
        if subject == OFFER_ID:
            if code == "finish":
                is_known = self._snapshot is not None and is_sure(self._snapshot)
                sure, exhausted = Ending("sure", SURE_WORDS), Ending("exhausted", EXHAUSTED_WORDS)
                self.ending = sure if is_known else exhausted
            self._change(replace(state, goes_on=True, parts=()), ())
        elif code == SHUT_OUT:
            self._change(replace(state, procedure=HELP_IN, parts=HELP_IN.parts), ())
        else:
            # The engine favours the door that a note is about.
            door = code if subject == "complaint" and code not in (SOME_DOORS, NO_DOOR) else None
            self._change(state, (self._note(subject, code, door),))

    def _measure(self, part: Measurement, word: str) -> bool:
        try:
            value = float(word.replace(",", ".").removesuffix(part.unit.lower()))
        except ValueError:
            value = float("nan")
        if not part.least <= value <= part.most:
            self._notice = (
                f"Type a number from {part.least:g} to {part.most:g} {part.unit}, or k to leave it."
            )
            return False
        if self._at_s is not None:
            self._items.append(Sample(self._at_s, part.role, value))
        self._past.clear()  # A measured value cannot be taken back, nor what was before it.
        self._state = replace(self._state, parts=self._state.parts[1:], acted_s=self._at_s)
        self._go_on()
        return True

    def _command(self, key: str) -> None:
        if key == UNDO.key:
            self._undo()
        elif key == CANNOT.key:
            self._skip()
        elif key == REPORT.key:
            self.ending = Ending("finished", FINISHED_WORDS)
        elif key == LEAVE.key:
            self.ending = Ending("left", LEFT_WORDS)
        elif key == BURNT.key:
            self._put((self._note("stopped", "it smelt burnt"),))
            self.ending = Ending("stopped", BURNT_WORDS)

    def _can_skip(self) -> bool:
        procedure = self._state.procedure
        return procedure is not None and not procedure.is_opening

    def _skip(self) -> None:
        procedure, door = self._state.procedure, self._state.door
        assert procedure is not None
        why = f" ({procedure.cannot})" if procedure.cannot else ""
        state = replace(self._state, procedure=None, parts=(), until_s=None)
        self._change(state, (self._note("left out", f"{procedure.id}{why}", door),))

    def _undo(self) -> None:
        state, marks = self._past.pop()
        for mark in marks:
            if mark in self._untimed:
                self._untimed.remove(mark)
            elif self._at_s is not None:
                self._items.append(MarkUndone(self._at_s, mark))
        self._awaited = None
        self._state = state
        # Whoever takes an answer back has waited long enough for the car.
        self._state = replace(state, until_s=None)
        self._notice = "Taken back."

    def _change(self, state: _State, marks: tuple[Mark, ...]) -> None:
        """Go to another state, in a way that can be taken back."""
        self._past.append((self._state, marks))
        self._state = state
        self._put(marks)
        self._go_on()

    def _put(self, marks: Sequence[Mark]) -> None:
        for mark in marks:
            if mark.note:
                self._state = replace(self._state, progress=learn(self._state.progress, mark))
            (self._untimed if self._at_s is None else self._items).append(mark)
            self._awaited = mark

    def _note(self, subject: str, text: str, door: str | None = None) -> Mark:
        return note(self._at_s or 0.0, subject, text, door)

    def _marks(self, actions: Iterable[str], at_s: float | None) -> tuple[Mark, ...]:
        door = self._state.door
        return tuple(
            Mark(at_s or 0.0, action, None if action in WHOLE_CAR else door) for action in actions
        )

    def _go_on(self) -> None:
        """Move on where time or an answer allows it."""
        if self.ending is not None:
            return
        state = self._state
        if state.until_s is not None and self._at_s is not None and self._at_s >= state.until_s:
            self._state = state = replace(state, until_s=None)
        if state.procedure is not None and not state.parts and state.until_s is None:
            self._finish(state.procedure)
        if self._state.procedure is None:
            self._choose()

    def _finish(self, done: Procedure) -> None:
        """End a procedure; its note belongs to the last answer, and is taken back with it."""
        state = self._state
        self._state = replace(state, procedure=None, door=None, acted_s=None)
        if done.id == PREPARE.id:
            marks = (self._note("safety", "read"),)
        elif done.is_opening:
            return
        else:
            marks = (self._note("done", done.id, state.door),)
            self._state = replace(self._state, goes_on=False)
        self._put(marks)
        if self._past:
            before, made = self._past[-1]
            self._past[-1] = before, (*made, *marks)

    def _choose(self) -> None:
        """Begin what comes next, where that can be known yet."""
        progress, snapshot = self._state.progress, self._snapshot
        if progress.socket is None:
            self._begin(Chosen(SOCKET))
        elif not progress.is_prepared:
            self._begin(Chosen(PREPARE))
        elif snapshot is None or snapshot.now_s is None or not snapshot.lives:
            return  # Nothing of the car is heard yet.
        elif progress.complaint is None:
            self._begin(Chosen(complaint(snapshot.doors)))
        elif not self._is_awaiting():
            self._begin(choose(snapshot, progress, goes_on=self._state.goes_on))

    def _is_awaiting(self) -> bool:
        """Say whether the verdict does not know of the last answer yet."""
        if self._awaited is None or self._at_s is None:
            return False
        return self._at_s - self._awaited.at_s < PATIENCE_S

    def _begin(self, chosen: Chosen) -> None:
        procedure = chosen.procedure.at(chosen.door)
        self._state = replace(
            self._state, procedure=procedure, door=chosen.door, parts=procedure.parts
        )
