"""What all tests share: builders of other folders, and a cache of their own, never the user's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from canlock.decoding.cache import VARIABLE

HERE = Path(__file__).parent
# A busy machine is no defect of what is tested.
settings.register_profile("canlock", deadline=None)
settings.load_profile("canlock")
sys.path += [str(HERE), str(HERE / "live")]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield
