"""Which message a later one answers: the announcement to the same contact about the same event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select, update

from ci_steps.dictionary.tables import event, outbox, posted, service
from ci_steps.notices.addressing import key_of, row_for
from ci_steps.notices.events import insert_new
from ci_steps.notices.stages import (
    DIGEST,
    FIRST,
    PROGRESS,
    PROVIDERS,
    STATES,
    UNREACHED,
    kind_of,
)
from ci_steps.notices.states import OPEN, PENDING, SENDING, SENT

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.protocols import Message

# These are about more than one event, or for somebody else.
_ALONE = frozenset({DIGEST, UNREACHED})
_CHANGES = frozenset(STATES.values())
_ROOT = outbox.alias("root")


@dataclass(frozen=True)
class Root:
    """The announcement that a message follows; `receipt` is empty where it never arrived."""

    key: str
    receipt: str
    editable: bool


def has_its_turn() -> ColumnElement[bool]:
    """Return the condition that the announcement is not on its way: nothing overtakes it."""
    waits = exists().where(
        *_same_contact(), _ROOT.c.stage.in_(sorted(FIRST)), _ROOT.c.state.in_(OPEN)
    )
    return or_(outbox.c.stage.in_(sorted(FIRST)), ~waits)


def in_thread(connection: Connection, message: Message, row: Row[Any]) -> Message | None:
    """Return *message* with what it answers; None for a change of what cannot be changed."""
    kind = kind_of(row.stage)
    found = None if kind in _ALONE or row.stage in STATES else _root_of(connection, row)
    is_change = kind in _CHANGES
    if is_change and not (row.stage == kind and found and found.receipt and found.editable):
        return None
    return replace(message, root_key=found.key, root=found.receipt) if found else message


def show_state(connection: Connection, event_id: int, at: datetime) -> None:
    """Let every announcement of an event that can be changed be changed to what holds now.

    Called where an obligation ends, opens again or is acknowledged, and where the event is
    over. Messages that already wait for it are made anew when they are sent.
    """
    rows = connection.execute(
        select(outbox)
        .join_from(outbox, posted, posted.c.outbox_id == outbox.c.id)
        .where(
            outbox.c.event_id == event_id,
            outbox.c.stage.in_(sorted(STATES)),
            outbox.c.state == SENT,
            posted.c.editable,
        )
    ).all()
    states = [
        row_for(event_id, row.owner_id, row.channel, row.address, STATES[row.stage], at)
        for row in rows
    ]
    insert_new(connection, outbox, states)
    connection.execute(
        update(outbox)
        .where(
            outbox.c.event_id == event_id,
            outbox.c.stage.in_(sorted(_CHANGES)),
            outbox.c.state != SENDING,
        )
        .values(state=PENDING, payload=None, not_before=at, error="")
    )


def _root_of(connection: Connection, row: Row[Any]) -> Root | None:
    roots = {PROGRESS} if kind_of(row.stage) in PROVIDERS else FIRST
    found = connection.execute(
        select(
            outbox.c.stage,
            outbox.c.receipt,
            posted.c.editable,
            event.c.kind,
            event.c.to,
            event.c.environment,
            service.c.name.label("provider"),
        )
        .join_from(outbox, event, outbox.c.event_id == event.c.id)
        .join(service, event.c.service_id == service.c.id)
        .outerjoin(posted, posted.c.outbox_id == outbox.c.id)
        .where(
            outbox.c.event_id == row.event_id,
            outbox.c.channel == row.channel,
            outbox.c.address == row.address,
            outbox.c.stage.in_(sorted(roots)),
            outbox.c.state == SENT,
        )
        .order_by(outbox.c.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    about = (found.kind, found.provider, found.to, found.environment)
    key = key_of(*about, row.channel, row.address, found.stage)
    return Root(key, found.receipt, bool(found.editable))


def _same_contact() -> tuple[ColumnElement[bool], ...]:
    return (
        and_(_ROOT.c.event_id == outbox.c.event_id, _ROOT.c.id != outbox.c.id),
        _ROOT.c.channel == outbox.c.channel,
        _ROOT.c.address == outbox.c.address,
    )
