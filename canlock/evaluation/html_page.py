"""An evaluation as one HTML file that needs nothing else: no script, no font, no request."""

from __future__ import annotations

from html import escape
from typing import Final

from canlock.evaluation.summary import Evaluation
from canlock.evaluation.svg import confusion_picture, reliability_picture
from canlock.evaluation.tables import (
    Table,
    describe_mistake,
    describe_mistakes,
    headline,
    list_mistakes,
    list_tables,
    repeat_command,
)

STYLE: Final = """
:root { color-scheme: light dark; --page: #fff; --ink: #1c2126; --soft: #5d6670; --rule: #d5dade;
  --faint: #f1f3f5; --right: #1261a0; --wrong: #b8500a; --on-dark: #fff; }
@media screen and (prefers-color-scheme: dark) { :root { --page: #15191d; --ink: #e4e8eb;
  --soft: #9aa4ad; --rule: #343c44; --faint: #1e242a; --right: #6db3f2; --wrong: #f0954b;
  --on-dark: #10161b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 78rem; background: var(--page);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .3rem; }
p { margin: .2rem 0 .6rem; max-width: 50rem; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
th { font-weight: 600; }
thead th { border-bottom: 2px solid var(--rule); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
tbody tr:nth-child(even) { background: var(--faint); }
figure { margin: .5rem 0; }
.pair { display: flex; flex-wrap: wrap; gap: 1.5rem; }
.pair figcaption { color: var(--soft); font-size: 13px; }
svg { max-width: 100%; height: auto; font: 11px system-ui, sans-serif; }
svg .label, svg .on-light { fill: var(--ink); }
svg .on-dark { fill: var(--on-dark); }
svg .none { fill: var(--faint); }
svg .same { fill: none; stroke: var(--rule); }
svg .right, svg .point { fill: var(--right); }
svg .wrong { fill: var(--wrong); }
svg .plot { fill: none; stroke: var(--rule); }
svg .many { fill: var(--rule); }
svg .ideal { stroke: var(--soft); stroke-dasharray: 4 4; }
svg .spread { stroke: var(--right); stroke-width: 1.5; }
ol { padding-left: 1.5rem; }
li { margin-bottom: .5rem; }
code { font-size: 12px; color: var(--soft); overflow-wrap: anywhere; }
@media print { body { padding: 0; max-width: none; font-size: 11px; }
  table { font-size: 9px; } th, td { padding: .1rem .35rem; }
  .scroll { overflow: visible; } h2, section > p { break-after: avoid; }
  .pair { flex-wrap: nowrap; } .pair figure { flex: 1 1 0; }
  tr, figure, li { break-inside: avoid; }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""

FIRST: Final = 3
"""So many tables come before the pictures: those of the visible sessions."""

MATRIX_NOTE: Final = (
    "Visible sessions by what was wrong (row) and the verdict (column); the stronger a colour, "
    "the larger the share of the row. Blue is right, orange is not."
)


def render_html(evaluation: Evaluation) -> str:
    """Return the evaluation as one HTML document, without a line end at its end."""
    tables = [table for table in list_tables(evaluation) if table.rows]
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>canlock evaluation</title><style>{STYLE}</style></head><body>",
            f"<h1>canlock evaluation</h1><p>{escape(headline(evaluation))}</p>",
            *map(_table, tables[:FIRST]),
            _reliability(evaluation),
            _section(
                "Confusion matrix",
                MATRIX_NOTE,
                _figure(confusion_picture(evaluation.confusion, "Confusion matrix of the codes")),
            ),
            _section(
                "Confusion of layers",
                "The same by layer.",
                _figure(
                    confusion_picture(evaluation.layer_confusion, "Confusion matrix of the layers")
                ),
            ),
            *map(_table, tables[FIRST:]),
            _mistakes(evaluation),
            "</body></html>",
        )
    )


def _section(title: str, note: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2><p>{escape(note)}</p>{body}</section>"


def _figure(picture: str, caption: str = "") -> str:
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure class="scroll">{picture}{below}</figure>'


def _reliability(evaluation: Evaluation) -> str:
    figures = evaluation.overall.seen
    pictures = (
        (figures.calibration, "The likeliest code"),
        (figures.placed_calibration, "The likeliest code and its door"),
    )
    return _section(
        "Reliability",
        "How often it was so (up) against the probability that was stated; visible sessions. On "
        "the dashed line probabilities mean what they say. The bars tell how many there are.",
        '<div class="pair">'
        + "".join(
            _figure(
                reliability_picture(calibration, f"Reliability: {caption}"),
                caption
                + (
                    ""
                    if calibration.error is None
                    else f": expected calibration error {calibration.error:.3f}"
                ),
            )
            for calibration, caption in pictures
        )
        + "</div>",
    )


def _table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table.heads)
    rows = "".join(
        "<tr>"
        + f'<th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    return _section(
        table.title,
        table.note,
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>",
    )


def _mistakes(evaluation: Evaluation) -> str:
    items = "".join(
        f"<li>{escape(describe_mistake(each))}<br>"
        f"<code>{escape(repeat_command(each.surest))}</code></li>"
        for each in list_mistakes(evaluation)
    )
    return _section(
        "Confident and wrong", describe_mistakes(evaluation), f"<ol>{items}</ol>" if items else ""
    )
