"""On which line of a TOML document a table, a key or an array's element stands.

`tomllib` gives values without places. This module walks the tokens of a text that `tomllib` has
already accepted and notes places without values; it never judges the text.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final, NamedTuple

TomlPath = tuple[str | int, ...]
"""Way to a value from the document's root: `("signal", 2, "values", "0")`."""

_TOKEN: Final = re.compile(
    r"""
      (?P<text>   \"\"\"(?:\\.|[^\\])*?\"\"\"\"{0,2}   # Two more quotes may end a long string.
                | \'\'\'.*?\'\'\'\'{0,2}
                | "(?:\\.|[^"\\\n])*"
                | '[^'\n]*' )
    | (?P<skip>   [ \t\r]+ | \#[^\n]* )
    | (?P<newline> \n )
    | (?P<mark>   [\[\]{}=,.] )
    | (?P<bare>   [^\s\[\]{}=,."'\#]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class TomlPlaces:
    """Lines of everything in one document; lines count from 1."""

    def __init__(self, text: str) -> None:
        """Note the places of a text that `tomllib` accepts."""
        self._tokens = _split(text)
        self._next = 0
        self._lines: dict[TomlPath, int] = {}
        self._table_counts: dict[TomlPath, int] = {}
        self._walk()

    def line(self, path: TomlPath) -> int:
        """Return the line of a value's key (or of its table's header), else of what holds it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def _walk(self) -> None:
        table: TomlPath = ()
        while (token := self._tokens[self._next]).kind != "end":
            if token.kind == "newline":
                self._next += 1
            elif token.text == "[":
                table = self._read_header()
            else:
                self._read_pair(table)

    def _read_header(self) -> TomlPath:
        """Read `[a.b]` or `[[a.b]]` and return the path of the table that it opens."""
        line = self._take().line
        is_array = self._peek() == "["
        if is_array:
            self._take()
        *parents, name = self._read_key()
        path: TomlPath = ()
        for parent in parents:
            path = self._enter((*path, parent))
            self._lines.setdefault(path, line)
        path = (*path, name)
        self._lines.setdefault(path, line)
        if is_array:
            self._table_counts[path] = self._table_counts.get(path, 0) + 1
            path = self._enter(path)
            self._lines[path] = line
        while self._peek() == "]":
            self._take()
        return path

    def _enter(self, path: TomlPath) -> TomlPath:
        """Return the path of the newest element where `path` is an array of tables."""
        count = self._table_counts.get(path)
        return path if count is None else (*path, count - 1)

    def _read_pair(self, table: TomlPath) -> None:
        """Read `key = value`; the key may be dotted."""
        line = self._tokens[self._next].line
        path = table
        for part in self._read_key():
            path = (*path, part)
            self._lines.setdefault(path, line)
        if self._peek() == "=":
            self._take()
        self._read_value(path)

    def _read_key(self) -> list[str]:
        parts = [_unquote(self._take())]
        while self._peek() == ".":
            self._take()
            parts.append(_unquote(self._take()))
        return parts

    def _read_value(self, path: TomlPath) -> None:
        if self._peek() == "[":
            self._read_array(path)
        elif self._peek() == "{":
            self._read_inline_table(path)
        else:
            # A number with a point, a date with a time: several tokens, one value.
            while not self._is_at_end_of_value():
                self._take()

    def _read_array(self, path: TomlPath) -> None:
        self._take()
        count = 0
        while (token := self._tokens[self._next]).kind != "end":
            if token.text == "]" and token.kind == "mark":
                self._take()
                return
            if token.kind == "newline" or (token.kind == "mark" and token.text == ","):
                self._take()
                continue
            self._lines.setdefault((*path, count), token.line)
            self._read_value((*path, count))
            count += 1

    def _read_inline_table(self, path: TomlPath) -> None:
        self._take()
        while (token := self._tokens[self._next]).kind != "end":
            if token.kind == "mark" and token.text == "}":
                self._take()
                return
            if token.kind == "newline" or (token.kind == "mark" and token.text == ","):
                self._take()
                continue
            self._read_pair(path)

    def _is_at_end_of_value(self) -> bool:
        token = self._tokens[self._next]
        return token.kind in {"newline", "end"} or (token.kind == "mark" and token.text in ",]}")

    def _peek(self) -> str:
        """Return the next punctuation mark, or nothing where something else comes."""
        token = self._tokens[self._next]
        return token.text if token.kind == "mark" else ""

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token


def _split(text: str) -> list[_Token]:
    tokens = []
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        found = match.group()
        if kind is not None and kind != "skip":
            tokens.append(_Token(kind, found, line))
        line += found.count("\n")
    tokens.append(_Token("end", "", line))
    return tokens


def _unquote(token: _Token) -> str:
    if token.kind != "text":
        return token.text
    if "\\" in token.text:
        unquoted: str = tomllib.loads(f"text = {token.text}")["text"]
        return unquoted
    return token.text[1:-1]
