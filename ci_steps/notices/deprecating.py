"""The end of a line is told: what was decided about it -> who hears of what, each once.

What people decided stands in the ledger, and nothing but that is believed: called after every
decision and by every tick, this brings the event, who still has to move, and the outbox in line
with it. An announcement has one event until it is withdrawn; announced again it has another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, select, update

from ci_steps.dictionary import questions
from ci_steps.dictionary.tables import (
    environment,
    event,
    obligation,
    outbox,
    owner,
    owner_detail,
    retirement_act,
    service,
)
from ci_steps.lifecycle import ledger
from ci_steps.lifecycle.acts import Act, Kind, Standing, standing
from ci_steps.model import Line
from ci_steps.notices import schedule, stages
from ci_steps.notices.addressing import contacts_of, enqueue, enqueue_added, route, row_for
from ci_steps.notices.events import DEPRECATION, Event, insert_new, record_event
from ci_steps.notices.owing import WITHDRAWN
from ci_steps.notices.settling import close
from ci_steps.notices.states import PENDING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from ci_steps.notices.calendars import Calendars
    from ci_steps.usage import Guess, Usage

GONE = "gone"
# Of whom nobody has declared that it needs the line: it was seen calling.
SEEN_CALLING = ""
# An end without a day is due on none.
NO_DAY = date.max


@dataclass(frozen=True)
class Told:
    """How ends are told: by which channels, on which days, and of nothing before `since`."""

    channels: Sequence[str]
    calendars: Calendars
    at: datetime
    since: datetime | None = None


def tell_all(connection: Connection, how: Told) -> int:
    """Tell what is new about every line; return how many messages that put in the outbox."""
    rows = connection.execute(
        select(service.c.name, retirement_act.c.line, environment.c.name.label("place"))
        .join_from(retirement_act, service)
        .join(environment, retirement_act.c.environment_id == environment.c.id)
        .distinct()
        .order_by(service.c.name, retirement_act.c.line, environment.c.name)
    ).all()
    return sum(tell(connection, Line(row.name, row.line, row.place), how) for row in rows)


def tell(connection: Connection, line: Line, how: Told) -> int:
    """Tell what is new about the end of one line; the same again tells nothing."""
    acts = ledger.read(connection, line)
    begin = max((n for n, act in enumerate(acts) if act.kind is Kind.ANNOUNCE), default=None)
    if begin is None:
        return 0
    known = _find(connection, line, begin)
    if known is None and how.since and acts[begin].at < how.since:
        return 0  # a dictionary that was just loaded tells nobody of its past
    before = _count(connection, known.id) if known else 0
    stands = standing(acts)
    number = known.id if known else _announce(connection, line, begin, acts[begin])
    over = _over(acts[begin:], stands)
    if not over:
        _open_again(connection, number)
        _oblige(connection, line, number, stands, how.at)
        _enqueue(connection, number, how, is_new=known is None)
        _tell_of_acts(connection, number, acts, begin, how)
        _remind(connection, number, stands, how)
    elif known is None or known.closed != over:
        _close(connection, number, over, how.at)
    return _count(connection, number) - before


def note_callers(
    connection: Connection, line: Line, usage: Usage, guesses: Mapping[str, Guess], at: datetime
) -> None:
    """Keep which services were seen calling a line whose end was announced, undeclared."""
    acts = ledger.read(connection, line)
    begin = max((n for n, act in enumerate(acts) if act.kind is Kind.ANNOUNCE), default=None)
    row = None if begin is None else _find(connection, line, begin)
    if row is None or row.closed or usage.problem:
        return
    recent = {one.name for one in usage.callers if one.last_call is None or one.last_call <= at}
    seen = {guess.service for name, guess in guesses.items() if name in recent}
    due = standing(acts).announcement.retire_on or NO_DAY
    _put(connection, row.id, dict.fromkeys(seen - {line.service}, SEEN_CALLING), due, at)


def open_event(connection: Connection, line: Line) -> int | None:
    """Return the event of an end that was announced and is not over."""
    rows = connection.execute(_events(line).where(event.c.closed == "")).all()
    return max((row.id for row in rows), default=None)


def waiting(connection: Connection, line: Line) -> tuple[str, ...]:
    """Return what waits to be sent about the end of a line, as people read it."""
    ids = [row.id for row in connection.execute(_events(line)).all()]
    rows = connection.execute(
        select(outbox.c.stage, outbox.c.channel, outbox.c.address, owner.c.name)
        .join_from(outbox, owner, outbox.c.owner_id == owner.c.id)
        .where(outbox.c.event_id.in_(ids), outbox.c.state == PENDING)
        .order_by(owner.c.name, outbox.c.channel, outbox.c.address, outbox.c.id)
    )
    return tuple(
        f"{route(row.name, row.channel, row.address)}, {stages.kind_of(row.stage)}" for row in rows
    )


def _events(line: Line) -> Any:
    return (
        select(event)
        .join(service, event.c.service_id == service.c.id)
        .where(
            event.c.kind == DEPRECATION,
            service.c.name == line.service,
            event.c.environment == line.environment,
            event.c.to.startswith(f"{line.line}/", autoescape=True),
        )
    )


def _find(connection: Connection, line: Line, begin: int) -> Row[Any] | None:
    found = _events(line).where(event.c.to == f"{line.line}/{begin}")
    return connection.execute(found).one_or_none()


def _count(connection: Connection, number: int) -> int:
    """Return how many messages there are about an event."""
    mine = outbox.c.event_id == number
    return connection.scalar(select(func.count()).select_from(outbox).where(mine)) or 0


def _announce(connection: Connection, line: Line, begin: int, act: Act) -> int:
    happened = Event(
        DEPRECATION,
        line.service,
        f"{line.line}/{begin}",
        line.environment,
        line.line,
        act.at,
        act.reason,
    )
    return record_event(connection, happened)[0]


def _over(acts: Sequence[Act], stands: Standing) -> str:
    """Return how an announcement has ended, nothing if it has not."""
    if any(act.kind is Kind.WITHDRAW for act in acts):
        return WITHDRAWN
    return GONE if stands.taken(Kind.GONE) else ""


def _open_again(connection: Connection, number: int) -> None:
    connection.execute(
        update(event).where(event.c.id == number, event.c.closed == GONE).values(closed="")
    )


def _oblige(
    connection: Connection, line: Line, number: int, stands: Standing, at: datetime
) -> None:
    """Let those who need the line owe the move, and those who have moved owe nothing."""
    found = questions.dependents(connection, line.service, line.line, line.environment)
    needs = {one.service: one.requirement.written for one in found}
    due = stands.announcement.retire_on or NO_DAY
    _put(connection, number, needs, due, at)
    mine = obligation.c.event_id == number
    connection.execute(update(obligation).where(mine).values(due=due))
    rows = connection.execute(
        select(obligation, service.c.name)
        .join_from(obligation, service, obligation.c.dependent_id == service.c.id)
        .where(mine, obligation.c.requirement != SEEN_CALLING)
    ).all()
    for row in rows:
        if (row.name in needs) is (row.done_at is None):
            continue
        done = None if row.name in needs else at
        connection.execute(update(obligation).where(obligation.c.id == row.id).values(done_at=done))


def _put(
    connection: Connection, number: int, needs: Mapping[str, str], due: date, at: datetime
) -> None:
    ids = connection.execute(
        select(service.c.id, service.c.name).where(service.c.name.in_(sorted(needs)))
    ).all()
    rows = [
        {
            "event_id": number,
            "dependent_id": row.id,
            "requirement": needs[row.name],
            "due": due,
            "since": at,
        }
        for row in ids
    ]
    insert_new(connection, obligation, rows)


def _enqueue(connection: Connection, number: int, how: Told, *, is_new: bool) -> None:
    untold = (obligation.c.event_id == number, obligation.c.stage == "")
    since = connection.scalar(select(func.min(obligation.c.since)).where(*untold))
    if since is not None and not is_new:
        enqueue_added(connection, number, how.channels, since)
    # And by channels that whoever announced it did not have.
    enqueue(connection, number, how.channels, how.at)
    if how.channels:
        connection.execute(update(obligation).where(*untold).values(stage=stages.ANNOUNCED))


def _tell_of_acts(
    connection: Connection, number: int, acts: Sequence[Act], begin: int, how: Told
) -> None:
    """Tell of another day, and of planned refusals, who heard of the end before that."""
    stands = standing(acts)
    amended = max((n for n, act in enumerate(acts) if act.kind is Kind.AMEND), default=-1)
    refusing = stands.taken(Kind.BROWN_OUT)
    news = [(amended, stages.AMENDED)] if amended > begin else []
    if refusing:
        news.append((acts.index(refusing), stages.BROWN_OUT))
    told = _told_before(connection, number)
    rows = [
        row_for(number, row.owner_id, row.channel, row.address, f"{stage}@{place}", how.at)
        for place, stage in news
        for row in told
        # Whoever hears of it only now hears all of it at once.
        if row.created_at < acts[place].at
    ]
    insert_new(connection, outbox, rows)


def _told_before(connection: Connection, number: int) -> Sequence[Row[Any]]:
    first = (outbox.c.event_id == number, outbox.c.stage == stages.ANNOUNCED)
    return connection.execute(select(outbox).where(*first)).all()


def _remind(connection: Connection, number: int, stands: Standing, how: Told) -> None:
    day = stands.announcement.retire_on
    if day is None:
        return
    reached: dict[int, str] = {}
    for row in connection.execute(_owing(number)).all():
        calendar = how.calendars.of(row.time_zone or "")
        stage = schedule.reached(day, calendar, how.at, since=row.since or how.at)
        # A later day begins anew.
        written = f"{stage}@{day}"
        if stage and _is_later(written, row.stage):
            mine = obligation.c.id == row.id
            connection.execute(update(obligation).where(mine).values(stage=written))
            reached.setdefault(row.owner_id, written)
    rows = [
        row_for(number, row.id, row.channel, row.address, reached[row.id], how.at)
        for row in contacts_of(connection, reached, how.channels)
    ]
    insert_new(connection, outbox, rows)


def _is_later(stage: str, before: str) -> bool:
    if stage.partition("@")[2] != before.partition("@")[2]:
        return True
    return schedule.order(stage) > schedule.order(before)


def _owing(number: int) -> Any:
    return (
        select(obligation, service.c.owner_id, owner_detail.c.time_zone)
        .join_from(obligation, service, obligation.c.dependent_id == service.c.id)
        .outerjoin(owner_detail, owner_detail.c.owner_id == service.c.owner_id)
        .where(
            obligation.c.event_id == number,
            obligation.c.done_at.is_(None),
            service.c.owner_id.is_not(None),
        )
    )


def _close(connection: Connection, number: int, how: str, at: datetime) -> None:
    """Say how it ended to everybody who was told of it."""
    connection.execute(
        update(obligation)
        .where(obligation.c.event_id == number, obligation.c.done_at.is_(None))
        .values(done_at=at, ended=WITHDRAWN if how == WITHDRAWN else "")
    )
    connection.execute(update(event).where(event.c.id == number).values(closed=how))
    close(connection, number, stages.WITHDRAWN if how == WITHDRAWN else stages.DONE, at)


def unreachable(connection: Connection, line: Line, channels: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each service that has to move and whose owner cannot be told."""
    number = open_event(connection, line)
    if number is None:
        return
    rows = connection.execute(
        select(service.c.name, service.c.owner_id)
        .join_from(obligation, service, obligation.c.dependent_id == service.c.id)
        .where(obligation.c.event_id == number, obligation.c.done_at.is_(None))
        .order_by(service.c.name)
    ).all()
    owners = {row.owner_id for row in rows if row.owner_id is not None}
    reached = {row.id for row in contacts_of(connection, owners, tuple(channels))}
    for row in rows:
        if row.owner_id is None:
            yield f"{row.name}: nobody owns it"
        elif row.owner_id not in reached:
            on = " or ".join(channels) or "any channel"
            yield f"{row.name}: its owner has no contact on {on}"
