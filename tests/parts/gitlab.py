"""A stand-in for GitLab's runner: it really runs the `script` of every job, stage after stage.

It knows the keywords that the template uses, and refuses any other. Not proven by it: what
GitLab's own server makes of `rules`, `environment`, `resource_group` and the reports.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.parts.repository import Repository

ROOT = Path(__file__).parents[2]
TEMPLATE = yaml.safe_load((ROOT / "gitlab" / "ci-steps.gitlab-ci.yml").read_text())
_GLOBAL = {"stages", "variables"}
_KNOWN = {
    *("extends", "stage", "script", "before_script", "rules", "when", "artifacts", "environment"),
    *("allow_failure", "resource_group", "interruptible"),
}
_CONDITION = re.compile(r'\$(\w+)(?: == (?:"([^"]*)"|\$(\w+)))?')


@dataclass
class Ended:
    """What became of a job, and what its reports hold."""

    state: str
    log: str = ""
    url: str = ""
    issues: list[dict[str, Any]] = field(default_factory=list)
    tests: int = 0


def pipeline(
    service: Repository, variables: Mapping[str, str], *, approves: bool = True
) -> dict[str, Ended]:
    """Run a pipeline; a person starts its manual jobs if *approves*."""
    known = {"GITLAB_CI": "true", "CI_PROJECT_DIR": str(service.folder), **variables}
    ended: dict[str, Ended] = {}
    broken = False
    for name, job in _in_order():
        when = _when(job, known)
        if not when:
            continue
        if broken and when != "always":
            ended[name] = Ended("skipped")
        elif when == "manual" and not approves:
            ended[name], broken = Ended("manual"), True
        else:
            ended[name] = _run(service, job, known)
            broken = broken or ended[name].state == "failed"
    return ended


def _in_order() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the jobs stage by stage, each with what it extends."""
    assert TEMPLATE.keys() >= _GLOBAL
    named = [name for name in TEMPLATE if name not in _GLOBAL and not name.startswith(".")]
    for name in sorted(named, key=lambda one: TEMPLATE["stages"].index(TEMPLATE[one]["stage"])):
        job: dict[str, Any] = {}
        extended = TEMPLATE[name].get("extends", [])
        for above in [extended] if isinstance(extended, str) else extended:
            job |= TEMPLATE[above]
        job |= TEMPLATE[name]
        assert job.keys() <= _KNOWN, f"{name}: the stand-in does not know {job.keys() - _KNOWN}"
        yield name, job


def _when(job: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """Return when it runs, by the first rule that holds; nothing where none does."""
    for rule in job["rules"]:
        if all(_holds(condition, known) for condition in rule["if"].split(" && ")):
            when = rule.get("when", job.get("when", "on_success"))
            return "" if when == "never" else str(when)
    return ""


def _holds(condition: str, known: Mapping[str, str]) -> bool:
    found = _CONDITION.fullmatch(condition)
    assert found, condition
    value = known.get(found[1], "")
    wanted = found[2] if found[2] is not None else known.get(found[3] or "", "")
    return (value == wanted) if "==" in condition else bool(value)


def _run(service: Repository, job: Mapping[str, Any], known: dict[str, str]) -> Ended:
    script = "\n".join([*job["before_script"], *job["script"]])
    before = service.environ
    service.environ = {**before, **known}
    try:
        ran = service.call("bash", "-eo", "pipefail", "-c", script)
    finally:
        service.environ = before
    ended = Ended(_state(ran.returncode, job.get("allow_failure")), ran.stdout + ran.stderr)
    reports = {name: service.folder / path for name, path in job["artifacts"]["reports"].items()}
    if reports["dotenv"].exists():
        known.update(line.split("=", 1) for line in reports["dotenv"].read_text().splitlines())
    if reports["codequality"].exists():
        ended.issues = json.loads(reports["codequality"].read_text())
    for report in service.folder.glob(job["artifacts"]["reports"]["junit"]):
        ended.tests += len(list(ET.parse(report).iter("testcase")))
    url = str(job.get("environment", {}).get("url", ""))
    ended.url = known.get(url.removeprefix("$"), "")
    return ended


def _state(status: int, allowed: Any) -> str:
    codes = allowed["exit_codes"] if isinstance(allowed, dict) else []
    return "success" if status == 0 else "warning" if status in codes else "failed"
