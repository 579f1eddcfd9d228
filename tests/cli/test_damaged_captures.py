"""A damaged log gives the same verdict or less, and says what is damaged."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from canlock.bundled import bundled_folder

ROOT = Path(__file__).parents[2]
E90 = ROOT.parent / "shared" / "captures" / "bmw_e90_lock_cycles.log"
GAITER = bundled_folder("captures") / "qashqai-driver-door-gaiter.log"

Lines = list[bytes]


def every_tenth_line_noise(lines: Lines) -> Lines:
    rng = random.Random(5)
    return [rng.randbytes(30) + b"\n" if n % 10 == 4 else line for n, line in enumerate(lines)]


def every_tenth_line_text(lines: Lines) -> Lines:
    return [b"~" * (n % 50) + b"\n" if n % 10 == 9 else line for n, line in enumerate(lines)]


def lines_shuffled(lines: Lines) -> Lines:
    return random.Random(6).sample(lines, len(lines))


def neighbours_shuffled(lines: Lines) -> Lines:
    rng = random.Random(7)
    return [lines[n] for n in sorted(range(len(lines)), key=lambda n: n + rng.uniform(0, 9))]


def some_lines_swapped(lines: Lines) -> Lines:
    rng, swapped = random.Random(8), list(lines)
    for _ in range(40):
        one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        swapped[one], swapped[other] = swapped[other], swapped[one]
    return swapped


def half_of_it(lines: Lines) -> Lines:
    middle = len(lines) // 2
    return [*lines[:middle], lines[middle][:20]]


DAMAGES = [
    pytest.param(every_tenth_line_noise, "bad_lines", id="every tenth line noise"),
    pytest.param(every_tenth_line_text, "bad_lines", id="every tenth line text"),
    pytest.param(lines_shuffled, "out_of_order", id="all lines shuffled"),
    pytest.param(neighbours_shuffled, "out_of_order", id="neighbours shuffled"),
    pytest.param(some_lines_swapped, "out_of_order", id="some lines far out of place"),
    pytest.param(half_of_it, "truncated", id="cut off in mid-line"),
]

SOURCES = [
    pytest.param(GAITER, "door-harness-open", id="demo"),
    pytest.param(
        E90,
        "no-fault",
        id="E90",
        marks=pytest.mark.skipif(not E90.exists(), reason="the shared real captures are not here"),
    ),
]


def diagnose(path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "canlock", "diagnose", str(path), "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(("source", "fault"), SOURCES)
@pytest.mark.parametrize(("damage", "told_as"), DAMAGES)
def test_damage_never_makes_another_fault_and_is_told(
    source: Path, fault: str, damage: Callable[[Lines], Lines], told_as: str, tmp_path: Path
) -> None:
    path = tmp_path / "drive.log"
    path.write_bytes(b"".join(damage(source.read_bytes().splitlines(keepends=True))))
    marks = source.with_suffix(".marks.csv")
    if marks.exists():
        (tmp_path / "drive.marks.csv").write_bytes(marks.read_bytes())
    found = diagnose(path)
    assert found["findings"][0]["fault"] in (fault, "insufficient-evidence")
    assert found["capture"][told_as]
    place = found["capture"]["damage"][0]["place"]
    assert place.startswith(f"{path}:")
    assert place.rpartition(":")[2].isdigit()


def test_what_was_cut_off_is_not_claimed(tmp_path: Path) -> None:
    lines = GAITER.read_bytes().splitlines(keepends=True)
    path = tmp_path / "drive.log"
    path.write_bytes(b"".join(lines[: len(lines) // 2]) + lines[len(lines) // 2][:20])
    found = diagnose(path)
    last_s = found["capture"]["last"]
    for operation in found["operations"]:
        for response in operation["responses"]:
            assert response["time"] is None or response["time"] <= last_s
        if operation["time"] > last_s:
            assert operation["outcome"] == "unseen"
