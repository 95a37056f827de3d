from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_steps.errors import ContractError, UsageError
from ci_steps.jobs.comparing import Formats
from ci_steps.jobs.contract_sources import MOST_BYTES, contract_at, read_contract
from ci_steps.outside import Outside
from tests.parts.git import HAS_GIT, WITHOUT_GIT, git

if TYPE_CHECKING:
    from pathlib import Path

needs_git = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)

ONE, TWO = b"type Query { a: Int }\n", b"type Query { a: Int b: Int }\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an API in a file and a folder, in which the program is started."""
    folder = tmp_path / "gis"
    (folder / "api").mkdir(parents=True)
    (folder / "api" / "one.graphql").write_bytes(ONE)
    (folder / "api" / "more.graphql").write_bytes(b"type More { b: Int }\n")
    (tmp_path / "secret.graphql").write_bytes(TWO)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def committed(here: Path) -> Path:
    git(here, "init", "--quiet")
    git(here, "add", ".")
    git(here, "commit", "--quiet", "--message", "one")
    (here / "api" / "one.graphql").write_bytes(TWO)
    return here


def test_a_file_is_read_with_its_neighbours(here: Path) -> None:
    contract = read_contract("api/one.graphql", Outside())
    assert (contract.name, contract.main) == ("api/one.graphql", "api/one.graphql")
    assert contract.files["api/one.graphql"] == ONE
    assert contract.files["api/more.graphql"].startswith(b"type More")


def test_a_file_elsewhere_is_read_with_the_files_of_its_own_folder(here: Path) -> None:
    contract = read_contract("../secret.graphql", Outside())
    assert contract.main == "secret.graphql"
    assert contract.files["secret.graphql"] == TWO


def test_a_folder_is_all_its_files_by_their_names_in_it(here: Path) -> None:
    contract = read_contract("api", Outside())
    assert (contract.main, sorted(contract.files)) == ("", ["more.graphql", "one.graphql"])


@pytest.mark.parametrize("name", ["../secret.graphql", "/etc/passwd", "api/../../secret.graphql"])
def test_nothing_outside_of_the_folder_is_a_part_of_it(here: Path, name: str) -> None:
    assert name not in contract_at(here, "api/one.graphql").files


def test_a_link_that_leads_out_of_the_folder_is_no_part_of_it(here: Path) -> None:
    (here / "api" / "link.graphql").symlink_to(here.parent / "secret.graphql")
    contract = contract_at(here, "api/one.graphql")
    assert "api/link.graphql" not in contract.files
    assert sorted(contract_at(here, "api").files) == ["more.graphql", "one.graphql"]


def test_a_file_without_end_is_refused(here: Path) -> None:
    with (here / "big.graphql").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(ContractError, match=r"big\.graphql: .* longer than 50,000,000"):
        Formats(Outside()).of(read_contract("big.graphql", Outside()))


def test_what_is_not_there_is_an_error_that_says_what_may_be_named(here: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.graphql: no such file or folder") as raised:
        read_contract("none.graphql", Outside())
    assert "git:REVISION:PATH" in raised.value.hint


@needs_git
def test_a_commit_is_read_as_it_was(committed: Path) -> None:
    contract = read_contract("git:HEAD:api/one.graphql", Outside())
    assert contract.files[contract.main] == ONE
    assert contract.files["api/more.graphql"].startswith(b"type More")
    assert "api/none.graphql" not in contract.files


@needs_git
def test_a_folder_of_a_commit_is_read_as_it_was(committed: Path) -> None:
    contract = read_contract("git:HEAD:api", Outside())
    assert contract.files["one.graphql"] == ONE
    assert sorted(contract.files) == ["more.graphql", "one.graphql"]


@needs_git
def test_paths_in_a_commit_are_those_of_the_folder_one_is_in(
    committed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(committed / "api")
    contract = read_contract("git:HEAD:one.graphql", Outside())
    assert contract.files["one.graphql"] == ONE


@needs_git
@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("git:HEAD", "expected git:REVISION:PATH"),
        ("git::api", "expected git:REVISION:PATH"),
        ("git:nowhere:api/one.graphql", "git knows no commit 'nowhere' here"),
        ("git:--help:api/one.graphql", "git knows no commit '--help' here"),
        ("git:HEAD:api/none.graphql", "no such file or folder in that commit"),
    ],
)
def test_what_git_does_not_have_is_an_error(committed: Path, written: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read_contract(written, Outside())


@needs_git
def test_without_a_repository_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="there is no git repository here"):
        read_contract("git:HEAD:api.graphql", Outside())
