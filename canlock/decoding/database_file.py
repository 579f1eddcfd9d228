"""One DBC, KCD, SYM or ARXML file, read by cantools; what is odd in it becomes warnings.

Real databases overlap, repeat names and name values of signals that they lack. Such a file still
loads: only what no reader could make sense of is an error.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Final

from canlock.decoding.problem import Problem
from canlock.errors import one_line

if TYPE_CHECKING:
    from cantools.database.can import Message

_STATEMENT_FORMS: Final = {
    "BO_": "`BO_ <id> <Name>: <length> <Sender>`",
    "SG_": "`SG_ <Name> : <start>|<length>@<1 Intel, 0 Motorola><+ or -> (<factor>,<offset>) "
    '[<min>|<max>] "<unit>" <Receiver>`',
    "VAL_": '`VAL_ <id> <Signal> <raw> "<text>" ... ;`',
    "CM_": '`CM_ "<text>";` or `CM_ SG_ <id> <Signal> "<text>";`',
    "BU_": "`BU_: <Node> <Node> ...`",
    "BA_": '`BA_ "<Attribute>" BO_ <id> <value>;`',
    "VERSION": '`VERSION "<text>"`',
}
_STATEMENT: Final = re.compile(r"^[ \t]*([A-Z]+_[A-Z_]*|VERSION)\b", re.MULTILINE)
_SNIFFED: Final = (
    ("arxml", re.compile(r"<(\w+:)?AUTOSAR\b")),
    ("kcd", re.compile(r"<(\w+:)?NetworkDefinition\b")),
    ("sym", re.compile(r"^FormatVersion\s*=", re.MULTILINE)),
    ("dbc", re.compile(r"^\s*(VERSION\s*\"|NS_\s*:|BS_\s*:|BU_\s*:|BO_\s+\d)", re.MULTILINE)),
)
_SNIFFED_CHARACTERS: Final = 20_000
_FOUND_CHARACTERS: Final = 30
_TOLD_CHARACTERS: Final = 300
_UNUSED: Final = re.compile(r"^\s*(VAL_|SIG_VALTYPE_) (\d+) (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """What one file gave."""

    path: str
    """As the user would write it."""

    messages: tuple[Message, ...] = ()
    problems: tuple[Problem, ...] = ()
    """One error and no messages, or warnings only."""

    is_read: bool = True
    """Its content is known; else a name that is not found may be right all the same."""


def parse_database(path: str, content: bytes) -> DatabaseFile:
    """Read a database from the bytes of a file. Never raises for what the bytes are.

    Args:
        path: The file's name for messages; its suffix decides where the content does not.
        content: All bytes; UTF-8, else the Windows code page that DBC editors write.
    """
    text = _decode(content)
    form = _recognise_format(path, text)
    if form is None:
        found = _describe_start(text)
        expected = "expected a DBC, KCD, SYM or ARXML database"
        line = 1 if text.strip() else None
        return _failed(Problem("error", path, line, f"{expected}, found {found}"))
    warnings: list[Problem] = []
    text_left = text
    while True:
        try:
            messages = _load(form, text_left)
            break
        except Exception as error:  # Whatever a parser raises, the file is to blame.
            text_now, odd = _drop_unused(path, text_left, error)
            if not odd:
                return _failed(_explain(path, form, text, error))
            text_left = text_now
            warnings += odd
    warnings += _find_oddities(path, text, messages)
    return DatabaseFile(path, messages, tuple(warnings))


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Five bytes have no meaning in that code page; they can only stand in comments and units.
        return content.decode("cp1252", errors="replace")


def _recognise_format(path: str, text: str) -> str | None:
    start = text[:_SNIFFED_CHARACTERS]
    for form, pattern in _SNIFFED:
        if pattern.search(start):
            return form
    suffix = path.rpartition(".")[2].lower()
    return suffix if suffix in {form for form, _ in _SNIFFED} and text.strip() else None


def _describe_start(text: str) -> str:
    start = text.strip()[:_FOUND_CHARACTERS].splitlines()
    return f"{start[0]!r}" if start else "an empty file"


def _load(form: str, text: str) -> tuple[Message, ...]:
    # Without `strict`, overlapping signals and signals that do not fit still load.
    database = import_cantools().Database(strict=False)
    with _quiet_log():
        getattr(database, f"add_{form}_string")(text)
    messages: tuple[Message, ...] = tuple(database.messages)
    return messages


def import_cantools() -> ModuleType:
    """Import `cantools.database` without its package's own `__init__`.

    That one also imports a tester, which imports python-can: twice the time, for nothing that
    reading a database needs. So the package is entered unexecuted while its `database` loads, and
    taken out again, so that whoever imports `cantools` later gets the whole of it.
    """
    loaded = sys.modules.get("cantools.database")
    if loaded is not None:
        return loaded
    specification = importlib.util.find_spec("cantools")
    if specification is None or "cantools" in sys.modules:
        return importlib.import_module("cantools.database")
    sys.modules["cantools"] = importlib.util.module_from_spec(specification)
    try:
        return importlib.import_module("cantools.database")
    finally:
        del sys.modules["cantools"]


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Keep cantools from writing to standard error: what it logs is found here with its line."""
    logger = logging.getLogger("cantools")
    silent = logging.NullHandler()
    was_propagating = logger.propagate
    logger.addHandler(silent)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(silent)
        logger.propagate = was_propagating


def _drop_unused(path: str, text: str, error: Exception) -> tuple[str, list[Problem]]:
    """Blank out value tables and types of signals that the file lacks: cantools refuses them."""
    warnings = []
    for keyword, message_id, signal in _UNUSED.findall(str(error)):
        statement = re.compile(
            rf'{keyword}\s+{message_id}\s+{re.escape(signal)}\b(?:[^;"]|"(?:\\"|[^"])*")*;'
        )
        for match in reversed(list(statement.finditer(text))):
            line = _line_at(text, match.start())
            reason = f"`{keyword} {message_id} {signal}`: no such signal in that message; left out"
            warnings.append(Problem("warning", path, line, reason))
            blank = "\n" * match.group().count("\n")
            text = text[: match.start()] + blank + text[match.end() :]
    return text, warnings


def _find_oddities(path: str, text: str, messages: tuple[Message, ...]) -> Iterator[Problem]:
    """Yield what a strict reader would have refused, and names and ids that occur twice."""
    names: set[str] = set()
    keys: dict[tuple[int, bool], str] = {}
    for message in messages:
        if message.name in names:
            line = _find_definition(text, message.name)
            yield Problem("warning", path, line, f"message `{message.name}` stands here twice")
        names.add(message.name)
        key = (message.frame_id, message.is_extended_frame)
        if key in keys and keys[key] != message.name:
            line = _find_definition(text, message.name)
            both = f"`{keys[key]}` and `{message.name}`"
            yield Problem("warning", path, line, f"{both} have the same id 0x{message.frame_id:X}")
        keys.setdefault(key, message.name)
        try:
            message.refresh(strict=True)
        except Exception as error:
            reason = _as_reason(error)
            line = _find_signal(text, message.name, reason) or _find_definition(text, message.name)
            yield Problem("warning", path, line, reason)


def _explain(path: str, form: str, text: str, error: Exception) -> Problem:
    """Say where and why cantools gave up."""
    offset = getattr(error, "offset", None)
    position = getattr(error, "position", None)
    if form == "dbc" and isinstance(offset, int):
        return _explain_statement(path, text, offset)
    if isinstance(offset, int):
        column = offset - text.rfind("\n", 0, offset)
        found = _describe_found(text, offset)
        reason = f"column {column}: found {found}, expected {form.upper()} syntax"
        return Problem("error", path, _line_at(text, offset), reason)
    if isinstance(position, tuple):
        return Problem("error", path, position[0], f"not well-formed XML: {_as_reason(error)}")
    said = _as_reason(error)
    if isinstance(error, KeyError):
        # cantools says in words what is wrong, but for a bare KeyError.
        said = f"`{_as_reason(error.args[0])}` is not defined"
    reason = f"cannot be read as {form.upper()}: {said}"
    return Problem("error", path, _find_mention(text, str(error)), reason)


def _explain_statement(path: str, text: str, offset: int) -> Problem:
    line = _line_at(text, offset)
    column = offset - text.rfind("\n", 0, offset)
    reason = f"column {column}: found {_describe_found(text, offset)}"
    before = [match for match in _STATEMENT.finditer(text, 0, offset) if match.start(1) < offset]
    form = _STATEMENT_FORMS.get(before[-1][1]) if before else _STATEMENT_FORMS["VERSION"]
    if form is None:
        return Problem("error", path, line, f"{reason}, expected DBC syntax")
    begun = _line_at(text, before[-1].start(1)) if before else line
    where = "" if begun == line else f" in the statement that begins on line {begun}"
    return Problem("error", path, line, f"{reason}, expected {form}{where}")


def _describe_found(text: str, offset: int) -> str:
    found = one_line(text[offset : offset + _FOUND_CHARACTERS]).split()
    return f"`{found[0]}`" if found else "the end of the file"


def _find_definition(text: str, name: str) -> int | None:
    """Return the line that defines a message, in any of the formats."""
    escaped = re.escape(name)
    pattern = rf'^\s*BO_\s+\d+\s+{escaped}\s*:|name="{escaped}"|^\[{escaped}\]|>{escaped}<'
    match = re.search(pattern, text, re.MULTILINE)
    # The match may begin with empty lines.
    return None if match is None else _line_at(text, match.end() - 1)


def _find_signal(text: str, message: str, complaint: str) -> int | None:
    """Return the line that defines the first signal of a complaint about a DBC's message."""
    named = re.search(r"[Ss]ignals? (\w+)", complaint)
    if named is None:
        return None
    definition = rf"^\s*BO_\s+\d+\s+{re.escape(message)}\s*:(?:(?!^\s*BO_).)*?\bSG_\s+{named[1]}\b"
    match = re.search(definition, text, re.MULTILINE | re.DOTALL)
    return None if match is None else _line_at(text, match.end())


def _find_mention(text: str, complaint: str) -> int | None:
    """Return the line of the first definition that holds a name or number of the complaint."""
    quoted = re.findall(r"'([^']+)'", complaint)
    named = re.findall(r"\b(?:message|signal) (\w+)", complaint)
    for name in named + quoted:
        line = _find_definition(text, name)
        if line is not None:
            return line
        word = rf"(?<![\w.]){re.escape(name)}(?![\w.])"
        match = re.search(rf"^[ \t]*(?:[A-Z]+_|<).*?{word}", text, re.MULTILINE)
        if match is not None:
            return _line_at(text, match.start())
    return None


def _line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _as_reason(text: object) -> str:
    line = one_line(text).rstrip(".")
    return line if len(line) <= _TOLD_CHARACTERS else f"{line[:_TOLD_CHARACTERS]}..."


def _failed(problem: Problem) -> DatabaseFile:
    return DatabaseFile(problem.path, problems=(problem,), is_read=False)
