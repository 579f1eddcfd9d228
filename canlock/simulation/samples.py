"""Makes the sample captures that travel with canlock: each a car, a story, and what is to be found.

A sample is three files of one stem: frames as `candump -L` writes them, marks, and a `.toml` that
says what happened. They are made once and kept; making them anew gives the same bytes:
`python -m canlock.simulation.samples captures`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import CanlockError, SideFileError
from canlock.simulation.drive import Drive, play
from canlock.simulation.sample_list import SAMPLES
from canlock.sources.marks import write_marks
from canlock.sources.writer import write_capture

SCHEMA: Final = "canlock.sample/1"

README_HEAD: Final = """\
# Sample captures

Each is a minute of a simulated car: `NAME.log` or `NAME.log.gz` holds the frames as `candump -L`
writes them, `NAME.marks.csv` what the person at the car said they did, `NAME.toml` what happened
and what should be found. No real car, owner or place is in them. A name begins with the car:
Nissan Qashqai J10, BMW E9x, VW group MEB, Ford FD1.

Not every fault shows on every bus: where two look the same, both are to be named, and where too
little was done to tell, that is to be said.

| sample | what happened | what should be found |
|---|---|---|
"""

README_FOOT: Final = """

`python -m canlock.simulation.samples captures` makes them anew; the same seed gives the same bytes.
"""


def make_sample(name: str) -> Drive:
    """Return the session of a sample.

    Raises:
        CanlockError: There is no such sample.
    """
    sample = SAMPLES.get(name)
    if sample is None:
        raise CanlockError(f"no sample `{name}`; there are {', '.join(SAMPLES)}")
    return play(
        load_vehicle(sample.vehicle),
        {name: sample.stage},
        sample.story,
        door=sample.door,
        seed=sample.seed,
        duration_s=sample.duration_s,
    )


def write_sample(name: str, folder: Path) -> Path:
    """Write the three files of a sample; return the path of its capture.

    Raises:
        CanlockError: There is no such sample, or its files cannot be written.
    """
    drive = make_sample(name)
    capture = folder / f"{name}{SAMPLES[name].suffix}"
    write_capture(capture, [drive.frames])
    first_s = float(drive.frames.timestamp_s[0])
    write_marks(folder / f"{name}.marks.csv", drive.marks, first_s)
    description = folder / f"{name}.toml"
    try:
        description.write_text(describe_sample(name), encoding="utf-8", newline="\n")
    except OSError as error:
        raise SideFileError(f"{description}: cannot be written: {error.strerror}") from error
    return capture


def describe_sample(name: str) -> str:
    """Return what happened in a sample and what should be found, as TOML."""
    sample = SAMPLES[name]
    # Strings and lists of strings are written in JSON as they are in TOML.
    lines = (
        f"schema = {json.dumps(SCHEMA)}",
        f"title = {json.dumps(sample.title)}",
        f"vehicle = {json.dumps(sample.vehicle)}",
        f"happened = {json.dumps(sample.happened)}",
        "",
        "[found]",
        f"fault = {json.dumps(sample.fault)}",
        f"doors = {json.dumps(list(sample.doors))}",
        "",
        "[simulated]",
        f"seed = {sample.seed}",
    )
    return "\n".join(lines) + "\n"


def describe_samples() -> str:
    """Return the README of the samples: the story of each in a table, as Markdown."""
    rows = []
    for name, sample in SAMPLES.items():
        found = ", ".join((f"`{sample.fault}`", *sample.doors))
        rows.append(f"| `{name}` | {sample.title}. {sample.happened} | {found} |")
    return README_HEAD + "\n".join(rows) + README_FOOT


if __name__ == "__main__":
    folder_ = Path(sys.argv[1])
    for each in SAMPLES:
        write_sample(each, folder_)
    (folder_ / "README.md").write_text(describe_samples(), encoding="utf-8", newline="\n")
