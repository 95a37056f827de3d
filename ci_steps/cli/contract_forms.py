"""The answer of `ci-steps contract diff` for people, for scripts and for code scanning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ci_steps
from ci_steps.changes import Change, Level, as_json, worst
from ci_steps.model import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.changes import Contract, Location

_SARIF_LEVELS = {Level.BREAKING: "error", Level.WARNING: "warning", Level.COMPATIBLE: "note"}


def document(
    old: Contract, new: Contract, changes: Sequence[Change], narrowed: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the answer of ``--json``; *narrowed* says for whom, and what was left out."""
    return {
        "schema": "ci-steps/contract-diff/1",
        "old": old.name,
        "new": new.name,
        "level": worst(changes).word,
        "for": narrowed,
        "changes": [as_json(change) for change in changes],
    }


def tables(changes: Sequence[Change]) -> tuple[Table, ...]:
    """Return the changes for people."""
    if not changes:
        return ()
    rows = tuple((one.level.word, one.rule, one.subject, one.text, one.places) for one in changes)
    return (Table(("level", "rule", "where", "change", "place"), rows, "Changes"),)


def sentence(changes: Sequence[Change]) -> str:
    """Return how many changes of which level there are."""
    if not changes:
        return "no change that callers notice"
    counted = [(level, sum(one.level is level for one in changes)) for level in reversed(Level)]
    return ", ".join(f"{number:,} {level.word}" for level, number in counted if number)


def markdown(
    old: Contract, new: Contract, changes: Sequence[Change], said: Sequence[str] = ()
) -> str:
    """Return the changes as a list under a heading for each level; *said* stands above."""
    lines = [f"## {_plain(old.name)} → {_plain(new.name)}", "", sentence(changes)]
    lines += [line for one in said for line in ("", _plain(one))]
    for level in reversed(Level):
        found = [one for one in changes if one.level is level]
        if found:
            lines += ["", f"### {level.word.capitalize()}", ""]
            lines += [f"- {_plain(one.text)}{_at(one)} `{one.rule}`" for one in found]
    return "\n".join(lines)


def sarif(changes: Sequence[Change], said: Sequence[str] = ()) -> dict[str, Any]:
    """Return SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/.

    What is *said* about all of them is a notification of the run.
    """
    rules = sorted({change.rule for change in changes})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "ci-steps",
                        "version": ci_steps.__version__,
                        "rules": [{"id": rule} for rule in rules],
                    }
                },
                "results": [_result(change) for change in changes],
                **({"invocations": [_invocation(said)]} if said else {}),
            }
        ],
    }


def _invocation(said: Sequence[str]) -> dict[str, Any]:
    told = [{"level": "note", "message": {"text": one}} for one in said]
    return {"executionSuccessful": True, "toolExecutionNotifications": told}


def _result(change: Change) -> dict[str, Any]:
    place = change.new or change.old
    return {
        "ruleId": change.rule,
        "level": _SARIF_LEVELS[change.level],
        "message": {"text": f"{change.subject}: {change.text}"},
        "locations": [_location(place)] if place else [],
    }


def _location(place: Location) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": place.file}}
    if place.line:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}


def _at(change: Change) -> str:
    return f" ({_plain(change.places)})" if change.places else ""


def _plain(text: str) -> str:
    """Return *text* so that nothing in it is taken for Markdown or HTML."""
    escaped = text.replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    for sign in "`*_[]|#":
        escaped = escaped.replace(sign, f"\\{sign}")
    return " ".join(escaped.split())
