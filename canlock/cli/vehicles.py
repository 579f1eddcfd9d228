"""`canlock vehicles` and `canlock vehicle check`: the vehicle files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from canlock.cli.output import say


def list_vehicles(
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Tell the doubts about each vehicle too.")
    ] = False,
) -> None:
    """List the vehicles that ship with canlock."""
    from canlock.decoding.catalogue import shipped_vehicles
    from canlock.decoding.vehicle_file import load_vehicle

    for path in shipped_vehicles():
        loaded = load_vehicle(path)
        known = loaded.vehicle
        say(f"{known.id:22} {known.name}")
        if not verbose:
            continue
        say(f"  doors: {', '.join(known.doors)}")
        say(f"  roles: {', '.join(sorted(known.roles()))}")
        if not known.is_verified:
            say("  nobody has seen this file work on a car yet")
        for place, text in loaded.comments():
            say(f"  doubt: {place}: {' '.join(text.split())}")
        say()


def check_vehicle_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The vehicle file.", show_default=False)
    ],
) -> None:
    """Check a vehicle file against its DBC; every mistake is named with file and line."""
    from canlock.decoding.vehicle_file import check_vehicle

    problems = check_vehicle(file)
    for problem in problems:
        say(problem)
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        say(f"{file}: {errors} errors, {len(problems) - errors} warnings")
        raise typer.Exit(2)
    say(f"{file}: no errors, {len(problems)} warnings")
