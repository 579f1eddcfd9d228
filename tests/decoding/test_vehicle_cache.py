"""The cache of compiled vehicles: the same vehicle as without it, whatever became of its files."""

from __future__ import annotations

import os
import pickle
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.bundled import bundled_folder
from canlock.decoding import cache, cached_vehicle
from canlock.decoding.cached_vehicle import check_layout, find_compiled
from canlock.decoding.database import Databases
from canlock.decoding.fields import Bits
from canlock.decoding.layout import Layout
from canlock.decoding.loaded_vehicle import LoadedVehicle
from canlock.decoding.vehicle_file import build_vehicle, load_vehicle

SHIPPED = sorted(path.stem for path in bundled_folder("dbc").glob("*.toml"))
QASHQAI = "nissan-qashqai-j10"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty cache of the test's own."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def car(tmp_path: Path) -> Path:
    """Return a vehicle file with a database that has a warning: a message that stands twice."""
    home = tmp_path / "car"
    home.mkdir()
    shutil.copy(bundled_folder("dbc") / "nissan_qashqai_j10.dbc", home)
    text = (bundled_folder("dbc") / f"{QASHQAI}.toml").read_text(encoding="utf-8")
    path = home / "car.toml"
    path.write_text(text.replace('name = "', 'colour = "red"\nname = "', 1), encoding="utf-8")
    return path


def find(path: Path) -> LoadedVehicle | None:
    """Return what the cache gives, and nothing else."""
    return find_compiled(path, path.read_bytes(), Databases)


def record(folder: Path) -> Path:
    (found,) = folder.glob("*.cache")
    return found


def facts(loaded: LoadedVehicle) -> tuple[Any, ...]:
    return loaded.vehicle, loaded.layout, loaded.warnings


def fresh(path: Path) -> LoadedVehicle:
    return build_vehicle(path, path.read_bytes(), Path.read_bytes)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", SHIPPED)
def test_a_vehicle_out_of_the_cache_is_the_compiled_one(name: str) -> None:
    path = bundled_folder("dbc") / f"{name}.toml"
    assert find(path) is None
    compiled = load_vehicle(name)
    found = find(path)
    assert found is not None
    assert facts(found) == facts(compiled) == facts(fresh(path))


@pytest.mark.usefixtures("folder")
def test_its_warnings_name_the_files_where_they_lie(car: Path, tmp_path: Path) -> None:
    first = load_vehicle(car)
    assert any("colour" in problem.text for problem in first.warnings)
    moved = shutil.copytree(car.parent, tmp_path / "elsewhere") / "other.toml"
    shutil.move(moved.with_name("car.toml"), moved)
    found = find(moved)
    assert found is not None
    assert facts(found) == facts(fresh(moved))
    assert found.vehicle.id == "other"


@pytest.mark.usefixtures("folder")
def test_databases_are_read_when_somebody_asks_for_them(car: Path) -> None:
    load_vehicle(car)
    again = load_vehicle(car)
    assert again.comments() == fresh(car).comments()
    assert [m.name for m in again.databases.messages] == [
        m.name for m in fresh(car).databases.messages
    ]


def test_a_cached_vehicle_is_loaded_without_cantools_and_without_toml(folder: Path) -> None:
    load_vehicle(QASHQAI)
    program = (
        "import sys\n"
        "from canlock.decoding.vehicle_file import load_vehicle\n"
        f"load_vehicle({QASHQAI!r}).layout\n"
        "print(sorted({'cantools.database', 'tomllib', 'tempfile'} & set(sys.modules)))\n"
    )
    environment = {**os.environ, cache.VARIABLE: str(folder)}
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("changed", ["car.toml", "nissan_qashqai_j10.dbc"])
def test_a_changed_file_is_compiled_again(car: Path, changed: str) -> None:
    load_vehicle(car)
    file = car.with_name(changed)
    before = file.read_text(encoding="utf-8")
    text = (
        before.replace("[timing]", "[timing]\nretry = 2.25", 1)
        if changed == "car.toml"
        else before.replace("(0.0625,0)", "(0.125,0)", 1)
    )
    assert text != before
    file.write_text(text, encoding="utf-8")
    assert find(car) is None
    assert facts(load_vehicle(car)) == facts(fresh(car))


@pytest.mark.usefixtures("folder")
def test_a_missing_database_is_told_of_although_the_vehicle_was_known(car: Path) -> None:
    load_vehicle(car)
    car.with_name("nissan_qashqai_j10.dbc").unlink()
    with pytest.raises(Exception, match="cannot be read"):
        load_vehicle(car)


def test_other_code_does_not_take_what_older_code_made(
    folder: Path, car: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_vehicle(car)
    monkeypatch.setattr(cached_vehicle, "_stamp_code", lambda: b"other code")
    assert find(car) is None
    load_vehicle(car)
    assert len(list(folder.glob("*.cache"))) == 2


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_record_is_as_good_as_none(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.getbasetemp() / "damaged"
        patch.setenv(cache.VARIABLE, str(folder))
        path = bundled_folder("dbc") / f"{QASHQAI}.toml"
        whole = folder / "whole"
        if not whole.exists():
            load_vehicle(QASHQAI)
            shutil.copy(record(folder), whole)
        content = bytearray(whole.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            del content[at:]
        else:
            content[at] ^= data.draw(st.integers(1, 255))
        record(folder).write_bytes(content)
        assert find(path) is None
        record(folder).write_bytes(whole.read_bytes())
        assert find(path) is not None


def reseal(file: Path, body: bytes) -> None:
    """Write a record with the right checksum, as somebody could who means harm."""
    key = bytes.fromhex(file.stem)
    file.write_bytes(cache.MAGIC + cache.make_digest(key, body) + body)


def body_of(file: Path) -> bytes:
    return file.read_bytes()[len(cache.MAGIC) + cache.DIGEST_BYTES :]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | st.sampled_from([b"\x91" * 5000, b"\xdf\xff\xff\xff\xff"]))
def test_whatever_a_sealed_record_holds_the_vehicle_is_compiled(
    body: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.getbasetemp() / "sealed"
        patch.setenv(cache.VARIABLE, str(folder))
        if not folder.exists():
            load_vehicle(QASHQAI)
        reseal(record(folder), body)
        assert find(bundled_folder("dbc") / f"{QASHQAI}.toml") is None


def test_a_pickle_in_the_cache_is_never_opened(folder: Path, tmp_path: Path) -> None:
    load_vehicle(QASHQAI)

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    reseal(record(folder), pickle.dumps(Trap()))
    assert load_vehicle(QASHQAI).vehicle.id == QASHQAI
    assert not (tmp_path / "sprung").exists()


def compiled() -> tuple[Any, Layout]:
    loaded = fresh(bundled_folder("dbc") / "vw-meb.toml")
    return loaded.vehicle, loaded.layout


def with_entry(layout: Layout, **changes: object) -> Layout:
    first = next(entry for entry in layout.entries if entry.words is not None)
    return replace(layout, entries=(replace(first, **changes), *layout.entries[1:]))  # type: ignore[arg-type]


def with_bits(layout: Layout, bits: Bits) -> Layout:
    first = next(entry for entry in layout.entries if entry.words is not None)
    return with_entry(layout, fields=(replace(first.fields[0], bits=bits), *first.fields[1:]))


def with_words(layout: Layout, **changes: object) -> Layout:
    words = next(entry.words for entry in layout.entries if entry.words is not None)
    return with_entry(layout, words=replace(words, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "bits",
    [
        pytest.param(Bits(0, 65), id="too wide"),
        pytest.param(Bits(0, 1_000_000_000), id="memory for a table of two to the billion"),
        pytest.param(Bits(0, 0), id="of no bits"),
        pytest.param(Bits(-1, 8), id="before the payload"),
        pytest.param(Bits(1 << 16, 8), id="far behind the payload"),
        pytest.param(Bits(0, 8, is_float=True), id="a float of 8 bits"),
    ],
)
def test_bits_that_no_compiler_makes_are_refused(bits: Bits) -> None:
    vehicle, layout = compiled()
    check_layout(vehicle, with_bits(layout, Bits(0, 64)))
    with pytest.raises(ValueError, match="no compiler"):
        check_layout(vehicle, with_bits(layout, bits))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"role": "door.bell"}, id="unknown role"),
        pytest.param({"messages": (999,)}, id="no such message"),
        pytest.param({"source": 999}, id="no such entry"),
        pytest.param({"words": None}, id="words without words"),
        pytest.param({"kind": "measure"}, id="a state that is measured"),
        pytest.param({"fields": (), "messages": ()}, id="no signal"),
    ],
)
def test_entries_that_no_compiler_makes_are_refused(changes: dict[str, object]) -> None:
    vehicle, layout = compiled()
    with pytest.raises(ValueError, match="no compiler"):
        check_layout(vehicle, with_entry(layout, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"start": 99}, id="start"),
        pytest.param({"start": -1}, id="start from behind"),
        pytest.param({"codes": (99, 99, 99)}, id="code of no word"),
        pytest.param({"steps": ()}, id="no steps"),
        pytest.param({"steps": (((0, 99), (0, 1)),)}, id="step to nowhere"),
        pytest.param({"symbols": (((0, 99),),)}, id="symbol of no column"),
    ],
)
def test_word_machines_that_no_compiler_makes_are_refused(changes: dict[str, object]) -> None:
    vehicle, layout = compiled()
    with pytest.raises(ValueError, match="no compiler"):
        check_layout(vehicle, with_words(layout, **changes))


@pytest.mark.parametrize("name", SHIPPED)
def test_what_the_compiler_makes_passes(name: str) -> None:
    loaded = fresh(bundled_folder("dbc") / f"{name}.toml")
    check_layout(loaded.vehicle, loaded.layout)


def test_a_refused_layout_in_the_cache_is_compiled_again(folder: Path) -> None:
    load_vehicle(QASHQAI)
    whole = msgspec.msgpack.decode(body_of(record(folder)), type=cached_vehicle._Record)
    wide = Bits(0, 1_000_000_000)
    message = whole.layout.messages[0]
    bad = replace(message, fields=(replace(message.fields[0], bits=wide),))
    whole.layout = Layout((bad, *whole.layout.messages[1:]), whole.layout.entries)
    reseal(record(folder), msgspec.msgpack.encode(whole))
    assert find(bundled_folder("dbc") / f"{QASHQAI}.toml") is None


@pytest.mark.skipif(os.name != "posix", reason="files have no owner's rights here")
@pytest.mark.parametrize("mode", [stat.S_IWOTH, stat.S_IWGRP], ids=["others", "group"])
def test_a_record_that_others_can_write_to_is_not_believed(folder: Path, mode: int) -> None:
    load_vehicle(QASHQAI)
    path = bundled_folder("dbc") / f"{QASHQAI}.toml"
    assert find(path) is not None
    record(folder).chmod(0o600 | mode)
    assert find(path) is None


@pytest.mark.skipif(os.name != "posix", reason="links need rights here")
def test_a_link_in_the_place_of_a_record_is_not_followed(folder: Path, tmp_path: Path) -> None:
    load_vehicle(QASHQAI)
    real = shutil.move(record(folder), tmp_path / "real")
    (folder / "x").touch()
    link = folder / f"{cached_vehicle._key(read_shipped()).hex()}.cache"
    link.symlink_to(real)
    assert find(bundled_folder("dbc") / f"{QASHQAI}.toml") is None


def read_shipped() -> bytes:
    return (bundled_folder("dbc") / f"{QASHQAI}.toml").read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_in_the_place_of_a_record_does_not_hang(folder: Path) -> None:
    load_vehicle(QASHQAI)
    name = record(folder)
    name.unlink()
    os.mkfifo(name)
    assert find(bundled_folder("dbc") / f"{QASHQAI}.toml") is None


@pytest.mark.parametrize("word", sorted(cache.OFF))
def test_the_cache_can_be_switched_off(
    word: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(cache.VARIABLE, word.upper())
    assert load_vehicle(QASHQAI).vehicle.id == QASHQAI
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_kept_all_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    monkeypatch.setenv(cache.VARIABLE, str(blocked / "cache"))
    assert load_vehicle(QASHQAI).vehicle.id == QASHQAI


def test_without_the_variable_it_lies_in_the_platforms_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = cache.find_folder()
    assert found is not None
    assert found.name == "canlock"
    assert found.is_absolute()


def test_records_are_whole_and_private_and_leave_nothing_beside_them(folder: Path) -> None:
    load_vehicle(QASHQAI)
    assert [path.suffix for path in folder.iterdir()] == [".cache"]
    if os.name == "posix":
        assert stat.S_IMODE(record(folder).stat().st_mode) == 0o600


def test_the_oldest_records_go_when_there_are_too_many(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_RECORDS", 3)
    keys = [bytes([number]) * cache.DIGEST_BYTES for number in range(5)]
    for number, key in enumerate(keys):
        cache.keep_record(key, b"body")
        os.utime(folder / f"{key.hex()}.cache", (number, number))
    cache.keep_record(b"\xff" * cache.DIGEST_BYTES, b"body")
    kept = [cache.read_record(key) is not None for key in keys]
    assert kept == [False, False, False, True, True]


def test_a_record_under_another_name_is_none(folder: Path) -> None:
    cache.keep_record(b"\1" * cache.DIGEST_BYTES, b"body")
    other = b"\2" * cache.DIGEST_BYTES
    shutil.copy(record(folder), folder / f"{other.hex()}.cache")
    assert cache.read_record(b"\1" * cache.DIGEST_BYTES) == b"body"
    assert cache.read_record(other) is None
