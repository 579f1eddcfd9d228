"""One `[[signal]]` of a vehicle file: the role that one or several signals play."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from canlock.decoding.layout import LONGEST_SIGNAL
from canlock.decoding.problem import list_words, suggest
from canlock.decoding.raw_values import RawValues, read_values
from canlock.decoding.scope import Scope
from canlock.decoding.toml_entry import Entry
from canlock.model.roles import (
    FEEDBACKS,
    REQUEST_ROLES,
    ROLE_VALUES,
    ROLES,
    idle_value,
)
from canlock.model.vehicle import Combine, SignalKind, SignalMap

if TYPE_CHECKING:
    from cantools.database.can import Signal

DEFAULT_FEEDBACK: Final = "belief"
"""What a `lock.status` without `feedback` is taken for: a bit of which nobody knows whether a
switch moves it must not accuse or acquit a latch."""

EVENT_ROLES: Final = frozenset(
    (
        *REQUEST_ROLES,
        "command.lock",
        "command.requestor",
        "command.inhibit",
        "handle.outer",
        "handle.inner",
        "ack.flasher",
        "ack.horn",
        "window.switch",
        "window.moving",
        "mirror.moving",
    )
)
"""Roles of which only the change away from idle matters; of the others the way back does too."""

COUNTED_STATE_ROLES: Final = frozenset({"command.lock", "command.requestor", "command.inhibit"})
"""Roles whose held value is told from its repeat by a counter (contract 2)."""

_UNITS: Final = {
    "supply.voltage": ("V", "Volt", "Volts"),
    "vehicle.speed": ("km/h", "kph", "kmh"),
    "ambient.temperature": ("degC", "C", "°C", "deg C"),
    "motor.current": ("A", "Amp", "Ampere"),
    "bcm.uptime": ("s", "sec", "seconds"),
    "window.position": ("%", "percent"),
}
"""How databases spell the unit that the contract gives a role."""

_COMBINED_WORDS: Final = 2


def read_signal(entry: Entry, scope: Scope) -> SignalMap | None:
    """Return what a `[[signal]]` table says, or None where a mistake leaves it without meaning.

    Args:
        entry: The table; each mistake is noted there.
        scope: Doors and databases that it may name.
    """
    role = _read_role(entry)
    doors = scope.read_doors(entry)
    names, signals = _read_names(entry, scope)
    kind: SignalKind = "event" if entry.choice("kind", ("state", "event")) == "event" else "state"
    is_first_event = entry.choice("first", ("event",)) is not None
    counter = scope.read_counter(entry, names[0].partition(".")[0] if names else None)
    combine = _read_combine(entry, names)
    feedback = _read_feedback(entry, role)
    values: RawValues = {}
    if role in ROLE_VALUES:
        values = _read_words(entry, role, signals, is_combined=combine is not None)
        _check_kind(entry, role, kind, values, counter)
    elif role is not None:
        _check_number(entry, role, signals)
        kind, counter, combine = "state", None, None
    if role is None or not names:
        return None
    words = tuple(dict.fromkeys(values.values()))
    return SignalMap(
        role=role,
        signals=names,
        doors=doors,
        values=values,
        combine=combine,
        true_value=words[1] if combine and len(words) == _COMBINED_WORDS else None,
        kind=kind,
        first_is_event=is_first_event,
        counter=counter,
        feedback=feedback,
        line=entry.line,
    )


def _read_role(entry: Entry) -> str | None:
    entry.require("role")
    # Without a role nobody asks for them, and they are no unknown keys all the same.
    entry.has("values")
    role = entry.text("role")
    if role is not None and role not in ROLES:
        near = suggest(role, ROLES) or f"; expected one of {list_words(ROLES)}"
        entry.error(f"unknown role `{role}`{near}", "role")
        return None
    return role


def _read_names(entry: Entry, scope: Scope) -> tuple[tuple[str, ...], list[Signal | None]]:
    """Return the full names of an entry's signals, and what the databases hold of each."""
    has_one, has_several = entry.has("signal"), entry.has("signals")
    if has_one and has_several:
        entry.error("both `signal` and `signals` stand here; expected one of them", "signals")
    if not has_one and not has_several:
        entry.error('no `signal`; expected `signal = "Message.Signal"`')
    name, listed = entry.text("signal"), entry.words("signals")
    if listed is not None and not listed:
        entry.error("`signals` is empty; expected at least one `Message.Signal`", "signals")
    names = (name,) if name is not None else listed or ()
    signals = []
    for index, name in enumerate(names):
        where = ("signal",) if has_one else ("signals", index)
        signal = scope.find_signal(entry, name, *where)
        signals.append(signal)
        if signal is not None and signal.length > LONGEST_SIGNAL:
            text = f"`{name}` has {signal.length} bits; expected at most {LONGEST_SIGNAL}"
            entry.error(text, *where)
        if name in names[:index]:
            entry.error(f"signal `{name}` stands here twice", *where)
    messages = list(dict.fromkeys(name.partition(".")[0] for name in names))
    if len(messages) > 1:
        text = f"the signals come from {list_words(messages)}; expected signals of one message"
        entry.error(f"{text}, which arrive together", "signals")
    return names, signals


def _read_combine(entry: Entry, names: tuple[str, ...]) -> Combine | None:
    word = entry.choice("combine", ("all", "any"))
    if word is None:
        return None
    if names and not entry.has("signals"):
        entry.error("`combine` stands with one `signal`; expected `signals`", "combine")
    combine: Combine = "all" if word == "all" else "any"
    return combine


def _read_feedback(entry: Entry, role: str | None) -> str | None:
    feedback = entry.choice("feedback", FEEDBACKS)
    if role == "lock.status":
        if not entry.has("feedback"):
            text = f"`feedback` is missing: taken as `{DEFAULT_FEEDBACK}`; say what moves the bit: "
            entry.warning(text + list_words(FEEDBACKS))
        return feedback or DEFAULT_FEEDBACK
    if role is not None and feedback is not None:
        entry.warning(f"only `lock.status` has `feedback`; ignored for `{role}`", "feedback")
    return None


def _read_words(
    entry: Entry, role: str, signals: Sequence[Signal | None], *, is_combined: bool
) -> RawValues:
    for signal in signals:
        if signal is not None and signal.conversion.is_float:
            text = f"`{signal.name}` is a float: no raw integers of it can mean words"
            entry.error(text, "signals" if entry.has("signals") else "signal")
    written = entry.pairs("values")
    if not written:
        if written is not None or not entry.has("values"):
            words = list_words(ROLE_VALUES[role])
            text = f"no `values` for role `{role}`; expected which raw value is which of {words}"
            entry.error(text, "values")
        return {}
    values = read_values(entry, written, role, signals, is_combined=is_combined)
    distinct = set(values.values())
    if is_combined and len(distinct) != _COMBINED_WORDS:
        text = (
            f"`combine` needs two different values, the second the true one; found {len(distinct)}"
        )
        entry.error(text, "values")
    return values


def _check_kind(
    entry: Entry, role: str, kind: SignalKind, values: RawValues, counter: str | None
) -> None:
    idle = idle_value(role)
    if kind == "state":
        if counter is not None and role not in COUNTED_STATE_ROLES:
            text = f"`counter` says nothing about the state `{role}`; it counts for `kind`"
            entry.warning(f'{text} = "event"', "counter")
        return
    if role not in EVENT_ROLES:
        text = f"`{role}` is a state: as an event its return to `{idle}` is never seen"
        entry.warning(f"{text}; leave `kind` out", "kind")
    elif values and idle not in values.values() and counter is None:
        text = f"no raw value means `{idle}` and there is no `counter`"
        entry.warning(f"{text}: a second event like the first looks like its repeat", "values")


def _check_number(entry: Entry, role: str, signals: Sequence[Signal | None]) -> None:
    """Note what makes no sense for a role whose value is the physical one."""
    if len(signals) > 1:
        entry.error(f"role `{role}` is a number; expected one `signal`", "signals")
    for key in ("values", "combine", "kind", "counter"):
        if entry.has(key):
            entry.warning(f"role `{role}` is a number; `{key}` is ignored", key)
    unit = signals[0].unit if signals and signals[0] is not None else None
    units = _UNITS.get(role)
    if unit and units and unit.casefold() not in {known.casefold() for known in units}:
        text = f"the database gives `{unit}`; role `{role}` is taken in {units[0]}"
        entry.warning(f"{text}: mend factor, offset and unit there", "signal")
