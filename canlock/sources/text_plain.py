"""Blocks of a text log whose lines are all of one length and all frames, looked at as a whole.

Logs of frames with eight bytes are so. Of every line all that is no number must be as in the first
line (or in one of a few others), time and id must be such; but only yes or no is asked, and of the
whole block. The payloads of wanted lines are checked too. Where one line differs the answer is no,
and `text_source` looks at each. Wanted lines are copied out and parsed when there are many.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FrameFlag
from canlock.sources.candump_fields import LAST_TIME_S
from canlock.sources.candump_heads import Indexes, LineHeads
from canlock.sources.candump_times import TimeText, check_times
from canlock.sources.lines import MARGIN, LineBlock
from canlock.sources.plain_ids import IdField, PlainIds
from canlock.sources.stretch import Wanted
from canlock.sources.text_grammar import LineFrame, TextGrammar
from canlock.sources.text_lines import TextLines, parse_decimal
from canlock.sources.text_shape import Shape, SpacedBytes
from canlock.sources.words import WORD
from canlock.sources.workspace import Workspace

_LEAST_LINES: Final = 64
_LONGEST_LINE: Final = 160
_TEMPLATES: Final = 4
_NOT_PLAIN: Final = FrameFlag.EXTENDED | FrameFlag.REMOTE | FrameFlag.ERROR
_VISIBLE_BIT: Final = 0x2020_2020_2020_2020
"""Of a word and itself moved down by one, this bit is set in blanks, digits and letters, and in
nothing that ends a line."""


class PlainText:
    """Plain blocks on end, and the wanted lines in them."""

    def __init__(self, wanted: Wanted) -> None:
        self.lines = 0
        """Lines of the blocks that were taken since the last release; all of them are frames."""

        self.count = 0
        """Wanted lines among them."""

        self.first_s = self.last_s = 0.0
        self.goes_back = False
        """A time stamp is before that of the frame above it."""

        self._ids = PlainIds(wanted)
        self._workspace = Workspace()
        self._texts: list[bytes] = []

    def take(self, block: LineBlock, grammar: TextGrammar) -> bool:
        """Take a block and return True; False where it is not plain."""
        if grammar.is_relative or not isinstance(grammar.payload, SpacedBytes):
            return False
        head = block.text[block.start : min(block.end, block.start + _LONGEST_LINE)].tobytes()
        line, newline, _ = head.partition(b"\n")
        stride = len(line) + 1
        if not newline or block.end - block.start < _LEAST_LINES * stride:
            return False
        found = _BlockLines(block, stride, line, grammar, self._workspace)
        rows = found.check(self._ids)
        if rows is None:
            return False
        first_s, last_s = found.first_s, found.last_s
        self.goes_back |= bool(self.lines and first_s < self.last_s)
        self.first_s = self.first_s if self.lines else first_s
        self.last_s = last_s
        self.lines += found.heads.count
        if len(rows):
            self._texts.append(found.heads.gather(0, stride, rows).tobytes())
            self.count += len(rows)
        return True

    def release(self) -> LineBlock:
        """Return the wanted lines as a text of their own, and forget them."""
        content = b"".join(self._texts)
        self._texts, self.lines, self.count, self.goes_back = [], 0, 0, False
        text = np.frombuffer(bytes(MARGIN) + content + bytes(MARGIN), np.uint8)
        return LineBlock(text, MARGIN, MARGIN + len(content))


class _ShapeTimes(TimeText):
    """The times of lines of a shape: digits before a point and behind it, or digits alone."""

    def __init__(self, heads: LineHeads, shape: Shape, base_s: float) -> None:
        columns = [span for span, _ in shape.times]
        decimals = columns[-1][1] - columns[-1][0] if len(columns) > 1 else 0
        super().__init__(columns[0][0], columns[-1][1], decimals)
        self._heads = heads
        self._shape = shape
        self._base_s = base_s

    def read(self, rows: Indexes) -> list[float] | None:
        heads, shape = self._heads, self._shape
        text = heads.block.text
        times_s = []
        for at in heads.starts(rows).tolist():
            units = 0
            for (start, end), weight in shape.times:
                digits = text[at + start : at + end].tobytes()
                is_padded = shape.line[start : start + 1] == b" "
                digits = digits.lstrip(b" ") if is_padded else digits
                if not digits.isdigit():
                    return None
                units += int(digits) * weight
            time_s = units / float(shape.units_a_second) + shape.base_s + self._base_s
            if time_s > LAST_TIME_S:
                return None
            times_s.append(time_s)
        return times_s


class _BlockLines:
    """The lines of one block."""

    def __init__(
        self, block: LineBlock, stride: int, line: bytes, grammar: TextGrammar, workspace: Workspace
    ) -> None:
        self.heads = LineHeads(block, stride, workspace, has_return=line.endswith(b"\r"))
        self.first_s = self.last_s = 0.0
        self._grammar = grammar
        self._workspace = workspace
        line = line.rstrip(b"\r")
        shape = grammar.shape_of(line)
        is_frame = shape is not None and isinstance(grammar.read(line), LineFrame)
        self._shape = shape if is_frame else None

    def check(self, ids: PlainIds) -> Indexes | None:
        """Return the rows of the wanted lines; None where a line is not plain."""
        heads, shape = self.heads, self._shape
        field = None if shape is None else _id_field(shape)
        if shape is None or field is None or not _has_plain_times(shape) or not heads.is_table():
            return None
        times = check_times(heads, _ShapeTimes(heads, shape, self._grammar.base_s), self._workspace)
        # Lines out of order are rare, and others know what to do with them.
        if times is None or times.goes_back or times.first_s < 0:
            return None
        self.first_s, self.last_s = times.first_s, times.last_s
        if not self._have_templates(shape, field) or not self._are_unbroken(shape):
            return None
        if shape.skipped and not self._have_numbers(shape):
            return None
        is_wanted = ids.find(heads.words(field.start, "ids", "<u4"), field, self._workspace)
        if is_wanted is None:
            return None
        rows = is_wanted.nonzero()[0]
        return rows if self._have_payloads(rows, shape) else None

    def _have_templates(self, shape: Shape, field: IdField) -> bool:
        """Tell whether what is no number is in each line as in one of the first of their kind."""
        heads = self.heads
        left = self._workspace.column("left", heads.count, "?")
        left[:] = True
        row = 0
        for _ in range(_TEMPLATES):
            line = _line_of(heads, row)
            other = shape if row == 0 else self._grammar.shape_of(line)
            if other is None or not _is_like(other, shape) or other.flags & _NOT_PLAIN:
                return False
            fits = self._fits(line, other, field)
            if fits is None:
                return True
            left &= ~fits
            row = int(left.argmax())
            if not left[row]:
                return True
        return False

    def _have_numbers(self, shape: Shape) -> bool:
        """Tell whether numbers that do not matter are such."""
        heads = self.heads
        lines = TextLines(heads.block, heads.start, heads.end, heads.stride)
        return all(
            parse_decimal(lines, start, end, is_padded=True)[1].all()
            for start, end in shape.skipped
        )

    def _fits(self, line: bytes, shape: Shape, field: IdField) -> npt.NDArray[np.bool_] | None:
        """Return which lines have what is no number in one line; None: all of them."""
        fits: npt.NDArray[np.bool_] | None = None
        for column, mask in _fixed_words(shape, field):
            words = self.heads.words(column, "fixed")
            wanted = int.from_bytes(line[column : column + WORD].ljust(WORD, b"\0"), "little")
            np.bitwise_xor(words, np.uint64(wanted), out=words)
            if int(np.bitwise_or.reduce(words)) & mask:
                is_same = words & np.uint64(mask) == 0
                fits = is_same if fits is None else fits & is_same
        return fits

    def _are_unbroken(self, shape: Shape) -> bool:
        """Tell whether there is nothing but text from the payloads to the ends of the lines."""
        heads = self.heads
        length = len(_line_of(heads, 0))
        if heads.has_return and not heads.are(length, "\r"):
            return False
        for column in range(shape.data, length, WORD):
            words = heads.words(column, "payload")
            shifted = self._workspace.column("shifted", heads.count, "<u8")
            np.right_shift(words, np.uint64(1), out=shifted)
            np.bitwise_or(words, shifted, out=words)
            bits = _VISIBLE_BIT & ((1 << 8 * min(length - column, WORD)) - 1)
            if int(np.bitwise_and.reduce(words)) & bits != bits:
                return False
        return True

    def _have_payloads(self, rows: Indexes, shape: Shape) -> bool:
        """Tell whether the lines have room for a payload, and the wanted ones have such."""
        heads, form = self.heads, self._grammar.payload
        first = _line_of(heads, 0)
        length = shape.length if shape.code is None else int(first[shape.code : shape.code + 1])
        if length is None:
            length = (len(first) - shape.data + 1) // 3
        lengths = np.full(1, length, np.intp)
        end = shape.data + int(form.width(lengths)[0])
        if end > len(first) or not 0 < length <= WORD:
            return False
        if end < len(first) and not heads.are(end, chr(form.behind)):
            return False
        if not len(rows):
            return True
        lines = TextLines(heads.block, heads.starts(rows), heads.ends(rows))
        _, is_good = form.read(lines, lines.start + shape.data, lengths.repeat(len(rows)), WORD)
        return bool(is_good.all())


def _line_of(heads: LineHeads, row: int) -> bytes:
    at = np.array([row])
    start, end = int(heads.starts(at)[0]), int(heads.ends(at)[0])
    return heads.block.text[start:end].tobytes()


def _id_field(shape: Shape) -> IdField | None:
    """Return where three digits of an 11-bit id stand; None where they do not stand alone."""
    start, end = shape.arbitration_id
    if shape.is_decimal_id or shape.flags & _NOT_PLAIN:
        return None
    behind = shape.line[end : start + len("130 ")]
    if end - start <= len("130") and behind and not behind.strip(b" "):
        # Lesser ids have fewer digits, and blanks behind them.
        return IdField(start, is_padded=True)
    if end - start > len("130"):
        return IdField(end - len("130"), is_padded=False)
    return None


def _has_plain_times(shape: Shape) -> bool:
    """Tell whether the time is one number, with a point in it or not."""
    if len(shape.times) == 1:
        return True
    (_, whole_end), whole_weight = shape.times[0]
    (start, end), weight = shape.times[-1]
    return (
        len(shape.times) == 2  # noqa: PLR2004 - Before the point and behind it.
        and start == whole_end + 1
        and shape.line[whole_end : whole_end + 1] == b"."
        and whole_weight == weight * 10 ** (end - start)
    )


def _is_like(shape: Shape, first: Shape) -> bool:
    """Tell whether two shapes differ in nothing but channel, flags and the length of an id."""
    return (
        shape.times == first.times
        and shape.units_a_second == first.units_a_second
        and shape.base_s == first.base_s
        and shape.data == first.data
        and shape.length == first.length
        and shape.code == first.code
        and shape.skipped == first.skipped
        and not shape.is_decimal_id
        and _id_field(shape) == _id_field(first)
        and (shape.code is None or shape.line[shape.code] == first.line[first.code or 0])
    )


def _fixed_words(shape: Shape, field: IdField) -> list[tuple[int, int]]:
    """Return columns of words before the payload, and masks of what is the same in all lines."""
    is_fixed = bytearray(b"\xff" * shape.data)
    first, last = shape.times[0][0][0], shape.times[-1][0][1]
    end = field.start + (len("130 ") if field.is_padded else len("130"))
    for start, stop in ((first, last), (field.start, end), *shape.skipped):
        is_fixed[start:stop] = bytes(stop - start)
    del is_fixed[shape.data :]
    words = []
    column = 0
    while column < len(is_fixed):
        if not is_fixed[column]:
            column += 1
            continue
        mask = int.from_bytes(is_fixed[column : column + WORD], "little")
        words.append((column, mask))
        column += WORD
    return words
