"""Text, JSON and HTML: what they hold, and that they hold it whatever comes."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import jsonschema
import pytest

from canlock.evaluation.html_page import render_html
from canlock.evaluation.json_form import load_schema, render_json
from canlock.evaluation.outcomes import Outcome
from canlock.evaluation.rates import Rate
from canlock.evaluation.summary import Evaluation, summarise
from canlock.evaluation.tables import show_rate
from canlock.evaluation.text import WIDTH, render_text
from canlock.model.faults import FAULT_CODES
from evaluation.evaluation_builders import an_abstention, an_outcome

VOID = {"meta", "br", "rect", "line", "circle"}
STRANGE = "<b>&\"car'"


def evaluate(*outcomes: Outcome) -> Evaluation:
    return summarise(outcomes, per_class=1, base_seed=0)


def large() -> Evaluation:
    """Return an evaluation with every code, and more vehicles than stand abreast."""
    codes = [code for code in FAULT_CODES if code not in ("insufficient-evidence", "unknown-fault")]
    return evaluate(
        *(
            an_outcome(
                code,
                codes[(number + vehicle) % len(codes)],
                vehicle=f"a-vehicle-with-a-name-that-is-long-{vehicle}",
                tier=f"T{vehicle % 4}",
                doors=("driver", "passenger", "rear-left", "rear-right", "tailgate"),
            )
            for vehicle in range(6)
            for number, code in enumerate(codes)
        )
    )


GALLERY = {
    "small": evaluate(an_outcome(), an_abstention(), an_outcome("no-fault", visible=False)),
    "one": evaluate(an_outcome()),
    "nothing seen": evaluate(an_outcome(visible=False)),
    "strange": evaluate(an_outcome(verdict="no-fault", vehicle=STRANGE, doors=("<i>",))),
    "large": large(),
}
VALIDATOR = jsonschema.Draft202012Validator(load_schema())


class Elements(HTMLParser):
    """Checks that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("name", GALLERY)
def test_json_keeps_the_schema_that_ships(name: str) -> None:
    VALIDATOR.validate(json.loads(render_json(GALLERY[name])))


def test_the_schema_is_a_schema_and_refuses_what_is_not_an_evaluation() -> None:
    jsonschema.Draft202012Validator.check_schema(load_schema())
    whole = json.loads(render_json(GALLERY["small"]))
    for key in whole:
        lacking = {name: value for name, value in whole.items() if name != key}
        assert not VALIDATOR.is_valid(lacking), key
    assert not VALIDATOR.is_valid({**whole, "more": 1})
    assert not VALIDATOR.is_valid({**whole, "worlds": "fitting"})


def test_json_tells_each_session_and_each_figure() -> None:
    told = json.loads(render_json(GALLERY["small"]))

    assert told["schema"] == "canlock.evaluation/1"
    assert [each["verdict"] for each in told["sessions"]] == [
        "latch-jammed",
        "insufficient-evidence",
        "no-fault",
    ]
    visible = told["overall"]["visible"]
    assert visible["count"] == 2
    assert visible["of"] == 3
    # z2 / 3 = 1.280486: (0.666667 + 0.640243 -+ 0.833344) / 2.280486.
    assert visible["interval"] == pytest.approx([0.20766, 0.938508], abs=2e-6)
    assert told["overall"]["seen"]["right"]["count"] == 1
    assert told["overall"]["seen"]["calibration"]["error"] == pytest.approx((0.05 + 0.3) / 2)
    assert told["confusion"]["truths"] == ["latch-jammed"]
    assert set(told["by_vehicle"]) == {"bmw-e9x"}


@pytest.mark.parametrize("name", GALLERY)
def test_text_fits_into_its_columns(name: str) -> None:
    mistakes = ("canlock simulate", "; it was ")
    for line in render_text(GALLERY[name]).splitlines():
        assert len(line) <= WIDTH or any(part in line for part in mistakes), line


def test_text_tells_figures_mistakes_and_how_to_see_one_again() -> None:
    wrong = an_outcome(verdict="no-fault", doors=("driver",), seed=4711, probability=0.987)
    text = render_text(evaluate(an_outcome(), wrong))

    assert "2 sessions: 1 of each of 1 code on 1 vehicle" in text
    assert re.search(r"^overall +2 +100 34-100 +50\.0 9-91 +50\.0 9-91", text, re.MULTILINE)
    assert "1 x no-fault, 0.987; it was latch-jammed (driver)" in text
    assert "simulate --vehicle bmw-e9x --fault latch-jammed --seed 4711 -o mistake.log" in text
    assert re.search(r"^latch-jammed +2 / 1 / 1$", text, re.MULTILINE)


def test_text_says_so_where_there_is_no_mistake() -> None:
    assert render_text(evaluate(an_outcome())).endswith("CONFIDENT AND WRONG\nNone.")


def test_a_mistake_that_nobody_could_have_seen_is_told_as_such() -> None:
    hidden = an_outcome(verdict="no-fault", visible=False)
    assert "it did not show in the session" in render_text(evaluate(hidden))


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        pytest.param(Rate(0, 0), "-", id="nothing"),
        pytest.param(Rate(0, 20), "0.0 0-16", id="none"),
        pytest.param(Rate(1, 250), "0.4 0.1-2.2", id="few: to a tenth"),
        pytest.param(Rate(97, 100), "97.0 92-99", id="most"),
        pytest.param(Rate(20, 20), "100 84-100", id="all"),
    ],
)
def test_a_rate_is_percent_and_its_interval(rate: Rate, shown: str) -> None:
    assert show_rate(rate) == shown


@pytest.mark.parametrize("name", GALLERY)
def test_html_closes_what_it_opens_and_asks_nobody_for_anything(name: str) -> None:
    page = render_html(GALLERY[name])
    elements = Elements()
    elements.feed(page)

    assert elements.open == []
    tags = {tag for tag, _ in elements.seen}
    assert {"svg", "table", "style", "title"} <= tags
    assert not tags & {"script", "link", "img", "iframe", "object", "base", "form"}
    assert not any({"src", "href", "onload"} & attributes.keys() for _, attributes in elements.seen)
    assert "url(" not in page
    assert "@import" not in page
    assert "http" not in page


def test_html_escapes_what_it_is_given() -> None:
    page = render_html(GALLERY["strange"])

    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;b&gt;&amp;" in page
    assert "&lt;i&gt;" in page


def test_the_confusion_picture_has_a_cell_for_each_pair_and_a_number_where_there_are_sessions() -> (
    None
):
    page = render_html(evaluate(an_outcome(), an_abstention(), an_abstention()))

    assert "<title>latch-jammed: 1 times latch-jammed</title>" in page
    assert "<title>latch-jammed: 2 times insufficient-evidence</title>" in page
    assert page.count('class="wrong"') == 2  # One in the matrix of codes, one in that of layers.


def test_the_reliability_picture_puts_what_was_stated_against_what_was_so() -> None:
    page = render_html(evaluate(an_outcome(probability=0.5), an_abstention()))

    # Margin 46, width 300: 0.5 lies at 196; all right lies at the top, 10.
    assert '<circle cx="196.0" cy="10.0"' in page
    assert "1 of 1 right, stated 0.50" in page


@pytest.mark.parametrize("render", [render_text, render_json, render_html])
def test_the_same_outcomes_give_the_same_bytes(render: object) -> None:
    assert callable(render)
    assert render(large()) == render(large())
