"""What is asked about one capture of many, and what comes back: small, frozen, fit to be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from canlock.model.capture import CaptureInfo
from canlock.model.verdict import Advice, Finding

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot

Render = Callable[["Snapshot"], str]
"""Writes a report; a function that other processes can import, or a `partial` of one."""


@dataclass(frozen=True, slots=True)
class Job:
    """One capture to look at."""

    number: int
    """Its place in the order in which the captures were named, from 0."""

    path: str
    """Where whoever reads it finds it: a path, a URL, or `inputs.STANDARD_INPUT`."""

    shown: str
    """The capture as a person would name it."""

    is_listed: bool = False
    """It was found in a folder: nobody has said that it is a capture."""

    is_here: bool = False
    """Only the process that found it can read it."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done with each capture."""

    vehicle: str | None = None
    """A vehicle's name or file; None: the one that fits the frames."""

    marks: str | None = None
    session: str | None = None
    render: Render | None = None
    """Writes the report that is wanted of each; None: none is."""

    workspace: str | None = None
    """Folder for what must be fetched; None: the platform's for temporary files."""

    run: str = ""
    """Differs from run to run: what is remembered within one must not outlive it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one capture."""

    job: Job
    seconds: float = 0.0
    """How long it took where it was done."""

    error: str | None = None
    """One line about why there is no verdict."""

    is_capture: bool = True
    """False: a file in a folder that is something else altogether."""

    vehicle: str = ""
    vehicle_name: str = ""
    tier: str = ""
    capture: CaptureInfo | None = None
    operations: int = 0
    findings: tuple[Finding, ...] = ()
    """The surest first, without evidence and advice; empty where there is an error."""

    report: str | None = None


def describe_snapshot(
    job: Job, snapshot: Snapshot, seconds: float, report: str | None = None
) -> Outcome:
    """Return what is kept of a verdict."""
    return Outcome(
        job=job,
        seconds=seconds,
        vehicle=snapshot.vehicle,
        vehicle_name=snapshot.vehicle_name,
        tier=snapshot.tier,
        capture=replace(snapshot.capture, damage=()),
        operations=len(snapshot.operations) + snapshot.dropped_operations,
        findings=tuple(
            replace(finding, evidence=(), advice=Advice()) for finding in snapshot.findings
        ),
        report=report,
    )
