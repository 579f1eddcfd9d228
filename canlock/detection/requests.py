"""Requests: what a person asked for, from a frame or from a mark."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from canlock.detection.draft import direction
from canlock.model.operations import Request
from canlock.model.roles import REQUEST_ROLES
from canlock.model.samples import RoleSample
from canlock.model.stream import Mark

MARKED_REQUESTS: Final = {
    "press-fob-lock": ("request.fob", "lock"),
    "press-fob-unlock": ("request.fob", "unlock"),
    "press-spare-fob-lock": ("request.fob", "lock"),
    "press-spare-fob-unlock": ("request.fob", "unlock"),
    "press-handle-switch": ("request.handle", "pressed"),
    "press-interior-lock": ("request.interior", "lock"),
    "press-interior-unlock": ("request.interior", "unlock"),
    "turn-key-lock": ("request.cylinder", "lock"),
    "turn-key-unlock": ("request.cylinder", "unlock"),
}

NOT_FOR_LOCKS: Final = ("trunk", "panic")
"""Requests that do not ask the door locks to move."""


def request_from_mark(mark: Mark) -> Request | None:
    """Return what a mark says was asked for, or None where it is no such mark."""
    asked = MARKED_REQUESTS.get(mark.action)
    if asked is None:
        return None
    return Request(
        mark.at_s, asked[0], asked[1], mark.door, is_marked=True, mark_action=mark.action
    )


def asked_way(request: Request) -> str | None:
    """Return `lock` or `unlock`, where that was asked; None: neither, or nobody knows.

    A press that is only counted is for what somebody marked that they pressed.
    """
    way = direction(request.action)
    if way is None and request.mark_action is not None:
        marked = MARKED_REQUESTS.get(request.mark_action)
        way = direction(marked[1]) if marked is not None else None
    return way


FOB_SIGNS: Final = ("request.fob", "fob.count", "fob.id")
"""What tells of a press of the fob, the best first: the button, its count, who was used last."""


def request_from_sample(sample: RoleSample, roles: Collection[str]) -> Request | None:
    """Return the request that a sample shows, or None.

    A step of the fob's count is a press where the vehicle's bus does not show the button itself; so
    is another fob's id where it shows neither, though presses of the same fob do not show then.

    Args:
        sample: What a frame said.
        roles: All that the vehicle file maps.
    """
    if sample.role in FOB_SIGNS[1:]:
        is_best = sample.role == next(role for role in FOB_SIGNS if role in roles)
        if not is_best or sample.is_first or sample.value == sample.previous:
            return None
        return Request(sample.at_s, "request.fob", "pressed", is_seen=True)
    if sample.role not in REQUEST_ROLES or not isinstance(sample.value, str):
        return None
    if sample.value == "none" or (sample.kind == "state" and sample.is_first):
        return None
    door = sample.doors[0] if len(sample.doors) == 1 else None
    return Request(sample.at_s, sample.role, sample.value, door, is_seen=True)
