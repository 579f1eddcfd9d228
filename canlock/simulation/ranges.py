"""The numbers of cars and people: ranges, where they come from, and two sorts of world.

Likelihoods are fitted on `fitting` worlds and scored on `test` worlds, and no number of the one is
ever one of the other: the span of both ranges is cut into bands, which the two take in turn. The
test's range is the wider one, so that an engine that has learnt its worlds by heart shows it.
"""

from __future__ import annotations

import random
from typing import Final, Literal, NamedTuple

Worlds = Literal["fitting", "test"]


Span = tuple[float, float]

BANDS: Final = 8
"""Into so many bands a number's span is cut; the even ones are for fitting, the odd for tests."""


class Range(NamedTuple):
    """From where to where a number is drawn, evenly."""

    fitting: tuple[float, float]
    test: tuple[float, float]
    source: str
    """Where the range comes from: DOMAIN's section or source, `measured`, or `judgement`."""


RANGES: Final[dict[str, Range]] = {
    # Supply.
    "battery.rest_v": Range((12.1, 12.6), (11.9, 12.8), "judgement: lead-acid at rest"),
    "battery.low_rest_v": Range((11.3, 11.9), (11.0, 11.9), "judgement: after a cold week"),
    "battery.source_ohm": Range((0.015, 0.025), (0.018, 0.032), "DOMAIN 0.8"),
    "battery.sensor_noise_v": Range((0.005, 0.02), (0.01, 0.04), "judgement"),
    # Lock motors and latches.
    "lock.travel_s": Range((0.05, 0.13), (0.06, 0.16), "VEHICLES: E90 answers in 20-145 ms"),
    "lock.door_spread": Range((0.9, 1.1), (0.85, 1.18), "judgement: doors of one car"),
    "lock.run_a": Range((1.6, 2.0), (1.5, 2.2), "DOMAIN 1.3, S12"),
    "lock.stall_a": Range((3.0, 3.4), (2.8, 3.8), "DOMAIN 1.3, S13"),
    "lock.start_v": Range((5.0, 6.0), (5.0, 6.5), "judgement: friction takes this much"),
    "lock.drag": Range((0.0, 0.12), (0.0, 0.18), "judgement: share of the torque"),
    "module.latency_s": Range((0.1, 0.3), (0.12, 0.4), "VEHICLES: Taycan, 0.48-0.62 s in all"),
    # Body control module.
    "bcm.latency_s": Range((0.03, 0.10), (0.05, 0.18), "DOMAIN 2.1: healthy to 0.25 s"),
    "bcm.low_voltage_v": Range((8.8, 9.0), (8.8, 9.2), "DOMAIN 1.1 S27, 1.2 S14"),
    "bcm.brownout_v": Range((5.8, 6.2), (5.6, 6.4), "judgement: logic supply drops out"),
    "bcm.boot_s": Range((0.35, 0.6), (0.4, 0.9), "DOMAIN 2.4: gone for 0.3 s and more"),
    "bcm.retry_gap_s": Range((0.25, 0.5), (0.3, 0.7), "judgement, within DOMAIN 2.1"),
    "bcm.flash_on_s": Range((0.25, 0.4), (0.3, 0.5), "judgement"),
    "bcm.flash_off_s": Range((0.25, 0.4), (0.3, 0.5), "judgement"),
    "bcm.flash_delay_s": Range((0.0, 0.06), (0.02, 0.12), "judgement"),
    "bcm.inhibit_shown_s": Range((0.4, 0.8), (0.5, 1.2), "judgement"),
    # Fob and radio.
    "fob.cell_v": Range((2.85, 3.05), (2.75, 3.1), "DOMAIN 1.1, S29: 2.5-3.0 V is well"),
    "fob.range_m": Range((14.0, 20.0), (12.0, 25.0), "DOMAIN 1.1, S20: about 10 m"),
    "radio.fading_db": Range((1.0, 2.0), (1.0, 2.5), "judgement"),
    "radio.latency_s": Range((0.03, 0.08), (0.04, 0.12), "judgement: telegram and wake-up"),
    # People.
    "person.reaction_s": Range((0.5, 1.0), (0.6, 1.4), "judgement"),
    "person.hold_s": Range((0.15, 0.35), (0.12, 0.5), "judgement"),
    "person.pull_s": Range((0.35, 0.6), (0.3, 0.8), "judgement"),
    "person.swing_s": Range((0.6, 1.0), (0.5, 1.3), "judgement"),
    "person.mark_late_s": Range((0.25, 0.7), (0.2, 0.9), "CONTRACT 3: 0.2-1 s late"),
    "person.marks_told": Range((0.9, 1.0), (0.8, 1.0), "judgement: some are forgotten"),
    "person.marks_wrong": Range((0.0, 0.01), (0.0, 0.02), "CONTRACT 3: now and then wrong"),
    "person.marks_few": Range((0.3, 0.7), (0.25, 0.75), "judgement: somebody in a hurry"),
    # Sessions.
    "session.short_s": Range((25.0, 40.0), (20.0, 42.0), "judgement"),
    "session.usual_s": Range((50.0, 75.0), (45.0, 80.0), "judgement: about a minute"),
    "session.long_s": Range((120.0, 210.0), (110.0, 240.0), "judgement: two to four minutes"),
    "log.starts_s": Range((2.0, 12.0), (1.0, 15.0), "judgement: started late"),
    "fault.sets_in_share": Range((0.2, 0.55), (0.15, 0.6), "judgement: of the session"),
    # Doors.
    "door.open_deg": Range((30.0, 60.0), (25.0, 65.0), "judgement"),
    "window.speed_percent_s": Range((20.0, 30.0), (16.0, 35.0), "judgement: shut in 3-6 s"),
    "window.run_a": Range((5.0, 8.0), (4.0, 10.0), "judgement"),
    # Air.
    "ambient.temperature_c": Range((5.0, 28.0), (3.0, 34.0), "judgement"),
    "ambient.cold_c": Range((-8.0, 3.0), (-12.0, 4.0), "judgement: a winter's day"),
    # Bus and logger.
    "bus.jitter_share": Range((0.005, 0.02), (0.01, 0.04), "judgement: of the period"),
    "bus.clock_ppm": Range((-60.0, 60.0), (-100.0, 100.0), "judgement: quartz of a control unit"),
    "bus.delay_s": Range((0.001, 0.004), (0.001, 0.008), "judgement: queue of a control unit"),
    "bus.lost_share": Range((0.0, 0.002), (0.0, 0.005), "judgement: logger"),
    "bus.repeat_s": Range((0.095, 0.105), (0.08, 0.12), "VEHICLES: 0x23A, each 0.1 s"),
    "bus.stall_every_s": Range((20.0, 40.0), (15.0, 45.0), "judgement: a busy logger"),
    "bus.sleep_after_s": Range((5.0, 9.0), (4.0, 12.0), "judgement: real cars take minutes"),
    "bus.wake_s": Range((0.05, 0.15), (0.05, 0.25), "DOMAIN 2.1 d: first frames are lost"),
    "bus.background_hz": Range((60.0, 120.0), (80.0, 160.0), "measured: E90 185 frames/s in all"),
}
"""The ranges from which a healthy world is drawn."""


class Draw:
    """Draws the numbers of one world and remembers them."""

    def __init__(self, worlds: Worlds, chance: random.Random) -> None:
        self.worlds: Worlds = worlds
        self.chance = chance
        self.drawn: dict[str, float] = {}

    def __call__(self, name: str, place: str = "") -> float:
        """Return a number of `RANGES`, drawn anew at each call.

        Args:
            name: Its name in the table.
            place: The door or other part it is for, kept with the record.
        """
        value = self.between(RANGES[name].fitting, RANGES[name].test)
        self.drawn[f"{name}[{place}]" if place else name] = round(value, 5)
        return value

    def between(self, fitting: tuple[float, float], test: tuple[float, float]) -> float:
        """Return a number of a range of its own, for faults' severities."""
        bands = list_bands(fitting, test, self.worlds)
        left = self.chance.random() * sum(high - low for low, high in bands)
        for low, high in bands:
            if left <= high - low:
                break
            left -= high - low
        return min(low + left, high)

    def happens(self, probability: float) -> bool:
        """Tell whether something with a probability comes about."""
        return self.chance.random() < probability


def list_bands(fitting: Span, test: Span, worlds: Worlds) -> list[Span]:
    """Return the parts of a number's range in which one sort of worlds has it.

    Of the span of both ranges the even bands are for fitting, the odd ones for tests, each as
    far as its own range goes; what lies outside the range for fitting is all for tests.
    """
    bottom, top = min(fitting[0], test[0]), max(fitting[1], test[1])
    width = (top - bottom) / BANDS
    cuts = [bottom + width * band for band in range(BANDS)] + [top]
    low, high = fitting
    if worlds == "fitting":
        parts = [(cuts[band], cuts[band + 1], low, high) for band in range(0, BANDS, 2)]
    else:
        parts = [(cuts[band], cuts[band + 1], *test) for band in range(1, BANDS, 2)]
        parts += [(cuts[band], min(cuts[band + 1], low), *test) for band in range(0, BANDS, 2)]
        parts += [(max(cuts[band], high), cuts[band + 1], *test) for band in range(0, BANDS, 2)]
    clipped = ((max(since, least), min(until, most)) for since, until, least, most in parts)
    return sorted({(since, until) for since, until in clipped if until > since})
