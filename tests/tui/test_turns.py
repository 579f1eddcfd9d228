"""Whose turn it is: the view keeps the processor while it draws, and shares it while it waits."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from canlock.pipeline.switching import SWITCH_S
from canlock.tui.turns import DRAWING_S, run_undisturbed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its event loop has no selector")


def test_the_view_keeps_the_processor_while_it_works() -> None:
    before_s = sys.getswitchinterval()
    seen_s = []

    async def work() -> None:
        seen_s.append(sys.getswitchinterval())
        await asyncio.sleep(0.01)
        seen_s.append(sys.getswitchinterval())

    run_undisturbed(work())
    assert seen_s == pytest.approx([DRAWING_S, DRAWING_S])
    assert sys.getswitchinterval() == pytest.approx(before_s)


def test_others_have_their_turn_while_it_waits() -> None:
    seen_s: list[float] = []

    def look() -> None:
        time.sleep(0.05)
        seen_s.append(sys.getswitchinterval())

    async def wait() -> None:
        thread = threading.Thread(target=look)
        thread.start()
        await asyncio.sleep(0.3)
        thread.join()

    run_undisturbed(wait())
    assert seen_s == pytest.approx([SWITCH_S])


def test_an_error_leaves_the_threads_as_they_were() -> None:
    before_s = sys.getswitchinterval()

    async def fail() -> None:
        raise LookupError("of all things")

    with pytest.raises(LookupError):
        run_undisturbed(fail())
    assert sys.getswitchinterval() == pytest.approx(before_s)


@pytest.mark.parametrize(("given", "expected"), [(None, "120"), ("30", "30")])
def test_screens_are_drawn_often_enough_unless_somebody_said_otherwise(
    given: str | None, expected: str
) -> None:
    code = "import canlock.tui.app, textual.constants as c; print(c.MAX_FPS)"
    environment = {"PATH": ""} | ({"TEXTUAL_FPS": given} if given else {})
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert out.stdout.strip() == expected
