"""Opening a CAN interface for listening, and for nothing else.

No frame is sent, and where the adapter can hold back its acknowledgements too, it is told to.
Where the adapter or the kernel can hold back ids that nobody wants, it is told to do that too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final, NoReturn

from canlock.errors import BusError
from canlock.model.frames import EXTENDED_BIT
from canlock.model.link import Silence
from canlock.model.stream import StreamItem
from canlock.model.vehicle import Vehicle
from canlock.sources.sidefile import suggestion
from canlock.sources.silence import LISTEN_ONLY, silence_of

if TYPE_CHECKING:
    from can import BusABC, Message
    from can.typechecking import CanFilter

EXACT_FILTERS: Final = frozenset({"socketcan", "etas", "elm327"})
"""Interfaces that hold back ids by any number of filters, in the kernel or in the adapter."""

ONE_FILTER: Final = frozenset({"kvaser", "vector", "systec"})
"""Interfaces whose adapter has one filter for ids of a width: a mask that covers all of them."""

_ALL_BITS: Final = {False: 0x7FF, True: 0x1FFF_FFFF}
_KERNEL_BUFFER_BYTES: Final = 4 << 20
"""Asked of the system for a socket, so that a busy processor loses no frame; the system
gives as much as it allows."""

VOLTAGE_EVERY_S: Final = 20.0
"""Time between two looks at the supply voltage by an ELM327, which listens to nothing meanwhile;
while somebody is at the doors it does not look."""

_PORT_NAMES: Final = ("serialPortOrig", "_ser", "ser")
"""Under these names python-can's serial interfaces keep their port."""


class ListeningBus:
    """A bus that can be listened to and closed. Whoever asks it to send gets an error."""

    def __init__(self, bus: BusABC, name: str, interface: str, silence: Silence) -> None:
        """Take a bus over.

        Args:
            bus: The open bus.
            name: `interface:channel`, for messages.
            interface: python-can's name of the interface.
            silence: Whether the adapter holds back its acknowledgements too.
        """
        self._bus = bus
        self.name = name
        self.silence = silence
        self._interface = interface
        self._plan_failure: tuple[str, ...] = ()
        self.is_filtered = False
        """The adapter or the kernel holds back ids that nobody asked for."""

        # Whatever reaches the bus by another way than this wrapper cannot send either.
        vars(bus)["send"] = self.send

    @property
    def wrapped(self) -> BusABC:
        """The bus of python-can behind it, which cannot send either."""
        return self._bus

    def recv(self, timeout_s: float) -> Message | None:
        """Return the next message, or None where none came in time.

        Raises:
            Exception: Whatever the driver raises; the reader above lives with all of it.
        """
        return self._bus.recv(timeout_s)

    def narrow(self, keys: AbstractSet[int]) -> None:
        """Let the adapter or the kernel hold back other ids, where it can. Never raises.

        Other interfaces filter in Python, message by message, and slower than the reader does.

        Args:
            keys: Frame keys to let through; some more may come through all the same.
        """
        filters = bus_filters(self._interface, keys)
        if not filters:
            return
        try:
            self._bus.set_filters(filters)
        except Exception:  # All of them come, then, and the reader sorts them out.
            with contextlib.suppress(Exception):
                self._bus.set_filters(None)
        else:
            self.is_filtered = bool(getattr(self._bus, "_is_filtered", True))

    def plan(self, vehicle: Vehicle) -> None:
        """Let an adapter with a narrow line plan for what a vehicle needs, where it can.

        Its `watch` (see `elm327`) may listen to some ids after the others: what it leaves out
        meanwhile comes as gaps from `take_side_items`. Never raises.
        """
        watch = getattr(self._bus, "watch", None)
        if watch is None:
            return
        from canlock.sources.elm327.watch import watched_messages

        try:
            watch(watched_messages(vehicle))
        except Exception as error:
            self._plan_failure = (
                f"The adapter could not be told what to listen to: {first_line(error)}",
            )
        else:
            self._plan_failure = ()
            kind = getattr(getattr(self._bus, "plan", None), "kind", None)
            self.is_filtered = kind != "everything"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of how the adapter listens, in sentences."""
        return (*self._plan_failure, *getattr(self._bus, "notes", ()))

    def take_side_items(self) -> list[StreamItem]:
        """Return what the adapter tells besides frames, also after the bus was closed.

        Gaps, the supply voltage, what was polled, and what was written to the adapter.
        """
        take = getattr(self._bus, "take_side_items", None)
        return list(take()) if take is not None else []

    def has_failed(self) -> bool:
        """Say whether the driver says that its controller has left the bus (bus-off)."""
        try:
            return getattr(self._bus.state, "name", "") == "ERROR"
        except Exception:  # Many drivers do not tell.
            return False

    def send(self, *_message_and_timeout: object, **_named: object) -> NoReturn:
        """Refuse.

        Raises:
            BusError: Always.
        """
        raise BusError(f"{self.name}: canlock only listens here; nothing was sent")

    def take_leave(self) -> None:
        """Do what has to be done before the end; frames still come. Here that is nothing."""

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
    if found["interface"] == "elm327":
        found.setdefault("voltage_every", VOLTAGE_EVERY_S)
    return {**found, **silence}


def open_listening(options: Mapping[str, Any]) -> ListeningBus:
    """Open the bus that `bus_options` describes.

    Raises:
        BusError: The interface or its channel cannot be opened.
    """
    bus = open_bus(options)
    interface = str(options["interface"])
    silence = silence_of(interface, options.get("channel"), bus)
    return ListeningBus(bus, bus_name(options), interface, silence)


def open_bus(options: Mapping[str, Any]) -> BusABC:
    """Open a bus of python-can, with room for a burst. What comes of it may send.

    Raises:
        BusError: The interface or its channel cannot be opened.
    """
    import can

    try:
        bus = can.Bus(ignore_config=True, **options)
    except Exception as error:
        raise BusError(
            f"{bus_name(options)} cannot be opened: {first_line(error)}; "
            "is the adapter plugged in and its channel named as the system names it?"
        ) from error
    _ask_for_room(bus)
    return bus


def bus_filters(interface: str, keys: AbstractSet[int]) -> list[CanFilter]:
    """Return python-can filters that let some ids through; none where the interface has none."""
    if not keys or interface not in EXACT_FILTERS | ONE_FILTER:
        return []
    wide = sorted(key & ~EXTENDED_BIT for key in keys if key & EXTENDED_BIT)
    short = sorted(key for key in keys if not key & EXTENDED_BIT)
    if interface in EXACT_FILTERS:
        return [
            {"can_id": one, "can_mask": _ALL_BITS[is_wide], "extended": is_wide}
            for ids, is_wide in ((short, False), (wide, True))
            for one in ids
        ]
    if wide and short and interface != "vector":
        return []  # One filter for both widths would cover nearly everything.
    return [
        {"can_id": ids[0], "can_mask": _covering_mask(ids, is_wide), "extended": is_wide}
        for ids, is_wide in ((short, False), (wide, True))
        if ids
    ]


def _covering_mask(ids: Sequence[int], is_wide: bool) -> int:
    """Return the bits in which all of some ids agree."""
    differing = 0
    for one in ids:
        differing |= one ^ ids[0]
    return _ALL_BITS[is_wide] & ~differing


def _ask_for_room(bus: BusABC) -> None:
    import socket

    # SocketCAN and multicast; whatever else has no socket under these names.
    end = getattr(bus, "socket", None) or getattr(getattr(bus, "_multicast", None), "_socket", None)
    if not isinstance(end, socket.socket):
        return
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BUFFER_BYTES)


def read_setting(text: str) -> object:
    """Return a setting that was given as text: a number, yes or no, or the text itself."""
    import can

    value: object = can.util.cast_from_string(text.strip())
    return value


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
