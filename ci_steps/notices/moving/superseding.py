"""When a release takes the place of one that others have not moved to yet, or is gone again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, update

from ci_steps.dictionary.tables import (
    deployment,
    environment,
    event,
    obligation,
    outbox,
    release,
    service,
)
from ci_steps.notices import stages
from ci_steps.notices.events import MAJOR
from ci_steps.notices.moving.owing import SUPERSEDED, WITHDRAWN
from ci_steps.notices.moving.settling import close
from ci_steps.notices.states import PENDING, SUPPRESSED
from ci_steps.notices.threads import show_state
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Row

    from ci_steps.versions import Version

# A release that is being restarted is not gone.
_GONE_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Older:
    """What a dependent owes to an older release of the same service in the same place."""

    id: int
    event_id: int
    dependent_id: int
    owner_id: int | None
    due: date


def older_obligations(connection: Connection, event_id: int) -> tuple[Older, ...]:
    """Return what is open about other releases of the service that an event is about."""
    this = connection.execute(select(event).where(event.c.id == event_id)).one()
    rows = connection.execute(
        select(obligation, service.c.owner_id, event.c.version)
        .join_from(obligation, event, obligation.c.event_id == event.c.id)
        .join(service, obligation.c.dependent_id == service.c.id)
        .where(
            event.c.kind == MAJOR,
            event.c.service_id == this.service_id,
            event.c.environment == this.environment,
            event.c.id != event_id,
            obligation.c.done_at.is_(None),
        )
    )
    mine = parse_version(this.version)
    return tuple(
        Older(row.id, row.event_id, row.dependent_id, row.owner_id, row.due)
        for row in rows
        if _is_older(parse_version(row.version), mine)
    )


def supersede(
    connection: Connection, event_id: int, older: Sequence[Older], at: datetime
) -> frozenset[int]:
    """End what is *older* where the new event asks for the same; return the owners told of it."""
    if not older:
        return frozenset()
    asked = connection.scalars(
        select(obligation.c.dependent_id).where(obligation.c.event_id == event_id)
    )
    dependents = frozenset(asked)
    replaced = [one for one in older if one.dependent_id in dependents]
    ids = [one.id for one in replaced]
    connection.execute(
        update(obligation).where(obligation.c.id.in_(ids)).values(done_at=at, ended=SUPERSEDED)
    )
    told: set[int] = set()
    for number in sorted({one.event_id for one in replaced}):
        owners = {one.owner_id for one in replaced if one.event_id == number and one.owner_id}
        told |= owners & _told(connection, number)
        if not _is_open(connection, number):
            connection.execute(update(event).where(event.c.id == number).values(closed=SUPERSEDED))
            close(connection, number, "", at)
        else:
            show_state(connection, number, at)
    return frozenset(told)


def reopen(connection: Connection, event_id: int, due: date, at: datetime) -> bool:
    """Oblige again what was withdrawn, as its release has come back; return whether it had."""
    this = connection.execute(select(event.c.closed).where(event.c.id == event_id)).one()
    if this.closed != WITHDRAWN:
        return False
    connection.execute(update(event).where(event.c.id == event_id).values(closed=""))
    connection.execute(
        update(obligation)
        .where(obligation.c.event_id == event_id, obligation.c.ended == WITHDRAWN)
        .values(done_at=None, ended="", stage="", escalated="", since=at, due=due)
    )
    # What was said is over: it is announced anew, in messages of its own.
    connection.execute(
        update(outbox)
        .where(outbox.c.event_id == event_id, ~outbox.c.stage.contains("@"))
        .values(stage=outbox.c.stage + f"@{at:%Y-%m-%d}")
    )
    return True


def withdraw_gone(connection: Connection, at: datetime) -> tuple[str, ...]:
    """End what is asked for by releases that run no more, and return what they are called."""
    rows = connection.execute(
        select(event, service.c.name.label("provider"))
        .join_from(event, service, event.c.service_id == service.c.id)
        .where(
            event.c.kind == MAJOR,
            event.c.closed == "",
            event.c.id.in_(select(obligation.c.event_id).where(obligation.c.done_at.is_(None))),
        )
        .order_by(event.c.id)
    ).all()
    gone = [row for row in rows if _is_gone(connection, row, at)]
    for row in gone:
        connection.execute(
            update(obligation)
            .where(obligation.c.event_id == row.id, obligation.c.done_at.is_(None))
            .values(done_at=at, ended=WITHDRAWN)
        )
        connection.execute(update(event).where(event.c.id == row.id).values(closed=WITHDRAWN))
        close(connection, row.id, stages.WITHDRAWN, at)
    return tuple(f"{row.provider}-{row.to} in {row.environment}" for row in gone)


def _is_gone(connection: Connection, row: Row[Any], at: datetime) -> bool:
    """Return whether neither the version of an event nor a later one has run for an hour."""
    asked = (
        select(release.c.label, release.c.scheme, deployment.c.ended_at)
        .join_from(deployment, release, deployment.c.release_id == release.c.id)
        .join(environment, deployment.c.environment_id == environment.c.id)
        .where(
            deployment.c.service_id == row.service_id,
            environment.c.name == row.environment,
            func.coalesce(deployment.c.ended_at, at) > at - _GONE_FOR,
        )
    )
    wanted = parse_version(row.version)
    return not any(
        _fulfils(parse_version(one.label, one.scheme), wanted) for one in connection.execute(asked)
    )


def _fulfils(live: Version, wanted: Version) -> bool:
    if live.scheme != wanted.scheme:
        return True  # nobody can say which is older
    return live.line == wanted.line or live >= wanted


def _is_older(version: Version, than: Version) -> bool:
    return version.scheme != than.scheme or version < than


def _told(connection: Connection, event_id: int) -> set[int]:
    held = outbox.c.state.in_((PENDING, SUPPRESSED))
    return set(
        connection.scalars(
            select(outbox.c.owner_id).where(outbox.c.event_id == event_id, ~held).distinct()
        )
    )


def _is_open(connection: Connection, event_id: int) -> bool:
    is_open = (obligation.c.event_id == event_id, obligation.c.done_at.is_(None))
    return connection.execute(select(obligation.c.id).where(*is_open).limit(1)).first() is not None
