"""The built wheel, installed into an empty environment elsewhere, runs the demo.

Not collected by a plain `pytest`, since it builds and installs: `make wheel` runs it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_holds_vehicles_captures_schema_and_style_sheet(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "canlock/_bundled/dbc/nissan-qashqai-j10.toml" in names
    assert "canlock/_bundled/captures/qashqai-driver-door-gaiter.log" in names
    assert "canlock/_bundled/captures/qashqai-driver-door-gaiter.marks.csv" in names
    assert "canlock/reports/report.schema.json" in names
    assert "canlock/py.typed" in names
    assert any(name.endswith(".tcss") for name in names)
    assert not any("tests" in Path(name).parts for name in names)


def test_the_wheel_runs_the_demo_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    constraints = ROOT / "constraints.txt"
    subprocess.run(
        [scripts / "python", "-m", "pip", "install", "-q", "-c", constraints, wheel],
        check=True,
        capture_output=True,
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [scripts / "canlock", "demo"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert "gaiter" in done.stdout
    assert "driver" in done.stdout
    assert done.stderr == ""
