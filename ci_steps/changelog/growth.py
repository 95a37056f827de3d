"""A change log only grows: what was published stays, and a plan is withdrawn, never erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.changelog.document import ChangeLog, Item, Release
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from ci_steps.changelog.forms import Path
    from ci_steps.changelog.history_rules import Wrong

# What may become known later, and then stays.
_OF_RELEASE = ("at", "commit", "digest", "contract", "tag", "requirements")
_OF_ITEM = ("by", "why", "promised", "deprecated")


def growth_problems(before: ChangeLog, log: ChangeLog) -> Wrong:
    """Yield what *log* says otherwise than what was published *before*."""
    if before.service != log.service:
        yield ("service",), f"it was the change log of {before.service}, not of {log.service}"
        return
    yield from _history(before, log)
    yield from _plan(before, log)


def _history(before: ChangeLog, log: ChangeLog) -> Wrong:
    found = {parse_version(one.version): at for at, one in enumerate(log.history)}
    for old in before.history:
        at = found.get(parse_version(old.version))
        if at is None:
            yield ("history",), f"{old.version} is gone: history only grows"
        else:
            yield from _release(old, log.history[at], ("history", at))


def _release(old: Release, new: Release, path: Path) -> Wrong:
    for name in _OF_RELEASE:
        was, now = getattr(old, name), getattr(new, name)
        if was and was != now:
            yield (*path, name), f"{old.version} had {_said(was)}, not {_said(now)}"
    changes = {one.identity: at for at, one in enumerate(new.changes)}
    for change in old.changes:
        at = changes.get(change.identity)
        if at is None:
            text = f"{change.what or change.text} is gone from {old.version}: history only grows"
            yield (*path, "changes"), text
        elif new.changes[at].text != change.text:
            yield (*path, "changes", at, "text"), f"it read {change.text!r}: history only grows"


def _plan(before: ChangeLog, log: ChangeLog) -> Wrong:
    found = {(one.identity, one.announced): at for at, one in enumerate(log.plan)}
    for old in before.plan:
        at = found.get((old.identity, old.announced))
        if at is None:
            text = (
                f"the {old.kind.value} {old.subject}, announced on {old.announced.date()}, is gone"
            )
            yield ("plan",), f"{text}: a plan is withdrawn, and stays"
        else:
            yield from _item(old, log.plan[at], ("plan", at))


def _item(old: Item, new: Item, path: Path) -> Wrong:
    for name in _OF_ITEM:
        was, now = getattr(old, name), getattr(new, name)
        if was and was != now:
            yield (*path, name), f"it was {_said(was)}, not {_said(now)}"
    kept = len(old.amendments)
    if new.amendments[:kept] != old.amendments:
        yield (*path, "amendments"), "what was amended before reads otherwise: a plan only grows"


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value) or "nothing"
