"""How changes of an API of messages are made: a rule, its level, and both places."""

from __future__ import annotations

from ci_steps.comparisons.changes import Change, Level
from ci_steps.documents.node import Node


def changed(
    rule: str,
    level: Level,
    subject: str,
    text: str,
    old: Node | None = None,
    new: Node | None = None,
) -> Change:
    """Return a change at the places of both nodes; its text names its subject."""
    text = text if subject in text else f"{subject}: {text}"
    before, after = (node.location if node is not None else None for node in (old, new))
    return Change(f"asyncapi-{rule}", level, subject, text, before, after)


def breaking_if(answer: bool) -> Level:  # noqa: FBT001 (a condition)
    """Return breaking or compatible."""
    return Level.BREAKING if answer else Level.COMPATIBLE


def warning_if(answer: bool) -> Level:  # noqa: FBT001 (a condition)
    """Return warning or compatible."""
    return Level.WARNING if answer else Level.COMPATIBLE
