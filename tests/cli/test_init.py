"""`init` in small repositories of many kinds: what it writes can be rehearsed."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci_steps.scaffold.looking import service_name
from tests.parts.commands import CI_STEPS, Ended, environ, typed_in
from tests.parts.git import HAS_GIT, WITHOUT_GIT, git, repository
from tests.parts.shop import check_answer

pytestmark = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)

PYTEST = "import pytest\n\n\ndef test_it() -> None:\n    pass\n"
MANIFEST = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
TASK = '{"containerDefinitions": [{"name": "web", "image": "web"}]}\n'
POM = """\
<project><parent><version>3.0.0</version></parent>
<artifactId>ledger</artifactId><version>2.1.0-SNAPSHOT</version></project>
"""

# What lies there, and what of it is expected in ci-steps.yaml.
REPOSITORIES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "python-pyproject": (
        {
            "pyproject.toml": "[project]\nname = 'Geo_Search'\nversion = '1.4.0'\n",
            "tests/test_it.py": PYTEST,
            "app.py": "",
            "Dockerfile": "FROM scratch\n",
        },
        {
            "service": "geo-search",
            "version": {"pyproject": "pyproject.toml"},
            "command": ["python3", "-m", "pytest", "--junitxml=.ci-steps/reports/unit.xml"],
            "target": "process",
        },
    ),
    "python-setup": (
        {"setup.py": "setup(name='x', version='0.9.1')\n", "tests/test_it.py": "import unittest\n"},
        {
            "service": "python-setup",
            "version": {"file": "VERSION"},
            "command": ["python3", "-m", "unittest", "discover", "--start-directory", "tests"],
            "target": "none",
        },
    ),
    "python-poetry-src": (
        {
            "pyproject.toml": "[tool.poetry]\nname = 'mail'\nversion = '3.0.0'\n",
            "poetry.lock": "",
            "src/mail/__main__.py": "",
            "tests/unit/test_it.py": PYTEST,
            "openapi.yaml": "openapi: 3.0.0\ninfo: {title: mail, version: '3'}\npaths: {}\n",
        },
        {
            "service": "mail",
            "version": {"file": "VERSION"},
            "command": ["poetry", "run", "pytest", "--junitxml=.ci-steps/reports/unit.xml"],
            "target": "process",
            "contract": "openapi.yaml",
        },
    ),
    "node-npm": (
        {
            "package.json": json.dumps(
                {
                    "name": "@shop/basket",
                    "version": "2.0.1",
                    "scripts": {"test": "node --test", "start": "node ."},
                }
            ),
            "schema.graphql": "type Query { name: String }\n",
        },
        {
            "service": "basket",
            "version": {"package_json": "package.json"},
            "command": ["npm", "test"],
            "target": "process",
            "contract": "schema.graphql",
        },
    ),
    "node-pnpm": (
        {
            "package.json": json.dumps({"name": "web", "scripts": {"test": "vitest run"}}),
            "pnpm-lock.yaml": "",
            "compose.yaml": "services: {}\n",
            "Jenkinsfile": "// theirs\n",
        },
        {
            "service": "web",
            "version": {"file": "VERSION"},
            "command": ["pnpm", "test"],
            "target": "compose",
        },
    ),
    "go": (
        {"go.mod": "module example.org/geo\n", "main.go": "package main\n", "VERSION": "201610\n"},
        {
            "service": "go",
            "version": {"file": "VERSION"},
            "command": ["go", "test", "./..."],
            "target": "process",
        },
    ),
    "java-maven": (
        {"pom.xml": POM, "mvnw": "", "k8s/web.yaml": MANIFEST, ".gitlab-ci.yml": "# theirs\n"},
        {
            "service": "java-maven",
            "version": {"file": "VERSION"},
            "command": ["./mvnw", "--batch-mode", "test"],
            "target": "kubernetes",
        },
    ),
    "java-gradle": (
        {
            "build.gradle.kts": 'version = "1.0.0"\n',
            "gradlew": "",
            ".aws/task-definition.json": TASK,
            "compose.yaml": "services: {}\n",
        },
        {
            "service": "java-gradle",
            "version": {"file": "VERSION"},
            "command": ["./gradlew", "test"],
            "target": "ecs",
        },
    ),
    "rust": (
        {"Cargo.toml": "[package]\nname = 'rates'\nversion = '0.3.0'\n"},
        {
            "service": "rates",
            "version": {"file": "VERSION"},
            "command": ["cargo", "test"],
            "target": "none",
        },
    ),
    "ruby-make": (
        {"Gemfile": "", "spec/x_spec.rb": "", "Makefile": "test:\n\ttrue\nintegration-test:\n"},
        {
            "service": "ruby-make",
            "version": {"file": "VERSION"},
            "command": ["make", "test"],
            "target": "none",
        },
    ),
}


def make(folder: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def init(folder: Path, *more: str) -> Ended:
    return typed_in(folder, "init", "--yes", *more)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "ci-steps")


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "ci-steps.yaml").read_text("utf-8"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", REPOSITORIES)
def test_what_it_writes_can_be_rehearsed(tmp_path: Path, name: str) -> None:
    files, expected = REPOSITORIES[name]
    folder = make(tmp_path / name, files)
    repository(folder)
    theirs = {file: content for file, content in files.items() if file == "Jenkinsfile"}
    ended = init(folder)
    assert ended.status == 0, ended.err
    commit(folder)
    found = written(folder)
    assert found["service"] == expected["service"]
    assert found["version"] == expected["version"]
    assert found["steps"]["unit-test"]["command"] == expected["command"]
    assert found.get("contract") == expected.get("contract")
    targets = [set(one["target"]) for one in found.get("environments", {}).values()]
    assert targets == ([] if expected["target"] == "none" else [{expected["target"]}] * 2)
    assert {file: (folder / file).read_text() for file in theirs} == theirs
    rehearsed = typed_in(folder, "rehearse", "--dictionary", str(tmp_path / "d.db"))
    assert rehearsed.status == 0, rehearsed.err
    assert "rehearsed in" in rehearsed.err or "passed" in rehearsed.err


def test_a_folder_of_many_gets_a_pipeline_of_its_own(tmp_path: Path) -> None:
    top = tmp_path / "shop"
    owners = "* @shop/everybody\n/services/auth/ @shop/auth-team\n"
    make(top, {".github/CODEOWNERS": owners, "services/auth/go.mod": "module auth\n"})
    repository(top)
    auth = top / "services" / "auth"
    assert init(auth).status == 0
    assert (written(auth)["service"], written(auth)["owner"]) == ("auth", "auth-team")
    workflow = (top / ".github" / "workflows" / "ci-steps-auth.yml").read_text()
    assert workflow.count('config: "services/auth/ci-steps.yaml"') == 2
    assert 'paths: ["services/auth/**"]' in workflow


def test_a_folder_with_any_name_is_one_word_of_the_command(tmp_path: Path) -> None:
    service = make(tmp_path / "shop" / "it's: auth", {"Makefile": "test:\n"})
    repository(tmp_path / "shop")
    assert init(service, "--ci", "gitlab", "--service", "auth").status == 0
    pipeline = yaml.safe_load((tmp_path / "shop" / ".gitlab-ci.yml").read_text())
    for job in ("rehearse", "release"):
        assert shlex.split(pipeline[job]["script"][-1])[-1] == "it's: auth/ci-steps.yaml"
    assert pipeline["release"]["artifacts"]["paths"] == ["it's: auth/.ci-steps/"]


def test_nothing_is_replaced_without_force(tmp_path: Path) -> None:
    folder = make(tmp_path / "web", {"Makefile": "test:\n", "ci-steps.yaml": "service: mine\n"})
    ended = init(folder)
    assert (ended.status, ended.out) == (2, "")
    assert "ci-steps.yaml is there already" in ended.err
    assert sorted(path.name for path in folder.iterdir()) == ["Makefile", "ci-steps.yaml"]
    assert init(folder, "--force").status == 0
    assert written(folder)["service"] == "web"


def test_a_dry_run_writes_nothing_and_answers_with_every_file(tmp_path: Path) -> None:
    folder = make(tmp_path / "web", {"Makefile": "test:\n"})
    ended = init(folder, "--dry-run", "--json", "--owner", "web-team", "--ci", "jenkins")
    check_answer(ended.document)
    assert [(one["path"], one["status"]) for one in ended.document["files"]] == [
        ("ci-steps.yaml", "would be written"),
        ("VERSION", "would be written"),
        ("Jenkinsfile", "would be written"),
    ]
    assert [path.name for path in folder.iterdir()] == ["Makefile"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "no unit tests are found here"),
        (("--test-command", "make 'test"), '"make \'test" is not a command: no closing quotation'),
        (("--service", "Web 2", "--test-command", "true"), "Web 2"),
        (("--action", "ci-steps", "--test-command", "true"), "'ci-steps' names no action"),
        (("--action", "a/b@v1\n", "--test-command", "true"), "'a/b@v1\\n' names no action"),
        (("--ci", "travis", "--test-command", "true"), "'travis'"),
    ],
)
def test_what_is_missing_or_wrong_is_said(tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    ended = init(tmp_path, *more)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_what_somebody_typed_is_text_in_the_file(tmp_path: Path) -> None:
    command = """sh -c 'echo "$(id)": # {x} true' yes"""
    owner = "yes # [team]: {a}"
    assert (
        init(tmp_path, "--service", "web", "--test-command", command, "--owner", owner).status == 0
    )
    found = written(tmp_path)
    assert found["owner"] == owner
    assert found["steps"]["unit-test"]["command"] == [
        "sh", "-c", 'echo "$(id)": # {x} true', "yes",
    ]  # fmt: skip


def test_on_a_terminal_every_choice_is_asked_for(tmp_path: Path) -> None:
    folder = make(tmp_path / "web", {"Makefile": "test:\n"})
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*CI_STEPS, "init"], cwd=folder, env=environ(tmp_path), stdin=theirs, stdout=theirs,
        stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, b"shop-web\nweb-team\n\nnone\njenkins\n")
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # the other end is closed: that is how a terminal ends on Linux
        pass
    os.close(ours)
    assert process.wait(timeout=30) == 0, said
    assert b"Command of the unit tests [make test]" in said
    assert (written(folder)["service"], written(folder)["owner"]) == ("shop-web", "web-team")
    assert (folder / "Jenkinsfile").is_file()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Geo_Search", "geo-search"),
        ("42-auth", "auth"),
        ("auth v2", "auth"),
        ("größe", "gr-e"),
        ("--", ""),
        ("x" * 80, "x" * 63),
    ],
)
def test_any_name_becomes_one_that_a_service_may_have(text: str, name: str) -> None:
    assert service_name(text) == name


@pytest.mark.parametrize(
    ("makefile", "until"),
    [("test:\n", ' --until "deploy staging"'), ("test:\nintegration-test:\n", "")],
)
@pytest.mark.parametrize("host", ["gitlab", "jenkins"])
def test_a_pipeline_that_nobody_watches_stops_where_a_person_has_to_approve(
    tmp_path: Path, host: str, makefile: str, until: str
) -> None:
    make(tmp_path, {"Makefile": makefile})
    answer = init(tmp_path, "--service", "web", "--target", "process", "--ci", host, "--json")
    text = answer.document["files"][-1]["content"]
    (run,) = [line for line in text.splitlines() if "ci-steps run" in line]
    assert run.strip(" -'").removeprefix("sh '") == f"ci-steps run{until}"


@pytest.mark.parametrize(
    ("makefile", "until"),
    [("test:\n", {"until": "deploy staging"}), ("test:\nintegration-test:\n", {})],
)
def test_the_workflow_uses_the_action_and_stops_where_a_person_has_to_approve(
    tmp_path: Path, makefile: str, until: dict[str, str]
) -> None:
    make(tmp_path, {"Makefile": makefile})
    told = ("--service", "web", "--target", "process", "--ci", "github")
    answer = init(tmp_path, *told, "--action", "shop/ci-steps@v1", "--json")
    jobs = yaml.safe_load(answer.document["files"][-1]["content"])["jobs"]
    rehearse, release = jobs["rehearse"]["steps"][-1], jobs["release"]["steps"][-1]
    assert rehearse["uses"] == release["uses"] == "shop/ci-steps@v1"
    assert rehearse["with"] == {"step": "pull-request"}
    assert release["with"] == {"step": "run", **until}


def test_an_action_that_nobody_named_is_said(tmp_path: Path) -> None:
    make(tmp_path / "web", {"Makefile": "test:\n"})
    assert "say it with --action" in init(tmp_path / "web", "--ci", "github").err
    ended = init(tmp_path / "web", "--force", "--ci", "github", "--action", "shop/ci-steps@v1")
    assert "--action" not in ended.err


@pytest.mark.parametrize("host", ["github", "gitlab"])
def test_the_pipeline_it_writes_has_the_form_that_its_host_publishes(
    tmp_path: Path, host: str
) -> None:
    repository(make(tmp_path / "web", {"Makefile": "test:\n"}))
    assert init(tmp_path / "web", "--ci", host).status == 0
    file, schema = {
        "github": (".github/workflows/ci-steps.yml", "vendor.github-workflows"),
        "gitlab": (".gitlab-ci.yml", "vendor.gitlab-ci"),
    }[host]
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, file],
        cwd=tmp_path / "web",
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
