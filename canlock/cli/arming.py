"""What a person has to say before anything is asked of a car."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from canlock.errors import CanlockError

if TYPE_CHECKING:
    from canlock.sources.obd.armed import Arming
    from canlock.sources.obd.gate import RequestGate

AllowRequests = Annotated[
    bool,
    typer.Option(
        "--allow-requests",
        help="Send read requests to the car. Without it nothing is put on its bus.",
    ),
]
CarStands = Annotated[
    bool,
    typer.Option("--car-stands", help="Confirm that the car stands, and will, meanwhile."),
]


def confirm_standing(*, is_confirmed: bool) -> bool:
    """Return whether the user says that the car stands; ask where there is somebody to ask."""
    if is_confirmed or not sys.stdin.isatty():
        return is_confirmed
    return typer.confirm("Does the car stand still, and will it until this is done?")


def refuse_moving(gate: RequestGate) -> None:
    """Refuse to begin where nobody says that the car stands.

    Raises:
        CanlockError: Nobody does.
    """
    if gate.is_moving:
        raise CanlockError(
            "requests are sent only to a car that stands; confirm it with --car-stands"
        )


def arm_polling(vehicle: str | None, channel: str | None, *, car_stands: bool) -> Arming:
    """Return what polling the BCM takes while its bus is watched; the user has allowed requests.

    Raises:
        CanlockError: It is not known whom to ask what, or that the car stands.
    """
    from canlock.decoding.vehicle_file import load_vehicle
    from canlock.sources.obd.armed import arm

    if vehicle is None:
        raise CanlockError(
            "with --allow-requests name the --vehicle: its file says whom to ask what"
        )
    if channel is not None and "," in channel:
        raise CanlockError("with --allow-requests give one channel: that on which the BCM answers")
    arming = arm(load_vehicle(vehicle).vehicle, stands=confirm_standing(is_confirmed=car_stands))
    refuse_moving(arming.gate)
    return arming
