"""One operation in full: its chain, the evidence that was seen in it, and its raw frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from canlock.tui.chain_view import ChainView
from canlock.tui.frame_list import FrameList
from canlock.tui.key_line import KeyLine
from canlock.tui.operation_facts import OperationFacts
from canlock.tui.snapshot_screen import DetailScreen

if TYPE_CHECKING:
    from canlock.model.operations import Operation
    from canlock.model.snapshot import Snapshot
    from canlock.pipeline.frame_history import FrameHistory


class OperationScreen(DetailScreen):
    """Stays with its operation while more comes; brackets go to the one before and after."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "go(-1)", "Older operation", key_display="["),
        Binding("right_square_bracket", "go(1)", "Newer operation", key_display="]"),
        Binding("a", "toggle_all", "All frames/changed"),
    ]
    AUTO_FOCUS = "#frames"

    def __init__(
        self, operation: Operation, snapshot: Snapshot, history: FrameHistory | None
    ) -> None:
        super().__init__(snapshot, id="operation-screen")
        self._operation = operation
        self._snapshot = snapshot
        self._history = history
        self._loaded: Operation | None = None

    @property
    def at_s(self) -> float:
        """When the operation that is shown began."""
        return self._operation.at_s

    def compose(self) -> ComposeResult:
        """Lay out the three parts."""
        yield ChainView()
        yield OperationFacts()
        yield FrameList(self._history)
        yield KeyLine()

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:  # noqa: ARG002 - alike.
        """Show a snapshot."""
        self._snapshot = snapshot
        # An operation is open to revision for a minute: its time says which it is.
        same = (each for each in snapshot.operations if each.at_s == self._operation.at_s)
        self._operation = next(same, self._operation)
        self._show()

    def action_go(self, by: int) -> None:
        """Show the operation before or after this one."""
        every = self._snapshot.operations
        places = [each.at_s for each in every]
        if self._operation.at_s not in places:
            return
        place = places.index(self._operation.at_s) + by
        if 0 <= place < len(every):
            self._operation = every[place]
            self._show()

    def action_toggle_all(self) -> None:
        """List all frames, or those only that bring something new."""
        self.query_one(FrameList).toggle_all()
        self._loaded = None
        self._show()

    def _show(self) -> None:
        operation = self._operation
        if self._snapshot.operations:
            self.query_one(ChainView).draw(operation, self._snapshot)
        facts = self.query_one(OperationFacts)
        facts.operation = operation
        facts.draw(self._snapshot)
        if operation != self._loaded or not operation.is_closed:
            self._loaded = operation
            self.query_one(FrameList).load(operation.at_s, operation.until_s)
