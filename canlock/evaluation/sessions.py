"""One session: somebody uses a simulated car with a fault put in, and the engine is asked."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, cast

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.evaluation.isolation import isolate
from canlock.evaluation.outcomes import Outcome
from canlock.model.capture import CaptureInfo
from canlock.model.faults import INSUFFICIENT, LAYER_OF, NO_FAULT, NOT_FAULTS
from canlock.model.frames import FrameBatch
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Hypothesis
from canlock.pipeline.analysis import Analysis, in_step
from canlock.simulation.drive import Drive, simulate
from canlock.simulation.ranges import Worlds
from canlock.simulation.visibility import is_visible

WORLDS: Final[Worlds] = "test"
"""The engine is fitted on the other ones, and never scored on them."""

BATCH_FRAMES: Final = 2_048
"""About ten seconds of a bus: marks come between the frames, as they do at a car."""

PURSUED: Final = 5
"""Sessions of each class whose next tests are done: each costs as much as a session more."""

SEED_SPAN: Final = 1_000_000
INHIBITS: Final = {
    "count": "inhibit-thermal-or-count",
    "door-open": "inhibit-door-open",
    "key-inside": "inhibit-key-inside",
    "low-voltage": "inhibit-low-voltage",
    "power": "inhibit-power-state",
}
"""Why a simulated car refuses -> the code of that."""

COMPLAINT: Final = "not-opened"
"""The mark of somebody whom a car in order puzzles."""


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that decides one session."""

    vehicle: str
    """A shipped name or the path of a vehicle file."""

    code: str
    seed: int
    is_pursued: bool = False
    """The next tests are done too, until the engine is sure."""


def plan_sessions(
    vehicles: Sequence[str], codes: Sequence[str], *, per_class: int, base_seed: int = 0
) -> list[Session]:
    """Return the sessions of an evaluation: so many of each code on each vehicle.

    Other codes, vehicles or numbers leave a session's seed as it is, so that two evaluations can be
    compared session by session.

    Args:
        vehicles: Shipped names or paths of vehicle files.
        codes: Fault codes.
        per_class: Sessions of one code on one vehicle.
        base_seed: Another one gives other worlds and other people.
    """
    return [
        Session(vehicle, code, first + number, number < PURSUED and code not in NOT_FAULTS)
        for vehicle in vehicles
        for code in codes
        for first in [_first_seed(_load(vehicle).vehicle.id, code, base_seed)]
        for number in range(per_class)
    ]


def _first_seed(vehicle: str, code: str, base_seed: int) -> int:
    # Each class has seeds of its own: with the same ones, a lucky world would be so for all.
    return zlib.crc32(f"{base_seed}/{vehicle}/{code}".encode()) % SEED_SPAN * 1_000


def run_session(session: Session) -> Outcome:
    """Play a session and return what the engine made of it.

    Raises:
        CanlockError: The vehicle cannot be loaded, or the simulator does not know the code.
    """
    loaded = _load(session.vehicle)
    drive = simulate(loaded, (session.code,), seed=session.seed, worlds=WORLDS)
    seen = is_visible(loaded, (session.code,), seed=session.seed, worlds=WORLDS, drive=drive)
    snapshot = diagnose_drive(loaded, drive)
    outcome = judge(session, drive, snapshot, is_visible=seen)
    if not (seen and session.is_pursued):
        return outcome
    pursued = isolate(
        loaded, session.code, snapshot, diagnose_drive, seed=session.seed, worlds=WORLDS
    )
    return replace(outcome, isolation=pursued)


def diagnose_drive(loaded: LoadedVehicle, drive: Drive) -> Snapshot:
    """Return the verdict on a simulated session."""
    analysis = Analysis(loaded)
    for item in in_step(cut_frames(drive.frames), drive.marks):
        analysis.take(item)
    frames = drive.frames
    capture = CaptureInfo(
        path="",
        format="simulated",
        frames=len(frames),
        first_s=float(frames.timestamp_s[0]) if len(frames) else None,
        last_s=float(frames.timestamp_s[-1]) if len(frames) else None,
    )
    return analysis.snapshot(capture)


def cut_frames(frames: FrameBatch) -> Iterator[FrameBatch]:
    """Yield a session's frames as batches, as a bus or a file gives them."""
    for start in range(0, len(frames), BATCH_FRAMES):
        yield frames.take(slice(start, start + BATCH_FRAMES))


def judge(session: Session, drive: Drive, snapshot: Snapshot, *, is_visible: bool) -> Outcome:
    """Put the truth about a session beside the engine's verdict."""
    verdict = snapshot.verdict
    ranking = rank_codes(snapshot.hypotheses)
    first = next((each for each in snapshot.hypotheses if each.fault != INSUFFICIENT), None)
    return Outcome(
        vehicle=snapshot.vehicle,
        code=session.code,
        answers=right_answers(session.code, drive),
        seed=session.seed,
        doors=_faulty_doors(drive),
        is_visible=is_visible,
        tier=snapshot.tier,
        verdict=verdict.fault,
        verdict_doors=verdict.doors,
        probability=verdict.probability,
        is_confident=verdict.is_confident,
        group=verdict.group,
        accused=tuple(each.fault for each in snapshot.findings if each.fault not in NOT_FAULTS),
        ranking=ranking,
        first=first.fault if first else "",
        first_doors=first.doors if first else (),
        first_probability=first.probability if first else 0.0,
        tests=tuple(test.id for test in snapshot.next_tests),
    )


def right_answers(code: str, drive: Drive) -> tuple[str, ...]:
    """Return the codes that are right for a session.

    Where the car did something by design, `no-fault` is right too, unless it refused something or
    a door did not open for somebody (CONTRACT 5). Of a car in order, it is just as right to name
    what it refused by design.
    """
    refusals = cast("list[dict[str, str]]", drive.truth["refusals"])
    is_puzzled = any(mark.action == COMPLAINT for mark in drive.marks)
    if code == NO_FAULT:
        return (code, *dict.fromkeys(INHIBITS[refusal["reason"]] for refusal in refusals))
    if LAYER_OF[code] != "by-design" or is_puzzled or refusals:
        return (code,)
    return (code, NO_FAULT)


def rank_codes(hypotheses: Sequence[Hypothesis]) -> tuple[tuple[str, float], ...]:
    """Return (code, probability) with the doors of a code summed, see `Outcome.ranking`."""
    sums: dict[str, float] = {}
    for each in hypotheses:
        if each.fault != INSUFFICIENT:
            sums[each.fault] = sums.get(each.fault, 0.0) + each.probability
    return tuple(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def _faulty_doors(drive: Drive) -> tuple[str, ...]:
    faults = cast("list[dict[str, list[str]]]", drive.truth["faults"])
    return tuple(dict.fromkeys(door for fault in faults for door in fault["doors"]))


@cache
def _load(vehicle: str) -> LoadedVehicle:
    return load_vehicle(vehicle)
