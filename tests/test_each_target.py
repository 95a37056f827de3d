"""The shop ships by the same ci-steps.yaml on each target, and a bad version is brought back."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.parts.kubernetes.cluster import Kubernetes
from tests.parts.kubernetes.programs import Programs
from tests.parts.ports import free_port
from tests.parts.services import await_end
from tests.parts.shop import Shop, shop_in
from tests.parts.traffic import answered

pytestmark = pytest.mark.slow

_EXAMPLES = Path(__file__).parent.parent / "examples" / "shop"
_SERVICES = ("auth", "gis", "mail", "web")
_ENVIRONMENTS = ("staging", "production")
_TARGET = re.compile(r"target: \{process: \{command: \[python3, service.py\], port: \d+\}\}")
_AWAY = {"DOCKER_HOST": "unix:///nowhere.sock"}
_BROKEN = "raise SystemExit('no module named flask')"


@dataclass(frozen=True)
class Stage:
    """A target, the variables of its machine, and a port for each service and environment."""

    target: str
    environ: Mapping[str, str]
    ports: Mapping[tuple[str, str], int] = field(
        default_factory=lambda: {
            (service, environment): free_port()
            for service in _SERVICES
            for environment in _ENVIRONMENTS
        }
    )

    def check_out(self, shop: Shop, service: str) -> None:
        """Make a folder what a checkout of its repository would be, but for the target."""
        root = shop.folder / service
        shutil.copytree(_EXAMPLES / service, root, ignore=shutil.ignore_patterns("__pycache__"))
        shop.services[service] = root
        file, base = root / "ci-steps.yaml", root / "Dockerfile"
        places = iter(_ENVIRONMENTS)
        text = _TARGET.sub(lambda _: self._said(service, next(places)), file.read_text())
        assert text.count(self.target) == len(_ENVIRONMENTS)
        file.write_text(text)
        base.write_text(base.read_text().replace("python:3.12-slim", "ci-steps-python:1"))
        shop.commit(service)

    def _said(self, service: str, environment: str) -> str:
        port = self.ports[service, environment]
        return {
            "process": f"target: {{process: {{command: [python3, service.py], port: {port}}}}}",
            "compose": "target: {compose: "
            f"{{host_port: {port}, address: 'http://127.0.0.1:{port}', steady_seconds: 0}}}}",
            "kubernetes": "target: {kubernetes: {manifests: [k8s.yaml], "
            f"address: 'http://127.0.0.1:{port}', steady_seconds: 0}}}}",
        }[self.target]

    def versions(self) -> dict[str, set[str]]:
        """Return what each service answers, in both environments."""
        found: dict[str, set[str]] = {}
        for (service, _), port in self.ports.items():
            version = json.loads(answered(f"http://127.0.0.1:{port}"))["version"]
            found.setdefault(service, set()).add(version)
        return found


@pytest.fixture(params=["process", "compose", "kubernetes"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    if request.param == "process":
        yield Stage("process", _AWAY)
    elif request.param == "compose":
        environ = request.getfixturevalue("docker_plugins")
        request.getfixturevalue("python_image")
        yield Stage("compose", environ)
    else:
        cluster: Kubernetes = request.getfixturevalue("cluster")
        stage = Stage("kubernetes", {**cluster.environ, **_AWAY})
        with cluster.machines.running_programs(Programs(tmp_path), stage.ports):
            yield stage


def test_the_shop_ships_to_production_and_a_bad_version_is_brought_back_with_the_reason(
    stage: Stage, tmp_path: Path
) -> None:
    with shop_in(tmp_path) as shop:
        shop.environ.update(stage.environ, CI_STEPS_CONTAINER_BUILD_ENGINE="docker")
        shop.environ["PATH"] = f"{Path(sys.executable).parent}:{shop.environ['PATH']}"
        shutil.copy(_EXAMPLES / "world.yaml", tmp_path)
        assert shop.ci_steps("", "dictionary", "load", "world.yaml").returncode == 0
        for service in _SERVICES:
            stage.check_out(shop, service)
            done = shop.ci_steps(service, "run")
            assert done.returncode == 0, done.stderr
        assert shop.live() == {name: [*found] for name, found in stage.versions().items()}
        assert "<h1>Where we sell</h1>" in answered(
            f"http://127.0.0.1:{stage.ports['web', 'production']}", "/"
        )
        is_brought_back(stage, shop)
    assert await_end(tmp_path) == {}


def is_brought_back(stage: Stage, shop: Shop) -> None:
    """Release a version of auth that passes its tests and cannot start."""
    root, before = shop.services["auth"], stage.versions()
    program = root / "service.py"
    program.write_text(program.read_text().replace("\n    main()\n", f"\n    {_BROKEN}\n"))
    (root / "VERSION").write_text("1.1.1\n")
    shop.commit("auth", "a bugfix")
    done = shop.ci_steps("auth", "run")
    assert done.returncode == 1, done.stderr
    assert "auth 1.1.1 was not deployed: " in done.stderr
    assert "no module named flask" in done.stderr
    last = done.stderr.rstrip().splitlines()[-1]
    assert "stopped at deploy staging: auth 1.1.1 was not deployed: " in last
    assert last.endswith("; auth 1.1.0 runs on in staging; run again with ci-steps run")
    report = json.loads((root / ".ci-steps" / "report.json").read_text())
    (failed,) = [step for step in report["steps"] if step["status"] == "failed"]
    assert failed["step"] == "deploy"
    assert "auth 1.1.1 was not deployed: " in failed["summary"]
    assert "no module named flask" in f"{failed['summary']} {failed.get('hint', '')}"
    page = (root / ".ci-steps" / "report.html").read_text()
    assert "auth 1.1.1 was not deployed: " in page
    assert "no module named flask" in page
    assert stage.versions() == before
    assert shop.live()["auth"] == ["1.1.0"]
