"""A service ships to production on a stand-in for ECS, and a bad version is brought back."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.parts.ecs.server import ecs
from tests.parts.ecs.words import CREDENTIALS
from tests.parts.ports import free_port
from tests.parts.services import await_end
from tests.parts.shop import Shop, shop_in
from tests.parts.traffic import answered

pytestmark = pytest.mark.slow

_CONFIG = """\
service: auth
owner: auth-team
version: {file: VERSION}
steps:
  unit-test: {command: ["true"]}
  container-build: {when: never}
  integration-test: {command: ["true"]}
environments:
  staging: {target: {ecs: TARGET}}
  production: {production: true, target: {ecs: TARGET}}
"""
_TARGET = """\
{cluster: shop, service: "auth-${CI_STEPS_ENVIRONMENT}", task_definition: task.json,
    service_definition: service.json, port: PORT, timeout_seconds: 30, steady_seconds: 0,
    variables: {BEHAVIOUR: "HOW"}}"""
_TASK = """\
{"networkMode": "awsvpc", "containerDefinitions": [
  {"name": "auth", "image": "auth", "memory": 128, "portMappings": [{"containerPort": PORT}]}]}
"""


def release(shop: Shop, version: str, **filled: object) -> tuple[int, str]:
    """Run the whole pipeline for a version; return how that ended and what was on the screen."""
    shop.service("auth", version)
    texts = {
        "ci-steps.yaml": _CONFIG.replace("TARGET", _TARGET),
        "task.json": _TASK,
        "service.json": '{"desiredCount": 2}',
    }
    for name, text in texts.items():
        for word, value in filled.items():
            text = text.replace(word, str(value))  # noqa: PLW2901 (one word after the other)
        (shop.services["auth"] / name).write_text(text)
    shop.commit("auth", version)
    done = shop.ci_steps("auth", "run")
    return done.returncode, done.stderr


def test_it_ships_to_production_on_ecs_and_a_bad_version_is_brought_back_with_the_reason(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    machines = tmp_path_factory.mktemp("region") / "machines"
    with ecs(machines) as region, shop_in(tmp_path) as shop:
        shop.environ.update(CREDENTIALS, AWS_ENDPOINT_URL_ECS=region.endpoint)
        shop.environ["PATH"] = f"{Path(sys.executable).parent}:{shop.environ['PATH']}"
        port = free_port()

        def running() -> list[str]:
            places = (f"{region.address}/auth-{name}" for name in ("staging", "production"))
            return [json.loads(answered(place))["version"] for place in places]

        status, screen = release(shop, "1.1.0", HOW="", PORT=port)
        assert status == 0, screen
        assert running() == ["1.1.0", "1.1.0"]
        status, screen = release(shop, "1.2.0", HOW="broken", PORT=port)
        assert status == 1, screen
        assert running() == ["1.1.0", "1.1.0"]
        assert "auth 1.2.0 was not deployed: task " in screen
        assert "; auth 1.1.0 runs on in staging; " in screen.rstrip().splitlines()[-1]
        assert "Essential container in task exited; auth: exit status 1" in screen
        report = json.loads((tmp_path / "auth" / ".ci-steps" / "report.json").read_text())
        (failed,) = [step for step in report["steps"] if step["status"] == "failed"]
        assert failed["step"] == "deploy"
        assert "auth 1.2.0 was not deployed: task " in failed["summary"]
        assert shop.live() == {"auth": ["1.1.0"]}
    assert await_end(tmp_path) == {}
