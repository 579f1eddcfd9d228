"""Weighing what was observed: the long part of a verdict, done again only for something new."""

from __future__ import annotations

from dataclasses import dataclass, replace

from canlock.diagnosis.catalogue import fault_models
from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.hypotheses import Ranking, rank
from canlock.diagnosis.likelihoods import Likelihoods
from canlock.diagnosis.next_tests import next_tests
from canlock.diagnosis.observation import Group
from canlock.diagnosis.posterior import Weighed, place_candidates, weigh
from canlock.model.faults import LAYER_OF
from canlock.model.vehicle import Vehicle
from canlock.model.verdict import NextTest

SUPPLY_CODES = ("supply-undervoltage", "inhibit-low-voltage")
"""All that tier T0 can tell of (DOMAIN 2.2)."""


@dataclass(frozen=True, slots=True)
class Question:
    """All that the probabilities and the next tests of one car hang on."""

    groups: tuple[Group, ...]
    """What was observed."""

    tier: str
    may_be_by_design: bool
    """See `rank`."""

    favoured: str | None
    """See `next_tests`."""

    unseen: frozenset[str] = frozenset()
    """Roles that the bus does not show."""


@dataclass(frozen=True, slots=True)
class Reasoned:
    """The answer to a `Question`."""

    weighed: Weighed
    ranking: Ranking
    tests: tuple[NextTest, ...]


class Reasoner:
    """Reasons about one car.

    A live view asks several times a second, and between two operations nothing new is observed: the
    last answer is kept.
    """

    def __init__(self, vehicle: Vehicle, likelihoods: Likelihoods) -> None:
        """Begin with nothing asked.

        Args:
            vehicle: The car.
            likelihoods: How often each fault shows what.
        """
        self.vehicle = vehicle
        self._likelihoods = likelihoods
        self._last: tuple[Question, Reasoned] | None = None

    def reason(self, question: Question) -> Reasoned:
        """Return how probable each fault is, and which tests would tell most."""
        # One name read and one written: two threads that ask at once do each their own work.
        last = self._last
        if last is not None and last[0] == question:
            return last[1]
        models = [model for model in fault_models() if _is_open(model, question.tier)]
        likelihoods = replace(self._likelihoods, unseen=question.unseen)
        weighed = weigh(
            place_candidates(models, self.vehicle.doors, likelihoods),
            question.groups,
            likelihoods,
            is_verified=self.vehicle.is_verified,
        )
        reasoned = Reasoned(
            weighed,
            rank(weighed, may_be_by_design=question.may_be_by_design),
            next_tests(weighed, question.favoured),
        )
        self._last = question, reasoned
        return reasoned


def _is_open(model: FaultModel, tier: str) -> bool:
    """Say whether a fault can be a verdict at all here."""
    if tier == "T0" and LAYER_OF[model.code] != "none":
        return model.code in SUPPLY_CODES
    return True
