"""The contract's own example of a json report, and how json is read in tests."""

from __future__ import annotations

import json
from typing import Any

Node = Any
"""JSON as `json.loads` gives it: nobody knows what it holds."""

CONTRACT: dict[str, Any] = {
    "schema": "canlock.report/1",
    "vehicle": "nissan-qashqai-j10",
    "tier": "T1",
    "capture": {
        "path": "...",
        "format": "candump",
        "frames": 36000,
        "bad_lines": 0,
        "first": 1700000000.0,
        "last": 1700000300.0,
    },
    "findings": [
        {
            "fault": "door-harness-open",
            "layer": "wiring",
            "doors": ["driver"],
            "probability": 0.93,
            "confident": True,
            "group": ["door-harness-open"],
            "summary": "one sentence for a person",
            "evidence": [{"time": 1700000012.5, "text": "...", "bits": 2.1}],
            "advice": {
                "difficulty": "average",
                "parts_cost_rub": [1500, 3000],
                "steps": ["..."],
                "warnings": ["..."],
            },
        }
    ],
    "hypotheses": [{"fault": "door-harness-open", "doors": ["driver"], "probability": 0.93}],
    "operations": [
        {
            "time": 1700000012.4,
            "outcome": "partly",
            "request": {
                "time": 1700000012.4,
                "role": "request.fob",
                "action": "unlock",
                "door": None,
            },
            "command": {
                "time": 1700000012.5,
                "action": "unlock",
                "doors": ["driver", "passenger"],
                "requestor": "fob",
                "inferred": False,
            },
            "responses": [
                {
                    "door": "passenger",
                    "role": "lock.status",
                    "value": "unlocked",
                    "time": 1700000012.7,
                    "latency": 0.2,
                }
            ],
        }
    ],
    "next_tests": [
        {"id": "window-switch", "instruction": "...", "minutes": 1, "information_bits": 0.8}
    ],
    "missing_roles": ["command.lock"],
}
"""The example of the contract, section 5."""


def parsed(text: str) -> Node:
    """Return JSON, refusing the words for numbers that JSON does not have."""

    def refuse(word: str) -> None:
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)
