"""Recording what the files of an import say: all of it or, with ConfigError, nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.catalog.findings import Known
from ci_steps.catalog.importing_deployments import record_deployments
from ci_steps.catalog.importing_releases import note_edges, record_releases
from ci_steps.dictionary import questions
from ci_steps.dictionary.aliases import Names, aliases
from ci_steps.dictionary.owner_recording import record_owners
from ci_steps.dictionary.owners import unowned
from ci_steps.dictionary.recording import put_environments, record_services
from ci_steps.dictionary.worlds.world import Count
from ci_steps.errors import ConfigError
from ci_steps.model import Owner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.catalog.findings import Catalog
    from ci_steps.dictionary.owners import Unowned
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.errors import Problem
    from ci_steps.model import Contact

_LONGEST = 1000


@dataclass(frozen=True)
class Imported:
    """What an import brought, what it says about the files, and who cannot be reached now."""

    counts: Mapping[str, Count]
    notes: tuple[Problem, ...]
    unreachable: tuple[Unowned, ...]


def known_names(dictionary: Dictionary) -> Known:
    """Return the names that references in files may mean."""
    return Known(
        owners={one.name for one in dictionary.owners()},
        services={one.name for one in dictionary.services()},
    )


def mailboxes(dictionary: Dictionary) -> dict[str, str]:
    """Return the owners by the e-mail addresses at which they are reached."""
    found: dict[str, str] = {}
    for one in dictionary.owners():
        for where in one.contacts:
            if where.channel == "email":
                found.setdefault(where.address.lower(), one.name)
    return found


def import_catalog(
    dictionary: Dictionary, catalog: Catalog, now: datetime, *, dry_run: bool = False
) -> Imported:
    """Record a catalog; a dry run answers the same and leaves everything as it was."""

    def record(connection: Connection) -> Imported:
        # Of its own for each attempt, so that nothing is told twice.
        own = replace(catalog, notes=[*catalog.notes], problems=[*catalog.problems])
        recorded = connection.begin_nested()
        imported = _record(connection, own, now)
        if dry_run:
            recorded.rollback()
        return imported

    return dictionary.write(record)


def _record(connection: Connection, catalog: Catalog, now: datetime) -> Imported:
    catalog = _without_former(connection, catalog)
    services = [*catalog.services.values()]
    places = put_environments(connection, _environments(catalog))
    effects = {
        "owners": record_owners(connection, _owners(connection, catalog)),
        "services": record_services(connection, services),
        "environments": [effect for effect, _ in places.values()],
    }
    taken = record_releases(connection, catalog, now)
    effects["releases"] = [one.recorded.effect for one in taken]
    numbers = {name: number for name, (_, number) in places.items()}
    effects["deployments"] = record_deployments(connection, catalog, taken, numbers, now)
    _check_circles(connection, catalog)
    _check_lengths(catalog)
    if catalog.problems:
        raise ConfigError(catalog.problems)
    note_edges(connection, catalog, taken)
    counts = {kind: Count.of(found) for kind, found in effects.items()}
    return Imported(counts, tuple(sorted(set(catalog.notes))), unowned(connection))


def _owners(connection: Connection, catalog: Catalog) -> list[Owner]:
    """Return the owners of a catalog and of its services, with the contacts they keep."""
    named = {one.owner for one in catalog.services.values() if one.owner}
    known = {one.name: one.contacts for one in questions.owners(connection)}
    owners = {**{name: Owner(name) for name in sorted(named)}, **catalog.owners}
    return [_whole(one, known.get(name, ()), catalog) for name, one in owners.items()]


def _whole(one: Owner, known: Iterable[Contact], catalog: Catalog) -> Owner:
    """Return an owner with the contacts that its file says nothing about."""
    if one.name not in catalog.partial or not one.contacts:
        return one
    said = {where.channel for where in one.contacts}
    kept = tuple(where for where in known if where.channel not in said)
    return replace(one, contacts=(*kept, *one.contacts))


def _environments(catalog: Catalog) -> dict[str, bool | None]:
    """Return the environments of a catalog, and which of them it calls production."""
    names = [name for _, one in catalog.releases for name, _ in one.runs]
    return {name: True if name in catalog.production else None for name in names}


def _without_former(connection: Connection, catalog: Catalog) -> Catalog:
    """Return a catalog in which a renamed service is once; by two of its names is a problem."""
    names = Names(aliases(connection))
    kept: dict[str, str] = {}
    for name in catalog.services:
        first = kept.setdefault(names.of(name), name)
        if first != name:
            where = catalog.places["service", first]
            text = f"{name} is the same service as {first} in {where.file}:{where.line}, renamed"
            catalog.wrong(catalog.places["service", name], f"{text}: leave one of them out")
    services = {name: catalog.services[name] for name in kept.values()}
    releases = [(place, one) for place, one in catalog.releases if one.service in services]
    return replace(catalog, services=services, releases=releases)


def _check_lengths(catalog: Catalog) -> None:
    """Note texts that no notice has room for."""
    texts = {
        ("owner", one.name): (one.title, *(where.address for where in one.contacts))
        for one in catalog.owners.values()
    }
    texts |= {("service", one.name): (one.repository,) for one in catalog.services.values()}
    for known, said in texts.items():
        place = catalog.places.get(known)
        if place and any(len(text) > _LONGEST for text in said):
            what = "repository" if known[0] == "service" else "title or address"
            catalog.wrong(place, f"a {what} is longer than {_LONGEST:,} signs")


def _check_circles(connection: Connection, catalog: Catalog) -> None:
    """Note whoever leads, or is a part of, themselves through others."""
    known = questions.owners(connection)
    for role in ("lead", "parent"):
        above = {one.name: getattr(one, role) for one in known}
        for name in catalog.owners:
            circle = _circle(name, above)
            place = catalog.places.get(("owner", name))
            # Once for each circle: at the owner that comes first.
            if circle and place and name == min(set(circle) & set(catalog.owners)):
                catalog.wrong(place, f"the {role} goes in a circle: {' -> '.join(circle)}")


def _circle(start: str, above: Mapping[str, str]) -> list[str]:
    """Return the way from *start* back to itself, or nothing."""
    way = [start]
    while (following := above.get(way[-1], "")) and following not in way:
        way.append(following)
    return [*way, start] if following == start else []
