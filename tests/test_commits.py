"""The commit of a build, by real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps.commits import folder_in_repository, is_dirty, read_commit
from ci_steps.errors import UsageError
from ci_steps.outside import Outside
from tests.parts.git import ENVIRON, HAS_GIT, WITHOUT_GIT, git, repository

pytestmark = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)


def commit_of(folder: Path, **environ: str) -> str:
    return read_commit("", folder, Outside({**ENVIRON, **environ}))[0]


@pytest.fixture
def cloned(tmp_path: Path) -> Path:
    """Return a repository with two tracked files."""
    repository(tmp_path)
    (tmp_path / "a.txt").write_text("one\n")
    (tmp_path / "b.bin").write_bytes(b"\0\1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "files")
    return tmp_path


def test_a_clean_folder_is_its_commit(cloned: Path) -> None:
    commit = commit_of(cloned)
    assert commit == git(cloned, "rev-parse", "HEAD")
    assert not is_dirty(commit)


@pytest.mark.parametrize("stage", [False, True], ids=["changed", "staged"])
def test_other_content_is_another_commit(cloned: Path, stage: bool) -> None:
    seen = {commit_of(cloned)}
    for content in (b"\0\2", b"\0\3"):
        (cloned / "b.bin").write_bytes(content)
        if stage:
            git(cloned, "add", ".")
        seen.add(commit_of(cloned))
    assert len(seen) == 3
    assert sum(map(is_dirty, seen)) == 2


def test_the_same_changes_are_the_same_commit(cloned: Path) -> None:
    (cloned / "a.txt").write_text("two\n")
    assert commit_of(cloned) == commit_of(cloned)


def test_how_somebody_likes_to_look_at_changes_does_not_matter(cloned: Path) -> None:
    (cloned / "a.txt").write_text("two\n")
    before = commit_of(cloned)
    git(cloned, "config", "color.ui", "always")
    git(cloned, "config", "diff.external", "true")
    assert commit_of(cloned) == before


def test_what_git_does_not_track_does_not_count(cloned: Path) -> None:
    (cloned / "report.xml").write_text("<testsuite/>")
    assert not is_dirty(commit_of(cloned))


def test_a_folder_of_a_repository_is_judged_alone(cloned: Path) -> None:
    (cloned / "service").mkdir()
    (cloned / "service" / "c.txt").write_text("c")
    git(cloned, "add", ".")
    git(cloned, "commit", "--quiet", "--message", "service")
    (cloned / "a.txt").write_text("two\n")
    assert not is_dirty(commit_of(cloned / "service"))
    assert is_dirty(commit_of(cloned))


@pytest.mark.parametrize(
    ("flag", "variable", "found"),
    [
        ("c1", "c2", ("c1", "--commit")),
        ("", "c2", ("c2", "CI_STEPS_COMMIT")),
    ],
)
def test_flag_and_variable_are_believed(
    tmp_path: Path, flag: str, variable: str, found: tuple[str, str]
) -> None:
    outside = Outside({**ENVIRON, "CI_STEPS_COMMIT": variable})
    assert read_commit(flag, tmp_path, outside) == found


@pytest.mark.parametrize("flag", ["a b", "a\nb", "-x", "größe", "c" * 101, "../a"])
def test_what_is_no_commit_is_refused(tmp_path: Path, flag: str) -> None:
    with pytest.raises(UsageError, match=r"--commit: .* is not a commit"):
        read_commit(flag, tmp_path, Outside(ENVIRON))


def test_a_folder_without_a_commit_says_why(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not in a git repository"):
        commit_of(tmp_path)
    git(tmp_path, "init", "--quiet")
    with pytest.raises(UsageError, match="is in a git repository without a commit"):
        commit_of(tmp_path)


def test_without_git_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="git: no such program"):
        read_commit("", tmp_path, Outside({"PATH": str(tmp_path)}))


def test_a_folder_knows_where_it_is_in_its_repository(cloned: Path) -> None:
    folder = cloned / "services" / "gis"
    folder.mkdir(parents=True)
    assert folder_in_repository(folder, Outside(ENVIRON)) == "services/gis/"
    assert folder_in_repository(cloned, Outside(ENVIRON)) == ""


def test_a_folder_that_is_in_no_repository_is_nowhere(tmp_path: Path) -> None:
    assert folder_in_repository(tmp_path, Outside(ENVIRON)) == ""
