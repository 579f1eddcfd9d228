"""Printing what happens line by line, for plain terminals, screen readers and logs."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from canlock.cli.output import say

if TYPE_CHECKING:
    from canlock.model.link import LinkStatus
    from canlock.model.snapshot import Snapshot

Plain = Annotated[
    bool,
    typer.Option(
        "--plain", help="Print what happens line by line instead: for screen readers and logs."
    ),
]


def print_plain(steps: Generator[Snapshot], links: Sequence[LinkStatus] = ()) -> None:
    """Print a session line by line until it ends, each line at once.

    Args:
        steps: Its Snapshots.
        links: The buses as they are before the first of them.
    """
    from canlock.reports.plain_live import PlainLines

    lines = PlainLines()
    for line in lines.links(links):
        say(line)
    last: Snapshot | None = None
    with closing(steps):
        for last in steps:
            for line in lines.look(last):
                say(line)
    if last is not None:
        for line in lines.look(last, is_last=True):
            say(line)
