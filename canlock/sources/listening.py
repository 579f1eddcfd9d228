"""Opening a CAN interface for listening, and for nothing else.

No frame is sent, and where the adapter can hold back its acknowledgements too, it is told to.
python-can swallows options that an interface does not know, so each stands here by its interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

from canlock.errors import BusError
from canlock.sources.sidefile import suggestion

if TYPE_CHECKING:
    from can import BusABC, Message

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
"""What makes an interface silent, as the drivers of python-can 4.6 spell it; `state` is a
`can.BusState`. The other interfaces have no such option, or theirs is set outside python-can."""

_PORT_NAMES: Final = ("serialPortOrig", "_ser", "ser")
"""Under these names python-can's serial interfaces keep their port."""


class ListeningBus:
    """A bus that can be listened to and closed. Whoever asks it to send gets an error."""

    def __init__(self, bus: BusABC, name: str, *, is_listen_only: bool) -> None:
        """Take a bus over.

        Args:
            bus: The open bus.
            name: `interface:channel`, for messages.
            is_listen_only: The adapter was told not to acknowledge either.
        """
        self._bus = bus
        self.name = name
        self.is_listen_only = is_listen_only

    def recv(self, timeout_s: float) -> Message | None:
        """Return the next message, or None where none came in time.

        Raises:
            Exception: Whatever the driver raises; the reader above lives with all of it.
        """
        return self._bus.recv(timeout_s)

    def send(self, *_message_and_timeout: object) -> NoReturn:
        """Refuse.

        Raises:
            BusError: Always.
        """
        raise BusError(f"{self.name}: canlock only listens here; nothing was sent")

    def shutdown(self) -> None:
        """Close the bus and its port, whatever the driver makes of it. Never raises."""
        try:
            self._bus.shutdown()
        except Exception:  # A pulled cable makes drivers fail before they have closed their port.
            for name in _PORT_NAMES:
                _close_quietly(getattr(self._bus, name, None))


def bus_options(
    interface: str | None,
    channel: str | None,
    bitrate: int | None = None,
    options: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Return everything that opens a bus: what is given, python-can's configuration, silence.

    Args:
        interface: python-can's name of the interface; None: as configured.
        channel: Its channel; None: as configured, or the interface's own default.
        bitrate: Bits a second; None: as configured. It is never guessed.
        options: Further keyword arguments of the interface.

    Raises:
        BusError: There is no such interface, or python-can's configuration is wrong.
    """
    import can

    given = {"interface": interface, "channel": channel, "bitrate": bitrate, **(options or {})}
    try:
        found: dict[str, Any] = {
            **can.util.load_config(config={key: v for key, v in given.items() if v is not None})
        }
    except can.CanInterfaceNotImplementedError as error:
        raise BusError(_interface_text(interface, error)) from error
    except Exception as error:
        raise BusError(f"python-can's configuration cannot be used: {first_line(error)}") from error
    silence = dict(LISTEN_ONLY.get(found["interface"], {}))
    if "state" in silence:
        silence["state"] = can.BusState.PASSIVE
    return {**found, **silence}


def open_listening(options: Mapping[str, Any]) -> ListeningBus:
    """Open the bus that `bus_options` describes.

    Raises:
        BusError: The interface or its channel cannot be opened.
    """
    import can

    name = bus_name(options)
    try:
        bus = can.Bus(ignore_config=True, **options)
    except Exception as error:
        raise BusError(
            f"{name} cannot be opened: {first_line(error)}; "
            "is the adapter plugged in and its channel named as the system names it?"
        ) from error
    return ListeningBus(bus, name, is_listen_only=options["interface"] in LISTEN_ONLY)


def bus_name(options: Mapping[str, Any]) -> str:
    """Return `interface:channel`."""
    channel = options.get("channel")
    return str(options["interface"]) if channel is None else f"{options['interface']}:{channel}"


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, or its name where it says nothing."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _interface_text(interface: str | None, error: Exception) -> str:
    import can

    known = sorted(can.VALID_INTERFACES)
    if interface is None and "None" in str(error):
        return (
            "no CAN interface given; name one with --interface, in CAN_INTERFACE or in "
            "python-can's configuration file"
        )
    return (
        f"{first_line(error)}{suggestion(interface or '', known)}; python-can knows "
        f"{', '.join(known)}"
    )


def _close_quietly(port: object) -> None:
    close = getattr(port, "close", None)
    if callable(close):
        try:
            close()
        except Exception:
            return  # It is gone; there is nothing left to close.
