"""What runs, who needs it, and whether it may go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ci_steps.changelog.document import (
    Caller,
    Calls,
    Dependents,
    Deployed,
    End,
    Place,
    Running,
    Standing,
)
from ci_steps.changelog.ordering import newest_first
from ci_steps.dictionary import questions
from ci_steps.lifecycle.conditions import conditions
from ci_steps.lifecycle.decision import Reason, decide
from ci_steps.lifecycle.gathering import gather
from ci_steps.model import Line

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.lifecycle.facts import Announcement, Facts
    from ci_steps.model import Deployment
    from ci_steps.usage import Rules, Usage, UsageQuestion


def places(
    dictionary: Dictionary,
    service: str,
    at: datetime,
    rules: Rules,
    observe: Callable[[UsageQuestion], Usage],
) -> tuple[Place, ...]:
    """Return every environment in which a service runs; production comes last."""
    live = dictionary.live(service=service)
    found = []
    for place in sorted(dictionary.environments(), key=lambda one: one.production):
        here = [one for one in live if one.environment == place.name]
        if here:
            running = [_running(dictionary, one, at, rules, observe) for one in _newest(here)]
            found.append(Place(place.name, place.production, tuple(running)))
    return tuple(found)


def _newest(live: Iterable[Deployment]) -> list[Deployment]:
    return newest_first(live, lambda one: one.version, lambda one: one.at)


def _running(
    dictionary: Dictionary,
    deployment: Deployment,
    at: datetime,
    rules: Rules,
    observe: Callable[[UsageQuestion], Usage],
) -> Running:
    line = Line(deployment.service, deployment.version.line, deployment.environment)
    with dictionary.reading() as connection:
        facts = gather(dictionary, at, line, rules, observe)
        deployed = _deployed(connection, line)
    return Running(
        version=str(deployment.version),
        line=line.line,
        status=_status(facts.announcement, at),
        since=deployment.at,
        dependents=Dependents(deployed, facts.declared_by, tuple(_callers(facts.usage))),
        calls=_calls(facts.usage),
        end=_end(facts),
    )


def _deployed(connection: Connection, line: Line) -> tuple[Deployed, ...]:
    needing = questions.dependents(connection, line.service, line.line, line.environment)
    began = _began(questions.live_of(connection, [one.service for one in needing]))
    return tuple(
        Deployed(
            one.service,
            str(one.version),
            one.requirement.written,
            one.owner,
            began[one.service, one.environment, str(one.version)],
        )
        for one in needing
    )


def _began(live: Sequence[Deployment]) -> dict[tuple[str, str, str], datetime]:
    """Return since when versions run; one may run in two slots."""
    return {
        (one.service, one.environment, str(one.version)): one.at
        for one in sorted(live, key=lambda one: one.at, reverse=True)
    }


def _callers(usage: Usage) -> Iterable[Caller]:
    return (Caller(one.name, one.calls, one.last_call) for one in usage.callers)


def _calls(usage: Usage) -> Calls:
    nobody = "" if usage.observed_since else "nothing observes its calls"
    return Calls(usage.source, usage.observed_since, usage.last_call, usage.problem or nobody)


def _status(told: Announcement, at: datetime) -> Standing:
    if told.ends and told.ends <= at:
        return Standing.DUE
    return Standing.DEPRECATED if told.announced else Standing.LIVE


def _end(facts: Facts) -> End | None:
    answer = decide(facts)
    if answer.reason is Reason.NO_SUCCESSOR:
        return None
    return End(answer.decision, answer.reason.value, answer.text, answer.again, conditions(facts))
