"""What belongs to an operation, and what opens the next: rules, and steps that come late."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.detection.belonging import (
    ESCALATION_S,
    JOIN_DOORS_S,
    MARK_EARLY_S,
    SAME_PRESS_S,
    is_of,
    joins,
    split_early,
)
from canlock.detection.draft import COMMAND_LEADS_S, ECHO_S, Draft
from canlock.model.operations import Command, Operation, Request
from canlock.model.samples import RoleSample
from canlock.model.vehicle import Timing
from detection.detection_builders import (
    DOORS,
    START_S,
    Story,
    a_plain_vehicle,
    a_vehicle,
    entry,
    name_of,
    response_of,
    slowed,
    states,
)

# Requests


def a_draft(request: Request | None = None, command: Command | None = None) -> Draft:
    return Draft(10.0, 10.0, request=request, command=command)


def seen(at_s: float, action: str = "unlock", role: str = "request.fob") -> Request:
    return Request(at_s, role, action, is_seen=True)


def marked(at_s: float, action: str = "unlock") -> Request:
    return Request(at_s, "request.fob", action, is_marked=True)


@pytest.mark.parametrize(
    ("draft", "request_", "expected"),
    [
        pytest.param(a_draft(), seen(9.99 + COMMAND_LEADS_S), True, id="nothing yet"),
        pytest.param(a_draft(), seen(10.01 + COMMAND_LEADS_S), False, id="nothing for a while"),
        pytest.param(
            a_draft(command=Command(10.0, "unlock", DOORS)),
            seen(9.99 + COMMAND_LEADS_S),
            True,
            id="the command came first",
        ),
        pytest.param(
            a_draft(command=Command(10.0, "unlock", DOORS)),
            seen(10.01 + COMMAND_LEADS_S),
            False,
            id="the command was long before",
        ),
        pytest.param(
            a_draft(command=Command(10.0, "lock", DOORS)), seen(10.05), False, id="another way"
        ),
        pytest.param(a_draft(seen(10.0)), seen(9.99 + SAME_PRESS_S), True, id="two sources"),
        pytest.param(a_draft(seen(10.0)), seen(10.01 + SAME_PRESS_S), False, id="two presses"),
        pytest.param(a_draft(seen(10.0)), seen(10.0, "lock"), False, id="two buttons"),
        pytest.param(
            a_draft(seen(10.0)), seen(10.0, role="request.interior"), False, id="two roles"
        ),
        pytest.param(a_draft(marked(10.0)), seen(9.99 + MARK_EARLY_S), True, id="marked before"),
        pytest.param(
            a_draft(marked(10.0)), seen(10.01 + MARK_EARLY_S), False, id="marked long before"
        ),
        pytest.param(a_draft(marked(10.0)), seen(10.5, "lock"), False, id="marked another way"),
    ],
)
def test_a_request_belongs_to_what_it_can_have_begun(
    draft: Draft, request_: Request, expected: bool
) -> None:
    assert is_of(draft, request_) is expected


def test_a_request_does_not_belong_to_locks_that_moved_before_it() -> None:
    draft = a_draft()
    draft.edges.append(an_edge(10.0, "unlocked"))

    assert not is_of(draft, seen(10.05))


# Commands


VEHICLE = a_vehicle(timing=Timing(retry=1.0))


def a_command(at_s: float, action: str = "lock", doors: tuple[str, ...] = DOORS) -> Command:
    return Command(at_s, action, doors)


@pytest.mark.parametrize(
    ("next_", "expected"),
    [
        pytest.param(a_command(10.1, "unlock"), False, id="the other way"),
        pytest.param(a_command(9.99 + ESCALATION_S, "deadlock"), True, id="a second step"),
        pytest.param(a_command(10.01 + ESCALATION_S, "deadlock"), False, id="too late a step"),
        pytest.param(a_command(10.99), True, id="a retry"),
        pytest.param(a_command(11.01), False, id="too late a retry"),
    ],
)
def test_a_command_joins_the_one_before_or_opens_the_next(next_: Command, expected: bool) -> None:
    draft = a_draft(command=a_command(10.0))

    assert joins(draft, next_, VEHICLE, has_count=False) is expected


@pytest.mark.parametrize(
    ("after_s", "expected"), [(JOIN_DOORS_S - 0.01, DOORS[:2]), (JOIN_DOORS_S + 0.01, DOORS[:1])]
)
def test_commands_to_several_doors_together_are_one(
    after_s: float, expected: tuple[str, ...]
) -> None:
    draft = a_draft(command=a_command(10.0, doors=DOORS[:1]))

    is_joined = joins(draft, a_command(10.0 + after_s, doors=DOORS[1:2]), VEHICLE, has_count=False)

    assert is_joined is (expected == DOORS[:2])
    assert draft.command is not None
    assert draft.command.doors == expected
    assert draft.command.repeats == 0


def test_a_retry_is_counted_and_a_counted_command_is_no_retry() -> None:
    plain, counted = (a_draft(command=a_command(10.0)) for _ in range(2))

    assert joins(plain, a_command(10.9), VEHICLE, has_count=False)
    assert not joins(counted, a_command(10.9), VEHICLE, has_count=True)
    assert plain.command is not None
    assert counted.command is not None
    assert (plain.command.repeats, counted.command.repeats) == (1, 0)


def test_a_command_answers_a_request_also_the_wrong_way_and_no_lone_locks() -> None:
    assert joins(a_draft(seen(10.0, "unlock")), a_command(10.1), VEHICLE, has_count=False)
    assert joins(a_draft(), a_command(10.1), VEHICLE, has_count=False)


# What moved before the step that opens the next


def an_edge(at_s: float, value: str, door: str = "driver", role: str = "lock.status") -> RoleSample:
    before = "locked" if value == "unlocked" else "unlocked"
    return RoleSample(at_s, role, (door,), value, previous=before, since_s=at_s - 0.1, source=1)


def a_moved_draft(*edges: RoleSample, action: str | None = "unlock") -> Draft:
    draft = a_draft(seen(10.0, action) if action is not None else None)
    draft.edges.extend(edges)
    return draft


@pytest.mark.parametrize(
    ("before_s", "expected"), [(0.5, 1), (0.6, 1), (0.61, 0)], ids=["soon", "just", "long ago"]
)
def test_a_lock_that_turned_back_just_before_a_step_belongs_to_it(
    before_s: float, expected: int
) -> None:
    answer, turned = an_edge(10.3, "unlocked"), an_edge(12.0 - before_s, "locked")
    draft = a_moved_draft(answer, turned)

    found = split_early(draft, 12.0, None, within_s=0.6)

    assert found == [turned] * expected
    assert draft.edges == ([answer] if expected else [answer, turned])


@pytest.mark.parametrize(("way", "expected"), [("lock", 1), (None, 1), ("unlock", 0)])
def test_a_step_that_goes_the_same_way_explains_no_lock_that_turned_back(
    way: str | None, expected: int
) -> None:
    draft = a_moved_draft(an_edge(10.3, "unlocked"), an_edge(11.8, "locked"))

    assert len(split_early(draft, 12.0, way, within_s=0.6)) == expected


def test_what_moved_the_first_way_stays() -> None:
    answer = an_edge(11.7, "unlocked", "passenger")
    draft = a_moved_draft(an_edge(10.3, "unlocked"), answer, an_edge(11.8, "locked"))

    split_early(draft, 12.0, "lock", within_s=0.6)

    assert answer in draft.edges


def test_the_first_lock_that_moved_tells_the_way_where_nobody_asked() -> None:
    draft = a_moved_draft(an_edge(10.3, "locked"), an_edge(11.8, "unlocked"), action=None)

    assert [e.value for e in split_early(draft, 12.0, None, within_s=0.6)] == ["unlocked"]


def test_doors_and_silence_are_no_locks_that_turned_back() -> None:
    door = an_edge(11.8, "closed", role="door.ajar")

    assert split_early(a_moved_draft(door), 12.0, "lock", within_s=0.6) == []
    assert split_early(a_moved_draft(action=None), 12.0, "lock", within_s=0.6) == []
    between = an_edge(11.8, "moving")
    assert split_early(a_moved_draft(between), 12.0, "lock", within_s=0.6) == []


TIMES = st.integers(160, 192).map(lambda sixteenths: sixteenths / 16)
EDGES = st.lists(
    st.builds(an_edge, TIMES, st.sampled_from(["locked", "unlocked"]), st.sampled_from(DOORS)),
    max_size=8,
)


@settings(max_examples=60)
@given(EDGES, st.sampled_from(["lock", "unlock", None]), st.sampled_from(["lock", "unlock", None]))
def test_no_edge_is_lost_or_told_twice(
    edges: list[RoleSample], action: str | None, way: str | None
) -> None:
    draft = a_moved_draft(*edges, action=action)

    turned = split_early(draft, 12.0, way, within_s=0.6)

    assert len(draft.edges) + len(turned) == len(edges)
    assert all(edge in edges for edge in (*draft.edges, *turned))
    assert all(11.4 <= edge.at_s <= 12.0 for edge in turned)
    assert len({edge.value for edge in turned}) <= 1


# From the bus: lamps that flash after the lock has moved, and marks that are late


def quick_pair(second_s: float = 7.0, **more: float) -> Story:
    """A plain car that is unlocked and, soon after, locked: the locks move before the lamps."""
    story = Story(slowed(a_plain_vehicle()), **more)  # type: ignore[arg-type]
    for at_s, value in ((5.0, "unlocked"), (second_s, "locked")):
        story.answer(at_s, value, "driver")
        story.say(at_s, "lock.status", value, *DOORS[1:])
    return story


def ways(operations: tuple[Operation, ...]) -> list[str | None]:
    return [o.command.action if o.command is not None else None for o in operations]


@pytest.mark.parametrize("lamps_late_s", [0.125, 0.25, 0.5])
@pytest.mark.parametrize("apart_s", [2.0, 2.5])
def test_lamps_that_flash_after_the_lock_has_moved_leave_no_bounce(
    lamps_late_s: float, apart_s: float
) -> None:
    story = Story(a_plain_vehicle())
    story.answer(5.0, "unlocked", "driver").flash(5.0 + lamps_late_s, 2, apart_s=0.375)
    story.answer(5.0 + apart_s, "locked", "driver").flash(5.0 + apart_s + lamps_late_s)

    operations = story.operations()

    assert "bounced" not in {state for o in operations for state in states(o).values()}
    assert [o.at_s - START_S for o in operations] == [5.0, 5.0 + apart_s]


@pytest.mark.parametrize("late_s", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("apart_s", [1.75, 2.5])
def test_a_late_mark_makes_the_operation_before_it_no_bounce(late_s: float, apart_s: float) -> None:
    story = Story(a_plain_vehicle(without=["ack.flasher"]))
    story.answer(5.0, "unlocked", "driver").mark(5.0 + late_s, "press-fob-unlock")
    story.answer(5.0 + apart_s, "locked", "driver").mark(5.0 + apart_s + late_s, "press-fob-lock")

    operations = story.operations()

    assert [states(o).get("driver") for o in operations] == ["answered", "answered"]
    assert ways(operations) == ["unlock", "lock"]


@pytest.mark.parametrize(
    ("late_s", "expected"),
    [
        pytest.param(0.5, ["answered", "answered"], id="soon"),
        pytest.param(ECHO_S + 0.4, ["bounced"], id="too late for an answer-back"),
    ],
)
def test_lamps_explain_only_what_moved_just_before_them(late_s: float, expected: list[str]) -> None:
    story = Story(a_plain_vehicle()).mark(5.0, "press-fob-unlock").flash(5.0, 2, apart_s=0.375)
    story.answer(5.25, "unlocked", "driver").answer(7.0, "locked", "driver")
    story.flash(7.0 + late_s)

    first = story.operations()[0]

    assert states(first)["driver"] == expected[0]


@pytest.mark.parametrize("apart_s", [1.25, 1.75])
@pytest.mark.parametrize("lamps_late_s", [-0.25, 0.125, 0.375])
def test_one_flash_too_many_is_the_answer_to_the_next_order(
    lamps_late_s: float, apart_s: float
) -> None:
    story = Story(a_plain_vehicle())
    story.answer(5.0, "unlocked", "driver").flash(5.125, 2, apart_s=0.5)
    story.answer(5.0 + apart_s, "locked", "driver").flash(5.0 + apart_s + lamps_late_s)

    operations = story.operations()

    assert ways(operations) == ["unlock", "lock"]
    assert [states(o)["driver"] for o in operations] == ["answered", "answered"]
    assert [o.flashes for o in operations] == [2, 1]


@pytest.mark.parametrize("flashes", [1, 2])
def test_flashes_of_its_own_explain_no_lock_that_falls_back(flashes: int) -> None:
    story = Story(a_plain_vehicle()).mark(5.0, "press-fob-unlock").flash(5.0, flashes, apart_s=0.5)
    story.answer(5.05, "unlocked", "driver").answer(5.6, "locked", "driver")

    (operation,) = story.operations()

    assert states(operation)["driver"] == "bounced"


def test_a_lock_that_falls_back_with_no_step_after_it_has_bounced() -> None:
    story = Story(a_plain_vehicle()).mark(5.0, "press-fob-unlock").flash(5.0, 2, apart_s=0.375)
    story.answer(5.25, "unlocked", "driver").answer(7.0, "locked", "driver")

    assert states(story.operation())["driver"] == "bounced"


def test_a_late_mark_of_the_same_way_explains_no_bounce() -> None:
    story = Story(a_plain_vehicle(without=["ack.flasher"]))
    story.mark(4.5, "press-fob-unlock").answer(5.0, "unlocked", "driver")
    story.answer(5.75, "locked", "driver").mark(6.25, "press-fob-unlock")

    assert states(story.operations()[0])["driver"] == "bounced"


def test_where_commands_are_on_the_bus_a_mark_takes_no_bounce_away() -> None:
    """A lock that falls back is no answer to an order that never came."""
    story = Story().cycle(5.0, "unlock").mark(5.5, "press-fob-unlock")
    story.answer(6.5, "locked", "driver").mark(7.0, "press-fob-lock")

    first = story.operations()[0]

    assert response_of(first, "driver").state == "bounced"
    assert response_of(first, "passenger").state == "answered"


def test_all_doors_of_the_next_operation_go_with_it() -> None:
    story = quick_pair(7.0).mark(5.5, "press-fob-unlock").mark(7.5, "press-fob-lock")

    operations = story.operations()

    assert ways(operations) == ["unlock", "lock"]
    assert [set(states(o).values()) for o in operations] == [{"answered"}] * 2


@pytest.mark.parametrize("cut", range(0, 260, 20))
def test_late_steps_are_told_alike_however_the_frames_were_batched(cut: int) -> None:
    story = quick_pair(7.0).flash(5.25, 2).flash(7.25).mark(7.75, "press-fob-lock")

    assert story.detect([cut]) == story.detect()


def test_a_late_mark_after_the_window_opens_an_operation_of_its_own() -> None:
    story = quick_pair(7.0, until_s=30.0).mark(15.0, "press-fob-lock")

    last = story.operations()[-1]

    assert last.at_s == START_S + 15.0
    assert replace(last, is_closed=True).command is None


def test_orders_that_are_mapped_and_never_came_do_not_hide_a_second_press() -> None:
    """The rear doors are unlocked by a second press; the tap carries no orders."""
    story = Story(a_vehicle(), until_s=30.0).say(0.0, "lock.status", "locked")
    story.mark(5.0, "press-fob-unlock").answer(5.25, "unlocked", "driver", "passenger")
    story.answer(6.5, "unlocked", "rear-left", "rear-right")

    first, second = story.operations()

    assert [answer.door for answer in first.responses if answer.state == "answered"] == [
        "driver",
        "passenger",
    ]
    blamed = [a for o in (first, second) for a in o.responses if a.state in ("slow", "bounced")]
    assert blamed == []


def test_a_key_that_is_seen_to_turn_is_one_operation_with_the_lock_that_it_moves() -> None:
    key = entry("request.cylinder", name_of("driver"), "driver", kind="event")
    story = Story(a_vehicle(extra=[key])).happen(5.0, "request.cylinder", "unlock", "driver")
    story.answer(5.0, "unlocked", "driver")

    operation = story.operation()

    assert operation.request is not None
    assert operation.request.role == "request.cylinder"
    assert operation.command is None
