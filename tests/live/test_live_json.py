"""`canlock.live/1`: each thing is said once, and again only where it has changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from live_builders import GAITER, QASHQAI

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.link import LinkStatus, Silence
from canlock.model.operations import LogEvent
from canlock.model.snapshot import Snapshot
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.reports.live_json import LiveLines, note_line
from canlock.reports.schema import load_live_schema

VALIDATOR = jsonschema.Draft202012Validator(load_live_schema())
LINK = LinkStatus("slcan:ttyACM0", "connected", 10, 0, 0, 0, 0, None, Silence(True, "told to be"))


@pytest.fixture(scope="module")
def whole() -> Snapshot:
    found = diagnose_recording(find_recording(GAITER), load_vehicle(QASHQAI))
    return replace(found, links=(LINK,))


def said(lines: Iterable[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def test_every_object_has_the_shape_of_the_report(whole: Snapshot) -> None:
    lines = said(LiveLines().look(whole, is_last=True))
    for line in lines:
        VALIDATOR.validate(line)
        assert list(line)[:3] == ["schema", "type", "time"]
        if line["type"] == "verdict":
            assert sum(h["probability"] for h in line["hypotheses"]) == pytest.approx(1.0)
    assert len(of_type(lines, "operation")) == len(whole.operations)
    assert len(of_type(lines, "event")) == len(set(map(repr, whole.events)))


def test_the_schema_is_one_and_refuses_what_is_none_of_its_lines(whole: Snapshot) -> None:
    jsonschema.Draft202012Validator.check_schema(load_live_schema())
    line = said(LiveLines().look(whole, is_last=True))[-1]
    for wrong in (
        {**line, "type": "event"},
        {**line, "surprise": 1},
        {**line, "findings": []},
        {**line, "tier": "T9"},
        {name: value for name, value in line.items() if name != "time"},
    ):
        assert not VALIDATOR.is_valid(wrong)


def test_nothing_is_said_twice(whole: Snapshot) -> None:
    lines = LiveLines()
    assert said(lines.look(whole))
    assert said(lines.look(whole)) == []
    assert [line["type"] for line in said(lines.look(whole, is_last=True))] == ["verdict"]


def test_an_operation_that_a_late_mark_changes_is_said_again(whole: Snapshot) -> None:
    lines = LiveLines()
    list(lines.look(whole))
    first, *rest = whole.operations
    changed = replace(whole, operations=(replace(first, outcome="unseen"), *rest))
    (line,) = said(lines.look(changed))
    assert (line["type"], line["operation"]["outcome"]) == ("operation", "unseen")


def test_an_operation_that_is_open_waits_until_it_is_over_or_the_session_is(
    whole: Snapshot,
) -> None:
    opened = replace(whole, operations=(replace(whole.operations[0], is_closed=False),))
    lines = LiveLines()
    assert of_type(said(lines.look(opened)), "operation") == []
    assert len(of_type(said(lines.look(opened, is_last=True)), "operation")) == 1


@pytest.mark.parametrize(("by", "is_news"), [(0.049, False), (0.051, True)])
def test_a_verdict_is_news_when_its_probability_moves(
    whole: Snapshot, by: float, is_news: bool
) -> None:
    lines = LiveLines()
    list(lines.look(whole))
    moved = replace(whole.verdict, probability=whole.verdict.probability - by)
    told = said(lines.look(replace(whole, findings=(moved,))))
    assert bool(of_type(told, "verdict")) is is_news


def test_a_bus_is_told_when_its_state_changes_and_not_for_each_frame(whole: Snapshot) -> None:
    lines = LiveLines()
    list(lines.look(whole))
    busier = replace(LINK, frames=5000)
    assert said(lines.buses([busier], 1.0)) == []
    (line,) = said(lines.buses([replace(busier, state="reconnecting", errors=1)], 1.0))
    assert line["bus"]["state"] == "reconnecting"
    assert line["bus"]["silence"] == "silent: confirmed (told to be)"


def test_events_of_a_long_session_are_forgotten_once_they_cannot_change() -> None:
    lines = LiveLines()
    events: list[LogEvent] = []
    told = 0
    for second in range(1000):
        events.append(LogEvent(float(second), "note", None, "", f"event {second}"))
        told += len(said(lines.events(events[-500:])))
    assert told == 1000
    assert len(lines._events) < 200


def test_a_note_is_told_once_and_those_of_a_bus_are_its_state(whole: Snapshot) -> None:
    noted = replace(whole, notes=("the disk is full", f"{LINK.name}: 3 errors"))
    lines = LiveLines()
    told = of_type(said(lines.look(noted)), "bus")
    for line in told:
        VALIDATOR.validate(line)
    assert [line["bus"].get("note") for line in told] == [None, "the disk is full"]
    assert of_type(said(lines.look(noted)), "bus") == []
    assert json.loads(note_line("x", None))["time"] is None
