"""What was changed for a while is changed back, by whoever is left to do it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ci_steps.errors import OutsideError
from ci_steps.outside import Outside

PATH = {"PATH": os.environ["PATH"]}


def guard(file: Path, *restore: str) -> None:
    with Outside(PATH).guarded(file, restore):
        assert file.exists(), "who comes next must know of it"


def test_it_is_changed_back_after_the_block(tmp_path: Path) -> None:
    guard(tmp_path / "cut.json", "touch", str(tmp_path / "back"))
    assert [path.name for path in tmp_path.iterdir()] == ["back"]


@pytest.mark.slow
def test_what_cannot_be_changed_back_is_said_and_tried_again_by_the_next(tmp_path: Path) -> None:
    file, door = tmp_path / "cut.json", tmp_path / "door"
    with pytest.raises(OutsideError, match="was not started again") as failed:
        guard(file, "touch", str(door / "back"))
    assert failed.value.hint == f"Do it by hand: touch {door / 'back'}"
    with pytest.raises(OutsideError, match="a killed test had stopped is not started again"):
        Outside(PATH).settle_guarded(file)
    door.mkdir()
    assert Outside(PATH).settle_guarded(file)
    assert ((door / "back").exists(), file.exists()) == (True, False)
    assert not Outside(PATH).settle_guarded(file)


def test_a_file_that_is_none_of_ours_is_an_error_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "cut.json"
    file.write_text("{")
    with pytest.raises(OutsideError, match="is not understood"):
        Outside(PATH).settle_guarded(file)
    assert file.exists()
