"""Where keys work besides everywhere: the help lists them by this."""

from __future__ import annotations

from typing import Final

from canlock.tui.help_screen import Section
from canlock.tui.live_screen import LiveScreen
from canlock.tui.mark_dialog import MarkDialog
from canlock.tui.operation_list import OperationList
from canlock.tui.operation_screen import OperationScreen
from canlock.tui.rows import RowList
from canlock.tui.snapshot_screen import DetailScreen

SECTIONS: Final[tuple[Section, ...]] = (
    ("On the first screen", LiveScreen.BINDINGS),
    ("In the list of operations", OperationList.BINDINGS),
    ("In other lists", RowList.BINDINGS),
    ("On an operation's screen", OperationScreen.BINDINGS),
    ("On the screens behind v, b, e and Enter", DetailScreen.BINDINGS),
    ("In the dialog behind m", MarkDialog.BINDINGS),
)
