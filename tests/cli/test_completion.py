"""A real bash completes commands and flags with what `completion` prints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.commands import environ, typed_in

_ASKED = """\
eval "$(ci-steps completion bash)"
COMP_WORDS=({words}) COMP_CWORD={last}
_ci_steps_completion ci-steps
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def completed(folder: Path, *words: str) -> list[str]:
    """Return what bash offers for the last of *words*."""
    if shutil.which("bash") is None:
        pytest.skip("no bash here: that it completes was not proven")
    quoted = " ".join(f"'{word}'" for word in ("ci-steps", *words))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", _ASKED.format(words=quoted, last=len(words))],
        cwd=folder,
        env={**environ(folder), "PATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("ver",), ["version", "version-check"]),
        (("version", "sat"), ["satisfies"]),
        (("run", "--un"), ["--until"]),
        (("no-such-command", ""), []),
    ],
)
def test_bash_completes(tmp_path: Path, words: tuple[str, ...], offered: list[str]) -> None:
    assert sorted(completed(tmp_path, *words)) == offered


SERVICE = """\
service: gis
owner: gis-team
environments: {staging: {}, production: {}}
"""
WORLD = """\
owners: {auth-team: {contacts: [{channel: file, address: auth}]}}
services: {auth: {owner: auth-team}, audit: {}}
environments: {canary: {}}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a service whose dictionary knows others."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "ci-steps.yaml").write_text(SERVICE)
    (folder / "world.yaml").write_text(WORLD)
    assert typed_in(folder, "dictionary", "load", "world.yaml").status == 0
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("dictionary", "dependents", ""), ["audit", "auth", "gis"]),
        (("deploy", ""), ["production", "staging"]),
        (("run", "--only", "unit"), ["unit-test"]),
        (("notices", "preview", "auth", "1", "production", "--to", "a"), ["auth-team"]),
        (("dictionary", "live", "--dictionary", "nowhere.db", ""), ["production", "staging"]),
    ],
)
def test_bash_completes_what_the_file_and_the_dictionary_know(
    shop: Path, words: tuple[str, ...], offered: list[str]
) -> None:
    assert sorted(completed(shop, *words)) == offered
    assert not (shop / "nowhere.db").exists()


def test_a_file_that_cannot_be_read_offers_nothing_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "ci-steps.yaml").write_text("service: [")
    assert completed(tmp_path, "dictionary", "dependents", "") == []


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_get_a_script_of_their_own(tmp_path: Path, name: str) -> None:
    ended = typed_in(tmp_path, "completion", name)
    assert (ended.status, ended.err) == (0, "")
    assert f"_CI_STEPS_COMPLETE={name}_complete" in ended.out


def test_an_unknown_shell_is_said(tmp_path: Path) -> None:
    ended = typed_in(tmp_path, "completion", "tcsh")
    assert (ended.status, ended.out) == (2, "")
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in ended.err
