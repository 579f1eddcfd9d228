"""The likelihoods out of the cache are those that the file gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from canlock.decoding import cache
from canlock.diagnosis.likelihoods import Likelihoods
from canlock.pipeline.fitted import load_likelihoods

read_anew = load_likelihoods.__wrapped__


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    return tmp_path


def reseal(folder: Path, body: bytes) -> None:
    (file,) = folder.glob("*.cache")
    key = bytes.fromhex(file.stem)
    file.write_bytes(cache.MAGIC + cache.make_digest(key, body) + body)


def test_the_second_reading_gives_what_the_first_gave(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_anew()
    monkeypatch.setattr("canlock.pipeline.fitted.parse_likelihoods", lambda _: pytest.fail("again"))
    assert list(folder.iterdir())
    assert read_anew() == first


def spoil_weights(known: Likelihoods, weight: float) -> Likelihoods:
    weights = dict(known.weights)
    place, row = next(iter(weights.items()))
    weights[place] = (weight, *row[1:])
    return replace(known, weights=weights)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x91" * 5000, id="deep"),
        pytest.param(msgspec.msgpack.encode({"weights": {}, "trust": {"x": -1.0}}), id="distrust"),
        pytest.param(
            msgspec.msgpack.encode(Likelihoods({("no-fault", 0, "own", "nonsense"): (1.0,)})),
            id="unknown kind",
        ),
        pytest.param(msgspec.msgpack.encode(spoil_weights(read_anew(), 0.0)), id="impossible"),
        pytest.param(msgspec.msgpack.encode(spoil_weights(read_anew(), float("nan"))), id="NaN"),
        pytest.param(msgspec.msgpack.encode(spoil_weights(read_anew(), 1e999)), id="certain"),
    ],
)
def test_what_cannot_be_right_is_read_from_the_file_again(folder: Path, body: bytes) -> None:
    first = read_anew()
    reseal(folder, body)
    assert read_anew() == first
