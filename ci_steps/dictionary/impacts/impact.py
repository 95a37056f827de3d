"""Who is hit by a change of a service: its dependents, theirs, and so on.

A change of one line hits who needs that line. A service that is hit hits those who need it:
all of them where everything of it that runs is hit, else those who need the lines that are.
Level after level is searched, so that every service is found once, by a shortest path, and a
circle of requirements ends where it began.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ci_steps.collector import without_collector
from ci_steps.dictionary.aliases import Names, aliases
from ci_steps.dictionary.impacts.edges import Found, Wanted, environments
from ci_steps.dictionary.impacts.near import search_near
from ci_steps.dictionary.impacts.whole import search_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

# More requirements than this in a level, and reading all that is live is faster.
FEW = 3000


class Hit(NamedTuple):
    """A live service that a change reaches; the path is a shortest one and ends at the provider.

    A tuple, because a change of a hub hits thousands.
    """

    service: str
    owner: str
    environments: tuple[str, ...]
    path: tuple[str, ...]


def impact(
    connection: Connection,
    provider: str,
    line: str = "",
    environment: str = "",
    *,
    few: int = FEW,
) -> tuple[Hit, ...]:
    """Return the live services that a change of *provider*, or of one line of it, reaches.

    The nearest come first, then by name. Cost: two statements and four a level; once more
    than a *few* are reached, all that is live is read instead.
    """
    places = environments(connection)
    asked = next((number for number, name in places.items() if name == environment), 0)
    names = Names(aliases(connection))
    present, wanted = names.of(provider), Wanted()
    meant = [asked] if environment else places
    wanted.add(present, sum(1 << place for place in meant), {line} if line else None)
    found = search_near(connection, asked, wanted, names, few)
    if found is not None:
        return _hits(found, present, places)
    with without_collector():
        return _hits(search_whole(connection, asked, wanted, names), present, places)


def _hits(found: Found, provider: str, places: Mapping[int, str]) -> tuple[Hit, ...]:
    """Return what was hit, the provider itself left out."""
    named = {bits: _named(bits, places) for bits in {*found.where.values()}}
    found.through.pop(provider, None)
    paths: dict[str, tuple[str, ...]] = {provider: (provider,)}
    for name, through in found.through.items():
        paths[name] = (name, *paths[through])
    hits = (
        (name, found.owners[name], named[found.where[name]], paths[name]) for name in found.through
    )
    return tuple(map(_HIT, hits))


# As Hit._make, without a function of Python for each of thousands.
_HIT = partial(tuple.__new__, Hit)


def _named(bits: int, places: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(sorted(name for place, name in places.items() if bits >> place & 1))
