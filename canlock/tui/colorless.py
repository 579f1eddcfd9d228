"""Colours taken out where `NO_COLOR` asks for it."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter, Monochrome


class PatientMonochrome(Monochrome):
    """Takes segments without a style too, which narrow screens have and Textual's own fails on."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in black, white and grey."""
        styled = [Segment(text, style or Style.null(), None) for text, style, _ in segments]
        return super().apply(styled, background)


def be_patient(filters: list[LineFilter]) -> None:
    """Put the patient filter in the place of Textual's own."""
    for place, one in enumerate(filters):
        if type(one) is Monochrome:
            filters[place] = PatientMonochrome()
