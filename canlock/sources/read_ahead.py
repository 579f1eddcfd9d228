"""Reads on in a thread of its own while what was read is being looked at.

Reading a file and unpacking data need no interpreter, so two processors share the work. The thread
is a little ahead and waits then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

AHEAD: Final = 1
"""Items that wait to be taken. Whoever makes them from memory that is used again needs room for
these, for the one that is being made and for the one that was taken last."""


class ReadAhead(Generic[Item]):
    """An iterator whose next item is made while the last one is in use."""

    def __init__(self, items: Iterator[Item], ahead: int = AHEAD) -> None:
        """Take what makes the items, no longer anybody else's, and how many may wait."""
        self._items = items
        self._made: SimpleQueue[Item | _End] = SimpleQueue()
        self._room = threading.Semaphore(ahead)
        self._is_over = False
        self._thread = threading.Thread(target=self._make, name="read ahead", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Item]:
        """Yield the items; what went wrong in making them is raised here.

        To be iterated once. When the iteration ends, for whatever reason, so does the thread.
        """
        try:
            while not isinstance(made := self._made.get(), _End):
                self._room.release()
                yield made
            if made.error is not None:
                raise made.error
        finally:
            self._is_over = True
            self._room.release()
            self._thread.join()

    def _make(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                self._room.acquire()
                if self._is_over:
                    return
                self._made.put(item)
        except BaseException as raised:
            error = raised
        finally:
            self._made.put(_End(error))


class _End:
    """Behind the last item: why it is the last, where that is not simply the end."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error
