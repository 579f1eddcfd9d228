"""What stands behind the times of candump lines: channels, ids and payloads of one block.

Only yes or no is asked of the whole block, see `candump_plain`; the wanted lines are copied out.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FrameFlag
from canlock.sources.candump_channels import ChannelNames
from canlock.sources.candump_fields import EXTENDED_DIGITS, parse_identifier
from canlock.sources.candump_heads import HEAD_BYTES, Indexes, LineHeads, gather
from canlock.sources.candump_lines import parse_directions
from canlock.sources.candump_records import (
    DATA_DIGITS,
    Form,
    Records,
    WantedLines,
    parse_payloads,
    read_heads,
    spread_heads,
)
from canlock.sources.candump_times import TimeCheck
from canlock.sources.id_words import KnownIds
from canlock.sources.stretch import Wanted, keys_of
from canlock.sources.words import WORD, common_count
from canlock.sources.workspace import Workspace

_CHANNEL: Final = re.compile(rb"\) (?P<name>[!-~]{1,24}) ")
_CHANNELS: Final = 4
_HASH: Final = ord("#")
_BLANK: Final = ord(" ")
_NEWLINE: Final = ord("\n")
_ID: Final = len("130#")
_MORE_DIGITS: Final = EXTENDED_DIGITS - len("130")
_FIRST_OF_WORD: Final = [np.uint64((1 << 8 * count) - 1) for count in range(WORD + 1)]
_PAYLOAD_BIT: Final = 0x1010_1010_1010_1010
"""In digits and letters up to `o` bit 4 and bit 6 differ; in blanks, ends of lines, brackets and
`#` they do not. So a line that ends before its time is seen, whatever its payload says."""


class BlockFrames:
    """What stands behind the times of one block's lines."""

    def __init__(
        self,
        heads: LineHeads,
        form: Form,
        times: TimeCheck,
        wanted: Wanted,
        workspace: Workspace,
    ) -> None:
        self._heads = heads
        self._form = form
        self._times = times
        self._wanted = wanted
        self._workspace = workspace
        self._id_columns: list[int] = []
        """Where ids begin, by channel."""

        self._names: list[bytes] = []
        """Of the channels."""

        self._between: dict[int, npt.NDArray[np.uint64]] = {}
        """Words behind the times, by their column."""

        self._which: npt.NDArray[np.uint8] | None = None
        """Shape (n,): the number of the channel; None: there is but one."""

        self._more_digits: Indexes | None = None
        """Shape (n,): digits of an id beyond three, where there are such."""

        self._digits: Indexes | None = None
        """Shape (n,): digits of the payloads, where they are not the same in all lines."""

        self._extended: tuple[Indexes, npt.NDArray[np.uint32], npt.NDArray[np.uint8]] | None = None
        """Rows of wanted lines with such ids, their ids and flags."""

    @property
    def only_channel(self) -> bytes | None:
        """Return what stands between time and id of all lines; None: it differs, or ids do."""
        if self._which is not None or self._more_digits is not None or len(self._names) != 1:
            return None
        return b") " + self._names[0] + b" "

    def check(self, known: KnownIds, records: Records, channels: ChannelNames) -> bool:
        """Copy the wanted lines out; False where a line is not plain."""
        ids = self._find_ids()
        if ids is None:
            return False
        place, room = (self._workspace.column(name, len(ids), "<u4") for name in ("place", "room"))
        marks = self._workspace.column("wanted", len(ids), "?")
        found = known.find(ids, place, room, marks)
        if found is None:
            return False
        rows, others = found
        if len(others):
            extended = self._find_extended(others)
            if extended is None:
                return False
            rows = np.sort(np.concatenate((rows, extended)))
        if not self._are_payloads():
            return False
        if not len(rows):
            return True
        return self._copy_wanted(rows, known.numbers(ids[rows]), records, channels)

    def _find_ids(self) -> npt.NDArray[np.uint32] | None:
        """Return shape (n,): the first four characters of ids; None: too many channels."""
        heads, workspace = self._heads, self._workspace
        row = 0
        ids: npt.NDArray[np.uint32] | None = None
        left: npt.NDArray[np.bool_] | None = None
        while len(self._names) < _CHANNELS:
            found = self._find_channel(row)
            if found is None:
                return None
            column, is_same = found
            if ids is None or left is None:
                ids = heads.words(column, "ids", "<u4")
                if is_same is None:
                    return ids
                self._which = workspace.column("which", heads.count, "u1")
                self._which[:] = 0
                left = np.logical_not(is_same, out=workspace.column("left", heads.count, "?"))
            elif is_same is not None and self._which is not None:
                self._which += is_same.view(np.uint8) * np.uint8(len(self._names) - 1)
                if column != self._id_columns[0]:
                    self._replace_ids(ids, column, is_same)
                left &= ~is_same
            row = int(left.argmax())
            if not left[row]:
                return ids
        return None

    def _replace_ids(
        self, ids: npt.NDArray[np.uint32], column: int, is_same: npt.NDArray[np.bool_]
    ) -> None:
        """Take the ids of some lines from another column."""
        # Plain arithmetic does that many times faster than a choice does.
        mask = self._workspace.column("mask", len(ids), "<i4")
        np.negative(is_same.view(np.int8), out=mask)
        others = self._heads.words(column, "other ids", "<u4")
        np.bitwise_xor(others, ids, out=others)
        np.bitwise_and(others, mask.view("<u4"), out=others)
        np.bitwise_xor(ids, others, out=ids)

    def _find_channel(self, row: int) -> tuple[int, npt.NDArray[np.bool_] | None] | None:
        """Return where the ids of one line's channel begin, and which lines have it; None: all."""
        heads, time_end = self._heads, self._form.time_end
        start = int(heads.starts(np.array([row]))[0])
        match = _CHANNEL.match(heads.block.text[start : start + HEAD_BYTES].tobytes(), time_end)
        columns = [] if match is None else range(time_end, match.end(), WORD)
        if match is None or max(columns[-1] + WORD, match.end() + _ID) > heads.width:
            return None
        self._id_columns.append(match.end())
        self._names.append(match["name"])
        is_same: npt.NDArray[np.bool_] | None = None
        for column in columns:
            words = self._words_between(column)
            masked = self._workspace.column("masked", heads.count, "<u8")
            np.bitwise_and(words, _FIRST_OF_WORD[min(match.end() - column, WORD)], out=masked)
            fits = masked == masked[row]
            is_same = fits if is_same is None else is_same & fits
        return match.end(), None if is_same is None or is_same.all() else is_same

    def _words_between(self, column: int) -> npt.NDArray[np.uint64]:
        """Return shape (n,): what stands between time and id, from a column on; fetched once."""
        found = self._between.get(column)
        if found is None:
            found = self._between[column] = self._heads.words(column, f"between {column}")
        return found

    def _find_extended(self, rows: Indexes) -> Indexes | None:
        """Return the wanted ones among lines with ids of eight digits; None where one is none."""
        heads = self._heads
        id_at = heads.starts(rows) + self._id_column(rows)
        if not (heads.block.text[id_at + EXTENDED_DIGITS] == _HASH).all():
            return None
        number, flags, is_id = parse_identifier(heads.block.words(id_at), EXTENDED_DIGITS)
        if not is_id.all() or (flags & np.uint8(FrameFlag.ERROR)).any():
            return None
        self._more_digits = np.zeros(heads.count, np.intp)
        self._more_digits[rows] = _MORE_DIGITS
        chosen = self._wanted.rows(keys_of(number, flags), flags)
        self._extended = rows[chosen], number[chosen], flags[chosen]
        return rows[chosen]

    def _id_column(self, rows: Indexes) -> int | Indexes:
        """Return the column where ids begin: one for all lines, or one for each of some."""
        columns = self._id_columns
        if self._which is None or len(set(columns)) == 1:
            return columns[0]
        return np.array(columns, np.intp).take(self._which[rows])

    def _are_payloads(self) -> bool:
        """Tell whether the payloads of all lines have a length that can be."""
        heads, text = self._heads, self._heads.block.text
        suffix = self._form.suffix
        if heads.stride is not None:
            if heads.has_return and not heads.are(heads.stride - 2, "\r"):
                return False
            if self._which is None and self._more_digits is None:
                column = self._id_columns[0] + _ID
                digits = heads.stride - 1 - heads.has_return - column - suffix
                is_length = 0 <= digits <= 2 * CLASSIC_BYTES and digits % 2 == 0
                return is_length and self._are_unbroken(column, digits)
            # Lines of equal length may be longer ones and shorter ones in turn.
            newlines = text[heads.block.start : heads.block.end] == _NEWLINE
            if np.count_nonzero(newlines) != heads.count:
                return False
        digits_of = self._digits = self._workspace.column("digits", heads.count, "<i8")
        np.subtract(heads.end, heads.start, out=digits_of)
        digits_of -= self._id_columns[0] + _ID + suffix
        for number, column in enumerate(self._id_columns):
            further = column - self._id_columns[0]
            if further and self._which is not None:
                # A product takes half the time of a choice.
                digits_of -= (self._which == number).view(np.int8) * np.int8(further)
        if self._more_digits is not None:
            np.subtract(digits_of, self._more_digits, out=digits_of)
        # All together have a lowest bit where one is odd, and a sign where one is below nought. A
        # line with a return among others without, or without among others with, is odd too.
        together = int(np.bitwise_or.reduce(digits_of))
        if together & 1 or together < 0 or int(digits_of.max()) > 2 * CLASSIC_BYTES:
            return False
        if not suffix:
            return True
        return bool((text[heads.end - suffix] == _BLANK).all()) and self._are_directions()

    def _are_directions(self) -> bool:
        """Tell whether all lines end with the letter of a direction."""
        return bool(parse_directions(self._heads.block.text[self._heads.end - 1])[1].all())

    def _are_unbroken(self, column: int, digits: int) -> bool:
        """Tell whether lines of equal length hold no further ends of lines."""
        heads = self._heads
        words = heads.characters(column, 2 * WORD).view("<u8")
        if digits:
            shifted = self._workspace.column("shifted", len(words), "<u8")
            np.right_shift(words, np.uint64(2), out=shifted)
            np.bitwise_xor(words, shifted, out=words)
            if digits == 2 * WORD:
                found = int(np.bitwise_and.reduce(words))
                if found & _PAYLOAD_BIT != _PAYLOAD_BIT:
                    return False
            elif not _have_bits(words, digits):
                return False
        if not self._form.suffix:
            return True
        return heads.are(column + digits, " ") and self._are_directions()

    def _copy_wanted(
        self,
        rows: Indexes,
        numbers: npt.NDArray[np.uint32],
        records: Records,
        channels: ChannelNames,
    ) -> bool:
        """Copy the wanted lines out; False where one has a payload that is none."""
        digits = self._digits_of(rows)
        payload = parse_payloads(self._gather_data(rows), digits)
        if payload is None:
            return False
        flags: npt.NDArray[np.uint8] | None = None
        if self._extended is not None or self._form.suffix:
            flags = np.zeros(len(rows), np.uint8)
        if self._extended is not None and flags is not None:
            extended, ids, id_flags = self._extended
            places = np.searchsorted(rows, extended)
            numbers[places], flags[places] = ids, id_flags
        if self._form.suffix and flags is not None:
            letters = self._heads.block.text[self._heads.ends(rows) - 1]
            flags |= parse_directions(letters)[0] * np.uint8(FrameFlag.TRANSMITTED)
        length = digits >> 1 if isinstance(digits, int) else (digits >> 1).astype(np.uint8)
        low = self._times.low[rows]
        channel = self._number_channels(rows, channels)
        head = self._time_heads(rows)
        records.add(WantedLines(head, low, numbers, flags, length, channel, payload))
        return True

    def _time_heads(self, rows: Indexes) -> int | npt.NDArray[np.uint64]:
        """Return the digits of times before their last eight characters, as numbers."""
        heads, starts = self._heads, self._times.starts
        places = heads.starts(starts).tolist()
        return spread_heads(read_heads(heads.block.text, places, self._form), starts, rows)

    def _gather_data(self, rows: Indexes) -> npt.NDArray[np.void]:
        """Return the first characters of payloads."""
        column = self._id_column(rows)
        if self._more_digits is not None:
            column = column + self._more_digits[rows]
        if isinstance(column, int):
            return self._heads.gather(column + _ID, DATA_DIGITS, rows)
        at = self._heads.starts(rows) + column + _ID
        return gather(self._heads.block.text, at, DATA_DIGITS)

    def _digits_of(self, rows: Indexes) -> int | Indexes:
        """Return the digits of the payloads of some lines: one number, or one each."""
        if self._digits is not None:
            return common_count(self._digits[rows])
        # Lines of one length, one channel, and ids of three digits.
        heads = self._heads
        size = heads.stride or 0
        return size - 1 - heads.has_return - self._id_columns[0] - _ID - self._form.suffix

    def _number_channels(
        self, rows: Indexes, channels: ChannelNames
    ) -> int | npt.NDArray[np.uint8]:
        """Return the channels' numbers in the capture; new ones in the order of the lines."""
        if self._which is None:
            return channels.name_number(self._names[0].decode())
        which = self._which[rows]
        numbers = np.zeros(len(self._names), np.uint8)
        firsts = [(which == number) for number in range(len(self._names))]
        met = [number for number, there in enumerate(firsts) if there.any()]
        for number in sorted(met, key=lambda one: int(firsts[one].argmax())):
            numbers[number] = channels.name_number(self._names[number].decode())
        return numbers[which]


def _have_bits(words: npt.NDArray[np.uint64], digits: int) -> bool:
    """Tell whether the first digits of two words each have the bit that all digits have."""
    for place in range(2):
        count = min(max(digits - WORD * place, 0), WORD)
        bits = int(_FIRST_OF_WORD[count]) & _PAYLOAD_BIT
        if int(np.bitwise_and.reduce(words[place::2])) & bits != bits:
            return False
    return True
