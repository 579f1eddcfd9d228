"""What is tracked: sources, and nothing that somebody downloaded or built."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = {".whl", ".egg", ".pyc", ".so", ".pkl", ".prof", ".zip", ".tar", ".xz", ".parquet"}


def tracked() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout")
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [Path(name) for name in listed.stdout.split("\0") if name]


def test_nothing_built_or_downloaded_is_tracked() -> None:
    files = tracked()

    assert Path("pyproject.toml") in files
    assert [path for path in files if BUILT.intersection(path.suffixes)] == []
