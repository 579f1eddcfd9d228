"""Where keys work besides everywhere: the help lists them by this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from canlock.tui.check_screen import CheckScreen
from canlock.tui.help_screen import HelpScreen, Section
from canlock.tui.live_screen import LiveScreen
from canlock.tui.mark_dialog import MarkDialog
from canlock.tui.operation_list import OperationList
from canlock.tui.operation_screen import OperationScreen
from canlock.tui.plot_choice import PlotChoice
from canlock.tui.plot_screen import PlotScreen
from canlock.tui.plot_view import PlotView
from canlock.tui.rows import RowList
from canlock.tui.snapshot_screen import DetailScreen
from canlock.tui.trace_list import TraceList
from canlock.tui.trace_prompt import TracePrompt
from canlock.tui.trace_screen import TraceScreen

SECTIONS: Final[tuple[Section, ...]] = (
    ("On the first screen", LiveScreen.BINDINGS),
    ("In the list of operations", OperationList.BINDINGS),
    ("In other lists", RowList.BINDINGS),
    ("On an operation's screen", OperationScreen.BINDINGS),
    ("On the screens behind v, b, e and Enter", DetailScreen.BINDINGS),
    ("In the dialog behind m", MarkDialog.BINDINGS),
    ("In the trace, behind t", (*TraceScreen.BINDINGS, *TraceList.BINDINGS)),
    ("In the plots, behind p", (*PlotScreen.BINDINGS, *PlotView.BINDINGS)),
    ("In the list of what to plot", PlotChoice.BINDINGS),
    ("Where something is typed", TracePrompt.BINDINGS),
    ("In the guided check, behind c", CheckScreen.BINDINGS),
)


def sections_for(screen: Screen[Any], everywhere: Sequence[BindingType]) -> tuple[Section, ...]:
    """Return all sections, those of a screen first.

    Args:
        screen: Where the person looked for help.
        everywhere: Keys that the whole program has.
    """
    own = getattr(screen, "BINDINGS", ())
    return tuple(
        sorted(
            (("Everywhere", everywhere), *SECTIONS),
            key=lambda section: not _holds(section[1], own),
        )
    )


def show_help(app: App[Any], everywhere: Sequence[BindingType], most: int | None = None) -> None:
    """Show the help for the screen that is there.

    It is made once for each kind of screen: to lay it out takes longer than to show it.

    Args:
        app: The program.
        everywhere: Keys that the whole program has.
        most: Sections that are listed; None: all.
    """
    name = f"help-{type(app.screen).__name__}"
    if not app.is_screen_installed(name):
        app.install_screen(HelpScreen(sections_for(app.screen, everywhere)[:most]), name)
    app.push_screen(name)


def _holds(section: Sequence[BindingType], own: Sequence[BindingType]) -> bool:
    return bool(own) and any(binding is own[0] for binding in section)
