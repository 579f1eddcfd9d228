"""`canlock doctor`: what an ELM327 adapter is worth for diagnosing locks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from canlock.cli.output import say

if TYPE_CHECKING:
    from canlock.sources.elm327.examination import Examination, Listening
    from canlock.sources.elm327.plan import Watched

BITRATE = 500_000
WIDTH = 78


def doctor(
    port: Annotated[
        str,
        typer.Argument(
            metavar="PORT",
            help="/dev/ttyUSB0, /dev/rfcomm0, COM3 or socket://192.168.0.10:35000.",
            show_default=False,
        ),
    ],
    vehicle: Annotated[
        str | None,
        typer.Option(
            "--vehicle",
            metavar="V",
            help="A shipped vehicle's name or a vehicle file: tries the filters that it needs.",
        ),
    ] = None,
    bitrate: Annotated[
        int, typer.Option("-b", "--bitrate", metavar="N", help="Bits a second of the car's bus.")
    ] = BITRATE,
    baudrate: Annotated[
        int | None,
        typer.Option(
            "--baudrate",
            metavar="N",
            help="Bits a second of the serial line; without it, it is found out.",
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1.0, help="How long to listen, each time.")
    ] = 5.0,
    session: Annotated[
        Path | None,
        typer.Option(
            "--session", metavar="FILE", help="Write down every byte that went to the adapter."
        ),
    ] = None,
) -> None:
    """Say what an ELM327 adapter can do, and grade it for diagnosing locks.

    It only listens: nothing is put on the car's bus.
    """
    from canlock.sources.elm327.examination import examine_adapter
    from canlock.sources.elm327.port import AdapterPort
    from canlock.sources.session import append_session

    watched = _watched(vehicle)
    adapter_port = AdapterPort(port, baudrate)
    try:
        examination = examine_adapter(adapter_port, bitrate, watched, duration_s=seconds, tell=say)
    finally:
        adapter_port.close()
        if session is not None:
            append_session(session, adapter_port.take_sent())
    say()
    for line in describe(examination):
        say(line)


def _watched(vehicle: str | None) -> tuple[Watched, ...]:
    if vehicle is None:
        return ()
    from canlock.decoding.vehicle_file import load_vehicle
    from canlock.sources.elm327.watch import watched_messages

    return watched_messages(load_vehicle(vehicle).vehicle)


def describe(examination: Examination) -> list[str]:
    """Return the report's lines."""
    from textwrap import wrap

    from canlock.sources.elm327.grade import grade_adapter, name_kind, name_voltage

    adapter = examination.adapter
    grade = grade_adapter(examination)
    facts = [
        ("Adapter", name_kind(examination)),
        ("Port", f"{examination.channel}, {adapter.baudrate} baud"),
        ("Lacks", ", ".join(examination.lacks) or "nothing that canlock asks for"),
        ("Silence", _silence(is_silent=adapter.is_silent)),
        (
            "Answers",
            f"after {examination.answer_s * 1000:.0f} ms, "
            f"spread over {examination.answer_spread_s * 1000:.0f} ms",
        ),
        ("No filter", _listening(examination.open_ears)),
    ]
    if examination.planned is not None and examination.plan is not None:
        facts.append((f"Filtered ({examination.plan.kind})", _listening(examination.planned)))
    facts.append(("Supply", name_voltage(examination.volts)))
    lines = []
    for name, text in facts:
        first, *rest = wrap(text, WIDTH - 22) or [""]
        lines.append(f"  {name:<20}{first}")
        lines += [" " * 22 + line for line in rest]
    lines += ["", f"GRADE {grade.letter}: {grade.meaning}."]
    for reason in grade.reasons:
        lines += wrap(reason, WIDTH, initial_indent="  - ", subsequent_indent="    ")
    return lines


def _silence(*, is_silent: bool) -> str:
    if is_silent:
        return "confirmed: it acknowledges nothing while it listens"
    return "not confirmed: the adapter does not know ATCSM1"


def _listening(heard: Listening) -> str:
    parts = [
        f"{heard.frames_hz:.0f} frames/s of {heard.ids} ids",
        f"{heard.overflows} overflows",
    ]
    if heard.damaged:
        parts.append(f"{heard.damaged} damaged lines")
    if heard.bus_errors:
        parts.append(f"{heard.bus_errors} bus errors")
    if heard.jitter_s is not None:
        parts.append(f"{heard.jitter_s * 1000:.0f} ms off the beat")
    return ", ".join(parts)
