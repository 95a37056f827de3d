"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ci_steps.errors import OutsideError
from ci_steps.outside.files import append, remove, write


def test_folders_on_the_way_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "f", b"content")
    assert (tmp_path / "a" / "b" / "f").read_bytes() == b"content"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["f"]


def test_a_file_that_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(OutsideError, match=r"cannot write .*/f: "):
        write(tmp_path / "f", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_it_may_be_read_by_whom_the_user_lets(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "f", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640


def test_a_name_as_long_as_names_can_be_is_written(tmp_path: Path) -> None:
    write(tmp_path / ("n" * 255), b"content")
    with pytest.raises(OutsideError, match=r"file name too long"):
        write(tmp_path / ("n" * 300), b"content")


@pytest.mark.parametrize("name", ["f/g", "a\0b"])
def test_a_place_that_is_none_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "f").touch()
    for act in (lambda path: write(path, b""), lambda path: append(path, ""), remove):
        with pytest.raises(OutsideError, match=r"^cannot (write|remove) "):
            act(tmp_path / name)


def test_text_is_added_behind_what_is_there(tmp_path: Path) -> None:
    append(tmp_path / "f", "größe\n")
    append(tmp_path / "f", "\udcff\n")
    assert (tmp_path / "f").read_text() == "größe\n\\udcff\n"


def test_a_file_a_folder_and_nothing_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "file").touch()
    for name in ("folder", "link", "file", "nothing"):
        remove(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
