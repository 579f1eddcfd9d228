"""Which operations are listed: those of a door, those that failed, those that hold a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from canlock.telling import clock, words
from canlock.telling.operation_words import answers, asked, ordered, result

if TYPE_CHECKING:
    from canlock.model.operations import Operation
    from canlock.model.snapshot import Snapshot

FAILED_OUTCOMES: Final = frozenset({"partly", "silent", "refused", "no-command"})
FAILED_STATES: Final = frozenset({"slow", "silent", "bounced", "some-silent"})


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """What an operation must be to be listed."""

    door: str | None = None
    """Of this door only; together with `is_failed` those in which this door failed."""

    is_failed: bool = False
    text: str = ""
    """Every word of it is found in what the list tells of the operation, in any case."""

    def __bool__(self) -> bool:
        """Return whether anything is held back."""
        return self != OperationFilter()

    @property
    def words(self) -> str:
        """Return what is listed, as a title has it: `failed only, driver, "unlock"`."""
        return ", ".join(
            part
            for part in (
                "failed only" if self.is_failed else "",
                words.door_short(self.door) if self.door else "",
                f'"{self.text}"' if self.text else "",
            )
            if part
        )

    def passes(self, operation: Operation, snapshot: Snapshot) -> bool:
        """Return whether an operation is listed."""
        return (
            self._passes_door(operation)
            and (not self.is_failed or has_failed(operation, self.door))
            and self._passes_text(operation, snapshot)
        )

    def _passes_door(self, operation: Operation) -> bool:
        return self.door is None or self.door in set(_doors(operation))

    def _passes_text(self, operation: Operation, snapshot: Snapshot) -> bool:
        if not self.text:
            return True
        told = " ".join(
            (
                clock.instant(operation.at_s, snapshot.first_s),
                asked(operation),
                ordered(operation, snapshot.doors),
                result(operation),
                answers(operation.responses),
            )
        ).lower()
        return all(word in told for word in self.text.lower().split())


def has_failed(operation: Operation, door: str | None = None) -> bool:
    """Return whether an operation failed, at one door where one is given.

    Where no order came, it failed at every door.
    """
    if door is None or not operation.responses:
        return operation.outcome in FAILED_OUTCOMES or any(
            each.state in FAILED_STATES for each in operation.responses
        )
    return any(each.state in FAILED_STATES for each in operation.responses if each.door == door)


def _doors(operation: Operation) -> Iterator[str]:
    yield from (each.door for each in operation.responses)
    if operation.command is not None:
        yield from operation.command.doors
    if operation.request is not None and operation.request.door is not None:
        yield operation.request.door
