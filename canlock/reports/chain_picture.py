"""The steps of one operation on a line of time in milliseconds, as inline SVG.

The shape of a mark tells how a step is known: full seen, hollow marked by a person, a diamond known
from an echo, a cross did not come. The words beside it say the same.
"""

from __future__ import annotations

from typing import Final

from canlock.reports.markup import safe, short, tag
from canlock.telling.chain import Chain, Step

WIDTH: Final = 680.0
ROW: Final = 13.0
HEAD: Final = 7.0
FOOT: Final = 16.0
PLOT: Final = (170.0, 250.0)
"""Left edge and width of the line of time."""

NAME_LETTERS: Final = 30
TEXT_LETTERS: Final = 44
LEAST_SPAN_MS: Final = 500.0
TICKS_MS: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
MOST_TICKS: Final = 6


def chain_picture(chain: Chain) -> str:
    """Return the picture of one operation."""
    span = max([LEAST_SPAN_MS, *(each.after_ms * 1.08 for each in chain.steps if each.after_ms)])
    height = HEAD + ROW * len(chain.steps) + FOOT
    shapes = [_ticks(span, len(chain.steps))]
    for number, step in enumerate(chain.steps):
        shapes.append(_step(step, HEAD + ROW * (number + 0.5), span, chain.ordered_ms))
    return tag(
        "svg",
        tag("title", safe(chain.title)) + "".join(shapes),
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        role="img",
        class_="chain",
        xmlns="http://www.w3.org/2000/svg",
    )


def _x(after_ms: float, span: float) -> float:
    left, width = PLOT
    return left + width * after_ms / span


def _ticks(span: float, rows: int) -> str:
    step = next((each for each in TICKS_MS if span / each <= MOST_TICKS), TICKS_MS[-1])
    bottom = HEAD + ROW * rows
    marks = []
    for number in range(min(int(span // step), MOST_TICKS) + 1):
        x = _x(number * step, span)
        marks.append(tag("line", x1=x, y1=HEAD - 3, x2=x, y2=bottom, class_="grid"))
        unit = " ms" if number == 0 else ""
        marks.append(tag("text", f"{number * step}{unit}", x=x, y=bottom + 11, class_="small mid"))
    return "".join(marks)


def _step(step: Step, y: float, span: float, ordered_ms: float) -> str:
    name = tag("text", safe(short(step.name, NAME_LETTERS)), x=0, y=y + 3.5)
    words = tag(
        "text",
        safe(short(step.words, TEXT_LETTERS)),
        x=PLOT[0] + PLOT[1] + 10,
        y=y + 3.5,
        class_="word failed" if step.kind == "failed" else "",
    )
    return name + _line(step, y, span, ordered_ms) + words


def _line(step: Step, y: float, span: float, ordered_ms: float) -> str:
    """Return the mark of a step, and where it was awaited or is hidden, a line."""
    if step.kind == "unseen":
        line = tag("line", x1=PLOT[0], y1=y, x2=sum(PLOT), y2=y, class_="hidden")
        return line + tag("text", "?", x=PLOT[0] - 8, y=y + 4, class_="query mid")
    if step.after_ms is None:
        if step.kind != "failed":
            return ""
        start = _x(ordered_ms, span)
        line = tag("line", x1=start, y1=y, x2=sum(PLOT), y2=y, class_="awaited")
        return line + _cross(sum(PLOT) - 4, y)
    x = _x(step.after_ms, span)
    if step.kind == "failed":
        return _cross(x, y)
    if step.kind == "believed":
        return tag("path", d=f"M{x:.1f} {y - 4.5:g}l4.5 4.5l-4.5 4.5l-4.5 -4.5z", class_="echo")
    shape = tag("circle", cx=x, cy=y, r=4, class_=f"mark {step.kind}")
    if step.kind == "late":
        shape += tag("line", x1=_x(ordered_ms, span), y1=y, x2=x - 4, y2=y, class_="awaited")
    return shape


def _cross(x: float, y: float) -> str:
    return tag("path", d=f"M{x - 4:.1f} {y - 4:g}l8 8m0 -8l-8 8", class_="sign failed")
