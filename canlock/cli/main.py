"""The `canlock` command.

Each command has a file of its own and imports what it needs inside its function, so that `--help`
and completion stay quick.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from canlock import __version__
from canlock.cli.arguments import quicken
from canlock.cli.check import check
from canlock.cli.check_tap import check_tap
from canlock.cli.demo import demo
from canlock.cli.diagnose import diagnose
from canlock.cli.doctor import doctor
from canlock.cli.evaluate import evaluate
from canlock.cli.explain import explain
from canlock.cli.obd import obd
from canlock.cli.output import prepare_terminal, say, warn
from canlock.cli.replay import replay
from canlock.cli.simulate import simulate
from canlock.cli.trend import trend
from canlock.cli.vehicles import check_vehicle_file, list_vehicles
from canlock.cli.watch import watch
from canlock.errors import CanlockError

USAGE_STATUS = 2
INTERRUPTED_STATUS = 130
TRACEBACK_VARIABLE = "CANLOCK_TRACEBACK"

# Without rich markup the help is plain text: quick to start, and readable for a screen reader.
app = typer.Typer(
    name="canlock",
    help="Tells which link of a car's door locking chain broke, from its CAN bus. It only listens.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
vehicle = typer.Typer(help="Work on a vehicle file.", no_args_is_help=True, rich_markup_mode=None)
app.command()(demo)
app.command()(diagnose)
app.command()(simulate)
app.command()(evaluate)
app.command()(explain)
app.command()(trend)
app.command()(watch)
app.command()(check)
app.command("check-tap")(check_tap)
app.command()(replay)
app.command()(doctor)
app.command()(obd)
app.command("vehicles")(list_vehicles)
vehicle.command("check")(check_vehicle_file)
app.add_typer(vehicle, name="vehicle")


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"canlock {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """Tells which link of a car's door locking chain broke, from its CAN bus. It only listens."""


def main() -> None:
    """Run the command line; whatever goes wrong is one line and an exit status."""
    prepare_terminal()
    # numpy's linear algebra, which nothing here uses, would start a thread for each core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        quicken(app, sys.argv[1:])()
    except CanlockError as error:
        warn(error)
        sys.exit(USAGE_STATUS)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_STATUS)
    except Exception as error:
        # A mistake of canlock's own; nobody at a car is helped by a traceback.
        if TRACEBACK_VARIABLE in os.environ:
            raise
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        warn(f"this is a mistake in canlock itself ({reason}); {TRACEBACK_VARIABLE}=1 shows where")
        sys.exit(USAGE_STATUS)
