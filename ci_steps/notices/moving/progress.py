"""What the owners of a release see of the others: how many have moved, on the day and at the end.

In Slack it is one message that is kept current; elsewhere only the day and the end are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, exists, select, update

from ci_steps.dictionary.tables import event, obligation, outbox, owner_detail, service
from ci_steps.notices.addressing import contacts_of, row_for
from ci_steps.notices.events import insert_new
from ci_steps.notices.stages import PROGRESS, PROGRESS_DONE, PROGRESS_DUE, PROVIDERS
from ci_steps.notices.states import PENDING, SENT, SUPPRESSED, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ci_steps.notices.calendars import Calendars

# Where a message that was posted can be changed.
_LIVING = frozenset({"slack"})


def begin(connection: Connection, event_id: int, channels: Sequence[str], at: datetime) -> None:
    """Let the owners of what was released have a message that is kept current."""
    living = [one for one in channels if one in _LIVING]
    found = contacts_of(connection, [_provider_owner(connection, event_id)], living)
    insert_new(connection, outbox, [_row(event_id, one, PROGRESS, at) for one in found])


def tell_due(
    connection: Connection,
    provider_owners: Mapping[int, int],
    calendars: Calendars,
    channels: Sequence[str],
    now: datetime,
) -> None:
    """Tell the owners of releases, by event, that the day has come, once and when they work."""
    zones = _time_zones(connection, provider_owners.values())
    rows = [
        _row(event_id, row, PROGRESS_DUE, now)
        | {"not_before": calendars.of(zones.get(row.id, "")).when_awake(now)}
        for row in contacts_of(connection, provider_owners.values(), channels)
        for event_id, owner_id in provider_owners.items()
        if owner_id == row.id
    ]
    insert_new(connection, outbox, rows)


def settle(connection: Connection, event_id: int, at: datetime) -> None:
    """Tell the owners of a release once that everybody has moved, or take that back."""
    ending = (outbox.c.event_id == event_id, outbox.c.stage == PROGRESS_DONE)
    is_open = _is_open(connection, event_id)
    if not is_open:
        owner_id = _provider_owner(connection, event_id)
        found = contacts_of(connection, [owner_id], _told_on(connection, event_id))
        insert_new(connection, outbox, [_row(event_id, one, PROGRESS_DONE, at) for one in found])
    before, after = (PENDING, SUPPRESSED) if is_open else (SUPPRESSED, PENDING)
    connection.execute(update(outbox).where(*ending, outbox.c.state == before).values(state=after))


def _row(event_id: int, to: Any, stage: str, at: datetime) -> dict[str, Any]:
    return row_for(event_id, to.id, to.channel, to.address, stage, at)


def _provider_owner(connection: Connection, event_id: int) -> int:
    """Return the number of the owner, 0 where nobody owns it."""
    found = select(service.c.owner_id).join_from(event, service)
    return connection.scalar(found.where(event.c.id == event_id)) or 0


def _is_open(connection: Connection, event_id: int) -> bool:
    waits = exists().where(obligation.c.event_id == event_id, obligation.c.done_at.is_(None))
    return bool(connection.scalar(select(waits)))


def _told_on(connection: Connection, event_id: int) -> Sequence[str]:
    """Return the channels on which an owner of a dependent was told."""
    return connection.scalars(
        select(outbox.c.channel)
        .where(
            outbox.c.event_id == event_id,
            outbox.c.stage.not_in(sorted(PROVIDERS)),
            outbox.c.state.in_((SENT, UNKNOWN)),
        )
        .distinct()
        .order_by(outbox.c.channel)
    ).all()


def _time_zones(connection: Connection, owner_ids: Iterable[int]) -> dict[int, str]:
    rows = connection.execute(
        select(owner_detail.c.owner_id, owner_detail.c.time_zone).where(
            owner_detail.c.owner_id.in_(sorted(owner_ids))
        )
    )
    return {row.owner_id: row.time_zone for row in rows}
