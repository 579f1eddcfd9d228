"""The python-can interface `elm327`: an ELM327 or STN adapter as a CAN bus that is listened to.

```
can.Bus(interface="elm327", channel="/dev/ttyUSB0", bitrate=500_000)
can.Bus(interface="elm327", channel="socket://192.168.0.10:35000")
```

It sends nothing: while it monitors, the adapter puts no frame on the bus, and where it can it
holds back its acknowledgements too. `state` is `PASSIVE` where it confirmed that.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

from can import BusABC, BusState, CanInitializationError, CanOperationError, CanProtocol, Message

from canlock.errors import BusError
from canlock.model.frames import EXTENDED_BIT
from canlock.model.stream import StreamItem
from canlock.sources.elm327.acceptance import EXTENDED_MASK, STANDARD_MASK, IdMask, cover
from canlock.sources.elm327.adapter import Adapter, change_widths, start_up
from canlock.sources.elm327.interlude import Interlude
from canlock.sources.elm327.monitor import Heard, Monitor
from canlock.sources.elm327.plan import Plan, Watched, Window, line_rate, plan_windows
from canlock.sources.elm327.port import AdapterPort
from canlock.sources.elm327.voltage import VoltageLook

if TYPE_CHECKING:
    from can.typechecking import CanFilters

DEFAULT_BITRATE: Final = 500_000
"""Of a car's main bus; a body bus may have less. Never searched for."""

_SLICE_S: Final = 1.0
"""`recv` without a timeout waits in slices of this, so that an interrupt is heard."""


class Elm327Bus(BusABC):
    """An adapter that listens."""

    def __init__(
        self,
        channel: str,
        can_filters: CanFilters | None = None,
        bitrate: int | str = DEFAULT_BITRATE,
        baudrate: int | str | None = None,
        extended: bool | str | None = None,
        watch: Sequence[Watched] = (),
        voltage_every: float | str | None = None,
        **kwargs: Any,  # noqa: ANN401 (python-can hands on whatever its user wrote)
    ) -> None:
        """Open the port, set the adapter up and begin to listen.

        Args:
            channel: `/dev/ttyUSB0`, `COM3`, `socket://192.168.0.10:35000`; `@115200` behind a
                device's name is its baud rate.
            can_filters: As python-can has them; the adapter gets what covers them all.
            bitrate: Bits a second of the bus.
            baudrate: Bits a second of the serial line; None: found out.
            extended: Ids of 29 bits come (True), of 11 bits (False), or `both` where the chip can;
                None: as the filters have them, else 11 bits.
            watch: What is wanted and how often it comes: planned so that it fits the line, see
                `plan.plan_windows`. Takes the place of `can_filters` in the adapter.
            voltage_every: Seconds between two looks at the supply voltage; None: none.
            **kwargs: What python-can hands on besides.

        Raises:
            can.CanInitializationError: No adapter answers, or it cannot do what is needed.
        """
        self._watched = tuple(watch)
        self._can_protocol = CanProtocol.CAN_20
        self._monitor: Monitor | None = None
        self._bitrate = int(bitrate)
        self._extended = extended
        width = _id_width(extended, self._watched, can_filters)
        try:
            self._port = AdapterPort(channel, int(baudrate) if baudrate is not None else None)
        except BusError as error:
            raise CanInitializationError(str(error)) from error
        try:
            self.adapter: Adapter = start_up(self._port, self._bitrate, is_extended=width)
            self._monitor = Monitor(
                self._port,
                self.adapter,
                self._plan(can_filters),
                self._watched,
            )
            if voltage_every is not None:
                self.interject(VoltageLook(self._port, float(voltage_every)))
        except BusError as error:
            self._port.close()
            raise CanInitializationError(str(error)) from error
        name = self.adapter.stn or self.adapter.banner or "adapter without a name"
        self.channel_info = f"{name} at {self._port.channel} ({self.adapter.silence})"
        super().__init__(channel=channel, can_filters=can_filters, **kwargs)

    @property
    def plan(self) -> Plan:
        """What is listened to when."""
        return self._running.plan

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report has to say of how it was listened, in sentences."""
        return self._running.notes

    @property
    def counts(self) -> dict[str, int]:
        """How often something happened: `frames`, `overflows`, `damaged`, `bus errors` ..."""
        return dict(self._running.counts)

    @property
    def is_silent(self) -> bool:
        """The adapter confirmed that it acknowledges nothing."""
        return self.adapter.is_silent

    @property
    def state(self) -> BusState:
        """`PASSIVE` where the adapter confirmed that it acknowledges nothing."""
        return BusState.PASSIVE if self.adapter.is_silent else BusState.ACTIVE

    @state.setter
    def state(self, new_state: BusState) -> None:
        # What python-can's own buses raise where a state cannot be chosen.
        raise NotImplementedError("the adapter listens, whatever is asked of it")

    @property
    def port(self) -> AdapterPort:
        """The wire to the adapter; it belongs to whoever receives, and to interludes."""
        return self._port

    def interject(self, interlude: Interlude) -> None:
        """Let something else have the adapter between two stretches of listening."""
        self._running.interject(interlude)

    def take_side_items(self) -> list[StreamItem]:
        """Return what frames cannot show, since the last time; also after the bus was closed.

        Gaps in which frames may be missing, the supply voltage, what was polled, and every write
        to the adapter.
        """
        return self._running.take_side_items()

    def watch(self, messages: Sequence[Watched]) -> None:
        """Plan for what is wanted from now on, see `plan.plan_windows`; filters then only sort.

        A plan may listen to one group after the other: whoever calls this has to heed the gaps of
        `take_side_items`.

        Raises:
            can.CanOperationError: The port failed.
        """
        self._watched = tuple(messages)
        self._running.watch(self._watched)
        try:
            self._receive_widths()
        except BusError as error:
            raise CanOperationError(str(error)) from error
        self._change_plan(self._plan(self._filters))

    def _receive_widths(self) -> None:
        """Have ids of the wanted widths received, where nobody said which ones."""
        form = self.adapter.form
        wanted = {bool(one.key & EXTENDED_BIT) for one in self._watched if not one.is_optional}
        heard = {True: form.has_extended, False: form.has_standard}
        if self._extended is not None or all(heard[width] for width in wanted):
            return
        self._running.stop()
        is_extended = None if len(wanted) > 1 else True in wanted
        self.adapter = change_widths(
            self._port, self.adapter, self._bitrate, is_extended=is_extended
        )
        self._running.adapt(self.adapter)

    def send(self, msg: Message, timeout: float | None = None) -> NoReturn:
        """Refuse.

        Raises:
            can.CanOperationError: Always.
        """
        del msg, timeout
        raise CanOperationError(f"{self.channel_info}: it only listens; nothing was sent")

    def shutdown(self) -> None:
        """Stop the adapter and close its port."""
        super().shutdown()
        with suppress(BusError):
            if self._monitor is not None:
                self._monitor.end()
        self._port.close()

    @property
    def _running(self) -> Monitor:
        if self._monitor is None:
            raise CanOperationError("the bus is not open")
        return self._monitor

    def _recv_internal(self, timeout: float | None) -> tuple[Message | None, bool]:
        wait_s = _SLICE_S if timeout is None else max(0.0, timeout)
        try:
            item = self._running.receive(wait_s)
        except BusError as error:
            raise CanOperationError(str(error)) from error
        if item is None:
            return None, False
        if not isinstance(item, Heard):
            # True, or python-can's own filter drops it.
            return _error_message(item.at_s, self._port.channel), True
        frame = item.frame
        message = Message(
            timestamp=item.at_s,
            arbitration_id=frame.arbitration_id,
            is_extended_id=frame.is_extended,
            is_remote_frame=frame.is_remote,
            dlc=frame.dlc,
            data=None if frame.is_remote else frame.data,
            channel=self._port.channel,
        )
        return message, False

    def _apply_filters(self, filters: CanFilters | None) -> None:
        self._change_plan(self._plan(filters))

    def _change_plan(self, plan: Plan) -> None:
        monitor = self._running
        if plan.windows == monitor.plan.windows:
            return
        try:
            monitor.replace_plan(plan)
        except BusError as error:
            raise CanOperationError(str(error)) from error

    def _plan(self, filters: CanFilters | None) -> Plan:
        adapter = self.adapter
        if self._watched:
            return plan_windows(
                self._watched,
                self._port.baudrate,
                has_masks=adapter.has_masks,
                has_exact_filters=adapter.has_exact_filters,
            )
        masks = _masks_of(filters)
        if not adapter.has_exact_filters:
            covering = cover(masks) if adapter.has_masks else None
            masks = () if covering is None else (covering,)
        line_hz = line_rate(self._port.baudrate)
        return Plan("everything", (Window(masks, frozenset(), 0.0),), line_hz)


def _masks_of(filters: CanFilters | None) -> tuple[IdMask, ...]:
    """Return python-can's filters; one that does not say its width is taken as 11 bits."""
    masks = []
    for one in filters or ():
        is_extended = bool(one.get("extended", one["can_id"] > STANDARD_MASK))
        full = EXTENDED_MASK if is_extended else STANDARD_MASK
        masks.append(IdMask(one["can_id"] & full, one["can_mask"] & full, is_extended))
    return tuple(masks)


def _id_width(
    extended: bool | str | None, watched: Sequence[Watched], filters: CanFilters | None
) -> bool | None:
    """Return whether 29-bit ids come; None: both widths."""
    if isinstance(extended, str):
        word = extended.lower()
        if word == "both":
            return None
        return word in ("true", "1", "yes")
    if extended is not None:
        return extended
    widths = {bool(one.key & EXTENDED_BIT) for one in watched if not one.is_optional}
    if not watched:
        widths = {mask.is_extended for mask in _masks_of(filters)}
    return None if len(widths) > 1 else True in widths


def _error_message(at_s: float, channel: str) -> Message:
    return Message(timestamp=at_s, is_error_frame=True, is_extended_id=False, channel=channel)
