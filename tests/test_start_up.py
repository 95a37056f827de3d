"""What a command imports before it does anything: each of these costs more than the work."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = (
    "alembic",
    "jinja2",
    "junitparser",
    "requests",
    "rich",
    "slack_sdk",
    "packaging",
    "opentelemetry",
    "boto3",
    "botocore",
)

SCRIPT = """\
import sys
from ci_steps.cli import invoke

begun = []
def watch(event, arguments):
    if event == "subprocess.Popen":
        begun.append([name for name in sys.argv[1].split(",") if name in sys.modules])
sys.addaudithook(watch)
status = invoke(sys.argv[2:])
print("at the last command", *(begun[-1] if begun else ()))
print("loaded", status, *[name for name in sys.argv[1].split(",") if name in sys.modules])
"""

SERVICE = """\
service: idle
version: {file: VERSION}
steps:
  unit-test: {command: ["true"]}
  integration-test: {command: ["true"]}
environments:
  staging: {target: {process: {command: [python3, service.py], port: 18294}}}
"""


def loaded(folder: Path, watched: tuple[str, ...], *command: str) -> str:
    """Return the exit status and the watched modules that *command* imported."""
    return said(folder, watched, *command)[-1]


def said(folder: Path, watched: tuple[str, ...], *command: str) -> list[str]:
    """Return what was imported when the last program began, and in the end."""
    finished = subprocess.run(
        [sys.executable, "-c", SCRIPT, ",".join(watched), *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "CI_STEPS_COMMIT": "4f1c2aa"},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.splitlines()[-2:]


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Return a service whose dictionary is there already."""
    (tmp_path / "ci-steps.yaml").write_text(SERVICE)
    (tmp_path / "VERSION").write_text("1.0.0\n")
    assert loaded(tmp_path, (), "unit-test", "--dictionary", "dictionary.db") == "loaded 0"
    return tmp_path


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    watched = (*HEAVY, "sqlalchemy", "yaml", "importlib.metadata", "asyncio")
    assert loaded(tmp_path, watched, "--help") == "loaded 0"


def test_a_step_imports_the_database_of_its_dictionary_and_nothing_else_heavy(
    service: Path,
) -> None:
    watched = (*HEAVY, "sqlalchemy", "sqlalchemy.dialects.postgresql")
    step = ("unit-test", "--dictionary", "dictionary.db")
    assert loaded(service, watched, *step) == "loaded 0 sqlalchemy"


def test_the_tests_begin_before_the_library_of_databases_is_loaded(service: Path) -> None:
    unused = ("ci_steps.channels.email", "ci_steps.contracts", "ci_steps.targets.command")
    watched = (*HEAVY, *unused, "sqlalchemy", "concurrent.futures", "logging")
    step = ("unit-test", "--dictionary", "dictionary.db")
    assert said(service, watched, *step)[0] == "at the last command"


def test_a_dictionary_that_cannot_be_opened_ends_the_tests(service: Path, tmp_path: Path) -> None:
    line = "sh -c 'echo begun > begun; sleep 60; echo ended > ended'"
    asked = ("unit-test", "--dictionary", str(tmp_path), "--command", line)
    assert loaded(service, (), *asked) == "loaded 3"
    assert not (tmp_path / "ended").exists()


def test_a_rehearsed_deployment_to_ecs_loads_nothing_of_aws(service: Path) -> None:
    process = SERVICE.partition("{target: ")[2]
    (service / "ci-steps.yaml").write_text(SERVICE.replace(process, "{ecs: {cluster: shop}}}\n"))
    step = ("rehearse", "--only", "deploy staging", "--dictionary", "dictionary.db")
    assert loaded(service, ("boto3", "botocore"), *step) == "loaded 0"


def test_the_names_that_users_write_are_known_without_a_database(tmp_path: Path) -> None:
    assert loaded(tmp_path, (*HEAVY, "sqlalchemy"), "config", "schema") == "loaded 0"
