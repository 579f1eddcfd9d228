"""The databases of one vehicle: messages and signals by name, from however many files.

cantools' own objects come out, and only from here; whoever asks gets the nearest right name where
the wanted one does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from canlock.decoding.database_file import DatabaseFile, parse_database
from canlock.decoding.problem import Problem, show_path, suggest
from canlock.errors import VehicleFileError

if TYPE_CHECKING:
    from cantools.database.can import Message, Signal


class Databases:
    """The messages of some database files. Nobody writes to it after construction."""

    def __init__(self, files: Iterable[DatabaseFile] = ()) -> None:
        """Join files; where two define a message of the same name, the first file's counts."""
        self.files = tuple(files)
        self.problems = tuple(problem for file in self.files for problem in file.problems)
        """Errors of files that could not be read, and what is odd in the others."""

        self._messages: dict[str, Message] = {}
        self._signals: dict[str, dict[str, Signal]] = {}
        for file in self.files:
            held = set(self._messages)
            for message in file.messages:
                # Within one file the later definition counts, as for any user of cantools.
                if message.name not in held:
                    self._messages[message.name] = message
            if doubled := held & {message.name for message in file.messages}:
                self.problems += (_describe_doubled(file, doubled),)

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return all messages, once each, in the order of the files."""
        return tuple(self._messages.values())

    @property
    def is_complete(self) -> bool:
        """Tell whether every file could be read, so that a missing name is a wrong name."""
        return all(file.is_read for file in self.files)

    def message(self, name: str) -> Message:
        """Return a message by name.

        Raises:
            VehicleFileError: There is none; the text names the nearest.
        """
        found = self._messages.get(name)
        if found is None:
            where = ", ".join(file.path for file in self.files) or "no database"
            near = suggest(name, self._messages)
            raise VehicleFileError(f"no message `{name}` in {where}{near}")
        return found

    def signal(self, name: str) -> Signal:
        """Return a signal by its full name, `Message.Signal`.

        Raises:
            VehicleFileError: There is none, or no such message; the text names the nearest.
        """
        message_name, point, signal_name = name.partition(".")
        if not (message_name and point and signal_name):
            raise VehicleFileError(f"`{name}` is not of the form `Message.Signal`")
        message = self.message(message_name)
        signals = self._signals.get(message_name)
        if signals is None:
            signals = {signal.name: signal for signal in message.signals}
            self._signals[message_name] = signals
        found = signals.get(signal_name)
        if found is None:
            near = suggest(signal_name, signals)
            raise VehicleFileError(f"message `{message_name}` has no signal `{signal_name}`{near}")
        return found


def load_databases(paths: Iterable[Path]) -> Databases:
    """Read database files that cantools understands: DBC, KCD, SYM, ARXML.

    Raises:
        VehicleFileError: A file is missing or cannot be read; the text names file and line.
    """
    databases = Databases(_read(path) for path in paths)
    for problem in databases.problems:
        if problem.is_error:
            raise VehicleFileError(str(problem))
    return databases


def _read(path: Path) -> DatabaseFile:
    shown = show_path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        text = f"cannot be read: {error.strerror or error}; expected a DBC, KCD, SYM or ARXML file"
        problem = Problem("error", shown, None, text)
        return DatabaseFile(shown, problems=(problem,), is_read=False)
    return parse_database(shown, content)


def _describe_doubled(file: DatabaseFile, names: set[str]) -> Problem:
    listed = ", ".join(f"`{name}`" for name in sorted(names))
    text = f"{listed} already stands in a database named before this one, which counts"
    return Problem("warning", file.path, None, text)
