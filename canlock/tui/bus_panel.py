"""The state of the bus: rate, load, errors, drops, whether the adapter is silent, who is alive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from textual.content import Content

from canlock.model.capture import CaptureInfo
from canlock.model.link import LinkStatus
from canlock.telling import words
from canlock.tui.phrases import FAINT, plain
from canlock.tui.rows import Row, RowList

if TYPE_CHECKING:
    from canlock.model.samples import MessageLife
    from canlock.model.snapshot import Snapshot

LINK_STYLES: Final = {
    "connected": "$text-success",
    "silent": "bold $text-warning",
    "reconnecting": "bold $text-error",
    "lost": "bold $text-error",
    "closed": FAINT,
}

QUIET_PERIODS: Final = 3.0
"""A cyclic message that stays away for longer than so many periods counts as silent."""

LEAST_QUIET_S: Final = 0.5
NO_PERIOD_S: Final = 5.0
"""A message of no known period counts as silent after so long."""

LABEL_COLUMNS: Final = 11


class BusPanel(RowList):
    """Rows about each link, then about each node and message."""

    def __init__(self) -> None:
        super().__init__(id="bus")
        self.border_title = "Bus"

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return (
            snapshot.bus,
            snapshot.links,
            snapshot.capture,
            snapshot.lives,
            snapshot.nodes,
            snapshot.tap,
        )

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:  # noqa: ARG002 - wraps alike.
        """Yield the rows."""
        yield _fact("Rate", rate_words(snapshot))
        yield _fact("Load", load_words(snapshot))
        for link in snapshot.links:
            yield from link_rows(link)
        yield _fact("Errors", Content("  ").join(error_counts(snapshot)))
        for content in capture_counts(snapshot.capture):
            yield Row(content, Content(" " * LABEL_COLUMNS))
        yield from node_rows(snapshot)
        for life in snapshot.lives:
            yield _life_row(life, snapshot)


def rate_words(snapshot: Snapshot) -> Content:
    """Return how many frames come a second."""
    if snapshot.bus is None:
        return Content.styled("? not measured", FAINT)
    if is_mute(snapshot):
        return Content("0 frames/s")
    # Where the adapter holds back what nobody asked for, this is no measure of the bus.
    filtered = " (filtered)" if any(link.is_filtered for link in snapshot.links) else ""
    return Content(f"{snapshot.bus.frames_hz:,.0f} frames/s{filtered}")


def load_words(snapshot: Snapshot) -> Content:
    """Return the share of the bus's time that frames take."""
    load = None if snapshot.bus is None else snapshot.bus.load
    if is_mute(snapshot):
        return Content("none: nothing comes")
    if load is None:
        return Content.styled("? (bit rate not known)", FAINT)
    least, most = load
    if round(100 * least) == round(100 * most):
        return Content(words.percent(most))
    return Content(f"{100 * least:.0f} to {100 * most:.0f} %")


def is_mute(snapshot: Snapshot) -> bool:
    """Return whether no bus gives frames now: what was measured is of before."""
    return bool(snapshot.links) and all(link.state != "connected" for link in snapshot.links)


def error_counts(snapshot: Snapshot) -> Iterator[Content]:
    """Yield error frames, and what was dropped on the way, always: zero is news too."""
    errors = snapshot.capture.error_frames
    yield _count(errors, "error frame", is_bad=errors > 0)
    if snapshot.bus is not None and snapshot.bus.errors_hz:
        yield Content.styled(f"{snapshot.bus.errors_hz:,.1f}/s now", "bold $text-warning")
    dropped = sum(link.dropped for link in snapshot.links)
    yield _count(dropped, "dropped", is_bad=dropped > 0, is_plural_alike=True)


def capture_counts(capture: CaptureInfo) -> Iterator[Content]:
    """Yield how many frames were read, and damage only where there is some."""
    yield _count(capture.frames, "frame")
    if capture.bad_lines:
        yield _count(capture.bad_lines, "bad line", is_bad=True)
    if capture.damage:
        yield Content.styled(f"first at {plain(capture.damage[0].place)}", "$text-warning")
    if capture.out_of_order:
        yield _count(capture.out_of_order, "out of order", is_bad=True, is_plural_alike=True)
    if capture.clock_jumps:
        yield _count(capture.clock_jumps, "clock jump", is_bad=True)
    if capture.is_truncated:
        yield Content.styled("cut off at the end", "bold $text-warning")


def link_rows(link: LinkStatus) -> Iterator[Row]:
    """Yield the state of one adapter."""
    state = Content.styled(link.state, LINK_STYLES[link.state])
    yield _fact("Adapter", Content.assemble(plain(link.name), ": ", state))
    yield _fact("Silent", Content(plain(link.silence.words.removeprefix("silent: "))))
    told = [_count(link.errors, "driver error", is_bad=link.errors > 0)]
    told.append(_count(link.reopened, "reopening", is_bad=link.reopened > 0))
    yield Row(Content("  ").join(told), Content(" " * LABEL_COLUMNS))
    if link.last_error:
        yield _fact("", Content(f"last error: {plain(link.last_error)}"))


def node_rows(snapshot: Snapshot) -> Iterator[Row]:
    """Yield who lives, as the vehicle file tells it."""
    lives = {life.message: life for life in snapshot.lives}
    for node in snapshot.nodes:
        doors = f" ({words.doors_name(node.doors)})" if node.doors else f" ({node.message})"
        name = {"bcm": "BCM", "door-module": "door module"}.get(node.node, node.node)
        yield _fact(
            "Node", Content(plain(name + doors) + ": ") + _alive(lives.get(node.message), snapshot)
        )


def is_alive(life: MessageLife, snapshot: Snapshot) -> bool:
    """Return whether a message still comes."""
    if snapshot.now_s is None:
        return False
    quiet_s = snapshot.now_s - life.last_s
    if life.period_s is None:
        return quiet_s <= NO_PERIOD_S
    return quiet_s <= max(QUIET_PERIODS * life.period_s, LEAST_QUIET_S)


def _alive(life: MessageLife | None, snapshot: Snapshot) -> Content:
    if life is None:
        return Content.styled("? not heard yet", FAINT)
    if is_alive(life, snapshot):
        return Content.styled("alive", "$text-success")
    quiet_s = (snapshot.now_s or life.last_s) - life.last_s
    if life.period_s is None:
        return Content.styled(f"last seen {quiet_s:.0f} s ago", FAINT)
    return Content.styled(f"SILENT for {quiet_s:.1f} s", "bold $text-warning")


def _life_row(life: MessageLife, snapshot: Snapshot) -> Row:
    period = "on events" if life.period_s is None else f"each {life.period_s:.2g} s"
    what = Content(f"{plain(life.message)}, {period}: ")
    return _fact("Message", what + _alive(life, snapshot))


def _fact(label: str, content: Content) -> Row:
    return Row(content, Content.styled(label.ljust(LABEL_COLUMNS), "bold"))


def _count(
    count: int, noun: str, *, is_bad: bool = False, is_plural_alike: bool = False
) -> Content:
    ending = "" if count == 1 or is_plural_alike else "s"
    text = f"{count:,} {noun}{ending}"
    return Content.styled(text, "bold $text-warning") if is_bad else Content(text)
