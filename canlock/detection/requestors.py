"""In whose name the BCM orders, as its frames or another tester say."""

from __future__ import annotations

from dataclasses import replace

from canlock.detection.draft import COMMAND_LEADS_S, Draft
from canlock.model.samples import RoleSample
from canlock.model.vehicle import Vehicle


class Requestors:
    """Who was last said to have asked for an order."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._last: tuple[float, str, str] | None = None
        self.overheard: str | None = None
        """Who orders by another way than the mapped signals, while it lasts."""

    def copy(self) -> Requestors:
        """Return a copy that may go on by itself."""
        other = Requestors(self._vehicle)
        other._last = self._last
        other.overheard = self.overheard
        return other

    def of(self, order: RoleSample) -> str | None:
        """Return in whose name an order is given; None: nobody knows."""
        if self._last is None:
            return self.overheard
        at_s, value, message = self._last
        is_same_frame = message == self._message_of(order)
        if value == "none" or not (is_same_frame or order.at_s - at_s <= COMMAND_LEADS_S):
            return self.overheard
        return value

    def take(self, sample: RoleSample, draft: Draft | None) -> None:
        """Take in who asks, for the order that may have come just before it as well."""
        value = str(sample.value) if sample.value is not None else "none"
        message = self._message_of(sample)
        if message is None:
            # What did not come in a frame holds until it is taken back.
            self.overheard = value if value != "none" else None
            if draft is not None and value != "none":
                draft.overheard = value
        else:
            self._last = sample.at_s, value, message
        if draft is None or draft.command is None:
            return
        after_s = sample.at_s - draft.command.at_s
        if value == "none" and after_s <= 0.0:
            # It came in the same frame.
            draft.command = replace(draft.command, requestor=self.overheard)
        elif value != "none" and after_s <= COMMAND_LEADS_S:
            draft.command = replace(draft.command, requestor=value)

    def _message_of(self, sample: RoleSample) -> str | None:
        """Return the name of the message that a sample came in; None: it came in none."""
        return self._vehicle.signals[sample.source].message if sample.source >= 0 else None
