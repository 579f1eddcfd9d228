"""Rules of the house that no linter knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "canlock").rglob("*.py"))
LONGEST_MODULE = 400
HELP_LINES = ("Looks like:", "For:", "Against:", "Could also be:", "Confirm by:")


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 50


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_enough_to_be_one_thing(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize(
    "module", sorted((ROOT / "canlock/diagnosis/faults").glob("[a-z]*.py")), ids=lambda p: p.stem
)
def test_the_docstring_of_a_fault_is_the_help_for_its_user(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert all(re.search(rf"^{line} +\S", text, re.MULTILINE) for line in HELP_LINES)


def test_no_module_is_called_after_nothing() -> None:
    vague = {"utils", "helpers", "manager", "data", "info", "common", "misc"}
    assert not vague & {module.stem for module in MODULES}
