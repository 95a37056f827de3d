"""Copies of folders, and when two of them are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps.errors import OutsideError
from ci_steps.outside import trees


def tree(root: Path) -> Path:
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "file").write_text("content")
    (root / "run").write_text("#!/bin/sh\n")
    (root / "link").symlink_to("sub/file")
    return root


def test_a_copy_is_the_same_and_keeps_links_and_modes(tmp_path: Path) -> None:
    root = tree(tmp_path / "root")
    (root / "run").chmod(0o755)
    trees.copy(root, tmp_path / "copy", ())
    assert trees.digest(tmp_path / "copy", ()) == trees.digest(root, ())
    assert (tmp_path / "copy" / "link").readlink() == Path("sub/file")
    assert (tmp_path / "copy" / "run").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda root: (root / "sub" / "file").write_text("other"), id="content"),
        pytest.param(lambda root: (root / "run").rename(root / "ran"), id="name"),
        pytest.param(lambda root: (root / "run").chmod(0o755), id="may be run"),
        pytest.param(lambda root: (root / "new").write_text(""), id="empty file"),
        pytest.param(
            lambda root: ((root / "link").unlink(), (root / "link").symlink_to("run")), id="link"
        ),
        pytest.param(
            lambda root: ((root / "link").unlink(), (root / "link").write_text("sub/file")),
            id="file instead of a link",
        ),
    ],
)
def test_every_change_of_what_is_copied_changes_the_digest(tmp_path: Path, change: object) -> None:
    root = tree(tmp_path / "root")
    before = trees.digest(root, ())
    assert callable(change)
    change(root)
    assert trees.digest(root, ()) != before


def test_what_is_left_out_changes_nothing_at_any_depth(tmp_path: Path) -> None:
    root = tree(tmp_path / "root")
    before = trees.digest(root, (".git",))
    (root / "sub" / ".git").mkdir()
    (root / "sub" / ".git" / "HEAD").write_text("main")
    assert trees.digest(root, (".git",)) == before
    trees.copy(root, tmp_path / "copy", (".git",))
    assert not (tmp_path / "copy" / "sub" / ".git").exists()


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    root = tree(tmp_path / "root")
    (tmp_path / "copies" / "copy" / "taken").mkdir(parents=True)
    with pytest.raises(OutsideError, match="cannot copy"):
        trees.copy(root, tmp_path / "copies" / "copy", ())
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["copy"]


def test_a_copy_into_the_folder_itself_does_not_copy_itself(tmp_path: Path) -> None:
    root = tree(tmp_path / "root")
    trees.copy(root, root / "copy", ())
    assert not (root / "copy" / "copy").exists()


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"cannot read .*nowhere: No such file"):
        trees.digest(tmp_path / "nowhere", ())
