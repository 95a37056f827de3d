"""A change log that breaks no rule, and what breaks one."""

from __future__ import annotations

from typing import Any

from ci_steps.changelog.document import ChangeLog
from ci_steps.changelog.files import Placed, read_json
from ci_steps.changelog.writing import as_text
from ci_steps.writing.indented_json import indented

NAME = "changelog.json"


def change(sort: str = "added", what: str = "", **more: str) -> dict[str, Any]:
    """Return a change as JSON."""
    known = {"text": "a sentence", "migration": "", "severity": "unknown", "rule": ""}
    return {"sort": sort, "what": what, **known, **more}


def release(version: str, bump: str, at: str, *changes: dict[str, Any]) -> dict[str, Any]:
    """Return a release as JSON."""
    return {
        "version": version,
        "at": at,
        "bump": bump,
        "commit": f"c{version}",
        "digest": "",
        "contract": "",
        "tag": "",
        "requirements": [],
        "changes": list(changes),
    }


def amendment(before: str | None, day: str, at: str, *, urgent: bool = False) -> dict[str, Any]:
    """Return a day that was moved, as JSON."""
    return {
        "at": at,
        "by": "auth-team",
        "reason": "gis needs more time",
        "before": before,
        "retire_on": day,
        "urgent": urgent,
    }


def item(subject: str = "GET /old", day: str | None = "2017-12-23", **more: Any) -> dict[str, Any]:
    """Return something that was announced on 1 September 2017, as JSON."""
    return {
        "kind": "operation",
        "subject": subject,
        "environment": "",
        "announced": "2017-09-01T09:00:00Z",
        "by": "auth-team",
        "deprecated": "2017-09-01",
        "promised": day,
        "retire_on": day,
        "instead": "GET /new",
        "why": "nobody uses it",
        "migration": "",
        "status": "deprecated",
        "amendments": [],
        **more,
    }


def document() -> dict[str, Any]:
    """Return a change log of 1 October 2017 as JSON."""
    return {
        "schema": "ci-steps/changelog/1",
        "service": "auth",
        "owner": "auth-team",
        "repository": "",
        "at": "2017-10-01T12:00:00Z",
        "promises": {
            "policy": "after_quiet",
            "quiet_days": 30,
            "notice_days": 30,
            "callers_outside": False,
        },
        "history": [
            release(
                "2.0.0",
                "major",
                "2017-08-02T12:00:00Z",
                change("removed", "DELETE /tokens", migration="Leave it out."),
            ),
            release("1.1.1", "bugfix", "2017-08-01T12:00:00Z", change("fixed")),
            release("1.1.0", "first", "2017-07-01T12:00:00Z", change("added", "GET /old")),
        ],
        "unreleased": [],
        "current": [
            {
                "environment": "production",
                "production": True,
                "versions": [running("2.0.0", "2"), running("1.1.1", "1")],
            }
        ],
        "plan": [item(), item("1", kind="line", environment="production")],
    }


def running(version: str, line: str) -> dict[str, Any]:
    """Return a version that gis needs, as JSON."""
    since = "2017-08-02T12:00:00Z"
    gis = {"service": "gis", "version": "3", "needs": "auth-1", "owner": "", "since": since}
    return {
        "version": version,
        "line": line,
        "status": "live",
        "since": since,
        "dependents": {"deployed": [gis], "declared": [], "called": []},
        "calls": {"source": "", "observed_since": None, "last_call": None, "problem": "nobody"},
        "end": None,
    }


def read(content: dict[str, Any]) -> Placed[ChangeLog]:
    """Return what a file with this content says."""
    return read_json(ChangeLog, indented(content), NAME)


def placed(log: ChangeLog) -> Placed[ChangeLog]:
    """Return a change log as if it were read."""
    return read_json(ChangeLog, as_text(log), NAME)
