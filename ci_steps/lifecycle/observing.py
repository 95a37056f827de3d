"""Several sources that see calls -> one answer, in which no doubt of any of them is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ci_steps.usage import Caller, Usage

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.outside import Outside
    from ci_steps.protocols import UsageSource
    from ci_steps.usage import UsageQuestion


def observer(
    sources: Iterable[tuple[UsageSource, Any]], outside: Outside
) -> Callable[[UsageQuestion], Usage]:
    """Return how calls are observed by *sources*, each with its options."""
    asked = list(sources)

    def observe(question: UsageQuestion) -> Usage:
        return together(
            outside.parallel(lambda one: one[0].observe(question, one[1], outside), asked)
        )

    return observe


def together(seen: Iterable[Usage]) -> Usage:
    """Return what all sources saw: each may see another way in, so that each must be quiet."""
    usages = list(seen)
    if not usages:
        return Usage(problem="nothing observes its calls")
    problems = [f"{one.source}: {one.problem}" for one in usages if one.problem]
    starts = [one.observed_since for one in usages]
    return Usage(
        ", ".join(one.source for one in usages),
        max(filter(None, starts), default=None) if all(starts) else None,
        _latest(one.last_call for one in usages),
        tuple(_merged(usages)),
        "; ".join(problems),
        "; ".join(one.note for one in usages if one.note),
    )


def _merged(usages: Iterable[Usage]) -> Iterator[Caller]:
    by_name: dict[str, list[Caller]] = {}
    for usage in usages:
        for one in usage.callers:
            by_name.setdefault(one.name, []).append(one)
    for name, found in sorted(by_name.items()):
        # One call may be seen twice, and is one call.
        calls = max(one.calls for one in found)
        yield Caller(name, calls, _latest(one.last_call for one in found))


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max(filter(None, moments), default=None)
