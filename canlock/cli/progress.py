"""How far a long job has come: a bar on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import Final, TextIO

BAR: Final = 24
"""Columns of the bar."""

REDRAW_S: Final = 0.1
PLAIN_S: Final = 5.0
"""Between two lines where there is no terminal: a log of a night must stay readable."""


class Progress:
    """Counts what is done, and shows it on standard error."""

    def __init__(self, total: int, thing: str, stream: TextIO | None = None) -> None:
        """Begin.

        Args:
            total: How much there is to do.
            thing: What is counted, in the plural.
            stream: Where it is shown.
        """
        self.done = 0
        self.total = total
        self._thing = thing
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._began_s = self._shown_s = time.monotonic()
        self._is_drawn = False

    def step(self) -> None:
        """Count one more, and show it if it is time to."""
        self.done += 1
        now_s = time.monotonic()
        if now_s - self._shown_s >= (REDRAW_S if self._is_terminal else PLAIN_S):
            self._shown_s = now_s
            self.show()

    def show(self) -> None:
        """Show how far it has come."""
        if not self._is_terminal:
            print(f"canlock: {self._told()}", file=self._stream, flush=True)
            return
        full = BAR * self.done // self.total if self.total else BAR
        line = f"[{'#' * full}{'.' * (BAR - full)}] {self._told()}"
        columns = shutil.get_terminal_size((80, 24)).columns
        self._stream.write(f"\r\x1b[K{line[: columns - 1]}")
        self._stream.flush()
        self._is_drawn = True

    def clear(self) -> None:
        """Take the bar away, so that a line can be printed in its place."""
        if self._is_drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._is_drawn = False

    def _told(self) -> str:
        told = f"{self.done} of {self.total} {self._thing}"
        passed_s = time.monotonic() - self._began_s
        if 0 < self.done < self.total and passed_s >= 1:
            told += f", {_clock(passed_s / self.done * (self.total - self.done))} left"
        return told


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
