"""What a fault is, how it shows and what to do: any code of the taxonomy, with no car at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from canlock.diagnosis.catalogue import models_by_code
from canlock.diagnosis.seed_rules import NEVER_FORCE
from canlock.errors import CanlockError
from canlock.model.faults import FAULT_CODES, INSUFFICIENT, LAYER_OF, LAYERS, NOT_FAULTS
from canlock.model.verdict import Advice
from canlock.reports.advice import advice_object, effort
from canlock.reports.page import Page
from canlock.telling import words

SCHEMA: Final = "canlock.explanation/1"
LIST_SCHEMA: Final = "canlock.faults/1"

NEAREST_SHOWN: Final = 3
LEAST_LIKENESS: Final = 0.5
"""Of an unknown code to one that exists, by difflib's measure from 0 to 1. Judgement."""

SOURCES: Final = {
    "DOMAIN": "canlock's notes on power door locks, by section",
    "seed article": "the repair guide for drivers that canlock began with",
    "judgement": "an engineer's estimate, where nothing was published",
}
"""What the names of sources stand for."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is told of one fault."""

    code: str
    summary: str
    shows: str
    like: tuple[str, ...]
    separates: str
    warns: str
    sources: str
    advice: Advice


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an explanation: a heading, paragraphs, and a list."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    is_numbered: bool = False
    below: str = ""
    """A paragraph behind the list."""


# A rule rather than a fault (contract, section 5), so the catalogue has no file of it.
_INSUFFICIENT: Final = Explanation(
    code=INSUFFICIENT,
    summary="Not enough was seen for a verdict.",
    shows=(
        "canlock saw too little, or what it saw fits too many causes. That says nothing of the "
        "car: it may be healthy or broken. No fault is named before something failed at least "
        "twice, and no car is called healthy before three orders were seen from end to end."
    ),
    like=("no-fault", "unknown-fault"),
    separates=(
        "A verdict of no fault needs three complete orders and no complaint; an unknown fault "
        "needs failures that fit nothing known. Here there is too little of either."
    ),
    warns="",
    sources="DOMAIN 2.2 and 2.5 A.",
    advice=Advice(
        steps=(
            "Check that the vehicle file fits this car.",
            "Record while you lock and unlock five times, six seconds apart, all doors shut.",
            "Mark each press, and what the doors then did.",
            "Do the test that canlock names next in its report.",
        ),
        warnings=(NEVER_FORCE,),
    ),
)


def explain(code: str, door: str = "door") -> Explanation:
    """Return what is known of a fault.

    Args:
        code: One of `FAULT_CODES`; capitals and underscores do no harm.
        door: How to call the door that it sits at.

    Raises:
        CanlockError: There is no such code; its text names the nearest.
    """
    wanted = _spelled(code)
    if wanted == INSUFFICIENT:
        return _INSUFFICIENT
    model = models_by_code().get(wanted)
    if model is None:
        nearest = nearest_codes(code)
        hint = f"did you mean {_either(nearest)}?" if nearest else "it is like none that exists;"
        raise CanlockError(
            f"{code!r} is no fault code; {hint} `canlock explain` alone lists them all"
        )
    return Explanation(
        code=model.code,
        summary=model.summary.format(door=door),
        shows=model.shows.format(door=door),
        like=model.like,
        separates=model.separates.format(door=door),
        warns=model.warns.format(door=door),
        sources=model.sources,
        advice=model.advice,
    )


def nearest_codes(code: str) -> tuple[str, ...]:
    """Return the codes that somebody may have meant, the likeliest first; may be empty."""
    wanted = _spelled(code)
    if not wanted:
        return ()
    holding = [known for known in FAULT_CODES if wanted in known]
    close = get_close_matches(wanted, FAULT_CODES, NEAREST_SHOWN, LEAST_LIKENESS)
    parts = set(wanted.split("-"))
    sharing = [known for known in FAULT_CODES if parts & set(known.split("-"))]
    return tuple(dict.fromkeys([*holding, *close, *sharing]))[:NEAREST_SHOWN]


def render_explanation(explanation: Explanation, *, width: int = 80) -> str:
    """Return an explanation as plain text in ASCII, without a line end at its end."""
    page = Page(width, color=False, encoding="ascii")
    page.line(_title(explanation))
    for section in _sections(explanation):
        page.heading(section.heading.upper())
        for paragraph in section.paragraphs:
            page.line(paragraph, indent=1)
        for number, item in enumerate(section.items, 1):
            page.line(item, indent=1, bullet=f"{number}." if section.is_numbered else "-")
        page.line(section.below, indent=1)
    used = [word for word in words.GLOSSARY if page.speaks_of(word)]
    if used:
        page.heading("WORDS")
        for word in used:
            page.line(f"{word}: {words.GLOSSARY[word]}.", indent=1)
    return page.text()


def render_explanation_markdown(explanation: Explanation) -> str:
    """Return an explanation as Markdown, without a line end at its end."""
    blocks = [f"# {_title(explanation)}"]
    for section in _sections(explanation):
        blocks.append(f"## {section.heading}")
        blocks.extend(section.paragraphs)
        marks = [
            f"{number}." if section.is_numbered else "-"
            for number in range(1, len(section.items) + 1)
        ]
        listed = [f"{mark} {item}" for mark, item in zip(marks, section.items, strict=True)]
        if listed:
            blocks.append("\n".join(listed))
        if section.below:
            blocks.append(section.below)
    return "\n\n".join(blocks)


def render_explanation_json(explanation: Explanation) -> str:
    """Return an explanation as one JSON object in ASCII, without a line end at its end."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "fault": explanation.code,
            "layer": LAYER_OF[explanation.code],
            "name": words.FAULTS[explanation.code],
            "summary": explanation.summary,
            "shows": explanation.shows,
            "like": list(explanation.like),
            "separates": explanation.separates,
            "early_signs": explanation.warns,
            "advice": advice_object(explanation.advice),
            "sources": explanation.sources,
        },
        indent=2,
    )


def render_fault_list(*, width: int = 80) -> str:
    """Return all codes by layer, one line or two each, as plain text."""
    page = Page(width, color=False, encoding="ascii")
    page.line("The codes that canlock knows, by where in the chain they sit.")
    for layer, codes in LAYERS.items():
        page.heading(f"{layer.upper()} - {words.LAYERS[layer]}")
        page.table(("", ""), [(code, words.FAULTS[code]) for code in codes])
    page.blank()
    page.line("`canlock explain CODE` tells more of each.")
    return page.text()


def render_fault_list_markdown() -> str:
    """Return all codes by layer as Markdown."""
    blocks = ["# Fault codes"]
    for layer, codes in LAYERS.items():
        blocks.append(f"## {layer}: {words.LAYERS[layer]}")
        blocks.append("\n".join(f"- `{code}`: {words.FAULTS[code]}" for code in codes))
    return "\n\n".join(blocks)


def render_fault_list_json() -> str:
    """Return all codes as one JSON object in ASCII."""
    faults = [
        {"fault": code, "layer": LAYER_OF[code], "name": words.FAULTS[code]} for code in FAULT_CODES
    ]
    return json.dumps({"schema": LIST_SCHEMA, "faults": faults}, indent=2)


def _sections(explanation: Explanation) -> Iterator[Section]:
    """Yield the parts of an explanation in the order in which a person needs them."""
    advice = explanation.advice
    meant = [explanation.summary]
    if explanation.code not in NOT_FAULTS:
        meant.append(f"Where in the chain: {words.LAYERS[LAYER_OF[explanation.code]]}.")
    yield Section("What it is", tuple(meant))
    yield Section("How it shows", (explanation.shows,))
    if explanation.warns:
        yield Section("Early signs", (explanation.warns,))
    if explanation.like:
        alike = tuple(f"{code}: {words.FAULTS[code]}" for code in explanation.like)
        yield Section(
            "What looks the same", items=alike, below=f"To tell them apart: {explanation.separates}"
        )
    if advice.steps:
        yield Section(
            "What to do, in this order",
            items=advice.steps,
            is_numbered=True,
            below=effort(advice),
        )
    if advice.warnings:
        yield Section("Careful", items=advice.warnings)
    if advice.locked_out:
        yield Section(
            "When you stand before the shut door", items=advice.locked_out, is_numbered=True
        )
    if advice.prevention:
        yield Section("For the future", items=advice.prevention)
    named = tuple(
        f"{name}: {meaning}" for name, meaning in SOURCES.items() if name in explanation.sources
    )
    yield Section("Where this comes from", (explanation.sources,), named)


def _title(explanation: Explanation) -> str:
    return f"{explanation.code}: {words.FAULTS[explanation.code]}"


def _spelled(code: str) -> str:
    return "-".join(code.lower().replace("_", " ").split()).strip("-")


def _either(codes: tuple[str, ...]) -> str:
    *first, last = codes
    return f"{', '.join(first)} or {last}" if first else last
