from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a folder of the test's own, as a user is in that of a service."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
