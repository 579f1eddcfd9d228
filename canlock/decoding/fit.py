"""Which shipped vehicle a capture is of, told by the ids and payload lengths of its frames.

The rule. A vehicle is recognised when all three hold:

1. *A sound majority of its regular messages is there.* Of the messages for which a period is known,
   those that carry lock states, doors or lock commands, or show that a node lives, count double;
   at least `LEAST_SHARE` of that weight must have been seen with the length of the database. A
   longer frame counts half (a later model year pads it), a message seen only shorter than the
   database says takes its weight away: it is another car's. The rest may be behind a gateway, and
   messages sent only when something happens need not be there. Where a logger was filtered, so
   that at least `LEAST_OWN_SHARE` of the ids in the capture are this vehicle's, the majority is
   not asked for.
2. *Chance does not explain it.* 11-bit ids collide between makes, and a bus may carry hundreds:
   each message gives bits of evidence, by how much likelier it is to be seen so if this is the car
   than if ids and lengths were drawn at random as dense as in the capture. `LEAST_BITS` are wanted.
   On a bus where every id of every length occurs, seeing one means nothing.
3. *No other vehicle for which 1 and 2 hold comes near it*: the next has `LEAST_LEAD_BITS` less.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from canlock.decoding.catalogue import shipped_vehicles
from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.errors import VehicleError, VehicleUnknownError
from canlock.model.frames import EXTENDED_BIT
from canlock.model.vehicle import MessageFacts, Vehicle

Census = Mapping[int, Collection[int]]
"""Frame key -> the payload lengths, in bytes, with which it was seen."""

Sight = Literal["exact", "longer", "shorter", "absent"]

LEAST_SHARE: Final = 0.6
"""Of the weight of a vehicle's regular messages. Judged: a majority, and low enough that a car of
which three messages are known can lack a light one, as a petrol Qashqai may lack 0x625."""

LEAST_OWN_SHARE: Final = 0.5
"""Of the ids in the capture. Judged: a whole bus carries ten times the ids that a lock needs."""

LEAST_BITS: Final = 8.0
"""Odds of 256 to 1 against chance."""

LEAST_LEAD_BITS: Final = 10.0
"""Odds of 1024 to 1 against the next vehicle."""

KEY_ROLES: Final = frozenset({"lock.status", "door.ajar", "command.lock"})
KEY_WEIGHT: Final = 2.0

_REGULAR: Final[Mapping[Sight, float]] = {
    "exact": 0.80,
    "longer": 0.04,
    "shorter": 0.01,
    "absent": 0.15,
}
"""How a regular message of the right car is seen. Judged, not measured: one in seven is behind a
gateway or not in every model, few cars of a kind differ in a length."""

_EVENTFUL: Final[Mapping[Sight, float]] = {"exact": 0.30, "longer": 0.014, "shorter": 0.003}
"""The same for a message sent only on events: most captures hold few. Its absence says nothing."""

_CREDIT: Final[Mapping[Sight, float]] = {
    "exact": 1.0,
    "longer": 0.5,
    "shorter": -1.0,
    "absent": 0.0,
}
_STANDARD_IDS: Final = 2048
_FEWEST_IDS: Final = 30
"""A bus carries no fewer: where fewer are in a capture, the others were filtered out."""

_NAMED: Final = 3
"""Missing messages that an error names."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one vehicle explains a census."""

    vehicle: Vehicle
    share: float
    """0-1 (below 0 where lengths contradict): weight of the regular messages that were seen."""

    own_share: float
    """0-1: ids of the census that are this vehicle's."""

    bits: float
    """Log2 of how much likelier the census is if this is the car than by chance."""

    seen: tuple[MessageFacts, ...]
    """Mapped messages that were seen with a length that can be theirs."""

    missing: tuple[MessageFacts, ...]
    """Regular messages that were not seen."""

    shorter: tuple[MessageFacts, ...]
    """Mapped messages seen only with less bytes than the database gives them."""

    @property
    def is_sound(self) -> bool:
        """Tell whether the first two parts of the rule hold."""
        return self.is_majority and self.bits >= LEAST_BITS

    @property
    def is_majority(self) -> bool:
        """Tell whether enough of the vehicle's messages were seen, or of a filtered log's."""
        return self.share >= LEAST_SHARE or (self.own_share >= LEAST_OWN_SHARE and not self.shorter)


def weigh_vehicles(census: Census, vehicles: Iterable[Vehicle]) -> list[Fit]:
    """Return the fit of each vehicle, the best first."""
    fits = [_weigh(census, vehicle) for vehicle in vehicles]
    return sorted(fits, key=lambda fit: (fit.is_sound, fit.bits), reverse=True)


def fitting_vehicles(census: Census, vehicles: Iterable[Vehicle]) -> list[Fit]:
    """Return the vehicles that fit, the best first: none, one, or several of nearly equal right."""
    sound = [fit for fit in weigh_vehicles(census, vehicles) if fit.is_sound]
    return [fit for fit in sound if fit.bits > sound[0].bits - LEAST_LEAD_BITS]


def recognise_vehicle(
    census: Census,
    load: Callable[[Path], LoadedVehicle],
    paths: Sequence[Path] | None = None,
) -> LoadedVehicle:
    """Return the one shipped vehicle that fits the frames.

    Args:
        census: What was seen on the bus; data frames only.
        load: Loads a vehicle file, as `vehicle_file.load_vehicle` does.
        paths: The candidates' files; the shipped ones where left out.

    Raises:
        VehicleUnknownError: None fits, or several do; the text lists the candidates with what each
            lacks, and says how to name one.
    """
    loaded: dict[str, LoadedVehicle] = {}
    broken = []
    for path in shipped_vehicles() if paths is None else paths:
        try:
            candidate = load(path)
        except VehicleError as error:
            broken.append(f"`{path.stem}` cannot be loaded: {error}")
        else:
            loaded[candidate.vehicle.id] = candidate
    vehicles = [candidate.vehicle for candidate in loaded.values()]
    fits = fitting_vehicles(census, vehicles)
    if len(fits) == 1:
        return loaded[fits[0].vehicle.id]
    raise VehicleUnknownError(_explain(census, fits, weigh_vehicles(census, vehicles), broken))


def _weigh(census: Census, vehicle: Vehicle) -> Fit:
    polled = {poll.message for poll in vehicle.polls}
    mapped = [facts for facts in vehicle.messages if facts.name not in polled]
    # Where no period is known at all, every message is taken for a regular one.
    regular = {facts.name for facts in mapped if facts.period_s is not None} or {
        facts.name for facts in mapped
    }
    heavy = {signal.message for signal in vehicle.signals if signal.role in KEY_ROLES}
    heavy |= {node.message for node in vehicle.alive}
    chance = _Chance(census)
    weight = credit = bits = 0.0
    sights: dict[str, Sight] = {}
    for facts in mapped:
        sight = sights[facts.name] = _look(census, facts)
        likelihoods = _REGULAR if facts.name in regular else _EVENTFUL
        if sight in likelihoods:
            bits += math.log2(likelihoods[sight] / chance.of(facts, sight))
        if facts.name in regular:
            own = KEY_WEIGHT if facts.name in heavy else 1.0
            weight += own
            credit += own * _CREDIT[sight]
    seen = tuple(facts for facts in mapped if sights[facts.name] in {"exact", "longer"})
    return Fit(
        vehicle=vehicle,
        share=credit / weight if weight else 0.0,
        own_share=len(seen) / len(census) if census else 0.0,
        bits=bits,
        seen=seen,
        missing=tuple(
            facts for facts in mapped if facts.name in regular and sights[facts.name] == "absent"
        ),
        shorter=tuple(facts for facts in mapped if sights[facts.name] == "shorter"),
    )


def _look(census: Census, facts: MessageFacts) -> Sight:
    return _compare(census.get(facts.key, ()), facts.length)


def _compare(lengths: Collection[int], length: int) -> Sight:
    if not lengths:
        return "absent"
    if length in lengths:
        return "exact"
    # Cut-off lines leave short payloads of any message: the longest tells.
    return "longer" if max(lengths) > length else "shorter"


class _Chance:
    """How often a message would be seen in some way if ids and lengths meant nothing."""

    def __init__(self, census: Census) -> None:
        standard = [lengths for key, lengths in census.items() if key < EXTENDED_BIT]
        extended = [lengths for key, lengths in census.items() if key >= EXTENDED_BIT]
        self._lengths = (standard, extended)

    def of(self, facts: MessageFacts, sight: Sight) -> float:
        """Return the probability of a sight, never 0 or 1."""
        seen = self._lengths[facts.key >= EXTENDED_BIT]
        # 29-bit ids are far sparser, but makers use them in blocks: no more evidence is believed.
        is_extended = facts.key >= EXTENDED_BIT
        density = (_FEWEST_IDS if is_extended else max(len(seen), _FEWEST_IDS)) / _STANDARD_IDS
        if sight == "absent":
            return max(1.0 - density, 1.0 / _STANDARD_IDS)
        alike = sum(_compare(lengths, facts.length) == sight for lengths in seen)
        return density * (alike + 1) / (len(seen) + 3)


def _explain(
    census: Census, fits: Sequence[Fit], ranked: Sequence[Fit], broken: Sequence[str]
) -> str:
    name_it = "name the car with `--vehicle NAME`, or with `--vehicle FILE.toml` one that you wrote"
    if not census:
        return f"there are no frames by which to recognise the car: {name_it}"
    if fits:
        listed = ", ".join(f"`{fit.vehicle.id}`" for fit in fits)
        detail = "; ".join(_describe(fit) for fit in fits)
        return f"several shipped vehicles fit these frames, {listed}: {name_it} ({detail})"
    near = [fit for fit in ranked if fit.seen or fit.shorter]
    far = [f"`{fit.vehicle.id}`" for fit in ranked if not (fit.seen or fit.shorter)]
    details = [_describe(fit) for fit in near]
    if far:
        details.append(f"nothing was seen of {', '.join(far)}")
    return f"no shipped vehicle fits these frames: {name_it} ({'; '.join([*details, *broken])})"


def _describe(fit: Fit) -> str:
    """Say what was seen of a vehicle and what was not."""
    parts = [f"seen {_list_ids(fit.seen) if fit.seen else 'nothing'}"]
    if fit.missing:
        parts.append(f"missing {_list_ids(fit.missing)}")
    if fit.shorter:
        parts.append(f"too short {_list_ids(fit.shorter)}")
    if fit.is_majority and not fit.is_sound:
        parts.append("which may be chance")
    return f"`{fit.vehicle.id}`: {', '.join(parts)}"


def _list_ids(messages: Sequence[MessageFacts]) -> str:
    named = [f"0x{facts.key & ~EXTENDED_BIT:03X} {facts.name}" for facts in messages[:_NAMED]]
    rest = len(messages) - _NAMED
    return ", ".join(named) + (f" and {rest} more" if rest > 0 else "")
