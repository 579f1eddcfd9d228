"""A look ahead through a whole recording: how long it is, and what happens when.

It reasons about nothing, so it takes a fraction of the time that the verdict does. The seek bar of
a replay is drawn from it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.errors import CanlockError
from canlock.model.frames import FrameBatch
from canlock.model.operations import Operation
from canlock.pipeline.analysis import Analysis
from canlock.pipeline.recorded import RecordedStream, Recording
from canlock.sources.capture import open_capture


@dataclass(frozen=True, slots=True)
class Survey:
    """How far a recording reaches, and its operations."""

    first_s: float
    last_s: float
    operations: tuple[Operation, ...]


def survey_recording(
    recording: Recording, loaded: LoadedVehicle, is_wanted: Callable[[], bool] = lambda: True
) -> Survey | None:
    """Return what a recording holds; None where it holds no frame, or the answer is not wanted.

    Args:
        recording: What to read.
        loaded: The vehicle.
        is_wanted: Asked now and then whether to go on.

    Raises:
        SourceError: The capture cannot be read, or its lines are not in the order of time.
        SideFileError: A side file cannot be read.
    """
    analysis = Analysis(loaded)
    reader = open_capture(recording.path, analysis.wanted)
    for item in RecordedStream(recording, loaded, reader):
        if isinstance(item, FrameBatch) and not is_wanted():
            return None
        analysis.take(item)
    first_s, last_s = reader.info.first_s, reader.info.last_s
    if first_s is None or last_s is None:
        return None
    return Survey(first_s, last_s, analysis.detect().operations)


class SurveyTask:
    """A survey in a thread of its own; `survey` is None until it is done, and where it fails."""

    def __init__(self, recording: Recording, loaded: LoadedVehicle) -> None:
        """Note what to read; `start` reads it."""
        self._recording = recording
        self._loaded = loaded
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.survey: Survey | None = None

    @property
    def is_running(self) -> bool:
        """Say whether it is being read just now."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin to read, once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="survey", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the reading."""
        self._stopping.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end and return whether it has come."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return not self.is_running

    def _run(self) -> None:
        try:
            self.survey = survey_recording(
                self._recording, self._loaded, lambda: not self._stopping.is_set()
            )
        except CanlockError:
            # The replay itself meets what is wrong with the capture, and tells of it.
            return
