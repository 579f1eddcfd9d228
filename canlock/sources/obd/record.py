"""What was sent and read, written down as it happens: the session file of contract 3b."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from canlock.errors import CanlockError
from canlock.model.stream import Gap, Sample, TroubleCode
from canlock.sources.obd.gate import RequestGate
from canlock.sources.session import SUFFIX, SessionWriter
from canlock.sources.sidefile import side_path


class ReadingRecord:
    """A session file that is fed by a gate. Use it as a context manager."""

    def __init__(self, capture: Path | None, gate: RequestGate) -> None:
        """Open the file beside a capture; without one, in the current folder by the time of day.

        Raises:
            SideFileError: It cannot be written.
        """
        self.capture = capture
        self._gate = gate
        named = time.strftime(f"obd-%Y%m%d-%H%M%S{SUFFIX}")
        self.path = side_path(capture, SUFFIX) if capture is not None else Path(named)
        self._writer = SessionWriter(self.path)

    def note(self, item: Gap | Sample | TroubleCode) -> None:
        """Write an item."""
        self.flush()
        self._writer.append(item)

    def note_voltage(self, volts: float | None) -> None:
        """Write the supply voltage, where it is known."""
        if volts is not None:
            self.note(Sample(time.time(), "supply.voltage", volts))

    def note_codes(self, codes: Iterable[TroubleCode]) -> None:
        """Write trouble codes."""
        for code in codes:
            self.note(code)

    def flush(self) -> None:
        """Write what has gone out since the last time."""
        for item in self._gate.take_sent():
            self._writer.append(item)

    def __enter__(self) -> Self:
        """Return the record."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left, whatever happened, and close the file."""
        if error is None:
            self.flush()
        else:
            with suppress(CanlockError):  # The first error is the one to tell.
                self.flush()
        self._writer.close()
