"""What GitHub shows beside the log: a comment under a pull request, and deployments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.addresses import is_web
from ci_steps.host_apis.api import Api, keep_comment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.outside import Outside
    from ci_steps.protocols import Deployed

TOKEN = "GITHUB_TOKEN"  # noqa: S105 (the name of a variable)
_VERSION = "2022-11-28"


def comment(topic: str, text: str, outside: Outside) -> None:
    """Keep one comment of a topic under the pull request of this job."""
    number = pull_request(outside.environ)
    path = f"issues/{number}/comments"
    keep_comment(_api(outside), path, "issues/comments/{id}", topic, text, "PATCH")


def deployed(where: Deployed, outside: Outside) -> None:
    """Record a deployment, of which release and how it ended, for the page of environments."""
    api, environ = _api(outside), outside.environ
    text = where.text if where.release in where.text else f"{where.release}: {where.text}"
    asked = {
        "ref": environ.get("GITHUB_SHA", ""),
        "environment": where.environment,
        "payload": {"release": where.release},
        "description": text[:140],
        "auto_merge": False,
        "required_contexts": [],
    }
    made = api.send("POST", "deployments", asked)
    state = {
        "state": "success" if where.ended else "failure",
        "description": text[:140],
        "environment_url": where.address if is_web(where.address) else "",
        "log_url": _run(environ),
    }
    number = made.get("id") if isinstance(made, dict) else ""
    api.send("POST", f"deployments/{number}/statuses", state)


def pull_request(environ: Mapping[str, str]) -> int:
    """Return the number of the pull request that started this job; 0 where none did."""
    try:
        event = json.loads(Path(environ.get("GITHUB_EVENT_PATH", "")).read_text("utf-8"))
    except (OSError, ValueError):
        return 0
    found: Any = event.get("pull_request") if isinstance(event, dict) else None
    number = found.get("number") if isinstance(found, dict) else 0
    return number if isinstance(number, int) else 0


def _run(environ: Mapping[str, str]) -> str:
    named = environ.get
    server, repository = named("GITHUB_SERVER_URL", ""), named("GITHUB_REPOSITORY", "")
    return f"{server}/{repository}/actions/runs/{named('GITHUB_RUN_ID', '')}" if server else ""


def _api(outside: Outside) -> Api:
    server = outside.environ.get("GITHUB_API_URL") or "https://api.github.com"
    headers = {
        "Authorization": f"Bearer {outside.secret(TOKEN)}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": _VERSION,
    }
    repository = outside.environ.get("GITHUB_REPOSITORY", "")
    return Api(f"{server}/repos/{repository}", headers, outside)
