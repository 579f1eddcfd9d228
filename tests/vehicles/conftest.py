"""The shipped databases, and the frames of real captures where there are any."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cantools
import pytest
from cantools.database import Database

DBC_FOLDER = Path(__file__).parents[2] / "dbc"
CAPTURES = Path(__file__).parents[3] / "shared" / "captures"
LINE = re.compile(r"\((\d+\.\d+)\) \S+ ([0-9A-F]{3,8})#([0-9A-F]*)")

Frames = list[tuple[float, int, bytes]]
"""(seconds on the capture's clock, arbitration id, payload), 11-bit ids only."""


@pytest.fixture(scope="session")
def databases() -> dict[str, Database]:
    """The database of each shipped vehicle, by its stem."""
    found = {}
    for path in sorted(DBC_FOLDER.glob("*.dbc")):
        database = cantools.database.load_file(path, strict=True)
        assert isinstance(database, Database)
        found[path.stem] = database
    return found


@pytest.fixture(scope="session")
def frames_of() -> Callable[[str], Frames]:
    """Read a capture, or skip the test where the captures are not at hand."""

    def read(name: str) -> Frames:
        path = CAPTURES / name
        if not path.is_file():
            pytest.skip(f"no real captures beside the checkout: {name} is not there")
        found = []
        for line in path.read_text().splitlines():
            match = LINE.fullmatch(line.strip())
            assert match is not None, line
            if len(match[2]) == 3:
                found.append((float(match[1]), int(match[2], 16), bytes.fromhex(match[3])))
        return found

    return read
