"""The answer of `ci-steps contract diff` for people, for scripts and for code scanning."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import ci_steps
from ci_steps.comparisons.changes import Change, Level, as_json, worst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci_steps.comparisons.changes import Contract, Location
    from ci_steps.model import Table

_SARIF_LEVELS = {Level.BREAKING: "error", Level.WARNING: "warning", Level.COMPATIBLE: "note"}
# More rows than fill two screens nobody reads.
_MOST_ROWS = 50
# A comment of GitHub may have 65,536 characters, and what is put around this belongs to them.
_MOST_CHARACTERS = 60_000


def document(
    old: Contract, new: Contract, changes: Sequence[Change], narrowed: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the answer of ``--json``; *narrowed* says for whom, and what was left out."""
    return {
        "schema": "ci-steps/contract-diff/2",
        "old": old.name,
        "new": new.name,
        "level": worst(changes).word,
        "for": narrowed,
        **as_json(changes),
    }


def tables(changes: Sequence[Change], *, with_all: bool) -> tuple[Table, ...]:
    """Return the changes for people: when they are many, the worst, and how many of each rule."""
    from ci_steps.model import Table

    if not changes:
        return ()
    shown = changes if with_all else changes[:_MOST_ROWS]
    rows = tuple((one.level.word, one.rule, one.subject, one.text, one.places) for one in shown)
    table = Table(("level", "rule", "where", "change", "place"), rows, "Changes")
    if len(shown) == len(changes):
        return (table,)
    counted = Counter((one.level, one.rule) for one in changes)
    order = sorted(counted.items(), key=lambda one: (-one[0][0], -one[1], one[0][1]))
    summary = tuple((level.word, rule, f"{number:,}") for (level, rule), number in order)
    return (table, Table(("level", "rule", "changes"), summary, "All changes by rule"))


def hidden(changes: Sequence[Change], *, with_all: bool) -> list[str]:
    """Return a sentence about what a table leaves out."""
    more = 0 if with_all else len(changes) - _MOST_ROWS
    return [f"{_more(more)} not listed: --all lists every change"] if more > 0 else []


def _more(number: int) -> str:
    return "1 more change is" if number == 1 else f"{number:,} more changes are"


def sentence(changes: Sequence[Change]) -> str:
    """Return how many changes of which level there are."""
    if not changes:
        return "no change that callers notice"
    counted = [(level, sum(one.level is level for one in changes)) for level in reversed(Level)]
    return ", ".join(f"{number:,} {level.word}" for level, number in counted if number)


def markdown(
    old: Contract, new: Contract, changes: Sequence[Change], said: Sequence[str] = ()
) -> str:
    """Return the changes as a list under a heading for each level; *said* stands above.

    It is short enough for a comment: what does not go in is counted.
    """
    lines = [f"## {_plain(old.name)} → {_plain(new.name)}", "", sentence(changes)]
    lines += [line for one in said for line in ("", _plain(one))]
    left = _MOST_CHARACTERS - sum(len(line) + 1 for line in lines)
    told: list[str] = []
    for one in _listed(changes):
        left -= len(one) + 1
        if left < 0:
            break
        told.append(one)
    more = len(changes) - len(told)
    if more:
        told += ["", f"{_more(more)} not listed: `--json` lists every change."]
    return "\n".join(lines + told)


def _listed(changes: Sequence[Change]) -> Iterator[str]:
    """Yield a text for each change, the first of a level below a heading."""
    for level in reversed(Level):
        heading = f"\n### {level.word.capitalize()}\n\n"
        for one in changes:
            if one.level is level:
                yield f"{heading}- {_plain(one.text)}{_at(one)} `{one.rule}`"
                heading = ""


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
        "message": {"text": change.text},
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
