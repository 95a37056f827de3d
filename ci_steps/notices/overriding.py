"""Gates that were passed on purpose: told once to the owners of the service and whom it hits."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from ci_steps.dictionary.tables import outbox, service
from ci_steps.notices import stages
from ci_steps.notices.addressing import contacts_of, row_for
from ci_steps.notices.events import OVERRIDE, Event, insert_new, record_event

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from ci_steps.model import Evidence
    from ci_steps.protocols import Overridden

_KEPT_CHARACTERS = 600


def said(overridden: Iterable[Overridden]) -> tuple[str, ...]:
    """Return a line for each gate: what it said, who passed it and why."""
    return tuple(_line(one.evidence) for one in overridden)


def tell_overridden(
    connection: Connection,
    overridden: Sequence[Overridden],
    *,
    channels: Sequence[str],
    at: datetime,
    url: str,
    knowing: Collection[str] = (),
) -> bool:
    """Tell owners of the gates that were passed; return whether that is news.

    The owners of the service hear of it, and those of the dependents that a gate would have
    protected, but for the services in *knowing*: a notice about the release itself tells those.
    """
    if not overridden:
        return False
    about, lines = overridden[0].evidence, said(overridden)
    happened = Event(
        OVERRIDE,
        about.service,
        _fingerprint(about, lines),
        about.environment,
        about.version,
        at,
        json.dumps(lines, ensure_ascii=False),
        url,
    )
    event_id, is_new = record_event(connection, happened)
    if is_new:
        affected = {name for one in overridden for name in one.affected} - {*knowing}
        _enqueue(connection, event_id, [about.service, *sorted(affected)], channels, at)
    return is_new


def read(text: str) -> tuple[str, ...]:
    """Return the lines that are kept with the event."""
    return tuple(json.loads(text))


def _line(passed: Evidence) -> str:
    by = passed.by or "somebody"
    return re.sub(r"\s+", " ", f"{passed.text}; passed by {by}: {passed.reason}")[:_KEPT_CHARACTERS]


def _fingerprint(about: Evidence, lines: Iterable[str]) -> str:
    told = "\n".join([about.version, about.commit, about.digest, *lines])
    return sha256(told.encode()).hexdigest()[:32]


def _enqueue(
    connection: Connection,
    event_id: int,
    services: Sequence[str],
    channels: Sequence[str],
    at: datetime,
) -> None:
    owners = select(service.c.owner_id).where(
        service.c.name.in_(services), service.c.owner_id.is_not(None)
    )
    found = contacts_of(connection, connection.scalars(owners).all(), channels)
    rows = [
        row_for(event_id, one.id, one.channel, one.address, stages.OVERRIDDEN, at) for one in found
    ]
    insert_new(connection, outbox, rows)
