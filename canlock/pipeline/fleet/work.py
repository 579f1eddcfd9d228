"""One capture of many: from its name to its outcome, whatever happens; runs in any process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.errors import CanlockError, CaptureNotFoundError, CaptureUnreadableError
from canlock.model.snapshot import Snapshot
from canlock.pipeline.fleet.inputs import fetch_capture, looks_like_capture
from canlock.pipeline.fleet.outcome import Job, Outcome, Task, describe_snapshot
from canlock.pipeline.joined import diagnose_drive, vehicle_for_drive
from canlock.pipeline.recorded import diagnose_recording, find_recording, vehicle_for


def diagnose_capture(job: Job, task: Task) -> Outcome:
    """Return what came of one capture; no error leaves here but an interruption."""
    began_s = time.perf_counter()
    try:
        snapshot = find_verdict(job, task)
        report = None if task.render is None else task.render(snapshot)
    except CanlockError as error:
        is_capture = not (
            isinstance(error, (CaptureNotFoundError, CaptureUnreadableError))
            and job.is_listed
            and not looks_like_capture(job.shown)
        )
        seconds = time.perf_counter() - began_s
        return Outcome(job, seconds, error=str(error), is_capture=is_capture)
    except Exception as error:  # One capture must not end what is said of all others.
        what = " ".join(f"{type(error).__name__}: {error}".split())
        reason = f"{job.shown}: this is a mistake in canlock itself ({what})"
        return Outcome(job, time.perf_counter() - began_s, error=reason)
    return describe_snapshot(job, snapshot, time.perf_counter() - began_s, report)


def find_verdict(job: Job, task: Task) -> Snapshot:
    """Return the verdict on a capture, named as it was named.

    Raises:
        CanlockError: There is none; its text names the capture.
    """
    with fetch_capture(job.path, task.workspace) as path:
        try:
            snapshot = _diagnose(path, task)
        except CanlockError as error:
            # Where a copy lies is of no use to anybody.
            raise type(error)(str(error).replace(str(path), job.shown)) from None
    return rename_capture(snapshot, str(path), job.shown)


def find_joint_verdict(jobs: Sequence[Job], task: Task) -> Snapshot:
    """Return the verdict on several captures of one drive, which are files of this machine.

    Raises:
        CanlockError: There is none; its text names a capture.
    """
    paths = [Path(job.path) for job in jobs]
    loaded = vehicle_for_drive(paths, task.vehicle, lambda name: _load(str(name), task.run))
    recordings = [find_recording(path) for path in paths]
    return diagnose_drive(recordings, loaded, _first_notes(loaded, task))


def rename_capture(snapshot: Snapshot, path: str, name: str) -> Snapshot:
    """Return a verdict on a copy of a capture as one on the capture."""
    if path == name:
        return snapshot
    damage = tuple(
        replace(damage, place=damage.place.replace(path, name))
        for damage in snapshot.capture.damage
    )
    return replace(
        snapshot,
        capture=replace(snapshot.capture, path=name, damage=damage),
        notes=tuple(note.replace(path, name) for note in snapshot.notes),
    )


def _diagnose(path: Path, task: Task) -> Snapshot:
    loaded = vehicle_for(path, task.vehicle, lambda name: _load(str(name), task.run))
    recording = find_recording(
        path,
        None if task.marks is None else Path(task.marks),
        None if task.session is None else Path(task.session),
    )
    return diagnose_recording(recording, loaded, _first_notes(loaded, task))


def _first_notes(loaded: LoadedVehicle, task: Task) -> tuple[str, ...]:
    notes = [str(problem) for problem in loaded.warnings]
    if task.vehicle is None:
        notes.insert(0, f"The vehicle was recognised by its frames: {loaded.vehicle.id}.")
    return tuple(notes)


@lru_cache(maxsize=64)
def _load(name: str, run: str) -> LoadedVehicle:  # noqa: ARG001 - Forgets what an earlier run read.
    return load_vehicle(name)
