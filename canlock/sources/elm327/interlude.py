"""What an adapter does between two stretches of listening: it can do only one thing at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from canlock.model.stream import StreamItem


class Interlude(Protocol):
    """Something that wants the adapter for itself now and then. It is called in one thread."""

    @property
    def due_at(self) -> float | None:
        """When it wants its turn, by the port's `tick`; None: never again."""
        ...

    @property
    def is_patient(self) -> bool:
        """It can wait while somebody is at the doors."""
        ...

    @property
    def changes_set_up(self) -> bool:
        """The adapter has to be set up for listening again after it."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of a report must know of it, in sentences."""
        ...

    def run(self) -> Sequence[StreamItem]:
        """Take its turn on an adapter that waits for a command; return what came of it.

        Raises:
            AdapterGoneError: The port failed.
        """
        ...

    def end(self) -> Sequence[StreamItem]:
        """Take leave, on an adapter that waits for a command; return what came of it.

        Raises:
            AdapterGoneError: The port failed.
        """
        ...


class Interludes:
    """Everything that wants an adapter now and then."""

    def __init__(self, several: Iterable[Interlude] = ()) -> None:
        """Take them; others may be added."""
        self._all = list(several)

    def add(self, interlude: Interlude) -> None:
        """Let another have its turn."""
        self._all.append(interlude)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of them."""
        return tuple(note for one in self._all for note in one.notes)

    def due(self, now: float) -> list[Interlude]:
        """Return those that want their turn."""
        return [one for one in self._all if one.due_at is not None and now >= one.due_at]

    def run(self, now: float) -> tuple[list[StreamItem], bool]:
        """Let those that are due have their turn; return what came and whether to set up again.

        Raises:
            AdapterGoneError: The port failed.
        """
        due = self.due(now)
        items = [item for one in due for item in one.run()]
        return items, any(one.changes_set_up for one in due)

    def end(self) -> list[StreamItem]:
        """Let all of them take leave.

        Raises:
            AdapterGoneError: The port failed.
        """
        return [item for one in self._all for item in one.end()]
