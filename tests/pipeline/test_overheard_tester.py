"""A tester that works the locks over the diagnostic ids: its orders are laid at its door."""

from __future__ import annotations

from pathlib import Path

import pytest

from canlock.bundled import bundled_folder
from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.snapshot import Snapshot
from canlock.pipeline.analysis import Analysis
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.sources.obd.overheard import HELD_S

CAPTURE = bundled_folder("captures") / "qashqai-healthy.log"
LOCK_ALL = "0430070001000000"
"""Input/output control by local id, as a Nissan tester sends it (DOMAIN 3.1)."""

READ = "0221470000000000"
LONG = ("100A300700010203", "2104050607080000")
"""The same in two frames."""


def diagnosed(path: Path) -> Snapshot:
    return diagnose_recording(find_recording(path), load_vehicle("nissan-qashqai-j10"))


def with_tester(
    folder: Path, *payloads: str, before_s: float = 0.1, orders: int | None = None
) -> Path:
    """Return the healthy capture, no marks, a tester's request before each order of the BCM.

    `orders`: only before so many of them, the first ones.
    """
    lines = CAPTURE.read_text().splitlines()
    ordered_s = [each.command.at_s for each in diagnosed(CAPTURE).operations if each.command]
    for at_s in ordered_s[:orders]:
        lines += [
            f"({at_s - before_s + 0.005 * number:.6f}) can0 745#{payload}"
            for number, payload in enumerate(payloads)
        ]
    path = folder / "tester.log"
    path.write_text("\n".join(sorted(lines)) + "\n")
    return path


@pytest.mark.parametrize("payloads", [(LOCK_ALL,), LONG], ids=["one frame", "two frames"])
def test_what_a_tester_orders_has_the_tester_as_its_reason(
    tmp_path: Path, payloads: tuple[str, ...]
) -> None:
    found = diagnosed(with_tester(tmp_path, *payloads))
    ordered = [operation for operation in found.operations if operation.command is not None]
    assert len(ordered) > 3
    assert {operation.cause for operation in ordered} == {"diagnostics"}
    assert {each.command.requestor for each in ordered if each.command} == {"diagnostics"}


def test_a_tester_that_only_reads_is_the_reason_of_nothing(tmp_path: Path) -> None:
    found = diagnosed(with_tester(tmp_path, READ))
    assert "diagnostics" not in {operation.cause for operation in found.operations}


def test_what_moves_long_after_a_testers_order_is_not_laid_at_its_door(tmp_path: Path) -> None:
    at_hand = diagnosed(with_tester(tmp_path, LOCK_ALL, before_s=HELD_S - 0.2, orders=1))
    assert at_hand.operations[0].cause == "diagnostics"
    long_ago = diagnosed(with_tester(tmp_path, LOCK_ALL, before_s=HELD_S + 0.2, orders=1))
    assert "diagnostics" not in {operation.cause for operation in long_ago.operations}


def test_the_testers_requests_are_read_live_too_where_all_else_is_filtered() -> None:
    wanted = Analysis(load_vehicle("nissan-qashqai-j10")).wanted
    assert 0x745 in wanted
