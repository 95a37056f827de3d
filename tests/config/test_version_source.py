"""The version of a build, from every place it may come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci_steps.config.settings import VersionSource
from ci_steps.config.version_source import read_version
from ci_steps.errors import UsageError
from ci_steps.options import VersionText
from ci_steps.outside import Outside
from tests.parts.git import ENVIRON, HAS_GIT, WITHOUT_GIT, git, repository

needs_git = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)


def found(folder: Path, scheme: str = "", **source: Any) -> tuple[str, str]:
    named = VersionSource(**source) if source else None
    version, where = read_version(named, scheme, folder, Outside({**ENVIRON, "V": "1.2.0"}))
    return str(version), where


def refusal(folder: Path, **source: Any) -> str:
    with pytest.raises(UsageError) as caught:
        found(folder, **source)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "source", "where"),
    [
        ("VERSION", "v1_20171001-2\n", {"file": "VERSION"}, "file VERSION"),
        ("v.txt", "\ufeff1.1.0\r\n", {"file": "v.txt"}, "file v.txt"),
        ("p.toml", "[project]\nversion = '1.1.0'", {"pyproject": "p.toml"}, "pyproject p.toml"),
        ("p.json", '{"version": "1.1.0"}', {"package_json": "p.json"}, "package_json p.json"),
    ],
)
def test_a_file_holds_it(
    folder: Path, name: str, content: str, source: dict[str, str], where: str
) -> None:
    (folder / name).write_text(content)
    version, place = found(folder, **source)
    assert version in content
    assert place == where


def test_a_variable_holds_it(folder: Path) -> None:
    assert found(folder, env="V") == ("1.2.0", "env V")


def test_it_can_be_written_out(folder: Path) -> None:
    assert found(folder, text=VersionText("201610.2")) == ("201610.2", "")


def test_without_a_word_the_usual_files_are_looked_at_in_their_order(folder: Path) -> None:
    (folder / "package.json").write_text('{"version": "3.0.0"}')
    assert found(folder) == ("3.0.0", "package_json package.json")
    (folder / "pyproject.toml").write_text('[project]\nversion = "2.0.0"')
    assert found(folder) == ("2.0.0", "pyproject pyproject.toml")
    (folder / "VERSION").write_text("1.0.0")
    assert found(folder) == ("1.0.0", "file VERSION")


def deep(opening: str, before: str = "") -> Callable[[Path], object]:
    return lambda path: path.write_text(before + opening * 200_000)


@pytest.mark.parametrize(
    ("source", "make", "said"),
    [
        ({"file": "f"}, lambda path: None, "f cannot be read: no such file or directory"),
        ({"file": "f"}, lambda path: path.mkdir(), "f cannot be read: is a directory"),
        ({"file": "f"}, lambda path: path.write_text(""), "file f: '' is not a version"),
        ({"file": "f"}, lambda path: path.write_text("1.1\n1.2"), "f holds more than a version"),
        ({"file": "f"}, lambda path: path.write_text("9" * 2_000_000), "f is longer than"),
        (
            {"file": "f"},
            lambda path: path.write_bytes(b"\xff"),
            "f cannot be read: it is not UTF-8",
        ),
        ({"pyproject": "f"}, lambda path: path.write_text("a ="), "f is not TOML: "),
        ({"pyproject": "f"}, lambda path: path.write_text(""), "f has no version that is a text"),
        ({"pyproject": "f"}, deep("[", "a = "), "f is not TOML: "),
        ({"package_json": "f"}, lambda path: path.write_text("{"), "f is not JSON: "),
        ({"package_json": "f"}, lambda path: path.write_text("[]"), "f has no version that"),
        ({"package_json": "f"}, deep("["), "f is not JSON: "),
        (
            {"package_json": "f"},
            lambda path: path.write_text('{"version": 1.10}'),
            "f has no version that is a text",
        ),
        ({"env": "NONE"}, lambda path: None, "the environment variable NONE is not set"),
        ({"file": "f", "env": "V"}, lambda path: None, "expected one of text, file, git_tag"),
    ],
)
def test_a_place_without_a_version_says_why(
    folder: Path, source: dict[str, str], make: Callable[[Path], object], said: str
) -> None:
    make(folder / "f")
    assert refusal(folder, **source).startswith(said)


@needs_git
def test_the_tag_of_this_commit_holds_it(folder: Path) -> None:
    repository(folder, "v1.1.0*", "release-candidate")
    assert found(folder, git_tag="v") == ("1.1.0", "git_tag v")
    assert found(folder, git_tag="")[0] in ("1.1.0", "v1.1.0")


@needs_git
def test_the_tag_of_an_older_commit_does_not_count(folder: Path) -> None:
    repository(folder, "v1.1.0")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "second")
    assert refusal(folder, git_tag="v") == "this commit has no tag of the form vVERSION"


@needs_git
def test_two_versions_of_one_commit_are_nobodys(folder: Path) -> None:
    repository(folder, "v1.1.0", "v1.1.1")
    assert refusal(folder, git_tag="v").startswith("this commit has tags 1.1.0, 1.1.1 of the form")


@needs_git
def test_a_folder_without_a_repository_has_no_tag(folder: Path) -> None:
    assert refusal(folder, git_tag="v").startswith("git says 'fatal: not a git repository")


def test_the_scheme_decides_where_the_text_does_not(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"'1.1.0' is not a version"):
        found(folder, "dated", text=VersionText("1.1.0"))
