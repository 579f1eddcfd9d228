"""Damaged logs by the million: no crash, no hang, no memory blow-up, and no undamaged frame lost.

Each input is a small log of known frames, some of its bytes changed, taken out, put in, or moved.
Nothing but canlock's own errors may leave a reader; what was not touched must come out as it went
in. Run `python -m bench.fuzz --inputs 1000000 --formats asc blf`; prints counts, a line a format.

`python -m bench.fuzz --atheris FORMAT` lets atheris, where it is installed, look for inputs that
reach new code; it has no oracle but "no error".
"""

from __future__ import annotations

import argparse
import gzip
import io
import random
import resource
import signal
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from canlock.errors import CanlockError
from canlock.model.frames import FrameBatch
from canlock.sources.batches import OutOfOrderError
from canlock.sources.capture import open_capture

Frame = tuple[float, int, bytes]
HANG_S = 20
MEMORY_MB = 1500
SHAPES = (*[(12, 700)] * 16, *[(24, 700)] * 3, (300, 6000))
"""Frames of a sample, and bytes of a block that is read at a time: most logs are one block, as many
inputs a second find more than long ones do; some are several, and in the last ones blocks are long
enough to be looked at as a whole."""

BLOCK_BYTES = 700
LEAST_FRAMES = {"sqlite": 24}
"""Fewer would lie in one page, with what leads there."""

SAMPLE_INPUTS = 500
IDS = (0x130, 0x2A0, 0x7FF)
BEGIN_S = 1_700_000_000


class Sample:
    """A log in pieces: which of them are frames, and which."""

    def __init__(self, head: bytes, pieces: list[bytes], frames: list[Frame], tail: bytes) -> None:
        self.head = head
        self.pieces = pieces
        """Each holds as many frames as the next, so that damage to one costs no other."""

        self.frames = frames
        self.tail = tail


def some_frames(chance: random.Random, count: int) -> list[Frame]:
    """Return frames with times in milliseconds that go on."""
    return [(row / 1000, chance.choice(IDS), chance.randbytes(8)) for row in range(1, count + 1)]


def spaced(payload: bytes) -> str:
    return payload.hex(" ").upper()


def text_sample(
    frames: list[Frame], head: str, line: Callable[[int, Frame], str], offset_s: float
) -> Sample:
    pieces = [f"{line(row, frame)}\n".encode() for row, frame in enumerate(frames)]
    placed = [(offset_s + time_s, number, payload) for time_s, number, payload in frames]
    return Sample(head.encode(), pieces, placed, b"")


def candump(frames: list[Frame]) -> Sample:
    return text_sample(
        frames, "", lambda _, f: f"({BEGIN_S + f[0]:.6f}) can0 {f[1]:03X}#{f[2].hex()}", BEGIN_S
    )


def ragged(frames: list[Frame]) -> Sample:
    """Return a log of lines of different lengths, with two channels."""
    kept = [
        (time_s, number, payload[: 8 - row % 3].ljust(8, b"\0"))
        for row, (time_s, number, payload) in enumerate(frames)
    ]
    return text_sample(
        kept,
        "",
        lambda row, f: (
            f"({BEGIN_S + f[0]:.6f}) {'vcan1' if row % 5 < 2 else 'can0'} "
            f"{f[1]:03X}#{f[2][: 8 - row % 3].hex()}"
        ),
        BEGIN_S,
    )


def screen(frames: list[Frame]) -> Sample:
    return text_sample(
        frames,
        "",
        lambda _, f: f" ({BEGIN_S + f[0]:.6f})  can0  {f[1]:03X}   [8]  {spaced(f[2])}",
        BEGIN_S,
    )


def asc(frames: list[Frame]) -> Sample:
    head = "base hex  timestamps absolute\ninternal events logged\n"
    return text_sample(
        frames, head, lambda _, f: f"{f[0]:11.6f} 1  {f[1]:<15X} Rx   d 8 {spaced(f[2])}", 0
    )


def csv(frames: list[Frame]) -> Sample:
    from base64 import b64encode

    head = "timestamp,arbitration_id,extended,remote,error,dlc,data\n"
    return text_sample(
        frames,
        head,
        lambda _, f: f"{BEGIN_S + f[0]!r},0x{f[1]:x},0,0,0,8,{b64encode(f[2]).decode()}",
        BEGIN_S,
    )


def trc(frames: list[Frame]) -> Sample:
    head = ";$FILEVERSION=2.1\n;$STARTTIME=25569.0\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n"
    return text_sample(
        frames,
        head,
        lambda row, f: f"{row:7} {f[0] * 1e3:13.3f} DT  1     {f[1]:04X} Rx -  8    {spaced(f[2])}",
        0,
    )


def gvret(frames: list[Frame]) -> Sample:
    head = "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
    return text_sample(
        frames,
        head,
        lambda _, f: (
            f"{round(f[0] * 1e6)},{f[1]:08X},false,Rx,0,8,{spaced(f[2]).replace(' ', ',')},"
        ),
        0,
    )


def crtd(frames: list[Frame]) -> Sample:
    return text_sample(
        frames, "", lambda _, f: f"{BEGIN_S + f[0]:.6f} 1R11 {f[1]:03X} {spaced(f[2])}", BEGIN_S
    )


def blf(frames: list[Frame]) -> Sample:
    """Return a log of small containers, each with its own whole objects."""
    pieces = []
    for first in range(0, len(frames), 4):
        objects = b"".join(
            struct.pack("<4sHHLL", b"LOBJ", 32, 1, 48, 86)
            + struct.pack("<LHHQ", 2, 0, 0, round(time_s * 1e9))
            + struct.pack("<HBBL8s", 1, 0, 8, number, payload)
            for time_s, number, payload in frames[first : first + 4]
        )
        packed = zlib.compress(objects, 1)
        size = 32 + len(packed)
        container = struct.pack("<4sHHLL", b"LOBJ", 16, 1, size, 10)
        container += struct.pack("<H6xL4x", 2, len(objects)) + packed
        pieces.append(container + bytes(size % 4))
    size = 144 + sum(map(len, pieces))
    head = struct.pack("<4sLBBBBBBBBQQLL8H8H", b"LOGG", 144, 5, 2, 6, 8, 1, 4, 9, 6, size, size,
                       len(frames), 0, *[0] * 16) + bytes(72)  # fmt: skip
    return Sample(head, pieces, frames, b"")


def mf4(frames: list[Frame]) -> Sample:
    """Return a log whose records lie deflated in several blocks; damage spares what leads there."""
    sys.path.insert(0, str(Path("tests") / "sources"))
    import mdf4_writer as writer

    make = writer.Make("deflate", piece=82 * 4)
    content = writer.write_mdf4(
        [writer.Frame(time_s, number, False, payload) for time_s, number, payload in frames], make
    )
    places = [at for at in range(len(content)) if content.startswith(b"##DZ", at)]
    ends = [*places[1:], content.index(b"##DL", places[-1])]
    # The heads of blocks, which tell how long they are, belong to what leads to the data.
    first = places[0]
    pieces = [content[at:end] for at, end in zip(places, ends, strict=True)]
    placed = [(BEGIN_S + time_s, number, payload) for time_s, number, payload in frames]
    return Sample(content[:first], pieces, placed, content[ends[-1] :])


def sqlite(frames: list[Frame]) -> Sample:
    import sqlite3

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        database = sqlite3.connect(path)
        database.execute("PRAGMA page_size = 512")
        database.execute(
            "CREATE TABLE messages (ts REAL, arbitration_id INTEGER, extended INTEGER, "
            "remote INTEGER, error INTEGER, dlc INTEGER, data BLOB)"
        )
        rows = [(BEGIN_S + t, number, 0, 0, 0, 8, payload) for t, number, payload in frames]
        database.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        database.commit()
        database.close()
        content = path.read_bytes()
    placed = [(BEGIN_S + time_s, number, payload) for time_s, number, payload in frames]
    # A page holds a dozen rows; the first two are the schema and the root.
    pieces = [content[at : at + 512] for at in range(1024, len(content), 512)]
    return Sample(content[:1024], pieces, placed, b"")


FORMATS: dict[str, Callable[[list[Frame]], Sample]] = {
    "candump": candump,
    "ragged": ragged,
    "candump-screen": screen,
    "asc": asc,
    "csv": csv,
    "trc": trc,
    "gvret": gvret,
    "crtd": crtd,
    "blf": blf,
    "mf4": mf4,
    "sqlite": sqlite,
}
IS_FIXED = {"mf4", "sqlite"}
"""Formats in which things are found by their place in the file: damage must not move them."""


def damage(chance: random.Random, content: bytearray, *, keeps_size: bool) -> None:
    """Change some bytes of a piece in place."""
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        at = chance.randrange(len(content)) if content else 0
        kind = chance.randrange(5)
        if kind == 0 and content:
            content[at] ^= 1 << chance.randrange(8)
        elif kind == 1 and content:
            content[at] = chance.choice(b"\0\n\r\t ,#()0;A\xff\x80LOBJ")
        elif kind == 2 and not keeps_size:
            content[at:at] = chance.randbytes(chance.choice([1, 3, 40]))
        elif kind == 3 and not keeps_size:
            del content[at : at + chance.choice([1, 2, 20])]
        else:
            new = chance.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"99999999", b"LOBJ", b"##DZ"])
            content[at : at + len(new)] = new[: len(content) - at]


def mutate(chance: random.Random, name: str, sample: Sample) -> tuple[bytes, list[Frame]]:
    """Return a damaged log, and the frames that must come out of it whatever else does."""
    pieces = [bytearray(piece) for piece in sample.pieces]
    share = len(sample.frames) // len(pieces) or 1
    is_whole = [True] * len(pieces)
    for _ in range(chance.choice([1, 1, 2, 6])):
        row = chance.randrange(len(pieces))
        damage(chance, pieces[row], keeps_size=name in IS_FIXED)
        is_whole[row] = False
        if name == "blf" and row + 1 < len(pieces):
            # A length that grew may swallow what comes next.
            is_whole[row + 1 :] = [False] * (len(pieces) - row - 1)
    head = bytearray(sample.head)
    has_oracle = True
    if chance.random() < 0.1 and head:
        damage(chance, head, keeps_size=name in IS_FIXED)
        has_oracle = False
    content = bytes(head) + b"".join(pieces) + sample.tail
    if chance.random() < 0.1:
        content = content[: chance.randrange(len(content) + 1)]
        has_oracle = False
    if not name.startswith(("blf", "mf4", "sqlite")):
        # The line behind a newline that was lost, and all lines behind a change of the header.
        for row in range(len(pieces) - 1):
            if not pieces[row].endswith(b"\n"):
                is_whole[row + 1] = False
        is_plain = all(_is_no_header(piece) for piece in pieces)
        has_oracle = has_oracle and is_plain
    if not has_oracle:
        return content, []
    if name == "sqlite":
        # Rows fill pages from either end: a frame is where its payload stands.
        untouched = b"".join(p for p, is_one in zip(pieces, is_whole, strict=True) if is_one)
        return content, [frame for frame in sample.frames if frame[2] in untouched]
    # Between two times that were damaged, who is to say which of the three is wrong?
    is_whole = [
        is_one and (any(is_whole[max(row - 1, 0) : row]) or any(is_whole[row + 1 : row + 2]))
        for row, is_one in enumerate(is_whole)
    ]
    expected = [
        frame
        for row, is_one in enumerate(is_whole)
        if is_one
        for frame in sample.frames[row * share : (row + 1) * share]
    ]
    return content, expected


def _is_no_header(piece: bytearray) -> bool:
    """Tell whether no line of a piece can be a part of a header, which other lines depend on."""
    words = (b"date", b"base", b"egin", b"$", b"ime", b"BASE", b"DATE")
    return not any(word in piece for word in words)


def read(path: Path, wanted: frozenset[int] | None, block_bytes: int = BLOCK_BYTES) -> list[Frame]:
    """Return the frames of a log, put in order where they are not."""
    for in_order in (True, False):
        reader = open_capture(path, wanted, in_order=in_order, block_bytes=block_bytes)
        try:
            batches = [item for item in reader.batches() if isinstance(item, FrameBatch)]
        except OutOfOrderError:
            continue
        return [
            (time_s, number, payload.tobytes())
            for batch in batches
            for time_s, number, payload in zip(
                np.round(batch.timestamp_s, 6).tolist(),
                batch.arbitration_id.tolist(),
                batch.payload[:, :8],
                strict=True,
            )
        ]
    raise AssertionError("a log that was put in order is out of order")


def lacks(found: list[Frame], expected: list[Frame]) -> Frame | None:
    """Return a frame that ought to be there."""
    there = {(round(time_s, 6), number, payload) for time_s, number, payload in found}
    payloads = {(number, payload) for _, number, payload in found}
    for time_s, number, payload in expected:
        # A damaged time stamp before it may move a frame along with the clock.
        is_there = (round(time_s, 6), number, payload) in there or (number, payload) in payloads
        if not is_there:
            return time_s, number, payload
    return None


@contextmanager
def limits() -> Iterator[None]:
    """End what takes too long or too much memory."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"no end after {HANG_S} s of work")

    signal.signal(signal.SIGPROF, stop)
    limit = MEMORY_MB << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def refuse(name: str, text: str, expected: list[Frame]) -> None:
    """Check that a log is refused in one line, and not for damage that spared its frames."""
    is_fair = not expected or name in IS_FIXED
    if "\n" in text or not is_fair:
        raise AssertionError(f"refused: {text}")


def run(name: str, inputs: int, seed: int, folder: Path) -> None:
    """Read so many damaged logs of one format."""
    chance = random.Random(f"{name} {seed}")
    path = folder / f"fuzz.{name}"
    counts = {"read": 0, "refused": 0, "frames": 0, "checked": 0}
    sample, block_bytes = Sample(b"", [], [], b""), BLOCK_BYTES
    began = time.monotonic()
    with limits():
        for number in range(inputs):
            if number % SAMPLE_INPUTS == 0:
                frames, block_bytes = SHAPES[number // SAMPLE_INPUTS % len(SHAPES)]
                frames = max(frames, LEAST_FRAMES.get(name, 0))
                sample = FORMATS[name](some_frames(chance, frames))
            content, expected = mutate(chance, name, sample)
            packed = gzip.compress(content, 1) if chance.random() < 0.01 else content
            path.write_bytes(packed)
            wanted = chance.choice([None, frozenset(IDS), frozenset(IDS[:1])])
            expected = [frame for frame in expected if wanted is None or frame[1] in wanted]
            signal.setitimer(signal.ITIMER_PROF, HANG_S)
            try:
                found = read(path, wanted, block_bytes)
                missing = lacks(found, expected)
                assert missing is None, f"lost {missing}"
                counts["read"] += 1
                counts["frames"] += len(found)
                counts["checked"] += len(expected)
            except CanlockError as error:
                refuse(name, str(error), expected)
                counts["refused"] += 1
            except BaseException:
                kept = Path(".bench", f"fuzz-{name}-{seed}-{number}")
                kept.parent.mkdir(exist_ok=True)
                kept.write_bytes(packed)
                print(f"{name}: input {number} of seed {seed} is kept as {kept}", flush=True)
                raise
    seconds = time.monotonic() - began
    print(
        f"{name:15} {inputs} inputs, seed {seed}: {counts['read']} read, {counts['refused']} "
        f"refused in one line; {counts['frames']} frames came out, {counts['checked']} undamaged "
        f"ones among them were looked for; peak {peak_mb()} MB, {seconds:.0f} s",
        flush=True,
    )


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def run_bombs(folder: Path) -> None:
    """Read what is made to fill the memory."""
    line = b"(1700000000.000000) can0 130#4142434445464748\n"
    big = io.BytesIO()
    with gzip.GzipFile(fileobj=big, mode="wb", compresslevel=9) as packed:
        packed.write(line * 30)
        for _ in range(2048):
            packed.write(bytes(1 << 20))
    header = blf([]).head
    objects = zlib.compress(bytes(1 << 30), 9)
    container = struct.pack("<4sHHLL", b"LOBJ", 16, 1, 32 + len(objects), 10)
    claims = struct.pack("<4sHHLL", b"LOBJ", 16, 1, 0xFFFF_FFFF, 10)
    bombs = {
        "gzip of 2 GB of nothing behind 30 lines": big.getvalue(),
        "a line of 200 MB": line * 30 + b"A" * (200 << 20),
        "blf: a container that inflates to 1 GB": header
        + container
        + struct.pack("<H6xL4x", 2, 0x4000_0000)
        + objects,
        "blf: a container that claims 4 GB": header + claims + bytes(100_000),
        "blf: a container that says it holds 4 GB": header
        + struct.pack("<4sHHLL", b"LOBJ", 16, 1, 32 + 20, 10)
        + struct.pack("<H6xL4x", 2, 0xFFFF_FFFF)
        + zlib.compress(b"x" * 9),
        "mf4: a packed block that says it holds 4 GB": _mf4_claim(),
    }
    for name, content in bombs.items():
        path = folder / "bomb"
        path.write_bytes(content)
        before, began = peak_mb(), time.monotonic()
        try:
            found = f"{len(read(path, None))} frames"
        except CanlockError as error:
            found = f"refused: {str(error).partition(': ')[2][:60]}"
        seconds = time.monotonic() - began
        print(f"{name:45} {found}; {peak_mb() - before} MB more, {seconds:.1f} s", flush=True)


def _mf4_claim() -> bytes:
    sample = mf4(some_frames(random.Random(1), 24))
    content = bytearray(sample.head + b"".join(sample.pieces) + sample.tail)
    at = content.index(b"##DZ") + 24 + 8
    struct.pack_into("<Q", content, at, 0xFFFF_FFFF)
    return bytes(content)


def run_atheris(name: str, inputs: int) -> None:
    """Let atheris look for inputs."""
    import atheris

    sample = FORMATS[name](some_frames(random.Random(1), 8))
    seed = sample.head + b"".join(sample.pieces) + sample.tail
    folder = Path(tempfile.mkdtemp())
    (folder / "corpus").mkdir()
    (folder / "corpus" / "sample").write_bytes(seed)
    path = folder / "input"

    def look(content: bytes) -> None:
        path.write_bytes(content)
        try:
            read(path, None)
        except CanlockError:
            return

    atheris.instrument_all()
    arguments = [sys.argv[0], f"-runs={inputs}", "-max_len=6000", "-rss_limit_mb=2048"]
    atheris.Setup([*arguments, "-timeout=20", str(folder / "corpus")], look)
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000, help="of each format")
    parser.add_argument("--formats", nargs="*", default=list(FORMATS), choices=list(FORMATS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--atheris", choices=list(FORMATS))
    parser.add_argument("--no-bombs", action="store_true")
    options = parser.parse_args()
    if options.atheris is not None:
        run_atheris(options.atheris, options.inputs)
        return
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        for name in options.formats:
            run(name, options.inputs, options.seed, Path(folder))
        if not options.no_bombs:
            run_bombs(Path(folder))


if __name__ == "__main__":
    main()
