"""A vehicle file checked against its databases: everything that is wrong in it, in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from canlock.decoding.database import Databases
from canlock.decoding.database_file import DatabaseFile, parse_database
from canlock.decoding.message_facts import gather_facts
from canlock.decoding.node_entries import read_alive, read_bcm, read_poll
from canlock.decoding.problem import Problem, find_nearest, list_words, show_path, suggest
from canlock.decoding.scope import Scope
from canlock.decoding.signal_entry import read_signal
from canlock.decoding.toml_entry import Entry
from canlock.decoding.vehicle_document import read_document
from canlock.model.roles import DOORS
from canlock.model.vehicle import Alive, MessageFacts, Poll, SignalMap, Timing, Vehicle

T = TypeVar("T")

SCHEMA: Final = "canlock.vehicle/1"

_TIMES: Final = (
    "status_period",
    "request_to_command",
    "command_to_status",
    "command_pulse",
    "selective_unlock",
    "auto_relock",
    "retry",
    "operation_window",
)
_MOST_OPERATIONS: Final = 1000


@dataclass(frozen=True, slots=True)
class Examination:
    """What came of reading one vehicle file."""

    vehicle: Vehicle | None
    """None where there is an error."""

    databases: Databases
    problems: tuple[Problem, ...]
    """Errors and warnings of the vehicle file by line, then those of its databases."""


def examine(path: Path, content: bytes, read: Callable[[Path], bytes]) -> Examination:
    """Check a vehicle file and make the vehicle of it.

    Args:
        path: Where the file lies: its databases lie relative to it, its stem is the vehicle's id.
        content: All its bytes.
        read: Gives the bytes of a database file; raises OSError where there is none.
    """
    root = read_document(show_path(path), content)
    if isinstance(root, Problem):
        return Examination(None, Databases(), (root,))
    databases = _read_databases(root, path, read)
    vehicle = _read_vehicle(root, path, databases)
    noted = sorted(root.notes.problems, key=lambda problem: problem.line or 0)
    problems = (*noted, *databases.problems)
    is_usable = not any(problem.is_error for problem in problems)
    return Examination(vehicle if is_usable else None, databases, problems)


def _read_vehicle(root: Entry, path: Path, databases: Databases) -> Vehicle:
    _check_schema(root)
    root.require("name", "dbc")
    doors = _read_doors(root)
    scope = Scope(doors, databases)
    timing = _read_timing(root)
    entries = _read_signals(root, scope)
    signals = tuple(signal for _, signal in entries)
    nodes = _read_all(read_alive, root.tables("alive"), scope)
    alive = tuple(node for _, node in nodes)
    polls = tuple(poll for _, poll in _read_all(read_poll, root.tables("poll"), scope))
    bcm = read_bcm(root)
    if polls and not root.has("bcm"):
        root.warning("`[[poll]]` without `[bcm]`: there is no address to ask", "poll")
    is_verified = root.flag("verified")
    name = root.text("name") or path.stem
    root.finish()
    messages = tuple(gather_facts(databases, signals, alive, polls))
    _check_doubles(entries)
    _check_presence(nodes, signals)
    _check_ids(root, messages, polls)
    return Vehicle(
        id=path.stem,
        name=name,
        doors=doors,
        signals=signals,
        messages=messages,
        timing=timing,
        alive=alive,
        bcm=bcm,
        polls=polls,
        is_verified=is_verified is not False,
        path=str(path),
    )


def _check_schema(root: Entry) -> None:
    schema = root.text("schema")
    if not root.has("schema"):
        root.error(f'`schema` is missing; expected `schema = "{SCHEMA}"` at the top')
    elif schema is not None and schema != SCHEMA:
        root.error(f"`schema` is `{schema}`; this canlock reads `{SCHEMA}`", "schema")


def _read_databases(root: Entry, path: Path, read: Callable[[Path], bytes]) -> Databases:
    names = root.words("dbc") or ()
    if root.has("dbc") and not names:
        root.error("`dbc` names no file; expected at least one beside this file", "dbc")
    files = []
    for index, name in enumerate(dict.fromkeys(names)):
        file = path.parent / name
        try:
            content = read(file)
        except (OSError, ValueError) as error:  # ValueError: a zero byte in the name.
            reason = getattr(error, "strerror", None) or str(error)
            near = suggest(Path(name).name, _list_neighbours(file))
            root.error(f"database `{name}` cannot be read: {reason}{near}", "dbc", index)
            # It stays in the list as unread: what it holds is not known.
            files.append(DatabaseFile(show_path(file), is_read=False))
        else:
            files.append(parse_database(show_path(file), content))
    return Databases(files)


def _list_neighbours(file: Path) -> list[str]:
    try:
        return [entry.name for entry in file.parent.iterdir() if entry.suffix != ".toml"]
    except (OSError, ValueError):
        return []


def _read_doors(root: Entry) -> tuple[str, ...]:
    doors = root.words("doors")
    if not root.has("doors"):
        root.warning(f"`doors` is missing: taken as {list_words(DOORS)}")
        return DOORS
    if not doors:
        if doors is not None:
            root.error("`doors` is empty; expected the doors that the car has", "doors")
        return DOORS
    for index, door in enumerate(doors):
        nearest = find_nearest(door, DOORS)
        if door in doors[:index]:
            root.warning(f"door `{door}` stands here twice", "doors", index)
        elif nearest is not None and door not in DOORS:
            text = f"door `{door}` is no name that is understood everywhere"
            root.warning(f"{text} (did you mean `{nearest}`?)", "doors", index)
    return tuple(dict.fromkeys(doors))


def _read_timing(root: Entry) -> Timing:
    entry = root.table("timing")
    timing = Timing()
    if entry is None:
        return timing
    given: dict[str, Any] = {key: entry.seconds(key) for key in _TIMES}
    given["operation_limit"] = entry.whole_number("operation_limit", 1, _MOST_OPERATIONS)
    entry.finish()
    return replace(timing, **{key: value for key, value in given.items() if value is not None})


def _read_signals(root: Entry, scope: Scope) -> list[tuple[Entry, SignalMap]]:
    entries = []
    for entry in root.tables("signal"):
        signal = read_signal(entry, scope)
        entry.finish()
        if signal is not None:
            entries.append((entry, signal))
    if not root.has("signal"):
        root.warning("no `[[signal]]`: nothing of this car can be observed")
    return entries


def _read_all(
    read: Callable[[Entry, Scope], T | None], entries: Iterable[Entry], scope: Scope
) -> list[tuple[Entry, T]]:
    found = [(entry, read(entry, scope)) for entry in entries]
    return [(entry, item) for entry, item in found if item is not None]


def _check_doubles(entries: Iterable[tuple[Entry, SignalMap]]) -> None:
    """Note a role that two entries take from the same signals for the same door."""
    firsts: dict[tuple[str, str | None, tuple[str, ...]], Entry] = {}
    for entry, signal in entries:
        for door in signal.doors or (None,):
            key = (signal.role, door, tuple(sorted(signal.signals)))
            first = firsts.setdefault(key, entry)
            if first is not entry:
                of = "the whole car" if door is None else f"door `{door}`"
                text = f"`{signal.role}` of {of} already comes from {list_words(signal.signals)}"
                entry.error(f"{text} on line {first.line}")
                break


def _check_presence(nodes: Iterable[tuple[Entry, Alive]], signals: Iterable[SignalMap]) -> None:
    """Note messages that are to show life and are sent only when something happens."""
    eventful = {signal.message: signal.line for signal in signals if signal.first_is_event}
    for entry, node in nodes:
        if node.message in eventful:
            text = f"message `{node.message}` shows no life: line {eventful[node.message]} says"
            entry.warning(f'{text} `first = "event"`, so it is sent only on events', "message")


def _check_ids(root: Entry, messages: Iterable[MessageFacts], polls: Iterable[Poll]) -> None:
    """Note messages that frames cannot tell apart; polled ones do not come as frames."""
    polled = {poll.message for poll in polls}
    names: dict[int, str] = {}
    for facts in messages:
        if facts.name in polled:
            continue
        first = names.setdefault(facts.key, facts.name)
        if first != facts.name:
            text = f"messages `{first}` and `{facts.name}` have the same id in the databases"
            root.error(f"{text}; a frame cannot be both", "dbc")
