"""One table of a vehicle file, read key by key, so that one mistake never hides another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, TypeVar

import msgspec

from canlock.decoding.problem import Problem, Severity, list_words, suggest
from canlock.decoding.toml_places import TomlPath, TomlPlaces
from canlock.errors import one_line

T = TypeVar("T")

LONGEST_S: Final = 604_800.0
"""No time in a vehicle file is longer than a week, in seconds."""

_Seconds = Annotated[float, msgspec.Meta(gt=0, le=LONGEST_S)]
_FOUND_CHARACTERS: Final = 60
_WRITTEN_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Notes:
    """The problems found so far in one document, with the means to place them."""

    path: str
    """The file, as the user would write it."""

    places: TomlPlaces
    problems: list[Problem] = field(default_factory=list)

    def error(self, where: TomlPath, text: str) -> None:
        """Note what makes the file unusable."""
        self._note("error", where, text)

    def warning(self, where: TomlPath, text: str) -> None:
        """Note what is doubtful, and what is assumed."""
        self._note("warning", where, text)

    def _note(self, severity: Severity, where: TomlPath, text: str) -> None:
        line = self.places.line(where)
        self.problems.append(Problem(severity, self.path, line, one_line(text)))


class Entry:
    """A table: gives its values by key and type, and notes each that is not of it.

    Every getter returns None where the key is absent or its value wrong; the latter is noted.
    """

    def __init__(self, content: Mapping[str, object], notes: Notes, path: TomlPath = ()) -> None:
        """Take a table of a document.

        Args:
            content: What `tomllib` read.
            notes: Where mistakes go.
            path: Where the table stands in the document.
        """
        self._content = content
        self._known: set[str] = set()
        self.notes = notes
        self.path = path

    @property
    def line(self) -> int:
        """Return the line on which the table begins."""
        return self.notes.places.line(self.path)

    def has(self, key: str) -> bool:
        """Tell whether the key is there, right or wrong."""
        self._known.add(key)
        return key in self._content

    def error(self, text: str, *where: str | int) -> None:
        """Note an error at a key of this table, or at the table itself."""
        self.notes.error((*self.path, *where), text)

    def warning(self, text: str, *where: str | int) -> None:
        """Note a warning at a key of this table, or at the table itself."""
        self.notes.warning((*self.path, *where), text)

    def require(self, *keys: str) -> None:
        """Note each of some keys that is absent."""
        for key in keys:
            if not self.has(key):
                self.error(f"`{key}` is missing")

    def text(self, key: str) -> str | None:
        """Return a text that is not empty."""
        text = self._convert(key, str, "a text")
        if text is not None and not text.strip():
            self.error(f"`{key}` is empty; expected a text", key)
            return None
        return text

    def flag(self, key: str) -> bool | None:
        """Return true or false."""
        return self._convert(key, bool, "true or false")

    def seconds(self, key: str) -> float | None:
        """Return a time above 0, in seconds."""
        form = f"seconds above 0 and at most {LONGEST_S:.0f}"
        return self._convert(key, _Seconds, form)

    def whole_number(self, key: str, lowest: int, highest: int) -> int | None:
        """Return an integer within two limits, both included."""
        form = f"a whole number from {lowest} to {highest}"
        number = self._convert(key, int, form)
        if number is not None and not lowest <= number <= highest:
            self.error(f"`{key}` is {_show(number)}; expected {form}", key)
            return None
        return number

    def choice(self, key: str, options: tuple[str, ...]) -> str | None:
        """Return one of some words."""
        word = self._convert(key, str, f"one of {list_words(options)}")
        if word is not None and word not in options:
            near = suggest(word, options) or f"; expected one of {list_words(options)}"
            self.error(f"unknown {key} `{word}`{near}", key)
            return None
        return word

    def words(self, key: str) -> tuple[str, ...] | None:
        """Return a list of texts; an element that is none is noted and left out."""
        listed = self._convert(key, list[object], 'a list of texts, like `["a", "b"]`')
        if listed is None:
            return None
        words = []
        for index, word in enumerate(listed):
            if isinstance(word, str) and word.strip():
                words.append(word)
            else:
                self.error(f"`{key}` holds {_show(word)}; expected texts only", key, index)
        return tuple(words)

    def pairs(self, key: str) -> dict[str, str] | None:
        """Return a table of texts; a value that is none is noted and left out."""
        table = self._convert(key, dict[str, object], 'a table, like `{ "0" = "off", "1" = "on" }`')
        if table is None:
            return None
        pairs = {}
        for name, word in table.items():
            if isinstance(word, str):
                pairs[name] = word
            else:
                text = f"`{key}` gives {_show(word)} for `{name}`; expected a text in quotes"
                self.error(text, key, name)
        return pairs

    def table(self, key: str) -> Entry | None:
        """Return the table `[key]`."""
        content = self._convert(key, dict[str, object], f"a table, `[{key}]`")
        return None if content is None else Entry(content, self.notes, (*self.path, key))

    def tables(self, key: str) -> Iterator[Entry]:
        """Yield the tables `[[key]]` in their order."""
        form = f"tables, `[[{key}]]`"
        for index, content in enumerate(self._convert(key, list[object], form) or ()):
            if isinstance(content, dict):
                yield Entry(content, self.notes, (*self.path, key, index))
            else:
                self.error(f"`{key}` holds {_show(content)}; expected {form}", key, index)

    def finish(self) -> None:
        """Note, as warnings, the keys that nobody asked for."""
        for key in self._content:
            if key not in self._known:
                near = suggest(key, self._known)
                self.warning(f"unknown key `{key}`{near or '; it is ignored'}", key)

    def _convert(self, key: str, kind: type[T], form: str) -> T | None:
        if not self.has(key):
            return None
        value = self._content[key]
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            self.error(f"`{key}` is {_show(value)}; expected {form}", key)
            return None


def _show(value: object) -> str:
    """Return a found value as TOML would write it, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, list):
        return "a list"
    elif isinstance(value, dict):
        return "a table"
    elif isinstance(value, int) and value.bit_length() > _WRITTEN_BITS:
        return "a huge number"
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= _FOUND_CHARACTERS else f"{text[:_FOUND_CHARACTERS]}..."
