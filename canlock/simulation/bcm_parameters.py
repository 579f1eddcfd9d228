"""How a body control module is made, configured and broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from canlock.simulation.ranges import Draw
from canlock.simulation.traits import Traits

SPEED_LOCK_KMH: Final = 24.0
"""From this speed on a car locks itself (DOMAIN 1.1, S25)."""

KeyRule = Literal["refuses", "reopens", "ignores"]
"""What becomes of a lock request while a fob is in the car (DOMAIN 1.1): refused (S18); obeyed and,
with a door open, taken back at once (S26); or just obeyed."""


@dataclass(slots=True)
class BcmParameters:
    """How this car's BCM is made and configured."""

    latency_s: float
    pulse_s: float
    low_voltage_v: float
    brownout_v: float
    boot_s: float
    retry_gap_s: float
    flash_on_s: float
    flash_off_s: float
    flash_delay_s: float
    inhibit_shown_s: float
    retries: int = 0
    selective: bool = False
    """The first unlock opens the driver's door only."""

    selective_window_s: float = 5.0
    relock_s: float | None = None
    relock_flashes: bool = True
    refuses_lock_when_open: bool = False
    refuses_fob_when_on: bool = True
    key_inside: KeyRule = "ignores"
    suspends_when_low: bool = False
    """Where the motors pull the voltage down too far, it lets them go (DOMAIN 1.2, S14)."""

    speed_lock_kmh: float | None = None
    unlocks_at_power_off: bool = False
    unlocks_in_a_crash: bool = True
    counts_operations: bool = False
    deadlocks: bool = False
    """A lock from outside deadlocks."""

    drops_request: float = 0.0
    """Fault: probability that a request that was received leads nowhere."""

    deaf_after_s: float | None = None
    """Fault: a request after so long a rest only wakes it, and is not obeyed."""

    late_s: tuple[float, float] | None = None
    """Fault: a command may come this much later."""

    late_share: float = 0.0
    doubled_share: float = 0.0
    """Fault: the command is given once more, as a new one."""

    reversed_share: float = 0.0
    """Fault: the opposite command follows, for no reason."""

    spurious_every_s: float | None = None
    """Fault: commands that nobody asked for, on average so far apart."""

    resets_every_s: float | None = None
    """Fault: the controller starts anew of itself, on average so often."""

    resets_at_pulse: float = 0.0
    """Fault: probability that a pulse to the motors sets the controller back."""


def draw_bcm(draw: Draw, traits: Traits) -> BcmParameters:
    """Return a BCM in order, configured in one of the ways in which such cars are."""
    has_sensor = bool(traits.sensor_doors)
    return BcmParameters(
        latency_s=draw("bcm.latency_s"),
        pulse_s=traits.pulse_s,
        low_voltage_v=draw("bcm.low_voltage_v"),
        brownout_v=draw("bcm.brownout_v"),
        boot_s=draw("bcm.boot_s"),
        retry_gap_s=draw("bcm.retry_gap_s"),
        flash_on_s=draw("bcm.flash_on_s"),
        flash_off_s=draw("bcm.flash_off_s"),
        flash_delay_s=draw("bcm.flash_delay_s"),
        inhibit_shown_s=draw("bcm.inhibit_shown_s"),
        retries=draw.chance.choice((0, 0, 1, 2)) if has_sensor else 0,
        selective=draw.happens(0.35),
        selective_window_s=traits.selective_window_s,
        relock_s=traits.relock_s if draw.happens(0.7) else None,
        refuses_lock_when_open=draw.happens(0.5),
        counts_operations=draw.happens(0.3),
        deadlocks=traits.can_deadlock and draw.happens(0.25),
        key_inside=draw.chance.choice(("refuses", "reopens", "ignores")),
        suspends_when_low=draw.happens(0.3),
        speed_lock_kmh=SPEED_LOCK_KMH if draw.happens(0.5) else None,
        unlocks_at_power_off=draw.happens(0.4),
    )
