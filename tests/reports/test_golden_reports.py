"""The text reports as they are read, byte for byte; `pytest --snapshot-update` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from canlock.reports.text import render_text
from reports.report_gallery import GALLERY

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", GALLERY)
def test_a_report_reads_as_it_was_approved(name: str, request: pytest.FixtureRequest) -> None:
    text = render_text(GALLERY[name]()) + "\n"
    file = GOLDEN / f"{name}.txt"
    if request.config.getoption("update_snapshots", default=False):
        file.write_bytes(text.encode("ascii"))
    assert text.encode("ascii") == file.read_bytes()


def test_every_golden_file_belongs_to_a_report() -> None:
    assert {file.stem for file in GOLDEN.glob("*.txt")} == set(GALLERY)
