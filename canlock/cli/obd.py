"""`canlock obd`: what an ELM327, or a CAN adapter, can read from the car. Never writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from canlock.cli.arming import AllowRequests, CarStands, confirm_standing, refuse_moving
from canlock.cli.output import say, warn
from canlock.errors import CanlockError

if TYPE_CHECKING:
    from canlock.decoding.vehicle_file import LoadedVehicle
    from canlock.model.frames import FrameBatch
    from canlock.model.stream import TroubleCode
    from canlock.sources.obd.bcm import BcmReader
    from canlock.sources.obd.gate import RequestGate
    from canlock.sources.obd.generic import GenericReading
    from canlock.sources.obd.record import ReadingRecord
    from canlock.sources.obd.requester import Requester

BITRATE = 500_000


def obd(  # noqa: PLR0913, PLR0917 - each is an option of the command.
    port: Annotated[
        str | None,
        typer.Argument(
            metavar="[PORT]",
            help="An ELM327: /dev/ttyUSB0, /dev/rfcomm0, COM3 or socket://192.168.0.10:35000.",
            show_default=False,
        ),
    ] = None,
    interface: Annotated[
        str | None,
        typer.Option("-i", "--interface", help="A CAN adapter instead, by python-can's name."),
    ] = None,
    channel: Annotated[str | None, typer.Option("-c", "--channel", help="Its channel.")] = None,
    bitrate: Annotated[
        int, typer.Option("-b", "--bitrate", metavar="N", help="Bits a second of the car's bus.")
    ] = BITRATE,
    baudrate: Annotated[
        int | None,
        typer.Option(
            "--baudrate",
            metavar="N",
            help="Bits a second of the serial line; without it, it is found out.",
        ),
    ] = None,
    vehicle: Annotated[
        str | None,
        typer.Option("--vehicle", metavar="V", help="Whose body computer is to be read, too."),
    ] = None,
    poll: Annotated[
        float,
        typer.Option(
            "--poll", metavar="SECONDS", min=0.0, help="Poll the body computer for so long."
        ),
    ] = 0.0,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record",
            metavar="FILE",
            help="Write polled inputs here, and what was read and sent to STEM.session.jsonl.",
        ),
    ] = None,
    allow_requests: AllowRequests = False,
    car_stands: CarStands = False,
    show_vin: Annotated[
        bool, typer.Option("--show-vin", help="Print the whole vehicle identification number.")
    ] = False,
) -> None:
    """Read supply voltage, trouble codes and the body computer. It never writes to the car.

    Without --allow-requests only the adapter itself is asked: who it is and the supply voltage.
    """
    if (port is None) == (interface is None):
        raise typer.BadParameter("give either the PORT of an ELM327 or --interface")
    if poll and record is None:
        raise typer.BadParameter("--poll needs --record FILE, so that it can be diagnosed")
    if not allow_requests:
        _ask_adapter_only(port, bitrate, baudrate, record)
        return
    _read_car(
        _Ways(port, interface, channel, bitrate, baudrate, vehicle),
        _load(vehicle),
        poll_s=poll,
        record=record,
        stands=confirm_standing(is_confirmed=car_stands),
        show_vin=show_vin,
    )


class _Ways:
    """How the car is reached."""

    def __init__(
        self,
        port: str | None,
        interface: str | None,
        channel: str | None,
        bitrate: int,
        baudrate: int | None,
        vehicle: str | None,
    ) -> None:
        self.port = port
        self.interface = interface
        self.channel = channel
        self.bitrate = bitrate
        self.baudrate = baudrate
        self.vehicle = vehicle
        """As the user named it."""

    def requester(self, loaded: LoadedVehicle, gate: RequestGate) -> Requester:
        """Open the way to the vehicle's body computer."""
        access = loaded.vehicle.bcm
        if access is None:
            raise CanlockError(f"{loaded.vehicle.id}: its vehicle file has no [bcm]")
        if self.port is None:
            from canlock.sources.obd.can_requester import open_requester

            return open_requester(self.interface, self.channel, access, gate, bitrate=self.bitrate)
        from canlock.sources.elm327.port import AdapterPort
        from canlock.sources.obd.elm_requester import open_requester as open_elm_requester

        adapter = AdapterPort(self.port, self.baudrate)
        try:
            return open_elm_requester(adapter, access, gate, bitrate=self.bitrate)
        except CanlockError:
            adapter.close()
            raise


def _load(vehicle: str | None) -> LoadedVehicle | None:
    if vehicle is None:
        return None
    from canlock.decoding.vehicle_file import load_vehicle

    return load_vehicle(vehicle)


def _ask_adapter_only(
    port: str | None, bitrate: int, baudrate: int | None, record: Path | None
) -> None:
    import time

    from canlock.model.stream import Sample
    from canlock.sources.elm327.adapter import start_up
    from canlock.sources.elm327.grade import name_voltage
    from canlock.sources.elm327.port import AdapterPort
    from canlock.sources.elm327.voltage import read_voltage
    from canlock.sources.session import SUFFIX, append_session
    from canlock.sources.sidefile import side_path

    if port is None:
        raise CanlockError("reading over a CAN adapter sends requests: it needs --allow-requests")
    adapter_port = AdapterPort(port, baudrate)
    try:
        adapter = start_up(adapter_port, bitrate, is_extended=False)
        volts = read_voltage(adapter_port)
    finally:
        adapter_port.close()
        sent = adapter_port.take_sent()
    if record is not None:
        measured = () if volts is None else (Sample(time.time(), "supply.voltage", volts),)
        append_session(side_path(record, SUFFIX), (*sent, *measured))
    say(f"Adapter: {adapter.stn or adapter.banner}")
    say(f"Supply:  {name_voltage(volts)}")
    say("Nothing was put on the car's bus. With --allow-requests, trouble codes are read as well.")


def _read_car(
    ways: _Ways,
    loaded: LoadedVehicle | None,
    *,
    poll_s: float,
    record: Path | None,
    stands: bool,
    show_vin: bool,
) -> None:
    from canlock.sources.obd.gate import RequestGate
    from canlock.sources.obd.record import ReadingRecord

    access = loaded.vehicle.bcm if loaded is not None else None
    if ways.port is None and access is None:
        raise CanlockError("over a CAN adapter the body computer is read: name the --vehicle")
    gate = RequestGate(
        is_armed=True, stands=stands, session=access.session if access is not None else None
    )
    refuse_moving(gate)
    with ReadingRecord(record, gate) as written:
        if ways.port is not None:
            _read_generic(ways.port, ways.baudrate, gate, written, show_vin=show_vin)
        if loaded is not None and access is not None:
            _read_bcm(ways, loaded, gate, written, poll_s=poll_s)
    say(f"Everything that was sent is written down in {written.path}.")


def _read_generic(
    port: str,
    baudrate: int | None,
    gate: RequestGate,
    written: ReadingRecord,
    *,
    show_vin: bool,
) -> None:
    from canlock.sources.obd.generic import read_generic

    reading = read_generic(port, gate, baudrate=baudrate)
    for line in describe_generic(reading, show_vin=show_vin):
        say(line)
    written.note_voltage(reading.volts)
    written.note_codes((*(reading.stored or ()), *(reading.pending or ())))


def describe_generic(reading: GenericReading, *, show_vin: bool) -> list[str]:
    """Return in lines what the car told."""
    from canlock.sources.elm327.grade import name_voltage
    from canlock.sources.obd.generic import mask_vin

    lines = [f"Supply:    {name_voltage(reading.volts)}"]
    if reading.protocol is None:
        lines.append("The car does not answer. Is its ignition on? That says nothing of its codes.")
        return lines
    lines.append(f"Protocol:  {reading.protocol}")
    vin = reading.vin
    lines.append(f"VIN:       {(vin if show_vin else mask_vin(vin)) if vin else 'no answer'}")
    lines.append(f"Stored:    {_codes_text(reading.stored)}")
    lines.append(f"Pending:   {_codes_text(reading.pending)}")
    readiness = reading.readiness
    if readiness is not None:
        lamp = "on" if readiness.is_lamp_on else "off"
        lines.append(f"Lamp:      {lamp}, {readiness.codes} codes stored by its own count")
    if readiness is None:
        lines.append("Readiness: no answer")
    elif readiness.unfinished:
        lines.append(f"Readiness: not run yet: {', '.join(readiness.unfinished)}")
        lines.append("           Codes may have been cleared: having none says little then.")
    else:
        lines.append("Readiness: every monitor has run")
    return lines


def _codes_text(codes: tuple[TroubleCode, ...] | None) -> str:
    if codes is None:
        return "no answer, which is not the same as no codes"
    return ", ".join(code.code for code in codes) or "none"


def _read_bcm(
    ways: _Ways,
    loaded: LoadedVehicle,
    gate: RequestGate,
    written: ReadingRecord,
    *,
    poll_s: float,
) -> None:
    from canlock.sources.obd.bcm import BcmReader

    access = loaded.vehicle.bcm
    if access is None:
        return
    requester = ways.requester(loaded, gate)
    try:
        with BcmReader(requester, access) as reader:
            say(f"BCM:       {reader.read_identity() or 'does not tell its part number'}")
            codes = reader.read_codes()
            for line in describe_bcm_codes(codes, is_kwp=access.protocol == "kwp"):
                say(line)
            written.note_codes(codes or ())
            if poll_s:
                _poll(reader, loaded, written, poll_s)
                _say_how_to_go_on(written, ways)
    finally:
        requester.close()


def describe_bcm_codes(codes: tuple[TroubleCode, ...] | None, *, is_kwp: bool) -> list[str]:
    """Return in lines what codes the body computer has."""
    if codes is None and is_kwp:
        return ["BCM codes: not read: it speaks KWP, whose service for codes canlock does not send"]
    if codes is None:
        return ["BCM codes: no answer, which is not the same as no codes"]
    if not codes:
        return ["BCM codes: none"]
    from canlock.sources.obd.status import name_status

    return [
        f"BCM codes: {code.code}-{code.failure_type} ({name_status(code.status)})" for code in codes
    ]


def _poll(reader: BcmReader, loaded: LoadedVehicle, written: ReadingRecord, poll_s: float) -> None:
    import time

    from canlock.model.stream import Gap
    from canlock.sources.obd.polling import poll_targets, poll_until
    from canlock.sources.writer import write_capture

    targets = poll_targets(loaded.vehicle)
    if not targets:
        warn(
            f"{loaded.vehicle.id}: no [[poll]] of its vehicle file feeds a role; nothing is polled"
        )
        return
    end = time.monotonic() + poll_s

    def frames() -> Iterator[FrameBatch]:
        try:
            for item in poll_until(reader, targets, lambda: time.monotonic() >= end):
                if isinstance(item, Gap):
                    written.note(item)
                else:
                    yield item
                written.flush()
        except CanlockError as error:
            # What was read until then is kept, and the reason told.
            warn(error)

    if written.capture is not None:
        say(f"Polling for {poll_s:g} s.")
        write_capture(written.capture, frames())


def _say_how_to_go_on(written: ReadingRecord, ways: _Ways) -> None:
    """Name the vehicle, too: polled answers alone do not tell of which car they are."""
    import shlex

    if written.capture is not None and written.capture.exists():
        command = ["canlock", "diagnose", str(written.capture), "--vehicle", ways.vehicle or ""]
        say(f"`{shlex.join(command)}` tells what broke.")
