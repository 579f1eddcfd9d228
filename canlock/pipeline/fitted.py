"""The fitted likelihoods that ship: read once, handed over frozen (the diagnosis opens no file)."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from canlock import __version__, diagnosis
from canlock.decoding.cache import keep_record, make_digest, read_record, stamp_files
from canlock.diagnosis.likelihoods import Likelihoods, kind_of, parse_likelihoods
from canlock.diagnosis.observation import HEALTHY

FORMAT: Final = b"canlock.parsed-likelihoods/2"
_FOLDER: Final = Path(diagnosis.__file__).parent


@cache
def load_likelihoods() -> Likelihoods:
    """Return what `diagnosis/likelihoods.toml` holds."""
    content = (_FOLDER / "likelihoods.toml").read_bytes()
    # What the text means depends on the alphabet of observations, besides.
    code = stamp_files(_FOLDER / name for name in ("observation.py", "likelihoods.py"))
    key = make_digest(FORMAT, __version__.encode(), code, content)
    body = read_record(key)
    if body is not None:
        try:
            known = msgspec.msgpack.decode(body, type=Likelihoods)
            if _is_sound(known):
                return known
        except (msgspec.MsgspecError, KeyError, RecursionError):
            pass  # Then it is made again.
    parsed = parse_likelihoods(content.decode("utf-8"))
    keep_record(key, msgspec.msgpack.encode(parsed))
    return parsed


def _is_sound(known: Likelihoods) -> bool:
    return all(
        len(weights) == len(HEALTHY[kind_of(way)])
        and all(0 < weight < math.inf for weight in weights)
        for (_, _, _, way), weights in known.weights.items()
    ) and (
        all(0 <= trust < math.inf for trust in known.trust.values())
        and all(shares and min(shares) > 0 for shares in known.modes.values())
    )
