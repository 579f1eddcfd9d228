"""The last answer is kept, and never given to another question."""

from __future__ import annotations

import pytest
from detection.detection_builders import a_vehicle

from canlock.detection.detector import Detected
from canlock.diagnosis import reasoning
from canlock.diagnosis.diagnose import diagnose, diagnose_with
from canlock.diagnosis.posterior import weigh
from canlock.diagnosis.reasoning import Reasoner
from canlock.pipeline.fitted import load_likelihoods
from diagnosis.diagnosis_builders import a_mark, dead, detected, healthy, with_supply

STORIES: dict[str, Detected] = {
    "sound": detected(healthy(6)),
    "one more": detected(healthy(7)),
    "dead": detected(dead("passenger", 6)),
    "dead, and told of": detected(
        dead("passenger", 6), marks=[a_mark(30.0, "not-opened", "passenger")]
    ),
    "weak": detected([with_supply(one, 10.8, 8.4) for one in healthy(6)]),
    "nothing": detected(),
}


def test_answers_are_those_of_somebody_who_was_never_asked_before() -> None:
    vehicle, likelihoods = a_vehicle(), load_likelihoods()
    reasoner = Reasoner(vehicle, likelihoods)
    for name in (*STORIES, *reversed(STORIES)):
        found = STORIES[name]
        assert diagnose_with(reasoner, found) == diagnose(found, vehicle, likelihoods), name


def test_what_was_asked_last_is_not_weighed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def count(*args: object, **options: object) -> object:
        asked.append(args)
        return weigh(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(reasoning, "weigh", count)
    reasoner = Reasoner(a_vehicle(), load_likelihoods())
    for name, times in (("sound", 1), ("sound", 1), ("dead", 2), ("dead", 2), ("sound", 3)):
        diagnose_with(reasoner, STORIES[name])
        assert len(asked) == times, name
