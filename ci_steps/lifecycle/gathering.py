"""The dictionary and what observes calls -> the facts about one line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from ci_steps.dictionary import questions
from ci_steps.dictionary.aliases import names_of
from ci_steps.dictionary.release_questions import check_line, newest_first
from ci_steps.dictionary.tables import release, requirement, service
from ci_steps.lifecycle.acts import standing
from ci_steps.lifecycle.facts import Facts
from ci_steps.lifecycle.guessing import guessed
from ci_steps.lifecycle.ledger import read
from ci_steps.model import Line
from ci_steps.usage import UsageQuestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.model import Dependent, Deployment
    from ci_steps.usage import Rules, Usage


# Longer than the quiet window, so that the last call before it can be named.
_LOOK_BACK = 1.5


def gather(
    dictionary: Dictionary,
    at: datetime,
    line: Line,
    rules: Rules,
    observe: Callable[[UsageQuestion], Usage],
) -> Facts:
    """Return what the dictionary, and whoever can *observe* calls, know about *line*.

    UsageError for a service, an environment or a line that nobody knows.
    """
    name, main, place = dictionary.known_service(line.service).name, line.line, line.environment
    dictionary.known_environment(place)
    with dictionary.reading() as connection:
        check_line(connection, name, main)
        lines = _lines(connection, name)
        stands = standing(read(connection, Line(name, main, place)))
        needed = questions.dependents(connection, name, main)
        live = questions.live(connection, place, name)
        facts = Facts(
            name,
            main,
            place,
            at,
            rules,
            hold=stands.hold,
            urgent=stands.urgent,
            approval=stands.approval,
            successors=_successors(live, lines[: lines.index(main)]),
            needed_by=_named(one for one in needed if one.environment == place),
            declared_by=tuple(_declared(connection, name, main, needed, place)),
            announcement=stands.announcement,
            step=stands.step.value if stands.step else "",
        )
    since = at - _LOOK_BACK * rules.quiet
    usage = observe(UsageQuestion(name, main, place, since, at))
    return with_usage(dictionary, facts, usage)


def with_usage(dictionary: Dictionary, facts: Facts, usage: Usage) -> Facts:
    """Return the facts with who calls, and whom those callers probably are."""
    with dictionary.reading() as connection:
        guesses = guessed(connection, [one.name for one in usage.callers])
    return replace(facts, usage=usage, guesses=guesses)


def old_lines(dictionary: Dictionary, service_name: str, place: str) -> tuple[Line, ...]:
    """Return the lines of a service that are live in *place* beside a newer one."""
    with dictionary.reading() as connection:
        live = {one.version.line for one in questions.live(connection, place, service_name)}
        lines = [one for one in _lines(connection, service_name) if one in live]
    return tuple(Line(service_name, line, place) for line in reversed(lines[1:]))


def _lines(connection: Connection, name: str) -> list[str]:
    """Return the lines of a service that were ever recorded, the newest first."""
    releases = newest_first(connection, name)
    return list(dict.fromkeys(one.version.line for one in releases))


def _successors(live: Iterable[Deployment], newer: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(one.version) for one in live if one.version.line in newer)


def _named(dependents: Iterable[Dependent]) -> tuple[str, ...]:
    return tuple(sorted({one.service for one in dependents}))


def _declared(
    connection: Connection, name: str, line: str, needed: Sequence[Dependent], place: str
) -> Iterator[str]:
    """Yield who needs the line elsewhere than live in *place*: in staging, or not deployed yet."""
    live = {one.service for one in needed if one.environment == place}
    elsewhere = {one.service: one.environment for one in needed if one.service not in live}
    yield from (f"{one} in {where}" for one, where in sorted(elsewhere.items()))
    names = names_of(connection, name)
    for candidate in sorted(_requiring(connection, name, line) - live - set(elsewhere)):
        newest = next(iter(newest_first(connection, candidate)), None)
        needs = newest.requirements if newest else ()
        if any(need.provider in names and need.line == line for need in needs):
            yield f"{candidate} {newest.version}" if newest else candidate


def _requiring(connection: Connection, name: str, line: str) -> set[str]:
    """Return the services of which any release ever needed the line."""
    sets = select(requirement.c.requirement_set_id).where(
        requirement.c.provider.in_(names_of(connection, name)), requirement.c.line == line
    )
    rows = connection.execute(
        select(service.c.name)
        .join_from(release, service)
        .where(release.c.requirement_set_id.in_(sets))
        .distinct()
    )
    return set(rows.scalars())
