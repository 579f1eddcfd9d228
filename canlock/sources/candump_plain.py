"""Candump blocks in which nothing is strange, looked at as a whole.

Of every line time, channel and id must be what they ought to be and the payload must have a length
that can be; but only yes or no is asked, and of the whole block. The payloads of wanted lines are
checked too. Where one line differs the answer is no, and `candump_skim` looks at the lines one by
one. Wanted lines are copied out and parsed when there are many, see `candump_records`.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FrameBatch, FrameFlag
from canlock.sources.candump_channels import ChannelNames
from canlock.sources.candump_fields import EXTENDED_DIGITS, parse_identifier
from canlock.sources.candump_heads import HEAD_BYTES, Indexes, LineHeads, gather
from canlock.sources.candump_lines import parse_directions
from canlock.sources.candump_records import (
    FRAME_BYTES,
    TIME_BYTES,
    Form,
    Records,
    WantedLines,
)
from canlock.sources.candump_times import TimeText, check_times
from canlock.sources.lines import LineBlock
from canlock.sources.stretch import Wanted, keys_of
from canlock.sources.words import WORD, common_count
from canlock.sources.workspace import Workspace

_FIRST_LINE: Final = re.compile(
    rb"\((?P<time>\d{1,11}\.(?P<fraction>\d{1,6}))\) [!-~]{1,24} "
    rb"(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})#[0-9A-Fa-f]*(?P<direction> [RTrt])?(?P<return>\r)?\n"
)
_CHANNEL: Final = re.compile(rb"\) (?P<name>[!-~]{1,24}) ")
_LONGEST_FIRST_LINE: Final = 80
_LEAST_LINES: Final = 64
_CHANNELS: Final = 4
_HASH: Final = ord("#")
_OPENING: Final = ord("(")
_BLANK: Final = ord(" ")
_NEWLINE: Final = ord("\n")
_ID: Final = len("130#")
_MORE_DIGITS: Final = EXTENDED_DIGITS - len("130")
_FIRST_OF_WORD: Final = [np.uint64((1 << 8 * count) - 1) for count in range(WORD + 1)]

_STANDARD: Final = np.uint32(ord("#") << 24 | ord("0"))
_STANDARD_BITS: Final = np.uint32(0xFF80_80F8)
"""Of the three digits of an 11-bit id and the `#` behind: what is the same in all of them."""

_UNWANTED, _WANTED = 1, 2
_PAYLOAD_BIT: Final = 0x1010_1010_1010_1010
"""In digits and letters up to `o` bit 4 and bit 6 differ; in blanks, ends of lines, brackets and
`#` they do not. So a line that ends before its time is seen, whatever its payload says."""


class PlainLines:
    """Plain blocks on end, and the wanted frames in them."""

    def __init__(self, wanted: Wanted, channels: ChannelNames) -> None:
        self.lines = 0
        """Lines of the blocks that were taken since the last release; all of them are frames."""

        self.first_s = self.last_s = 0.0
        self.goes_back = False
        """A time stamp is before that of the frame above it."""

        self._wanted = wanted
        self._channels = channels
        self._classes: npt.NDArray[np.uint8] | None = None
        self._workspace = Workspace()
        self._form: Form | None = None
        self._records = Records()

    @property
    def count(self) -> int:
        """Return how many wanted frames there are since the last release."""
        return self._records.count

    def take(self, block: LineBlock) -> bool:
        """Take a block and return True; False where it is not plain, or not like those before."""
        head = block.text[block.start : min(block.end, block.start + _LONGEST_FIRST_LINE)]
        match = _FIRST_LINE.match(head.tobytes())
        if match is None or block.end - block.start < _LEAST_LINES * match.end():
            return False
        form = Form(match.end("time"), len(match["fraction"]), len(match["direction"] or b""))
        if self.lines and form != self._form:
            return False
        has_return = match["return"] is not None
        heads = LineHeads(block, match.end(), self._workspace, has_return=has_return)
        if not heads.is_table():
            heads.split()
        if form.time_end + WORD > heads.width:
            return False
        times = check_times(heads, _TimeText(heads, form), self._workspace)
        if times is None:
            return False
        if self._classes is None:
            self._classes = _classes_of(self._wanted)
        frames = _BlockFrames(heads, form, self._wanted, self._workspace)
        if not frames.check(self._classes, self._records, self._channels):
            return False
        self._form = form
        self.goes_back |= times.goes_back or bool(self.lines and times.first_s < self.last_s)
        self.first_s = self.first_s if self.lines else times.first_s
        self.last_s = times.last_s
        self.lines += heads.count
        return True

    def release(self) -> FrameBatch:
        """Return the wanted frames, and forget them and the lines."""
        batch = self._records.parse(self._form or Form(0, 0, 0), self._channels.names)
        self.lines = 0
        self.goes_back = False
        self._records = Records()
        return batch


class _TimeText(TimeText):
    """The times of candump lines, in brackets."""

    def __init__(self, heads: LineHeads, form: Form) -> None:
        super().__init__(0, form.time_end, form.decimals)
        self._heads = heads

    def read(self, rows: Indexes) -> list[float] | None:
        text = self._heads.block.text
        times_s = []
        for at in self._heads.starts(rows).tolist():
            whole, point, fraction = text[at + 1 : at + self.end].tobytes().partition(b".")
            is_time = whole.isdigit() and len(fraction) == self.decimals and fraction.isdigit()
            if not is_time or text[at] != _OPENING:
                return None
            times_s.append(float(whole + point + fraction))
        return times_s


class _BlockFrames:
    """What stands behind the times of one block's lines."""

    def __init__(self, heads: LineHeads, form: Form, wanted: Wanted, workspace: Workspace) -> None:
        self._heads = heads
        self._form = form
        self._wanted = wanted
        self._workspace = workspace
        self._id_columns: list[int] = []
        """Where ids begin, by channel."""

        self._names: list[bytes] = []
        """Of the channels."""

        self._which: npt.NDArray[np.uint8] | None = None
        """Shape (n,): the number of the channel; None: there is but one."""

        self._more_digits: Indexes | None = None
        """Shape (n,): digits of an id beyond three, where there are such."""

    def check(
        self, classes: npt.NDArray[np.uint8], records: Records, channels: ChannelNames
    ) -> bool:
        """Copy the wanted lines out; False where a line is not plain."""
        ids = self._find_ids()
        if ids is None:
            return False
        kinds = self._classify(ids, classes)
        if kinds is None or not self._are_payloads():
            return False
        is_wanted = self._workspace.column("wanted", self._heads.count, "?")
        rows = np.equal(kinds, _WANTED, out=is_wanted).nonzero()[0]
        return not len(rows) or self._copy_wanted(rows, records, channels)

    def _find_ids(self) -> npt.NDArray[np.uint32] | None:
        """Return shape (n,): the first four characters of ids; None: too many channels."""
        row = 0
        ids: npt.NDArray[np.uint32] | None = None
        left: npt.NDArray[np.bool_] | None = None
        while len(self._names) < _CHANNELS:
            found = self._find_channel(row)
            if found is None:
                return None
            column, is_same = found
            if ids is None or left is None:
                ids = self._heads.words(column, "ids", "<u4")
                if is_same is None:
                    return ids
                self._which = self._workspace.column("which", self._heads.count, "u1")
                self._which[:] = 0
                left = ~is_same
            elif is_same is not None and self._which is not None:
                np.copyto(ids, self._heads.words(column, "more ids", "<u4"), where=is_same)
                np.copyto(self._which, np.uint8(len(self._names) - 1), where=is_same)
                left &= ~is_same
            row = int(left.argmax())
            if not left[row]:
                return ids
        return None

    def _find_channel(self, row: int) -> tuple[int, npt.NDArray[np.bool_] | None] | None:
        """Return where the ids of one line's channel begin, and which lines have it; None: all."""
        heads, time_end = self._heads, self._form.time_end
        start = int(heads.starts(np.array([row]))[0])
        match = _CHANNEL.match(heads.block.text[start : start + HEAD_BYTES].tobytes(), time_end)
        if match is None or match.end() + WORD + 1 > heads.width:
            return None
        self._id_columns.append(match.end())
        self._names.append(match["name"])
        is_same: npt.NDArray[np.bool_] | None = None
        for column in range(time_end, match.end(), WORD):
            words = heads.words(column, "channel")
            mask = _FIRST_OF_WORD[min(match.end() - column, WORD)]
            np.bitwise_xor(words, words[row], out=words)
            if np.bitwise_or.reduce(words) & mask:
                np.bitwise_and(words, mask, out=words)
                fits = words == 0
                is_same = fits if is_same is None else is_same & fits
        return match.end(), is_same

    def _classify(
        self, ids: npt.NDArray[np.uint32], classes: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8] | None:
        """Return shape (n,): whether the ids are wanted; None where one is no id."""
        count = len(ids)
        place, part = (self._workspace.column(name, count, "<u4") for name in ("place", "part"))
        kinds: npt.NDArray[np.uint8] = self._workspace.column("kinds", count, "u1")
        np.bitwise_and(ids, np.uint32(0x7), out=place)
        np.right_shift(ids, np.uint32(5), out=part)
        np.bitwise_and(part, np.uint32(0x3F8), out=part)
        np.bitwise_or(place, part, out=place)
        np.right_shift(ids, np.uint32(6), out=part)
        np.bitwise_and(part, np.uint32(0x1_FC00), out=part)
        np.bitwise_or(place, part, out=place)
        classes.take(place, out=kinds, mode="clip")
        np.bitwise_xor(ids, _STANDARD, out=part)
        if kinds.all() and not np.bitwise_or.reduce(part) & _STANDARD_BITS:
            return kinds
        others = ((part & _STANDARD_BITS != 0) | (kinds == 0)).nonzero()[0]
        return kinds if self._classify_extended(others, kinds) else None

    def _classify_extended(self, rows: Indexes, kinds: npt.NDArray[np.uint8]) -> bool:
        """Fill in the lines whose ids have eight digits; False where one is no such id."""
        heads = self._heads
        id_at = heads.starts(rows) + self._id_column(rows)
        if not (heads.block.text[id_at + EXTENDED_DIGITS] == _HASH).all():
            return False
        number, flags, is_id = parse_identifier(heads.block.words(id_at), EXTENDED_DIGITS)
        if not is_id.all() or (flags & np.uint8(FrameFlag.ERROR)).any():
            return False
        kinds[rows] = _UNWANTED
        kinds[rows[self._wanted.rows(keys_of(number, flags), flags)]] = _WANTED
        self._more_digits = np.zeros(heads.count, np.intp)
        self._more_digits[rows] = _MORE_DIGITS
        return True

    def _id_column(self, rows: Indexes | None = None) -> int | Indexes:
        """Return where the ids of some lines begin, or of all: one column, or one each."""
        if self._which is None:
            return self._id_columns[0]
        which = self._which if rows is None else self._which[rows]
        return np.array(self._id_columns, np.intp).take(which)

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
        digits_of = self._workspace.column("digits", heads.count, "<i8")
        np.subtract(heads.end, heads.start, out=digits_of)
        np.subtract(digits_of, self._id_column(), out=digits_of)
        np.subtract(digits_of, _ID + suffix, out=digits_of)
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
        for start in range(0, digits, WORD):
            words = heads.words(column + start, "payload")
            shifted = self._workspace.column("shifted", heads.count, "<u8")
            np.right_shift(words, np.uint64(2), out=shifted)
            np.bitwise_xor(words, shifted, out=words)
            bits = int(_FIRST_OF_WORD[min(digits - start, WORD)]) & _PAYLOAD_BIT
            if int(np.bitwise_and.reduce(words)) & bits != bits:
                return False
        if not self._form.suffix:
            return True
        return heads.are(column + digits, " ") and self._are_directions()

    def _copy_wanted(self, rows: Indexes, records: Records, channels: ChannelNames) -> bool:
        """Copy the wanted lines out; False where one has a payload that is none."""
        more = None if self._more_digits is None else self._more_digits[rows]
        is_extended = None if more is None else more > 0
        wanted = WantedLines(
            self._heads.gather(0, TIME_BYTES, rows),
            self._gather_frames(rows),
            self._digits_of(rows, more),
            self._number_channels(rows, channels),
            is_extended if is_extended is not None and is_extended.any() else None,
            self._are_sent(rows),
        )
        if not wanted.has_payloads():
            return False
        records.add(wanted)
        return True

    def _gather_frames(self, rows: Indexes) -> npt.NDArray[np.void]:
        column = self._id_column(rows)
        if isinstance(column, int):
            return self._heads.gather(column, FRAME_BYTES, rows)
        return gather(self._heads.block.text, self._heads.starts(rows) + column, FRAME_BYTES)

    def _digits_of(self, rows: Indexes, more: Indexes | None) -> int | Indexes:
        """Return the digits of the payloads of some lines: one number, or one each."""
        heads, column = self._heads, self._id_column(rows)
        if heads.stride is not None and isinstance(column, int) and more is None:
            return heads.stride - 1 - heads.has_return - column - _ID - self._form.suffix
        digits = heads.ends(rows) - heads.starts(rows) - column - (_ID + self._form.suffix)
        return common_count(digits if more is None else digits - more)

    def _are_sent(self, rows: Indexes) -> npt.NDArray[np.bool_] | None:
        """Return which of some lines say that the host sent the frame; None: nothing is said."""
        if not self._form.suffix:
            return None
        return parse_directions(self._heads.block.text[self._heads.ends(rows) - 1])[0]

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


def _classes_of(wanted: Wanted) -> npt.NDArray[np.uint8]:
    """Return a table of the three digits of ids: 0 no id, then unwanted and wanted.

    Its index is made of three bits of the first character and seven of each other, the first
    lowest.
    """
    digits = np.frombuffer(b"0123456789ABCDEFabcdef", np.uint8).astype(np.intp)
    values = np.array([*range(16), *range(10, 16)], np.uint32)
    first = np.arange(8, dtype=np.uint32)
    number = (
        first[:, None, None] << np.uint32(8)
        | values[None, :, None] << np.uint32(4)
        | values[None, None, :]
    )
    place = first[:, None, None] + (digits[None, :, None] << 3) + (digits[None, None, :] << 10)
    classes = np.zeros(1 << 17, np.uint8)
    classes[place.ravel()] = wanted.standard(number.ravel()) + np.uint8(_UNWANTED)
    return classes
