"""All faults that the diagnosis knows: every module of `faults`, found by itself."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from canlock.diagnosis import faults
from canlock.diagnosis.fault_model import FaultModel


@cache
def fault_models() -> tuple[FaultModel, ...]:
    """Return the models of all faults, sorted by code."""
    names = sorted(module.name for module in iter_modules(faults.__path__))
    models = (import_module(f"{faults.__name__}.{name}").FAULT for name in names)
    return tuple(sorted(models, key=lambda model: model.code))


@cache
def models_by_code() -> dict[str, FaultModel]:
    """Return code -> model."""
    return {model.code: model for model in fault_models()}
