"""The JSON Schemas of the json report and of the live lines; they ship beside this module."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Final, cast

REPORT_FILE: Final = "report.schema.json"
LIVE_FILE: Final = "live.schema.json"


def load_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every json report keeps."""
    return _load(REPORT_FILE)


def load_live_schema() -> dict[str, Any]:
    """Return the schema that every line of `canlock.live/1` keeps, with the report's in it."""
    schema = _load(LIVE_FILE)
    schema["$defs"]["report"] = load_schema()
    return schema


def _load(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))
