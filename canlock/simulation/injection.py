"""Faults by their code: one module each in `faults`, found by name."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol

from canlock.errors import CanlockError
from canlock.simulation import faults
from canlock.simulation.case import Case


class Injector(Protocol):
    """What a module of `faults` holds."""

    def inject(self, case: Case) -> None:
        """Put the fault into a case, with a severity drawn at random, and record it there."""


def list_codes() -> tuple[str, ...]:
    """Return the codes that can be put in, sorted."""
    return tuple(
        sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(faults.__path__))
    )


def find_injector(code: str) -> Injector:
    """Return the injector of a fault code.

    Raises:
        CanlockError: There is none; the text lists the codes that there are.
    """
    if code not in list_codes():
        known = ", ".join(list_codes())
        raise CanlockError(f"unknown fault `{code}`; the simulator knows {known}")
    name = f"{faults.__name__}.{code.replace('-', '_')}"
    injector: Injector = importlib.import_module(name)
    return injector
