"""A major stands beside the line that is needed, and calls move to it, by the real command line."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.parts.haproxy import haproxy_before
from tests.parts.ports import free_port
from tests.parts.prometheus import scraping
from tests.parts.services import await_end
from tests.parts.shop import Shop, shop_in
from tests.parts.traffic import answered, await_answer, calling

pytestmark = pytest.mark.slow

# What is put in stands between « and »: braces are those of YAML and of PromQL.
_AUTH = """\
service: auth
owner: auth-team
version: {file: VERSION}
pipeline: [unit-test, version-check, container-build, deploy production, notify-owners]
steps:
  unit-test: {command: ["true"]}
  container-build: {engine: docker, when: engine}
  shift-traffic:
    pause_seconds: 2
    check_seconds: 0.2
    prometheus: «monitoring»
    errors: |
      sum(rate(http_requests_total{version="{version}",code="500"}[2s]))
      / sum(rate(http_requests_total{version="{version}"}[2s]))
environments:
  production:
    production: true
    target: {«target»}
    traffic: {haproxy: {socket: "«socket»"}}
"""
_FILES = {
    "Dockerfile": "FROM ci-steps-service:1\nCOPY VERSION .\n",
    "compose.yaml": """\
services:
  auth:
    image: ${CI_STEPS_IMAGE}
    stop_grace_period: 1s
    ports: ["127.0.0.1:${CI_STEPS_PORT}:8080"]
""",
}
_PURPOSE = ("--override", "dependents", "--reason", "gis takes both")


@dataclass(frozen=True)
class World:
    """A shop whose lines of auth stand behind a balancer, and are seen by a monitoring."""

    shop: Shop
    config: str
    front: str

    def release(self, service: str, version: str, *needs: str) -> str:
        """Release a version and return where it answers."""
        self.shop.service(service, version, *needs)
        if service == "auth":
            for name, text in {**_FILES, "ci-steps.yaml": self.config}.items():
                (self.shop.services["auth"] / name).write_text(text)
            self.shop.commit("auth", version)
        done = self.shop.ci_steps(service, "run")
        assert done.returncode == 0, done.stderr
        live = self.shop.answer("", "dictionary", "live", "production")["live"]
        (address,) = [
            row["address"] for row in live if (row["service"], row["version"]) == (service, version)
        ]
        return str(address)

    def move(self, *arguments: str) -> tuple[int, str]:
        """Let calls move, and return how that ended and what was on the screen."""
        done = self.shop.ci_steps("auth", "shift-traffic", "production", *arguments)
        return done.returncode, done.stderr

    def versions(self) -> set[str]:
        """Return who answers twenty calls."""
        return {json.loads(answered(self.front))["version"] for _ in range(20)}


@pytest.fixture(params=["process", "compose"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    ports = {line: free_port() for line in ("1", "2")}
    where = f"line_ports: {json.dumps(ports)}"
    target = {
        "process": f"process: {{command: [{sys.executable}, service.py], {where}}}",
        "compose": f"compose: {{{where}, steady_seconds: 0}}",
    }[request.param]
    old, new = (f"http://127.0.0.1:{port}" for port in ports.values())
    # Not below pytest's folders: a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="ci-steps-"))
    with (
        shop_in(tmp_path) as shop,
        # They end first: the connections that they keep are no calls that a line waits for.
        haproxy_before(old, new, "/", folder) as front,
        scraping((old, new), tmp_path) as monitoring,
    ):
        shop.environ["DOCKER_HOST"] = "unix:///nowhere.sock"
        if request.param == "compose":
            shop.environ.update(request.getfixturevalue("docker"))
            request.getfixturevalue("service_image")
        config = _AUTH
        told = {"target": target, "monitoring": monitoring, "socket": str(front.socket)}
        for name, text in told.items():
            config = config.replace(f"«{name}»", text)
        yield World(shop, config, front.address)
    assert await_end(tmp_path) == {}


def test_calls_move_to_the_major_beside_and_come_back_by_themselves_when_it_does_badly(
    world: World,
) -> None:
    world.release("auth", "1.1.0")
    gis = world.release("gis", "201610", "auth-1.1")
    await_answer(world.front)
    with calling(gis, "/work") as lost_by_gis:
        new = world.release("auth", "2.0.0")
        assert world.shop.live()["auth"] == ["1.1.0", "2.0.0"]
        with calling(world.front, "/work") as lost:
            moves_while_it_does_well(world)
        with calling(world.front, "/work"):
            answered(new, "/spoil")
            comes_back_when_it_does_badly(world)
    assert (lost, lost_by_gis) == ([], [])


def moves_while_it_does_well(world: World) -> None:
    status, screen = world.move()
    assert status == 1
    assert "gis needs line 1, and would be answered by 2.0.0" in screen
    assert world.versions() == {"1.1.0"}
    status, screen = world.move(*_PURPOSE)
    assert status == 0, screen
    assert "line 2 gets 100 % of the calls, 0 % before" in screen
    assert world.versions() == {"2.0.0"}


def comes_back_when_it_does_badly(world: World) -> None:
    assert world.move("--shares", "0")[0] == 0
    status, screen = world.move(*_PURPOSE)
    assert status == 1
    assert "all calls are back: with 50 % for line 2, monitoring says " in screen
    assert "at most 0.01 is allowed" in screen
    assert world.versions() == {"1.1.0"}
