"""The replay on one line: whether it plays, how fast, where it is, and where operations are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.events import Click, Resize
from textual.message import Message
from textual.widgets import Static

from canlock.tui.chain_lines import runs
from canlock.tui.operation_filter import has_failed
from canlock.tui.phrases import FAINT

if TYPE_CHECKING:
    from canlock.model.operations import Operation
    from canlock.model.snapshot import Snapshot
    from canlock.pipeline.replayed import Replay

LOOK_S: Final = 0.2
"""How often it is looked how the player stands where no snapshot comes."""

PLAYED, AHEAD, HEAD = "━", "─", "●"
DONE, FAILED = "┿", "✘"
"""An operation that went well, and one that did not."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the bar stands for."""

    first_s: float
    last_s: float

    def column(self, at_s: float, columns: int) -> int:
        """Return the column of an instant."""
        span_s = max(self.last_s - self.first_s, 1e-9)
        place = round((at_s - self.first_s) / span_s * (columns - 1))
        return min(max(place, 0), columns - 1)

    def instant(self, column: int, columns: int) -> float:
        """Return the seconds after the first frame that a column stands for."""
        return (self.last_s - self.first_s) * column / max(columns - 1, 1)


class PlayerLine(Static):
    """Play or hold, speed, place, bar and length; a click on the bar goes there."""

    ALLOW_SELECT = False

    class Sought(Message):
        """Go to a place."""

        def __init__(self, after_s: float) -> None:
            self.after_s = after_s
            super().__init__()

    class Turned(Message):
        """The replay has come to its end, or was sent back from there."""

        def __init__(self, *, is_at_end: bool) -> None:
            self.is_at_end = is_at_end
            super().__init__()

    def __init__(self) -> None:
        super().__init__(id="player", markup=False)
        self._was_at_end = False
        self._said: Content | None = None
        self.display = False
        self._player: Replay | None = None
        self._snapshot: Snapshot | None = None
        self._bar = range(0)
        self._stretch: Stretch | None = None
        self._signs = _Signs()

    def take(self, player: Replay) -> None:
        """Show a player from now on."""
        self._player = player
        self.display = True
        self.redraw()
        self.set_interval(LOOK_S, self._look)

    def _look(self) -> None:
        """Show what changes without a snapshot: the length becomes known, the end is reached."""
        if self._player is not None and self._player.is_at_end != self._was_at_end:
            self._was_at_end = self._player.is_at_end
            self.post_message(self.Turned(is_at_end=self._was_at_end))
        self.redraw()

    def draw(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._snapshot = snapshot
        self.redraw()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the size is asked for anew.
        """Lay out anew."""
        self.redraw()

    def redraw(self) -> None:
        """Show how the player stands."""
        player, width = self._player, self.content_size.width
        if player is None or not width:
            return
        transport = player.transport
        state = "■ ended" if player.is_at_end else "▶ plays"
        if transport.is_paused and not player.is_at_end:
            state = "‖ held "
        speed = "max" if not transport.speed else f"{transport.speed:g}x"
        first_s = player.first_s or 0.0
        at_s = transport.at_s if transport.at_s is not None else first_s
        self._stretch, operations = self._known(first_s, at_s)
        length = f"{self._stretch.last_s - first_s:.0f} s" if player.ahead.survey else "? s"
        left = f"{state} {speed:>4} {at_s - first_s:+8.1f} s "
        right = f" {length}{' ↻' if player.is_looping else ''}"
        columns = width - len(left) - len(right)
        self._bar = range(len(left), len(left) + max(columns, 0))
        bar = Content("")
        if columns > 0:
            signs = self._signs.put(self._stretch, operations, columns)
            bar = _bar(self._stretch.column(at_s, columns), signs, columns)
        content = Content(left) + bar + Content(right)
        if self._said is None or not self._said.is_same(content):
            self._said = content
            self.update(content, layout=False)

    def on_click(self, event: Click) -> None:
        """Go to the place that was clicked on."""
        at = event.get_content_offset(self)
        if at is not None and at.x in self._bar and self._stretch is not None:
            after_s = self._stretch.instant(at.x - self._bar.start, len(self._bar))
            self.post_message(self.Sought(after_s))

    def _known(self, first_s: float, at_s: float) -> tuple[Stretch, Sequence[Operation]]:
        """Return how far the recording reaches as far as that is known, and its operations."""
        survey = None if self._player is None else self._player.ahead.survey
        if survey is not None:
            return Stretch(first_s, max(survey.last_s, at_s)), survey.operations
        operations = () if self._snapshot is None else self._snapshot.operations
        return Stretch(first_s, at_s), operations


class _Signs:
    """The signs of the operations on the bar, kept until there are others or the bar changes."""

    def __init__(self) -> None:
        self._put_for: tuple[Stretch, Sequence[Operation], int] | None = None
        self._cells: dict[int, tuple[str, str]] = {}

    def put(
        self, stretch: Stretch, operations: Sequence[Operation], columns: int
    ) -> dict[int, tuple[str, str]]:
        """Return column -> sign and style."""
        before = self._put_for
        # A Snapshot hands on the very same tuple while there is no other operation.
        if before is None or before[1] is not operations or before[::2] != (stretch, columns):
            self._put_for = stretch, operations, columns
            self._cells = {}
            for operation in operations:
                at = stretch.column(operation.at_s, columns)
                if has_failed(operation):
                    self._cells[at] = (FAILED, "bold $text-error")
                else:
                    self._cells.setdefault(at, (DONE, "$text-success"))
        return self._cells


def _bar(head: int, signs: Mapping[int, tuple[str, str]], columns: int) -> Content:
    cells = [(PLAYED, "$text-accent")] * head + [(AHEAD, FAINT)] * (columns - head)
    for at, sign in signs.items():
        cells[at] = sign
    cells[head] = (HEAD, "bold")
    return runs(cells)
