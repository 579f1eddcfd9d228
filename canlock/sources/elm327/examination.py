"""What an adapter can do, measured: its commands, its pace, its losses.

Puts nothing on the bus: it asks the adapter and it listens.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from canlock.errors import BusError
from canlock.model.frames import frame_key
from canlock.sources.elm327.adapter import Adapter, start_up
from canlock.sources.elm327.exchange import ask
from canlock.sources.elm327.monitor import Heard, Monitor
from canlock.sources.elm327.plan import Plan, Watched, plan_windows
from canlock.sources.elm327.port import AdapterGoneError, AdapterPort
from canlock.sources.elm327.voltage import read_voltage

COMMANDS_BY_VERSION: Final = {
    "ATPPS": "1.1",
    "ATS0": "1.3",
    "ATD1": "1.3",
    "ATCEA": "1.4",
    "ATCSM1": "1.4b",
    "ATAMC": "2.0",
    "ATCTM1": "2.1",
}
"""Harmless commands and the firmware in which each first stood (Elm Electronics, "ELM327 AT
commands", 2014). An adapter that claims a firmware and lacks its commands is a copy."""

VERSIONS: Final = ("1.0", "1.0a", "1.1", "1.2", "1.2a", "1.3", "1.3a", "1.4", "1.4b", "2.0", "2.1",
                   "2.2", "2.3")  # fmt: skip
"""All that Elm Electronics ever sold: a 1.5 is not among them."""

_ASKS: Final = 10
_LEAST_FRAMES: Final = 8
"""For a period to be learnt from."""


@dataclass(frozen=True, slots=True)
class Listening:
    """How one stretch of listening went."""

    duration_s: float
    frames: int
    ids: int
    overflows: int
    damaged: int
    bus_errors: int
    jitter_s: float | None
    """How far cyclic frames stray from their beat: the middle of all. None: too few came."""

    ignores_filters: bool = False
    """It was told what to let through, said OK, and let everything through."""

    @property
    def frames_hz(self) -> float:
        """Frames a second."""
        return self.frames / self.duration_s if self.duration_s else 0.0

    @property
    def damaged_share(self) -> float:
        """Of all lines, those that were damaged on the way."""
        lines = self.frames + self.damaged
        return self.damaged / lines if lines else 0.0


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was found out."""

    channel: str
    adapter: Adapter
    lacks: tuple[str, ...]
    """Commands that it does not know, set-up and probes together."""

    volts: float | None
    answer_s: float
    """How long an answer takes, the middle of several."""

    answer_spread_s: float
    """From the quickest to the slowest."""

    open_ears: Listening
    """With no filter."""

    planned: Listening | None
    """With the filters of a vehicle; None where none was given."""

    plan: Plan | None
    trouble: str | None = None
    """Why the listening ended early."""

    @property
    def is_copy(self) -> bool:
        """It is not what it says it is."""
        version = self.adapter.version
        if self.planned is not None and self.planned.ignores_filters:
            return True
        if self.adapter.stn is not None:
            return False
        if version is None or version not in VERSIONS:
            return True
        return bool(self.missing_of_version)

    @property
    def missing_of_version(self) -> tuple[str, ...]:
        """What it lacks of the firmware that it claims to have."""
        version = self.adapter.version
        if version is None or version not in VERSIONS:
            return ()
        claimed = VERSIONS.index(version)
        return tuple(
            command
            for command, since in COMMANDS_BY_VERSION.items()
            if command in self.lacks and VERSIONS.index(since) <= claimed
        )


def examine_adapter(
    port: AdapterPort,
    bitrate: int,
    watched: Sequence[Watched] = (),
    *,
    duration_s: float = 5.0,
    tell: Callable[[str], None] = lambda _: None,
) -> Examination:
    """Examine the adapter behind a port.

    Args:
        port: The open port.
        bitrate: Bits a second of the bus.
        watched: What a vehicle needs, for a second stretch of listening.
        duration_s: How long each stretch lasts.
        tell: Is told what is being done.

    Raises:
        BusError: No adapter answers, or it went away.
    """
    tell("Asking the adapter who it is.")
    adapter = start_up(port, bitrate, is_extended=False)
    lacks = [*adapter.lacks]
    for command in COMMANDS_BY_VERSION:
        if command not in lacks and ask(port, command).is_unknown:
            lacks.append(command)
    delays = [ask(port, "ATI").delay_s for _ in range(_ASKS)]
    volts = read_voltage(port)
    tell(f"Listening to everything for {duration_s:g} s.")
    whole = plan_windows((), adapter.baudrate)
    open_ears, trouble = _listen(port, adapter, whole, (), duration_s)
    planned = plan = None
    if watched and trouble is None:
        plan = plan_windows(
            watched,
            adapter.baudrate,
            has_masks=adapter.has_masks,
            has_exact_filters=adapter.has_exact_filters,
        )
        tell(f"Listening to what the vehicle's doors need for {duration_s:g} s.")
        planned, trouble = _listen(port, adapter, plan, watched, duration_s)
    return Examination(
        channel=port.channel,
        adapter=adapter,
        lacks=tuple(lacks),
        volts=volts,
        answer_s=statistics.median(delays),
        answer_spread_s=max(delays) - min(delays),
        open_ears=open_ears,
        planned=planned,
        plan=plan,
        trouble=trouble,
    )


def _listen(
    port: AdapterPort,
    adapter: Adapter,
    plan: Plan,
    watched: Sequence[Watched],
    duration_s: float,
) -> tuple[Listening, str | None]:
    monitor = Monitor(port, adapter, plan, watched)
    times: dict[int, list[float]] = defaultdict(list)
    begun_s = port.tick()
    trouble = None
    try:
        while (left_s := begun_s + duration_s - port.tick()) > 0:
            item = monitor.receive(left_s)
            if isinstance(item, Heard):
                frame = item.frame
                key = frame_key(frame.arbitration_id, is_extended=frame.is_extended)
                times[key].append(item.at_s)
    except AdapterGoneError:
        raise
    except BusError as error:
        trouble = str(error)
    with suppress(BusError):
        monitor.stop()
    lasted_s = port.tick() - begun_s
    counts = monitor.counts
    listening = Listening(
        lasted_s,
        counts["frames"],
        len(times),
        counts["overflows"],
        counts["damaged"],
        counts["bus errors"],
        _jitter(times.values()) if not counts["overflows"] else None,
        monitor.ignores_filters,
    )
    return listening, trouble


def _jitter(times: Iterable[list[float]]) -> float | None:
    """Return the middle of how far steps between frames of one id stray from their usual step."""
    strays: list[float] = []
    for at in times:
        if len(at) < _LEAST_FRAMES:
            continue
        steps = [after - before for before, after in pairwise(at)]
        usual_s = statistics.median(steps)
        # A frame that was missed, or sent on change, tells nothing of the clock.
        strays += [abs(step - usual_s) for step in steps if step < usual_s * 1.5]
    return statistics.median(strays) if strays else None
