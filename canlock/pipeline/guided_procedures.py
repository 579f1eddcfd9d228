"""The procedures of a guided check: one action at a time, and nothing by force (DOMAIN 4.5).

A procedure bears the id of the next test that it carries out; the engine chooses among them. What
is asked first, before the engine knows anything, stands at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from canlock.model.doors import door_name
from canlock.pipeline.guided_parts import Act, Answer, Measurement, Procedure, Question

ANSWER_S: Final = 5.0
"""The car is left alone for so long after a press: an operation's window (3 s) and a little."""

APART_S: Final = 8.0
"""Presses in a row are so far apart that the BCM does not rest its motors (6 s, DOMAIN 4.5), and
that the engine does not take motors for warm: six in 40 s."""

HANDLE_S: Final = 3.0
"""A door that opens has done so within this."""

LOCK = Act("Press LOCK on the fob.", ("press-fob-lock",), ANSWER_S)
UNLOCK = Act("Press UNLOCK on the fob.", ("press-fob-unlock",), ANSWER_S)
SHUT = Act("Shut the {door} again.", ("closed",), 1.0)
DID_IT_OPEN = Question(
    "Did the {door} open?",
    (Answer("it opened", ("opened",), (SHUT,)), Answer("it stayed shut", ("not-opened",))),
)

PROCEDURES: Final = (
    Procedure(
        "press-again",
        "Lock and unlock three times",
        (
            Act("Shut every door. Keep the fob in your hand, outside the car."),
            *(
                Act(text, (f"press-fob-{action}",), APART_S)
                for _ in range(3)
                for action, text in (("lock", LOCK.text), ("unlock", UNLOCK.text))
            ),
        ),
        "Three complete orders show what is sound, and two failures what is not.",
        most_times=3,
    ),
    Procedure(
        "outside-handle",
        "Pull the outside handle of the {door}",
        (
            UNLOCK,
            Act(
                "Pull the outside handle of the {door} once, gently.",
                ("pull-outer-handle",),
                HANDLE_S,
            ),
            DID_IT_OPEN,
        ),
        "It tells a lock that did not move from a handle that does not reach the latch.",
    ),
    Procedure(
        "inside-handle",
        "Pull the inside handle of the {door}",
        (
            UNLOCK,
            Act(
                "From inside, pull the inside handle of the {door} once.",
                ("pull-inner-handle",),
                HANDLE_S,
            ),
            DID_IT_OPEN,
        ),
        "It tells the outside handle's rod from the latch itself.",
        "the inside handle cannot be reached",
    ),
    Procedure(
        "listen",
        "Listen at the {door}",
        (
            LOCK,
            Act(
                "Put an ear to the {door} and press UNLOCK on the fob.",
                ("press-fob-unlock",),
                ANSWER_S,
            ),
            Question(
                "What came from the {door}?",
                (
                    Answer("nothing", ("heard-silence",)),
                    Answer("a click or a clack, as a lock does", ("heard-click",)),
                    Answer("a hum, without a clack", ("heard-hum",)),
                    Answer("a whirr: a motor that turns freely", ("heard-whirr",)),
                ),
            ),
        ),
        "Silence speaks for a wire, a hum for a jam, a whirr for a broken gear.",
    ),
    Procedure(
        "window-switch",
        "Try the window of the {door}",
        (
            Act("Switch the ignition on; do not start the engine.", (), 1.0),
            Act(
                "Press the window switch of the {door} down for a second.",
                ("press-window-switch",),
                1.5,
            ),
            Question(
                "Did the window of the {door} move?",
                (
                    Answer("it moved", ("window-moved",)),
                    Answer("it did not move", ("window-dead",)),
                ),
            ),
            Act("Switch the ignition off and take the key with you.", (), 1.0),
        ),
        "The window's wires run through the same rubber gaiter as the lock's.",
        "the window switch cannot be reached, or is a crank",
    ),
    Procedure(
        "knob",
        "Move the inside knob of the {door}",
        (
            Question(
                "Move the inside lock knob of the {door} to and fro by hand. How does it go?",
                (
                    Answer("freely", ("knob-free",)),
                    Answer("stiff, or not at all", ("knob-stiff",)),
                ),
            ),
        ),
        "It tells a stuck latch from a dead motor.",
        "there is no knob, or it cannot be reached",
    ),
    Procedure(
        "gaiter",
        "Flex the rubber gaiter of the {door}",
        (
            Act("Open the {door} wide and leave it open.", ("opened",), 1.0),
            Act(
                "Flex the rubber gaiter between body and {door} slowly, and press LOCK on the fob.",
                ("flex-harness", "press-fob-lock"),
                ANSWER_S,
            ),
            *(
                Act(
                    f"Go on flexing slowly, and press {action.upper()} on the fob.",
                    ("flex-harness", f"press-fob-{action}"),
                    ANSWER_S,
                )
                for action in ("unlock", "lock", "unlock")
            ),
            SHUT,
        ),
        "A broken wire touches now and then while it is bent.",
        "the {door} does not open",
        most_times=2,
    ),
    Procedure(
        "press-near",
        "Press close by",
        (
            Act("Stand at the driver's window and hold the fob against it.", ("near-car",), 1.0),
            UNLOCK,
        ),
        "A fob with a weak battery is heard only close by.",
    ),
    Procedure(
        "press-far",
        "Press from ten paces",
        (
            Act("Walk ten paces away from the car.", ("far-from-car",), 1.0),
            UNLOCK,
            Act("Come back to the car.", ("near-car",)),
        ),
        "A fob with a weak battery is not heard from afar.",
        "there is no room to walk away",
    ),
    Procedure(
        "spare-fob",
        "Try the spare fob",
        (
            Act("Leave the first fob and take the spare one."),
            Act("Press UNLOCK on the spare fob.", ("press-spare-fob-unlock",), ANSWER_S),
        ),
        "It tells the fob from the car.",
        "there is no spare fob here",
    ),
    Procedure(
        "interior-switch",
        "Press the lock button inside",
        (
            Act("Sit in the car and shut every door; the key stays outside or in your hand."),
            Act("Press LOCK on the button inside.", ("press-interior-lock",), ANSWER_S),
            Act("Press UNLOCK on the button inside.", ("press-interior-unlock",), ANSWER_S),
        ),
        "It tells the fob's way from what comes behind it.",
        "the car cannot be entered, or has no such button",
    ),
    Procedure(
        "move-car",
        "Try at another place",
        (
            Act(
                "Drive or push the car 50 m or more, switch everything off, get out and shut the "
                "doors.",
                ("moved-car",),
                1.0,
            ),
            LOCK,
            UNLOCK,
        ),
        "Radio noise stays behind; a weak fob comes along.",
        "the car cannot be moved",
    ),
    Procedure(
        "measure-supply",
        "Measure the battery",
        (
            Measurement(
                "With everything off, measure the battery at its terminals and type the volts.",
                "supply.voltage",
                "V",
                4.0,
                18.0,
            ),
            LOCK,
            UNLOCK,
        ),
        "A weak battery makes locks slow, and the BCM refuse.",
        "there is no voltmeter here",
    ),
)
"""Every test of the engine that a person can do; others are passed over."""

SAFETY: Final = (
    "The car stands still, the handbrake is on, the engine is off.",
    "Never force a handle, a key or a knob: plastic rods break.",
    "One action at a time, and only what you are asked for.",
    "Keep a key outside: a car may lock itself with its key inside.",
    "Stop at once if it smells burnt: key b.",
    "canlock only listens: it sends nothing to the car.",
)

GET_IN: Final = (
    "Most fobs hold a mechanical key, and most cars a lock for it: look under a cap at the "
    "handle of the driver's door. Turn it gently, both ways.",
    "Try every other door and the tailgate, each after its own press of UNLOCK.",
    "An open window is enough: reach the inside handle of the next door, or its knob.",
    "Else a locksmith opens it without harm. canlock can go on when the socket is reached.",
)
"""For whoever cannot get at the OBD socket."""

SOCKET: Final = Procedure(
    "socket",
    "How to reach the OBD socket",
    (
        Question(
            "The OBD socket is in the driver's footwell, and the driver's door may be the one that "
            "is shut. How do you get there?",
            (
                Answer("the driver's door opens, or the adapter is in already", code="at-hand"),
                Answer("through another door, reaching over", code="another-door"),
                Answer("through a window or the tailgate", code="window"),
                Answer("with the mechanical key", code="mechanical-key"),
                Answer("not at all: nothing opens", code="shut-out"),
            ),
        ),
    ),
    is_opening=True,
)

SHUT_OUT: Final = "shut-out"
"""The answer with which a check cannot go on."""

HELP_IN: Final = Procedure(
    "get-in",
    "How to get into a shut car",
    (Act("\n".join(f"- {line}" for line in GET_IN)),),
    is_opening=True,
)

PREPARE: Final = Procedure(
    "safety",
    "Before you begin",
    (Act("\n".join(f"- {line}" for line in SAFETY)),),
    is_opening=True,
)

AT_LEAST: Final = ("press-again", "outside-handle")
"""Done first, whatever the engine would say: until something was tried it knows next to nothing,
and no door."""

SOME_DOORS: Final = "several"
NO_DOOR: Final = "none"
MOST_DOORS: Final = 7
"""Doors that have a key of their own in the question after the complaint."""


def complaint(doors: Sequence[str]) -> Procedure:
    """Return the question after the door that gives trouble.

    Args:
        doors: The doors of the car.
    """
    answers = [Answer(door_name(door), code=door) for door in doors[:MOST_DOORS]]
    answers.append(Answer("several doors, or all", code=SOME_DOORS))
    answers.append(Answer("none in particular, or it comes and goes", code=NO_DOOR))
    text = "Which door gives trouble?"
    question = Question(text, tuple(answers))
    return Procedure("complaint", text.rstrip("?"), (question,), is_opening=True)


def procedure(test_id: str) -> Procedure | None:
    """Return the procedure of a test; None where a person alone cannot do it."""
    return next((each for each in PROCEDURES if each.id == test_id), None)
