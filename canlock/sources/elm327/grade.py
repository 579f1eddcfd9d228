"""What an examination means for somebody who wants to know why a door stays shut.

Pure: an `Examination` in, a grade and plain sentences out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from canlock.sources.elm327.examination import Examination, Listening

GradeLetter = Literal["A", "B", "C", "D", "E"]

MEANING: Final[dict[GradeLetter, str]] = {
    "A": "as good as a CAN adapter for diagnosing locks",
    "B": "good for diagnosing locks",
    "C": "usable: most faults can be told, a few need more tries",
    "D": "poor: what doors do can be seen, what they fail to do mostly cannot",
    "E": "not usable for diagnosing locks",
}

LATE_S: Final = 0.02
"""Jitter up to which lock times can be compared; a serial line has 2-4 ms."""

VERY_LATE_S: Final = 0.1
"""Jitter beyond which a slow lock looks like a quick one: Bluetooth mostly has 10-50 ms."""

DAMAGED_SHARE: Final = 0.01
LOW_V: Final = 11.5
CHARGING_V: Final = 13.2


@dataclass(frozen=True, slots=True)
class Grade:
    """The judgement."""

    letter: GradeLetter
    reasons: tuple[str, ...]
    """What keeps it from a better grade, the weightiest first."""

    @property
    def meaning(self) -> str:
        """What the letter says, in words."""
        return MEANING[self.letter]


def grade_adapter(examination: Examination) -> Grade:
    """Return the grade of an adapter."""
    found: list[tuple[GradeLetter, str]] = [
        *_losses(examination),
        *_abilities(examination),
        *_clock(examination),
    ]
    found.sort(key=lambda entry: entry[0], reverse=True)
    letter: GradeLetter = found[0][0] if found else "A"
    return Grade(letter, tuple(text for _, text in found))


def _losses(examination: Examination) -> list[tuple[GradeLetter, str]]:
    if examination.trouble is not None:
        return [("E", f"The bus could not be read: {examination.trouble}.")]
    heard = examination.planned or examination.open_ears
    found: list[tuple[GradeLetter, str]] = []
    if not examination.open_ears.frames:
        found.append(
            (
                "E",
                "Nothing came from the bus. Switch the ignition on, or open a door, and try again.",
            )
        )
    if heard.damaged_share > DAMAGED_SHARE and not heard.ignores_filters:
        share = round(heard.damaged_share * 100)
        found.append(("D", f"{share} % of the lines were damaged on their way to this computer."))
    if heard.overflows:
        found.append(_overflow(examination, heard))
    if examination.plan is not None and examination.plan.kind == "sampled":
        found.append(
            (
                "C",
                "The line is too slow for all messages at once: they are listened to in turn, so "
                "that what is missed in between counts for nothing.",
            )
        )
    return found


def _overflow(examination: Examination, heard: Listening) -> tuple[GradeLetter, str]:
    text = f"Its buffer ran over {heard.overflows} times in {heard.duration_s:.0f} s"
    if examination.planned is None:
        return (
            "C",
            f"{text} without a filter. With --vehicle it is tried with the filters of your car.",
        )
    return "D", f"{text} although it was told what to let through."


def _abilities(examination: Examination) -> list[tuple[GradeLetter, str]]:
    adapter = examination.adapter
    found: list[tuple[GradeLetter, str]] = []
    planned = examination.planned
    if planned is not None and planned.ignores_filters:
        found.append(("D", "It says that it filters by id, and lets everything through."))
    elif not (adapter.has_masks or adapter.has_exact_filters):
        found.append(("D", "It cannot filter by id, so a busy bus makes its buffer run over."))
    if not adapter.form.has_dlc:
        found.append(
            ("C", "It does not show how long a frame is, so a damaged line may pass for a frame.")
        )
    if not adapter.is_silent:
        found.append(
            ("C", "It does not confirm that it keeps silent: it may acknowledge frames on the bus.")
        )
    if not adapter.has_exact_filters and adapter.has_masks:
        found.append(("B", "It has one id filter only; an STN chip has one for each message."))
    return found


def _clock(examination: Examination) -> list[tuple[GradeLetter, str]]:
    heard = examination.planned or examination.open_ears
    jitter_s = heard.jitter_s
    if jitter_s is None or jitter_s <= LATE_S:
        return []
    text = f"Frames arrive {jitter_s * 1000:.0f} ms off their beat"
    if jitter_s <= VERY_LATE_S:
        return [("B", f"{text}, as over Bluetooth: small differences of lock times are lost.")]
    return [("C", f"{text}: lock times cannot be compared.")]


def name_kind(examination: Examination) -> str:
    """Say what the adapter is: genuine, a clone, or an STN chip."""
    adapter = examination.adapter
    name = adapter.banner or "an adapter that does not say its name"
    if examination.planned is not None and examination.planned.ignores_filters:
        return f"{name}: a clone, it says OK to a filter and does nothing"
    if adapter.stn is not None:
        return f"{adapter.stn} (an STN chip: knows all that an ELM327 does and filters better)"
    if adapter.version is None:
        return f"{name}: a clone, it does not tell a version"
    missing = examination.missing_of_version
    if missing:
        return (
            f"{name}: a clone, it lacks {', '.join(missing)}, which a genuine {adapter.version} has"
        )
    if examination.is_copy:
        return f"{name}: a clone, Elm Electronics never made a {adapter.version}"
    return f"{name}: genuine, or a copy that nothing gives away"


def name_voltage(volts: float | None) -> str:
    """Say what a supply voltage means."""
    if volts is None:
        return "not told by the adapter"
    if volts >= CHARGING_V:
        return f"{volts:.1f} V: the battery is being charged"
    if volts >= LOW_V:
        return f"{volts:.1f} V"
    return f"{volts:.1f} V: low, locks may be weak for that reason alone"
