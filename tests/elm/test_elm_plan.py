"""The plan: what is let through covers what is wanted and fits the line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.frames import EXTENDED_BIT
from canlock.sources.elm327.acceptance import IdMask, cover, exact, filter_commands
from canlock.sources.elm327.plan import (
    FULL_SHARE,
    GLANCE_S,
    Watched,
    describe_plan,
    line_rate,
    plan_windows,
)
from canlock.sources.elm327.watch import watched_messages

ids = st.integers(0, 0x7FF)


@pytest.mark.parametrize(
    ("baudrate", "frames"), [(38_400, 182), (115_200, 548), (500_000, 2380), (2_000_000, 9523)]
)
def test_so_many_frames_fit_a_line(baudrate: int, frames: int) -> None:
    assert int(line_rate(baudrate)) == frames


@given(st.sets(ids, min_size=1, max_size=6))
def test_the_covering_mask_is_the_narrowest_that_lets_all_through(wanted: set[int]) -> None:
    found = cover(exact(one) for one in wanted)
    assert found is not None
    through = {one for one in range(0x800) if found.lets_through(one, is_extended=False)}
    assert wanted <= through
    # Any further bit in the mask would shut one of them out.
    for bit in range(11):
        if not found.mask >> bit & 1:
            assert len({one >> bit & 1 for one in wanted}) == 2
    assert len(through) / 0x800 == found.share


def test_no_one_mask_covers_both_widths() -> None:
    assert cover([exact(0x358), exact(0x358 | EXTENDED_BIT)]) is None


watched = st.lists(
    st.builds(
        Watched,
        ids,
        st.integers(1, 8),
        st.sampled_from([None, 0.01, 0.02, 0.1, 1.0]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda one: one.key,
)


@given(watched, st.sampled_from([38_400, 115_200, 500_000]), st.booleans())
def test_every_wanted_id_has_a_window_and_no_window_but_a_lone_id_is_overfull(
    wanted: list[Watched], baudrate: int, has_exact_filters: bool
) -> None:
    plan = plan_windows(wanted, baudrate, has_exact_filters=has_exact_filters)
    essential = {one.key for one in wanted if one.is_essential} or {one.key for one in wanted}
    assert plan.keys == {one.key for one in wanted}
    assert essential <= plan.keys
    for window in plan.windows:
        for key in window.keys:
            assert any(mask.lets_through(key, is_extended=False) for mask in window.masks)
        if window.load_hz > line_rate(baudrate) * FULL_SHARE:
            lone = [one for one in wanted if window.masks == (exact(one.key),)]
            assert lone or len(window.keys) == 1
    assert plan.is_sampled == (plan.kind in ("glancing", "sampled"))
    if not plan.is_sampled:
        assert plan.windows[0].dwell_s is None


def test_two_near_ids_on_a_slow_line_need_no_rotation() -> None:
    plan = plan_windows([Watched(0x358, 8, 0.1), Watched(0x35D, 8, 0.1)], 38_400)
    assert plan.kind == "complete"
    assert plan.windows[0].masks == (IdMask(0x358, 0x7FA),)


def test_too_wide_a_mask_rotates() -> None:
    plan = plan_windows([Watched(0x000, 8, 0.1), Watched(0x7FF, 8, 0.1)], 38_400)
    assert plan.kind == "sampled"
    assert [window.keys for window in plan.windows] == [{0x000}, {0x7FF}]


def test_an_stn_chip_needs_no_rotation_for_the_same() -> None:
    wanted = [Watched(0x000, 8, 0.1), Watched(0x7FF, 8, 0.1)]
    assert plan_windows(wanted, 38_400, has_exact_filters=True).kind == "complete"


def test_circumstances_get_glances_and_the_locks_the_rest() -> None:
    wanted = [
        Watched(0x358, 8, 0.1),
        Watched(0x35D, 8, 0.1),
        Watched(0x4A5, 8, 0.1, is_essential=False),
    ]
    plan = plan_windows(wanted, 38_400)
    assert plan.kind == "glancing"
    assert plan.windows[0].keys == {0x358, 0x35D}
    (glance,) = plan.windows[1:]
    assert glance.keys == {0x4A5}
    assert glance.dwell_s == GLANCE_S


@pytest.mark.parametrize(("has_exact_filters", "is_heard"), [(True, True), (False, False)])
def test_what_is_optional_is_heard_where_it_costs_the_others_nothing(
    has_exact_filters: bool, is_heard: bool
) -> None:
    wanted = [Watched(0x358, 8, 0.1), Watched(0x35D, 8, 0.1)]
    asked = Watched(0x4A5, is_essential=False, is_optional=True)
    plan = plan_windows([*wanted, asked], 38_400, has_exact_filters=has_exact_filters)
    assert plan.kind == "complete"
    assert plan.windows[0].keys >= {0x358, 0x35D}
    assert (0x4A5 in plan.keys) is is_heard
    # What is wanted is listened to as if nothing else was.
    alone = plan_windows(wanted, 38_400, has_exact_filters=has_exact_filters)
    assert plan.windows[0].masks[: len(alone.windows[0].masks)] == alone.windows[0].masks


def test_filters_are_spelt_as_the_chips_want_them() -> None:
    one = IdMask(0x358, 0x7F0)
    far = IdMask(0x18DAF110, 0x1FFF_FFFF, is_extended=True)
    assert filter_commands((one,), has_exact_filters=False) == ["ATCF358", "ATCM7F0"]
    assert filter_commands((), has_exact_filters=False) == ["ATCF000", "ATCM000"]
    assert filter_commands((far,), has_exact_filters=False) == ["ATCF18DAF110", "ATCM1FFFFFFF"]
    assert filter_commands((one, far), has_exact_filters=True) == [
        "STFCP",
        "STFAP358,7F0",
        "STFAP18DAF110,1FFFFFFF",
    ]
    with pytest.raises(ValueError, match="2 masks"):
        filter_commands((one, one), has_exact_filters=False)


def test_the_locks_of_a_qashqai_are_heard_all_the_time_over_a_slow_line() -> None:
    vehicle = load_vehicle("nissan-qashqai-j10").vehicle
    plan = plan_windows(watched_messages(vehicle), 38_400)
    steady = plan.windows[0]
    assert plan.kind == "glancing"
    assert steady.keys == {0x358, 0x60D}
    assert steady.load_hz < line_rate(38_400) * FULL_SHARE


@pytest.mark.parametrize(
    ("wanted", "has_masks", "text"),
    [
        pytest.param([Watched(0x358)], True, None, id="complete"),
        pytest.param([], True, None, id="nothing wanted"),
        pytest.param([Watched(0x358)], False, "cannot filter", id="no filter"),
        pytest.param([Watched(0x000), Watched(0x7FF)], True, "Sampled", id="in turn"),
        pytest.param(
            [Watched(0x000), Watched(0x7FF, is_essential=False)], True, "glance", id="at a glance"
        ),
    ],
)
def test_a_report_says_what_a_plan_costs(
    wanted: list[Watched], has_masks: bool, text: str | None
) -> None:
    said = describe_plan(plan_windows(wanted, 38_400, has_masks=has_masks), len(wanted))
    assert (said is None) if text is None else (said is not None and text in said)


def test_measured_circumstances_are_not_essential() -> None:
    vehicle = load_vehicle("nissan-qashqai-j10").vehicle
    essential = {one.key for one in watched_messages(vehicle) if one.is_essential}
    assert essential == {0x358, 0x60D}
