"""Who answers another version than was recorded, and what that version needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, select, text

from ci_steps.dictionary.statements.given import rows, texts
from ci_steps.dictionary.statements.plain import plain_rows
from ci_steps.dictionary.stored import read_requirement, read_version
from ci_steps.dictionary.tables import observation, release, requirement, service
from ci_steps.dictionary.verdicts.seen import IN_ENVIRONMENT, read_answer
from ci_steps.versions import Requirement, Version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Select

    from ci_steps.dictionary.aliases import Names

# What a release needs: a provider by its present name, the requirement as written and as a value.
Required = tuple[str, str, Requirement]

_Needs = dict[tuple[str, Version], dict[Required, None]]


class Answering(NamedTuple):
    """Services that answer another version than was recorded, by their present names.

    `needs` has, by service and version, what that version needs of some providers; a version
    that was never recorded is not in it.
    """

    services: frozenset[str]
    needs: Mapping[tuple[str, Version], Collection[Required]]


def read_answering(
    connection: Connection,
    names: Names,
    found: Iterable[Sequence[str]],
    providers: Collection[str],
) -> Answering:
    """Return what the rows of `ANSWERING` say. Cost: a statement for those spelled otherwise."""
    needs: _Needs = {}
    services = set()
    otherwise = {}
    for number, name, version, scheme, released, *needed in found:
        current, answer = names.of(name), read_answer(version, scheme)
        services.add(current)
        if answer and answer.scheme == released:
            _add(needs, names, (current, answer), needed)
        elif answer:
            otherwise[number, answer.order] = current
    if otherwise:
        given = {"wanted": list(otherwise), "providers": providers}
        for number, order, label, scheme, *needed in plain_rows(connection, _SPELLED, given):
            which = otherwise[number, order], read_version(label, scheme)
            _add(needs, names, which, needed)
    return Answering(frozenset(services), needs)


def _add(
    needs: _Needs, names: Names, which: tuple[str, Version], needed: Sequence[str | None]
) -> None:
    known = needs.setdefault(which, {})
    provider, written = needed
    if provider is not None and written is not None:
        known[names.of(provider), written, read_requirement(provider, written)] = None


def _with_needs(releases: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
    """Select what releases need of the providers that are given as *providers*, too."""
    return releases.add_columns(requirement.c.provider, requirement.c.written).outerjoin(
        requirement,
        (requirement.c.requirement_set_id == release.c.requirement_set_id)
        & requirement.c.provider.in_(texts("providers")),
    )


# All of an environment, for few differ. The condition is text, for a server uses the index of
# them for no other.
ANSWERING = _with_needs(
    select(
        service.c.id,
        service.c.name,
        observation.c.version,
        observation.c.scheme,
        release.c.scheme.label("released"),
    )
    .join_from(observation, service, observation.c.service_id == service.c.id)
    .outerjoin(
        release,
        (release.c.service_id == service.c.id) & (release.c.label == observation.c.version),
    )
    .where(observation.c.environment_id == IN_ENVIRONMENT, text("observation.differs"))
)

# What answered is not always spelled like the release.
_wanted = rows("wanted", service_id=int, order=int)
_SPELLED = _with_needs(
    select(
        release.c.service_id,
        release.c.order,
        release.c.label,
        release.c.scheme,
    ).join_from(
        _wanted,
        release,
        (release.c.service_id == _wanted.c.service_id) & (release.c.order == _wanted.c.order),
    )
)
