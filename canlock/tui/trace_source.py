"""What the trace and the plots are drawn from."""

from __future__ import annotations

from typing import Protocol

from canlock.decoding.signal_book import SignalBook
from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.pipeline.frame_window import FrameWindow


class FrameSource(Protocol):
    """Frames as they come; `pipeline.frame_history.FrameHistory` is one."""

    @property
    def loaded(self) -> LoadedVehicle | None:
        """What the frames mean; None: nobody knows."""
        ...

    def book(self) -> SignalBook:
        """Return what all messages and signals are called; it may take a second.

        Raises:
            CanlockError: A database cannot be read.
        """
        ...

    def window(self) -> FrameWindow:
        """Return what is kept of the frames now; quick, for it is asked ten times a second."""
        ...
