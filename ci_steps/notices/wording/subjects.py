"""What is to be done by when: the first words are all that some people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.notices import stages
from ci_steps.notices.wording.parts import names
from ci_steps.notices.wording.spans import clean, counted, listed

if TYPE_CHECKING:
    from ci_steps.protocols import Message

_NAMED = 3
_LIMIT = 120


def subject(message: Message) -> str:
    """Return the subject; that of a reminder is that of its announcement, so that they thread."""
    what = f"{message.provider} {message.version} in {message.environment}"
    kind = stages.kind_of(message.stage)
    if kind in stages.ASKING or (kind == stages.STATE and not message.ended):
        mark = "URGENT - now" if kind == stages.URGENT else f"action by {message.due}"
        mark = f"overdue since {message.due}" if kind == stages.ESCALATED else mark
        said = f"[{mark}] {what}: update"
        return _with_names(said, _announced(message))
    release = f"{message.provider} {message.version}"
    gone = message.gone.issuperset(one.dependent for one in message.moved)
    moved = names(one.dependent for one in message.moved)
    ending = "out of use" if gone else f"moved to {message.to}"
    whose = names(_announced(message))
    others = {
        stages.DONE: f"[done] {moved} {ending} in {message.environment}",
        stages.WITHDRAWN: f"[nothing to do] {what} was withdrawn",
        stages.STATE: f"[nothing to do] {what} was replaced",
        stages.TESTS_FAILED: f"[tests fail] {release}: {counted(len(message.tests), 'test')}",
        stages.UNREACHED: f"[not told] {what}: nobody could be told for {whose}",
        stages.TESTS_FIXED: f"[tests pass again] {release}",
        stages.OVERRIDDEN: f"[passed on purpose] {what}: "
        f"{counted(len(message.overridden), 'gate')}",
        **dict.fromkeys(stages.PROVIDERS, f"[{_progress(message)}] {what}"),
    }
    return clean(others[kind])[:_LIMIT]


def _progress(message: Message) -> str:
    waiting, moved = len(message.obligations), len(message.moved)
    if message.ended:
        return "nothing to do"
    return f"{moved:,} of {moved + waiting:,} moved" if waiting else "all have moved"


def _announced(message: Message) -> list[str]:
    return list(message.announced) or [one.dependent for one in message.obligations]


def _with_names(said: str, all_names: list[str]) -> str:
    short = clean(f"{said} {counted(len(all_names))}")
    if len(all_names) > _NAMED:
        return short
    long = clean(f"{said} {listed(all_names)}")
    return long if len(long) <= _LIMIT else short
