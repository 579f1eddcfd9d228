"""Whether the last line of a text log, which has no end, is there in full.

Many programs leave out the last newline; a file that was cut off lacks it too. What tells the two
apart is the payload: as long as the line says, and its last byte with all its digits.
"""

from __future__ import annotations

from canlock.model.frames import FrameFlag
from canlock.sources.asc_bytes import AscBytes
from canlock.sources.text_grammar import LineFrame
from canlock.sources.text_shape import PayloadForm, SpacedBytes


def is_complete(line: bytes, frame: LineFrame, form: PayloadForm) -> bool:
    """Tell whether a line spells all bytes of the frame that was read from it."""
    if frame.flags & FrameFlag.REMOTE:
        # How many bytes a remote frame asks for stands at its end: there may be more digits.
        return False
    if not frame.payload:
        return True
    if isinstance(form, AscBytes) and form.is_decimal:
        last = str(frame.payload[-1])
        # Another digit might follow, but not where that makes more than a byte.
        is_last = line.rstrip().endswith(last.encode())
        return not is_last or len(line) > len(line.rstrip()) or frame.payload[-1] * 10 > 0xFF  # noqa: PLR2004
    if isinstance(form, SpacedBytes):
        spelt = frame.payload.hex(chr(form.behind)).upper().encode()
        return spelt in line.upper()
    return True
