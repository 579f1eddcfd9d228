"""The keys of a replay, and what they do to its player."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canlock.model.operations import Operation
    from canlock.pipeline.replayed import Replay

SKIP_S: Final = 10.0
STEP_S: Final = 0.1
SLOWEST, FASTEST = 0.1, 100.0

BEFORE_S: Final = 1.0
"""An operation is gone to a little before it begins."""

PLAYER_BINDINGS: Final = (
    Binding("space", "player('hold')", "Hold/go on", key_display="space"),
    Binding("full_stop", "player('step')", "Step", show=False, tooltip="Play 0.1 s, and hold"),
    Binding("left", "player('back')", "-10 s", key_display="←", show=False),
    Binding("right", "player('on')", "+10 s", key_display="→", show=False),
    Binding(
        "left_square_bracket",
        "player('previous')",
        "Previous operation",
        key_display="[",
        show=False,
        tooltip="Go to the operation before this place",
    ),
    Binding(
        "right_square_bracket",
        "player('next')",
        "Next operation",
        key_display="]",
        show=False,
        tooltip="Go to the operation after this place",
    ),
    Binding("minus", "player('slower')", "Slower", key_display="-", show=False),
    Binding("plus,equals_sign", "player('faster')", "Faster", key_display="+", show=False),
    Binding("r", "player('loop')", "Repeat", show=False, tooltip="Begin again at the end, or not"),
)


def operate(player: Replay, what: str, seen: Sequence[Operation]) -> str:
    """Do what a key asks of a player; return what to tell the person.

    Args:
        player: The replay.
        what: The word in the key's binding.
        seen: The operations up to here, for when nobody knows of those ahead.
    """
    transport = player.transport
    if player.is_at_end and what in ("hold", "on", "step", "next"):
        if what != "hold":
            return "this is the end"
        transport.resume()
        player.seek(0.0)
        return "from the beginning"
    if what == "hold":
        return "held" if transport.toggle() else "going on"
    if what == "step":
        transport.step(STEP_S)
        return ""
    if what in ("back", "on"):
        return f"to {player.skip(SKIP_S if what == 'on' else -SKIP_S):+.0f} s"
    if what in ("previous", "next"):
        return _go_to_operation(player, seen, is_next=what == "next")
    if what == "loop":
        player.is_looping = not player.is_looping
        return "begins again at the end" if player.is_looping else "ends at the end"
    now = transport.speed or FASTEST
    wanted = now * 2 if what == "faster" else now / 2
    transport.set_speed(min(max(wanted, SLOWEST), FASTEST))
    return f"{transport.speed:g} times as fast as it happened"


def _go_to_operation(player: Replay, seen: Sequence[Operation], *, is_next: bool) -> str:
    survey = player.ahead.survey
    first_s, at_s = player.first_s, player.transport.at_s
    if first_s is None or at_s is None:
        return "nothing has been played yet"
    places = [each.at_s - BEFORE_S for each in (survey.operations if survey else seen)]
    if is_next:
        # Half a second of play, so that the same place is not found again.
        target = min((each for each in places if each > at_s + 0.5), default=None)
    else:
        target = max((each for each in places if each < at_s - 0.5), default=None)
    if target is None:
        return "no operation after this" if is_next else "no operation before this"
    return f"to {player.seek(target - first_s):+.1f} s"
