from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_steps.outside import Outside
from ci_steps.probes import git
from ci_steps.protocols import Found, Question
from tests.parts.git import ENVIRON, HAS_GIT, WITHOUT_GIT, repository
from tests.parts.http import says, says_nothing, serving

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)


def asked(address: str | Path, prefix: str = "", seconds: float = 20.0) -> tuple[Found, ...]:
    question = Question("auth", "", timeout_seconds=seconds)
    return git.ask(question, git.Options(str(address), prefix), Outside(ENVIRON))


def problem(address: str | Path, seconds: float = 20.0) -> str:
    (found,) = asked(address, seconds=seconds)
    assert found.version is None
    assert found.released
    return found.problem


def test_every_tag_that_is_a_version_is_a_release(tmp_path: Path) -> None:
    auth = repository(tmp_path / "auth", "1.0.0*", "v1.1", "v2_20171001-1", "latest", "2017")
    found = asked(auth)
    assert [str(one.version) for one in found] == ["1.0.0", "v1.1", "v2_20171001-1"]
    assert all(one.released and one.where == str(auth) for one in found)


def test_one_version_in_two_spellings_is_one_release(tmp_path: Path) -> None:
    found = asked(repository(tmp_path / "auth", "1.1", "v1.1.0"))
    assert [str(one.version) for one in found] == ["1.1"]


def test_a_prefix_tells_the_services_of_one_repository_apart(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop", "auth-1.1.0", "gis-2.0.0", "3.0.0")
    assert [str(one.version) for one in asked(shop, "auth-")] == ["1.1.0"]


def test_where_something_runs_tags_say_nothing(tmp_path: Path) -> None:
    auth = repository(tmp_path / "auth", "1.1.0")
    question = Question("auth", "staging")
    assert git.ask(question, git.Options(str(auth)), Outside(ENVIRON)) == ()


def test_a_repository_without_versions_is_a_problem(tmp_path: Path) -> None:
    assert problem(repository(tmp_path / "auth", "latest")) == "no tag is a version"


def test_a_repository_that_does_not_exist_is_a_short_problem(tmp_path: Path) -> None:
    found = problem(tmp_path / "gone")
    assert found.endswith("does not appear to be a git repository")
    assert "\n" not in found


def test_credentials_in_an_address_are_used_and_not_shown() -> None:
    with serving(says("", status=404)) as server:
        address = server.address.replace("://", "://robot:s3cr%40t@") + "/auth.git"
        (found,) = asked(address)
    assert found.where == f"{server.address.replace('://', '://***@')}/auth.git"
    assert "not found" in found.problem
    assert "s3cr" not in found.problem


def test_nobody_is_asked_for_a_password() -> None:
    challenge = says("", status=401, www_authenticate='Basic realm="auth"')
    with serving(challenge) as server:
        found = problem(f"{server.address}/auth.git")
    assert found.startswith("could not read Username for")


def test_a_server_that_never_answers_is_left() -> None:
    with serving(says_nothing) as server:
        assert problem(f"{server.address}/auth.git", seconds=0.5).startswith("git was stopped")


@pytest.mark.parametrize("address", ["--upload-pack=touch {ran}", "-x", "", "auth\x00", "a\nb"])
def test_what_git_takes_for_an_option_is_refused(address: str, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    assert problem(address.format(ran=ran)) == "it is not the address of a repository"
    assert not ran.exists()


@pytest.mark.parametrize("address", ["ext::touch {ran}", "fd::17", "anything::else"])
def test_an_address_that_starts_a_program_is_refused(address: str, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    assert problem(address.format(ran=ran)) == "an address that starts a program is not asked"
    assert not ran.exists()


def test_an_address_that_git_rewrites_starts_no_program_either(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    config = tmp_path / "config"
    config.write_text(
        f'[protocol "ext"]\n allow = always\n[url "ext::touch {ran} "]\n insteadOf = auth:\n',
        encoding="utf-8",
    )
    environ = {**ENVIRON, "GIT_CONFIG_GLOBAL": str(config)}
    (found,) = git.ask(Question("auth", ""), git.Options("auth:x"), Outside(environ))
    assert found.problem == "transport 'ext' not allowed"
    assert not ran.exists()


def test_without_git_the_problem_says_so() -> None:
    (found,) = git.ask(Question("auth", ""), git.Options("/srv/auth.git"), Outside({"PATH": ""}))
    assert found.problem == "git: no such program"
