"""An evaluation as JSON, `canlock.evaluation/1`: the same outcomes give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final, cast

from canlock.evaluation.calibration import Calibration
from canlock.evaluation.confusion import Confusion
from canlock.evaluation.outcomes import Outcome
from canlock.evaluation.rates import Rate
from canlock.evaluation.scores import Figures, Scores
from canlock.evaluation.sessions import WORLDS
from canlock.evaluation.summary import Evaluation

SCHEMA: Final = "canlock.evaluation/1"
SCHEMA_FILE: Final = "evaluation.schema.json"
DECIMALS: Final = 6
LIKELIEST: Final = 5
"""Codes of a session's ranking that are told."""

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


def load_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every evaluation keeps."""
    text = resources.files(__package__).joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))


def render_json(evaluation: Evaluation) -> str:
    """Return the evaluation as JSON in ASCII, without a line end at its end.

    Each top-level key has a line of its own, and so has each session.
    """
    lines = [f"{json.dumps(key)}: {_compact(value)}" for key, value in _head(evaluation).items()]
    sessions = ",\n".join(_compact(_session(each)) for each in evaluation.outcomes)
    return "{\n" + ",\n".join((*lines, f'"sessions": [\n{sessions}\n]')) + "\n}"


def _compact(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _head(evaluation: Evaluation) -> dict[str, Json]:
    return {
        "schema": SCHEMA,
        "worlds": WORLDS,
        "per_class": evaluation.per_class,
        "seed": evaluation.base_seed,
        "codes": list(evaluation.codes),
        "vehicles": list(evaluation.vehicles),
        "overall": _scores(evaluation.overall),
        "tiers": {name: _scores(scores) for name, scores in evaluation.tiers},
        "by_vehicle": {name: _scores(scores) for name, scores in evaluation.by_vehicle},
        "by_code": {name: _scores(scores) for name, scores in evaluation.by_code},
        "classes": [
            {
                "code": code,
                "vehicle": vehicle,
                "sessions": scores.every.sessions,
                "visible": _rate(scores.visible),
                "layer_right": _rate(scores.seen.layer_right),
                "right": _rate(scores.seen.right),
                "in_group": _rate(scores.seen.in_group),
                "abstained": _rate(scores.seen.abstained),
                "confident_and_wrong": _rate(scores.seen.confident_and_wrong),
            }
            for (code, vehicle), scores in evaluation.classes
        ],
        "confusion": _confusion(evaluation.confusion),
        "layer_confusion": _confusion(evaluation.layer_confusion),
    }


def _scores(scores: Scores) -> dict[str, Json]:
    return {
        "visible": _rate(scores.visible),
        "all": _figures(scores.every),
        "seen": _figures(scores.seen),
    }


def _figures(figures: Figures) -> dict[str, Json]:
    return {
        "sessions": figures.sessions,
        "layer_right": _rate(figures.layer_right),
        "right": _rate(figures.right),
        "placed_right": _rate(figures.placed_right),
        "named": _rate(figures.named),
        "top_1": _rate(figures.first),
        "top_3": _rate(figures.in_top),
        "in_group": _rate(figures.in_group),
        "mean_group": _number(figures.mean_group),
        "abstained": _rate(figures.abstained),
        "confident": _rate(figures.confident),
        "confident_and_wrong": _rate(figures.confident_and_wrong),
        "false_fault": _rate(figures.false_fault),
        "calibration": _calibration(figures.calibration),
        "placed_calibration": _calibration(figures.placed_calibration),
        "isolated": _rate(figures.isolated),
        "mean_tests": _number(figures.mean_tests),
    }


def _rate(rate: Rate) -> dict[str, Json]:
    interval = rate.interval()
    return {
        "count": rate.count,
        "of": rate.of,
        "share": _number(rate.share),
        "interval": None if interval is None else [_number(bound) for bound in interval],
    }


def _calibration(calibration: Calibration) -> dict[str, Json]:
    return {
        "error": _number(calibration.error),
        "bins": [
            {
                "low": each.low,
                "high": each.high,
                "mean_probability": _number(each.mean_probability),
                "right": _rate(each.right),
            }
            for each in calibration.bins
        ],
    }


def _confusion(confusion: Confusion) -> dict[str, Json]:
    return {
        "truths": list(confusion.rows),
        "verdicts": list(confusion.columns),
        "counts": [list(line) for line in confusion.counts],
    }


def _session(outcome: Outcome) -> dict[str, Json]:
    return {
        "vehicle": outcome.vehicle,
        "code": outcome.code,
        "answers": list(outcome.answers),
        "seed": outcome.seed,
        "doors": list(outcome.doors),
        "visible": outcome.is_visible,
        "tier": outcome.tier,
        "verdict": outcome.verdict,
        "verdict_doors": list(outcome.verdict_doors),
        "probability": _number(outcome.probability),
        "confident": outcome.is_confident,
        "group": list(outcome.group),
        "accused": list(outcome.accused),
        "likeliest": [
            {"code": code, "probability": _number(probability)}
            for code, probability in outcome.ranking[:LIKELIEST]
        ],
        "next_tests": list(outcome.tests),
        "isolation": None
        if outcome.isolation is None
        else {"asked": list(outcome.isolation.asked), "verdict": outcome.isolation.verdict},
    }


def _number(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS) + 0.0
