"""A terminal: the host when no other one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps import registry
from ci_steps.hosts import local as host
from ci_steps.outside import Outside


def test_it_is_here_when_no_other_host_is() -> None:
    assert [name for name, one in registry.HOSTS.items() if one.is_here({})] == ["local"]


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"GITHUB_ACTIONS": "true"}, "github_actions"),
        ({"JENKINS_URL": "https://ci.shop.example/"}, "jenkins"),
        ({"CI": "true"}, "local"),
    ],
)
def test_a_ci_system_is_asked_before_the_terminal(environ: dict[str, str], name: str) -> None:
    assert next(name for name, one in registry.HOSTS.items() if one.is_here(environ)) == name


@pytest.mark.parametrize(
    ("environ", "actor"),
    [
        ({"USER": "reviewer", "LOGNAME": "other"}, "reviewer"),
        ({"USER": "", "LOGNAME": "reviewer"}, "reviewer"),
        ({}, ""),
    ],
)
def test_the_actor_is_who_is_logged_in(environ: dict[str, str], actor: str) -> None:
    assert host.facts(environ).actor == actor


def test_nothing_is_written_that_only_a_ci_system_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    host.hand_over({"status": "passed"}, "passed", Outside({}))
    assert (host.mask("x"), host.group("x"), host.annotation("error", "x", "a", 1)) == (
        "",
        ("", ""),
        "",
    )
    assert host.quoted("::error::x") == "::error::x"
    assert list(tmp_path.iterdir()) == []
