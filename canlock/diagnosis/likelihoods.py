"""The fitted likelihoods: what each fault shows how often, as a frozen table that is handed over.

This room opens no file; `pipeline` reads `likelihoods.toml` and hands its text over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.observation import HEALTHY
from canlock.model.faults import NO_FAULT

Relation = Literal["own", "others"]
"""About the door (or car) that has the fault, or about the other doors."""

Weights = tuple[float, ...]
"""Polya weights in the order of `HEALTHY[kind]`."""

JUDGED: Final = 6.0
"""Sum of the weights of a judged table: as if six earlier cars had been seen. Judgement."""

VARIED: Final = 1.0
"""The same for kinds that vary with how bad it is."""

JUDGED_HEALTHY: Final = 20.0
"""The same for a healthy car, of which more is known."""

LEAST_WEIGHT: Final = 0.02
"""Nothing is impossible."""

LEAST_FITTED: Final = 0.001
"""The same for fitted weights, which were bounded when they were fitted."""

UNTOLD: Final = ("command", "reaction", "refusal", "denied")
"""Kinds (up to their dot) that change where the cause of a refusal is not on the bus."""

FOLDED: Final = {"command": ("command.inhibit", "refused", "absent")}
"""Kind up to its dot -> role, the outcome that it tells of, and how that looks without the role."""

REFUSED: Final = ("refused", "unordered")
"""Why a door stayed shut, and how that looks where nobody sees why the car refused."""

SCHEMA: Final = "canlock.likelihoods/2"


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """Polya weights by fault, mode, relation and kind; what is not named is as its file judges.

    A mode is one way in which a fault shows: a short that has blown the fuse and one that has not
    yet. All kinds of a session share its mode, so that one hidden state is not counted as often
    as it shows.
    """

    weights: Mapping[tuple[str, int, str, str], Weights] = field(default_factory=dict)
    """(code, mode, relation, kind with its direction) -> weights."""

    trust: Mapping[str, float] = field(default_factory=dict)
    """Kind -> exponent on what it says, 1 where none is given: kinds are not independent."""

    modes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Code -> how often each of its modes is the case, adding up to 1."""

    unseen: frozenset[str] = frozenset()
    """Roles that this car's bus does not show."""

    def shares_of(self, code: str) -> tuple[float, ...]:
        """Return how often each mode of a fault is the case; one mode where none was fitted."""
        return self.modes.get(code, (1.0,))

    def of(self, model: FaultModel, relation: Relation, way: str, mode: int = 0) -> Weights:
        """Return the weights of a kind (`response.lock`, `window`) under a fault in a mode."""
        return self._fold(kind_of(way), self._of(model, relation, way, mode))

    def _of(self, model: FaultModel, relation: Relation, way: str, mode: int) -> Weights:
        kind = kind_of(way)
        is_untold = self.is_untold(model, kind)
        fitted = self.weights.get((model.code, mode, relation, way))
        if fitted is not None and not is_untold:
            return fitted
        tables = model.own if relation == "own" else model.others
        judged = tables.get(way) or tables.get(kind)
        # What is refused for a cause that nobody sees is not told as a refusal; of a cause that is
        # there always or never, a car that obeys speaks all the same.
        is_silent = is_untold and kind == "refusal" and not varies(model, way)
        if judged is not None and not is_silent:
            weights = as_weights(kind, judged, VARIED if varies(model, way) else JUDGED)
            return _fold(kind, weights, *REFUSED) if is_untold and kind == "denied" else weights
        healthy = self.weights.get((NO_FAULT, 0, "own", way))
        return healthy or as_weights(kind, HEALTHY[kind], JUDGED_HEALTHY)

    def is_untold(self, model: FaultModel, kind: str) -> bool:
        """Say whether the cause of what a kind tells cannot be seen: the fitted cars showed it."""
        is_blind = bool(model.told_by) and self.unseen.issuperset(model.told_by)
        return is_blind and kind.partition(".")[0] in UNTOLD

    def _fold(self, kind: str, weights: Weights) -> Weights:
        """Return weights in which what the bus cannot tell looks like something else."""
        role, told, looks = FOLDED.get(kind.partition(".")[0], ("", "", ""))
        return _fold(kind, weights, told, looks) if role in self.unseen else weights

    def has_own(self, model: FaultModel, way: str) -> bool:
        """Say whether a fault of the whole car changes a kind, for all doors alike."""
        if model.code == NO_FAULT:
            return False
        is_judged = way in model.own or kind_of(way) in model.own
        return is_judged or (model.code, 0, "own", way) in self.weights

    def changes_others(self, model: FaultModel, way: str) -> bool:
        """Say whether a fault of one door changes a kind at the other doors too."""
        return way in model.others or kind_of(way) in model.others


def _fold(kind: str, weights: Weights, told: str, looks: str) -> Weights:
    """Return weights in which one outcome is told as another."""
    by_outcome = dict(zip(HEALTHY[kind], weights, strict=True))
    by_outcome[looks] += by_outcome[told]
    by_outcome[told] = LEAST_FITTED
    return tuple(by_outcome.values())


def varies(model: FaultModel, way: str) -> bool:
    """Say whether a kind is one that varies with how bad a fault is, see `FaultModel.varied`."""
    return way.partition(".")[0] in model.varied


def kind_of(way: str) -> str:
    """Return a kind without its direction."""
    return way if way in HEALTHY else way.rpartition(".")[0]


def as_weights(kind: str, table: Mapping[str, float], total: float) -> Weights:
    """Return a judged table as weights that add up to about `total`."""
    return tuple(max(table.get(outcome, 0.0) * total, LEAST_WEIGHT) for outcome in HEALTHY[kind])


def parse_likelihoods(text: str) -> Likelihoods:
    """Return the likelihoods that a `likelihoods.toml` holds; see its head for the form."""
    # Late: what ships is parsed once, and then kept in another form.
    import tomllib

    data = tomllib.loads(text)
    weights: dict[tuple[str, int, str, str], Weights] = {}
    modes: dict[str, tuple[float, ...]] = {}
    for code, tables in data.get("fault", {}).items():
        modes[code] = tuple(float(table["share"]) for table in tables)
        for mode, table in enumerate(tables):
            for relation in ("own", "others"):
                for way, row in table.get(relation, {}).items():
                    outcomes = HEALTHY[kind_of(way)]
                    weights[code, mode, relation, way] = tuple(
                        max(float(row.get(outcome, 0.0)), LEAST_FITTED) for outcome in outcomes
                    )
    trust = {kind: float(value) for kind, value in data.get("trust", {}).items()}
    return Likelihoods(weights, trust, modes)
