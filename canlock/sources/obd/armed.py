"""Opening a bus that is listened to and, armed by the user, polls the BCM meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from canlock.errors import BusError
from canlock.model.vehicle import BcmAccess, Vehicle
from canlock.sources.elm327.acceptance import STANDARD_MASK
from canlock.sources.listening import ListeningBus, bus_name, open_bus, open_listening
from canlock.sources.obd.asking_bus import ARMED, AskingBus
from canlock.sources.obd.bcm import BcmReader
from canlock.sources.obd.can_requester import is_installed
from canlock.sources.obd.elm_polling import ElmPolling
from canlock.sources.obd.elm_requester import ElmRequester
from canlock.sources.obd.gate import RequestGate
from canlock.sources.obd.live_polling import LivePolling
from canlock.sources.obd.polling import PollTarget, poll_targets
from canlock.sources.silence import LISTEN_ONLY


@dataclass(frozen=True, slots=True)
class Arming:
    """What may be asked, of whom, and who decides whether it may go out."""

    access: BcmAccess
    targets: tuple[PollTarget, ...]
    gate: RequestGate


def arm(vehicle: Vehicle, *, stands: bool) -> Arming:
    """Return what polling a vehicle takes; to be called only where the user allowed it.

    Args:
        vehicle: Its `[bcm]` and `[[poll]]` say whom to ask what.
        stands: The user confirmed that the car stands.

    Raises:
        BusError: Its vehicle file names no BCM, or nothing to poll.
        RequestRefusedError: The vehicle file names a programming session.
    """
    targets = poll_targets(vehicle)
    if vehicle.bcm is None or not targets:
        lack = "[bcm]" if vehicle.bcm is None else "[[poll]] that feeds a role"
        raise BusError(
            f"{vehicle.id}: its vehicle file has no {lack}, so there is nothing to ask: leave "
            "--allow-requests out"
        )
    gate = RequestGate(is_armed=True, stands=stands, session=vehicle.bcm.session)
    return Arming(vehicle.bcm, targets, gate)


def open_armed(options: Mapping[str, Any], arming: Arming) -> ListeningBus:
    """Open the bus that `listening.bus_options` describes, to listen to it and to poll.

    Raises:
        BusError: It cannot be opened, or it cannot ask.
    """
    if options["interface"] == "elm327":
        return _open_elm(options, arming)
    if not is_installed():
        raise BusError("asking the BCM needs can-isotp: pip install 'canlock[uds]'")
    interface = str(options["interface"])
    silence = LISTEN_ONLY.get(interface, {})
    active = {name: value for name, value in options.items() if name not in silence}
    name = bus_name(options)
    bus = open_bus(active)
    return AskingBus(bus, name, interface, arming.access, arming.targets, arming.gate)


def _open_elm(options: Mapping[str, Any], arming: Arming) -> ListeningBus:
    from canlock.sources.elm327.bus import Elm327Bus

    listening = open_listening(options)
    bus = listening.wrapped
    if not isinstance(bus, Elm327Bus):
        raise BusError(f"{listening.name}: another interface of this name is installed")
    is_wide = arming.access.request > STANDARD_MASK
    if is_wide and not bus.adapter.form.has_extended:
        listening.shutdown()
        raise BusError(
            f"{listening.name}: the BCM is asked with ids of 29 bits; open the adapter for them "
            "with --bus-kwargs extended=true"
        )
    listening.silence = ARMED
    port = bus.port
    requester = ElmRequester(port, bus.adapter, arming.access, arming.gate)
    try:
        requester.prepare()  # An adapter that cannot ask is to say so now.
    except BusError:
        listening.shutdown()
        raise
    reader = BcmReader(requester, arming.access, clock=port.now, sleep=port.sleep)
    bus.interject(ElmPolling(port, requester, LivePolling(reader, arming.targets), arming.gate))
    return listening
