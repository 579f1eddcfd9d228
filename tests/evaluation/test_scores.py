"""The figures of hand-made lots of sessions."""

from __future__ import annotations

import random

from canlock.evaluation.confusion import confuse_codes, confuse_layers
from canlock.evaluation.rates import Rate
from canlock.evaluation.scores import score
from canlock.evaluation.summary import summarise
from evaluation.evaluation_builders import an_abstention, an_outcome

LOT = [
    an_outcome(),
    an_outcome(verdict="latch-frozen", group=("latch-frozen", "latch-jammed"), confident=False),
    an_outcome(verdict="no-fault", visible=False),
    an_abstention(group=("no-fault", "latch-jammed", "latch-frozen")),
    an_outcome("no-fault"),
    an_outcome("no-fault", "bcm-reset", confident=False, visible=False),
    an_outcome("selective-unlock", "auto-relock", accused=(), confident=False),
]


def test_every_figure_is_a_count_of_what_it_says() -> None:
    scores = score(LOT)
    figures = scores.every

    assert scores.visible == Rate(5, 7)
    assert figures.sessions == 7
    assert figures.right == Rate(2, 7)
    assert figures.placed_right == Rate(2, 7)
    assert figures.layer_right == Rate(4, 7)  # Also the frozen latch and the relock.
    assert figures.in_group == Rate(4, 7)
    assert figures.named == Rate(3, 7)
    assert figures.first == Rate(2, 7)
    assert figures.in_top == Rate(3, 7)  # Also the abstention, whose second it was.
    assert figures.mean_group == (1 + 2 + 1 + 3 + 1 + 1 + 1) / 7
    assert figures.abstained == Rate(1, 7)
    assert figures.confident == Rate(3, 7)
    assert figures.confident_and_wrong == Rate(1, 7)
    assert figures.false_fault == Rate(1, 3)


def test_the_figures_of_visible_sessions_leave_out_what_nobody_could_have_seen() -> None:
    seen = score(LOT).seen

    assert seen.sessions == 5
    assert seen.confident_and_wrong == Rate(0, 5)
    assert seen.false_fault == Rate(0, 2)
    assert seen.right == Rate(2, 5)


def test_the_calibration_with_doors_is_of_the_first_hypothesis_and_its_door() -> None:
    lot = [
        an_outcome(doors=("driver",), verdict_doors=("driver",), probability=0.95),
        an_outcome(doors=("driver",), verdict_doors=("passenger",), probability=0.95),
    ]
    figures = score(lot).every

    assert figures.calibration.bins[9].right == Rate(2, 2)
    assert figures.placed_calibration.bins[9].right == Rate(1, 2)


def test_an_empty_lot_has_no_shares() -> None:
    scores = score([])

    assert scores.visible.share is None
    assert scores.every.mean_group is None
    assert scores.every.calibration.error is None


def test_the_confusion_matrix_counts_truths_against_verdicts_in_the_taxonomys_order() -> None:
    confusion = confuse_codes(LOT)

    assert confusion.rows == ("no-fault", "selective-unlock", "latch-jammed")
    assert confusion.columns == (
        "no-fault",
        "insufficient-evidence",
        "auto-relock",
        "selective-unlock",
        "bcm-reset",
        "latch-jammed",
        "latch-frozen",
    )
    assert confusion.counts == (
        (1, 0, 0, 0, 1, 0, 0),
        (0, 0, 1, 0, 0, 0, 0),
        (1, 1, 0, 0, 0, 1, 1),
    )
    assert ("no-fault", "bcm-reset", 1) in confusion.pairs()
    assert sum(count for _, _, count in confusion.pairs()) == 5


def test_the_layer_matrix_has_what_is_of_one_layer_on_its_diagonal() -> None:
    confusion = confuse_layers(LOT)

    row = confusion.counts[confusion.rows.index("mechanical")]
    assert row[confusion.columns.index("mechanical")] == 2
    assert row[confusion.columns.index("unknown")] == 1


def test_a_verdict_that_is_right_under_another_name_stands_on_the_diagonal() -> None:
    quiet = an_outcome("auto-relock", "no-fault", answers=("auto-relock", "no-fault"))

    assert confuse_codes([quiet]).pairs() == []
    assert confuse_layers([quiet]).pairs() == []


def test_the_summary_has_each_session_once_in_every_grouping() -> None:
    lot = [*LOT, an_outcome(vehicle="vw-meb", tier="T1")]
    evaluation = summarise(lot, per_class=2, base_seed=0)

    assert evaluation.vehicles == ("bmw-e9x", "vw-meb")
    assert [name for name, _ in evaluation.tiers] == ["T3", "T1"]
    for grouping in (evaluation.tiers, evaluation.by_vehicle, evaluation.by_code):
        assert sum(scores.every.sessions for _, scores in grouping) == len(lot)
    classes = dict(evaluation.classes)
    assert classes["latch-jammed", "vw-meb"].every.sessions == 1
    assert classes["no-fault", "vw-meb"].every.sessions == 0
    assert sum(scores.every.sessions for scores in classes.values()) == len(lot)


def test_the_order_of_the_outcomes_changes_no_figure() -> None:
    shuffled = list(LOT)
    random.Random(3).shuffle(shuffled)

    assert score(shuffled) == score(LOT)


def test_confident_mistakes_are_told_by_confusion_each_by_its_surest_session() -> None:
    lot = [
        an_outcome(verdict="no-fault", probability=0.99),
        an_outcome(verdict="bcm-reset", probability=0.9, seed=7),
        an_outcome(verdict="bcm-reset", probability=0.95, seed=8),
        an_outcome(verdict="bcm-reset", probability=0.999, confident=False),
        an_outcome(),
    ]
    mistakes = summarise(lot, per_class=5, base_seed=0).mistakes()

    assert [(each.count, each.surest.verdict, each.surest.probability) for each in mistakes] == [
        (2, "bcm-reset", 0.95),
        (1, "no-fault", 0.99),
    ]
    assert mistakes[0].surest.seed == 8
