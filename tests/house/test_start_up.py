"""What a command imports: it starts quickly only while it imports what it needs and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("can", "cantools", "textual", "numpy", "rich", "obd", "jsonschema")


def modules_after(code: str, tmp_path: Path) -> set[str]:
    """Return the top-level modules that are loaded once some code has run in a fresh process."""
    script = f"{code}\nimport sys\nprint(*sorted({{n.partition('.')[0] for n in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_command_line_loads_without_anything_heavy(tmp_path: Path) -> None:
    loaded = modules_after("import canlock.cli.main", tmp_path)
    assert not loaded & set(HEAVY)
    assert "typer" in loaded  # The check sees what is loaded.


def test_what_each_process_for_a_folder_reads_again_is_next_to_nothing(tmp_path: Path) -> None:
    loaded = modules_after("import canlock.__main__", tmp_path)
    assert "canlock" in loaded
    assert not loaded & {"typer", *HEAVY}


def test_a_candump_log_is_diagnosed_without_python_can_and_without_a_screen(
    tmp_path: Path,
) -> None:
    log = tmp_path / "short.log"
    lines = [f"(1.{n:06d}) can0 60D#0000000000000000\n" for n in range(10)]
    log.write_text("".join(lines), encoding="ascii")
    code = (
        "import sys\n"
        f"sys.argv = ['canlock', 'diagnose', {str(log)!r}, '--vehicle', 'nissan-qashqai-j10']\n"
        "from canlock.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
    )
    loaded = modules_after(code, tmp_path)
    assert not loaded & {"can", "textual", "rich", "obd"}
    assert "numpy" in loaded


@pytest.mark.parametrize("room", ["model", "detection", "diagnosis"])
def test_reasoning_loads_no_bus_and_no_screen(room: str, tmp_path: Path) -> None:
    code = (
        "import pkgutil, importlib, canlock." + room + " as room\n"
        "for found in pkgutil.walk_packages(room.__path__, room.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\n"
    )
    assert not modules_after(code, tmp_path) & {"can", "cantools", "textual", "rich", "serial"}
