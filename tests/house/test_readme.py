"""What README says is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from canlock.cli.main import app
from canlock.model.stream import MARK_ACTIONS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def command_names() -> list[str]:
    """Return every command as it is typed, options of the program itself left out."""
    group = typer.main.get_command(app)
    names: list[str] = []
    for name, command in getattr(group, "commands", {}).items():
        inner = getattr(command, "commands", None)
        names.extend([f"{name} {part}" for part in inner] if inner else [name])
    return names


@pytest.mark.parametrize("name", command_names())
def test_every_command_stands_in_readme(name: str) -> None:
    assert f"canlock {name}" in README


@pytest.mark.parametrize("name", command_names())
def test_every_command_has_help(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "canlock", *name.split(), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage:" in done.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z-]+)`", README))))
def test_every_make_target_in_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("action", MARK_ACTIONS)
def test_every_mark_action_stands_in_readme(action: str) -> None:
    assert f"`{action}`" in README


def test_the_report_in_readme_is_what_the_demo_prints() -> None:
    shown = README.split("```text\n", 1)[1].split("\n```", 1)[0]
    printed = subprocess.run(
        [sys.executable, "-m", "canlock", "demo"], capture_output=True, text=True, check=True
    ).stdout
    assert shown in printed


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_file_that_readme_links_to_exists(path: str) -> None:
    assert (ROOT / path).exists()
