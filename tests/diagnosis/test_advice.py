"""What a person is told to do: whole, plain, and never harmful."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from canlock.diagnosis import seed_rules
from canlock.diagnosis.catalogue import fault_models, models_by_code
from canlock.diagnosis.fault_model import FaultModel
from canlock.model.faults import FAULT_CODES, LAYER_OF, NO_FAULT
from canlock.model.verdict import Advice
from canlock.reports.explanation import explain

MODELS = fault_models()
IDS = [model.code for model in MODELS]
ACCUSING = [model for model in MODELS if LAYER_OF[model.code] not in ("none", "unknown")]
RULES = [
    rule for name, rule in vars(seed_rules).items() if name.isupper() and isinstance(rule, str)
]
NEGATIONS = ("never", "no ", "do not", "don't", "not ")
HARMFUL = re.compile(
    r"(?<!more )\bforc(?:e|ing)\b|\btwist(?:ing)?\b|\blarger fuse\b|\bwd-40\b|\bpry\b|\bbridge\b",
    re.I,
)
SENDING = re.compile(
    r"\bsend(?:s|ing)?\b.*\b(?:car|bus|command|frame|message)|\binject|\bactive test|"
    r"\bclear(?:ing)? (?:the )?(?:trouble )?codes|\bflash the\b|\breplay\b",
    re.I,
)
JARGON = re.compile(
    r"\b(?:ECU|DTC|FTB|UDS|KWP|LIN|PTC|RKE|half-bridge|posterior|likelihood|DBC|PWM)\b"
)
COSTS = {
    "door-harness-open": (1500, 3000),
    "door-harness-intermittent": (1500, 3000),
    "door-harness-short": (1500, 3000),
    "linkage-disconnected": (500, 1500),
    "actuator-motor-fault": (4000, 8000),
    "actuator-degrading": (4000, 8000),
    "latch-jammed": (6000, 12000),
}
"""The seed's table; of everything else it names no price."""

DIFFICULTIES = {
    "door-harness-open": "average",
    "linkage-disconnected": "low",
    "actuator-motor-fault": "average",
    "latch-jammed": "high",
}


def lists_of(advice: Advice) -> tuple[tuple[str, ...], ...]:
    return (advice.steps, advice.warnings, advice.prevention, advice.locked_out)


def texts_of(model: FaultModel) -> Iterator[str]:
    """Every text about a fault that a person may read."""
    yield from (model.summary, model.shows, model.separates, model.warns)
    for texts in lists_of(model.advice):
        yield from texts


def sentences_of(text: str) -> list[str]:
    """Sentences and the halves that a colon or semicolon parts."""
    return [part for part in re.split(r"(?<=[.!?:;])\s+", text) if part]


ALL_TEXTS = sorted({text for model in MODELS for text in texts_of(model) if text} | set(RULES))


def is_harmful(text: str) -> bool:
    """Say whether a sentence names a harmful act without forbidding it before."""
    for sentence in sentences_of(text):
        found = HARMFUL.search(sentence)
        if found and not any(word in sentence[: found.start()].lower() for word in NEGATIONS):
            return True
    return False


@pytest.mark.parametrize("text", ALL_TEXTS)
def test_nobody_is_told_to_force_twist_or_fit_a_larger_fuse(text: str) -> None:
    assert not is_harmful(text)


@pytest.mark.parametrize(
    "text",
    [
        "Force the handle.",
        "Never mind: force the key.",
        "Twist the wires together.",
        "Fit a larger fuse.",
        "Spray WD-40 into the lock.",
    ],
)
def test_harmful_advice_would_be_noticed(text: str) -> None:
    assert is_harmful(text)


@pytest.mark.parametrize(
    "text", ["Send an unlock command to the car.", "Inject a frame.", "Clear the trouble codes."]
)
def test_advice_to_send_would_be_noticed(text: str) -> None:
    assert SENDING.search(text)


@pytest.mark.parametrize("text", ALL_TEXTS)
def test_nobody_is_told_to_send_anything_to_the_car(text: str) -> None:
    assert not SENDING.search(text)


@pytest.mark.parametrize("text", ALL_TEXTS)
def test_what_is_told_is_plain_ascii_sentences(text: str) -> None:
    assert text.isascii()
    assert text.endswith((".", "?"))
    assert text[0].isupper()
    assert not JARGON.search(text)
    assert "  " not in text


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_braces_stand_for_the_door_and_for_nothing_else(model: FaultModel) -> None:
    for text in texts_of(model):
        assert set(re.findall(r"{.*?}", text)) <= {"{door}"}
        assert "{" not in text or model.scope == "door"
    for texts in lists_of(model.advice):
        assert not any("{" in text for text in texts)


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_every_fault_tells_how_it_shows_and_where_that_is_known_from(model: FaultModel) -> None:
    count = len(re.findall(r"[.?!](?:\s|$)", model.shows))

    assert 2 <= count <= 4
    assert model.separates
    assert model.like
    assert model.sources.startswith("DOMAIN ")


def test_a_word_that_stands_for_the_body_computer_is_explained() -> None:
    for model in MODELS:
        told = " ".join((model.summary, model.shows))
        assert "BCM" not in model.summary or "(BCM)" in model.summary
        assert "BCM" not in told or "(BCM)" in told


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_what_looks_the_same_exists_and_looks_back(model: FaultModel) -> None:
    assert model.code not in model.like
    assert len(set(model.like)) == len(model.like)
    for other in model.like:
        assert other in FAULT_CODES
        assert model.code in explain(other).like, other


@pytest.mark.parametrize("model", ACCUSING, ids=[model.code for model in ACCUSING])
def test_something_observed_tells_a_fault_from_what_looks_the_same(model: FaultModel) -> None:
    for other in model.like:
        theirs = models_by_code()[other]
        differing = {
            key
            for key in {*model.own, *theirs.own}
            if dict(model.own.get(key, {})) != dict(theirs.own.get(key, {}))
        }
        assert differing, other


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_a_price_is_the_seeds_or_none(model: FaultModel) -> None:
    assert model.advice.parts_cost_rub == COSTS.get(model.code)
    assert model.advice.difficulty == DIFFICULTIES.get(model.code, model.advice.difficulty)
    assert model.advice.difficulty in (None, "low", "average", "high")
    has_labour = model.code in ("actuator-motor-fault", "actuator-degrading")
    assert model.advice.labour_cost_rub == ((2000, 3000) if has_labour else None)
    assert model.advice.hours == (1.0 if has_labour else None)


@pytest.mark.parametrize("model", ACCUSING, ids=[model.code for model in ACCUSING])
def test_a_step_is_one_thing_to_do_and_is_told_once(model: FaultModel) -> None:
    advice = model.advice

    assert advice.difficulty is not None
    assert 1 <= len(advice.steps) <= 8
    for texts in lists_of(advice):
        assert len(set(texts)) == len(texts)
    for step in advice.steps:
        assert len(re.findall(r"[.?!](?:\s|$)", step)) == 1, step


@pytest.mark.parametrize("code", sorted(set(COSTS) - {"door-harness-short"}))
def test_whoever_works_at_a_handle_or_lock_is_warned_not_to_force_it(code: str) -> None:
    assert seed_rules.NEVER_FORCE in models_by_code()[code].advice.warnings


@pytest.mark.parametrize("code", [c for c in COSTS if c.startswith("door-harness")])
def test_a_gaiters_wires_are_soldered_and_looked_at_every_year(code: str) -> None:
    advice = models_by_code()[code].advice

    assert seed_rules.SOLDER in advice.steps
    assert seed_rules.YEARLY_GAITER in advice.prevention


@pytest.mark.parametrize("code", ["latch-jammed", "latch-frozen", "actuator-degrading"])
def test_a_stiff_latch_is_greased_and_never_with_the_wrong_thing(code: str) -> None:
    advice = models_by_code()[code].advice

    assert seed_rules.NO_WD40 in advice.warnings
    assert seed_rules.GREASE_BEFORE_WINTER in advice.prevention


@pytest.mark.parametrize("code", ["door-harness-short", "lock-power-feed-open"])
def test_a_fuse_is_never_made_larger(code: str) -> None:
    advice = models_by_code()[code].advice

    assert {seed_rules.SAME_FUSE, seed_rules.BURNING} <= set(advice.warnings)


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_the_battery_comes_off_late_and_with_its_price(model: FaultModel) -> None:
    advice = model.advice

    assert (seed_rules.BATTERY_OFF in advice.steps) is (seed_rules.RESETS_RADIO in advice.warnings)
    if seed_rules.BATTERY_OFF in advice.steps:
        assert advice.steps.index(seed_rules.BATTERY_OFF) >= 3


@pytest.mark.parametrize("code", ["linkage-disconnected", "latch-jammed", "actuator-degrading"])
def test_wear_is_told_by_its_first_sign(code: str) -> None:
    assert models_by_code()[code].warns == seed_rules.FIRST_SIGN


def test_each_rule_of_the_seed_applies_to_some_fault() -> None:
    told = {text for model in MODELS for text in texts_of(model)}

    assert set(RULES) <= told


def test_a_healthy_car_needs_nothing_done() -> None:
    assert models_by_code()[NO_FAULT].advice == Advice()
