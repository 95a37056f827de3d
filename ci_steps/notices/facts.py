"""A row of the outbox -> the facts of its message, as they are now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from ci_steps.changes import Change, Level
from ci_steps.dictionary.contracts import latest_to
from ci_steps.dictionary.tables import event, release, service
from ci_steps.notices.addressing import key_of, read_owners, route
from ci_steps.notices.obligations import owed_at
from ci_steps.notices.touching import touched_by
from ci_steps.protocols import Message

_MAIL = "email"


def message_of(connection: Connection, row: Row[Any]) -> Message | None:
    """Return what the contact of an outbox row is told; None when nothing is left to do."""
    owing = owed_at(connection, row.event_id, row.owner_id, row.channel, row.address)
    if not owing:
        return None
    happened = connection.execute(
        select(event, service.c.name.label("provider"), service.c.owner_id)
        .join(service, event.c.service_id == service.c.id)
        .where(event.c.id == row.event_id)
    ).one()
    owners = read_owners(connection, (row.owner_id, happened.owner_id))
    asked = owners.get(happened.owner_id)
    return Message(
        key=key_of(
            happened.kind,
            happened.provider,
            happened.to,
            happened.environment,
            row.channel,
            row.address,
            row.stage,
        ),
        stage=row.stage,
        provider=happened.provider,
        provider_owner=asked,
        version=happened.version,
        to=f"{happened.provider}-{happened.to}",
        environment=happened.environment,
        at=happened.at,
        due=owing[0].due,
        contact_owner=owners[row.owner_id],
        obligations=owing,
        url=happened.url,
        reply_to=tuple(
            one.address for one in (asked.contacts if asked else ()) if one.channel == _MAIL
        ),
        changes=_changes(connection, happened.service_id, happened.version),
        touched=touched_by(
            connection,
            happened.provider,
            _contract(connection, happened.service_id, happened.version),
            happened.environment,
        ),
    )


def _contract(connection: Connection, service_id: int, version: str) -> str:
    """Return the digest of the contract of a release, nothing if it is not known."""
    digest = connection.execute(
        select(release.c.contract_digest).where(
            release.c.service_id == service_id, release.c.label == version
        )
    ).scalar()
    return str(digest or "")


def _changes(connection: Connection, service_id: int, version: str) -> tuple[Change, ...] | None:
    """Return what callers of the release before notice, or None where nobody compared them."""
    digest = _contract(connection, service_id, version)
    compared = latest_to(connection, digest) if digest else None
    if compared is None:
        return None
    return tuple(one for one in compared.changes if one.level > Level.COMPATIBLE)


def line(message: Message, channel: str, address: str) -> str:
    """Return one message in one line: ``gis-team (slack #gis-team): 2 services by 2026-12-23``."""
    number = len(message.obligations)
    services = "1 service" if number == 1 else f"{number} services"
    return f"{route(message.contact_owner.name, channel, address)}: {services} by {message.due}"
