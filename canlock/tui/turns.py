"""Whose turn it is among the threads: a drawing is not broken off for those that read and reason.

Python lets one thread at a time run. While several want to, each is made to stop as soon as another
has waited for the switch interval; a drawing of 10 ms then takes 30, and so does the answer to a
key. The view's own thread is therefore left alone between two waits of its event loop, at most for
`DRAWING_S` at a time: frames that come meanwhile wait in their bus, as in any stall of the machine.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
from collections.abc import Coroutine
from typing import Any, Final

from canlock.pipeline.switching import SWITCH_S

DRAWING_S: Final = 0.02
"""About as long as one drawing takes."""


class TurnTaking(selectors.DefaultSelector):
    """A selector that shares the processor out while it waits, and keeps it otherwise."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait as any selector does."""
        sys.setswitchinterval(SWITCH_S)
        try:
            return super().select(timeout)
        finally:
            sys.setswitchinterval(DRAWING_S)


def run_undisturbed(main: Coroutine[Any, Any, object]) -> None:
    """Run the view's event loop to the end of a coroutine, as `asyncio.run` does.

    Where event loops have no selectors (Windows) it is `asyncio.run`.
    """
    if sys.platform == "win32":
        asyncio.run(main)
        return
    before_s = sys.getswitchinterval()
    try:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(main)
    finally:
        sys.setswitchinterval(before_s)


def _new_loop() -> asyncio.AbstractEventLoop:
    return asyncio.SelectorEventLoop(TurnTaking())
