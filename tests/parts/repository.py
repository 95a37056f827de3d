"""The git repository of a small real service, with everything that a pipeline needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.parts import services

_BIN = Path(sys.executable).parent
_CONFIGURATION = """\
service: auth
version: {file: VERSION}
steps:
  unit-test: {command: [python3, unit.py], junit: [.ci-steps/reports/*.xml]}
  container-build: {when: never}
  integration-test: {command: [python3, integration.py]}
environments:
  staging:
    target: {process: {command: [python3, service.py], drain_seconds: 0.2, secrets: [KEY]}}
  production:
    production: true
    target: {process: {command: [python3, service.py], drain_seconds: 0.2, secrets: [KEY]}}
"""
# Tests are programs of strangers: what they print must not be taken for a command of the host.
_UNIT = """\
import os, sys
from pathlib import Path

print("the key is", os.environ.get("KEY"))
print("::error::owned")
print("::set-output name=status::owned")
wrong = Path("BROKEN").exists()
reports = Path(".ci-steps/reports")
reports.mkdir(parents=True, exist_ok=True)
failure = "<failure message='token not taken'/>" if wrong else ""
(reports / "unit.xml").write_text(
    f"<testsuite><testcase classname='Login' name='takes a token'>{failure}</testcase></testsuite>"
)
sys.exit(wrong)
"""
_INTEGRATION = """\
import os, urllib.request

with urllib.request.urlopen(os.environ["CI_STEPS_ADDRESS"] + "/version") as answer:
    assert os.environ["CI_STEPS_VERSION"] in answer.read().decode()
"""

_MAIL = """\
notify:
  channels:
    email: {{host: 127.0.0.1, port: {port}, security: plain, sender: auth@shop.example}}
"""
# gis needs a line that auth leaves behind, and its owner is reached by mail alone.
_NEEDED = """\
owners:
  gis-team: {contacts: [{channel: email, address: gis-owners@shop.example}]}
services:
  gis: {owner: gis-team}
  auth: {owner: gis-team}
environments:
  production: {production: true}
releases:
  - {service: auth, version: 0.9.0, commit: aaaaaaa}
  - {service: gis, version: 1.0.0, commit: bbbbbbb, depends_on: [auth-0.9]}
deployments:
  - {service: auth, version: 0.9.0, environment: production}
  - {service: gis, version: 1.0.0, environment: production}
"""


@dataclass
class Repository:
    """The service's folder, and a machine of its own around it.

    `answer` is what a CI system said of a build that several tests look at.
    """

    folder: Path
    state: Path
    environ: dict[str, str] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)

    def commit(self) -> None:
        """Commit everything that is there."""
        who = ("-c", "user.name=auth-team", "-c", "user.email=auth-team@shop.example")
        self.call("git", "add", "--all")
        self.call("git", *who, "commit", "--quiet", "--message", "a change")

    def be_needed(self, mail_port: int) -> None:
        """Let gis need the line before the next release; its owner gets mail from that port."""
        with (self.folder / "ci-steps.yaml").open("a") as file:
            file.write(_MAIL.format(port=mail_port))
        self.commit()
        world = self.folder.parent / "world.yaml"
        world.write_text(_NEEDED)
        loaded = self.call("ci-steps", "dictionary", "load", str(world))
        assert loaded.returncode == 0, loaded.stderr

    def break_tests(self) -> None:
        """Let the unit tests fail from now on."""
        (self.folder / "BROKEN").touch()
        self.commit()

    def call(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder; it sees this machine and nothing of the caller's CI."""
        return subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def answers(self, environment: str) -> str:
        """Return the version that really answers there, or nothing where nothing runs."""
        known = self.call("ci-steps", "dictionary", "live", environment, "--json")
        places = json.loads(known.stdout)["live"] if known.returncode == 0 else []
        return "".join(_version_at(place["address"]) for place in places if place["address"])


def _version_at(address: str) -> str:
    with urllib.request.urlopen(f"{address}/version", timeout=10) as answer:
        version: str = json.load(answer)["version"]
    return version


@contextmanager
def repository(tmp_path: Path) -> Iterator[Repository]:
    """Make one; afterwards nothing of it runs any more."""
    state = Path(tempfile.mkdtemp(prefix="state-")).resolve()
    environ = {
        "PATH": f"{_BIN}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "NO_COLOR": "1",
        "LANG": "C.UTF-8",
        "CI_STEPS_DICTIONARY": str(tmp_path / "dictionary.db"),
        "CI_STEPS_STATE": str(state),
        "KEY": "opensesame",
    }
    made = Repository(tmp_path / "auth", state, environ)
    (tmp_path / "home").mkdir()
    services.build(made.folder, "1.1.0")
    for name, text in (
        ("ci-steps.yaml", _CONFIGURATION),
        ("unit.py", _UNIT),
        ("integration.py", _INTEGRATION),
        (".gitignore", ".ci-steps/\n"),
    ):
        (made.folder / name).write_text(text)
    made.call("git", "init", "--quiet")
    made.commit()
    try:
        yield made
    finally:
        for environment in ("staging", "production"):
            made.call("ci-steps", "stop", environment)
        left = services.await_end(state)
        services.end_all(state)
        shutil.rmtree(state, ignore_errors=True)
    assert left == {}, "left behind"
