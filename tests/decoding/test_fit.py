"""A capture's car is recognised by ids and lengths, and never where chance could explain them."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.decoding.catalogue import shipped_vehicles
from canlock.decoding.database import Databases
from canlock.decoding.fit import (
    LEAST_BITS,
    LEAST_LEAD_BITS,
    LEAST_SHARE,
    fitting_vehicles,
    recognise_vehicle,
    weigh_vehicles,
)
from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.errors import VehicleFileError, VehicleUnknownError
from canlock.model.frames import frame_key
from canlock.model.vehicle import Alive, MessageFacts, Poll, SignalMap, Vehicle

CAPTURES = Path(__file__).parents[2].parent / "shared" / "captures"
needs_captures = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the real captures in ../shared/captures are not here"
)
BACKGROUND = {key: {8} for key in range(0x400, 0x41E)}
"""Ids of a bus that no vehicle here maps."""


def a_vehicle(
    vehicle_id: str = "car",
    keys: Collection[int] = (0x100, 0x200, 0x300),
    *,
    length: int = 8,
    on_events: Collection[int] = (),
    polled: Collection[int] = (),
) -> Vehicle:
    """Return a vehicle with a lock status in the first message and something else in the others."""
    every = (*keys, *on_events, *polled)
    return Vehicle(
        id=vehicle_id,
        name=vehicle_id,
        doors=("driver",),
        signals=tuple(
            SignalMap("lock.status" if key == every[0] else "power.state", (f"M{key:X}.Signal",))
            for key in every
        ),
        messages=tuple(
            MessageFacts(f"M{key:X}", key, length, period_s=0.1 if key in keys else None)
            for key in every
        ),
        alive=(Alive("bcm", f"M{every[0]:X}", 0.1),),
        polls=tuple(Poll(b"\x21\x47", f"M{key:X}", 1.0) for key in polled),
    )


def name_fitting(census: Mapping[int, Collection[int]], *vehicles: Vehicle) -> list[str]:
    return [fit.vehicle.id for fit in fitting_vehicles(census, vehicles)]


def test_a_car_whose_messages_are_all_there_fits() -> None:
    census = {**BACKGROUND, 0x100: {8}, 0x200: {8}, 0x300: {8}}
    (fit,) = fitting_vehicles(census, [a_vehicle()])
    assert fit.share == 1.0
    assert [facts.key for facts in fit.seen] == [0x100, 0x200, 0x300]
    assert fit.missing == fit.shorter == ()


def test_another_car_does_not_fit() -> None:
    (fit,) = weigh_vehicles(BACKGROUND, [a_vehicle()])
    assert not fit.is_sound
    assert [facts.key for facts in fit.missing] == [0x100, 0x200, 0x300]
    assert name_fitting(BACKGROUND, a_vehicle()) == []


@pytest.mark.parametrize(
    ("seen", "fits"),
    [
        pytest.param([0x100, 0x200], True, id="one light message of three lost"),
        pytest.param([0x200, 0x300], False, id="the lock status lost"),
        pytest.param([0x100], False, id="the lock status alone"),
    ],
)
def test_a_majority_must_be_there_and_the_locks_count_double(
    seen: list[int], *, fits: bool
) -> None:
    census = {**BACKGROUND, **{key: {8} for key in seen}}
    (fit,) = weigh_vehicles(census, [a_vehicle()])
    assert fits == (fit.share >= LEAST_SHARE)
    assert fits == bool(name_fitting(census, a_vehicle()))


def test_the_more_ids_a_bus_carries_the_more_must_be_seen() -> None:
    seen: dict[int, set[int]] = {0x100: {8}, 0x200: {8}}
    dense = {key: {8} for key in range(0x400, 0x500)}
    assert name_fitting({**BACKGROUND, **seen}, a_vehicle()) == ["car"]
    assert name_fitting({**dense, **seen}, a_vehicle()) == []
    assert name_fitting({**dense, **seen, 0x300: {8}}, a_vehicle()) == ["car"]


@pytest.mark.parametrize(
    ("length", "share"),
    [pytest.param(7, -1.0, id="shorter"), pytest.param(8, 1.0, id="exact"),
     pytest.param(12, 0.5, id="longer")],
)  # fmt: skip
def test_a_length_speaks_for_a_car_or_against_it(length: int, share: float) -> None:
    census = {**BACKGROUND, 0x100: {length}, 0x200: {length}, 0x300: {length}}
    (fit,) = weigh_vehicles(census, [a_vehicle()])
    assert fit.share == share


def test_cut_off_frames_beside_whole_ones_change_nothing() -> None:
    census = {**BACKGROUND, 0x100: {8, 3}, 0x200: {8, 0}, 0x300: {8}}
    assert name_fitting(census, a_vehicle()) == ["car"]


def test_a_message_seen_only_too_short_is_another_cars() -> None:
    census = {**BACKGROUND, 0x100: {8}, 0x200: {8}, 0x300: {4}}
    (fit,) = weigh_vehicles(census, [a_vehicle()])
    assert [facts.key for facts in fit.shorter] == [0x300]
    assert not fit.is_sound


def test_messages_sent_only_on_events_may_be_absent() -> None:
    census = {**BACKGROUND, 0x100: {8}, 0x200: {8}, 0x300: {8}}
    vehicle = a_vehicle(on_events=(0x23A, 0x0FA))
    assert fitting_vehicles(census, [vehicle])[0].share == 1.0


def test_messages_sent_on_events_speak_for_the_car_where_they_are_there() -> None:
    vehicle = a_vehicle(on_events=(0x23A,))
    census = {**BACKGROUND, 0x100: {8}, 0x200: {8}, 0x300: {8}}
    (without,) = weigh_vehicles(census, [vehicle])
    (with_it,) = weigh_vehicles({**census, 0x23A: {8}}, [vehicle])
    assert with_it.bits > without.bits


def test_polled_messages_are_not_looked_for() -> None:
    vehicle = a_vehicle(polled=(0x765,))
    (fit,) = weigh_vehicles(BACKGROUND, [vehicle])
    assert [facts.key for facts in fit.missing] == [0x100, 0x200, 0x300]


def test_where_no_period_is_known_every_message_is_looked_for() -> None:
    vehicle = a_vehicle(keys=(), on_events=(0x100, 0x200, 0x300))
    (fit,) = weigh_vehicles({**BACKGROUND, 0x100: {8}}, [vehicle])
    assert [facts.key for facts in fit.missing] == [0x200, 0x300]
    assert fit.share == 0.5


def test_a_filtered_log_needs_no_majority() -> None:
    keys = tuple(range(0x100, 0x10A))
    (filtered,) = weigh_vehicles({key: {8} for key in keys[:5]}, [a_vehicle(keys=keys)])
    assert filtered.share < LEAST_SHARE
    assert filtered.is_sound
    census = {**BACKGROUND, **{key: {8} for key in keys[:5]}}
    assert name_fitting(census, a_vehicle(keys=keys)) == []


def test_one_id_alone_is_not_enough() -> None:
    (fit,) = weigh_vehicles({0x100: {8}}, [a_vehicle(keys=(0x100,))])
    assert fit.share == 1.0
    assert fit.bits < LEAST_BITS
    assert not fit.is_sound


@pytest.mark.parametrize("lengths", [{8}, set(range(9))], ids=["all alike", "all lengths"])
def test_on_a_bus_with_every_id_seeing_one_means_nothing(lengths: set[int]) -> None:
    census = dict.fromkeys(range(2048), lengths)
    (fit,) = weigh_vehicles(census, [a_vehicle()])
    assert fit.share == 1.0
    assert not fit.is_sound


def test_of_two_cars_the_clearly_better_is_taken() -> None:
    small = a_vehicle("small", (0x100, 0x200, 0x300))
    large = a_vehicle("large", (0x100, 0x200, 0x300, 0x301, 0x302, 0x303))
    census = {**BACKGROUND, **{key: {8} for key in (0x100, 0x200, 0x300, 0x301, 0x302, 0x303)}}
    fits = weigh_vehicles(census, [small, large])
    assert [fit.is_sound for fit in fits] == [True, True]
    assert fits[0].bits - fits[1].bits > LEAST_LEAD_BITS
    assert name_fitting(census, small, large) == ["large"]


def test_of_two_cars_of_nearly_equal_right_both_are_named() -> None:
    one, other = a_vehicle("one"), a_vehicle("other", (0x100, 0x200, 0x301))
    census = {**BACKGROUND, 0x100: {8}, 0x200: {8}, 0x300: {8}, 0x301: {8}}
    assert sorted(name_fitting(census, one, other)) == ["one", "other"]


def test_11_and_29_bit_ids_are_not_the_same() -> None:
    census = {frame_key(key, is_extended=True): {8} for key in (0x100, 0x200, 0x300)}
    assert name_fitting({**BACKGROUND, **census}, a_vehicle()) == []
    extended = a_vehicle(keys=tuple(census))
    assert name_fitting({**BACKGROUND, **census}, extended) == ["car"]


CENSUS = st.dictionaries(
    st.integers(0, 0x7FF) | st.integers(0x8000_0000, 0x9FFF_FFFF),
    st.sets(st.integers(0, 64), min_size=1, max_size=3),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(CENSUS, st.sets(st.integers(0, 0x7FF), min_size=1, max_size=8), st.integers(0, 64))
def test_any_census_gives_finite_bits_and_a_share(
    census: dict[int, set[int]], keys: set[int], length: int
) -> None:
    (fit,) = weigh_vehicles(census, [a_vehicle(keys=tuple(sorted(keys)), length=length)])
    assert -1.0 <= fit.share <= 1.0
    assert abs(fit.bits) < 30 * (len(keys) + 1)
    assert len(fit.seen) + len(fit.missing) + len(fit.shorter) == len(keys)


def make_loader(*vehicles: Vehicle) -> dict[Path, LoadedVehicle]:
    return {Path(f"{v.id}.toml"): LoadedVehicle(v, Databases()) for v in vehicles}


def test_the_recognised_vehicle_is_the_loaded_one() -> None:
    files = make_loader(a_vehicle("one"), a_vehicle("other", (0x101, 0x201, 0x301)))
    census = {**BACKGROUND, 0x101: {8}, 0x201: {8}, 0x301: {8}}
    found = recognise_vehicle(census, files.__getitem__, list(files))
    assert found is files[Path("other.toml")]


def test_where_none_fits_it_is_told_what_was_missing() -> None:
    files = make_loader(a_vehicle("near"), a_vehicle("far", (0x101, 0x201, 0x301, 0x302, 0x303)))
    census = {**BACKGROUND, 0x100: {8}, 0x300: {4}}
    with pytest.raises(VehicleUnknownError) as caught:
        recognise_vehicle(census, files.__getitem__, list(files))
    assert str(caught.value) == (
        "no shipped vehicle fits these frames: name the car with `--vehicle NAME`, or with "
        "`--vehicle FILE.toml` one that you wrote (`near`: seen 0x100 M100, missing 0x200 M200, "
        "too short 0x300 M300; nothing was seen of `far`)"
    )


def test_where_several_fit_they_are_named() -> None:
    files = make_loader(a_vehicle("one"), a_vehicle("other"))
    census = {**BACKGROUND, 0x100: {8}, 0x200: {8}, 0x300: {8}}
    with pytest.raises(VehicleUnknownError) as caught:
        recognise_vehicle(census, files.__getitem__, list(files))
    told = "several shipped vehicles fit these frames, `one`, `other`: name the car with `--vehicle"
    assert str(caught.value).startswith(told)


def test_without_frames_nothing_is_recognised() -> None:
    files = make_loader(a_vehicle())
    with pytest.raises(VehicleUnknownError, match="there are no frames by which to recognise"):
        recognise_vehicle({}, files.__getitem__, list(files))


def test_a_vehicle_that_cannot_be_loaded_does_not_hide_the_others() -> None:
    files = make_loader(a_vehicle("right"))

    def load(path: Path) -> LoadedVehicle:
        if path not in files:
            raise VehicleFileError(f"{path}:1: wrong")
        return files[path]

    paths = [Path("broken.toml"), *files]
    census = {0x100: {8}, 0x200: {8}, 0x300: {8}}
    assert recognise_vehicle(census, load, paths).vehicle.id == "right"
    with pytest.raises(VehicleUnknownError, match=r"`broken` cannot be loaded: broken\.toml:1: w"):
        recognise_vehicle(BACKGROUND, load, paths)


def read_census(name: str, *, without_each: int | None = None) -> dict[int, set[int]]:
    """Return ids and lengths of a candump log, one line in `without_each` left out."""
    census: dict[int, set[int]] = {}
    with (CAPTURES / name).open(encoding="ascii") as lines:
        for number, line in enumerate(lines):
            if without_each is not None and number % without_each == 0:
                continue
            written, _, payload = line.split()[2].partition("#")
            key = frame_key(int(written, 16), is_extended=len(written) > 3)
            census.setdefault(key, set()).add(len(payload) // 2)
    return census


@needs_captures
@pytest.mark.parametrize(
    ("name", "vehicle"),
    [
        ("bmw_e90_lock_cycles.log", "bmw-e9x"),
        ("taycan_idle_door_open.log", "vw-meb"),
        ("taycan_ign_on.log", "vw-meb"),
    ],
)
@pytest.mark.parametrize("without_each", [None, 10], ids=["whole", "each tenth line lost"])
def test_a_real_capture_is_recognised(name: str, vehicle: str, without_each: int | None) -> None:
    census = read_census(name, without_each=without_each)
    assert recognise_vehicle(census, load_vehicle).vehicle.id == vehicle


@needs_captures
def test_a_capture_with_random_frames_among_its_own_is_recognised() -> None:
    census = read_census("bmw_e90_lock_cycles.log")
    chance = random.Random(90)
    for _ in range(1200):
        census.setdefault(chance.randrange(2048), set()).add(chance.randrange(9))
    assert recognise_vehicle(census, load_vehicle).vehicle.id == "bmw-e9x"


@pytest.mark.parametrize("ids", [5, 30, 100, 300, 800, 2000, 20000])
@pytest.mark.parametrize("lengths", [(8,), (0, 1, 2, 3, 4, 5, 6, 7, 8)], ids=["8 bytes", "any"])
def test_random_traffic_is_of_no_shipped_vehicle(ids: int, lengths: tuple[int, ...]) -> None:
    vehicles = [load_vehicle(path).vehicle for path in shipped_vehicles()]
    chance = random.Random(ids)
    for _ in range(20):
        census: dict[int, set[int]] = {}
        for _ in range(ids):
            census.setdefault(chance.randrange(2048), set()).add(chance.choice(lengths))
        assert fitting_vehicles(census, vehicles) == []
