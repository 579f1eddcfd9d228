"""The report for programs: one JSON object a capture, `canlock.report/1` of the contract.

The objects of findings, operations and events are those of the headless live output too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Final

from canlock.model.capture import CaptureInfo
from canlock.model.operations import Access, Command, LogEvent, Operation, Request, Response
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, TroubleCode
from canlock.model.verdict import Evidence, Finding, Hypothesis, NextTest
from canlock.reports.advice import advice_object
from canlock.reports.json_value import DECIMALS as DECIMALS
from canlock.reports.json_value import Json as Json

SCHEMA: Final = "canlock.report/1"


def render_json(snapshot: Snapshot, *, indent: bool = True) -> str:
    """Return the report as JSON in ASCII, without a line end at its end.

    The same snapshot gives the same bytes. Numbers that JSON cannot carry are null.

    Args:
        snapshot: What to report.
        indent: Over many lines, for one capture; otherwise on one line, for several.
    """
    report = report_object(snapshot)
    if indent:
        return json.dumps(report, indent=2, allow_nan=False)
    return json.dumps(report, separators=(",", ":"), allow_nan=False)


def report_object(snapshot: Snapshot) -> dict[str, Json]:
    """Return the report with its keys in the contract's order, those beyond it behind."""
    return {
        "schema": SCHEMA,
        "vehicle": snapshot.vehicle,
        "tier": snapshot.tier,
        "capture": _capture(snapshot.capture),
        "findings": [finding_object(each) for each in snapshot.findings],
        "hypotheses": _hypotheses(snapshot.hypotheses),
        "operations": [operation_object(each) for each in snapshot.operations],
        "next_tests": [_next_test(each) for each in snapshot.next_tests],
        "missing_roles": list(snapshot.missing_roles),
        "vehicle_name": snapshot.vehicle_name,
        "notes": list(snapshot.notes),
        "events": [event_object(each) for each in snapshot.events],
        "accesses": [_access(each) for each in snapshot.accesses],
        "marks": [_mark(each) for each in snapshot.marks],
        "codes": [_code(each) for each in snapshot.codes],
        "dropped_operations": snapshot.dropped_operations,
    }


def finding_object(finding: Finding) -> dict[str, Json]:
    """Return one entry of `findings`."""
    return {
        "fault": finding.fault,
        "layer": finding.layer,
        "doors": list(finding.doors),
        "probability": _number(finding.probability),
        "confident": finding.is_confident,
        "group": list(finding.group),
        "summary": finding.summary,
        "evidence": [_evidence(each) for each in finding.evidence],
        "advice": advice_object(finding.advice),
    }


def operation_object(operation: Operation) -> dict[str, Json]:
    """Return one entry of `operations`."""
    request, command = operation.request, operation.command
    return {
        "time": _number(operation.at_s),
        "outcome": operation.outcome,
        "request": None if request is None else _request(request),
        "command": None if command is None else _command(command),
        "responses": [_response(each) for each in operation.responses],
    }


def event_object(event: LogEvent) -> dict[str, Json]:
    """Return one entry of `events`."""
    return {
        "time": _number(event.at_s),
        "role": event.role,
        "door": event.door,
        "value": event.value,
        "text": event.text,
    }


def shares(probabilities: Sequence[float]) -> list[float]:
    """Return probabilities rounded to `DECIMALS` so that their sum does not change.

    Rounding each by itself would let the sum of many drift. Each is rounded down, and the units
    that are then missing go to the largest remainders: no value moves by a whole unit, equal order
    stays equal order, and the sum is that of the input, rounded.
    """
    unit = 10**DECIMALS
    exact = [each * unit if math.isfinite(each) else 0.0 for each in probabilities]
    units = [math.floor(each) for each in exact]
    missing = round(math.fsum(exact)) - sum(units)
    neediest = sorted(range(len(exact)), key=lambda index: (units[index] - exact[index], index))
    for index in neediest[:missing]:
        units[index] += 1
    return [each / unit for each in units]


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), DECIMALS) + 0.0  # Adding zero turns -0.0 into 0.0.


def _capture(capture: CaptureInfo) -> dict[str, Json]:
    return {
        "path": capture.path,
        "format": capture.format,
        "frames": capture.frames,
        "bad_lines": capture.bad_lines,
        "first": _number(capture.first_s),
        "last": _number(capture.last_s),
        "out_of_order": capture.out_of_order,
        "clock_jumps": capture.clock_jumps,
        "error_frames": capture.error_frames,
        "truncated": capture.is_truncated,
        "damage": [{"place": each.place, "text": each.text} for each in capture.damage],
    }


def _evidence(evidence: Evidence) -> dict[str, Json]:
    return {
        "time": _number(evidence.at_s),
        "text": evidence.text,
        "bits": _number(evidence.bits),
        "times": [_number(at_s) for at_s in evidence.times_s],
    }


def _hypotheses(hypotheses: Sequence[Hypothesis]) -> list[Json]:
    """Return the hypotheses, likeliest first; they add up to 1 after rounding too."""
    ranked = sorted(hypotheses, key=lambda each: -each.probability)
    rounded = shares([each.probability for each in ranked])
    return [
        {"fault": each.fault, "doors": list(each.doors), "probability": probability}
        for each, probability in zip(ranked, rounded, strict=True)
    ]


def _request(request: Request) -> dict[str, Json]:
    return {
        "time": _number(request.at_s),
        "role": request.role,
        "action": request.action,
        "door": request.door,
    }


def _command(command: Command) -> dict[str, Json]:
    return {
        "time": _number(command.at_s),
        "action": command.action,
        "doors": list(command.doors),
        "requestor": command.requestor,
        "inferred": command.is_inferred,
    }


def _response(response: Response) -> dict[str, Json]:
    return {
        "door": response.door,
        "role": response.role,
        "value": response.value,
        "time": _number(response.at_s),
        "latency": _number(response.latency_s),
        "state": response.state,
        "feedback": response.feedback,
    }


def _next_test(test: NextTest) -> dict[str, Json]:
    return {
        "id": test.id,
        "instruction": test.instruction,
        "minutes": _number(test.minutes),
        "information_bits": _number(test.information_bits),
    }


def _access(access: Access) -> dict[str, Json]:
    return {
        "time": _number(access.at_s),
        "door": access.door,
        "handle": access.handle,
        "result": access.result,
        "lock": access.lock,
        "lock_feedback": access.lock_feedback,
        "marked": access.is_marked,
    }


def _mark(mark: Mark) -> dict[str, Json]:
    return {
        "time": _number(mark.at_s),
        "action": mark.action,
        "door": mark.door,
        "note": mark.note,
    }


def _code(code: TroubleCode) -> dict[str, Json]:
    return {
        "time": _number(code.at_s),
        "ecu": code.ecu,
        "code": code.code,
        "failure_type": code.failure_type,
        "status": code.status,
    }
