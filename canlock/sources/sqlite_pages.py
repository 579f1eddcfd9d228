"""The pages of an SQLite database that hold one table's rows, in the order of the rows.

A table is a tree of pages; its leaves hold the rows (https://sqlite.org/fileformat2.html). SQLite
itself gives one Python object a value, so the leaves are read here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

HEADER_BYTES: Final = 100
_PAGE_SIZE_AT: Final = 16
_RESERVED_AT: Final = 20
_SMALLEST_PAGE: Final = 512
_LARGEST_PAGE: Final = 65536
_INNER, _LEAF = 0x05, 0x0D
_INNER_HEADER: Final = 12
_LEAF_HEADER: Final = 8
_DEPTH: Final = 20
_GROUP_BYTES: Final = 1 << 20
MARGIN: Final = 80
"""Bytes behind the pages that can be read without harm: more than a payload takes."""

Bytes = npt.NDArray[np.uint8]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """Some leaves on end, with n rows in all."""

    content: Bytes
    """The pages, and `MARGIN` bytes behind them."""

    cell: Indexes
    """Shape (n,): where rows begin."""

    end: Indexes
    """Shape (n,): where the page of each ends."""

    lost: int = 0
    """Pages that are no leaves, or whose rows lie outside of them; they come before the rows."""


class Database:
    """One database file."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file
        head = file.read(HEADER_BYTES)
        told = int.from_bytes(head[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
        self.page_bytes = _LARGEST_PAGE if told == 1 else told
        self.usable = self.page_bytes - (head[_RESERVED_AT] if len(head) == HEADER_BYTES else 0)
        self.is_plain = self.page_bytes >= _SMALLEST_PAGE and not self.page_bytes & (
            self.page_bytes - 1
        )
        self.pages = file.seek(0, io.SEEK_END) // self.page_bytes if self.is_plain else 0
        self._seen: set[int] = set()

    def leaves(self, root: int) -> Iterator[Leaves]:
        """Yield the leaves of the table whose tree begins at a page."""
        most = max(1, _GROUP_BYTES // self.page_bytes)
        numbers: list[int] = []
        lost = 0
        self._seen = set()
        found: set[int] = set()
        for number in self._leaf_numbers(root, _DEPTH):
            # Whatever damaged pages lead to, each leaf is read but once.
            if number is None or number in found:
                lost += 1
                continue
            found.add(number)
            numbers.append(number)
            if len(numbers) == most:
                yield self._read_leaves(numbers, lost)
                numbers, lost = [], 0
        if numbers or lost:
            yield self._read_leaves(numbers, lost)

    def _leaf_numbers(self, number: int, depth: int) -> Iterator[int | None]:
        """Yield the pages below one that are leaves by their place; None for what is lost."""
        page = self._read(number, 1)
        # A page that leads back to one above it would be followed for ever.
        if len(page) < self.page_bytes or not depth or number in self._seen:
            yield None
            return
        self._seen.add(number)
        at = HEADER_BYTES if number == 1 else 0
        if page[at] != _INNER:
            yield number
            return
        children = self._children(page, at)
        if children is None:
            yield None
            return
        # All children of a page are of one kind; the first one that can be read tells which.
        if self._is_leaf(int(children[0])):
            yield from children.tolist()
            return
        for child in children.tolist():
            yield from self._leaf_numbers(child, depth - 1)

    def _is_leaf(self, number: int) -> bool:
        head = self._read(number, 1)[:1].tobytes()
        return bool(head) and head[0] == _LEAF

    def _children(self, page: Bytes, at: int) -> npt.NDArray[np.uint32] | None:
        """Return the pages that an inner page leads to; None where that cannot be."""
        count = int.from_bytes(page[at + 3 : at + 5].tobytes(), "big")
        pointers = at + _INNER_HEADER
        if pointers + 2 * count > self.usable:
            return None
        cells = page[pointers : pointers + 2 * count].view(">u2").astype(np.intp)
        if len(cells) and int(cells.max()) + 4 > self.usable:
            return None
        window = page[cells[:, None] + np.arange(4)]
        last = page[at + 8 : at + 12].reshape(1, 4)
        return np.concatenate((window, last)).view(">u4")[:, 0].astype(np.uint32)

    def _read(self, number: int, count: int) -> Bytes:
        if not 1 <= number <= self.pages:
            return np.empty(0, np.uint8)
        self._file.seek((number - 1) * self.page_bytes)
        return np.frombuffer(self._file.read(count * self.page_bytes), np.uint8)

    def _read_leaves(self, numbers: list[int], lost: int) -> Leaves:
        size = self.page_bytes
        content = np.zeros(len(numbers) * size + MARGIN, np.uint8)
        first = 0
        while first < len(numbers):
            # Pages that were filled one after the other mostly lie so in the file too.
            last = first + 1
            while last < len(numbers) and numbers[last] == numbers[last - 1] + 1:
                last += 1
            found = self._read(numbers[first], last - first)
            content[first * size : first * size + len(found)] = found
            first = last
        begin = np.arange(len(numbers)) * size
        head = begin + HEADER_BYTES * (np.array(numbers, np.intp) == 1)
        count = content[head + 3].astype(np.intp) << 8 | content[head + 4]
        is_good = (content[head] == _LEAF) & (
            head - begin + _LEAF_HEADER + 2 * count <= self.usable
        )
        count[~is_good] = 0
        page = np.repeat(np.arange(len(numbers)), count)
        place = np.arange(len(page)) - np.repeat(np.cumsum(count) - count, count)
        pointer = head[page] + _LEAF_HEADER + 2 * place
        cell = begin[page] + (content[pointer].astype(np.intp) << 8 | content[pointer + 1])
        end = begin[page] + self.usable
        return Leaves(content, cell, end, lost + int(np.count_nonzero(~is_good)))
