"""Printing to somebody who may have stopped reading, on a terminal that may lack letters."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from canlock.errors import CanlockError

NARROWEST: Final = 60
WIDEST: Final = 100
"""Columns of a report: longer lines are hard to read, however wide the screen."""


def say(text: object = "") -> None:
    """Print a line; end quietly, with status 0, where the reader has gone, as `head` does."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Python flushes again at exit; that must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CanlockError(f"standard output: cannot be written: {error.strerror}") from error


def warn(text: object) -> None:
    """Print a line to standard error."""
    print(f"canlock: {text}", file=sys.stderr)


def tell_details() -> None:
    """Print to standard error what canlock logs of its own work."""
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("canlock: %(message)s"))
    logger = logging.getLogger("canlock")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)


def has_screen() -> bool:
    """Say whether a live view can be shown: on a terminal, or in a browser that drives it."""
    return sys.stdout.isatty() or "TEXTUAL_DRIVER" in os.environ


def prepare_terminal() -> None:
    """Let letters that the terminal's encoding lacks come out as `?` rather than as an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def terminal_width() -> int:
    """Return how many columns a report may take."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)


def keep_inputs(output: Path | None, inputs: Iterable[Path | None]) -> None:
    """Refuse to write over a capture or what lies beside it: a drive cannot be repeated.

    Args:
        output: Where is to be written; None: on the screen.
        inputs: What is read; what does not exist is no matter.

    Raises:
        CanlockError: The output is one of them.
    """
    from canlock.sources.marks import find_marks
    from canlock.sources.session import find_session

    if output is None or not output.exists():
        return
    for path in inputs:
        beside = () if path is None else (path, find_marks(path), find_session(path))
        if any(_is_same(other, output) for other in beside if other is not None):
            raise CanlockError(f"{output}: that is one of the inputs; give the output another name")


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def write_output(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file.

    Raises:
        CanlockError: It cannot be written.
    """
    if output is None:
        say(text)
        return
    try:
        output.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise CanlockError(f"{output}: cannot be written: {error.strerror}") from error
