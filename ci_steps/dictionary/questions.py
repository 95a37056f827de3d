"""What one asks the dictionary: what runs, who needs it, and what is known about it.

Answers come from what is live, never from walking history; a name nobody knows has no
answers, and whoever takes names from people asks for `known_service` first.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, and_, select

from ci_steps.dictionary.aliases import Names, aliases, names_of, present_name
from ci_steps.dictionary.owner_details import with_details
from ci_steps.dictionary.statements.given import texts
from ci_steps.dictionary.stored import read_requirement, read_version
from ci_steps.dictionary.tables import (
    contact,
    deployment,
    environment,
    evidence,
    live_requirement,
    owner,
    release,
    release_uses,
    service,
)
from ci_steps.model import (
    Contact,
    Dependent,
    Deployment,
    Environment,
    Evidence,
    Owner,
    Service,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def owners(connection: Connection, name: str = "") -> tuple[Owner, ...]:
    """Return the owners with their contacts, by name; or only the one called *name*."""
    statement = (
        select(owner.c.name, owner.c.title, contact.c.channel, contact.c.address)
        .join_from(owner, contact, isouter=True)
        .order_by(owner.c.name, contact.c.id)
    )
    if name:
        statement = statement.where(owner.c.name == name)
    grouped = groupby(connection.execute(statement), key=lambda row: (row.name, row.title))
    found = [Owner(*whom, tuple(_contacts(rows))) for whom, rows in grouped]
    return with_details(connection, found, name)


def _contacts(rows: Any) -> list[Contact]:
    return [Contact(row.channel, row.address) for row in rows if row.channel is not None]


def addresses_on(connection: Connection, channel: str) -> tuple[str, ...]:
    """Return the addresses of all contacts on a channel."""
    found = select(contact.c.address).where(contact.c.channel == channel).distinct()
    return tuple(connection.scalars(found.order_by(contact.c.address)))


def services(connection: Connection, name: str = "") -> tuple[Service, ...]:
    """Return the services by name; or only the one called *name*."""
    statement = (
        select(service.c.name, owner.c.name.label("owner"), service.c.repository)
        .join_from(service, owner, isouter=True)
        .order_by(service.c.name)
    )
    if name:
        statement = statement.where(service.c.name == present_name(connection, name))
    rows = connection.execute(statement)
    return tuple(Service(row.name, row.owner or "", row.repository) for row in rows)


def environments(connection: Connection) -> tuple[Environment, ...]:
    """Return the environments in the order in which they were first recorded."""
    rows = connection.execute(
        select(environment.c.name, environment.c.production).order_by(environment.c.id)
    )
    return tuple(Environment(row.name, row.production) for row in rows)


def live(
    connection: Connection, environment_name: str = "", service_name: str = ""
) -> tuple[Deployment, ...]:
    """Return what runs, by service, environment and slot; an empty name stands for all."""
    statement = deployments().where(deployment.c.ended_at.is_(None))
    if environment_name:
        statement = statement.where(environment.c.name == environment_name)
    if service_name:
        statement = statement.where(service.c.name.in_(names_of(connection, service_name)))
    statement = statement.order_by(service.c.name, environment.c.name, deployment.c.slot)
    return tuple(map(deployment_of, connection.execute(statement)))


def live_of(connection: Connection, names: Iterable[str]) -> tuple[Deployment, ...]:
    """Return what runs of several services, by service, environment and slot."""
    statement = deployments().where(
        deployment.c.ended_at.is_(None), service.c.name.in_(sorted(set(names)))
    )
    statement = statement.order_by(service.c.name, environment.c.name, deployment.c.slot)
    return tuple(map(deployment_of, connection.execute(statement)))


def history(connection: Connection, service_name: str) -> tuple[Deployment, ...]:
    """Return every deployment of a service, newest first, ended or not."""
    statement = (
        deployments()
        .where(service.c.name.in_(names_of(connection, service_name)))
        # Ended deployments have an index by release and none by service.
        .where(release.c.service_id == service.c.id)
        .order_by(deployment.c.started_at.desc(), deployment.c.id.desc())
    )
    return tuple(map(deployment_of, connection.execute(statement)))


def dependents(
    connection: Connection, provider: str, line: str = "", environment_name: str = ""
) -> tuple[Dependent, ...]:
    """Return the live services that need *provider*, or one line of it, by name.

    Lines are compared as they are written, so that one of another scheme counts as well. A
    requirement on what the provider was called before counts, and stays as it is written.
    """
    named = names_of(connection, provider)
    statement = _edges().where(live_requirement.c.provider.in_(named))
    if line:
        statement = statement.where(live_requirement.c.line == line)
    if environment_name:
        statement = statement.where(environment.c.name == environment_name)
    return _dependents(connection, statement)


def dependencies(
    connection: Connection, service_name: str = "", environment_name: str = ""
) -> tuple[Dependent, ...]:
    """Return what the live versions of a service need, by environment and provider.

    Empty names stand for all.
    """
    statement = _edges()
    if service_name:
        statement = statement.where(service.c.name.in_(names_of(connection, service_name)))
    if environment_name:
        statement = statement.where(environment.c.name == environment_name)
    return _dependents(connection, statement)


def dependencies_of(
    connection: Connection, names: Iterable[str]
) -> dict[str, tuple[Dependent, ...]]:
    """Return, by these names of services, what their live versions need; two statements."""
    called = Names(aliases(connection))
    present = {name: called.of(name) for name in names}
    statement = _edges().where(service.c.name.in_(texts("services")))
    asked = {"services": called.all_of(present.values())}
    found: dict[str, list[Dependent]] = defaultdict(list)
    for one in _dependents(connection, statement, asked):
        found[called.of(one.service)].append(one)
    return {name: tuple(found[now]) for name, now in present.items()}


def evidence_about(
    connection: Connection, service_name: str, commit: str = "", kind: str = ""
) -> tuple[Evidence, ...]:
    """Return the evidence about a service, newest first; empty texts stand for all."""
    statement = (
        select(evidence, service.c.name.label("service"))
        .join_from(evidence, service)
        .where(service.c.name.in_(names_of(connection, service_name)))
        .order_by(evidence.c.at.desc(), evidence.c.id.desc())
    )
    if commit:
        statement = statement.where(evidence.c.commit == commit)
    if kind:
        statement = statement.where(evidence.c.kind == kind)
    rows = connection.execute(statement).mappings()
    return tuple(Evidence(**{name: row[name] for name in _OF_EVIDENCE}) for row in rows)


_OF_EVIDENCE = tuple(Evidence.__dataclass_fields__)


def deployments() -> Select[Any]:
    """Return the question for deployments, ended or not; `deployment_of` reads its rows."""
    return (
        select(
            deployment,
            service.c.name.label("service"),
            environment.c.name.label("environment"),
            release.c.label,
            release.c.scheme,
        )
        .join_from(deployment, service, deployment.c.service_id == service.c.id)
        .join(environment, deployment.c.environment_id == environment.c.id)
        .join(release, deployment.c.release_id == release.c.id)
    )


def deployment_of(row: Row[Any]) -> Deployment:
    """Return the deployment that a row of `deployments` stands for."""
    return Deployment(
        service=row.service,
        version=read_version(row.label, row.scheme),
        commit=row.commit,
        environment=row.environment,
        slot=row.slot,
        at=row.started_at,
        address=row.address,
        digest=row.digest,
        by=row.by,
        url=row.url,
    )


def _edges() -> Select[Any]:
    return (
        select(
            service.c.name,
            environment.c.name,
            live_requirement.c.provider,
            live_requirement.c.version,
            live_requirement.c.scheme,
            live_requirement.c.written,
            owner.c.name,
            release_uses.c.digest,
        )
        .join_from(live_requirement, service, live_requirement.c.dependent_id == service.c.id)
        .join(environment, live_requirement.c.environment_id == environment.c.id)
        .join(owner, service.c.owner_id == owner.c.id, isouter=True)
        .outerjoin(
            release_uses,
            and_(
                release_uses.c.release_id == live_requirement.c.release_id,
                release_uses.c.provider == live_requirement.c.provider,
            ),
        )
    )


def _dependents(
    connection: Connection, statement: Select[Any], given: Mapping[str, Any] | None = None
) -> tuple[Dependent, ...]:
    """Return edges by dependent, environment and provider.

    A release may run in two slots; it is one dependent all the same. Of a hub there are
    thousands, and Python sorts them faster than a database does.
    """
    rows = sorted({tuple(row) for row in connection.execute(statement, given).all()}, key=_IN_ORDER)
    return tuple(
        Dependent(
            name,
            read_version(label, scheme),
            environment_name,
            read_requirement(provider, written),
            whose or "",
            digest is not None,
        )
        for name, environment_name, provider, label, scheme, written, whose, digest in rows
    )


# The first four columns of an edge.
_IN_ORDER = itemgetter(0, 1, 2, 3)
