"""A service ships to ECS by its ci-steps.yaml, and a bad version is brought back."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.parts.deploying import free_port
from tests.parts.ecs.server import ecs
from tests.parts.ecs.words import CREDENTIALS
from tests.parts.services import await_end
from tests.parts.shop import Shop, shop_in
from tests.parts.traffic import answered

pytestmark = pytest.mark.slow

_CONFIG = """\
service: auth
owner: auth-team
version: {{file: VERSION}}
steps:
  unit-test: {{command: ["true"]}}
  container-build: {{engine: docker, when: engine}}
  integration-test: {{command: ["true"]}}
environments:
  staging:
    target: {{{staging}}}
  production:
    production: true
    target: {{{production}}}
"""
_FILES = {
    "Dockerfile": "FROM ci-steps-service:1\nCOPY VERSION .\n",
    "task.json": """\
{"networkMode": "awsvpc", "containerDefinitions": [
  {"name": "auth", "image": "auth", "memory": 128, "portMappings": [{"containerPort": 0}]}]}
""",
    "service.json": '{"desiredCount": 2}',
}

_ECS = (
    "cluster: shop, service: 'auth-${CI_STEPS_ENVIRONMENT}', task_definition: task.json, "
    "service_definition: service.json"
)


@dataclass(frozen=True)
class Stage:
    """A target: what the file says of it for an environment, and its machine's variables."""

    environ: Mapping[str, str]
    addresses: Mapping[str, str]
    port: int

    def says(self, environment: str, behaviour: str) -> str:
        """Return the target in YAML."""
        address = self.addresses[environment]
        own = f"{_ECS}, port: {self.port}, address: '{address}', steady_seconds: 0"
        shared = f"timeout_seconds: 30, variables: {{BEHAVIOUR: '{behaviour}'}}"
        return f"ecs: {{{own}, {shared}}}"


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with ecs(tmp_path_factory.mktemp("region") / "machines") as region:
        where = {"AWS_ENDPOINT_URL_ECS": region.endpoint, "DOCKER_HOST": "unix:///nowhere.sock"}
        at = {name: f"{region.address}/auth-{name}" for name in ("staging", "production")}
        yield Stage({**CREDENTIALS, **where}, at, free_port())


def release(shop: Shop, stage: Stage, version: str, behaviour: str = "") -> tuple[int, str]:
    """Run the whole pipeline for a version; return how that ended and what was on the screen."""
    shop.service("auth", version)
    root = shop.services["auth"]
    said = {name: stage.says(name, behaviour) for name in stage.addresses}
    (root / "ci-steps.yaml").write_text(_CONFIG.format(**said))
    for name, text in _FILES.items():
        (root / name).write_text(
            text.replace('"containerPort": 0', f'"containerPort": {stage.port}')
        )
    shop.commit("auth", version)
    done = shop.ci_steps("auth", "run")
    return done.returncode, done.stderr


def running(stage: Stage) -> list[str]:
    return [json.loads(answered(at))["version"] for at in stage.addresses.values()]


def test_it_ships_to_production_and_a_bad_version_is_brought_back_with_the_reason(
    stage: Stage, tmp_path: Path
) -> None:
    with shop_in(tmp_path) as shop:
        shop.environ.update(stage.environ)
        shop.environ["PATH"] = f"{Path(sys.executable).parent}:{shop.environ['PATH']}"
        status, screen = release(shop, stage, "1.1.0")
        assert status == 0, screen
        assert running(stage) == ["1.1.0", "1.1.0"]
        status, screen = release(shop, stage, "1.2.0", "broken")
        assert status == 1, screen
        assert "auth 1.2.0 was not deployed: " in screen
        assert running(stage) == ["1.1.0", "1.1.0"]
        report = json.loads((tmp_path / "auth" / ".ci-steps" / "report.json").read_text())
        (failed,) = [step for step in report["steps"] if step["status"] == "failed"]
        assert failed["step"] == "deploy"
        assert "auth 1.2.0 was not deployed: " in failed["summary"]
        assert shop.live() == {"auth": ["1.1.0"]}
    assert await_end(tmp_path) == {}
