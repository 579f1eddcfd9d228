"""Requests that the vehicle file promises and the tap does not show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from detection.detection_builders import a_vehicle, entry

from canlock.decoding.vehicle_file import load_vehicle
from canlock.diagnosis.asking import as_shown
from canlock.diagnosis.diagnose import diagnose
from canlock.evaluation.sessions import cut_frames
from canlock.model.frames import FrameBatch
from canlock.model.operations import Operation
from canlock.model.stream import StreamItem
from canlock.pipeline.analysis import Analysis, in_step
from canlock.pipeline.fitted import load_likelihoods
from canlock.simulation.drive import simulate
from diagnosis.diagnosis_builders import a_press, an_operation, detected, verdict

ASKING = ("request.fob", "fob.count")


def ordered(after_s: float, action: str, requestor: str | None) -> Operation:
    """An order that names who asked, with no asking seen."""
    operation = an_operation(after_s, action, is_asked=False)
    assert operation.command is not None
    return replace(operation, command=replace(operation.command, requestor=requestor))


def orders(requestor: str | None) -> list[Operation]:
    return [ordered(20.0 * n, "lock" if n % 2 else "unlock", requestor) for n in range(6)]


def test_orders_that_name_a_fob_which_was_never_seen_show_that_the_tap_hides_it() -> None:
    vehicle = a_vehicle(extra=[entry("fob.count", "RKE")])
    unheard = a_press(130.0, is_seen=False, mark="press-fob-unlock")

    found, shown = as_shown(detected([*orders("fob"), unheard]), vehicle)

    assert vehicle.roles() - shown.roles() == set(ASKING)
    assert [operation.can_see_request for operation in found.operations] == [False] * 7


def test_one_press_that_was_seen_shows_that_the_tap_has_them() -> None:
    found = detected([*orders("fob"), an_operation(130.0)])

    assert as_shown(found, a_vehicle()) == (found, a_vehicle())


@pytest.mark.parametrize("requestor", [None, "other", "handle", "auto-lock"])
def test_an_order_that_names_nobody_or_what_is_not_mapped_hides_nothing(
    requestor: str | None,
) -> None:
    found = detected(orders(requestor))

    assert as_shown(found, a_vehicle()) == (found, a_vehicle())


def test_an_order_in_a_gap_hides_nothing() -> None:
    found = detected([replace(one, is_gapped=True) for one in orders("fob")])

    assert as_shown(found, a_vehicle()) == (found, a_vehicle())


def test_orders_of_a_fob_that_the_tap_hides_are_no_glitch() -> None:
    assert verdict(detected(orders("fob"))).fault == "no-fault"


def test_the_same_orders_are_odd_where_presses_are_seen() -> None:
    ghosts = [an_operation(10.0), an_operation(20.0, "lock"), *orders("fob")[2:]]

    assert verdict(detected(ghosts)).fault != "no-fault"


@pytest.mark.parametrize("seed", range(6))
def test_a_healthy_car_whose_fob_passes_on_another_bus_has_no_fault(seed: int) -> None:
    loaded = load_vehicle("bmw-e9x")
    fob = loaded.vehicle.message("FOB").key
    drive = simulate(loaded, ("no-fault",), seed=seed, worlds="test")
    analysis = Analysis(loaded)

    for item in without(fob, in_step(cut_frames(drive.frames), drive.marks)):
        analysis.take(item)

    finding = diagnose(analysis.detect(), loaded.vehicle, load_likelihoods()).findings[0]
    assert finding.layer in ("none", "by-design", "unknown")


def without(key: int, items: Iterator[StreamItem]) -> Iterator[StreamItem]:
    for item in items:
        yield item.take(item.keys != key) if isinstance(item, FrameBatch) else item
