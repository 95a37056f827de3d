"""The end of a line is told: what was decided about it -> who hears of what, each once.

What people decided stands in the ledger, and nothing but that is believed: called after every
decision and by every tick, this brings the event, who still has to move, and the outbox in line
with it. An announcement has one event until it is withdrawn; announced again it has another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, select, update

from ci_steps.dictionary.tables import (
    environment,
    event,
    obligation,
    outbox,
    retirement_act,
    service,
)
from ci_steps.lifecycle import ledger
from ci_steps.lifecycle.acts import Act, Kind, Standing, standing
from ci_steps.model import Line
from ci_steps.notices import schedule, stages
from ci_steps.notices.addressing import contacts_of, enqueue, enqueue_added, row_for
from ci_steps.notices.events import DEPRECATION, Event, insert_new, record_event
from ci_steps.notices.line_ends.announcements import announcement, messages_about
from ci_steps.notices.line_ends.owing import NO_DAY, SEEN_CALLING, oblige, owing, put
from ci_steps.notices.moving.owing import WITHDRAWN
from ci_steps.notices.moving.settling import close

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ci_steps.notices.calendars import Calendars
    from ci_steps.usage import Guess, Usage

GONE = "gone"


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
    begin = _last_announced(acts)
    if begin is None:
        return 0
    known = announcement(connection, line, begin)
    if known is None and how.since and acts[begin].at < how.since:
        return 0  # a dictionary that was just loaded tells nobody of its past
    before = messages_about(connection, known.id) if known else 0
    stands = standing(acts)
    number = known.id if known else _announce(connection, line, begin, acts[begin])
    over = _over(acts[begin:], stands)
    if not over:
        _open_again(connection, number)
        oblige(connection, line, number, stands, how.at)
        _enqueue(connection, number, how, is_new=known is None)
        _tell_of_acts(connection, number, acts, begin, how)
        _remind(connection, number, stands, how)
    elif known is None or known.closed != over:
        _close(connection, number, over, how.at)
    return messages_about(connection, number) - before


def note_callers(
    connection: Connection, line: Line, usage: Usage, guesses: Mapping[str, Guess], at: datetime
) -> None:
    """Keep which services were seen calling a line whose end was announced, undeclared."""
    acts = ledger.read(connection, line)
    begin = _last_announced(acts)
    row = None if begin is None else announcement(connection, line, begin)
    if row is None or row.closed or usage.problem:
        return
    recent = {one.name for one in usage.callers if one.last_call is None or one.last_call <= at}
    seen = {guess.service for name, guess in guesses.items() if name in recent}
    due = standing(acts).announcement.retire_on or NO_DAY
    put(connection, row.id, dict.fromkeys(seen - {line.service}, SEEN_CALLING), due, at)


def _last_announced(acts: Sequence[Act]) -> int | None:
    """Return the place of the announcement that counts, the last one; None if there is none."""
    return max((n for n, act in enumerate(acts) if act.kind is Kind.ANNOUNCE), default=None)


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
    for row in connection.execute(owing(number)).all():
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


def _close(connection: Connection, number: int, how: str, at: datetime) -> None:
    """Say how it ended to everybody who was told of it."""
    connection.execute(
        update(obligation)
        .where(obligation.c.event_id == number, obligation.c.done_at.is_(None))
        .values(done_at=at, ended=WITHDRAWN if how == WITHDRAWN else "")
    )
    connection.execute(update(event).where(event.c.id == number).values(closed=how))
    close(connection, number, stages.WITHDRAWN if how == WITHDRAWN else stages.DONE, at)
