"""`canlock simulate`: a car with faults put in, as a capture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from canlock.cli.output import say
from canlock.errors import CanlockError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canlock.simulation.drive import Drive

SHORTEST_S: Final = 10.0
LONGEST_S: Final = 3_600.0
TRUTH_SUFFIX: Final = ".truth.json"


def simulate(
    vehicle: Annotated[
        str,
        typer.Option(
            "--vehicle",
            metavar="V",
            help="A shipped vehicle's name or a vehicle file.",
            show_default=False,
        ),
    ],
    fault: Annotated[
        list[str],
        typer.Option(
            "--fault",
            metavar="CODE",
            help="What to put in, no-fault for a car in order. Given twice, both, and people try "
            "both doors.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="CAPTURE",
            help="The capture; its suffix is the format: .log (candump) .asc .blf .csv .trc .db, "
            "each also with .gz behind it. STEM.marks.csv and STEM.truth.json go beside it. "
            "A capture that `simulate` made is replaced, any other is not.",
            show_default=False,
        ),
    ],
    door: Annotated[
        str | None,
        typer.Option(
            "--door", metavar="D", help="The door that has it; without it one is drawn by chance."
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            metavar="N",
            help="The same seed gives the same bytes.",
        ),
    ] = 0,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            metavar="S",
            min=SHORTEST_S,
            max=LONGEST_S,
            help="How long somebody is at the car; a timer they wait for may lengthen it. Without "
            "it, drawn by chance: mostly about a minute, now and then less, or up to four.",
        ),
    ] = None,
    worlds: Annotated[
        str,
        typer.Option(
            "--worlds",
            metavar="test|fitting",
            help="Ranges from which the car is drawn: those for tests or those for fitting.",
        ),
    ] = "test",
) -> None:
    """Write the capture of a simulated car with faults put in, and the truth about it.

    Somebody uses the car for a minute or more: the marks file tells what they did, late and now and
    then wrong or not at all, as people do; the truth file tells what was wrong, from when on, how
    badly, and what happened. A fault need not show in every session.
    """
    from canlock.decoding.vehicle_file import load_vehicle
    from canlock.simulation.drive import simulate as simulate_drive

    loaded = load_vehicle(vehicle)
    faults = tuple(dict.fromkeys(fault))
    check_codes(faults)
    if door is not None:
        _check(door, loaded.vehicle.doors, f"{loaded.vehicle.id} has no door")
    if worlds not in ("test", "fitting"):
        raise CanlockError(f"unknown worlds `{worlds}`; expected test or fitting")
    if seconds is not None and not SHORTEST_S <= seconds <= LONGEST_S:
        # The option's own range lets `nan` through.
        raise CanlockError(f"expected {SHORTEST_S:g} to {LONGEST_S:g} seconds, found {seconds}")
    _spare_recordings(output)
    drive = simulate_drive(
        loaded,
        faults,
        door=door,
        seed=seed,
        duration_s=seconds,
        worlds="fitting" if worlds == "fitting" else "test",
    )
    _write(output, drive)
    say(
        f"{output}: {len(drive.frames)} frames, {len(drive.marks)} marks, {_name_faults(drive)}; "
        f"the truth is in {_side_path(output, TRUTH_SUFFIX)}"
    )


def _name_faults(drive: Drive) -> str:
    """Return what was put in, each with its doors."""
    faults = cast("list[dict[str, list[str]]]", drive.truth["faults"])
    return ", ".join(
        f"{fault['code']} ({', '.join(fault['doors'])})" if fault["doors"] else str(fault["code"])
        for fault in faults
    )


def check_codes(codes: Sequence[str]) -> None:
    """Refuse codes that the simulator has no injector for.

    Raises:
        CanlockError: The first of them; the text names the nearest that there is.
    """
    from canlock.simulation.injection import list_codes

    for code in codes:
        _check(code, list_codes(), "no fault is called")


def _check(name: str, known: Sequence[str], complaint: str) -> None:
    from canlock.decoding.problem import suggest

    if name not in known:
        near = suggest(name, known) or f"; there are {', '.join(known)}"
        raise CanlockError(f"{complaint} `{name}`{near}")


def _side_path(capture: Path, suffix: str) -> Path:
    from canlock.sources.sidefile import side_path

    return side_path(capture, suffix)


def _spare_recordings(capture: Path) -> None:
    """Refuse to replace what somebody may have recorded at a car: that cannot be made again."""
    if not capture.name or capture.is_dir():
        raise CanlockError(f"{capture}: is a folder; give the capture a name, such as drive.log")
    if _side_path(capture, TRUTH_SUFFIX).exists():
        return
    for path in (capture, _side_path(capture, ".marks.csv")):
        if path.exists():
            raise CanlockError(
                f"{path}: is there already and has no truth file beside it, so it may be a "
                "recording of a real car; choose another name, or move it away"
            )


def _write(capture: Path, drive: Drive) -> None:
    import json

    from canlock.sources.marks import write_marks
    from canlock.sources.writer import write_capture

    write_capture(capture, [drive.frames])
    frames = drive.frames
    first_s = float(frames.timestamp_s[0]) if len(frames) else 0.0
    write_marks(_side_path(capture, ".marks.csv"), drive.marks, first_s)
    truth = _side_path(capture, TRUTH_SUFFIX)
    try:
        with truth.open("w", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(drive.truth, indent=2) + "\n")
    except OSError as error:
        raise CanlockError(f"{truth}: cannot be written: {error.strerror}") from error
