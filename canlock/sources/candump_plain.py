"""Candump blocks in which nothing is strange, looked at as a whole.

Of every line time, channel and id must be what they ought to be and the payload must have a length
that can be; but only yes or no is asked, and of the whole block. The payloads of wanted lines are
checked too. Where one line differs the answer is no, and `candump_skim` looks at the lines one by
one. Wanted lines are copied out and parsed when there are many, see `candump_records`.
"""

from __future__ import annotations

import re
from typing import Final

from canlock.model.frames import FrameBatch
from canlock.sources.candump_block import BlockFrames
from canlock.sources.candump_channels import ChannelNames
from canlock.sources.candump_heads import Indexes, LineHeads
from canlock.sources.candump_records import (
    DATA_DIGITS,
    Form,
    Records,
    WantedLines,
    parse_payloads,
    read_times,
)
from canlock.sources.candump_table import LEAST_LINES, LineTable, TableForm, TableRoom
from canlock.sources.candump_times import TimeText, check_times
from canlock.sources.id_words import KnownIds
from canlock.sources.lines import BlockSize, LineBlock
from canlock.sources.stretch import Wanted
from canlock.sources.words import WORD
from canlock.sources.workspace import Workspace

_FIRST_LINE: Final = re.compile(
    rb"\((?P<time>\d{1,11}\.(?P<fraction>\d{1,6}))\) [!-~]{1,24} "
    rb"(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})#[0-9A-Fa-f]*(?P<direction> [RTrt])?(?P<return>\r)?\n"
)
_LONGEST_FIRST_LINE: Final = 80
_TABLES: Final = 4


class PlainLines:
    """Plain blocks on end, and the wanted frames in them."""

    def __init__(self, wanted: Wanted, channels: ChannelNames, size: BlockSize) -> None:
        """Take what is wanted, the channels met so far, and the size of the blocks to come."""
        self.lines = 0
        """Lines of the blocks that were taken since the last release; all of them are frames."""

        self.first_s = self.last_s = 0.0
        self.goes_back = False
        """A time stamp is before that of the frame above it."""

        self._wanted = wanted
        self._channels = channels
        self._ids = KnownIds(wanted)
        self._workspace = Workspace()
        self._form: Form | None = None
        self._records = Records()
        self._size = size
        self._table_form: TableForm | None = None
        self._tables: list[LineTable] = []
        self._room = TableRoom()

    @property
    def count(self) -> int:
        """Return how many wanted frames there are since the last release."""
        return self._records.count

    def take(self, block: LineBlock) -> bool:
        """Take a block and return True; False where it is not plain, or not like those before."""
        return self._take_table(block) or self._take_lines(block)

    def _take_table(self, block: LineBlock) -> bool:
        """Take a block that is a table as those before; False where it is not."""
        form = self._table_form
        if form is None or (self.lines and form.form != self._form):
            return False
        table = self._find_table(block, form)
        found = None if table is None else table.look(self._ids, self._room)
        if table is None or found is None:
            return False
        times = read_times(block.text, [block.start, block.end - form.stride], form.form)
        payload = parse_payloads(found.data, DATA_DIGITS)
        if times is None or payload is None:
            return False
        if len(found.numbers):
            channel = self._channels.name_number(form.between[2:-1].decode())
            self._records.add(
                WantedLines(
                    int(form.leading or b"0") * 10**WORD,
                    found.low,
                    found.numbers,
                    None,
                    DATA_DIGITS // 2,
                    channel,
                    payload,
                    found.high,
                )
            )
        self._follow(form.form, table.count, *times, goes_back=found.goes_back)
        return True

    def _find_table(self, block: LineBlock, form: TableForm) -> LineTable | None:
        size = block.end - block.start
        if size % form.stride or size < LEAST_LINES * form.stride:
            return None
        for table in self._tables:
            if table.fits(block, form):
                return table
        # The last block of a file is shorter; there are no more buffers than two or three.
        table = LineTable(block, form)
        self._tables = [table, *self._tables][:_TABLES]
        return table

    def _take_lines(self, block: LineBlock) -> bool:
        """Take a block whose lines may have different lengths and channels."""
        head = block.text[block.start : min(block.end, block.start + _LONGEST_FIRST_LINE)]
        match = _FIRST_LINE.match(head.tobytes())
        if match is None or block.end - block.start < LEAST_LINES * match.end():
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
        frames = BlockFrames(heads, form, times, self._wanted, self._workspace)
        if not frames.check(self._ids, self._records, self._channels):
            return False
        self._follow(form, heads.count, times.first_s, times.last_s, goes_back=times.goes_back)
        between = frames.only_channel
        if heads.stride is not None and between is not None and not has_return:
            column = form.time_end + len(between)
            leading = block.text[block.start + 1 : block.start + form.time_end - 2 * WORD]
            table_form = TableForm(form, heads.stride, column, leading.tobytes(), between)
            self._table_form = table_form if table_form.is_common else None
            self._size.unit = heads.stride
        return True

    def _follow(
        self, form: Form, lines: int, first_s: float, last_s: float, *, goes_back: bool
    ) -> None:
        self._form = form
        self.goes_back |= goes_back or bool(self.lines and first_s < self.last_s)
        self.first_s = self.first_s if self.lines else first_s
        self.last_s = last_s
        self.lines += lines

    def release(self) -> FrameBatch:
        """Return the wanted frames, and forget them and the lines."""
        batch = self._records.join(self._form or Form(0, 0, 0), self._channels.names)
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
        heads = self._heads
        form = Form(self.end, self.decimals, 0)
        return read_times(heads.block.text, heads.starts(rows).tolist(), form)
