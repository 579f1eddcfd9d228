"""`canlock evaluate`: how right the engine is, on simulated cars."""

from __future__ import annotations

import enum
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from canlock.cli.output import say
from canlock.errors import CanlockError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from canlock.evaluation.outcomes import Outcome
    from canlock.evaluation.sessions import Session
    from canlock.evaluation.summary import Evaluation

PER_CLASS: Final = 20
MOST_PER_CLASS: Final = 1_000
"""Classes have so many seeds of their own."""


class EvaluationFormat(enum.StrEnum):
    """What an evaluation can be written as."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def evaluate(
    per_class: Annotated[
        int,
        typer.Option(
            "--per-class",
            metavar="N",
            min=1,
            max=MOST_PER_CLASS,
            help="Sessions of each fault code on each vehicle.",
        ),
    ] = PER_CLASS,
    vehicle: Annotated[
        list[str] | None,
        typer.Option(
            "--vehicle",
            metavar="V",
            help="A shipped vehicle's name or a vehicle file; may be given several times. "
            "Without it, every vehicle that ships.",
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="CODE",
            help="Only this code; may be given several times. Without it, all.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Another one gives other cars and people.")
    ] = 0,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            metavar="N",
            min=1,
            help="Processes; without it, one for each core. The result is the same.",
        ),
    ] = None,
    report_format: Annotated[
        EvaluationFormat, typer.Option("--format", help="How the evaluation is written.")
    ] = EvaluationFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="OUT", help="Write it here.")
    ] = None,
) -> None:
    """Run the simulator over every fault and vehicle, and score the verdicts.

    Prints accuracy, calibration and confusions, per tier and per vehicle, for all sessions and for
    those in which the fault shows at all. The cars come from the ranges kept for tests, never from
    those that the likelihoods were fitted on.
    """
    from canlock.cli.simulate import check_codes
    from canlock.evaluation.sessions import plan_sessions
    from canlock.evaluation.summary import summarise
    from canlock.simulation.injection import list_codes

    check_codes(fault or ())
    if output is not None:
        _check_writable(output)
    codes = _in_order(fault or list_codes())
    vehicles = list(dict.fromkeys(vehicle or _shipped()))
    sessions = plan_sessions(vehicles, codes, per_class=per_class, base_seed=seed)
    outcomes = _run(sessions, jobs or os.cpu_count() or 1)
    evaluation = summarise(outcomes, per_class=per_class, base_seed=seed)
    _write(_renderer(report_format)(evaluation), output)


def _in_order(codes: Sequence[str]) -> list[str]:
    """Return codes in the order of the taxonomy, each once."""
    from canlock.model.faults import FAULT_CODES

    return sorted(set(codes), key=FAULT_CODES.index)


def _shipped() -> list[str]:
    from canlock.decoding.catalogue import shipped_vehicles

    return [path.stem for path in shipped_vehicles()]


def _run(sessions: Sequence[Session], jobs: int) -> list[Outcome]:
    from canlock.evaluation.runs import run_sessions

    if not sys.stderr.isatty():
        return run_sessions(sessions, jobs=jobs)
    with typer.progressbar(length=len(sessions), label="Sessions", file=sys.stderr) as bar:
        return run_sessions(sessions, jobs=jobs, on_done=lambda: bar.update(1))


def _renderer(report_format: EvaluationFormat) -> Callable[[Evaluation], str]:
    if report_format is EvaluationFormat.JSON:
        from canlock.evaluation.json_form import render_json

        return render_json
    if report_format is EvaluationFormat.HTML:
        from canlock.evaluation.html_page import render_html

        return render_html
    from canlock.evaluation.text import render_text

    return render_text


def _check_writable(output: Path) -> None:
    """Refuse a place that cannot be written before minutes go into what should stand there."""
    folder = output.parent
    if output.is_dir() or not output.name:
        raise CanlockError(f"{output}: cannot be written: is a folder")
    if not folder.is_dir():
        raise CanlockError(f"{output}: cannot be written: there is no folder {folder}")
    if not os.access(output if output.exists() else folder, os.W_OK):
        raise CanlockError(f"{output}: cannot be written: it is not yours to write")


def _write(text: str, output: Path | None) -> None:
    if output is None:
        say(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise CanlockError(f"{output}: cannot be written: {error.strerror}") from error
