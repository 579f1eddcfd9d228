"""Whatever bytes a vehicle file or its database holds: problems, and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from canlock.decoding.check import examine
from canlock.decoding.database_file import parse_database
from canlock.decoding.vehicle_file import build_vehicle
from canlock.errors import CanlockError

DATA = Path(__file__).parent / "data"
FILES = {name: (DATA / name).read_bytes() for name in ("contract.dbc", "e9x_like.dbc")}
VEHICLES = [(DATA / name).read_bytes() for name in ("contract.toml", "e9x_like.toml")]
WORDS = [b'"', b"'", b"[", b"]", b"{", b"}", b"=", b",", b".", b"\n", b"#", b"[[signal]]", b"-1"]
WORDS += [b"true", b"nan", b"0x", b'""', b"[]", b"{}", b'"0,0"', b"1979-05-27", b"\xff", b"\x00"]


def read(path: Path) -> bytes:
    try:
        return FILES[path.name]
    except KeyError:
        raise FileNotFoundError(2, "No such file or directory") from None


@st.composite
def mutations(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """Cut, double and replace some stretches of a file that is right."""
    content = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        stop = min(len(content), start + draw(st.integers(0, 40)))
        put = draw(st.sampled_from([*WORDS, content[start:stop] * 2, b""]) | st.binary(max_size=4))
        content = content[:start] + put + content[stop:]
    return content


def assert_never_a_traceback(content: bytes) -> None:
    examination = examine(Path("car.toml"), content, read)
    errors = [problem for problem in examination.problems if problem.is_error]
    assert all(str(problem).isprintable() for problem in examination.problems)
    if errors:
        with pytest.raises(CanlockError) as caught:
            build_vehicle(Path("car.toml"), content, read)
        assert str(caught.value).startswith(str(errors[0]))
        return
    loaded = build_vehicle(Path("car.toml"), content, read)
    assert loaded.vehicle == examination.vehicle
    for entry in loaded.vehicle.signals:
        assert [loaded.databases.signal(name).name for name in entry.signals]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
@example(b"a=[" * 500)
def test_random_bytes_are_refused_or_read(content: bytes) -> None:
    assert_never_a_traceback(content)


@settings(max_examples=100, deadline=None)
@given(mutations(VEHICLES))
def test_a_damaged_vehicle_file_is_refused_or_read(content: bytes) -> None:
    assert_never_a_traceback(content)


TYPED = st.recursive(
    st.sampled_from(["1", "-1", "1.5", "true", '"x"', '""', '"1"', "07:32:00", "nan", "[]", "{}"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(inner, max_size=3).map(
            lambda items: "{" + ", ".join(f'"{n}" = {item}' for n, item in enumerate(items)) + "}"
        )
    ),
    max_leaves=4,
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_values_of_wrong_types_are_refused_or_read(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(VEHICLES)).decode().splitlines()
    keyed = [number for number, line in enumerate(lines) if "=" in line]
    for number in data.draw(st.lists(st.sampled_from(keyed), min_size=1, max_size=3)):
        key = lines[number].partition("=")[0]
        lines[number] = f"{key}= {data.draw(TYPED)}"
    assert_never_a_traceback("\n".join(lines).encode())


@settings(max_examples=100, deadline=None)
@given(mutations(list(FILES.values())))
def test_a_damaged_database_is_refused_or_read(content: bytes) -> None:
    file = parse_database("car.dbc", content)
    errors = [problem for problem in file.problems if problem.is_error]
    assert file.is_read == (not errors)
    assert bool(file.messages) <= file.is_read
    assert all(str(problem).isprintable() for problem in file.problems)


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=100), st.sampled_from(["car.dbc", "car.kcd", "car.sym", "car.arxml", "x"])
)
def test_random_bytes_are_no_database(content: bytes, name: str) -> None:
    file = parse_database(name, content)
    assert [problem.is_error for problem in file.problems] == [True]
    assert file.messages == ()
