"""The text formats and their grammars."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from canlock.sources.asc import AscGrammar
from canlock.sources.candump_screen import CandumpDeltaGrammar, CandumpScreenGrammar
from canlock.sources.crtd import CrtdGrammar
from canlock.sources.csv_log import CsvGrammar
from canlock.sources.gvret import GvretGrammar
from canlock.sources.lines import BLOCK_BYTES
from canlock.sources.text_grammar import TextGrammar
from canlock.sources.text_source import TextSource
from canlock.sources.trc import TrcGrammar

_GRAMMARS: Final[dict[str, Callable[[], TextGrammar]]] = {
    "asc": AscGrammar,
    "candump-delta": CandumpDeltaGrammar,
    "candump-screen": CandumpScreenGrammar,
    "crtd": CrtdGrammar,
    "csv": CsvGrammar,
    "gvret": GvretGrammar,
    "trc": TrcGrammar,
}


def open_text(path: Path, capture_format: str, block_bytes: int = BLOCK_BYTES) -> TextSource:
    """Return the reader of a log in one of the text formats."""
    return TextSource(path, _GRAMMARS[capture_format], block_bytes)
