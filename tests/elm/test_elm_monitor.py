"""Listening: what comes through is delivered, what may be missing is a gap."""

from __future__ import annotations

import pytest

from canlock.errors import BusError
from canlock.model.frames import EXTENDED_BIT
from canlock.model.stream import Gap, Sample, Sent, StreamItem
from canlock.sources.elm327.adapter import start_up
from canlock.sources.elm327.lines import MonitoredFrame
from canlock.sources.elm327.monitor import Heard, Monitor, Trouble
from canlock.sources.elm327.plan import Plan, Watched, Window, plan_windows
from canlock.sources.elm327.port import AdapterGoneError
from canlock.sources.elm327.voltage import VoltageLook
from elm.adapter_emulator import AdapterEmulator, BusFrame, Nature, cyclic
from elm.adapter_ports import EmulatedPort, Forgetful

LOCK = BusFrame(0x358, bytes.fromhex("0102030405060708"))
BODY = BusFrame(0x60D, bytes.fromhex("1111111111111111"))
LOCK_AND_BODY = [Watched(0x358, 8, 0.1), Watched(0x60D, 8, 0.1)]
BUSY = [(0.02, BusFrame(0x100 + 16 * number, bytes(8))) for number in range(30)]
"""1,500 frames a second of ids that nobody wants."""


class Session:
    """A monitor over an emulated adapter, and everything that came out of it."""

    def __init__(
        self,
        emulator: AdapterEmulator,
        watched: list[Watched] | None = None,
        voltage_every_s: float | None = None,
    ) -> None:
        self.emulator = emulator
        self.port = EmulatedPort(emulator)
        self.adapter = start_up(self.port, 500_000, is_extended=False)
        plan = plan_windows(
            watched or [],
            emulator.baudrate,
            has_masks=self.adapter.has_masks,
            has_exact_filters=self.adapter.has_exact_filters,
        )
        looks = [] if voltage_every_s is None else [VoltageLook(self.port, voltage_every_s)]
        self.monitor = Monitor(self.port, self.adapter, plan, watched or (), looks)
        self.heard: list[Heard] = []
        self.troubles: list[Trouble] = []
        self.items: list[StreamItem] = []

    def run(self, duration_s: float) -> Session:
        end = self.port.tick() + duration_s
        while (left_s := end - self.port.tick()) > 0:
            item = self.monitor.receive(left_s)
            if isinstance(item, Heard):
                self.heard.append(item)
            elif item is not None:
                self.troubles.append(item)
            self.items += self.monitor.take_side_items()
        return self

    @property
    def gaps(self) -> list[Gap]:
        return [item for item in self.items if isinstance(item, Gap)]

    def of(self, arbitration_id: int) -> list[Heard]:
        return [one for one in self.heard if one.frame.arbitration_id == arbitration_id]

    def hides(self, at_s: float, key: int) -> bool:
        return any(
            gap.at_s <= at_s <= gap.until_s and (gap.keys is None or key in gap.keys)
            for gap in self.gaps
        )


def test_a_quiet_bus_comes_through_whole_with_no_gap() -> None:
    session = Session(AdapterEmulator(traffic=cyclic([(0.1, LOCK), (0.1, BODY)]))).run(5.0)
    assert len(session.of(0x358)) in (49, 50)
    assert session.heard[0].frame in (
        MonitoredFrame(0x358, False, LOCK.data, dlc=8),
        MonitoredFrame(0x60D, False, BODY.data, dlc=8),
    )
    assert session.gaps == []
    assert session.troubles == []


def test_nothing_is_put_on_the_bus_and_nothing_acknowledged() -> None:
    emulator = AdapterEmulator(traffic=cyclic([(0.1, LOCK), *BUSY]))
    session = Session(emulator, LOCK_AND_BODY, voltage_every_s=1.0).run(5.0)
    assert session.heard
    assert emulator.sent_frames == []
    assert emulator.acknowledged == 0


def test_the_times_of_frames_are_those_of_the_bus_plus_the_line() -> None:
    session = Session(AdapterEmulator(traffic=cyclic([(0.1, LOCK)]))).run(5.0)
    line_s = 21 * 10 / 38_400
    late = [(one.at_s - line_s) % 0.1 for one in session.heard]
    assert all(min(one, 0.1 - one) < 0.004 for one in late)


def test_a_bus_that_is_too_much_for_the_line_overflows_and_each_loss_is_a_gap() -> None:
    emulator = AdapterEmulator(traffic=cyclic([(0.1, LOCK), *BUSY]))
    session = Session(emulator).run(4.0)
    assert emulator.overflows > 5
    # The last one may still be on the wire.
    assert emulator.overflows - session.monitor.counts["overflows"] in (0, 1)
    seen = [one.at_s for one in session.of(0x358)]
    begun_s = session.heard[0].at_s
    # What ran over last has not been told yet.
    due = [0.1 * step for step in range(100) if begun_s < 0.1 * step < session.gaps[-1].until_s]
    lost = [at_s for at_s in due if not any(at_s <= one < at_s + 0.14 for one in seen)]
    assert len(lost) > len(due) / 2
    assert all(session.hides(at_s, 0x358) for at_s in lost)


def test_an_overflow_never_gives_half_a_frame() -> None:
    emulator = AdapterEmulator(traffic=cyclic([(0.1, LOCK), *BUSY]))
    session = Session(emulator).run(4.0)
    assert all(len(one.frame.data) == 8 for one in session.heard)
    assert any("overflow" in trouble.text for trouble in session.troubles)


def test_one_mask_over_the_wanted_ids_lets_all_of_them_through_a_busy_bus() -> None:
    emulator = AdapterEmulator(traffic=cyclic([(0.1, LOCK), (0.1, BODY), *BUSY]))
    session = Session(emulator, LOCK_AND_BODY).run(5.0)
    assert session.monitor.plan.kind == "complete"
    assert emulator.overflows == 0
    assert len(session.of(0x358)) >= 48
    assert len(session.of(0x60D)) >= 48


def test_an_stn_chip_gets_each_id_by_itself() -> None:
    emulator = AdapterEmulator(
        Nature(stn="STN1110 v4.0.4"),
        baudrate=115_200,
        traffic=cyclic([(0.1, LOCK), (0.1, BODY), *BUSY]),
    )
    session = Session(emulator, LOCK_AND_BODY).run(5.0)
    assert {"STFCP", "STFAP358,7FF", "STFAP60D,7FF", "STM"} <= set(emulator.commands)
    assert "ATMA" not in emulator.commands
    assert {one.frame.arbitration_id for one in session.heard} == {0x358, 0x60D}
    assert len(session.of(0x358)) >= 48


def test_a_chip_that_cannot_filter_is_listened_to_as_it_is() -> None:
    emulator = AdapterEmulator(
        Nature(unknown=frozenset({"ATCM"})), traffic=cyclic([(0.1, LOCK), (0.1, BODY)])
    )
    session = Session(emulator, LOCK_AND_BODY).run(2.0)
    assert session.monitor.plan.kind == "everything"
    assert session.heard


def test_a_clone_that_only_says_that_it_filters_is_found_out_and_listened_to_as_it_is() -> None:
    traffic = cyclic([(0.1, LOCK), (0.1, BODY), *[(0.1, frame) for _, frame in BUSY[:10]]])
    emulator = AdapterEmulator(Nature(ignores_filters=True), traffic=traffic)
    session = Session(emulator, LOCK_AND_BODY).run(6.0)
    assert session.monitor.ignores_filters
    assert session.monitor.plan.kind == "everything"
    assert session.monitor.counts["damaged"] < 30
    assert len(session.of(0x358)) > 40
    late = [gap for gap in session.gaps if gap.at_s > session.gaps[0].at_s + 2.0]
    assert late == []


@pytest.mark.parametrize("drop_chance", [0.0, 0.01])
def test_a_clone_that_filters_is_believed_on_a_bad_line_too(drop_chance: float) -> None:
    emulator = AdapterEmulator(
        Nature(drop_chance=drop_chance, wrong_chance=drop_chance),
        traffic=cyclic([(0.02, LOCK), (0.02, BODY)]),
    )
    session = Session(emulator, LOCK_AND_BODY).run(20.0)
    assert not session.monitor.ignores_filters


def test_lines_with_lost_bytes_are_gaps_and_no_frames() -> None:
    emulator = AdapterEmulator(
        Nature(drop_chance=0.01, nul_chance=0.01, wrong_chance=0.005),
        traffic=cyclic([(0.05, LOCK), (0.05, BODY)]),
    )
    session = Session(emulator).run(10.0)
    assert session.monitor.counts["damaged"] > 10
    assert {(one.frame.arbitration_id, one.frame.data) for one in session.heard} == {
        (0x358, LOCK.data),
        (0x60D, BODY.data),
    }
    assert session.gaps


@pytest.mark.parametrize(
    "nature",
    [
        pytest.param(Nature(cannot_stop_echo=True), id="echo on"),
        pytest.param(Nature(has_spaces_always=True), id="spaces on"),
        pytest.param(Nature(has_linefeeds=True), id="line feeds on"),
        pytest.param(Nature(unknown=frozenset({"ATD1"})), id="no length digit"),
        pytest.param(Nature(nul_chance=0.1), id="NULs"),
    ],
)
def test_habits_of_clones_cost_no_frame(nature: Nature) -> None:
    session = Session(AdapterEmulator(nature, traffic=cyclic([(0.1, LOCK)]))).run(3.0)
    assert len(session.heard) in (29, 30)
    assert {one.frame.data for one in session.heard} == {LOCK.data}
    assert session.gaps == []


def test_a_clone_that_only_says_that_it_shows_lengths_is_found_out() -> None:
    emulator = AdapterEmulator(Nature(forgets_dlc=True), traffic=cyclic([(0.1, LOCK)]))
    session = Session(emulator).run(5.0)
    assert len(session.heard) > 35
    assert {one.frame.data for one in session.heard} == {LOCK.data}
    assert session.monitor.counts["damaged"] == 3


def test_a_bus_that_cannot_be_read_is_tried_ever_more_seldom_and_given_up() -> None:
    emulator = AdapterEmulator(traffic=cyclic([(0.01, LOCK)]), fails_after=0)
    session = Session(emulator)
    with pytest.raises(BusError, match=r"CANERROR again and again .* is the bit rate right"):
        session.run(120.0)
    assert 10 < session.port.tick() < 60
    assert emulator.commands.count("ATMA") == 8


def test_trouble_that_passes_is_forgotten() -> None:
    emulator = AdapterEmulator(traffic=cyclic([(0.01, LOCK)]), fails_after=50)
    session = Session(emulator)
    session.run(1.0)
    emulator.fails_after = None
    count = len(session.heard)
    session.run(2.0)
    assert len(session.heard) > count + 100
    assert session.hides(session.troubles[0].at_s, 0x358)


def test_a_pulled_cable_is_an_error() -> None:
    session = Session(AdapterEmulator(traffic=cyclic([(0.1, LOCK)]))).run(1.0)
    session.port.is_unplugged = True
    with pytest.raises(AdapterGoneError):
        session.run(1.0)


def test_every_write_is_noted() -> None:
    session = Session(AdapterEmulator(traffic=cyclic([(0.1, LOCK)]))).run(1.0)
    sent = [item for item in session.items if isinstance(item, Sent)]
    assert sent == session.port.log
    assert sent[-1].payload == b"ATMA\r"


def test_the_supply_voltage_is_asked_for_between_two_stretches_of_listening() -> None:
    emulator = AdapterEmulator(Nature(voltage="11.9V"), traffic=cyclic([(0.1, LOCK)]))
    session = Session(emulator, [Watched(0x358, 8, 0.1)], voltage_every_s=2.0).run(9.0)
    samples = [item for item in session.items if isinstance(item, Sample)]
    assert [(one.role, one.value) for one in samples] == [("supply.voltage", 11.9)] * len(samples)
    # The first frame is news, so the next look waits until the doors have been left alone.
    assert 2 <= len(samples) <= 4
    for sample in samples[1:]:
        assert session.hides(sample.at_s, 0x358)
    # The first is taken before the listening begins.
    assert samples[0].at_s < session.heard[0].at_s
    assert sum(gap.until_s - gap.at_s for gap in session.gaps) < 1.0


def test_an_adapter_without_a_voltmeter_is_asked_once() -> None:
    emulator = AdapterEmulator(Nature(voltage="0.0V"), traffic=cyclic([(0.1, LOCK)]))
    session = Session(emulator, [], voltage_every_s=1.0).run(6.0)
    assert emulator.commands.count("ATRV") == 1
    assert not [item for item in session.items if isinstance(item, Sample)]


@pytest.mark.parametrize(("deaf_to", "looks"), [(range(1, 5), 4), (range(1, 99), 1)])
def test_a_voltage_that_does_not_come_now_and_then_is_asked_for_again(
    deaf_to: range, looks: int
) -> None:
    emulator = Forgetful({"ATRV": deaf_to}, cyclic([(0.1, LOCK)]))
    session = Session(emulator, [Watched(0x358, 8, 0.1)], voltage_every_s=6.0).run(40.0)
    samples = [item for item in session.items if isinstance(item, Sample)]
    assert len(samples) == looks
    # Each look that is in vain asks twice; after three of them no more is asked.
    assert emulator.commands.count("ATRV") == (4 + looks if looks > 1 else 1 + 3 * 2)


def test_a_filter_whose_setting_is_lost_is_set_once_more() -> None:
    traffic = [(0.1, LOCK), (0.002, BusFrame(0x123, bytes(8)))]
    emulator = Forgetful({"ATCF358": {0}}, cyclic(traffic))
    session = Session(emulator, [Watched(0x358, 8, 0.1)]).run(8.0)
    assert emulator.commands.count("ATCF358") == 2
    assert {one.frame.arbitration_id for one in session.heard} == {0x358}
    assert len(session.heard) > 35


def test_a_rotation_hides_each_group_while_it_listens_to_the_other() -> None:
    groups = [Watched(0x100, 8, 0.01), Watched(0x7FF, 8, 0.01)]
    emulator = AdapterEmulator(
        traffic=cyclic([(0.01, BusFrame(0x100, bytes(8))), (0.01, BusFrame(0x7FF, bytes(8)))])
    )
    session = Session(emulator, groups).run(10.0)
    assert session.monitor.plan.kind == "sampled"
    assert emulator.overflows == 0
    for key in (0x100, 0x7FF):
        assert session.of(key)
        end_s = session.heard[-1].at_s
        previous = session.of(key)[0].at_s
        for one in session.of(key):
            if one.at_s - previous > 0.05:
                # It was away: every moment between is in a gap.
                steps = int((one.at_s - previous) / 0.01) - 2
                assert all(
                    session.hides(previous + 0.02 + 0.01 * step, key) for step in range(steps)
                )
            previous = one.at_s
        assert previous > end_s - 3.0


def test_a_plan_that_ran_over_is_made_narrower() -> None:
    # All 60 foreign ids lie under the covering mask: the estimate cannot have known.
    foreign = [(0.1, BusFrame(0x358 ^ bit, bytes(8))) for bit in range(1, 8)]
    foreign += [(0.02, BusFrame(0x60D & ~0x200 | 0x200 ^ bit, bytes(8))) for bit in (1, 4, 5)]
    wanted = [Watched(0x358, 8, 0.1), Watched(0x35F, 8, 0.1)]
    crowded = [(0.005, BusFrame(0x358 | bit, bytes(8))) for bit in (1, 2, 3)]
    emulator = AdapterEmulator(
        traffic=cyclic([(0.1, LOCK), (0.1, BusFrame(0x35F, bytes(8))), *foreign, *crowded])
    )
    session = Session(emulator, wanted).run(20.0)
    assert session.monitor.plan.kind == "sampled"
    ran_over = emulator.overflows
    session.run(10.0)
    assert emulator.overflows == ran_over


def test_a_29_bit_message_is_planned_as_such() -> None:
    plan = plan_windows([Watched(0x18DAF110 | EXTENDED_BIT)], 38_400)
    assert plan.windows[0].masks[0].is_extended
    assert plan == Plan("complete", plan.windows, plan.line_hz)
    assert isinstance(plan.windows[0], Window)
