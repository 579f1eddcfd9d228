"""How facts look on the screen: text made safe, and the styles of what `telling` has words for.

A style never tells anything alone: the words beside it do, capitals where something ought not to
be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from canlock.model.verdict import Finding
    from canlock.telling.chain import StepKind
    from canlock.telling.door_facts import Health

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

OUTCOME_STYLES: Final = {
    "answered": "$text-success",
    "partly": "bold $text-error",
    "silent": "bold $text-error",
    "refused": "bold $text-warning",
    "no-command": "bold $text-error",
    "unseen": FAINT,
}

HEALTH_STYLES: Final[dict[Health, str]] = {
    "fault": "bold $text-error",
    "suspect": "bold $text-warning",
    "failed": "bold $text-error",
    "works": "$text-success",
    "unseen": FAINT,
}

HEALTH_SIGNS: Final[dict[Health, str]] = {
    "fault": "✘",
    "suspect": "!",
    "failed": "✘",
    "works": "✓",
    "unseen": "?",
}

STEP_STYLES: Final[dict[StepKind, str]] = {
    "seen": "$text-success",
    "said": "$text-accent",
    "believed": "$text-accent",
    "late": "bold $text-warning",
    "failed": "bold $text-error",
    "note": FAINT,
    "unseen": FAINT,
}


def plain(text: str) -> str:
    """Return a text with everything that could move the cursor or hide letters as spaces.

    Names come from captures and vehicle files of anybody's making.
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text)


def shortened(text: str, columns: int) -> str:
    """Return a text cut to so many columns, with an ellipsis where something is missing.

    For texts of single-width letters; others come out shorter than they might be.
    """
    return text if len(text) <= columns else text[: max(columns - 1, 0)] + "…"


def tone(finding: Finding) -> Tone:
    """Return what kind of verdict a finding is."""
    if finding.layer == "none":
        return "fine"
    if finding.layer == "unknown":
        return "unknown"
    if not finding.is_confident:
        return "unsure"
    return "by-design" if finding.layer == "by-design" else "fault"
