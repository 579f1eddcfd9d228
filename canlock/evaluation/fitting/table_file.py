"""`likelihoods.toml`: small enough to be read through, the same for the same sessions."""

from __future__ import annotations

from canlock.diagnosis.likelihoods import SCHEMA, Likelihoods, kind_of
from canlock.diagnosis.observation import HEALTHY

HEAD = """\
# What each fault shows how often, fitted on simulated cars of the fitting worlds.
#
# Made by `python -m canlock.evaluation.fitting`; do not edit: judgement stands in `faults/`.
# A fault shows in one of a few modes, each of them as often as its `share` says; all rows of a mode
# belong together. A row gives Polya weights of the outcomes of one kind of observation (see
# `observation.py`): their shares are mean rates, their sum says how alike sessions are. `own` is
# the door (or car) that has the fault, `others` are the other doors. What is not here is as a
# healthy car has it, or as the fault's own file judges.
"""


def write_table(likelihoods: Likelihoods, sessions: int) -> str:
    """Return the text of the file."""
    lines = [HEAD, f'schema = "{SCHEMA}"', f"sessions = {sessions}"]
    lines += ["", "# How much each kind of observation weighs: exponents.", "[trust]"]
    lines += [f'"{kind}" = {value:g}' for kind, value in sorted(likelihoods.trust.items())]
    places = {(code, mode) for code, mode, _, _ in likelihoods.weights}
    places |= {(code, n) for code, shares in likelihoods.modes.items() for n in range(len(shares))}
    for code, mode in sorted(places):
        share = likelihoods.shares_of(code)[mode]
        lines += ["", f"[[fault.{code}]]", f"share = {share:g}"]
        for relation in ("own", "others"):
            lines += _rows(likelihoods, (code, mode, relation))
    return "\n".join(lines) + "\n"


def _rows(likelihoods: Likelihoods, place: tuple[str, int, str]) -> list[str]:
    found = {key[3]: row for key, row in likelihoods.weights.items() if key[:3] == place}
    lines = ["", f"[fault.{place[0]}.{place[2]}]"] if found else []
    for way, weights in sorted(found.items()):
        row = zip(HEALTHY[kind_of(way)], weights, strict=True)
        cells = ", ".join(f"{outcome} = {weight:.3g}" for outcome, weight in row)
        lines.append(f'"{way}" = {{ {cells} }}'.replace("door-open", '"door-open"'))
    return lines
