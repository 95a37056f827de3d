"""The report of a job: one file, to which every command of the job adds what it ran.

A job is one build of one service: its version, its commit, and the address that the CI system
gives it. Two jobs in one workspace have a report each; `report.json` is that of the last one.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ci_steps.reporting.closing import last_line

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.outside import Outside

FOLDER = ".ci-steps"
FILE = "report.json"
PAGE = "report.html"

_JOBS = "jobs"
_MOST_JOBS = 20


def keep(document: dict[str, Any], root: Path, outside: Outside) -> None:
    """Add what a command ran to the report of its job, and show that one as the last."""
    from ci_steps.reporting.page import page

    folder = root / FOLDER
    own = folder / _JOBS / f"{_key(document)}.json"
    with outside.locked(folder / "lock"):
        merged = merge(read(own), document)
        content = f"{json.dumps(merged, indent=2, ensure_ascii=False)}\n".encode(errors="replace")
        outside.write(own, content)
        outside.write(folder / FILE, content)
        outside.write(folder / PAGE, page(merged).encode(errors="replace"))
        for old in _oldest(own.parent):
            outside.remove(old)


def read(path: Path) -> dict[str, Any] | None:
    """Return the report in a file, or None where there is none that can be read."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("steps"), list) else None


def merge(before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    """Return the report of a job after one more command of it.

    A step that ran again stands where it stood, as it ended last. What was skipped only because
    this command failed before it does not undo what an earlier command did.
    """
    if before is None:
        return after
    steps = {_title(step): step for step in before["steps"]}
    for step in after["steps"]:
        known = steps.get(_title(step))
        if known and step["status"] == "skipped" and known["status"] == "passed":
            continue
        steps[_title(step)] = step
    visited = list(steps.values())
    failed = any(step["status"] == "failed" for step in visited)
    seconds = sum(step["seconds"] for step in visited)
    return {
        **after,
        "passed": not failed,
        "status": "failed" if failed else after["status"],
        "last_line": last_line(f"{after['service']} {after['version']}", visited, seconds),
        "seconds": round(seconds, 3),
        "steps": visited,
    }


def _title(step: dict[str, Any]) -> tuple[str, str]:
    return step["step"], step["environment"]


def _key(document: dict[str, Any]) -> str:
    parts = (*(document[name] for name in ("service", "version", "commit")), document["job"]["url"])
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _oldest(folder: Path) -> list[Path]:
    """Return the reports of jobs that nobody will add to any more."""
    found = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    return found[_MOST_JOBS:]
