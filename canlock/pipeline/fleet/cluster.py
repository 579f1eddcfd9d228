"""Many captures on a Dask cluster: the same function, sent to whoever is there.

Dask does what it is good at: a worker that dies is noticed, and what it had in hand goes to
another. Each worker must have the same canlock, and must see the captures under the same names.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from canlock import __version__
from canlock.errors import CanlockError
from canlock.pipeline.fleet.inputs import is_remote
from canlock.pipeline.fleet.outcome import Job, Outcome, Task
from canlock.pipeline.fleet.work import diagnose_capture

CONNECT_S: Final = 15.0
"""Longest wait for the scheduler, and for the first worker."""

IN_HAND: Final = 4
"""Captures handed out for each thread of the cluster."""

LEAST_IN_HAND: Final = 16


class ClusterError(CanlockError):
    """The cluster cannot be reached, went away, or cannot run canlock."""


def run_cluster(jobs: Iterable[Job], task: Task, address: str) -> Generator[Outcome, None, None]:
    """Yield what came of each capture as it is done, from a Dask cluster.

    Closing the iterator takes back what the cluster has not done.

    Args:
        jobs: The captures; what only this process can read is read here.
        task: What is to be done with each.
        address: Where the scheduler listens: `tcp://host:8786`.

    Raises:
        ClusterError: The cluster cannot be reached, went away, or cannot run canlock.
    """
    distributed = _import_distributed(address)
    with _quiet_log():
        yield from _connect(distributed, iter(jobs), _prepare(task), address)


def _connect(
    distributed: ModuleType, jobs: Iterator[Job], task: Task, address: str
) -> Generator[Outcome, None, None]:
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except Exception as error:  # Its kind depends on what is wrong with the address.
        raise ClusterError(
            f"{address}: no Dask scheduler answers there ({_one_line(error)}): start one with "
            "`dask scheduler`, and workers with `dask worker ADDRESS`"
        ) from None
    try:
        _check_workers(client, address)
        yield from _run(distributed, client, jobs, task)
    except (OSError, CancelledError):  # As which Dask tells that a connection was lost.
        raise ClusterError(f"{address}: the Dask scheduler went away before all was done") from None
    finally:
        with suppress(OSError, CancelledError, TimeoutError):
            client.close(timeout=CONNECT_S)


def _run(
    distributed: ModuleType,
    client: Any,  # noqa: ANN401 - Dask's own.
    jobs: Iterator[Job],
    task: Task,
) -> Generator[Outcome, None, None]:
    running: dict[Any, Job] = {}
    most = max(LEAST_IN_HAND, IN_HAND * sum(client.nthreads().values()))
    finished = distributed.as_completed(loop=client.loop, raise_errors=False)
    try:
        while True:
            for job in islice(jobs, most - len(running)):
                if job.is_here:
                    yield diagnose_capture(job, task)
                    continue
                sent = replace(job, path=_make_absolute(job.path))
                future = client.submit(diagnose_capture, sent, task, pure=False)
                running[future] = job
                finished.add(future)
            if not running:
                return
            future = next(finished)
            yield _collect(future, running.pop(future))
    finally:
        # What nobody waits for any more need not be done.
        with suppress(OSError, CancelledError, TimeoutError):
            client.cancel(list(running))


def _collect(future: Any, job: Job) -> Outcome:  # noqa: ANN401 - Dask's own.
    if future.status == "finished":
        outcome: Outcome = future.result()
        return outcome
    if future.status in {"cancelled", "lost"}:
        raise CancelledError
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        reason = "each process that read it died; it may need more memory than there is"
        return Outcome(job, error=f"{job.shown}: {reason}")
    return Outcome(job, error=f"{job.shown}: the cluster could not do it ({_one_line(error)})")


def _check_workers(client: Any, address: str) -> None:  # noqa: ANN401 - Dask's own.
    """Find out whether there are workers, and whether they have this canlock.

    Raises:
        ClusterError: There are none, or they have not.
    """
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        raise ClusterError(
            f"{address}: the Dask scheduler has no workers: start some with `dask worker {address}`"
        ) from None
    try:
        versions = set(client.run(_tell_version).values())
    except Exception as error:
        raise ClusterError(
            f"{address}: a Dask worker cannot run canlock ({_one_line(error)}): install canlock "
            f"{__version__} where the workers run"
        ) from None
    if versions != {__version__}:
        found = ", ".join(sorted(versions))
        raise ClusterError(
            f"{address}: the Dask workers have canlock {found}, here is {__version__}: "
            "install the same everywhere"
        )


def _tell_version() -> str:
    return __version__


def _make_absolute(name: str) -> str:
    """Return a path that means the same wherever a worker was started."""
    return name if is_remote(name) else str(Path(name).absolute())


def _prepare(task: Task) -> Task:
    vehicle = task.vehicle
    if vehicle is not None and Path(vehicle).is_file():
        vehicle = _make_absolute(vehicle)
    sides = [None if side is None else _make_absolute(side) for side in (task.marks, task.session)]
    # The workers' own folders for temporary files are theirs to know.
    return replace(task, vehicle=vehicle, marks=sides[0], session=sides[1], workspace=None)


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Keep Dask from writing its own view of what went wrong to standard error."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _import_distributed(address: str) -> ModuleType:
    try:
        return import_module("distributed")
    except ImportError:
        raise ClusterError(
            f"{address}: sending captures to a cluster needs Dask: `pip install 'canlock[fleet]'`"
        ) from None


def _one_line(error: object) -> str:
    return " ".join(str(error).split()) or type(error).__name__
