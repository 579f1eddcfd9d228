"""Which adapter it is and how it was set up: found once at the start, by asking.

Nothing here puts a frame on the bus: all commands end in the adapter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from canlock.errors import BusError
from canlock.sources.elm327.exchange import Answer, ask, ask_twice, ensure, interrupt
from canlock.sources.elm327.lines import LineForm
from canlock.sources.elm327.port import FIRST_BAUDRATES, AdapterGoneError, AdapterPort

RESET_S: Final = 3.0
"""A reset takes 0.5-1 s and blinks its lights; slow Bluetooth links are given more."""

_PROBE_S: Final = 0.4
_FULL_RATE: Final = 500_000
"""The bit rate from which ATPB divides."""

_PROTOCOLS: Final = {
    (500_000, False): "6",
    (500_000, True): "7",
    (250_000, False): "8",
    (250_000, True): "9",
}
"""ATTP by bit rate and 29-bit ids."""

_USER_OPTIONS: Final = 0xE0
"""ATPB: any data length, 11-bit and 29-bit ids both received, no formatting."""

_VERSION: Final = re.compile(r"ELM327\s*v?\s*(\d+\.\d+\w?)", re.IGNORECASE)
_STN: Final = re.compile(r"(STN\d{4}|OBDLINK|SCANTOOL)", re.IGNORECASE)

_NEEDED: Final = ("ATH1",)
"""Without the headers there are no ids and so no frames."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """What is known of the adapter after its start-up."""

    banner: str
    """How it names itself: `ELM327 v1.5`."""

    version: str | None
    """Of the firmware that it claims to have."""

    stn: str | None
    """How its STN chip names itself; None: it has none."""

    baudrate: int
    lacks: tuple[str, ...]
    """Commands that it answered with `?`."""

    is_silent: bool
    """It confirmed that it holds back acknowledgements (ATCSM1)."""

    form: LineForm
    has_masks: bool
    """It confirmed one id filter and mask (ATCF, ATCM)."""

    has_exact_filters: bool
    """It filters by any number of ids (STFAP), and monitors by them (STM)."""

    @property
    def silence(self) -> str:
        """`silent: confirmed` or `silent: not confirmed`."""
        return "silent: confirmed" if self.is_silent else "silent: not confirmed"


def start_up(port: AdapterPort, bitrate: int, *, is_extended: bool | None = None) -> Adapter:
    """Find the adapter behind a port and set it up for monitoring.

    Args:
        port: The open port.
        bitrate: Bits a second of the bus. It is never guessed.
        is_extended: 29-bit ids only (True), 11-bit only (False), both where the chip can (None).

    Raises:
        BusError: No adapter answers, or it cannot do what is needed.
    """
    banner = find_adapter(port)
    lacks: list[str] = []

    def settle(command: str) -> Answer:
        answer = ask_twice(port, command)
        if answer.is_unknown or not answer.is_complete:
            lacks.append(command)
        return answer

    for command in ("ATE0", "ATL0", "ATH1", "ATS0", "ATD1"):
        settle(command)
    stn = _stn_name(settle("STI"))
    for command in ("ATCAF0", "ATCSM1", "ATCFC0", "ATAL"):
        settle(command)
    form = _choose_protocol(port, bitrate, is_extended, lacks)
    settle("ATCF000")
    settle("ATCM000")
    has_exact_filters = stn is not None and settle("STFCP").is_ok
    for command in _NEEDED:
        if command in lacks:
            raise BusError(
                f"{port.channel}: {banner or 'the adapter'} does not know {command}, so it cannot "
                "show which frame is which; canlock cannot use it"
            )
    version = _VERSION.search(banner)
    return Adapter(
        banner=banner,
        version=version[1] if version else None,
        stn=stn,
        baudrate=port.baudrate,
        lacks=tuple(dict.fromkeys(one for one in lacks if one != "STI")),
        is_silent="ATCSM1" not in lacks,
        form=replace(form, has_dlc="ATD1" not in lacks),
        has_masks="ATCF000" not in lacks and "ATCM000" not in lacks,
        has_exact_filters=has_exact_filters,
    )


def change_widths(
    port: AdapterPort, adapter: Adapter, bitrate: int, *, is_extended: bool | None
) -> Adapter:
    """Have ids of other widths received from now on, see `start_up`.

    Raises:
        BusError: The chip cannot, or the port failed.
    """
    lacks = list(adapter.lacks)
    form = _choose_protocol(port, bitrate, is_extended, lacks)
    return replace(
        adapter,
        form=replace(form, has_dlc=adapter.form.has_dlc),
        lacks=tuple(dict.fromkeys(lacks)),
    )


def listen_again(port: AdapterPort, adapter: Adapter) -> None:
    """Set an adapter that was used for asking up for monitoring again.

    Its filter is not what it was: whoever starts the monitor sets it anew.

    Raises:
        AdapterGoneError: The port failed.
    """
    for command in ("ATCAF0", "ATCFC0", *(("ATD1",) if adapter.form.has_dlc else ())):
        ask(port, command)


def find_adapter(port: AdapterPort) -> str:
    """Return the adapter's name; the port then has its baud rate, and the adapter is reset.

    Raises:
        BusError: No adapter answers.
    """
    is_searched = not (port.is_baudrate_given or port.is_socket)
    rates = dict.fromkeys((port.baudrate, *FIRST_BAUDRATES)) if is_searched else (port.baudrate,)
    for rate in rates:
        try:
            port.set_baudrate(rate)
        except AdapterGoneError:
            continue  # Not every driver knows every rate.
        if _answers(port):
            return _reset(port)
    tried = ", ".join(str(rate) for rate in rates)
    raise BusError(
        f"{port.channel}: nothing answers as an ELM327 does (tried {tried} baud); is the adapter "
        "plugged into the car, and is it this port?"
    )


def _answers(port: AdapterPort) -> bool:
    interrupt(port, _PROBE_S)
    # Twice: the first may be eaten by what stood half-written in the adapter.
    return any(ask(port, "ATI", _PROBE_S).is_complete for _ in range(2))


def _reset(port: AdapterPort) -> str:
    lines: tuple[str, ...] = ()
    for command in ("ATZ", "ATWS"):
        answer = ask(port, command, RESET_S)
        lines = answer.lines
        if answer.is_complete and not answer.is_unknown:
            break
    else:
        raise BusError(f"{port.channel}: the adapter does not come back from its reset")
    named = [line for line in lines if _VERSION.search(line)]
    return (named or [line for line in lines if line.isprintable()] or [""])[-1]


def _stn_name(answer: Answer) -> str | None:
    if answer.is_unknown or not answer.is_complete:
        return None
    return next((line for line in answer.lines if _STN.search(line)), None)


def _choose_protocol(
    port: AdapterPort, bitrate: int, is_extended: bool | None, lacks: list[str]
) -> LineForm:
    """Set bit rate and id width; return which widths come then.

    Raises:
        BusError: The chip cannot have this bit rate.
    """
    both = LineForm()
    if is_extended is None:
        if _set_user_protocol(port, bitrate):
            return both
        lacks.append("ATPB")
    number = _PROTOCOLS.get((bitrate, bool(is_extended)))
    if number is not None:
        if ensure(port, f"ATTP{number}"):
            return LineForm(has_standard=not is_extended, has_extended=bool(is_extended))
        raise BusError(f"{port.channel}: the adapter refuses CAN at {bitrate} bit/s (ATTP{number})")
    if is_extended is not None and _set_user_protocol(port, bitrate):
        return both
    raise BusError(
        f"{port.channel}: the adapter cannot have {bitrate} bit/s, only 500000 divided by a whole "
        "number up to 255"
    )


def _set_user_protocol(port: AdapterPort, bitrate: int) -> bool:
    divisor, rest = divmod(_FULL_RATE, bitrate)
    if rest or not 0 < divisor <= 0xFF:  # noqa: PLR2004 (one byte)
        return False
    is_set = ensure(port, f"ATPB{_USER_OPTIONS:02X}{divisor:02X}")
    return is_set and ensure(port, "ATTPB")
