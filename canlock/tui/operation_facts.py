"""What one operation showed: how things stood, and the evidence that was seen in it, in bits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from canlock.model.verdict import Evidence
from canlock.telling import words
from canlock.telling.conclusion import placed_name
from canlock.telling.reasons import Reason
from canlock.tui.phrases import FAINT, plain
from canlock.tui.reason_list import reason_rows
from canlock.tui.rows import Row, RowList

if TYPE_CHECKING:
    from canlock.model.operations import Circumstance, Operation
    from canlock.model.snapshot import Snapshot

LABEL_COLUMNS = 10


class OperationFacts(RowList):
    """The evidence of an operation, for each finding that it speaks for or against."""

    def __init__(self) -> None:
        super().__init__(id="facts")
        self.border_title = "Evidence"
        self.operation: Operation | None = None

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return self.operation, snapshot.findings, snapshot.first_s, snapshot.doors

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:  # noqa: ARG002 - wraps alike.
        """Yield the rows."""
        if self.operation is None:
            return
        circumstances = ", ".join(circumstance_words(self.operation.circumstance))
        if circumstances:
            yield Row(
                Content(plain(circumstances)), Content.styled("Then:".ljust(LABEL_COLUMNS), "bold")
            )
        is_empty = True
        for finding in snapshot.findings:
            seen = evidence_of(self.operation, finding.evidence, snapshot)
            if not seen:
                continue
            is_empty = False
            name = placed_name(finding, snapshot.doors)
            yield Row(Content.styled(f"For (+) or against (-), in bits: {plain(name)}", FAINT))
            reasons = [Reason(each.text, each.bits, each.times_s) for each in seen]
            yield from reason_rows(reasons, snapshot)
        if is_empty:
            yield Row(Content.styled("Nothing in it speaks for or against the verdict.", FAINT))


def evidence_of(
    operation: Operation, evidence: tuple[Evidence, ...], snapshot: Snapshot
) -> list[Evidence]:
    """Return the pieces that were seen in an operation, the strongest first."""
    later = [each.at_s for each in snapshot.operations if each.at_s > operation.at_s]
    # Windows overlap: what comes after the next one has begun belongs to that.
    until_s = min([operation.until_s, *later])
    since_s = operation.at_s
    if operation.request is not None:
        since_s = min(since_s, operation.request.at_s)
    found = [each for each in evidence if any(since_s <= at_s <= until_s for at_s in each.times_s)]
    return sorted(found, key=lambda each: -abs(each.bits))


def circumstance_words(then: Circumstance) -> Iterator[str]:
    """Yield how things stood when an operation began, as far as that is known."""
    if then.ajar_doors is not None:
        stood = words.doors_name(then.ajar_doors) if then.ajar_doors else "no door"
        yield f"{stood} open"
    if then.power is not None:
        yield f"ignition {then.power}"
    if then.speed_kmh:
        yield f"{then.speed_kmh:.0f} km/h"
    if then.is_key_inside:
        yield "key inside"
    if then.supply_v is not None:
        lowest = then.supply_min_v
        least = f" (lowest {lowest:.1f} V)" if lowest is not None and lowest < then.supply_v else ""
        yield f"{then.supply_v:.1f} V{least}"
    if then.temperature_c is not None:
        yield f"{then.temperature_c:.0f} °C"
    if then.operations_in_20_s > 1:
        yield f"{then.operations_in_20_s} operations in 20 s"
