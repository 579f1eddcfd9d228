"""`python -m canlock.evaluation.fitting FILE --per-class N --jobs N`."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from canlock.decoding.catalogue import shipped_vehicles
from canlock.evaluation.fitting.estimate import estimate
from canlock.evaluation.fitting.gather import gather, plan_fitting
from canlock.evaluation.fitting.table_file import write_table
from canlock.evaluation.fitting.trust import choose_trust
from canlock.simulation.injection import list_codes

PER_CLASS: Final = 86
HELD_OUT: Final = 3
"""Each so-many-th session chooses the trust; the others fit the tables."""


def main(path: Path, per_class: int, jobs: int) -> None:
    """Make the file of fitted likelihoods.

    Args:
        path: Where to.
        per_class: Sessions of each code on each vehicle that ships.
        jobs: Processes.
    """
    plans = plan_fitting([path.stem for path in shipped_vehicles()], list_codes(), per_class)
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        sys.stderr.write(f"\r{done} of {len(plans)} sessions")

    shown = gather(plans, jobs=jobs, on_done=tell)
    fitted = estimate([each for n, each in enumerate(shown) if n % HELD_OUT])
    held_out = [each for n, each in enumerate(shown) if not n % HELD_OUT]
    fitted = replace(fitted, trust=choose_trust(held_out, fitted))
    path.write_text(write_table(fitted, len(shown)), encoding="utf-8")
    sys.stderr.write(f"\n{len(fitted.weights)} rows\n")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("path", type=Path)
    options.add_argument("--per-class", type=int, default=PER_CLASS)
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = options.parse_args()
    main(chosen.path, chosen.per_class, chosen.jobs)
