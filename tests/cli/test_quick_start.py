"""What `canlock diagnose` imports, and how mistyped arguments are told of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from canlock.bundled import bundled_folder
from canlock.cli.arguments import quicken
from canlock.cli.main import app

HEALTHY = bundled_folder("captures") / "qashqai-healthy.log"


def modules_after(*arguments: str) -> set[str]:
    program = (
        "import sys\n"
        f"sys.argv = ['canlock', *{arguments!r}]\n"
        "from canlock.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "print(*sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(ran.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("named", [True, False], ids=["with its vehicle", "recognised"])
def test_a_second_diagnosis_needs_neither_pydantic_nor_cantools(named: bool) -> None:
    arguments = ["diagnose", str(HEALTHY)]
    arguments += ["--vehicle", "nissan-qashqai-j10"] if named else []
    modules_after(*arguments)
    loaded = modules_after(*arguments)
    heavy = {"pydantic", "cantools.database", "tomllib", "can", "textual", "rich", "numpy.ma"}
    assert loaded & heavy == set()
    assert {"numpy", "typer"} <= loaded  # The check sees what is loaded.


def test_other_forms_and_the_help_need_no_pydantic_either() -> None:
    assert "pydantic" not in modules_after("diagnose", str(HEALTHY), "--format", "json")
    assert "pydantic" not in modules_after("diagnose", "--help")
    assert "pydantic" not in modules_after("--version")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "canlock", *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ("diagnose", "x.log", "--format", "xml"),
            "'xml' is not one of 'text', 'json', 'html', 'md'.",
            id="choice",
        ),
        pytest.param(
            ("diagnose", "x.log", "--jobs", "two"), "'two' is not a whole number.", id="number"
        ),
        pytest.param(
            ("diagnose", "x.log", "--jobs", "-1"), "-1 is not 0 or more and 256 or less.", id="low"
        ),
        pytest.param(("diagnose",), "Missing argument", id="nothing"),
        pytest.param(("diagnos",), "No such command 'diagnos'", id="command"),
    ],
)
def test_a_mistyped_argument_is_told_in_plain_words(arguments: tuple[str, ...], words: str) -> None:
    ran = run(*arguments)
    assert ran.returncode == 2
    assert words in ran.stderr
    assert "Value error" not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_limits_of_a_number_are_within() -> None:
    for jobs in ("0", "1"):
        ran = run("diagnose", str(HEALTHY), "--jobs", jobs)
        assert (ran.returncode, "no-fault" in ran.stdout) == (0, True), ran.stderr


def test_only_the_command_that_is_called_is_built() -> None:
    def names(*arguments: str) -> list[str]:
        group = typer.main.get_command(quicken(app, arguments))
        return sorted(getattr(group, "commands", {}))

    everything = names()
    assert len(everything) > 10
    assert names("--help") == names("no-such-command") == everything
    # Groups of commands stay: they are cheap, and few.
    assert set(names("diagnose")) & {"diagnose", "simulate", "watch"} == {"diagnose"}
    assert sorted(getattr(typer.main.get_command(app), "commands", {})) == everything


def test_a_relative_path_stays_as_it_was_typed(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "canlock", "diagnose", "./no/../such.log"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ran.returncode == 2
    assert "such.log" in ran.stderr
