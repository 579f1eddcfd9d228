"""The live view in a browser: `--web` of the commands that have one."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import Annotated, Final

import typer

from canlock.cli.output import say, warn
from canlock.errors import CanlockError

DEFAULT_AT: Final = "127.0.0.1:8000"
LAST_PORT: Final = 65535

Web = Annotated[
    bool, typer.Option("--web", help="Show the live view in a browser on this computer instead.")
]
WebAt = Annotated[
    str,
    typer.Option(
        "--web-at",
        metavar="[HOST:]PORT",
        help="Where the browser finds it; any HOST but this computer's own lets others look on.",
    ),
]


def serve_view(title: str, at: str) -> None:
    """Serve the live view of the command that was called, until Ctrl-C.

    Args:
        title: What is shown, for the browser's tab.
        at: `HOST:PORT`, or the port alone.

    Raises:
        CanlockError: What serves it is not installed, or the address cannot be had.
    """
    host, port = read_address(at)
    try:
        from canlock.tui.web import is_loopback, serve
    except ImportError as error:
        raise CanlockError(
            f"--web: {error.name} is not installed; install it with `pip install canlock[web]`"
        ) from error
    if not is_loopback(host):
        warn(
            f"{host} is no loopback address: everybody who reaches this computer can look on, and "
            "mark, without a password; end it with Ctrl-C when you are done"
        )
    serve(
        child_command(sys.argv[1:]), title=title, host=host, port=port, tell=lambda text: say(text)
    )


def read_address(at: str) -> tuple[str, int]:
    """Return host and port of an address as it is typed.

    Raises:
        BadParameter: It is none.
    """
    host, _, port = at.rpartition(":")
    host = host.strip("[]") or DEFAULT_AT.partition(":")[0]
    if not port.isdecimal() or not 0 < int(port) <= LAST_PORT:
        raise typer.BadParameter(
            f"found `{at}`, expected HOST:PORT or a port from 1 to {LAST_PORT}",
            param_hint="--web-at",
        )
    return host, int(port)


def child_command(arguments: list[str]) -> str:
    """Return the command line, for a shell, that shows in a tab what `arguments` ask for.

    Args:
        arguments: Those of this command, `--web` among them.
    """
    kept: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--web":
            continue
        if argument == "--web-at":
            next(rest, None)
        elif not argument.startswith("--web-at="):
            kept.append(argument)
    command = [sys.executable, "-m", "canlock", *kept]
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)
