"""Pictures as inline SVG, drawn with a handful of shapes; colours come from the page's style."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from canlock.evaluation.calibration import Calibration
from canlock.evaluation.confusion import Confusion

CELL = 21.0
LETTER = 6.2
"""Width of a letter of the labels, in pixels; about that of 11 px sans-serif."""

FAINTEST = 0.15
"""Opacity of a cell that holds the smallest share, so that it can still be seen."""

DARK_SHARE = 0.55
"""From this share on, a cell is dark enough for a light number."""

PLOT = 300.0
MARGIN = 46.0


def confusion_picture(confusion: Confusion, label: str) -> str:
    """Return the matrix: the stronger a cell, the larger its share of the row.

    Args:
        confusion: What to draw.
        label: What it shows, for who cannot see it.
    """
    names = (*confusion.rows, *confusion.columns)
    left = LETTER * max(map(len, names), default=0) + 12
    cells = [
        _cell(confusion, row, column, left)
        for row in range(len(confusion.rows))
        for column in range(len(confusion.columns))
    ]
    rows = [
        _text(left - 6, left + (row + 0.68) * CELL, name, "end")
        for row, name in enumerate(confusion.rows)
    ]
    columns = [
        _turned(left + (column + 0.68) * CELL, left - 6, name)
        for column, name in enumerate(confusion.columns)
    ]
    # The turned names lean over the right edge by as much as a name is long, times cos 60 degrees.
    width = left + len(confusion.columns) * CELL + left / 2
    height = left + len(confusion.rows) * CELL + 4
    return _picture(width, height, label, [*cells, *rows, *columns])


def _cell(confusion: Confusion, row: int, column: int, left: float) -> str:
    count = confusion.counts[row][column]
    x, y = left + column * CELL, left + row * CELL
    truth, verdict = confusion.rows[row], confusion.columns[column]
    if not count:
        kind = "same" if truth == verdict else "none"
        return _box(x, y, CELL - 1, CELL - 1, kind)
    share = count / sum(confusion.counts[row])
    kind = "right" if truth == verdict else "wrong"
    title = f"<title>{escape(f'{truth}: {count} times {verdict}')}</title>"
    opacity = FAINTEST + (1 - FAINTEST) * share
    number = _text(
        x + CELL / 2 - 0.5,
        y + 0.68 * CELL,
        str(count),
        "middle",
        "on-dark" if share >= DARK_SHARE else "on-light",
    )
    return f"<g>{title}{_box(x, y, CELL - 1, CELL - 1, kind, opacity)}{number}</g>"


def reliability_picture(calibration: Calibration, label: str) -> str:
    """Return stated probability against how often it was right, with 95 % intervals.

    Points on the diagonal are as they should be. The bars tell how many statements there are.

    Args:
        calibration: What to draw.
        label: What it shows, for who cannot see it.
    """
    shapes = [_box(MARGIN, 10, PLOT, PLOT, "plot")]
    most = max((each.right.of for each in calibration.bins), default=0)
    for each in calibration.bins:
        if most and each.right.of:
            height = PLOT / 4 * each.right.of / most
            width = (each.high - each.low) * PLOT - 2
            shapes.append(_box(_x(each.low) + 1, _y(0) - height, width, height, "many"))
    shapes.append(_line(_x(0), _y(0), _x(1), _y(1), "ideal"))
    for tenth in range(0, 11, 2):
        share = tenth / 10
        shapes.append(_text(_x(share), _y(0) + 16, f"{share:.1f}", "middle"))
        shapes.append(_text(_x(0) - 6, _y(share) + 4, f"{share:.1f}", "end"))
    for each in calibration.bins:
        interval, part = each.right.interval(), each.right.share
        if interval is None or part is None or each.mean_probability is None:
            continue
        x = _x(each.mean_probability)
        title = f"{each.right.count} of {each.right.of} right, stated {each.mean_probability:.2f}"
        shapes.append(
            f"<g><title>{escape(title)}</title>"
            f"{_line(x, _y(interval[0]), x, _y(interval[1]), 'spread')}"
            f'<circle cx="{x:.1f}" cy="{_y(part):.1f}" r="4" class="point"/></g>'
        )
    shapes.append(_text(_x(0.5), _y(0) + 34, "stated probability", "middle"))
    return _picture(MARGIN + PLOT + 14, PLOT + MARGIN + 4, label, shapes)


def _x(share: float) -> float:
    return MARGIN + share * PLOT


def _y(share: float) -> float:
    return 10 + (1 - share) * PLOT


def _picture(width: float, height: float, label: str, shapes: Iterable[str]) -> str:
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">{"".join(shapes)}</svg>'
    )


def _box(
    x: float, y: float, width: float, height: float, kind: str, opacity: float | None = None
) -> str:
    shade = "" if opacity is None else f' fill-opacity="{opacity:.2f}"'
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'class="{kind}"{shade}/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "label") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'
    )


def _turned(x: float, y: float, text: str) -> str:
    return (
        f'<text transform="translate({x:.1f} {y:.1f}) rotate(-60)" class="label">'
        f"{escape(text)}</text>"
    )
