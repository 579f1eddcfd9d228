"""What else goes over the bus: messages that have nothing to do with locks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from canlock.decoding.encoder import MessageShape

Nature = Literal["zero", "still", "counts", "creeps"]

NATURES: Final[tuple[Nature, ...]] = ("zero", "still", "counts", "creeps")
WEIGHTS: Final = (4, 5, 1, 2)
"""How often a byte is of each nature; judgement after the E90 capture."""

PERIODS_S: Final = (0.02, 0.05, 0.1, 0.1, 0.2, 0.2, 0.5, 1.0, 1.0)
"""From which a message's cycle is drawn; judgement after the E90 capture."""

LOWEST_ID: Final = 0x010
HIGHEST_ID: Final = 0x6FF
"""Above lie diagnostics, which a quiet bus does not carry."""

UNMAPPED_HZ: Final = 150.0
"""Frames a second at most that the databases describe and no entry maps: a database may be that of
a whole car, a tap is on one bus of it."""

POWERED_HZ: Final = 200.0
"""Frames a second that come with the ignition: engine, brakes, steering (VEHICLES)."""


@dataclass(frozen=True, slots=True)
class Chatter:
    """One message of the background."""

    shape: MessageShape
    period_s: float
    natures: tuple[Nature, ...]
    """What each byte does."""

    needs_power: bool = False


def plan_chatter(
    unmapped: Sequence[MessageShape], taken: set[int], share_hz: float, chance: random.Random
) -> Iterator[Chatter]:
    """Yield the background of one car.

    Args:
        unmapped: Messages of the vehicle's databases that no entry maps.
        taken: Arbitration ids of all messages of the databases.
        share_hz: Frames a second of ids that no database knows, with the ignition off.
        chance: Which ids and cycles this car has.
    """
    left_hz = UNMAPPED_HZ
    for shape in chance.sample(unmapped, len(unmapped)):
        period_s = shape.period_s or chance.choice(PERIODS_S)
        left_hz -= 1 / period_s
        if left_hz < 0:
            break
        still: tuple[Nature, ...] = tuple(NATURES[0] for _ in range(shape.length))
        yield Chatter(shape, period_s, still)
    free = [number for number in range(LOWEST_ID, HIGHEST_ID) if number not in taken]
    chance.shuffle(free)
    for needs_power, budget_hz in ((False, share_hz), (True, POWERED_HZ)):
        left_hz = budget_hz
        while left_hz > 0 and free:
            period_s = chance.choice(PERIODS_S)
            left_hz -= 1 / period_s
            yield _invent(free.pop(), period_s, chance, needs_power=needs_power)


def _invent(number: int, period_s: float, chance: random.Random, *, needs_power: bool) -> Chatter:
    length = chance.choice((2, 4, 6, 7, 8, 8, 8))
    shape = MessageShape(
        name=f"0x{number:03X}",
        arbitration_id=number,
        is_extended=False,
        is_fd=False,
        length=length,
        sender=None,
        period_s=period_s,
        signals={},
        variants=(),
    )
    natures: tuple[Nature, ...] = tuple(chance.choices(NATURES, WEIGHTS, k=length))
    return Chatter(shape, period_s, natures, needs_power)
