"""Printing to somebody who may have stopped reading, on a terminal that may lack letters."""

from __future__ import annotations

import os
import sys

from canlock.errors import CanlockError


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


def prepare_terminal() -> None:
    """Let letters that the terminal's encoding lacks come out as `?` rather than as an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
