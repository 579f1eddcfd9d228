"""How many lock frames an ELM327 catches, by line rate and by what it is told to let through.

Run as `python -m bench.elm_table`; prints one table. A bus of 1,515 frames a second carries a lock
frame ten times a second, for 4 s; the adapter is emulated with its line rate and its buffer of 512
bytes, in a time of its own, so that the numbers do not depend on the machine.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from pathlib import Path

from canlock.model.stream import Gap
from canlock.sources.elm327.adapter import start_up
from canlock.sources.elm327.monitor import Heard, Monitor
from canlock.sources.elm327.plan import Plan, Watched, line_rate, plan_windows

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from elm.adapter_emulator import AdapterEmulator, BusFrame, Nature, cyclic
from elm.adapter_ports import EmulatedPort

LOCK = 0x358
BODY = 0x60D
DURATION_S = 4.0
DUE = 40
OTHERS = 30
OTHERS_HZ = 49.8
SEED = 7
STN = Nature(banner="ELM327 v1.4b", stn="STN1110 v4.0.4")


@dataclass(frozen=True)
class Outcome:
    """What one strategy caught."""

    lock_frames: int
    frames: int
    overflows: int
    gaps_s: float
    """How long frames may have been missing."""

    kind: str


STRATEGIES: dict[str, list[Watched]] = {
    "no filter": [],
    "one exact filter": [Watched(LOCK, 8, 0.1)],
    "one mask over two ids": [Watched(LOCK, 8, 0.1), Watched(BODY, 8, 0.1)],
    "six ids over the whole range": [
        Watched(key, 8, 0.1) for key in (LOCK, BODY, 0x002, 0x1F5, 0x4AA, 0x7F1)
    ],
}


def make_bus() -> AdapterEmulator:
    """Return an adapter on a bus of 1,515 frames a second; its nature and rate are set later."""
    draw = random.Random(SEED)
    ids = draw.sample([one for one in range(0x800) if one not in (LOCK, BODY)], OTHERS)
    foreign = [(1 / OTHERS_HZ, BusFrame(one, bytes(8))) for one in ids]
    wanted = [(0.1, BusFrame(LOCK, bytes(8))), (0.1, BusFrame(BODY, bytes(8)))]
    return AdapterEmulator(traffic=cyclic([*wanted, *foreign]))


def run(baudrate: int, watched: list[Watched], nature: Nature) -> Outcome:
    """Listen for 4 s."""
    emulator = make_bus()
    emulator.nature, emulator.baudrate = nature, baudrate
    port = EmulatedPort(emulator)
    adapter = start_up(port, 500_000, is_extended=False)
    plan = plan_windows(watched, baudrate, has_exact_filters=adapter.has_exact_filters)
    monitor = Monitor(port, adapter, plan, watched)
    lock_frames = frames = 0
    end_s = port.tick() + DURATION_S
    while (left_s := end_s - port.tick()) > 0:
        item = monitor.receive(left_s)
        if isinstance(item, Heard):
            frames += 1
            lock_frames += item.frame.arbitration_id == LOCK
    told = monitor.take_side_items()
    gaps = [(one.at_s, one.until_s) for one in told if isinstance(one, Gap)]
    gaps_s = _covered(gaps, port.now())
    return Outcome(lock_frames, frames, emulator.overflows, gaps_s, _name(monitor.plan))


def _covered(spans: list[tuple[float, float]], end_s: float) -> float:
    """Return how long at least one span lasts."""
    total, reached = 0.0, float("-inf")
    for start, until in sorted(spans):
        until = min(until, end_s)
        total += max(0.0, until - max(start, reached))
        reached = max(reached, until)
    return total


def _name(plan: Plan) -> str:
    return plan.kind if len(plan.windows) == 1 else f"{plan.kind}, {len(plan.windows)} windows"


def main() -> None:
    """Print the table."""
    columns = ("baud", "fits", "adapter", "told", "plan", "lock frames", "overflows", "gaps")
    print(_line(*columns))
    rows = [
        *((baud, name, "ELM327") for baud in (38_400, 115_200, 500_000) for name in STRATEGIES),
        *((baud, name, "STN") for baud in (38_400, 115_200) for name in STRATEGIES),
    ]
    for baudrate, name, chip in rows:
        found = run(baudrate, STRATEGIES[name], STN if chip == "STN" else Nature())
        print(
            _line(
                str(baudrate),
                f"{int(line_rate(baudrate))}/s",
                chip,
                name,
                found.kind,
                f"{found.lock_frames} of {DUE}",
                str(found.overflows),
                f"{found.gaps_s:.1f} s",
            )
        )


def _line(*cells: str) -> str:
    baud, fits, chip, told, plan, lock_frames, overflows, gaps = cells
    return (
        f"{baud:>7} {fits:>7}  {chip:<7} {told:<29} {plan:<19} "
        f"{lock_frames:>11} {overflows:>9} {gaps:>6}"
    )


if __name__ == "__main__":
    main()
