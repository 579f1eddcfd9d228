"""Many captures on one machine: in this process, or in some that it starts and outlives.

Processes are spawned, never forked, so that it is the same on every platform. A capture that kills
the process which reads it (out of memory, a crash) costs only itself.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import Final

from canlock.pipeline.fleet.outcome import Job, Outcome, Task

IN_HAND: Final = 3
"""Captures handed out for each process: it never waits, and a crash loses few."""

MANAGER_S: Final = 5.0
"""The executor's own thread has so long to see that its processes are gone."""

_Running = dict[Future[Outcome], Job]


def diagnose_late(job: Job, task: Task) -> Outcome:
    """Return what came of one capture.

    What that takes is imported here, so that processes are started before this one has it too.
    """
    from canlock.pipeline.fleet.work import diagnose_capture

    return diagnose_capture(job, task)


def run_here(jobs: Iterable[Job], task: Task) -> Generator[Outcome, None, None]:
    """Yield what came of each capture, one after the other in this process."""
    for job in jobs:
        yield diagnose_late(job, task)


def run_processes(jobs: Iterable[Job], task: Task, count: int) -> Generator[Outcome, None, None]:
    """Yield what came of each capture as it is done, from so many processes side by side.

    Closing the iterator, or an interruption, ends the processes at once.
    """
    waiting = iter(jobs)
    suspects: deque[Job] = deque()
    while True:
        pool = _Pool(count)
        try:
            yield from pool.run(waiting, task)
        except BrokenProcessPool:
            suspects.extend(pool.lost)
        else:
            return
        finally:
            pool.end()
        yield from _run_suspects(suspects, task)


def _run_suspects(suspects: deque[Job], task: Task) -> Iterator[Outcome]:
    """Yield what came of captures of which one has ended its process: one at a time tells which."""
    while suspects:
        pool = _Pool(1)
        try:
            while suspects:
                yield from pool.run(iter((suspects[0],)), task)
                suspects.popleft()
        except BrokenProcessPool:
            job = suspects.popleft()
            reason = "the process that read it died; it may need more memory than there is"
            yield Outcome(job, error=f"{job.shown}: {reason}")
        finally:
            pool.end()


class _Pool:
    """Some processes, and what they have in hand."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._executor = ProcessPoolExecutor(count, get_context("spawn"), _prepare_process)
        self._running: _Running = {}
        self.lost: list[Job] = []
        """What was in hand when a process died."""

    def run(self, jobs: Iterator[Job], task: Task) -> Iterator[Outcome]:
        """Yield outcomes as they come.

        Raises:
            BrokenProcessPool: A process died; `lost` tells what was in hand.
        """
        while True:
            for job in islice(jobs, self._count * IN_HAND - len(self._running)):
                if job.is_here:
                    yield diagnose_late(job, task)
                else:
                    self._submit(job, task)
            if not self._running:
                return
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                yield self._collect(future)

    def end(self) -> None:
        """End the processes, whatever they are at."""
        # Public from Python 3.14 on, as `terminate_workers`.
        processes = list((getattr(self._executor, "_processes", None) or {}).values())
        manager = getattr(self._executor, "_executor_manager_thread", None)
        self._executor.shutdown(wait=False, cancel_futures=True)
        if self._running:
            for process in processes:
                process.terminate()
        for process in processes:
            process.join()
        if manager is not None:
            # Else the interpreter's exit may wake it while it closes: "Bad file descriptor".
            manager.join(MANAGER_S)

    def _submit(self, job: Job, task: Task) -> None:
        try:
            with _without_interruption():
                future = self._executor.submit(diagnose_late, job, task)
        except BrokenProcessPool:
            self.lost = [*self._running.values(), job]
            raise
        self._running[future] = job

    def _collect(self, future: Future[Outcome]) -> Outcome:
        try:
            outcome = future.result()
        except BrokenProcessPool:
            self.lost = list(self._running.values())
            raise
        del self._running[future]
        return outcome


@contextmanager
def _without_interruption() -> Iterator[None]:
    """Let a process be born deaf to Ctrl-C, which reaches all that share the terminal.

    The parent alone decides what an interruption ends; a child would only print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    import_module("canlock.pipeline.fleet.work")


def _follow_parent() -> None:
    """End with the parent: a child that waits for work would not see that it is gone."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
