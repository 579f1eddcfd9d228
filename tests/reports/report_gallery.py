"""A snapshot for each kind of report that there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from canlock.model.capture import CaptureInfo, Damage
from canlock.model.operations import (
    Access,
    Command,
    LogEvent,
    Operation,
    Request,
    Response,
)
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, TroubleCode
from canlock.model.verdict import Advice, Evidence, Finding, Hypothesis, NextTest
from reports.report_builders import (
    DOORS,
    GAITER_TEST,
    HARNESS_ADVICE,
    START_S,
    UNSEEN_ROLES,
    WINDOW_TEST,
    a_failed_lock,
    a_snapshot,
    an_operation,
    evidence,
    no_fault,
)


def a_broken_harness() -> Snapshot:
    """The wire in the driver's gaiter is broken, and the evidence settles it."""
    finding = Finding(
        "door-harness-open",
        "wiring",
        ("driver",),
        0.93,
        is_confident=True,
        group=("door-harness-open",),
        summary="The wiring of the driver's door is broken, most likely in the rubber gaiter:"
        " neither the lock nor the window of that door does what it is told, while the other"
        " doors answer.",
        evidence=(
            evidence("Broken gaiter wires are the most common lock fault of old cars.", -2.4),
            evidence(
                "The driver's door did not answer 3 of 3 orders, in both directions.",
                3.9,
                12.5,
                20.1,
                28.5,
                31.0,
            ),
            evidence("The other four doors answered every order within 0.24 s.", 1.2, 12.5),
            evidence("The driver's window did not move when its switch was pressed.", 2.9, 35.0),
            evidence("The failures do not change with the angle of the door.", -0.4, 40.0),
        ),
        advice=HARNESS_ADVICE,
    )
    return replace(
        a_snapshot(),
        findings=(finding,),
        hypotheses=(
            Hypothesis("door-harness-open", ("driver",), 0.93),
            Hypothesis("actuator-motor-fault", ("driver",), 0.05),
            Hypothesis("latch-jammed", ("driver",), 0.02),
        ),
        operations=(
            *(an_operation(after_s, silent=("driver",)) for after_s in (12.4, 20.0)),
            replace(
                an_operation(28.4, silent=("driver",)),
                request=Request(
                    START_S + 28.4,
                    "request.fob",
                    "unlock",
                    is_marked=True,
                    mark_action="press-spare-fob-unlock",
                ),
            ),
        ),
        accesses=(Access(START_S + 15.0, "driver", "outer", "not-opened", "locked", "measured"),),
        marks=(
            Mark(START_S + 12.9, "press-fob-unlock"),
            Mark(START_S + 15.0, "pull-outer-handle", "driver"),
            Mark(START_S + 15.8, "not-opened", "driver", "tried twice"),
            Mark(START_S + 28.4, "press-spare-fob-unlock"),
            Mark(START_S + 35.6, "window-dead", "driver"),
        ),
        events=(
            LogEvent(START_S + 12.9, "mark", None, "press-fob-unlock", "you: press-fob-unlock"),
            LogEvent(START_S + 35.0, "window.switch", "driver", "down", "driver: window.switch"),
            LogEvent(START_S + 35.4, "window.switch", "driver", "none", "driver: window.switch"),
        ),
        next_tests=(GAITER_TEST,),
    )


def two_that_look_the_same() -> Snapshot:
    """One door is dead, and nothing seen tells the wire from the motor."""
    broken = a_broken_harness()
    finding = replace(
        broken.verdict,
        probability=0.54,
        is_confident=False,
        group=("door-harness-open", "actuator-motor-fault", "latch-jammed"),
        summary="The driver's door does not answer while the others do; whether it is the wire,"
        " the motor or the latch, nothing seen so far can tell.",
        evidence=broken.verdict.evidence[:3],
    )
    return replace(
        broken,
        findings=(finding,),
        hypotheses=(
            Hypothesis("door-harness-open", ("driver",), 0.54),
            Hypothesis("actuator-motor-fault", ("driver",), 0.28),
            Hypothesis("latch-jammed", ("driver",), 0.11),
            Hypothesis("door-module-offline", ("driver",), 0.07),
        ),
        next_tests=(WINDOW_TEST, GAITER_TEST),
        marks=(),
        events=(),
    )


def a_door_in_doubt() -> Snapshot:
    """The kind of fault is clear, which door has it is not."""
    broken = a_broken_harness()
    finding = replace(broken.verdict, probability=0.55, is_confident=False)
    return replace(
        broken,
        findings=(finding,),
        hypotheses=(
            Hypothesis("door-harness-open", ("driver",), 0.55),
            Hypothesis("door-harness-open", ("passenger",), 0.42),
            Hypothesis("latch-jammed", ("passenger",), 0.03),
        ),
    )


def too_little() -> Snapshot:
    """A car of tier T1 of which next to nothing was seen, on a clock that starts at zero."""
    finding = Finding(
        "insufficient-evidence",
        "unknown",
        (),
        0.41,
        is_confident=False,
        group=(
            "insufficient-evidence",
            "no-fault",
            "fob-battery-low",
            "door-harness-open",
            "actuator-motor-fault",
        ),
        summary="Only one order was seen, which is too few, and this bus does not show requests.",
        evidence=(
            Evidence(0.0, "how often this is the reason, before anything was seen", -0.6),
            Evidence(12.4, "the BCM ordered what was asked, at once", 1.2, (12.4,)),
        ),
    )
    operation = Operation(
        12.4,
        15.4,
        "answered",
        command=Command(12.4, "unlock", DOORS, is_inferred=True),
        responses=(
            Response("driver", "answered", "measured", "unlocked", 12.5, 0.1, 0.0),
            Response("passenger", "answered", "belief", "unlocked", 12.5, 0.1, 0.0),
        ),
    )
    return Snapshot(
        vehicle="nissan-qashqai-j10",
        vehicle_name="Nissan Qashqai J10 (2007-2013)",
        doors=DOORS,
        tier="T1",
        capture=CaptureInfo("short.log", "candump", 1_240, 0, 0.0, 31.0),
        first_s=0.0,
        now_s=31.0,
        findings=(finding,),
        hypotheses=(
            Hypothesis("insufficient-evidence", (), 0.41),
            Hypothesis("no-fault", (), 0.26),
            Hypothesis("fob-battery-low", (), 0.12),
            Hypothesis("door-harness-open", ("driver",), 0.07),
            Hypothesis("door-harness-open", ("rear-left",), 0.04),
            Hypothesis("actuator-motor-fault", ("driver",), 0.05),
            Hypothesis("latch-jammed", ("driver",), 0.05),
        ),
        operations=(operation,),
        next_tests=(
            NextTest(
                "press-again",
                "Press lock and unlock on the fob three times, six seconds apart, and mark each"
                " press.",
                1.0,
                0.6,
            ),
        ),
        missing_roles=UNSEEN_ROLES,
        notes=("The lock of every door but the driver's is known as the BCM believes it.",),
    )


def by_design() -> Snapshot:
    """A refusal that is as it should be."""
    finding = Finding(
        "inhibit-door-open",
        "by-design",
        ("rear-left",),
        0.91,
        is_confident=True,
        group=("inhibit-door-open",),
        summary="The car refused to lock because the rear left door stood open.",
        evidence=(evidence("The BCM refused and gave an open door as its reason.", 4.1, 12.5),),
        advice=Advice(steps=("Shut the rear left door and press lock again.",)),
    )
    at_s = START_S + 12.4
    refused = Operation(
        at_s,
        at_s + 3.0,
        "refused",
        Request(at_s, "request.handle", "lock", "driver", is_seen=True),
        inhibit="door-open",
        can_see_request=True,
        can_see_command=True,
    )
    return replace(
        a_snapshot(),
        findings=(finding,),
        hypotheses=(
            Hypothesis("inhibit-door-open", ("rear-left",), 0.91),
            Hypothesis("door-ajar-switch-fault", ("rear-left",), 0.09),
        ),
        operations=(refused,),
        events=(),
    )


def healthy_with_a_note() -> Snapshot:
    """No fault, but something that looked odd was by design."""
    relock = replace(
        an_operation(58.6),
        request=None,
        command=Command(START_S + 58.7, "lock", DOORS),
        cause="auto-relock",
        responses=tuple(replace(each, value="locked") for each in an_operation(58.6).responses),
    )
    return replace(
        a_snapshot(),
        findings=(
            replace(
                no_fault(),
                summary="Every order was answered by every door. The car locked itself once, 30 s"
                " after an unlock with no door opened: that is its own timer and no fault.",
            ),
        ),
        operations=(*a_snapshot().operations, relock),
        notes=(
            "Nobody has seen this vehicle file work on a car: what was not seen weighs little.",
        ),
    )


def a_damaged_capture() -> Snapshot:
    """Every kind of damage that a reader reports."""
    healthy = a_snapshot()
    return replace(
        healthy,
        capture=replace(
            healthy.capture,
            bad_lines=212,
            out_of_order=17,
            clock_jumps=1,
            error_frames=3,
            is_truncated=True,
            damage=tuple(
                Damage(
                    f"logs/yard/evening.log:{line}",
                    "expected `(seconds) channel id#data`, found `#@!x`",
                )
                for line in (10, 20, 30, 40, 50, 60)
            ),
        ),
        operations=(
            *healthy.operations[:2],
            replace(healthy.operations[2], is_gapped=True, is_closed=False),
        ),
    )


def nothing_happened() -> Snapshot:
    """Not a frame was read, so no instant is known."""
    finding = Finding(
        "insufficient-evidence",
        "unknown",
        (),
        1.0,
        is_confident=False,
        group=("insufficient-evidence",),
        summary="No lock operation was seen.",
    )
    return replace(
        a_snapshot(),
        tier="T0",
        capture=CaptureInfo("empty.asc", "asc"),
        first_s=None,
        now_s=None,
        findings=(finding,),
        hypotheses=(Hypothesis("insufficient-evidence", (), 1.0),),
        operations=(),
        accesses=(),
        events=(),
        missing_roles=(),
    )


def a_long_day() -> Snapshot:
    """More of everything than fits: two hours, two of forty operations failing."""
    operations = [an_operation(12.4 + 200.0 * number) for number in range(40)]
    operations[22] = an_operation(12.4 + 200.0 * 22, silent=("driver", "rear-left"))
    operations[30] = a_failed_lock(12.4 + 200.0 * 30)
    healthy = a_snapshot()
    finding = Finding(
        "door-harness-intermittent",
        "wiring",
        ("driver",),
        0.84,
        is_confident=True,
        group=("door-harness-intermittent",),
        summary="The driver's door failed now and then, and answered well in between.",
        evidence=(
            evidence("The driver's door did not answer 2 of 40 orders.", 4.4, 4412.5, 6012.5),
        ),
        advice=HARNESS_ADVICE,
    )
    return replace(
        healthy,
        findings=(finding,),
        hypotheses=(
            Hypothesis("door-harness-intermittent", ("driver",), 0.84),
            Hypothesis("actuator-degrading", ("driver",), 0.16),
        ),
        capture=replace(healthy.capture, frames=960_000, last_s=START_S + 8000.0),
        now_s=START_S + 8000.0,
        operations=tuple(operations),
        dropped_operations=216,
        events=tuple(
            LogEvent(
                START_S + 15.0 + 100.0 * number,
                "door.ajar",
                "driver",
                ("open", "closed")[number % 2],
                "",
            )
            for number in range(30)
        ),
        notes=tuple(f"Note number {number}." for number in range(1, 12)),
        codes=(TroubleCode(START_S + 31.0, "bcm", "B2562", "16", "2F"),),
    )


def two_faults() -> Snapshot:
    """Two independent faults, one sure and one not."""
    broken = a_broken_harness()
    second = Finding(
        "actuator-degrading",
        "actuator",
        ("rear-left",),
        0.62,
        is_confident=False,
        group=("actuator-degrading", "latch-jammed"),
        summary="The rear left lock takes twice as long as the others.",
        evidence=(evidence("The rear left door took 0.90 s, the others 0.22 s.", 2.2, 12.5),),
        advice=Advice("average", (4000, 4000), ("Replace the lock motor.",)),
    )
    return replace(broken, findings=(broken.verdict, second))


GALLERY: dict[str, Callable[[], Snapshot]] = {
    "healthy": a_snapshot,
    "broken-harness": a_broken_harness,
    "ambiguity-group": two_that_look_the_same,
    "door-in-doubt": a_door_in_doubt,
    "insufficient-evidence": too_little,
    "by-design": by_design,
    "no-fault-with-note": healthy_with_a_note,
    "damaged-capture": a_damaged_capture,
    "nothing-happened": nothing_happened,
    "many-operations": a_long_day,
    "two-faults": two_faults,
}
"""One snapshot for each kind of report, by the name of its golden file."""
