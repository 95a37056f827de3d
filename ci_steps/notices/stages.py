"""Why somebody is told now: the stages of a notice, from its announcement to its end.

A stage is written as its kind and what tells it from others of that kind: ``overdue+7`` is the
second reminder of something overdue, ``added@2026-12-01`` the dependents found that day.
"""

from __future__ import annotations

import re

ANNOUNCED, ADDED, SUPERSEDED, URGENT = "announced", "added", "superseded", "urgent"
BEFORE_DUE = ("t-14", "t-7", "t-3", "t-1")
DUE, OVERDUE, ESCALATED = "due", "overdue", "escalated"
DONE, WITHDRAWN = "done", "withdrawn"
TESTS_FAILED, TESTS_FIXED = "tests-failed", "tests-fixed"
DIGEST, STATE = "digest", "state"
# Gates of a release were passed on purpose.
OVERRIDDEN = "overridden"
# Of an end that was announced: it comes on another day, and when callers are refused before.
AMENDED, BROWN_OUT = "amended", "brown-out"
# What the provider's owners see: how far others are, kept current, then on the day and at the end.
PROGRESS, PROGRESS_STATE = "progress", "progress-state"
PROGRESS_DUE, PROGRESS_DONE = "progress-due", "progress-done"
# Somebody else hears that the owner with that number could not be told: ``unreached@7``.
UNREACHED = "unreached"

REMINDERS = (*BEFORE_DUE, DUE, OVERDUE)

# With one of these somebody hears of an event for the first time.
FIRST = frozenset({ANNOUNCED, SUPERSEDED, URGENT})
# These are changes of an announcement to what holds now, by the announcement.
STATES = {ANNOUNCED: STATE, SUPERSEDED: STATE, URGENT: STATE, PROGRESS: PROGRESS_STATE}
# These are for the provider's owners, and about everybody.
PROVIDERS = frozenset({PROGRESS, PROGRESS_STATE, PROGRESS_DUE, PROGRESS_DONE})
# Whoever is told of these has something to do, and is told no more when it is done.
ASKING = frozenset(
    {ANNOUNCED, ADDED, SUPERSEDED, URGENT, *REMINDERS, ESCALATED, DIGEST, AMENDED, BROWN_OUT}
)
# Of these quiet hours are no excuse.
LOUD = frozenset({URGENT})
# In these a person may be called by name.
MENTIONING = frozenset({URGENT, OVERDUE, ESCALATED})

ALL = (
    *(ANNOUNCED, ADDED, URGENT, *REMINDERS, ESCALATED, WITHDRAWN, SUPERSEDED, DONE),
    *(TESTS_FAILED, TESTS_FIXED, DIGEST, STATE, UNREACHED, OVERRIDDEN),
    *(PROGRESS, PROGRESS_STATE, PROGRESS_DUE, PROGRESS_DONE, AMENDED, BROWN_OUT),
)


def kind_of(stage: str) -> str:
    """Return what a stage is, whichever of its kind: ``overdue`` for ``overdue+7``."""
    return re.split(r"[+@]", stage, maxsplit=1)[0]
