"""Every name of a release agrees after every deployment, and whoever moves one is found out.

The images are in a real registry, the containers are those of a real engine, and the tags go to
a real repository.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ci_steps.images.labels import VERSION
from ci_steps.images.reference import split
from ci_steps.images.stored import Stored, stored
from ci_steps.outside import Outside
from tests.parts.git import HAS_GIT, WITHOUT_GIT, git
from tests.parts.ports import free_port
from tests.parts.pushing import push
from tests.parts.shop import Shop, shop_in

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)]

_CONFIG = """\
service: auth
owner: auth-team
version: {{file: VERSION}}
pipeline: [unit-test, version-check, container-build, deploy production]
steps:
  unit-test: {{command: ["true"]}}
  container-build:
    {{engine: docker, registry: "{registry}", image: {image}, push: true, tags: [commit, line]}}
  deploy: {{lines: {lines}}}
environments:
  production:
    production: true
    target:
      compose:
        line_ports: {{"1": {one}, "2": {two}}}
        timeout_seconds: 20
        steady_seconds: 0
        variables: {{BEHAVIOUR: '{behaviour}'}}
"""
_FILES = {
    "Dockerfile": "FROM ci-steps-service:1\nCOPY VERSION .\n",
    "compose.yaml": """\
services:
  auth: {image: "${CI_STEPS_IMAGE}", ports: ["127.0.0.1:${CI_STEPS_PORT}:8080"]}
""",
}


@dataclass(frozen=True)
class Company:
    """One service, its registry and its repository."""

    shop: Shop
    registry: str
    image: str
    ports: tuple[int, int]

    @property
    def root(self) -> Path:
        return self.shop.folder / "auth"

    def ships(self, version: str, *more: str, lines: str = "auto", behaviour: str = "") -> str:
        """Release a version; return what was on the screen, after the exit status."""
        self.shop.service("auth", version)
        for name, text in _FILES.items():
            (self.root / name).write_text(text)
        said = {"lines": lines, "behaviour": behaviour, "registry": self.registry}
        one, two = self.ports
        text = _CONFIG.format(image=self.image, one=one, two=two, **said)
        (self.root / "ci-steps.yaml").write_text(text)
        self.shop.commit("auth", version)
        if not git(self.root, "remote"):
            git(self.root, "remote", "add", "origin", str(self.shop.folder / "remote.git"))
        done = self.shop.ci_steps("auth", "run", *more)
        return f"{done.returncode} {done.stderr}"

    def ships_again(self, version: str) -> str:
        """Ship a version of before on purpose, on an agent that has no image of it."""
        git(self.root, "checkout", "--quiet", "--detach", version)
        images = self.docker("image", "ls", "--quiet", "--filter", f"label={VERSION}={version}")
        self.docker("image", "rm", "--force", *set(images.split()))
        done = self.shop.ci_steps("auth", "run")
        git(self.root, "checkout", "--quiet", "-")
        return f"{done.returncode} {done.stderr}"

    def names(self) -> dict[str, dict[str, str]]:
        """Return, by what is live, the names that do not agree with it, and with what."""
        found = self.shop.answer("auth", "names", "check", "production")
        wrong = {
            one["version"]: {
                name["name"]: name["reason"] for name in one["names"] if name["verdict"] != "yes"
            }
            for one in found["deployments"]
        }
        assert (found["verdict"] == "yes") == (not any(wrong.values()))
        for one in found["deployments"]:
            assert len(one["names"]) == 7, one["names"]
        return wrong

    def tagged(self, tag: str) -> Stored | None:
        return stored(split(f"{self.registry}/{self.image}:{tag}"), Outside({}))

    def line(self, line: str) -> str:
        """Return the version that the tag of a line means in the registry."""
        there = self.tagged(line)
        return there.version if there else ""

    def docker(self, *arguments: str) -> str:
        done = subprocess.run(
            ["docker", *arguments],
            env=self.shop.environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@pytest.fixture
def company(
    tmp_path: Path, docker: Mapping[str, str], service_image: str, image_registry: str
) -> Iterator[Company]:
    del service_image
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    with shop_in(tmp_path) as shop:
        shop.environ.update(docker)
        shop.environ["PATH"] = f"{Path(sys.executable).parent}:{shop.environ['PATH']}"
        name = f"auth-{secrets.token_hex(6)}"
        yield Company(shop, image_registry, name, (free_port(), free_port()))


def test_all_names_agree_after_every_deployment_and_who_moves_one_is_found(
    company: Company,
) -> None:
    assert company.ships("1.0.0").startswith("0 ")
    assert (company.names(), company.line("1")) == ({"1.0.0": {}}, "1.0.0")
    assert _image_that_runs(company).startswith(f"{company.registry}/{company.image}@sha256:")

    replaced = company.ships("1.1.0")
    assert replaced.startswith("0 "), replaced
    assert (company.names(), company.line("1")) == ({"1.1.0": {}}, "1.1.0")

    refused = company.ships("1.2.0", behaviour="broken")
    assert refused.startswith("1 "), refused
    built = company.tagged("1.2.0")
    assert built is not None
    assert built.version == "1.2.0", "it is in the registry, and production has not proven it"
    assert (company.names(), company.line("1")) == ({"1.1.0": {}}, "1.1.0")
    assert "1.2.0" not in git(company.root, "ls-remote", "--tags", "origin")

    beside = company.ships("2.0.0", lines="beside")
    assert beside.startswith("0 "), beside
    assert company.names() == {"1.1.0": {}, "2.0.0": {}}
    assert (company.line("1"), company.line("2")) == ("1.1.0", "2.0.0")

    again = company.ships_again("1.0.0")
    assert again.startswith("0 "), again
    assert company.names() == {"1.0.0": {}, "2.0.0": {}}
    assert (company.line("1"), company.line("2")) == ("1.0.0", "2.0.0")

    _tamper(company, "1.0.0")


def _image_that_runs(company: Company) -> str:
    (project,) = company.docker("container", "ls", "--quiet").split()
    return company.docker("container", "inspect", "--format", "{{.Config.Image}}", project).strip()


def _tamper(company: Company, moved: str) -> None:
    """Move the tag in git of one version, and of the other the image and the tag of its line."""
    git(company.root, "tag", "--force", "--annotate", "--message", "moved", moved, "HEAD")
    git(company.root, "push", "--quiet", "--force", "origin", moved)
    there = company.tagged("2.0.0")
    assert there is not None
    wrong = {**there.labels, "org.opencontainers.image.version": "2.0.1"}
    for tag in ("2.0.0", "2"):
        push(company.registry, company.image, tag, wrong)
    image = f"image {company.registry}/{company.image}"
    found = company.names()
    assert list(found[moved]) == [f"git tag {moved}"]
    assert list(found["2.0.0"]) == [f"{image}:2.0.0", "label version", f"{image}:2"]
    assert found["2.0.0"]["label version"] == "the dictionary has 2.0.0"
