"""Who is hit by a change, searched in all that is live: read once, the rest is memory.

A company runs the same in most of its environments. So a service is looked at once for all of
them in which it has the same requirement set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ci_steps.dictionary.impacts.edges import Beside, Found, Wanted, live_beside, live_sets
from ci_steps.dictionary.statements.plain import plain_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from ci_steps.dictionary.aliases import Names


@dataclass
class _Running:
    """What runs with one requirement set: a service, or one deployment of it by its number.

    What it needs are *providers*, as they are called now and in the order of their names, and
    the *lines* of them in the same order. `left` has the environments in which it is not hit yet.
    """

    __slots__ = ("deployment", "left", "lines", "name", "providers", "service")

    service: int
    name: str
    left: int
    providers: list[str]
    lines: str
    deployment: int

    def lines_of(self, provider: str) -> Iterator[str]:
        """Yield the lines of a provider that are needed: two where it is needed by two names."""
        needed = zip(self.providers, self.lines.split(" "), strict=True)
        return (line for one, line in needed if one == provider)


# What is hit now, in which environments, and through which provider.
_Hit = tuple[_Running, int, str]


def search_whole(connection: Connection, place: int, wanted: Wanted, names: Names) -> Found:
    """Return what a change of what is *wanted* hits, everywhere or in one *place*.

    Cost: one statement, and a second one where a service runs twice in an environment.
    """
    rows = plain_rows(connection, live_sets(place))
    found = Found(owners={row[1]: row[2] or "" for row in rows})
    beside = Beside()
    running = [*_running(connection, place, rows, beside)]
    _call_as_now(running, names)
    while wanted:
        level = [*_level(running, wanted)]
        found.take((run.name, places, through) for run, places, through in level)
        wanted = _following(level, beside)
    return found


def _running(
    connection: Connection, place: int, rows: Sequence[Any], beside: Beside
) -> Iterator[_Running]:
    """Yield what runs; each deployment by itself, where a service has two in an environment."""
    twice = _twice(rows)
    for service, name, _, places, providers, lines in rows:
        if service not in twice:
            yield _Running(service, name, _bits(places), providers.split(" "), lines, 0)
    if twice:
        each = plain_rows(connection, live_beside(place), {"services": twice})
        beside.learn(row[:4] for row in each)
        for number, service, where, _, name, providers, lines in each:
            yield _Running(service, name, 1 << where, providers.split(" "), lines, number)


def _twice(rows: Iterable[Any]) -> set[int]:
    """Return the services that run more than once in an environment."""
    everywhere: dict[int, str] = {}
    for service, _, _, places, *_ in rows:
        known = everywhere.get(service)
        everywhere[service] = places if known is None else f"{known} {places}"
    return {service for service, places in everywhere.items() if _repeats(places)}


# There are far fewer combinations of environments than there are services.
@lru_cache(1024)
def _repeats(places: str) -> bool:
    numbers = places.split(" ")
    return len({*numbers}) < len(numbers)


@lru_cache(1024)
def _bits(places: str) -> int:
    return sum(1 << int(number) for number in places.split(" "))


def _call_as_now(running: Iterable[_Running], names: Names) -> None:
    """Name the providers that were renamed as they are called now, in order again."""
    is_fine = names.current.keys().isdisjoint
    for run in running:
        if not is_fine(run.providers):
            needed = sorted(zip(map(names.of, run.providers), run.lines.split(" "), strict=True))
            run.providers = [provider for provider, _ in needed]
            run.lines = " ".join(line for _, line in needed)


def _level(running: Iterable[_Running], wanted: Wanted) -> Iterator[_Hit]:
    """Yield what needs something that is wanted where it runs, and was not hit before."""
    meant = wanted.names()
    for run in running:
        if run.left and not meant.isdisjoint(run.providers):
            hit, through = _hit(run, wanted)
            if hit:
                run.left ^= hit
                yield run, hit, through


def _hit(run: _Running, wanted: Wanted) -> tuple[int, str]:
    hit, through, left = 0, "", run.left
    for provider in run.providers:
        where = wanted.wholly.get(provider, 0)
        if provider in wanted.partly:
            for line in run.lines_of(provider):
                where |= wanted.partly[provider].get(line, 0)
        if where & left:
            hit |= where & left
            through = through or provider
            if hit == left:
                break
    return hit, through


def _following(level: Iterable[_Hit], beside: Beside) -> Wanted:
    """Return what is wanted next: who needs what was hit, or those lines of it that were."""
    following = Wanted()
    for run, places, _ in level:
        lines = None
        if run.deployment:
            lines = beside.hit(run.deployment, (run.service, places.bit_length() - 1))
        following.add(run.name, places, lines)
    return following
