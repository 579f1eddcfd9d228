"""Which frames the adapter lets through: one id and mask, or on STN chips any number of ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from canlock.model.frames import EXTENDED_BIT

STANDARD_MASK: Final = 0x7FF
EXTENDED_MASK: Final = 0x1FFF_FFFF


@dataclass(frozen=True, slots=True)
class IdMask:
    """Frames whose id equals `id` in the bits of `mask`."""

    id: int
    mask: int
    is_extended: bool = False

    def lets_through(self, arbitration_id: int, *, is_extended: bool) -> bool:
        """Say whether a frame with this id comes through."""
        return is_extended == self.is_extended and not (arbitration_id ^ self.id) & self.mask

    @property
    def share(self) -> float:
        """Of all ids of this width, the part that comes through."""
        full = EXTENDED_MASK if self.is_extended else STANDARD_MASK
        return float(2.0 ** -(self.mask & full).bit_count())


def exact(key: int) -> IdMask:
    """Return the filter for one frame key, see `frames.frame_key`."""
    is_extended = bool(key & EXTENDED_BIT)
    return IdMask(key & ~EXTENDED_BIT, EXTENDED_MASK if is_extended else STANDARD_MASK, is_extended)


def cover(masks: Iterable[IdMask]) -> IdMask | None:
    """Return the narrowest single filter that lets all of them through.

    None where there are none, or where they are of both widths: then no one filter does.
    """
    held = list(masks)
    if not held or len({one.is_extended for one in held}) > 1:
        return None
    mask = EXTENDED_MASK if held[0].is_extended else STANDARD_MASK
    for one in held:
        mask &= one.mask & ~(one.id ^ held[0].id)
    return IdMask(held[0].id & mask, mask, held[0].is_extended)


def filter_commands(masks: tuple[IdMask, ...], *, has_exact_filters: bool) -> list[str]:
    """Return the commands that set a filter; no masks let everything through.

    Args:
        masks: One, or on a chip that has exact filters any number.
        has_exact_filters: The chip has STFAP.

    Raises:
        ValueError: The chip has one filter and there are several masks.
    """
    if has_exact_filters:
        return [
            "STFCP",
            *(f"STFAP{_digits(one.id, one)},{_digits(one.mask, one)}" for one in masks),
        ]
    if len(masks) > 1:
        raise ValueError(f"{len(masks)} masks for a chip with one filter")
    one = masks[0] if masks else IdMask(0, 0)
    return [f"ATCF{_digits(one.id, one)}", f"ATCM{_digits(one.mask, one)}"]


def _digits(number: int, one: IdMask) -> str:
    return f"{number:08X}" if one.is_extended else f"{number:03X}"
