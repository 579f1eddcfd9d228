"""Many sessions, on all cores; the result is the same whatever their number."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from canlock.evaluation.outcomes import Outcome
from canlock.evaluation.sessions import Session, run_session

CHUNK: Final = 4
"""Sessions that a worker takes at once: about a second of work, so that progress shows."""


def run_sessions(
    sessions: Sequence[Session], *, jobs: int = 1, on_done: Callable[[], None] = lambda: None
) -> list[Outcome]:
    """Run sessions and return their outcomes in the same order.

    Args:
        sessions: What to run.
        jobs: Processes; with 1, everything happens in this one.
        on_done: Called after each session, in this process.

    Raises:
        CanlockError: A session cannot be run.
    """
    if jobs <= 1 or len(sessions) <= CHUNK:
        return _collect(map(run_session, sessions), on_done)
    # Spawned, not forked: the same on every system, and safe beside threads.
    with ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_interrupts
    ) as pool:
        try:
            return _collect(pool.map(run_session, sessions, chunksize=CHUNK), on_done)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _collect(outcomes: Iterable[Outcome], on_done: Callable[[], None]) -> list[Outcome]:
    collected = []
    for outcome in outcomes:
        collected.append(outcome)
        on_done()
    return collected


def _leave_interrupts() -> None:
    """Let the parent alone answer Ctrl-C; it stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
