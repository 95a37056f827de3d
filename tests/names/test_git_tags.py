"""Tags of releases, in real repositories with a real remote."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps.names.git_tags import FoundTag, GitTag, find_tag, set_tag
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from tests.parts.git import ENVIRON, HAS_GIT, WITHOUT_GIT, git, repository

pytestmark = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)
NOBODY = {key: value for key, value in ENVIRON.items() if not key.startswith("GIT_COMMITTER")}


class Patient(Outside):
    """The real world, in which waiting takes no time and is counted."""

    waited = 0

    def pause(self, seconds: float) -> None:
        type(self).waited += 1


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository that has a remote which takes what is pushed."""
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    folder = repository(tmp_path / "auth")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote.git"))
    return folder


def tag(root: Path, name: str = "1.1.0", commit: str = "", remote: str = "origin") -> GitTag:
    return GitTag(name, commit or git(root, "rev-parse", "HEAD"), "auth 1.1.0", root, remote)


def test_the_tag_is_annotated_pushed_and_the_same_the_second_time(root: Path) -> None:
    outside = Outside(NOBODY)  # as in most jobs: git does not know who this is
    assert set_tag(tag(root), outside) == ""
    found = find_tag(root, "origin", "1.1.0", outside)
    assert found == FoundTag(git(root, "rev-parse", "HEAD"), annotated=True)
    before = git(root, "rev-parse", "1.1.0")
    assert set_tag(tag(root), outside) == ""
    assert git(root, "rev-parse", "1.1.0") == before
    assert git(root, "tag", "--list", "--format", "%(contents:subject)") == "auth 1.1.0"


def test_without_a_remote_the_tag_stays_here(tmp_path: Path) -> None:
    folder = repository(tmp_path / "auth")
    assert set_tag(tag(folder, remote=""), Outside(ENVIRON)) == ""
    assert find_tag(folder, "", "1.1.0", Outside(ENVIRON)) is not None


@pytest.mark.parametrize("where", ["origin", ""])
def test_a_tag_of_another_commit_is_left_alone_and_said(root: Path, where: str) -> None:
    first = git(root, "rev-parse", "HEAD")
    assert set_tag(tag(root, remote=where), Outside(ENVIRON)) == ""
    git(root, "commit", "--quiet", "--allow-empty", "--message", "second")
    problem = set_tag(tag(root, remote=where), Outside(ENVIRON))
    assert problem.startswith(f"the tag 1.1.0 is that of another commit ({first[:12]})")
    assert git(root, "rev-parse", "1.1.0^{}") == first


def test_a_push_that_fails_is_tried_again_and_then_said_with_what_to_type(root: Path) -> None:
    hook = root.parent / "remote.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho no tags today >&2; exit 1\n", "utf-8")
    hook.chmod(0o755)
    problem = set_tag(tag(root), Patient(ENVIRON))
    assert Patient.waited == 2
    assert problem.endswith("): git push origin refs/tags/1.1.0")
    hook.unlink()
    assert set_tag(tag(root), Patient(ENVIRON)) == ""
    assert find_tag(root, "origin", "1.1.0", Outside(ENVIRON)) is not None


def test_a_remote_that_is_away_and_a_name_that_git_does_not_take_are_said(root: Path) -> None:
    assert "not set: " in set_tag(tag(root, name="1.1..0", remote=""), Outside(ENVIRON))
    git(root, "remote", "set-url", "origin", str(root / "gone.git"))
    problem = set_tag(tag(root), Patient(ENVIRON))
    assert problem.startswith("the tag 1.1.0 is not set: origin cannot be asked for its tags: ")


def test_a_rehearsal_says_what_it_would_do_and_sets_nothing(root: Path) -> None:
    would: list[str] = []
    assert set_tag(tag(root), InertOutside(ENVIRON, would=would.append)) == ""
    assert [line.split()[:2] for line in would] == [["run", "git"], ["run", "git"]]
    assert find_tag(root, "origin", "1.1.0", Outside(ENVIRON)) is None
