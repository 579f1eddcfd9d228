"""`--plain` of the commands that have a live view, and how `--web` calls itself."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest
import typer

from canlock.bundled import bundled_folder
from canlock.cli.output import has_screen
from canlock.cli.web import DEFAULT_AT, child_command, read_address

GAITER = bundled_folder("captures") / "qashqai-driver-door-gaiter.log"
PATIENCE_S = 60.0


def canlock(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "canlock", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("replay", str(GAITER), "--speed", "0", "--plain"), id="replay"),
        pytest.param(("demo", "--speed", "100", "--plain"), id="demo"),
    ],
)
def test_the_same_facts_come_line_by_line(arguments: tuple[str, ...]) -> None:
    done = canlock(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert any("you: pressed unlock on the fob" in line for line in lines)
    assert any("driver's door: NO ANSWER" in line for line in lines)
    assert "in the end, verdict: Driver's door: broken wire" in lines[-1]
    assert all(line.startswith(("+", "note: ")) for line in lines)


def test_watching_a_bus_line_by_line_says_first_how_the_bus_is() -> None:
    arguments = ("-i", "virtual", "-c", "nobody", "--vehicle", "bmw-e9x", "--for", "0.5")
    done = canlock("watch", *arguments, "--plain")
    assert done.returncode == 0
    assert done.stdout.startswith("bus virtual:nobody: ")
    assert "in the end, verdict: Too little was seen" in done.stdout


def test_no_screen_library_is_loaded_for_plain_lines() -> None:
    code = (
        "import sys; sys.argv = ['canlock', 'demo', '--speed', '100', '--plain']\n"
        "from canlock.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('textual' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_a_browser_that_drives_the_view_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    assert not has_screen()  # pytest keeps the output.
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert has_screen()


def test_a_tab_calls_the_same_command_without_the_browser() -> None:
    arguments = ["watch", "-c", "can0; rm x", "--web", "--web-at", "9000", "--record", "a b.log"]
    assert shlex.split(child_command(arguments)) == [
        sys.executable,
        "-m",
        "canlock",
        "watch",
        "-c",
        "can0; rm x",
        "--record",
        "a b.log",
    ]
    assert "--web" not in child_command(["demo", "--web-at=[::1]:9000", "--web"])


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (DEFAULT_AT, ("127.0.0.1", 8000)),
        ("9000", ("127.0.0.1", 9000)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_an_address_is_host_and_port_or_the_port_alone(at: str, expected: tuple[str, int]) -> None:
    assert read_address(at) == expected


@pytest.mark.parametrize("at", ["", "host", "0", "65536", "host:", "1:2:x"])
def test_what_is_no_address_is_refused(at: str) -> None:
    with pytest.raises(typer.BadParameter, match="expected HOST:PORT"):
        read_address(at)
