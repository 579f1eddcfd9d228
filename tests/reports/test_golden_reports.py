"""The reports as they are read, byte for byte; `pytest --snapshot-update` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from canlock.reports.html_report import render_html
from canlock.reports.markdown_report import render_markdown
from canlock.reports.text import render_text
from reports.report_gallery import GALLERY

GOLDEN = Path(__file__).parent / "golden"
VERSION = "1.2.3"
"""So that a release changes no golden file."""

PAGES = ("healthy", "broken-harness", "two-faults", "insufficient-evidence")
"""Written as HTML too: each kind of door, step and section is on one of them."""


def compare(report: str, file: Path, request: pytest.FixtureRequest) -> None:
    written = (report + "\n").encode("utf-8")
    if request.config.getoption("update_snapshots", default=False):
        file.write_bytes(written)
    assert written == file.read_bytes()


@pytest.mark.parametrize("name", GALLERY)
def test_a_report_reads_as_it_was_approved(name: str, request: pytest.FixtureRequest) -> None:
    report = render_text(GALLERY[name]())
    assert report.isascii()
    compare(report, GOLDEN / f"{name}.txt", request)


@pytest.mark.parametrize("name", GALLERY)
def test_a_markdown_report_reads_as_it_was_approved(
    name: str, request: pytest.FixtureRequest
) -> None:
    compare(render_markdown(GALLERY[name](), version=VERSION), GOLDEN / f"{name}.md", request)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_it_was_approved(name: str, request: pytest.FixtureRequest) -> None:
    compare(render_html(GALLERY[name](), version=VERSION), GOLDEN / f"{name}.html", request)


def test_every_golden_file_belongs_to_a_report() -> None:
    kept = {file.name for file in GOLDEN.iterdir()}
    wanted = {f"{name}.{suffix}" for name in GALLERY for suffix in ("txt", "md")}
    assert kept == wanted | {f"{name}.html" for name in PAGES}
