"""`likelihoods.toml`: small enough to be read through, the same for the same sessions."""

from __future__ import annotations

from canlock.diagnosis.likelihoods import SCHEMA, Likelihoods, kind_of
from canlock.diagnosis.observation import HEALTHY

HEAD = """\
# What each fault shows how often, fitted on simulated cars of the fitting worlds.
#
# Made by `python -m canlock.evaluation.fitting`; do not edit: judgement stands in `faults/`.
# A row gives Polya weights of the outcomes of one kind of observation (see `observation.py`):
# their shares are mean rates, their sum says how alike sessions are. `own` is the door (or car)
# that has the fault, `others` are the other doors. What is not here is as a healthy car has it, or
# as the fault's own file judges.
"""


def write_table(likelihoods: Likelihoods, sessions: int) -> str:
    """Return the text of the file."""
    lines = [HEAD, f'schema = "{SCHEMA}"', f"sessions = {sessions}"]
    lines += ["", "# How much each kind of observation weighs: exponents.", "[trust]"]
    lines += [f'"{kind}" = {value:g}' for kind, value in sorted(likelihoods.trust.items())]
    place = ("", "")
    for code, relation, way in sorted(likelihoods.weights):
        if (code, relation) != place:
            place = (code, relation)
            lines += ["", f"[fault.{code}.{relation}]"]
        row = zip(HEALTHY[kind_of(way)], likelihoods.weights[code, relation, way], strict=True)
        cells = ", ".join(f"{outcome} = {weight:.3g}" for outcome, weight in row)
        lines.append(f'"{way}" = {{ {cells} }}'.replace("door-open", '"door-open"'))
    return "\n".join(lines) + "\n"
