"""The report as Markdown: the same content as the page, and no name means anything but itself."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.model.snapshot import Snapshot
from canlock.reports.markdown_report import render_markdown
from canlock.reports.markup import plain
from reports.report_builders import a_snapshot
from reports.report_gallery import GALLERY, a_broken_harness, two_faults

PIPE = re.compile(r"(?<!\\)\|")
SPECIAL = re.compile(r"(?<!\\)(?:\\\\)*([`*_\[\]~$<>|])")


def with_note(word: str) -> Snapshot:
    return replace(
        a_snapshot(),
        notes=(word,),
        vehicle=word,
        findings=(replace(a_snapshot().verdict, summary=word),),
    )


@settings(max_examples=60, deadline=None)
@given(st.text("<>|`*_[]()#+-=~$&\\!1. \n\x1b\u202ea", min_size=1, max_size=20).filter(plain))
def test_no_name_means_anything_but_itself(word: str) -> None:
    report = render_markdown(with_note(word))
    note = report.split("### Notes\n\n- ")[1].split("\n\n")[0]
    assert "\n" not in note
    assert not SPECIAL.search(note)
    assert not re.match(r"[-+=#]|\d+[.)](\s|$)", note)
    summary = report.split("sure).**\n\n")[1].split("\n\n")[0]
    assert not SPECIAL.search(summary)
    assert not re.match(r"[-+=#]|\d+[.)](\s|$)", summary)
    back = re.sub(r"\\(.)", r"\1", note)
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        back = back.replace(entity, letter)
    assert back == plain(word)


@pytest.mark.parametrize("name", GALLERY)
def test_no_markup_of_html_gets_out_and_every_row_has_its_cells(name: str) -> None:
    report = render_markdown(GALLERY[name]())
    assert "<" not in report
    tables = re.findall(r"(?:^\|.*\n?)+", report, re.MULTILINE)
    assert tables
    for table in tables:
        assert len({len(PIPE.findall(row)) for row in table.strip().split("\n")}) == 1


@pytest.mark.parametrize("name", GALLERY)
def test_the_same_snapshot_gives_the_same_markdown(name: str) -> None:
    assert render_markdown(GALLERY[name]()) == render_markdown(GALLERY[name]())


def test_pictures_are_told_as_tables() -> None:
    report = render_markdown(a_broken_harness())
    assert "| driver | FAULT | unlocked | OPEN | answered 0 of 3 orders |" in report
    assert "| Lock: driver's door |  | NO ANSWER |" in report


def test_advice_tells_parts_labour_and_hours() -> None:
    report = render_markdown(two_faults())
    assert (
        "**Difficulty: average. Parts: 1500-3000 RUB. Work at a workshop: 2000-3000 RUB."
        " Time: about an hour.**" in report
    )
    assert "### If you stand before the shut door" in report


def test_what_each_finding_rests_on_stands_under_its_name() -> None:
    why = render_markdown(two_faults()).split("## Why")[1].split("## What to do")[0]
    first, second = why.split("**Rear left door: worn lock motor that gets slow:**")
    assert "window did not move" in first
    assert "0.90 s" in second
