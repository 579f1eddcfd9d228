"""Where the data that travel with canlock lie: vehicles and sample captures."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled_folder(name: str) -> Path:
    """Return the folder `dbc` or `captures`, in an installed wheel or in a checkout."""
    installed = _PACKAGE / "_bundled" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
