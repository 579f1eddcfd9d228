"""The JSON Schema of the json report; it ships beside this module."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Final, cast

FILE: Final = "report.schema.json"


def load_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every json report keeps."""
    text = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))
