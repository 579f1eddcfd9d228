"""What holds of detection whatever happens: time, batches, late marks, nonsense."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from canlock.detection.detector import Detector
from canlock.diagnosis.diagnose import diagnose
from canlock.model.roles import ROLE_VALUES
from canlock.model.samples import Decoded, MessageLife, RoleSample, Silence
from canlock.model.stream import MARK_ACTIONS, Gap, Mark, MarkUndone, Sample, SideItem, TroubleCode
from canlock.pipeline.fitted import load_likelihoods
from detection.detection_builders import (
    DOORS,
    START_S,
    Story,
    a_plain_vehicle,
    a_vehicle,
    entry,
    slowed,
    with_modules,
)

TIMES = {"at_s", "from_s", "until_s", "first_s", "now_s", "last_s", "since_s", "paced_since_s"}
"""Fields that are instants; other seconds are durations."""


VEHICLES = [
    slowed(with_modules(a_vehicle())),
    slowed(a_plain_vehicle()),
    slowed(a_vehicle(without=["command.lock", "command.requestor", "request.fob"])),
    slowed(
        a_vehicle(
            without=["lock.status"],
            extra=[
                entry("lock.status", "BODY", *DOORS, feedback="any-locked"),
                entry("lock.status", "DOOR_DRIVER", "driver", feedback="measured"),
            ],
        )
    ),
]

SECONDS = st.integers(0, 30 * 16).map(lambda sixteenths: sixteenths / 16)
WAYS = st.sampled_from(["lock", "unlock"])
A_DOOR = st.sampled_from(DOORS)
ACTION = st.sampled_from(MARK_ACTIONS)

HAPPENINGS = st.one_of(
    st.tuples(st.just("press"), SECONDS, WAYS),
    st.tuples(st.just("order"), SECONDS, st.sampled_from(["lock", "unlock", "deadlock"])),
    st.tuples(st.just("cycle"), SECONDS, WAYS),
    st.tuples(st.just("flash"), SECONDS, st.integers(1, 6)),
    st.tuples(st.just("answer"), SECONDS, st.sampled_from(["locked", "unlocked"]), A_DOOR),
    st.tuples(st.just("open_door"), SECONDS, A_DOOR),
    st.tuples(st.just("pull"), SECONDS, A_DOOR, st.sampled_from(["outer", "inner"])),
    st.tuples(st.just("mark"), SECONDS, ACTION, st.one_of(st.none(), A_DOOR)),
    st.tuples(st.just("say"), SECONDS, st.just("window.switch"), st.just("down"), A_DOOR),
    st.tuples(st.just("say"), SECONDS, st.just("command.inhibit"), st.sampled_from(["no", "yes"])),
    st.tuples(st.just("say"), SECONDS, st.just("supply.voltage"), st.sampled_from([8.5, 12.5])),
    st.tuples(st.just("lose"), SECONDS, st.sampled_from(["BODY", "DOOR_DRIVER", ""])),
    st.tuples(st.just("restart"), SECONDS, st.sampled_from(["BODY", "DOOR_DRIVER"])),
    st.tuples(st.just("disturb"), SECONDS, st.integers(1, 4)),
    st.tuples(st.just("gap"), SECONDS),
)


@st.composite
def stories(draw: st.DrawFn, *, until_s: float = 45.0) -> Story:
    """Anything that may happen to a car in half a minute, sense or nonsense."""
    story = Story(draw(st.sampled_from(VEHICLES)), until_s=until_s)
    for what, at_s, *how in draw(st.lists(HAPPENINGS, max_size=14)):
        if what == "lose":
            story.lose(at_s, at_s + 3.0, *(how if how[0] else ()))
        elif what == "gap":
            story.side.append(Gap(START_S + at_s, START_S + at_s + 1.0, "overflow"))
        elif what == "say" and how[0] not in story.vehicle.roles() | {""}:
            continue
        else:
            getattr(story, what)(at_s, *how)
    return story


def moved(thing: object, by_s: float) -> object:
    """Return anything detected with all its instants moved."""
    if isinstance(thing, tuple):
        return tuple(moved(part, by_s) for part in thing)
    if not is_dataclass(thing) or isinstance(thing, type):
        return thing
    changes: dict[str, object] = {}
    for each in fields(thing):
        value = getattr(thing, each.name)
        if each.name == "flashes_s":
            changes[each.name] = tuple(at_s + by_s for at_s in value)
            continue
        is_instant = each.name in TIMES and value is not None
        changes[each.name] = value + by_s if is_instant else moved(value, by_s)
    return replace(thing, **changes)


@settings(max_examples=40, deadline=None)
@given(stories(), st.sampled_from([-2048.0, 1024.0, 86_400.0, 1_700_000_000.0]))
def test_moving_everything_in_time_moves_what_happened_and_nothing_else(
    story: Story, by_s: float
) -> None:
    assert story.moved(by_s).detect() == moved(story.detect(), by_s)


@settings(max_examples=40, deadline=None)
@given(
    stories(until_s=125.0),
    st.lists(st.integers(1, 4000), max_size=30),
    st.one_of(st.none(), st.integers(0, 59).map(float)),
)
@example(Story(VEHICLES[1], until_s=125.0).flash(5.0, 2).mark(5.5, "press-fob-lock"), [300], 59.0)
def test_neither_the_cut_into_batches_nor_the_lateness_of_marks_matters(
    story: Story, cuts: list[int], late_s: float | None
) -> None:
    assert story.detect(cuts, marks_late_s=late_s) == story.detect()


@settings(max_examples=6, deadline=None)
@given(stories(until_s=100.0))
def test_frames_one_by_one_give_what_one_batch_gives(story: Story) -> None:
    assert story.detect(range(100_000)) == story.detect()


@settings(max_examples=25, deadline=None)
@given(stories())
def test_looking_changes_nothing(story: Story) -> None:
    detector = Detector(story.vehicle)
    for item in story.side:
        detector.take_side(item)
    for batch in story.decoded(range(0, 100_000, 100)):
        detector.take_decoded(batch)
        assert detector.view() == detector.view()

    assert detector.view() == story.detect()


@settings(max_examples=40, deadline=None)
@given(stories())
def test_operations_are_in_order_and_within_themselves(story: Story) -> None:
    detected = story.detect()

    times = [operation.at_s for operation in detected.operations]
    assert times == sorted(times)
    for operation in detected.operations:
        assert operation.at_s <= operation.until_s
        doors = [response.door for response in operation.responses]
        assert len(doors) == len(set(doors))
        if operation.command is not None:
            assert set(doors) <= set(operation.command.doors)
        for response in operation.responses:
            if response.latency_s is not None and response.latency_floor_s is not None:
                assert 0.0 <= response.latency_floor_s <= response.latency_s


VALUES = st.one_of(
    st.none(),
    st.sampled_from(sorted({word for words in ROLE_VALUES.values() for word in words})),
    st.text(max_size=3),
    st.floats(allow_nan=True),
)
ANY_TIME = st.floats(-100.0, 400.0)
ANY_DOORS = st.lists(st.sampled_from([*DOORS, "roof"]), max_size=3).map(tuple)


@st.composite
def samples(draw: st.DrawFn) -> RoleSample:
    """A sample as no decoder would make it, but of an entry that exists."""
    source = draw(st.integers(-1, len(VEHICLES[0].signals) - 1))
    role = draw(st.sampled_from([*ROLE_VALUES, "fob.count", "window.position", "no.such-role"]))
    if role == "command.lock":
        source = max(source, 0)
    return RoleSample(
        draw(ANY_TIME),
        role,
        draw(ANY_DOORS),
        draw(VALUES),
        draw(VALUES),
        draw(st.one_of(st.none(), ANY_TIME)),
        draw(st.sampled_from(["state", "event"])),
        draw(st.booleans()),
        draw(st.sampled_from([None, "measured", "belief", "any-locked", "all-locked"])),
        source,
    )


MARKS = st.builds(Mark, ANY_TIME, ACTION, st.one_of(st.none(), A_DOOR, st.just("roof")))
SIDE: st.SearchStrategy[SideItem] = st.one_of(
    MARKS,
    st.builds(MarkUndone, ANY_TIME, MARKS),
    st.builds(Gap, ANY_TIME, ANY_TIME, st.just("overflow")),
    st.builds(Sample, ANY_TIME, st.just("supply.voltage"), st.floats(0.0, 30.0)),
    st.builds(Sample, ANY_TIME, st.sampled_from([*ROLE_VALUES]), st.text(max_size=3), ANY_DOORS),
    st.builds(TroubleCode, ANY_TIME, st.just("bcm"), st.just("B2562")),
)


@st.composite
def batches(draw: st.DrawFn) -> Decoded:
    first_s = draw(ANY_TIME)
    last_s = first_s + draw(st.floats(0.0, 100.0))
    found = sorted(draw(st.lists(samples(), max_size=8)), key=lambda sample: sample.at_s)
    lives = (MessageLife("BODY", 9, draw(ANY_TIME), last_s, draw(st.sampled_from([None, 0.1]))),)
    silence = Silence("BODY", first_s, first_s + draw(st.floats(0.6, 50.0)))
    return Decoded(first_s, last_s, draw(st.integers(0, 5)), tuple(found), (), (silence,), lives)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(batches(), SIDE), max_size=12))
def test_no_stream_however_senseless_breaks_it(stream: list[Decoded | SideItem]) -> None:
    vehicle = VEHICLES[0]
    detector = Detector(vehicle)
    for item in stream:
        if isinstance(item, Decoded):
            detector.take_decoded(item)
        else:
            detector.take_side(item)
    diagnosis = diagnose(detector.view(), vehicle, load_likelihoods())

    assert diagnosis.findings
