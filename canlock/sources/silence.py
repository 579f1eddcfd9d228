"""Which adapters can hold back their acknowledgements too, and whether one does.

A node that only never sends still acknowledges what it hears, and at a wrong bit rate it destroys
what the others send. Listen-only mode is a setting of the adapter, spelt otherwise by each
interface of python-can, which swallows settings that an interface does not know. So each stands
here by its interface, as the drivers of python-can 4.6 spell it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from canlock.model.link import Silence

LISTEN_ONLY: Final[Mapping[str, Mapping[str, object]]] = {
    "slcan": {"listen_only": True},
    "vector": {"listen_only": True},
    "nixnet": {"listen_only": True},
    "cantact": {"monitor": True},
    "seeedstudio": {"operation_mode": "silent"},
    "pcan": {"state": "PASSIVE"},
    "systec": {"state": "PASSIVE"},
    "kvaser": {"driver_mode": False},
}
"""What makes an interface silent; `state` is a `can.BusState`."""

NO_CAR: Final = frozenset({"virtual", "udp_multicast"})
"""Interfaces that lead to no car."""

NOT_SILENT: Final[Mapping[str, str]] = {
    "gs_usb": "its driver has no such option; on Linux it is also can0, where listen-only can be "
    "set with `ip link set can0 type can bitrate N listen-only on`",
    "socketcand": "the mode is set on the computer that shares the bus",
}
"""Why not, where there is more to say than that the driver has no option."""

_NO_OPTION: Final = "python-can's driver for this interface has no listen-only option"
_PASSIVE: Final = "PASSIVE"
_VIRTUAL_LINKS: Final = frozenset({"vcan", "vxcan"})
_ASK_S: Final = 5.0


def silence_of(interface: str, channel: object, bus: object) -> Silence:
    """Return whether an open bus is silent, as far as that can be known.

    Args:
        interface: python-can's name of the interface.
        channel: Its channel.
        bus: The open bus, asked where its driver tells its own state.
    """
    if interface in NO_CAR:
        return Silence(True, "no car is on a virtual bus")
    if interface == "socketcan":
        return _socketcan_silence(str(channel))
    told = getattr(bus, "is_silent", None)
    if isinstance(told, bool):
        return Silence(told, "the adapter says so" if told else "the adapter cannot be told to be")
    if interface not in LISTEN_ONLY:
        return Silence(False, NOT_SILENT.get(interface, _NO_OPTION))
    if LISTEN_ONLY[interface].get("state") == _PASSIVE:
        state = _state_of(bus)
        if state != _PASSIVE:
            return Silence(False, f"the adapter was told to be passive and says that it is {state}")
    ((option, value),) = LISTEN_ONLY[interface].items()
    return Silence(True, f"opened with {option}={value}")


def _state_of(bus: object) -> str:
    try:
        return str(getattr(getattr(bus, "state", None), "name", "unknown"))
    except Exception:  # A driver that cannot tell may raise anything.
        return "unknown"


def _socketcan_silence(channel: str) -> Silence:
    """Ask the system how a SocketCAN interface is set up; python-can cannot tell."""
    link = _ask_ip(channel)
    if link is None:
        return Silence(False, f"the program `ip`, which knows how {channel} is set up, cannot tell")
    kind = link.get("linkinfo", {})
    if kind.get("info_kind") in _VIRTUAL_LINKS:
        return Silence(True, "no car is on a virtual bus")
    if "LISTEN-ONLY" in kind.get("info_data", {}).get("ctrlmode", ()):
        return Silence(True, f"{channel} is up in listen-only mode")
    return Silence(
        False,
        f"{channel} is not in listen-only mode; `sudo ip link set {channel} down` and then "
        f"`sudo ip link set {channel} up type can bitrate N listen-only on` mend it",
    )


def _ask_ip(channel: str) -> dict[str, Any] | None:
    program = shutil.which("ip")
    if program is None:
        return None
    try:
        told = subprocess.run(
            [program, "-json", "-details", "link", "show", "dev", channel],
            capture_output=True,
            timeout=_ASK_S,
            check=True,
        ).stdout
        links = json.loads(told)
        return dict(links[0])
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError):
        return None
