"""Recording what the files of an import say: all of it or, with ConfigError, nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.catalog.findings import Known
from ci_steps.catalog.importing_releases import note_edges, record_releases
from ci_steps.dictionary import questions, recording
from ci_steps.dictionary.owners import unowned
from ci_steps.dictionary.recording import Effect
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
        recorded = connection.begin_nested()
        imported = _record(connection, catalog, now)
        if dry_run:
            recorded.rollback()
        return imported

    return dictionary.write(record)


def _record(connection: Connection, catalog: Catalog, now: datetime) -> Imported:
    named = {one.owner for one in catalog.services.values() if one.owner}
    owners = {**{name: Owner(name) for name in sorted(named)}, **catalog.owners}
    # The names first: who leads or stands in for whom is said of owners that are there.
    first = {name: recording.record_owner(connection, Owner(name)) for name in owners}
    counts = {
        "owners": _count(
            _first_of(
                first[name], recording.record_owner(connection, _whole(connection, one, catalog))
            )
            for name, one in owners.items()
        ),
        "services": _count(
            recording.record_service(connection, one) for one in catalog.services.values()
        ),
    }
    effects = record_releases(connection, catalog, now)
    counts.update({kind: _count(found) for kind, found in effects.items()})
    _check_circles(connection, catalog)
    _check_lengths(catalog)
    if catalog.problems:
        raise ConfigError(catalog.problems)
    note_edges(connection, catalog)
    notes = tuple(sorted(set(catalog.notes)))
    return Imported(counts, notes, unowned(connection))


def _whole(connection: Connection, one: Owner, catalog: Catalog) -> Owner:
    """Return an owner with the contacts that its file says nothing about."""
    if one.name not in catalog.partial or not one.contacts:
        return one
    said = {where.channel for where in one.contacts}
    (known,) = questions.owners(connection, one.name)
    kept = tuple(where for where in known.contacts if where.channel not in said)
    return replace(one, contacts=(*kept, *one.contacts))


def _count(effects: Iterable[Effect]) -> Count:
    counted = Counter(effects)
    return Count(*(counted[effect] for effect in Effect))


def _first_of(first: Effect, second: Effect) -> Effect:
    return second if first is Effect.UNCHANGED else first


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
