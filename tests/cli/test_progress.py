"""How far a long job has come: a bar on a terminal, plain lines anywhere else."""

from __future__ import annotations

import io

import pytest

from canlock.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a clock that stands until its only element is changed."""
    at_s = [100.0]
    monkeypatch.setattr("canlock.cli.progress.time.monotonic", lambda: at_s[0])
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return at_s


def run(stream: io.StringIO, clock: list[float], every_s: float, steps: int = 10) -> str:
    shown = Progress(10, "captures", stream)
    for _ in range(steps):
        clock[0] += every_s
        shown.step()
    shown.clear()
    return stream.getvalue()


def test_a_terminal_sees_a_bar_and_the_time_left(clock: list[float]) -> None:
    seen = run(Terminal(), clock, 2.0, steps=5)
    assert "[############............] 5 of 10 captures, 0:10 left" in seen
    assert seen.endswith("\r\x1b[K")


def test_elsewhere_a_line_comes_now_and_then(clock: list[float]) -> None:
    seen = run(io.StringIO(), clock, 2.0)
    assert seen.splitlines() == [
        "canlock: 3 of 10 captures, 0:14 left",
        "canlock: 6 of 10 captures, 0:08 left",
        "canlock: 9 of 10 captures, 0:02 left",
    ]


def test_a_quick_job_says_nothing(clock: list[float]) -> None:
    assert run(io.StringIO(), clock, 0.4) == ""
    assert run(Terminal(), clock, 0.005) == ""


def test_a_terminal_that_can_do_nothing_gets_plain_lines(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in run(Terminal(), clock, 3.0)


def test_a_narrow_terminal_is_not_wrapped(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    drawn = run(Terminal(), clock, 3.0).split("\r\x1b[K")
    assert max(map(len, drawn)) == 19


@pytest.mark.parametrize(
    ("every_s", "words"), [(3.0, "0:24 left"), (90.0, "12:00 left"), (3600.0, "8:00:00 left")]
)
def test_the_time_left_has_hours_where_it_has_any(
    every_s: float, words: str, clock: list[float]
) -> None:
    assert words in run(Terminal(), clock, every_s, steps=2)
