"""The figures as tables of words, for text and HTML alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from canlock.evaluation.calibration import Bin
from canlock.evaluation.confusion import Confusion
from canlock.evaluation.outcomes import Outcome
from canlock.evaluation.rates import Rate
from canlock.evaluation.scores import Figures, Scores
from canlock.evaluation.summary import MISTAKES, Evaluation, Mistake

NOTHING: Final = "-"
"""Where there was nothing to count."""

ROOM: Final = 68
"""Columns of text that are left beside the codes."""

PAIRS: Final = 12
"""Confusions of codes that are listed."""

FINE: Final = 0.1
"""Intervals that end below this are told to a tenth of a percent."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table; all cells are words already."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def show_rate(rate: Rate) -> str:
    """Return `97.2 96-98`: percent, and between what the true one lies with 95 %."""
    interval = rate.interval()
    if rate.share is None or interval is None:
        return NOTHING
    low, high = (100 * bound for bound in interval)
    digits = 1 if interval[1] < FINE else 0
    share = "100" if rate.count == rate.of else f"{100 * rate.share:.1f}"
    return f"{share} {low:.{digits}f}-{high:.{digits}f}"


def show_share(share: float | None, digits: int = 3) -> str:
    """Return a number between 0 and 1, or what stands for none."""
    return NOTHING if share is None else f"{share:.{digits}f}"


def headline(evaluation: Evaluation) -> str:
    """Return in a sentence what was done."""
    count = len(evaluation.outcomes)
    codes, vehicles = len(evaluation.codes), len(evaluation.vehicles)
    return (
        f"{count} sessions: {evaluation.per_class} of each of {codes} "
        f"code{'' if codes == 1 else 's'} on {vehicles} vehicle{'' if vehicles == 1 else 's'}, "
        f"test worlds, base seed {evaluation.base_seed}"
    )


def list_tables(evaluation: Evaluation) -> list[Table]:
    """Return all tables, the most telling first."""
    seen, every = "visible sessions", "all sessions"
    return [
        *_figure_tables(evaluation, seen, lambda scores: scores.seen),
        *_figure_tables(evaluation, every, lambda scores: scores.every),
        _reliability_table(evaluation),
        *_class_tables(evaluation),
        _layer_table(evaluation.layer_confusion),
        _pair_table(evaluation.confusion),
    ]


VERDICT_NOTE: Final = (
    "Percent of the sessions, with 95 % intervals. visible: there was a thing to see, the bound of "
    "any engine; layer, fault: the verdict's is right; or group: or the fault is in the verdict's "
    "ambiguity group; codes: mean size of that group."
)
CERTAINTY_NOTE: Final = (
    "and wrong: confident of another code, or of a door in order; abstained: the verdict is "
    "insufficient-evidence; false fault: of the healthy and by-design sessions, those with a part "
    "of the car accused."
)
RANKING_NOTE: Final = (
    "top 1, top 3: the fault is among the likeliest; covered: it is in the group, abstentions' "
    "groups included; ECE: expected calibration error of the likeliest code, and with its door; "
    "isolated: surely and rightly, once the next tests were done, of the broken cars at which they "
    "were; tests: how many it took, none where the engine was sure at once."
)


def _figure_tables(
    evaluation: Evaluation, name: str, choose: Callable[[Scores], Figures]
) -> Iterator[Table]:
    groups = [
        ("overall", evaluation.overall),
        *((f"tier {tier}", scores) for tier, scores in evaluation.tiers),
        *evaluation.by_vehicle,
    ]
    lots = [(group, scores, choose(scores)) for group, scores in groups]
    yield Table(
        f"Verdicts, {name}",
        VERDICT_NOTE,
        ("", "sessions", "visible", "layer", "fault", "or group", "codes"),
        tuple(
            (
                group,
                str(figures.sessions),
                show_rate(scores.visible),
                show_rate(figures.layer_right),
                show_rate(figures.right),
                show_rate(figures.named),
                show_share(figures.mean_group, 1),
            )
            for group, scores, figures in lots
        ),
    )
    yield Table(
        f"Certainty, {name}",
        CERTAINTY_NOTE,
        ("", "confident", "and wrong", "abstained", "false fault"),
        tuple(
            (
                group,
                show_rate(figures.confident),
                show_rate(figures.confident_and_wrong),
                show_rate(figures.abstained),
                show_rate(figures.false_fault),
            )
            for group, _, figures in lots
        ),
    )
    yield Table(
        f"Ranking and calibration, {name}",
        RANKING_NOTE,
        ("", "top 1", "top 3", "covered", "ECE", "+ door", "isolated", "tests"),
        tuple(
            (
                group,
                show_rate(figures.first),
                show_rate(figures.in_top),
                show_rate(figures.in_group),
                show_share(figures.calibration.error),
                show_share(figures.placed_calibration.error),
                show_rate(figures.isolated),
                show_share(figures.mean_tests, 1),
            )
            for group, _, figures in lots
        ),
    )


def _reliability_table(evaluation: Evaluation) -> Table:
    figures = evaluation.overall.seen
    rows = [
        (f"{plain.low:.1f}-{plain.high:.1f}", *_bin_cells(plain), *_bin_cells(placed))
        for plain, placed in zip(
            figures.calibration.bins, figures.placed_calibration.bins, strict=True
        )
    ]
    heads = (
        "stated",
        "sessions",
        "mean",
        "% right",
        "with door",
        "mean",
        "% right",
    )
    note = "Probability of the likeliest code, then of code and door, against how often it is so."
    return Table("Reliability, visible sessions", note, heads, tuple(rows))


def _bin_cells(each: Bin) -> tuple[str, str, str]:
    return str(each.right.of), show_share(each.mean_probability, 2), show_rate(each.right)


def _class_tables(evaluation: Evaluation) -> Iterator[Table]:
    scores = dict(evaluation.classes)
    note = (
        "Of the sessions of each class: visible / layer right / fault right, the latter two of the "
        "visible ones."
    )
    for vehicles in _abreast(evaluation.vehicles):
        rows = tuple(
            (code, *(_class_cell(scores[code, vehicle]) for vehicle in vehicles))
            for code in evaluation.codes
        )
        yield Table("Classes", note, ("", *vehicles), rows)


def _abreast(vehicles: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the vehicles in lots whose names find room side by side."""
    lot: list[str] = []
    for vehicle in vehicles:
        if lot and sum(len(name) + 2 for name in (*lot, vehicle)) > ROOM:
            yield tuple(lot)
            lot = []
        lot.append(vehicle)
    if lot:
        yield tuple(lot)


def _class_cell(scores: Scores) -> str:
    if not scores.every.sessions:
        return NOTHING
    seen = scores.seen
    return f"{scores.visible.count} / {seen.layer_right.count} / {seen.right.count}"


def _layer_table(confusion: Confusion) -> Table:
    rows = tuple(
        (name, *(str(count) if count else "." for count in counts))
        for name, counts in zip(confusion.rows, confusion.counts, strict=True)
    )
    note = "Sessions by the layer that was at fault (row) and the verdict's layer (column)."
    return Table("Layers confused, visible sessions", note, ("", *confusion.columns), rows)


def _pair_table(confusion: Confusion) -> Table:
    rows = tuple(
        (truth, verdict, str(count)) for truth, verdict, count in confusion.pairs()[:PAIRS]
    )
    note = "The most frequent pairs; the whole matrix is in the JSON and HTML forms."
    return Table("Codes confused, visible sessions", note, ("it was", "verdict", "sessions"), rows)


def list_mistakes(evaluation: Evaluation) -> Sequence[Mistake]:
    """Return the confident confusions that are worth a look, the most frequent first."""
    return evaluation.mistakes()[:MISTAKES]


def describe_mistakes(evaluation: Evaluation) -> str:
    """Return in a sentence how many there are."""
    mistakes = evaluation.mistakes()
    if not mistakes:
        return "None."
    shown = len(list_mistakes(evaluation))
    return (
        f"Sessions: {sum(each.count for each in mistakes)}; pairs of truth and verdict: "
        f"{len(mistakes)}. The most frequent {shown}, each by its surest session:"
    )


def describe_mistake(mistake: Mistake) -> str:
    """Return in a line what was said and what was so."""
    outcome = mistake.surest
    shows = "" if outcome.is_visible else "; it did not show in the session"
    said = _with_doors(outcome.verdict, outcome.verdict_doors)
    truth = _with_doors(outcome.code, outcome.doors)
    return f"{mistake.count} x {said}, {outcome.probability:.3f}; it was {truth}{shows}"


def repeat_command(outcome: Outcome) -> str:
    """Return the command that makes the session's capture again."""
    return (
        f"canlock simulate --vehicle {outcome.vehicle} --fault {outcome.code} "
        f"--seed {outcome.seed} -o mistake.log"
    )


def _with_doors(code: str, doors: tuple[str, ...]) -> str:
    return f"{code} ({', '.join(doors)})" if doors else code
