"""What a report that is handed on does not tell unless asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.model.capture import Damage
from canlock.model.stream import Mark
from canlock.reports.html_report import render_html
from canlock.reports.markdown_report import render_markdown
from canlock.reports.masking import mask, mask_text
from reports.report_builders import START_S, a_snapshot

VIN = "SJNFBAJ10U2000001"


@pytest.mark.parametrize(
    "text",
    [VIN, VIN.lower(), f"drive_{VIN}.log", f"vin={VIN},x", "1" * 17],
)
def test_seventeen_letters_and_digits_are_hidden(text: str) -> None:
    assert "(VIN hidden)" in mask_text(text)
    assert "2000001" not in mask_text(text)
    assert "1" * 17 not in mask_text(text)


@pytest.mark.parametrize(
    "text",
    [
        VIN[:16],
        f"{VIN}9",
        "abcdefghjklmnprst",
        VIN.replace("B", "O"),
        "1700000012.123456",
        "lock-power-feed-open",
    ],
)
def test_what_cannot_be_a_vin_is_left(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("fob id 0x1A2B answered", "fob id (hidden) answered"),
        ("Fob ID: 123456.", "Fob ID (hidden)."),
        ("the fob did answer", "the fob did answer"),
    ],
)
def test_fob_ids_are_hidden(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_car_fobs_and_places_are_told_only_where_asked_for(render: object) -> None:
    healthy = a_snapshot()
    path = f"/home/nadia/Tverskaya 7/{VIN}.log"
    snapshot = replace(
        healthy,
        capture=replace(healthy.capture, path=path, damage=(Damage(f"{path}:10", "short"),)),
        notes=(f"{path}: read twice, fob id 4711",),
        marks=(Mark(START_S, "note", None, "at the office"),),
    )
    assert callable(render)
    masked, open_ = render(snapshot), render(snapshot, is_masked=False)
    for secret in (VIN, "nadia", "Tverskaya", "4711", "office"):
        assert secret not in masked
    for told in (VIN, "nadia", "Tverskaya", "4711"):
        assert told in open_
    assert "(VIN hidden).log" in masked
    assert "hidden" not in open_.split("Method")[1]


def test_what_is_masked_is_still_the_same_report() -> None:
    masked = mask(a_snapshot())
    assert masked.findings == a_snapshot().findings
    assert masked.operations == a_snapshot().operations
    assert {state.role for state in masked.states} == {"lock.status", "door.ajar"}
