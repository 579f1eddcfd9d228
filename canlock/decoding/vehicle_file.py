"""A vehicle file, loaded or refused: the one way to a `Vehicle` and its databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from canlock.decoding.catalogue import find_vehicle
from canlock.decoding.check import examine
from canlock.decoding.database import Databases
from canlock.decoding.message_facts import list_comments
from canlock.decoding.problem import Problem, show_path
from canlock.errors import VehicleFileError
from canlock.model.vehicle import Vehicle


@dataclass(frozen=True, slots=True, eq=False)
class LoadedVehicle:
    """A vehicle and the databases that its entries name."""

    vehicle: Vehicle
    databases: Databases
    warnings: tuple[Problem, ...] = ()

    def comments(self) -> tuple[tuple[str, str], ...]:
        """Return (message or `Message.Signal`, comment) of what is mapped: the DBC's doubts."""
        return tuple(list_comments(self.databases, self.vehicle.signals))


def load_vehicle(name_or_path: str | Path) -> LoadedVehicle:
    """Load a vehicle by its shipped name or from the path of its file.

    Raises:
        VehicleNotFoundError: There is no such vehicle; the text names the nearest.
        VehicleFileError: The file or a database of it is wrong; the text holds the first error.
    """
    path = find_vehicle(name_or_path)
    return build_vehicle(path, _read_content(path), Path.read_bytes)


def build_vehicle(path: Path, content: bytes, read: Callable[[Path], bytes]) -> LoadedVehicle:
    """Make a vehicle from the bytes of its files.

    Args:
        path: Where the vehicle file lies: its databases lie relative to it.
        content: All bytes of the vehicle file.
        read: Gives the bytes of a database file; the only way by which they come in.

    Raises:
        VehicleFileError: The file or a database of it is wrong; the text holds the first error.
    """
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
    found = find_vehicle(path)
    return list(examine(found, _read_content(found), Path.read_bytes).problems)


def _read_content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VehicleFileError(f"{show_path(path)}: {error.strerror or error}") from error
