"""Which captures some names mean: files, folders, and whatever fsspec can reach.

A name with `://` in it is fsspec's: `s3://bucket/drives/`, `zip://drive.log::drives.zip`. Such a
capture, and what comes through standard input, is kept in a local file while it is looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

from canlock.errors import CanlockError, CaptureNotFoundError, CaptureUnreadableError
from canlock.pipeline.fleet.outcome import Job

STANDARD_INPUT: Final = "-"

SIDE_SUFFIXES: Final = (".marks.csv", ".session.jsonl")
"""What lies beside a capture and belongs to it."""

CAPTURE_SUFFIXES: Final = frozenset(
    {".log", ".asc", ".blf", ".csv", ".trc", ".crtd", ".mf4", ".db", ".candump"}
)
"""A file in a folder that is named so and cannot be read is told of; others are passed over."""

_PACKED_SUFFIXES: Final = frozenset({".gz", ".zst"})
_MADE_BESIDE: Final = (*SIDE_SUFFIXES, ".truth.json")
_OWN_PROTOCOLS: Final = frozenset({"memory"})
"""What another process cannot see."""

_CHUNK_BYTES: Final = 1 << 24
_LEAST_FREE_BYTES: Final = 500_000_000
"""Fetching stops before it fills the disk: a packed file may stand for a very long one."""


def is_remote(name: str) -> bool:
    """Tell whether a name is fsspec's to explain."""
    return "://" in name


def find_jobs(names: Sequence[str]) -> Iterator[Job]:
    """Yield a job for each capture that some names mean; folders without those below them.

    Whether a file is there, and is a capture, is found out by whoever reads it.

    Raises:
        SourceError: A folder or a remote place cannot be listed.
    """
    number = 0
    for name in names:
        for shown, is_listed in _list_remote(name) if is_remote(name) else _list_local(name):
            yield make_job(shown, number, is_listed=is_listed)
            number += 1


def make_job(name: str, number: int = 0, *, is_listed: bool = False) -> Job:
    """Return the job of looking at one capture."""
    shown = "standard input" if name == STANDARD_INPUT else name
    return Job(number, name, shown, is_listed=is_listed, is_here=_is_own(name))


def looks_like_capture(name: str) -> bool:
    """Tell whether a file's name says that it is a capture."""
    path = Path(name.partition("::")[0])
    if path.name.endswith(_MADE_BESIDE):
        return False
    suffix = path.suffix.lower()
    if suffix in _PACKED_SUFFIXES:
        suffix = path.with_suffix("").suffix.lower()
    return suffix in CAPTURE_SUFFIXES


@contextmanager
def fetch_capture(name: str, workspace: str | None) -> Iterator[Path]:
    """Yield a local file that holds a capture: itself, or a copy with its side files.

    Args:
        name: A path, a URL, or `STANDARD_INPUT`.
        workspace: Folder for the copy; None: the platform's for temporary files.

    Raises:
        SourceError: It cannot be fetched.
    """
    if name != STANDARD_INPUT and not is_remote(name):
        yield Path(name)
        return
    # Late: most captures are files, and this takes a while.
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="canlock-", dir=workspace) as folder:
        yield _fetch_input(Path(folder)) if name == STANDARD_INPUT else _fetch(name, Path(folder))


def _fetch_input(folder: Path) -> Path:
    if sys.stdin.isatty():
        raise CaptureUnreadableError(
            "standard input: found a terminal, expected a capture: `candump -L can0 | canlock "
            "diagnose -`, or name a file"
        )
    local = folder / "standard-input"
    with local.open("wb") as target:
        _copy(sys.stdin.buffer, target, folder, "standard input")
    return local


def _fetch(name: str, folder: Path) -> Path:
    system, path = _reach(name)
    local = folder / (Path(path).name or "capture")
    with _one_line(name):
        if system.isdir(path):
            raise CaptureUnreadableError(f"{name}: found a folder, expected a capture file")
        for wanted in (path, *(side for side in _side_paths(path) if system.exists(side))):
            with (
                system.open(wanted, "rb") as source,
                local.with_name(Path(wanted).name).open("wb") as target,
            ):
                _copy(source, target, folder, name)
    return local


def _list_local(name: str) -> list[tuple[str, bool]]:
    folder = Path(name)
    try:
        if not folder.is_dir():
            # Named as `folder/*` names it: what lies beside captures is nobody's mistake.
            return [(name, name.endswith(_MADE_BESIDE))]
        entries = sorted(entry for entry in folder.iterdir() if entry.is_file())
    except OSError as error:
        raise CaptureUnreadableError(f"{name}: cannot be listed ({error.strerror})") from None
    return [(str(entry), True) for entry in entries if _is_candidate(entry.name)]


def _list_remote(name: str) -> list[tuple[str, bool]]:
    system, path = _reach(name)
    with _one_line(name):
        if any(sign in path for sign in "*?["):
            found = [entry for entry in system.glob(path) if not system.isdir(entry)]
        elif system.isdir(path):
            found = [
                str(entry["name"])
                for entry in system.ls(path, detail=True)
                if entry["type"] == "file"
            ]
        else:
            return [(name, False)]
    protocol, behind = name.partition("://")[0], name.partition("::")[2]
    tail = f"::{behind}" if behind else ""
    return [
        (f"{protocol}://{entry.removeprefix(f'{protocol}://')}{tail}", True)
        for entry in sorted(found)
        if _is_candidate(entry.rpartition("/")[2])
    ]


def _is_candidate(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(_MADE_BESIDE)


def _is_own(name: str) -> bool:
    if name == STANDARD_INPUT:
        return True
    parts = name.split("::")
    return any(part.partition("://")[0] in _OWN_PROTOCOLS for part in parts if is_remote(part))


def _reach(name: str) -> tuple[Any, str]:
    """Return the file system of a remote name, and the path within it.

    Raises:
        CaptureUnreadableError: fsspec is not installed, or does not know the protocol.
    """
    try:
        # By name, since its types are not known.
        core = import_module("fsspec.core")
    except ImportError:
        raise CaptureUnreadableError(
            f"{name}: reading from there needs the package `fsspec`: "
            "`pip install 'canlock[fleet]'`, or copy the capture to this machine"
        ) from None
    with _one_line(name):
        system, path = core.url_to_fs(name)
    return system, str(path)


@contextmanager
def _one_line(name: str) -> Iterator[None]:
    """Turn whatever a remote file system raises into one line."""
    try:
        yield
    except CanlockError:
        raise
    except FileNotFoundError:
        raise CaptureNotFoundError(
            f"{name}: found no such file, expected a CAN capture: check the path"
        ) from None
    except Exception as error:  # Each file system brings errors of its own.
        said = " ".join(str(error).split()) or type(error).__name__
        raise CaptureUnreadableError(f"{name}: cannot be fetched ({said})") from None


def _side_paths(path: str) -> Iterator[str]:
    folder, slash, file = path.rpartition("/")
    stem = Path(file)
    if stem.suffix.lower() in _PACKED_SUFFIXES:
        stem = stem.with_suffix("")
    for suffix in SIDE_SUFFIXES:
        yield f"{folder}{slash}{stem.stem}{suffix}"


def _copy(source: BinaryIO, target: BinaryIO, folder: Path, name: str) -> None:
    """Copy all bytes, and stop before the disk is full."""
    from shutil import disk_usage

    while chunk := source.read(_CHUNK_BYTES):
        if disk_usage(folder).free < len(chunk) + _LEAST_FREE_BYTES:
            raise CaptureUnreadableError(f"{name}: there is no room for a copy of it in {folder}")
        target.write(chunk)
