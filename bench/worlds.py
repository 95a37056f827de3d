"""The small world that is measured: services, a noxfile, a repository, a path of few programs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# Every step of the usual pipeline; a rehearsal starts nothing, so the port is never taken.
_PIPELINE = """\
service: {service}
owner: {service}-team
version: {{file: VERSION}}
steps:
  unit-test: {{command: ["true"]}}
  container-build: {{when: engine}}
  integration-test: {{command: ["true"]}}
environments:
  staging:
    target: {{process: {{command: [{python}, service.py], port: 18291}}}}
  production:
    production: true
    target: {{process: {{command: [{python}, service.py], port: 18292}}}}
"""

_NOXFILE = """\
import nox


@nox.session
def tests(session):
    session.run("true", external=True)
"""


def environ(root: Path) -> dict[str, str]:
    """Return the environment of every command: nothing of this machine's own settings.

    On the path are only git and true, so no figure depends on a container engine. Modules are
    compiled into a folder of the run, by all programs alike, while it warms up.
    """
    programs = root / "programs"
    programs.mkdir()
    for name in ("git", "true"):
        found = shutil.which(name)
        if found is None:
            sys.exit(f"{name} is not installed: the measured service needs it")
        (programs / name).symlink_to(found)
    (root / "home").mkdir()
    return {
        "PATH": str(programs),
        "HOME": str(root / "home"),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPYCACHEPREFIX": str(root / "compiled"),
        "CI_STEPS_DICTIONARY": str(root / "dictionary.db"),
    }


def idle_service(folder: Path, variables: Mapping[str, str]) -> Path:
    """Write a service whose tests do nothing, in a repository with one commit."""
    files = {
        "ci-steps.yaml": _pipeline("idle"),
        "VERSION": "1.0.0\n",
        "Dockerfile": "FROM scratch\n",
    }
    _write(folder, {**files, "noxfile.py": _NOXFILE, ".gitignore": ".ci-steps/\n"})
    _commit(folder, variables)
    return folder


def asking_service(folder: Path, variables: Mapping[str, str], ports: Sequence[int]) -> Path:
    """Write a service that needs one provider behind each of *ports*."""
    providers = {f"provider{number}": port for number, port in enumerate(ports)}
    lines = ["depends_on:", *(f"  - {name}-1.0" for name in providers), "probes:"]
    lines += [
        f'  {name}: {{http: {{url: "http://127.0.0.1:{port}"}}}}'
        for name, port in providers.items()
    ]
    pipeline = _pipeline("asking") + "\n".join(lines) + "\n"
    _write(folder, {"ci-steps.yaml": pipeline, "VERSION": "1.0.0\n"})
    _commit(folder, variables)
    return folder


def _pipeline(service: str) -> str:
    return _PIPELINE.format(service=service, python=sys.executable)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content)


def _commit(folder: Path, variables: Mapping[str, str]) -> None:
    who = ["-c", "user.name=idle-team", "-c", "user.email=idle-team@shop.example"]
    for command in (["init", "--quiet"], ["add", "."], [*who, "commit", "--quiet", "-m", "first"]):
        subprocess.run(
            ["git", *command], cwd=folder, env=dict(variables), check=True, capture_output=True
        )
