"""Many captures as one flat Parquet table, for DuckDB, polars and pandas.

One row a finding, so that a capture with two faults has two rows; a capture that could not be read
has one row with `error`. `COLUMNS` says what stands in each column; docs/fleet.md lists it too.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from canlock import __version__
from canlock.errors import CanlockError
from canlock.model.verdict import Finding
from canlock.pipeline.fleet.outcome import Outcome

COLUMNS: Final = (
    ("path", "string", "the capture as it was named"),
    ("error", "string", "why there is no verdict; null where there is one"),
    ("vehicle", "string", "id of the vehicle file: `bmw-e9x`"),
    ("vehicle_name", "string", "its name for a person"),
    ("tier", "string", "`T0` to `T4`: what the bus shows of the locks"),
    ("format", "string", "`candump`, `blf`, `asc` ..."),
    ("frames", "int64", "all frames in the capture"),
    ("bad_lines", "int64", "lines or records that could not be read"),
    ("first_s", "float64", "time of the first frame, in seconds on the capture's clock"),
    ("last_s", "float64", "time of the last frame"),
    ("operations", "int64", "lock operations that were seen"),
    ("rank", "int32", "1 for the verdict, 2 and up for further independent faults"),
    ("fault", "string", "a code of `canlock explain`; `no-fault` and the like too"),
    ("layer", "string", "`fob`, `bcm`, `wiring` ...; `none` for `no-fault`"),
    ("doors", "string", "the doors concerned, with commas between; empty: the car"),
    ("probability", "float64", "0 to 1"),
    ("confident", "bool", "the fault is sure; else any of `group` may be it"),
    ("group", "string", "codes between which the evidence cannot decide, with commas between"),
    ("summary", "string", "one sentence for a person"),
    ("seconds", "float64", "how long the diagnosis took"),
    ("canlock_version", "string", "of the canlock that did it"),
)
"""Name, Arrow type and meaning of each column, in order."""

ROWS_AT_ONCE: Final = 10_000
"""Rows of a row group: memory does not grow with the number of captures."""

Row = dict[str, object]


class FleetTable:
    """The Parquet file while it is written; it has its name only once it is whole."""

    def __init__(self, path: Path) -> None:
        """Open a file beside the wanted one.

        Raises:
            CanlockError: pyarrow is not installed, or the file cannot be written.
        """
        try:
            self._arrow: Any = import_module("pyarrow")
            parquet = import_module("pyarrow.parquet")
        except ImportError:
            raise CanlockError(
                f"{path}: writing Parquet needs pyarrow: `pip install 'canlock[fleet]'`"
            ) from None
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._rows: list[Row] = []
        schema = [self._arrow.field(name, _type(self._arrow, kind)) for name, kind, _ in COLUMNS]
        self._schema = self._arrow.schema(schema)
        try:
            self._writer = parquet.ParquetWriter(self._part, self._schema)
        except OSError as error:
            raise self._refuse(error) from None

    def take(self, outcome: Outcome) -> None:
        """Write what came of one capture.

        Raises:
            CanlockError: The file cannot be written.
        """
        if outcome.is_capture:
            self._rows += flatten_outcome(outcome)
        if len(self._rows) >= ROWS_AT_ONCE:
            self._write()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file, or leave none where something went wrong."""
        try:
            if kind is None:
                self._write()
            self._writer.close()
            if kind is None:
                self._part.replace(self._path)
        except OSError as failure:
            raise self._refuse(failure) from None
        finally:
            self._part.unlink(missing_ok=True)

    def _write(self) -> None:
        table = self._arrow.Table.from_pylist(self._rows, schema=self._schema)
        self._rows = []
        try:
            self._writer.write_table(table)
        except OSError as error:
            raise self._refuse(error) from None

    def _refuse(self, error: OSError) -> CanlockError:
        return CanlockError(f"{self._path}: cannot be written: {error.strerror or error}")


def flatten_outcome(outcome: Outcome) -> list[Row]:
    """Return the rows of one capture, with every column in each."""
    capture = outcome.capture
    shared: Row = {
        "path": _encodable(outcome.job.shown),
        "error": None if outcome.error is None else _encodable(outcome.error),
        "vehicle": outcome.vehicle or None,
        "vehicle_name": outcome.vehicle_name or None,
        "tier": outcome.tier or None,
        "format": None if capture is None else capture.format,
        "frames": None if capture is None else capture.frames,
        "bad_lines": None if capture is None else capture.bad_lines,
        "first_s": None if capture is None else capture.first_s,
        "last_s": None if capture is None else capture.last_s,
        "operations": None if capture is None else outcome.operations,
        "seconds": outcome.seconds,
        "canlock_version": __version__,
    }
    findings = [
        shared | _flatten_finding(rank, finding) for rank, finding in enumerate(outcome.findings, 1)
    ]
    empty = {name: None for name, _, _ in COLUMNS}
    return [empty | row for row in findings or [shared]]


def _flatten_finding(rank: int, finding: Finding) -> Row:
    return {
        "rank": rank,
        "fault": finding.fault,
        "layer": finding.layer,
        "doors": ",".join(finding.doors),
        "probability": finding.probability,
        "confident": finding.is_confident,
        "group": ",".join(finding.group),
        "summary": finding.summary,
    }


def _encodable(text: str) -> str:
    """Return a text that is UTF-8: a file's name need not be."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _type(arrow: Any, kind: str) -> Any:  # noqa: ANN401 - pyarrow's own.
    return {"bool": arrow.bool_}.get(kind, getattr(arrow, kind, arrow.string))()
