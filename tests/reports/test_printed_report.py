"""The page as a browser prints it: two sheets of A4 at most."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from canlock.reports.html_report import html_article, html_page, render_html
from reports.report_gallery import GALLERY, a_broken_harness, a_long_day

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium to print with")


def sheets(page: str, folder: Path) -> int:
    """Return how many sheets a page prints on."""
    source, printed = folder / "report.html", folder / "report.pdf"
    source.write_text(page, encoding="utf-8")
    subprocess.run(
        [
            str(BROWSER),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={printed}",
            source.as_uri(),
        ],
        capture_output=True,
        check=True,
        timeout=120,
    )
    content = printed.read_bytes()
    # A4 is 210 mm x 297 mm: 595 x 842 points.
    assert re.search(rb"/MediaBox ?\[ ?0 0 59[45]\.\d+ 84[12]\.\d+ ?\]", content)
    return len(re.findall(rb"/Type ?/Page\b", content))


@needs_browser
def test_every_kind_of_report_prints_on_two_sheets(tmp_path: Path) -> None:
    """All in one go, since a browser takes seconds to start."""
    pages = [html_article(GALLERY[name]()) for name in GALLERY]
    assert sheets(html_page(pages), tmp_path) <= 2 * len(GALLERY)


@needs_browser
def test_the_fullest_report_prints_on_two_sheets(tmp_path: Path) -> None:
    broken, long = a_broken_harness(), a_long_day()
    full = replace(
        broken,
        notes=long.notes,
        codes=long.codes,
        operations=tuple(
            replace(each, request=broken.operations[0].request) for each in long.operations[20:32]
        ),
        missing_roles=GALLERY["insufficient-evidence"]().missing_roles,
    )
    assert sheets(render_html(full), tmp_path) <= 2
