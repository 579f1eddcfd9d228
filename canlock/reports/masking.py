"""What a report that is handed on should not tell: VINs, fob ids, folders, what somebody noted."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Finding

VIN_HIDDEN: Final = "(VIN hidden)"
FOB_ROLE: Final = "fob.id"

_VIN: Final = re.compile(
    r"(?<![0-9A-Za-z])(?=[A-Za-z]*[0-9])[A-HJ-NPR-Za-hj-npr-z0-9]{17}(?![0-9A-Za-z])"
)
"""Seventeen letters and digits without I, O and Q (ISO 3779), a digit among them."""

_FOB_ID: Final = re.compile(r"(?i)\b(fob[ ._-]?(?:ids?|numbers?|no\.?))[\s:=#]+(?:0x)?[0-9a-f]+\b")


def mask_text(text: str) -> str:
    """Return a text in which VINs and fob ids are hidden."""
    return _FOB_ID.sub(r"\1 (hidden)", _VIN.sub(VIN_HIDDEN, text))


def mask(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot that tells neither car, nor fobs, nor places.

    Of the capture's path only the file's name is left, also where a note or a damaged place names
    it. What somebody wrote beside a mark may hold anything, so none of it is left.
    """
    path = snapshot.capture.path
    name = PurePath(path).name

    def hide(text: str) -> str:
        return mask_text(text.replace(path, name) if path else text)

    def hide_finding(finding: Finding) -> Finding:
        return replace(
            finding,
            summary=hide(finding.summary),
            evidence=tuple(replace(each, text=hide(each.text)) for each in finding.evidence),
        )

    capture = replace(
        snapshot.capture,
        path=mask_text(name),
        damage=tuple(
            replace(each, place=hide(each.place), text=hide(each.text))
            for each in snapshot.capture.damage
        ),
    )
    return replace(
        snapshot,
        vehicle=hide(snapshot.vehicle),
        vehicle_name=hide(snapshot.vehicle_name),
        capture=capture,
        findings=tuple(map(hide_finding, snapshot.findings)),
        notes=tuple(map(hide, snapshot.notes)),
        marks=tuple(replace(mark, note="") for mark in snapshot.marks),
        states=tuple(state for state in snapshot.states if state.role != FOB_ROLE),
        events=tuple(event for event in snapshot.events if event.role != FOB_ROLE),
    )
