"""Whom a day reminds of what: each stage of an obligation once, what was missed not at all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from ci_steps.dictionary.tables import event, obligation, outbox
from ci_steps.notices import schedule, stages
from ci_steps.notices.addressing import contacts_of, normalised, row_for
from ci_steps.notices.events import insert_new
from ci_steps.notices.moving import progress
from ci_steps.notices.moving.owing import leads_of, obligations
from ci_steps.notices.moving.settling import set_state
from ci_steps.notices.moving.terms import read
from ci_steps.notices.states import PENDING, SUPPRESSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Row

    from ci_steps.notices.calendars import Calendar, Calendars


@dataclass(frozen=True)
class Reached:
    """A stage that an obligation has come to, and who is told of that besides its owner."""

    row: Row[Any]
    stage: str
    escalated: str
    due: date
    is_urgent: bool
    calendar: Calendar


def remind(
    connection: Connection, calendars: Calendars, channels: Sequence[str], now: datetime
) -> int:
    """Put in the outbox whatever is due by *now*, and return how many messages that are.

    Who is reminded of several releases gets one digest. Of stages that nobody ticked for only
    the last is told, and a clock that is set back reminds nobody again.
    """
    found = [_reached(row, calendars, now) for row in connection.execute(_open_ones()).all()]
    news = [one for one in found if one.stage or one.escalated]
    for one in news:
        _remember(connection, one)
    told = _remind_owners(connection, [one for one in news if one.stage], channels, now)
    progress.tell_due(connection, _due(news), calendars, channels, now)
    return told + _escalate(connection, [one for one in news if one.escalated], channels, now)


def _open_ones() -> Any:
    """Return the question for what is open; two ticks at once ask one after the other."""
    is_open = (obligation.c.done_at.is_(None), event.c.closed == "")
    return obligations().where(*is_open).with_for_update(of=obligation)


def _reached(row: Row[Any], calendars: Calendars, now: datetime) -> Reached:
    calendar = calendars.of(row.time_zone or "")
    is_urgent = read(row.terms).urgent
    due, since = row.due, row.since or now
    if row.until is not None and row.until > due:
        # What somebody has promised is what they are reminded of.
        due, since = row.until, max(since, row.said_at)
    promised = f"@{due}" if due != row.due else ""
    stage = schedule.reached(due, calendar, now, since=since, urgent=is_urgent)
    escalated = schedule.escalation(due, calendar, now, since=since, urgent=is_urgent)
    is_new = stage and schedule.order(stage) > schedule.order(row.stage)
    return Reached(
        row,
        stage + promised if is_new else "",
        escalated if row.escalated not in {escalated, schedule.PROVIDER} else "",
        due,
        is_urgent,
        calendar,
    )


def _due(news: list[Reached]) -> dict[int, int]:
    """Return the releases whose day has come, by their events, with who owns what was released."""
    due = schedule.order(stages.DUE)
    return {
        one.row.event_id: one.row.provider_owner_id
        for one in news
        if one.stage and schedule.order(one.stage) >= due and not one.is_urgent
        if one.row.provider_owner_id is not None
    }


def _remember(connection: Connection, one: Reached) -> None:
    behind = {"stage": one.stage} if one.stage else {}
    behind |= {"escalated": one.escalated} if one.escalated else {}
    connection.execute(update(obligation).where(obligation.c.id == one.row.id).values(**behind))


def _remind_owners(
    connection: Connection, news: list[Reached], channels: Sequence[str], now: datetime
) -> int:
    by_owner: dict[int, list[Reached]] = defaultdict(list)
    for one in news:
        if one.row.owner_id is not None:
            by_owner[one.row.owner_id].append(one)
    by_contact: dict[tuple[str, str], list[Reached]] = defaultdict(list)
    first: dict[tuple[str, str], int] = {}
    for row in contacts_of(connection, by_owner, channels):
        contact = (row.channel, normalised(row.address))
        by_contact[contact] += by_owner[row.id]
        first.setdefault(contact, row.id)
    rows = [
        one
        for contact, reached in by_contact.items()
        for one in _rows(connection, first[contact], contact, reached, now)
    ]
    insert_new(connection, outbox, rows)
    return len(rows)


def _rows(
    connection: Connection,
    owner_id: int,
    contact: tuple[str, str],
    news: list[Reached],
    now: datetime,
) -> list[dict[str, Any]]:
    """Return what one contact is told: one message, but for what is urgent one for each event."""
    waiting = _still_waiting(connection, contact, {one.row.event_id for one in news})
    news = [one for one in news if one.row.event_id not in waiting]
    loud = [one for one in news if one.is_urgent]
    quiet = [one for one in news if not one.is_urgent]
    groups = [*_by_event(loud), *([quiet] if quiet else [])]
    return [_row(owner_id, contact, group, now) for group in groups]


def _row(
    owner_id: int, contact: tuple[str, str], group: list[Reached], now: datetime
) -> dict[str, Any]:
    first = min(group, key=lambda one: (one.due, one.row.event_id))
    about = {one.row.event_id for one in group}
    last = max((one for one in group), key=lambda one: schedule.order(one.stage))
    stage = last.stage if len(about) == 1 else f"{stages.DIGEST}@{first.calendar.day_of(now)}"
    row = row_for(first.row.event_id, owner_id, *contact, stage, now)
    return row if first.is_urgent else row | {"not_before": first.calendar.when_awake(now)}


def _by_event(news: Iterable[Reached]) -> list[list[Reached]]:
    found: dict[int, list[Reached]] = defaultdict(list)
    for one in news:
        found[one.row.event_id].append(one)
    return list(found.values())


def _still_waiting(
    connection: Connection, contact: tuple[str, str], event_ids: set[int]
) -> set[int]:
    """Return the events whose announcement waits; reminders that wait make room for the next."""
    rows = connection.execute(
        select(outbox).where(
            outbox.c.event_id.in_(event_ids),
            outbox.c.channel == contact[0],
            outbox.c.address == contact[1],
            outbox.c.state == PENDING,
        )
    ).all()
    for row in rows:
        if stages.kind_of(row.stage) in (*stages.REMINDERS, stages.DIGEST) and not row.attempts:
            set_state(connection, row.id, SUPPRESSED)
    return {row.event_id for row in rows if stages.kind_of(row.stage) in stages.FIRST}


def _escalate(
    connection: Connection, news: list[Reached], channels: Sequence[str], now: datetime
) -> int:
    """Tell the lead, and then the provider, of what its owners have not done."""
    owners = [one.row.owner_id for one in news if one.row.owner_id is not None]
    leads = leads_of(connection, owners)
    to: dict[tuple[int, int], Reached] = {}
    for one in news:
        lead, provider = leads.get(one.row.owner_id), one.row.provider_owner_id
        # Without anybody above them, it is the provider who hears of it next.
        told = provider if one.escalated == schedule.PROVIDER else lead or provider
        if told is not None:
            to.setdefault((told, one.row.event_id), one)
    rows = []
    for row in contacts_of(connection, [owner for owner, _ in to], channels):
        for (owner_id, event_id), one in to.items():
            if owner_id == row.id:
                new = row_for(event_id, row.id, row.channel, row.address, stages.ESCALATED, now)
                awake = now if one.is_urgent else one.calendar.when_awake(now)
                rows.append(new | {"not_before": awake})
    insert_new(connection, outbox, rows)
    return len(rows)
