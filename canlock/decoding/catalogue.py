"""The vehicles that ship with canlock, and how a vehicle is named."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from canlock.bundled import bundled_folder
from canlock.decoding.problem import find_nearest, list_words, suggest
from canlock.errors import VehicleNotFoundError

SUFFIX: Final = ".toml"
_DATABASE_SUFFIXES: Final = frozenset({".dbc", ".kcd", ".sym", ".arxml"})


def shipped_vehicles() -> list[Path]:
    """Return the vehicle files that travel with canlock, by name."""
    return sorted(bundled_folder("dbc").glob(f"*{SUFFIX}"))


def find_vehicle(name_or_path: str | Path) -> Path:
    """Return the vehicle file that a user means.

    Args:
        name_or_path: A shipped name (`bmw-e9x`, in any case), or the path of a vehicle file. A bare
            word is a shipped name first, so that a folder of the same name cannot hide it.

    Raises:
        VehicleNotFoundError: There is neither; the text names the nearest or lists what ships.
    """
    wanted = str(name_or_path)
    shipped = {path.stem: path for path in shipped_vehicles()}
    found = shipped.get(wanted.casefold())
    if found is not None:
        return found
    path = Path(wanted)
    if _is_file(path):
        return _refuse_database(path)
    raise VehicleNotFoundError(_explain(wanted, path, shipped))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False  # A name too long, or with a zero byte in it, is no file's.


def _refuse_database(path: Path) -> Path:
    if path.suffix.lower() in _DATABASE_SUFFIXES:
        text = (
            f"{path}: this is a database; expected a vehicle file ({SUFFIX}) that names it in `dbc`"
        )
        raise VehicleNotFoundError(text)
    return path


def _explain(wanted: str, path: Path, shipped: dict[str, Path]) -> str:
    names = list_words(shipped) or "none"
    if path.suffix.lower() != SUFFIX and path.name == wanted:
        near = suggest(wanted, shipped)
        return (
            f"no vehicle `{wanted}`{near}. Shipped are {names}; or give the path of a vehicle file"
        )
    nearest = find_nearest(path.stem, shipped)
    hint = f" (did you mean the shipped `{nearest}`?)" if nearest else ""
    neighbours = _list_neighbours(path)
    near = suggest(path.name, neighbours)
    return f"{wanted}: no such vehicle file{near or hint}. Shipped are {names}"


def _list_neighbours(path: Path) -> list[str]:
    try:
        return [entry.name for entry in path.parent.glob(f"*{SUFFIX}")]
    except (OSError, ValueError):
        return []
