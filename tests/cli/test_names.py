"""`ci-steps names check`, with a real repository, registry and service that answers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ci_steps.builders import docker as builder
from ci_steps.model import Environment, Evidence
from ci_steps.outside import Outside
from ci_steps.steps.container_build import Options, run
from tests.parts.building import AT, Clocked, job, service_folder
from tests.parts.commands import typed
from tests.parts.dictionaries import deployed, dictionary_at, release
from tests.parts.git import git, repository
from tests.parts.http import says, serving
from tests.parts.shop import check_answer

CONFIGURATION = """\
service: auth
owner: auth-team
version: {text: 1.1.0}
depends_on: [gis-201610, mail-v1_20171001-2]
pipeline: [deploy production]
environments: {production: {production: true, target: {process: {command: ["true"]}}}}
"""


class Desk:
    """A person in the folder of an auth 1.1.0 that is in production, tagged and pushed."""

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        registry: str,
        capsys: pytest.CaptureFixture[str],
    ):
        self.folder, self.environ, self._capsys = folder, environ, capsys
        self.name = f"{registry}/test-{secrets.token_hex(6)}"
        self.commit = git(folder, "rev-parse", "HEAD")

    def build(self, *, commit: str = "", push: bool = True) -> Mapping[str, str]:
        """Build the image, and push it."""
        registry, _, image = self.name.partition("/")
        options = Options(image=image, registry=registry, push=push)
        asked = job(
            self.folder, Clocked(self.environ), {"docker": builder}, commit=commit or self.commit
        )
        return run(asked, options).outputs

    def checks(self, *arguments: str) -> tuple[int, dict[str, str], Any]:
        ended = typed(self._capsys, "names", "check", *arguments, "--json")
        assert ended.out, ended.err
        check_answer(ended.document)
        (live,) = ended.document["deployments"]
        return ended.status, {one["name"]: one["verdict"] for one in live["names"]}, ended.document


@pytest.fixture
def desk(
    tmp_path: Path,
    base_tar: Path,
    docker: Mapping[str, str],
    image_registry: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    folder = service_folder(repository(tmp_path / "auth"), base_tar)
    git(folder, "remote", "add", "origin", str(tmp_path / "remote.git"))
    (folder / "ci-steps.yaml").write_text(CONFIGURATION, "utf-8")
    path = tmp_path / "dictionary.db"
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(path))
    monkeypatch.chdir(folder)
    desk = Desk(folder, docker, image_registry, capsys)
    built = desk.build()
    git(folder, "tag", "--annotate", "--message", "auth 1.1.0", "1.1.0")
    git(folder, "push", "--quiet", "origin", "1.1.0")
    with serving(says("1.1.0")) as service, dictionary_at(str(path)) as dictionary:
        known = release("auth 1.1.0", "gis-201610", "mail-v1_20171001-2", commit=desk.commit)
        dictionary.record_environment(Environment("production", production=True))
        live = deployed(known, address=service.address)
        dictionary.record_deployment(known, replace(live, digest=built["digest"]), production=True)
        dictionary.record_evidence(
            Evidence(
                "container-build",
                True,
                "auth",
                "1.1.0",
                desk.commit,
                AT,
                digest=built["digest"],
                text=built["image"],
            )
        )
        yield desk


def test_all_names_agree_until_somebody_tampers_with_one(desk: Desk) -> None:
    status, verdicts, document = desk.checks("production")
    assert (status, set(verdicts.values())) == (0, {"yes"}), json.dumps(document, indent=1)
    assert list(verdicts) == [
        "answers",
        "git tag 1.1.0",
        f"image {desk.name}:1.1.0",
        "label version",
        "label revision",
        "label requirements",
    ]
    _tamper_with_the_image(desk)
    status, verdicts, _ = desk.checks()
    assert status == 1
    assert {name for name, verdict in verdicts.items() if verdict == "no"} == {
        f"image {desk.name}:1.1.0",
        "label revision",
    }


def _tamper_with_the_image(desk: Desk) -> None:
    """Push another commit's image over the tag, past all that would refuse it."""
    outside = Outside(desk.environ)
    outside.run(["docker", "image", "rm", f"{desk.name}:1.1.0"])
    desk.build(commit="decade", push=False)
    assert outside.run(["docker", "push", f"{desk.name}:1.1.0"]).ok


def test_a_tag_of_another_commit_one_that_is_light_and_none_are_found(desk: Desk) -> None:
    git(desk.folder, "tag", "--force", "1.1.0", desk.commit)
    git(desk.folder, "push", "--quiet", "--force", "origin", "1.1.0")
    assert desk.checks()[1]["git tag 1.1.0"] == "no"
    git(desk.folder, "commit", "--quiet", "--allow-empty", "--message", "second")
    git(desk.folder, "tag", "--force", "--annotate", "--message", "moved", "1.1.0")
    git(desk.folder, "push", "--quiet", "--force", "origin", "1.1.0")
    _, verdicts, document = desk.checks()
    assert verdicts["git tag 1.1.0"] == "no"
    reason = document["deployments"][0]["names"][1]["reason"]
    assert reason == f"the dictionary has {desk.commit[:12]}"
    git(desk.folder, "push", "--quiet", "--delete", "origin", "1.1.0")
    assert desk.checks()[1]["git tag 1.1.0"] == "no"


def test_what_cannot_be_asked_is_not_known_and_no_yes(desk: Desk) -> None:
    git(desk.folder, "remote", "set-url", "origin", str(desk.folder / "gone.git"))
    status, verdicts, document = desk.checks()
    assert (status, verdicts["git tag 1.1.0"], document["verdict"]) == (1, "unknown", "unknown")
