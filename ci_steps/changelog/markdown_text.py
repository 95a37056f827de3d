"""A change log as Markdown: what is in it is text, and never markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ci_steps.changelog.words import (
    change_sentence,
    day,
    dependents_sentence,
    item_name,
    last_call,
    moves,
)
from ci_steps.writing.markdown import grid, text

if TYPE_CHECKING:
    from ci_steps.changelog.document import Change, ChangeLog, Place, Release, Running


def markdown(log: ChangeLog) -> str:
    """Return the document: what will end, what runs, what was released."""
    lines = [f"# {text(log.service)}", "", f"As of {log.at:%Y-%m-%d %H:%M} UTC{_owner(log)}."]
    for part in (_plan(log), _current(log), _unreleased(log), _history(log)):
        lines += part
    return "\n".join(lines) + "\n"


def _owner(log: ChangeLog) -> str:
    return f", owned by {text(log.owner)}" if log.owner else ""


def _plan(log: ChangeLog) -> Iterator[str]:
    yield from ("", "## What will end", "")
    if not log.plan:
        yield "Nothing is planned to end."
        return
    columns = ("what", "status", "announced", "ends", "instead", "why", "what to do")
    yield from grid(
        columns,
        (
            (
                item_name(one),
                one.status.value,
                day(one.announced),
                str(one.retire_on or "no day yet"),
                one.instead,
                one.why,
                " ".join(filter(None, [one.migration, *moves(one)])),
            )
            for one in log.plan
        ),
    )


def _current(log: ChangeLog) -> Iterator[str]:
    yield from ("", "## What runs")
    if not log.current:
        yield from ("", "Nothing runs.")
    for place in log.current:
        yield from _place(place)


def _place(place: Place) -> Iterator[str]:
    yield from ("", f"### {text(place.environment)}", "")
    columns = ("version", "line", "status", "since", "needed by", "last call")
    yield from grid(
        columns,
        (
            (
                one.version,
                one.line,
                one.status.value,
                day(one.since),
                dependents_sentence(one.dependents),
                last_call(one.calls),
            )
            for one in place.versions
        ),
    )
    for one in place.versions:
        yield from _end(one)


def _end(one: Running) -> Iterator[str]:
    if one.end is None:
        return
    if not one.end.conditions:
        yield from ("", f"Line {text(one.line)} may go now: {text(one.end.text)}.")
        return
    yield from ("", f"What would have to happen for line {text(one.line)} to go:", "")
    yield from (f"- {text(condition)}" for condition in one.end.conditions)


def _unreleased(log: ChangeLog) -> Iterator[str]:
    if log.unreleased:
        yield from ("", "## To come", "")
        yield from map(_change, log.unreleased)


def _history(log: ChangeLog) -> Iterator[str]:
    yield from ("", "## What was released")
    if not log.history:
        yield from ("", "Nothing was released.")
    for one in log.history:
        yield from _release(one)


def _release(one: Release) -> Iterator[str]:
    yield from ("", f"### {text(one.version)}, {day(one.at)}", "")
    facts = [one.bump.replace("_", " "), f"commit {text(one.commit[:12])}" if one.commit else ""]
    facts += [f"needs {text(', '.join(one.requirements))}" if one.requirements else ""]
    yield "; ".join(filter(None, facts)) + "."
    if one.changes:
        yield ""
        yield from map(_change, one.changes)


def _change(one: Change) -> str:
    migration = f" *What to do:* {text(one.migration)}" if one.migration else ""
    return f"- **{one.sort.value}** {text(change_sentence(one))}{migration}"
