"""Which reasons a driver is told, in which words, and what the rest comes to."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports.report_builders import DOORS, evidence

from canlock.diagnosis.observation import HEALTHY, Group
from canlock.diagnosis.wording import PRIOR, SENTENCES, UNSEEN, sentence
from canlock.model.verdict import Evidence, Hypothesis
from canlock.telling.conclusion import named_cause
from canlock.telling.reasons import AGAINST_SHOWN, FOR_SHOWN, Reasons, list_reasons, weight

DRIVER = ("driver",)


def seen(
    kind: str, outcome: str, bits: float, door: str | None = "driver", at_s: float = 12.0
) -> Evidence:
    """A piece of evidence in the engine's own words."""
    group = Group(kind, outcome, door, "unlock", (at_s, at_s + 1), 3, is_marked=False)
    return Evidence(at_s, sentence(group), bits, group.times_s)


def reasons(*pieces: Evidence, fault: str = "door-harness-open") -> Reasons:
    return list_reasons(pieces, fault, () if fault == "no-fault" else DRIVER, DOORS)


@pytest.mark.parametrize(("bits", "is_told"), [(0.49, False), (0.5, True)])
def test_another_door_that_works_is_a_reason_only_where_it_weighs_as_a_contrast(
    bits: float, is_told: bool
) -> None:
    found = reasons(seen("response", "answered", bits, "passenger"))
    assert bool(found.pro) == is_told
    if is_told:
        assert found.pro[0].text == (
            "by contrast, the lock of the passenger's door did what was ordered, in time (unlock),"
            " 2 of 3 times"
        )
    else:
        assert found.pro_rest == f"one weaker sign, weight {weight(bits)}"


def test_the_other_doors_stand_together_as_one_contrast() -> None:
    found = reasons(
        *(seen("response", "answered", 0.2, door, at_s) for at_s, door in enumerate(DOORS[1:]))
    )
    assert [reason.text for reason in found.pro] == [
        "by contrast, the locks of all other doors did what was ordered, in time"
    ]
    assert math.isclose(found.pro[0].bits, 0.8)
    assert found.pro[0].times_s == (0.0, 1.0, 2.0, 3.0, 4.0)


def test_some_of_the_other_doors_are_named() -> None:
    pieces = [seen("response", "answered", 0.4, door) for door in ("rear-left", "passenger")]
    assert "of other doors (passenger and rear left) did" in reasons(*pieces).pro[0].text
    assert "of these doors (passenger and rear left) did" in (
        reasons(*pieces, fault="no-fault").pro[0].text
    )


def test_what_a_sound_car_shows_too_is_no_reason_for_a_fault() -> None:
    steady = seen("node", "steady", 0.4, None)
    assert reasons(steady).pro == ()
    assert reasons(steady, fault="no-fault").pro != ()


def test_what_a_sound_door_does_is_a_reason_against() -> None:
    found = reasons(seen("response", "answered", -0.8), seen("response", "answered", -0.6, "rear"))
    assert len(found.con) == 2
    assert not any("by contrast" in reason.text for reason in found.con)


def test_a_weak_symptom_is_told_where_there_is_no_stronger_one() -> None:
    assert reasons(seen("response", "silent", 0.1)).pro[0].bits == 0.1


@pytest.mark.parametrize(("bits", "is_told"), [(0.44, False), (0.45, True)])
def test_a_very_weak_sign_beside_a_stronger_one_is_counted_only(bits: float, is_told: bool) -> None:
    found = reasons(evidence("One.", 3.0, 1.0), evidence("Two.", bits, 2.0))
    assert len(found.pro) == 1 + is_told
    assert (found.pro_rest == f"one weaker sign, weight {weight(bits)}") != is_told


@pytest.mark.parametrize(("bits", "is_told"), [(-0.44, False), (-0.45, True)])
def test_a_very_weak_sign_against_is_counted_only(bits: float, is_told: bool) -> None:
    found = reasons(evidence("One.", 3.0, 1.0), evidence("Two.", bits, 2.0))
    assert len(found.con) == is_told
    assert (found.con_rest == f"one weaker sign, weight {weight(bits)}") != is_told


def test_the_likeliest_at_one_door_is_told_by_its_door() -> None:
    cause = Hypothesis("latch-jammed", ("driver",), 0.2)
    assert named_cause(cause, DOORS) == "driver's door: jammed latch"
    assert named_cause(replace(cause, doors=()), DOORS) == "jammed latch"


@pytest.mark.parametrize("kind", HEALTHY)
def test_every_sentence_of_the_engine_is_understood(kind: str) -> None:
    """What is sound is held back, what is not is told, whatever words the engine has for it."""
    for outcome, share in HEALTHY[kind].items():
        found = reasons(seen(kind, outcome, 0.3))
        assert bool(found.pro) == (share <= 0.5), SENTENCES[kind, outcome]


def test_of_two_sentences_that_begin_alike_the_longer_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # "The inside handle opened the driver's door" is sound; with a child lock on, let it not be.
    monkeypatch.setitem(HEALTHY, "inner.barred", {"opened": 0.3, "stuck": 0.7})

    assert reasons(seen("inner.measured", "opened", 0.3)).pro == ()
    assert reasons(seen("inner.barred", "opened", 0.3)).pro != ()


@pytest.mark.parametrize(
    ("bits", "odds"),
    [(-6.1, "1 to 69"), (0.0, "even"), (1.0, "2 to 1"), (-0.6, "1 to 1.5"), (-99.0, "1 to 66000")],
)
def test_what_was_known_beforehand_is_told_as_odds(bits: float, odds: str) -> None:
    (line,) = reasons(evidence(PRIOR, bits)).besides
    assert (
        line == f"Before anything was seen, the odds of this were about {odds} (weight {bits:+})."
    )


@pytest.mark.parametrize(("bits", "is_told"), [(0.049, False), (0.05, True), (-0.05, True)])
def test_how_much_was_to_be_seen_is_told_where_it_weighs(bits: float, is_told: bool) -> None:
    found = reasons(evidence(UNSEEN, bits))
    assert bool(found.besides) == is_told
    assert bool(found) == is_told


def test_weightless_signs_are_counted_and_nothing_more() -> None:
    found = reasons(evidence("One.", 0.01, 1.0), evidence("Two.", -0.01, 2.0))
    assert (found.pro, found.con, found.con_rest) == ((), (), "")
    assert found.pro_rest == "2 weaker signs, of next to no weight"


BITS = st.lists(st.floats(-9, 9), max_size=30)


@given(BITS)
def test_no_bit_is_lost_and_nothing_told_is_weaker_than_what_is_not(bits: list[float]) -> None:
    found = reasons(*(evidence(f"Sign {n}.", each, 1.0) for n, each in enumerate(bits)))
    assert len(found.pro) <= FOR_SHOWN
    assert len(found.con) <= AGAINST_SHOWN
    for told, of_side in (
        (found.pro, sorted((each for each in bits if each >= 0.05), reverse=True)),
        (found.con, sorted(each for each in bits if each <= -0.05)),
    ):
        assert [reason.bits for reason in told] == of_side[: len(told)]
    untold = len(bits) - len(found.pro) - len(found.con)
    named = sum(
        1 if rest.startswith("one") else int(rest.split()[0])
        for rest in (found.pro_rest, found.con_rest)
        if rest
    )
    assert named == untold


@pytest.mark.parametrize(("bits", "text"), [(3.26, "+3.3"), (-0.04, "+0.0"), (-1.0, "-1.0")])
def test_weights_have_one_decimal_and_no_negative_zero(bits: float, text: str) -> None:
    assert weight(bits) == text
