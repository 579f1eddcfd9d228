"""`canlock explain`: every code can be explained, on any terminal and to any program."""

from __future__ import annotations

import json
import sys

import pytest

from canlock.cli.main import main
from canlock.diagnosis.catalogue import models_by_code
from canlock.model.faults import FAULT_CODES, INSUFFICIENT, LAYER_OF, LAYERS
from canlock.reports.explanation import explain, nearest_codes, render_explanation
from canlock.telling.words import FAULTS

CONTRACT_ADVICE = ["difficulty", "parts_cost_rub", "steps", "warnings"]


def run(*arguments: str) -> int:
    """Run the command line; return its exit status."""
    before, sys.argv = sys.argv, ["canlock", *arguments]
    try:
        main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    finally:
        sys.argv = before
    return 0


@pytest.mark.parametrize("code", FAULT_CODES)
def test_every_code_is_explained_in_80_columns(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("explain", code) == 0

    text = capsys.readouterr().out
    assert " ".join(text.split()).startswith(f"{code}: {FAULTS[code]}")
    assert max(map(len, text.splitlines())) <= 80
    assert text.isascii()
    assert "{" not in text
    assert "None" not in text
    for heading in ("WHAT IT IS", "HOW IT SHOWS", "WHERE THIS COMES FROM"):
        assert f"\n{heading}\n" in text


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("code", ["latch-jammed", "bcm-no-command", INSUFFICIENT])
def test_an_explanation_keeps_to_a_narrow_screen(code: str, width: int) -> None:
    lines = render_explanation(explain(code), width=width).splitlines()

    assert width - 20 < max(map(len, lines)) <= width


def test_steps_stand_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    run("explain", "door-harness-open")

    text = " ".join(capsys.readouterr().out.split())
    steps = models_by_code()["door-harness-open"].advice.steps
    places = [text.index(f"{number}. {step}") for number, step in enumerate(steps, 1)]
    assert places == sorted(places)
    assert "Difficulty: average. Parts: 1500-3000 RUB." in text


def test_what_a_fault_has_no_price_for_has_no_price(capsys: pytest.CaptureFixture[str]) -> None:
    run("explain", "latch-frozen")

    assert "RUB" not in capsys.readouterr().out


def test_work_and_time_are_told_where_they_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    run("explain", "actuator-motor-fault")

    text = " ".join(capsys.readouterr().out.split())
    assert "Parts: 4000-8000 RUB. Work at a workshop: 2000-3000 RUB. Time: about an hour." in text


@pytest.mark.parametrize("code", FAULT_CODES)
def test_a_program_gets_the_same_as_json(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", code, "--format", "json") == 0

    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "canlock.explanation/1"
    assert (told["fault"], told["layer"]) == (code, LAYER_OF[code])
    assert list(told["advice"])[:4] == CONTRACT_ADVICE
    assert told["advice"]["steps"] == list(explain(code).advice.steps)
    assert set(told["like"]) <= set(FAULT_CODES)


@pytest.mark.parametrize("code", FAULT_CODES)
def test_markdown_says_what_text_says(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", code, "--format", "md") == 0

    text = capsys.readouterr().out
    assert text.startswith(f"# {code}: ")
    assert explain(code).shows in text
    for step in explain(code).advice.steps:
        assert f". {step}\n" in text


def test_without_a_code_all_are_listed_by_layer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain") == 0

    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    starts = [line.split()[0] for line in text.splitlines() if line.startswith("  ")]
    assert [start for start in starts if start in FAULT_CODES] == list(FAULT_CODES)
    places = [text.index(f"\n{layer.upper()} - ") for layer in LAYERS]
    assert places == sorted(places)


@pytest.mark.parametrize("form", ["json", "md"])
def test_the_list_has_every_code_in_the_other_forms_too(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("explain", "--format", form) == 0

    text = capsys.readouterr().out
    if form == "json":
        assert [each["fault"] for each in json.loads(text)["faults"]] == list(FAULT_CODES)
    else:
        assert all(f"- `{code}`: " in text for code in FAULT_CODES)


@pytest.mark.parametrize(
    ("code", "nearest"),
    [
        ("bcm-reste", "bcm-reset"),
        ("harness", "door-harness-open"),
        ("frozen", "latch-frozen"),
        ("door-harnes-open", "door-harness-open"),
        ("motor", "actuator-motor-fault"),
    ],
)
def test_an_unknown_code_is_one_line_with_the_nearest(
    code: str, nearest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("explain", code) == 2

    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert f"did you mean {nearest}" in shown.err


@pytest.mark.parametrize("code", ["", "zzz", "{door}", "-"])
def test_what_is_like_no_code_is_one_line_too(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("explain", "--", code) == 2

    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "did you mean" not in shown
    assert "`canlock explain` alone lists them all" in shown


@pytest.mark.parametrize("code", FAULT_CODES)
def test_a_code_is_nearest_to_itself(code: str) -> None:
    assert nearest_codes(code)[0] == code


@pytest.mark.parametrize("spelled", ["Latch-Jammed", "latch_jammed", " latch jammed "])
def test_capitals_and_underscores_do_no_harm(spelled: str) -> None:
    assert explain(spelled).code == "latch-jammed"


def test_a_door_can_be_named() -> None:
    assert "rear left door" in explain("latch-jammed", "rear left door").summary
