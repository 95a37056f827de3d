"""GitLab: later jobs read a dotenv report, a merge request shows a code quality report."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ci_steps.host_apis.api import Api, keep_comment
from ci_steps.protocols import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.model import Mark
    from ci_steps.outside import Outside
    from ci_steps.protocols import Deployed

# https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv: 5 KB in all, one line
# for each, and nothing of a value is unescaped.
_MOST_VALUE_BYTES = 300
# Not CI_STEPS_…: those configure the commands of later jobs.
_PREFIX = "SHIPPED_"
_TOKEN = "GITLAB_TOKEN"  # noqa: S105 (the name of a variable)
_SEVERITY = {"error": "major", "warning": "minor"}
# GitLab draws a fold at ESC[0Ksection_start:…, whoever prints it.
_SECTION = "\x1b[0Ksection_"


def is_here(environ: Mapping[str, str]) -> bool:
    """Return whether the process runs in a job."""
    return environ.get("GITLAB_CI") == "true"


def facts(environ: Mapping[str, str]) -> Facts:
    """Return what the job says about itself."""
    named = environ.get
    return Facts(
        commit=named("CI_COMMIT_SHA", ""),
        # A merge request has its own branch; REF_NAME is refs/merge-requests/7/head then.
        branch=named("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") or named("CI_COMMIT_REF_NAME", ""),
        url=named("CI_JOB_URL", ""),
        actor=named("GITLAB_USER_LOGIN", ""),
        is_disposable=named("CI_DISPOSABLE_ENVIRONMENT", "") == "true",
    )


def mask(secret: str) -> str:
    """Return nothing: GitLab masks its masked variables, and we mask all of ours."""
    del secret
    return ""


def quoted(text: str) -> str:
    """Return it so that it opens and closes no fold."""
    return text.replace(_SECTION, "section_")


def group(title: str) -> tuple[str, str]:
    """Return the signs around a fold; we give no times, for the table of steps has them."""
    name = "".join(sign if sign.isalnum() else "_" for sign in title.lower())
    opened = f"{_SECTION}start:0:{name}\r\x1b[0K{' '.join(title.split())}"
    return opened, f"{_SECTION}end:0:{name}\r\x1b[0K"


def annotation(level: str, text: str, file: str = "", line: int = 0) -> str:
    """Return a line as compilers write it; the merge request has the report of `keep_marks`."""
    return f"{file}:{line}: {level}: {' '.join(text.split())}" if file and line else ""


def keep_marks(marks: Sequence[Mark], outside: Outside) -> None:
    """Add them to the code quality report of the job."""
    file = _folder(outside) / "code-quality.json"
    found = {one["fingerprint"]: one for one in [*_read(file), *map(_issue, marks)]}
    outside.write(file, _json(list(found.values())))


def hand_over(outputs: Mapping[str, str], summary: str, outside: Outside) -> None:
    """Write the dotenv report and the summary; what a dotenv cannot hold is in outputs.json."""
    folder = _folder(outside)
    lines = [
        f"{_PREFIX}{name.upper()}={value}\n"
        for name, value in outputs.items()
        if value.isprintable() and len(value.encode()) <= _MOST_VALUE_BYTES
    ]
    outside.write(folder / "outputs.env", "".join(lines).encode())
    outside.write(folder / "outputs.json", _json(dict(outputs)))
    outside.write(folder / "summary.md", summary.encode())


def comment(topic: str, text: str, outside: Outside) -> str:
    """Keep one comment of *topic* in the merge request, where the job has a token for it.

    The token of a job may not write there: GITLAB_TOKEN is one of the project.
    """
    named = outside.environ.get
    number, project = named("CI_MERGE_REQUEST_IID"), named("CI_PROJECT_ID")
    if not (number and project and named(_TOKEN)):
        return ""
    headers = {"PRIVATE-TOKEN": outside.secret(_TOKEN)}
    api = Api(named("CI_API_V4_URL", ""), headers, outside)
    path = f"projects/{quote(project, safe='')}/merge_requests/{quote(number, safe='')}/notes"
    keep_comment(api, path, f"{path}/{{id}}", topic, text, "PUT")
    return f"merge request {number}"


def deployed(where: Deployed, outside: Outside) -> None:
    """Do nothing: `environment` of the job tells the page, with the address of the dotenv."""
    del where, outside


def _issue(mark: Mark) -> dict[str, Any]:
    said = json.dumps([mark.level, mark.text, mark.file, mark.line])
    return {
        "description": " ".join(mark.text.split()),
        "check_name": "ci-steps",
        "fingerprint": hashlib.sha256(said.encode()).hexdigest(),
        "severity": _SEVERITY.get(mark.level, "info"),
        "location": {"path": mark.file, "lines": {"begin": max(mark.line, 1)}},
    }


def _read(file: Path) -> list[dict[str, Any]]:
    """Return what an earlier step of the job has written."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [one for one in found if isinstance(one, dict) and "fingerprint" in one]


def _folder(outside: Outside) -> Path:
    return Path(outside.environ.get("CI_PROJECT_DIR") or ".") / ".ci-steps"


def _json(document: Any) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
