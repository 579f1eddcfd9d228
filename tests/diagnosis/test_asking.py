"""Requests that the vehicle file promises and the tap does not show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import a_vehicle, entry

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.diagnosis.asking import as_shown
from canlock.diagnosis.diagnose import diagnose
from canlock.evaluation.sessions import cut_frames
from canlock.model.frames import FrameBatch
from canlock.model.operations import Operation
from canlock.model.verdict import Finding
from canlock.pipeline.analysis import Analysis, in_step
from canlock.pipeline.fitted import load_likelihoods
from canlock.simulation.drive import simulate
from diagnosis.diagnosis_builders import a_press, an_operation, detected, verdict

ASKING = ("request.fob", "fob.count")
SOUND = ("none", "by-design", "unknown")


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

    found = verdict_without(loaded, "FOB", seed)

    assert found.layer in SOUND


@pytest.mark.parametrize("name", ["bmw-e9x", "ford-fd1", "nissan-qashqai-j10", "vw-meb"])
def test_a_healthy_car_one_of_whose_messages_passes_on_another_bus_has_no_sure_fault(
    name: str,
) -> None:
    loaded = load_vehicle(name)
    for seed, message in enumerate(loaded.vehicle.messages):
        found = verdict_without(loaded, message.name, seed)

        assert found.layer in SOUND or not found.is_confident, message.name


def verdict_without(loaded: LoadedVehicle, message: str, seed: int) -> Finding:
    """Return the verdict on a healthy car where the tap does not carry one message."""
    key = loaded.vehicle.message(message).key
    drive = simulate(loaded, ("no-fault",), seed=seed, worlds="test")
    analysis = Analysis(loaded)
    for item in in_step(cut_frames(drive.frames), drive.marks):
        analysis.take(item.take(item.keys != key) if isinstance(item, FrameBatch) else item)
    return diagnose(analysis.detect(), loaded.vehicle, load_likelihoods()).findings[0]


def test_a_marked_press_that_the_car_answered_unseen_shows_that_the_tap_hides_it() -> None:
    answered = replace(a_press(10.0, is_seen=False, mark="press-fob-unlock"), flashes=2)
    unheard = a_press(30.0, is_seen=False, mark="press-fob-unlock")

    found, shown = as_shown(detected([answered, unheard]), a_vehicle())

    assert a_vehicle().roles() - shown.roles() == {"request.fob"}
    assert not any(operation.can_see_request for operation in found.operations)


def test_presses_that_nothing_followed_hide_nothing() -> None:
    found = detected([a_press(10.0 * n, is_seen=False, mark="press-fob-lock") for n in range(4)])

    assert as_shown(found, a_vehicle()) == (found, a_vehicle())
