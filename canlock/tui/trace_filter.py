"""What is to be seen of the trace: a line of terms, all of which must hold.

id=60D,35B   ids in hexadecimal; `x` stands for any digit: `id=6xx`
ch=can0      channels
name=BCM     messages whose name, or in `name~` part of it, is this
BCM          a word alone: part of a message's name or of an id
Locked=yes   a signal by its name (`Message.Signal` where two have one name), its value by
             name or as a number; also != < <= > >=
data~01xx    bytes in this order somewhere in the payload; `data=` the whole payload
len>4        bytes of payload
t>12.5       seconds after the first frame
is=changed   also new, error, remote, fd, sent, extended
!term        frames for which the term does not hold
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from canlock.decoding.signal_book import BookSignal, SignalBook
from canlock.errors import CanlockError
from canlock.model.frames import FrameFlag
from canlock.pipeline.frame_window import NO_LENGTH, FrameRows, FrameWindow, Ident
from canlock.tui.trace_terms import (
    Chosen,
    DataTest,
    Either,
    IdentTest,
    Negated,
    RowTest,
    SignalTest,
    Term,
)

Comparison = Callable[[Any, Any], Any]

COMPARISONS: Final[dict[str, Comparison]] = {
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "~": operator.contains,
}
EXACT: Final = 1e-9
"""Numbers that differ by less, or by such a share, are taken for equal: scales round."""

FLAGS: Final = {
    "error": FrameFlag.ERROR,
    "remote": FrameFlag.REMOTE,
    "fd": FrameFlag.FD,
    "sent": FrameFlag.TRANSMITTED,
    "extended": FrameFlag.EXTENDED,
}

_TERM: Final = re.compile(r"(?P<subject>[^=<>!~]+?)(?P<sign>!=|<=|>=|=|<|>|~)(?P<value>.+)")
_ID: Final = re.compile(r"(?:0x)?(?P<digits>[0-9a-fx]{1,8})", re.IGNORECASE)
_DATA: Final = re.compile(r"(?:[0-9a-fx]{2})+", re.IGNORECASE)
_ANY_DIGIT: Final = "x"
_WIDE_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Conditions that must all hold."""

    text: str
    terms: tuple[Term, ...] = ()

    def choose(self, rows: FrameRows, window: FrameWindow) -> Chosen:
        """Return shape (n,): which rows are to be seen.

        Args:
            rows: Rows of the window.
            window: For what the rows mean.
        """
        chosen = np.ones(len(rows), np.bool_)
        for term in self.terms:
            chosen &= term.choose(rows, window)
        return chosen


def parse_filter(text: str, book: SignalBook) -> TraceFilter:
    """Return the filter that a line of terms describes; an empty line lets everything through.

    Raises:
        CanlockError: A term means nothing; the text says which and what was expected.
    """
    return TraceFilter(text.strip(), tuple(_parse_term(word, book) for word in text.split()))


def _parse_term(word: str, book: SignalBook) -> Term:
    if word.startswith("!") and len(word) > 1:
        return Negated(_parse_term(word[1:], book))
    found = _TERM.fullmatch(word)
    if found is None:
        return _parse_word(word, book)
    subject, sign, value = found["subject"], found["sign"], found["value"]
    parse = _SUBJECTS.get(subject.casefold())
    if parse is not None:
        return parse(word, sign, value, book)
    return _parse_signal(word, subject, sign, value, book)


def _parse_word(word: str, book: SignalBook) -> Term:
    if not word.isprintable() or set(word) & set("=<>~!"):
        raise CanlockError(f"`{word}`: expected a word, or a name, a sign and a value: `id=60D`")
    part = word.casefold()

    def is_meant(ident: Ident) -> bool:
        return part in ident.hexadecimal.casefold() or part in _name(ident, book).casefold()

    return IdentTest(is_meant)


def _parse_id(word: str, sign: str, value: str, _: SignalBook) -> Term:
    patterns = []
    for one in value.split(","):
        found = _ID.fullmatch(one)
        if found is None:
            raise CanlockError(f"`{word}`: expected hexadecimal digits, as in `id=60D` or `id=6xx`")
        patterns.append(found["digits"].casefold())
    return _for_idents(word, sign, lambda ident: any(_is_id(ident, one) for one in patterns))


def _is_id(ident: Ident, pattern: str) -> bool:
    """Say whether an id is as written; eight digits mean an id of 29 bits."""
    if len(pattern) == _WIDE_DIGITS and not ident.is_extended:
        return False
    digits = f"{ident.arbitration_id:x}"
    if len(digits) > len(pattern):
        return False
    pairs = zip(digits.rjust(len(pattern), "0"), pattern, strict=True)
    return all(wanted in (_ANY_DIGIT, digit) for digit, wanted in pairs)


def _parse_channel(word: str, sign: str, value: str, _: SignalBook) -> Term:
    names = value.casefold().split(",")
    return _for_idents(word, sign, lambda ident: ident.channel.casefold() in names)


def _parse_name(word: str, sign: str, value: str, book: SignalBook) -> Term:
    names = value.casefold().split(",")
    if sign == "~":
        return IdentTest(lambda ident: any(name in _name(ident, book).casefold() for name in names))
    return _for_idents(word, sign, lambda ident: _name(ident, book).casefold() in names)


def _name(ident: Ident, book: SignalBook) -> str:
    message = book.message(ident.key) if ident.kind == "data" else None
    return "" if message is None else message.name


def _for_idents(word: str, sign: str, is_meant: Callable[[Ident], bool]) -> Term:
    if sign not in ("=", "!="):
        raise CanlockError(f"`{word}`: expected `=` or `!=` here")
    term = IdentTest(is_meant)
    return term if sign == "=" else Negated(term)


def _parse_data(word: str, sign: str, value: str, _: SignalBook) -> Term:
    if _DATA.fullmatch(value) is None:
        raise CanlockError(f"`{word}`: expected pairs of hexadecimal digits, as in `data~01xx`")
    if sign not in ("=", "!=", "~"):
        raise CanlockError(f"`{word}`: expected `~`, `=` or `!=` here")
    places = value.casefold()
    mask = bytes.fromhex("".join("0" if digit == _ANY_DIGIT else "f" for digit in places))
    wanted = bytes.fromhex(places.replace(_ANY_DIGIT, "0"))
    term = DataTest(mask, wanted, is_whole=sign != "~")
    return Negated(term) if sign == "!=" else term


def _parse_length(word: str, sign: str, value: str, _: SignalBook) -> Term:
    compare, number = _comparison(word, sign), _number(word, value)
    return RowTest(lambda rows, _: compare(rows.length, number))


def _parse_time(word: str, sign: str, value: str, _: SignalBook) -> Term:
    compare, number = _comparison(word, sign), _number(word, value)
    return RowTest(lambda rows, window: compare(rows.at_s - (window.first_s or 0.0), number))


def _parse_claim(word: str, sign: str, value: str, _: SignalBook) -> Term:
    term: Term
    claim = value.casefold()
    if claim == "changed":
        term = RowTest(lambda rows, _: rows.is_changed)
    elif claim == "new":
        term = RowTest(lambda rows, _: rows.previous_length == NO_LENGTH)
    elif claim in FLAGS:
        bit = np.uint8(FLAGS[claim])
        term = RowTest(lambda rows, _: (rows.flags & bit) != 0)
    else:
        known = ", ".join(("changed", "new", *FLAGS))
        raise CanlockError(f"`{word}`: expected one of {known}")
    if sign not in ("=", "!="):
        raise CanlockError(f"`{word}`: expected `=` or `!=` here")
    return term if sign == "=" else Negated(term)


def _parse_signal(word: str, subject: str, sign: str, value: str, book: SignalBook) -> Term:
    signals = book.find_signals(subject)
    if not signals:
        raise CanlockError(
            f"`{word}`: no signal `{subject}`; expected a signal of the vehicle's database, or "
            "one of " + " ".join(_SUBJECTS)
        )
    compare = _comparison(word, sign)
    number = _as_number(value)
    terms: list[SignalTest] = []
    for signal in signals:
        raws = signal.find_raw(value)
        if raws and sign in ("=", "!="):
            terms.append(SignalTest(signal, _among(raws, is_negated=sign == "!=")))
        elif number is not None:
            terms.append(SignalTest(signal, _beside(signal, sign, compare, number)))
    if not terms:
        names = dict.fromkeys(
            name for signal in signals for name in (signal.words or signal.choices).values()
        )
        known = f" or one of {', '.join(names)}" if names else ""
        raise CanlockError(f"`{word}`: expected a number{known}")
    return terms[0] if len(terms) == 1 else Either(tuple(terms))


def _among(raws: frozenset[int], *, is_negated: bool) -> Callable[[Any], Chosen]:
    def compare(raw: Any) -> Chosen:  # noqa: ANN401 - an array of whatever integers.
        found = np.zeros(len(raw), np.bool_)
        for wanted in raws:
            found |= raw == wanted
        return ~found if is_negated else found

    return compare


def _beside(
    signal: BookSignal, sign: str, compare: Comparison, number: float
) -> Callable[[Any], Chosen]:
    def compare_numbers(raw: Any) -> Chosen:  # noqa: ANN401 - an array of whatever numbers.
        values = signal.physical_rows(raw)
        is_equal = np.isclose(values, number, rtol=EXACT, atol=EXACT)
        if sign in ("=", "!="):
            return is_equal if sign == "=" else ~is_equal
        found: Chosen = compare(values, number)
        # What is equal but for rounding is neither less nor more.
        return found | is_equal if "=" in sign else found & ~is_equal

    return compare_numbers


def _comparison(word: str, sign: str) -> Comparison:
    if sign == "~":
        raise CanlockError(f"`{word}`: expected = != < <= > or >= here")
    return COMPARISONS[sign]


def _number(word: str, value: str) -> float:
    number = _as_number(value)
    if number is None:
        raise CanlockError(f"`{word}`: expected a number")
    return number


def _as_number(value: str) -> float | None:
    try:
        return float(int(value, 16)) if value.casefold().startswith("0x") else float(value)
    except ValueError:
        return None


_Parse = Callable[[str, str, str, SignalBook], Term]
_SUBJECTS: Final[dict[str, _Parse]] = {
    "id": _parse_id,
    "ch": _parse_channel,
    "name": _parse_name,
    "data": _parse_data,
    "len": _parse_length,
    "t": _parse_time,
    "is": _parse_claim,
}
