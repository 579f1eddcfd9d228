"""What counts as right, as a false fault, as confident and wrong."""

from __future__ import annotations

import pytest

from evaluation.evaluation_builders import an_abstention, an_outcome


def test_a_verdict_that_names_the_code_is_right_in_every_way() -> None:
    outcome = an_outcome(doors=("driver",), verdict_doors=("driver",))

    assert outcome.is_right
    assert outcome.is_placed_right
    assert outcome.is_layer_right
    assert outcome.is_in_group
    assert outcome.is_named
    assert outcome.is_first
    assert outcome.is_in_top
    assert not outcome.is_confident_and_wrong


def test_another_code_of_the_same_layer_has_the_layer_right_and_nothing_else() -> None:
    outcome = an_outcome("latch-jammed", "latch-frozen")

    assert outcome.is_layer_right
    assert not outcome.is_right
    assert not outcome.is_in_group
    assert outcome.is_confident_and_wrong


@pytest.mark.parametrize(
    ("doors", "said", "fits"),
    [
        pytest.param(("driver",), ("driver",), True, id="the door"),
        pytest.param(("driver",), ("passenger",), False, id="another door"),
        pytest.param(("driver", "passenger"), ("passenger",), True, id="one of them"),
        pytest.param(("driver",), ("driver", "passenger"), False, id="one in order too"),
        pytest.param((), ("driver",), True, id="it sits in no door"),
        pytest.param(("driver",), (), True, id="the verdict names no door"),
    ],
)
def test_a_door_that_is_in_order_must_not_be_accused(
    doors: tuple[str, ...], said: tuple[str, ...], fits: bool
) -> None:
    outcome = an_outcome(doors=doors, verdict_doors=said)

    assert outcome.is_right
    assert outcome.is_placed_right is fits
    assert outcome.is_first_placed_right is fits
    assert outcome.is_confident_and_wrong is not fits


def test_a_wrong_verdict_that_was_not_sure_is_no_confident_mistake() -> None:
    assert not an_outcome(verdict="no-fault", confident=False).is_confident_and_wrong


@pytest.mark.parametrize(
    ("code", "verdict", "accused", "is_false"),
    [
        pytest.param("no-fault", "no-fault", (), False, id="healthy and so called"),
        pytest.param("no-fault", "latch-jammed", ("latch-jammed",), True, id="healthy, accused"),
        pytest.param("selective-unlock", "no-fault", (), False, id="by design, not noticed"),
        pytest.param(
            "selective-unlock", "bcm-reset", ("bcm-reset",), True, id="by design, accused"
        ),
        pytest.param("no-fault", "no-fault", ("bcm-reset",), True, id="accused besides"),
        pytest.param(
            "latch-jammed", "bcm-reset", ("bcm-reset",), False, id="broken, but otherwise"
        ),
    ],
)
def test_a_false_fault_is_an_accusation_of_a_car_in_order(
    code: str, verdict: str, accused: tuple[str, ...], is_false: bool
) -> None:
    assert an_outcome(code, verdict, accused=accused).is_false_fault is is_false


def test_an_abstention_covers_the_fault_by_its_group_but_does_not_name_it() -> None:
    covered = an_abstention(group=("no-fault", "latch-jammed"))
    missed = an_abstention(group=("no-fault",))

    assert covered.has_abstained
    assert covered.is_in_group
    assert not covered.is_named
    assert not missed.is_in_group
    assert not covered.is_layer_right


def test_the_top_is_the_first_three_of_the_ranking() -> None:
    others = (("no-fault", 0.4), ("bcm-reset", 0.2), ("latch-frozen", 0.1))
    third = an_outcome(ranking=(*others[:2], ("latch-jammed", 0.1)))
    fourth = an_outcome(ranking=(*others, ("latch-jammed", 0.1)))

    assert third.is_in_top
    assert not third.is_first
    assert not fourth.is_in_top


def test_without_any_hypothesis_nothing_is_first() -> None:
    assert not an_outcome(ranking=()).is_first


def test_where_nobody_was_puzzled_no_fault_is_right_too() -> None:
    outcome = an_outcome("selective-unlock", "no-fault", answers=("selective-unlock", "no-fault"))

    assert outcome.is_right
    assert outcome.is_layer_right
    assert outcome.is_first
    assert not an_outcome("selective-unlock", "no-fault").is_layer_right
