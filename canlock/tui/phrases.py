"""How single facts read on the screen: text made safe, instants, chances, doors, commands."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final, Literal

from canlock.model.operations import Command, Operation, Request, Response
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Finding

FAINT: Final = "$foreground-muted"
"""Style of what is said for completeness; its words say so too."""

Tone = Literal["fine", "fault", "unsure", "by-design", "unknown"]

TONE_TITLES: Final[dict[Tone, str]] = {
    "fine": "no fault",
    "fault": "fault",
    "unsure": "fault, cause not yet certain",
    "by-design": "works as designed",
    "unknown": "not enough evidence",
}
"""The verdict's kind in words, so that no colour has to tell it."""

TONE_STYLES: Final[dict[Tone, str]] = {
    "fine": "$text-success",
    "fault": "$text-error",
    "unsure": "$text-warning",
    "by-design": "$text-accent",
    "unknown": "$foreground",
}

OUTCOMES: Final = {
    "answered": ("answered", "$text-success"),
    "partly": ("PARTLY", "bold $text-error"),
    "silent": ("SILENT", "bold $text-error"),
    "refused": ("REFUSED", "bold $text-warning"),
    "no-command": ("NO COMMAND", "bold $text-error"),
    "unseen": ("not visible", FAINT),
}
"""Outcome of an operation -> its word and style. Capitals mark what ought not to be."""

ANSWERS: Final = {
    "answered": ("answered", ""),
    "slow": ("SLOW", "bold $text-warning"),
    "silent": ("SILENT", "bold $text-error"),
    "bounced": ("BOUNCED", "bold $text-error"),
    "already": ("already", FAINT),
    "some-silent": ("NOT ALL", "bold $text-error"),
    "unseen": ("?", FAINT),
}
"""State of a response -> its word and style."""

MOST_CODES: Final = 4
"""Codes of an ambiguity group that the headline names; the reasons name them all."""

ALL_DOORS: Final = "all doors"
ALMOST: Final = 0.995
"""From here on a probability would be rounded to 100 %, which it never is."""


def plain(text: str) -> str:
    """Return a text with everything that could move the cursor or hide letters as spaces.

    Names come from captures and vehicle files of anybody's making.
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)


def instant(at_s: float | None, snapshot: Snapshot, digits: int = 2) -> str:
    """Return a time on the capture's clock as seconds after its start: `+12.50 s`."""
    if at_s is None or not math.isfinite(at_s):
        return "?"
    after_s = round(at_s - (snapshot.first_s or 0.0), digits) + 0.0  # No `-0.00`.
    return f"{after_s:+,.{digits}f} s"


def chance(probability: float) -> str:
    """Return a probability in per cent, never as certainty."""
    if probability >= ALMOST:
        return "over 99 %"
    if probability < 1 - ALMOST:
        return "under 1 %"
    return f"{probability:.0%}".replace("%", " %")


def seconds(duration_s: float) -> str:
    """Return a latency: `0.12 s`."""
    return f"{duration_s:.2f} s"


def doors(names: Iterable[str], of: tuple[str, ...] = ()) -> str:
    """Return some doors by name, `all doors` for all `of` them, `whole car` for none."""
    known = tuple(names)
    if not known:
        return "whole car"
    if len(known) > 1 and set(known) == set(of):
        return ALL_DOORS
    return ", ".join(plain(name) for name in known)


def tone(finding: Finding) -> Tone:
    """Return what kind of verdict a finding is."""
    if finding.layer == "none":
        return "fine"
    if finding.layer == "unknown":
        return "unknown"
    if not finding.is_confident:
        return "unsure"
    return "by-design" if finding.layer == "by-design" else "fault"


def sureness(finding: Finding) -> str:
    """Return how sure a finding is, or between which codes it cannot decide."""
    if finding.is_confident:
        return "confident"
    codes = " / ".join(plain(code) for code in finding.group[:MOST_CODES])
    if len(finding.group) > MOST_CODES:
        codes += f" and {len(finding.group) - MOST_CODES} more"
    return f"could be: {codes}" if finding.layer == "unknown" else f"cannot tell apart: {codes}"


def asked(operation: Operation) -> str:
    """Return who asked for what: `fob: unlock`."""
    request = operation.request
    if request is None:
        if operation.cause is not None:
            return plain(operation.cause)
        return "no request seen" if operation.can_see_request else "request not visible"
    return _request(request, can_be_seen=operation.can_see_request)


def _request(request: Request, *, can_be_seen: bool) -> str:
    source = request.role.removeprefix("request.")
    if request.mark_action is not None and "spare" in request.mark_action:
        source = f"spare {source}"
    door = f" ({plain(request.door)})" if request.door else ""
    words = f"{source}: {request.action}{door}"
    if request.is_seen:
        return words
    return f"{words} (marked, NOT SEEN)" if can_be_seen else f"{words} (marked)"


def ordered(operation: Operation, car_doors: tuple[str, ...]) -> str:
    """Return what the BCM ordered, and which doors where not all: `BCM: unlock driver`."""
    command = operation.command
    if command is not None:
        return _command(command, car_doors)
    if operation.outcome == "refused":
        reason = plain(operation.inhibit) if operation.inhibit else "no reason given"
        return f"BCM refused: {reason}"
    return "BCM: NO COMMAND" if operation.can_see_command else "command not visible"


def _command(command: Command, car_doors: tuple[str, ...]) -> str:
    words = f"BCM: {command.action}"
    if set(command.doors) < set(car_doors):
        words += f" {doors(command.doors)}"
    if command.is_inferred:
        words += " (echo)"
    if command.repeats:
        words += f", tried {command.repeats + 1} times"
    return words


def answer(response: Response) -> tuple[str, str]:
    """Return one door's answer in a word or its latency, and the style of it."""
    word, style = ANSWERS[response.state]
    if response.latency_s is None:
        return word, style
    latency = seconds(response.latency_s)
    return (latency, style) if response.state == "answered" else (f"{word} {latency}", style)
