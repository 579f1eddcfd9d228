"""The deciding operations as chains: which ones, which links, which of them are missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.model.operations import Access, Command, LogEvent, Operation, Request, Response
from canlock.model.snapshot import Snapshot
from canlock.reports.chain import CHAINS_SHOWN, deciding_chains
from canlock.reports.chain_picture import chain_picture
from canlock.telling.chain import Chain
from reports.report_builders import START_S, a_failed_lock, a_snapshot, an_operation, evidence
from reports.report_gallery import a_broken_harness, by_design, nothing_happened


def chain_of(operation: Operation, snapshot: Snapshot | None = None) -> Chain:
    (chain,) = deciding_chains(replace(snapshot or a_snapshot(), operations=(operation,)))
    return chain


def kinds(chain: Chain) -> dict[str, tuple[str, float | None, str]]:
    return {step.name: (step.kind, step.after_ms, step.text) for step in chain.steps}


def test_a_healthy_operation_has_every_link_in_milliseconds() -> None:
    assert kinds(chain_of(an_operation())) == {
        "Request": ("seen", 0, "fob: unlock"),
        "Order of the BCM": ("seen", 100, "unlock all"),
        "Answer-back": ("note", None, "2 flashes"),
        "Lock: driver's door": ("seen", 300, "unlocked"),
        "Lock: passenger's door": ("seen", 310, "unlocked"),
        "Lock: rear left door": ("seen", 320, "unlocked"),
        "Lock: rear right door": ("seen", 330, "unlocked"),
        "Lock: tailgate": ("seen", 340, "unlocked"),
        "A handle: driver's door": ("seen", 2600, "opened"),
        "Ajar: driver's door": ("seen", 2600, "open"),
    }


def test_each_kind_of_answer_is_told_as_what_it_is() -> None:
    found = kinds(chain_of(a_failed_lock(50.0)))
    names = ("driver's door", "passenger's door", "rear left door", "rear right door", "tailgate")
    assert [found[f"Lock: {name}"] for name in names] == [
        ("failed", None, "NO ANSWER"),
        ("failed", 1000, "WENT BACK"),
        ("late", 1000, "SLOW: unlocked"),
        ("note", None, "was unlocked before"),
        ("unseen", None, "could not be seen"),
    ]


def test_what_the_bcm_only_believes_stands_together() -> None:
    at_s = START_S + 12.4
    believed = tuple(
        Response(door, "answered", "belief", "unlocked", at_s, 0.0, 0.0)
        for door in ("passenger", "rear-left", "rear-right")
    )
    found = kinds(chain_of(replace(an_operation(), responses=believed)))
    assert found["Locks: 3 other doors"] == ("believed", 0, "unlocked (the BCM believes)")


@pytest.mark.parametrize(
    ("changes", "step", "expected"),
    [
        ({"command": None, "outcome": "no-command"}, "Order of the BCM", ("failed", "NO ORDER")),
        ({"command": None, "outcome": "unseen"}, "Order of the BCM", ("unseen", "none seen")),
        (
            {"command": None, "outcome": "unseen", "can_see_command": False},
            "Order of the BCM",
            ("unseen", "not visible"),
        ),
        ({"flashes": 0}, "Answer-back", ("unseen", "no flash seen")),
        ({"request": None}, "Request", ("unseen", "fob")),
    ],
)
def test_a_missing_link_is_broken_only_where_it_would_have_been_seen(
    changes: dict[str, object], step: str, expected: tuple[str, str]
) -> None:
    operation = replace(an_operation(), responses=(), **changes)  # type: ignore[arg-type]
    kind, _, text = kinds(chain_of(operation))[step]
    assert (kind, text) == expected


@pytest.mark.parametrize(
    ("can_see", "has_order", "kind", "words"),
    [
        (True, False, "failed", "fob: unlock: NOT RECEIVED"),
        (True, True, "said", "fob: unlock, as marked, not seen"),
        (False, False, "said", "fob: unlock, as marked"),
    ],
)
def test_a_marked_press_is_unheard_only_where_it_would_have_been_seen_and_nothing_followed(
    can_see: bool, has_order: bool, kind: str, words: str
) -> None:
    at_s = START_S + 12.4
    operation = Operation(
        at_s,
        at_s + 3,
        "no-command",
        Request(at_s, "request.fob", "unlock", is_marked=True),
        Command(at_s, "unlock", ()) if has_order else None,
        can_see_request=can_see,
    )
    assert kinds(chain_of(operation))["Request"] == (kind, 0, words)


def test_a_refusal_names_its_reason() -> None:
    (chain,) = deciding_chains(by_design())
    assert kinds(chain)["Order of the BCM"] == ("failed", None, "REFUSED: door open")


def test_a_mark_that_came_before_all_else_is_the_beginning() -> None:
    operation = replace(
        an_operation(),
        request=Request(START_S + 12.0, "request.fob", "unlock", is_marked=True),
    )
    chain = chain_of(operation)
    assert kinds(chain)["Request"][1] == 0
    assert chain.ordered_ms == 500


def test_a_tug_belongs_to_the_operation_before_it_and_to_no_other() -> None:
    tug = Access(START_S + 21.0, "driver", "outer", "not-opened", "locked", "measured", True)
    snapshot = replace(
        a_snapshot(),
        accesses=(tug,),
        events=(LogEvent(START_S + 21.2, "door.ajar", "driver", "closed", ""),),
        operations=(an_operation(19.0), an_operation(20.0), an_operation(28.4)),
    )
    holding = [
        chain.title[:8]
        for chain in deciding_chains(snapshot)
        if any(step.name.startswith("Outer handle") for step in chain.steps)
    ]
    assert holding == ["+20.00 s"]


def test_the_operations_of_the_strongest_evidence_are_shown_in_the_order_of_time() -> None:
    operations = tuple(an_operation(10.0 * number) for number in range(1, 9))
    finding = replace(
        a_snapshot().verdict,
        evidence=(
            evidence("Weak.", 0.6, 10.5),
            evidence("Too weak.", 0.4, 20.5),
            evidence("Strong.", 4.0, 70.5, 30.5),
            evidence("Against.", -2.0, 50.5),
            evidence("Same operation.", 3.0, 71.0),
            evidence("Fair.", 0.7, 60.5),
        ),
    )
    snapshot = replace(a_snapshot(), operations=operations, findings=(finding,))
    titles = [chain.title[:8] for chain in deciding_chains(snapshot)]
    assert titles == ["+50.00 s", "+60.00 s", "+70.00 s"]
    assert len(titles) == CHAINS_SHOWN


def test_where_no_evidence_has_an_operation_those_that_failed_are_shown() -> None:
    operations = (an_operation(10.0), an_operation(20.0, silent=("driver",)), an_operation(30.0))
    finding = replace(a_snapshot().verdict, evidence=())
    snapshot = replace(a_snapshot(), operations=operations, findings=(finding,))
    assert [chain.title[:8] for chain in deciding_chains(snapshot)] == ["+20.00 s"]


def test_where_nothing_happened_there_is_no_chain() -> None:
    assert deciding_chains(nothing_happened()) == ()


def test_the_picture_tells_each_step_by_shape_and_word() -> None:
    picture = chain_picture(deciding_chains(a_broken_harness())[0])
    assert picture.count('class="awaited"') == picture.count("NO ANSWER<") == 1
    assert picture.count("mark seen") == 2 + 4
    assert "did NOT open" in picture
