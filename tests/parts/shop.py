"""Services with repositories of their own, one dictionary, and the real command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from ci_steps.deploying.local_slots import slot_folder
from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.protocols import Place
from ci_steps.registry import TARGETS
from ci_steps.targets import compose, kubernetes, process
from tests.parts.commands import CI_STEPS, typed_at
from tests.parts.services import build

_ANSWERS = Path(__file__).parent.parent.parent / "docs" / "answers.schema.json"

_OPTIONS = {
    "process": process.Options(Command(())),
    "compose": compose.Options(),
    "kubernetes": kubernetes.Options(),
}

_CONFIG = """\
service: {service}
owner: {service}-team
version: {{file: VERSION}}
depends_on: [{needs}]
steps:
  unit-test: {{command: [{python}, -c, "{unit_test}"]}}
  container-build: {{when: never}}
  integration-test: {{command: [{python}, -c, "{integration_test}"]}}
environments:
  staging:
    target: {{process: {{command: [{python}, service.py], {options}}}}}
  production:
    production: true
    target: {{process: {{command: [{python}, service.py], {options}}}}}
"""
_WORLD = """\
owners:
  auth-team: {title: Auth team, contacts: [{channel: file, address: auth-team}]}
  gis-team: {title: GIS team, contacts: [{channel: file, address: gis-team}]}
  mail-team: {title: Mail team, contacts: [{channel: file, address: mail-team}]}
services:
  auth: {owner: auth-team}
  gis: {owner: gis-team}
  mail: {owner: mail-team}
"""


def check_answer(answer: Any) -> None:
    """Raise unless an answer has the form that is published for it."""
    published = json.loads(_ANSWERS.read_text("utf-8"))
    form = str(answer["schema"]).removeprefix("ci-steps/").rpartition("/")[0]
    Draft202012Validator({"$ref": f"#/$defs/{form}", **published, "oneOf": [{}]}).validate(answer)


class Shop:
    """A world in one folder, driven by the commands that a person would type."""

    def __init__(self, folder: Path, *, in_this_process: bool = False) -> None:
        self.folder = folder
        self._in_this_process = in_this_process
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "CI_STEPS_DICTIONARY": str(folder / "dictionary.db"),
            "CI_STEPS_STATE": str(folder / "state"),
            "USER": "tester",
        }
        self.services: dict[str, Path] = {}

    def service(
        self,
        name: str,
        version: str,
        *needs: str,
        unit_test: str = "",
        integration_test: str = "",
        behaviour: str = "",
        timeout_seconds: float = 10,
    ) -> None:
        """Write and commit a service at a version."""
        root = self.folder / name
        build(root, version)
        options = f"timeout_seconds: {timeout_seconds}, variables: {{BEHAVIOUR: '{behaviour}'}}"
        (root / "ci-steps.yaml").write_text(
            _CONFIG.format(
                service=name,
                needs=", ".join(needs),
                python=sys.executable,
                unit_test=unit_test or "pass",
                integration_test=integration_test or "pass",
                options=options,
            )
        )
        self.services[name] = root
        self.commit(name)

    def commit(self, name: str, message: str = "release") -> None:
        """Commit what the service's folder holds."""
        root = self.services[name]
        git = ["git", "-c", "user.name=shop", "-c", "user.email=shop@shop.example"]
        if not (root / ".git").exists():
            subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
            (root / ".gitignore").write_text(".ci-steps/\n__pycache__/\n")
        subprocess.run([*git, "add", "--all"], cwd=root, check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", message], cwd=root, check=True)

    def own(self) -> None:
        """Load who owns what."""
        (self.folder / "world.yaml").write_text(_WORLD)
        done = self.ci_steps("", "dictionary", "load", "world.yaml")
        assert done.returncode == 0, done.stderr

    def ci_steps(
        self, service: str, *arguments: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a service's folder, to its end."""
        root = self.services.get(service, self.folder)
        variables = {**self.environ, **(environ or {})}
        command = [*CI_STEPS, *arguments]
        if self._in_this_process:
            ended = typed_at(root, *arguments, variables=variables)
            return subprocess.CompletedProcess(command, ended.status, ended.out, ended.err)
        return subprocess.run(
            command,
            cwd=root,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def answer(self, service: str, *arguments: str) -> Any:
        """Return the JSON that a command answers."""
        done = self.ci_steps(service, *arguments, "--json")
        assert done.stdout, done.stderr
        answer = json.loads(done.stdout)
        check_answer(answer)
        return answer

    def live(self, environment: str = "production") -> dict[str, list[str]]:
        """Return the versions that the dictionary says run, by service."""
        try:
            rows = self.answer("", "dictionary", "live", environment)["live"]
        except AssertionError:
            return {}  # nobody has deployed there yet
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["service"], []).append(row["version"])
        return found

    def letters(self) -> dict[Path, bytes]:
        """Return every mail that was written, by its file."""
        return {path: path.read_bytes() for path in self.folder.glob("*/.ci-steps/notices/*.eml")}

    def stop(self) -> None:
        """End every service that runs, as `ci-steps stop` does; a process for each costs more."""
        outside = Outside(self.environ)
        for name, root in self.services.items():
            config = (root / "ci-steps.yaml").read_text()
            for target in (one for one in _OPTIONS if f"{one}: {{" in config):
                for place in self._places(name):
                    TARGETS[target].stop(name, place, _OPTIONS[target], outside)

    def _places(self, service: str) -> Iterator[Place]:
        """Yield where a service was deployed from this machine."""
        for environment in ("staging", "production"):
            folder = slot_folder(self.environ, service, Place(environment, "1")).parent
            for slot in folder.iterdir() if folder.is_dir() else ():
                yield Place(environment, slot.name)


@contextmanager
def shop_in(folder: Path, *, in_this_process: bool = False) -> Iterator[Shop]:
    """Open a shop and leave no process behind.

    Where nothing is deployed, its commands may run *in_this_process*, which is much faster.
    """
    shop = Shop(folder, in_this_process=in_this_process)
    try:
        yield shop
    finally:
        shop.stop()
