"""What the entries of a vehicle file may name: its doors and what its databases hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from canlock.decoding.database import Databases
from canlock.decoding.problem import list_words, suggest
from canlock.decoding.toml_entry import Entry
from canlock.errors import VehicleFileError

if TYPE_CHECKING:
    from cantools.database.can import Signal


@dataclass(frozen=True, slots=True)
class Scope:
    """What an entry may name."""

    doors: tuple[str, ...]
    databases: Databases

    def read_doors(self, entry: Entry) -> tuple[str, ...]:
        """Return an entry's doors and note those that the vehicle does not have."""
        doors = entry.words("doors") or ()
        if entry.has("doors") and not doors:
            entry.warning("`doors` names no door: taken as the whole car", "doors")
        for index, door in enumerate(doors):
            if door not in self.doors:
                near = suggest(door, self.doors) or f"; they are {list_words(self.doors)}"
                text = f"door `{door}` is not among the vehicle's `doors`{near}"
                entry.error(text, "doors", index)
            elif door in doors[:index]:
                entry.warning(f"door `{door}` stands here twice", "doors", index)
        return tuple(dict.fromkeys(doors))

    def find_signal(self, entry: Entry, name: str, *where: str | int) -> Signal | None:
        """Return a signal by its full name, or note that the databases lack it."""
        try:
            return self.databases.signal(name)
        except VehicleFileError as error:
            # Where a database could not be read, that was noted: what it holds is not known.
            if self.databases.is_complete or "." not in name:
                entry.error(str(error), *where)
            return None

    def has_message(self, entry: Entry, name: str) -> bool:
        """Tell whether there is a message of that name, or note that there is none."""
        try:
            self.databases.message(name)
        except VehicleFileError as error:
            if self.databases.is_complete:
                entry.error(str(error), "message")
            return False
        return True

    def read_counter(self, entry: Entry, message: str | None) -> str | None:
        """Return the name of an entry's counter; it must count in the entry's own message."""
        name = entry.text("counter")
        if name is None:
            return None
        signal = self.find_signal(entry, name, "counter")
        if signal is not None and signal.conversion.is_float:
            entry.error(f"counter `{name}` is a float; expected an integer signal", "counter")
        if message is not None and name.partition(".")[0] != message:
            text = f"counter `{name}` is not in message `{message}`; both must come in one frame"
            entry.error(text, "counter")
        return name
