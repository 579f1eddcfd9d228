"""Where a fault's weights come from: what was fitted, what its file judges, the healthy car."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.diagnosis.catalogue import fault_models, models_by_code
from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.likelihoods import (
    JUDGED,
    JUDGED_HEALTHY,
    LEAST_FITTED,
    LEAST_WEIGHT,
    Likelihoods,
    Relation,
    as_weights,
    kind_of,
    parse_likelihoods,
)
from canlock.diagnosis.observation import DIRECTED, HEALTHY
from canlock.model.faults import NO_FAULT

JAM = models_by_code()["latch-jammed"]
FEED = models_by_code()["lock-power-feed-open"]
SILENT = {"answered": 0.1, "slow": 0.0, "silent": 0.9, "bounced": 0.0}
A_FAULT = FaultModel(
    "bcm-reset",
    "door",
    0.1,
    "x",
    {"response": SILENT, "sound": dict(HEALTHY["sound"])},
    others={"window": {"moved": 0.5, "dead": 0.5}},
)
WAYS = sorted({*HEALTHY, *(f"{kind}.{way}" for kind in DIRECTED for way in ("lock", "unlock"))})


def shares(weights: tuple[float, ...]) -> list[float]:
    return [weight / sum(weights) for weight in weights]


@pytest.mark.parametrize("kind", HEALTHY)
def test_a_kind_is_itself_and_loses_its_direction(kind: str) -> None:
    assert kind_of(kind) == kind
    assert kind_of(f"{kind}.lock") == kind_of(f"{kind}.unlock") == kind


def test_what_was_fitted_goes_before_what_was_judged() -> None:
    fitted = Likelihoods({("bcm-reset", 0, "own", "response.lock"): (1.0, 2.0, 3.0, 4.0)})

    assert fitted.of(A_FAULT, "own", "response.lock") == (1.0, 2.0, 3.0, 4.0)
    assert fitted.of(A_FAULT, "own", "response.unlock")[2] == pytest.approx(0.9 * JUDGED)


def test_what_was_judged_goes_before_the_healthy_car() -> None:
    fitted = Likelihoods({(NO_FAULT, 0, "own", "window"): (9.0, 1.0)})

    assert fitted.of(A_FAULT, "others", "window") == (0.5 * JUDGED, 0.5 * JUDGED)
    assert fitted.of(A_FAULT, "own", "window") == (9.0, 1.0)


def test_what_is_neither_fitted_nor_judged_is_as_a_healthy_car_has_it() -> None:
    weights = Likelihoods().of(A_FAULT, "own", "knob")

    assert shares(weights) == pytest.approx(list(HEALTHY["knob"].values()))
    assert sum(weights) == pytest.approx(JUDGED_HEALTHY)


@pytest.mark.parametrize("model", fault_models(), ids=lambda model: model.code)
@pytest.mark.parametrize("relation", ["own", "others"])
def test_nothing_is_impossible_whatever_the_fault(model: FaultModel, relation: Relation) -> None:
    for way in WAYS:
        weights = Likelihoods().of(model, relation, way)
        assert len(weights) == len(HEALTHY[kind_of(way)])
        assert min(weights) >= LEAST_WEIGHT


def test_an_outcome_that_is_judged_impossible_keeps_a_small_weight() -> None:
    assert list(as_weights("response", SILENT, 6.0)) == pytest.approx(
        [0.6, LEAST_WEIGHT, 5.4, LEAST_WEIGHT]
    )


def test_a_fault_changes_what_its_file_judges_or_what_was_fitted() -> None:
    nothing = Likelihoods()
    fitted = Likelihoods({(FEED.code, 0, "own", "window"): (1.0, 1.0)})

    assert nothing.has_own(FEED, "response.lock")
    assert not nothing.has_own(FEED, "window")
    assert fitted.has_own(FEED, "window")


def test_a_healthy_car_changes_nothing_whatever_was_fitted() -> None:
    fitted = Likelihoods({(NO_FAULT, 0, "own", "window"): (1.0, 1.0)})

    assert not fitted.has_own(models_by_code()[NO_FAULT], "window")


def test_a_table_is_read_in_the_order_of_its_kind() -> None:
    text = """
    [trust]
    window = 1
    "response.moved" = 0.75
    [[fault.latch-jammed]]
    share = 0.75
    [fault.latch-jammed.own]
    "response.lock" = { bounced = 4.0, silent = 3, answered = 1.0, slow = 2.0 }
    [fault.latch-jammed.others]
    window = { dead = 0.5, moved = 2.5 }
    [[fault.latch-jammed]]
    share = 0.25
    [fault.latch-jammed.own]
    "response.lock" = { bounced = 1.0, silent = 1.0, answered = 1.0, slow = 1.0 }
    """

    found = parse_likelihoods(text)

    assert found.trust == {"window": 1.0, "response.moved": 0.75}
    assert found.of(JAM, "own", "response.lock") == (1.0, 2.0, 3.0, 4.0)
    assert found.of(JAM, "others", "window") == (2.5, 0.5)
    assert found.shares_of(JAM.code) == (0.75, 0.25)
    assert found.of(JAM, "own", "response.lock", 1) == (1.0, 1.0, 1.0, 1.0)


def test_a_fault_of_which_nothing_was_fitted_has_one_mode() -> None:
    assert Likelihoods().shares_of(JAM.code) == (1.0,)


@settings(max_examples=30)
@given(st.floats(0.0, 0.1))
def test_a_weight_that_is_read_is_never_too_small(weight: float) -> None:
    found = parse_likelihoods(
        f"[[fault.latch-jammed]]\nshare = 1\n[fault.latch-jammed.own]\n"
        f"window = {{ moved = {weight!r} }}"
    )

    assert found.of(JAM, "own", "window") == (max(weight, LEAST_FITTED), LEAST_FITTED)


def test_an_empty_table_leaves_everything_as_judged() -> None:
    found = parse_likelihoods("")

    assert not found.trust
    assert found.of(JAM, "own", "response") == Likelihoods().of(JAM, "own", "response")


# What the bus does not show


BY_POWER = models_by_code()["inhibit-power-state"]
BY_VOLTAGE = models_by_code()["inhibit-low-voltage"]
SEEN = frozenset({"ack.horn"})
"""Something that no kind hangs on."""


def test_where_no_refusal_is_told_it_looks_like_an_order_that_was_never_given() -> None:
    plain = Likelihoods()
    blind = replace(plain, unseen=frozenset({"command.inhibit"}))

    given, late, absent, refused = plain.of(BY_VOLTAGE, "own", "command.lock")
    assert refused > 0.1 * absent
    assert blind.of(BY_VOLTAGE, "own", "command.lock") == (
        given,
        late,
        absent + refused,
        LEAST_FITTED,
    )
    assert blind.of(BY_VOLTAGE, "own", "dip") == plain.of(BY_VOLTAGE, "own", "dip")


@pytest.mark.parametrize(
    ("unseen", "is_judged"),
    [
        pytest.param(SEEN, False, id="another role"),
        pytest.param({"power.state"}, False, id="the key shows it"),
        pytest.param({"power.state", "key.inserted"}, True, id="nothing shows it"),
    ],
)
def test_where_the_cause_of_a_refusal_is_not_shown_what_is_judged_holds(
    unseen: set[str], is_judged: bool
) -> None:
    """The cars that were fitted on show it: there a press is refused, and not unheard."""
    row = 9.0, 0.1
    fitted = Likelihoods(
        {(BY_POWER.code, 0, "own", "reaction.lock"): row}, unseen=frozenset(unseen)
    )
    judged = Likelihoods().of(BY_POWER, "own", "reaction.lock")

    assert fitted.of(BY_POWER, "own", "reaction.lock") == (judged if is_judged else row)


def test_what_is_refused_for_a_cause_that_nobody_sees_is_not_told_as_a_refusal() -> None:
    healthy = Likelihoods().of(models_by_code()[NO_FAULT], "own", "refusal")
    blind = Likelihoods(unseen=frozenset({"power.state", "key.inserted", "supply.voltage"}))

    assert blind.of(BY_POWER, "own", "refusal") == healthy
    # A voltage is low or not: a car that obeys speaks against it.
    assert blind.of(BY_VOLTAGE, "own", "refusal") != healthy
