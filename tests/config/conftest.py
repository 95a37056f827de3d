from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a folder of the test's own, as a user is in that of a service."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def no_time_zones() -> Iterator[None]:
    """Be on a machine that has no database of time zones, as small containers are."""
    if find_spec("tzdata"):
        pytest.skip("tzdata is installed: not shown is a machine without time zones")
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
