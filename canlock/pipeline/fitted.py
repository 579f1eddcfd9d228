"""The fitted likelihoods that ship: read once, handed over frozen (the diagnosis opens no file)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from canlock.diagnosis.likelihoods import Likelihoods, parse_likelihoods


@cache
def load_likelihoods() -> Likelihoods:
    """Return what `diagnosis/likelihoods.toml` holds."""
    text = files("canlock.diagnosis").joinpath("likelihoods.toml").read_text(encoding="utf-8")
    return parse_likelihoods(text)
