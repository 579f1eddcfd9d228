"""A vehicle file, loaded or refused: the one way to a `Vehicle` and its databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from canlock.decoding.cached_vehicle import find_compiled, keep_compiled
from canlock.decoding.catalogue import find_vehicle
from canlock.decoding.loaded_vehicle import LoadedVehicle
from canlock.decoding.problem import Problem, show_path
from canlock.errors import VehicleFileError

__all__ = ["LoadedVehicle", "build_vehicle", "check_vehicle", "load_vehicle"]


def load_vehicle(name_or_path: str | Path) -> LoadedVehicle:
    """Load a vehicle by its shipped name or from the path of its file.

    What was compiled before from the same bytes comes out of the cache.

    Raises:
        VehicleNotFoundError: There is no such vehicle; the text names the nearest.
        VehicleFileError: The file or a database of it is wrong; the text holds the first error.
    """
    path = find_vehicle(name_or_path)
    content = _read_content(path)
    known = find_compiled(
        path, content, lambda: build_vehicle(path, content, Path.read_bytes).databases
    )
    if known is not None:
        return known
    read: dict[Path, bytes] = {}

    def read_database(file: Path) -> bytes:
        read[file] = file.read_bytes()
        return read[file]

    loaded = build_vehicle(path, content, read_database)
    keep_compiled(path, content, read, loaded)
    return loaded


def build_vehicle(path: Path, content: bytes, read: Callable[[Path], bytes]) -> LoadedVehicle:
    """Make a vehicle from the bytes of its files.

    Args:
        path: Where the vehicle file lies: its databases lie relative to it.
        content: All bytes of the vehicle file.
        read: Gives the bytes of a database file; the only way by which they come in.

    Raises:
        VehicleFileError: The file or a database of it is wrong; the text holds the first error.
    """
    # Late: what reads TOML and databases is not needed for a vehicle out of the cache.
    from canlock.decoding.check import examine

    examination = examine(path, content, read)
    errors = [problem for problem in examination.problems if problem.is_error]
    if examination.vehicle is None:
        more = f"{len(errors) - 1} more; " if len(errors) > 1 else ""
        hint = f" ({'and ' if more else ''}{more}run `canlock vehicle check {show_path(path)}`)"
        raise VehicleFileError(f"{errors[0]}{hint if more else ''}")
    return LoadedVehicle(examination.vehicle, examination.databases, examination.problems)


def check_vehicle(path: str | Path) -> list[Problem]:
    """Return everything that is wrong or doubtful in a vehicle file and its databases.

    Args:
        path: A vehicle file, or a shipped name.

    Raises:
        VehicleNotFoundError: There is no such file.
        VehicleFileError: The file cannot be read from the disk.
    """
    from canlock.decoding.check import examine

    found = find_vehicle(path)
    return list(examine(found, _read_content(found), Path.read_bytes).problems)


def _read_content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VehicleFileError(f"{show_path(path)}: {error.strerror or error}") from error
