"""A folder of what took long to work out, each record named by what it was worked out from.

Everything in it can be deleted at any time, and nothing in it is believed without a look: a record
holds plain data (never code, never a pickle) behind a checksum and its own key, must be a file of
this user's that nobody else can write to, and whoever asked for it checks the data again. What
does not pass is as good as absent.

The folder is the platform's for caches; `CANLOCK_CACHE` names another, or says `off`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final

VARIABLE: Final = "CANLOCK_CACHE"
"""Environment variable: a folder, or one of `OFF`."""

OFF: Final = frozenset({"off", "no", "0"})

SUFFIX: Final = ".cache"
MAGIC: Final = b"canlock cache 1\n"
DIGEST_BYTES: Final = 20
LARGEST_RECORD: Final = 16_000_000
"""Bytes. The record of a shipped vehicle has some 30,000."""

MOST_RECORDS: Final = 200
"""Where a new one makes it more, the oldest go."""

_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_READ_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


def find_folder() -> Path | None:
    """Return where records lie, whether it exists or not; None: nothing is kept."""
    named = os.environ.get(VARIABLE, "")
    if named.lower() in OFF:
        return None
    if named:
        return Path(named)
    from platformdirs import user_cache_dir

    folder = Path(user_cache_dir("canlock", appauthor=False))
    # Without a home there is no place of one's own.
    return folder if folder.is_absolute() else None


def make_digest(*parts: bytes) -> bytes:
    """Return a digest of some byte strings, and of where each ends."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def stamp_files(paths: Iterable[Path]) -> bytes:
    """Return what changes when one of some files of code does, without reading them."""
    stamps = []
    for path in paths:
        with suppress(OSError):  # A bundle may hold code in other ways; its version tells then.
            status = path.stat()
            stamps.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(sorted(stamps)).encode()


def read_record(key: bytes) -> bytes | None:
    """Return what was kept under a key, or None where there is nothing that can be believed."""
    folder = find_folder()
    if folder is None:
        return None
    try:
        content = _read_own(folder / f"{key.hex()}{SUFFIX}")
    except (OSError, ValueError):
        return None
    head = len(MAGIC) + DIGEST_BYTES
    body = content[head:]
    is_sound = content[:head] == MAGIC + make_digest(key, body)
    return body if is_sound else None


def keep_record(key: bytes, body: bytes) -> None:
    """Keep something under a key, whole or not at all; where that cannot be, nothing is said."""
    folder = find_folder()
    if folder is None or len(body) > LARGEST_RECORD:
        return
    with suppress(OSError, ValueError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_whole(folder / f"{key.hex()}{SUFFIX}", MAGIC + make_digest(key, body) + body)
        _drop_oldest(folder)


def _read_own(path: Path) -> bytes:
    """Return the content of a file of this user's that nobody else can write to.

    Raises:
        OSError: There is none, or it is not.
    """
    with os.fdopen(os.open(path, _READ_FLAGS), "rb") as file:
        status = os.fstat(file.fileno())
        is_own = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
        is_open = os.name == "posix" and status.st_mode & _OTHERS_MAY_WRITE
        if not stat.S_ISREG(status.st_mode) or not is_own or is_open:
            raise PermissionError(str(path))
        return file.read(LARGEST_RECORD + 1)


def _write_whole(path: Path, content: bytes) -> None:
    from tempfile import mkstemp

    descriptor, name = mkstemp(prefix="new-", suffix=".tmp", dir=path.parent)
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        # A reader sees the old record or the new one, never a part.
        written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)
        raise


def _drop_oldest(folder: Path) -> None:
    records = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
    for path in records[:-MOST_RECORDS]:
        path.unlink(missing_ok=True)
