"""Somebody says until when their services move, and why not before: kept with who said it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, update

from ci_steps.dictionary.tables import acknowledgement, event, obligation, owner
from ci_steps.errors import UsageError
from ci_steps.notices.moving.owing import obligations, of_row
from ci_steps.notices.threads import show_state
from ci_steps.notices.wording.spans import clean
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ci_steps.model import Obligation

MOST_DAYS = 90
COMMAND, TRAILER = "command", "trailer"

_MOST_REASON = 500
_TRAILER = re.compile(
    r"^Ci-Steps-Ack:[ \t]*(\S+)[ \t]+until[ \t]+(\d{4}-\d{2}-\d{2})[ \t]+(\S.*)$",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Saying:
    """What somebody says about the notice with a reference, such as auth-2/production/gis-team."""

    reference: str
    until: date
    reason: str
    by: str
    on_behalf_of: str = ""
    source: str = COMMAND


def acknowledge(
    connection: Connection, saying: Saying, at: datetime, most_days: int = MOST_DAYS
) -> tuple[Obligation, ...]:
    """Keep it for everything that is open under the reference, and return that.

    Until then nobody is reminded, but for shortly before, and the announcement shows the day.
    UsageError if there is no such notice, without a reason, and for a day that is over or too
    far off.
    """
    rows = _open(connection, saying.reference)
    _check(saying, at.date(), max(row.due for row in rows) + timedelta(days=most_days))
    for row in rows:
        connection.execute(
            insert(acknowledgement).values(
                obligation_id=row.id,
                until=saying.until,
                reason=clean(saying.reason),
                by=saying.by,
                on_behalf_of=saying.on_behalf_of,
                source=saying.source,
                at=at,
            )
        )
        # Its schedule begins anew, towards the day that was promised.
        connection.execute(
            update(obligation)
            .where(obligation.c.id == row.id)
            .values(stage="", escalated="", seen_at=at)
        )
    for event_id in sorted({row.event_id for row in rows}):
        show_state(connection, event_id, at)
    return tuple(map(of_row, _open(connection, saying.reference)))


def trailers(message: str, by: str) -> Iterator[Saying]:
    """Yield what a commit's message says: ``Ci-Steps-Ack: auth-2/production/gis-team until …``."""
    for reference, until, reason in _TRAILER.findall(message):
        try:
            day = date.fromisoformat(until)
        except ValueError:
            continue
        yield Saying(reference, day, reason, by, source=TRAILER)


def seen(connection: Connection, event_id: int, owner_id: int, at: datetime) -> None:
    """Keep that somebody has looked at a notice; nothing else changes."""
    mine = [row.id for row in connection.execute(_of_event(event_id, owner_id))]
    unseen = (obligation.c.id.in_(mine), obligation.c.seen_at.is_(None))
    connection.execute(update(obligation).where(*unseen).values(seen_at=at))


def _of_event(event_id: int, owner_id: int) -> Any:
    return obligations().where(obligation.c.event_id == event_id, owner.c.id == owner_id)


def _check(saying: Saying, today: date, last: date) -> None:
    if not saying.reason.strip() or len(saying.reason) > _MOST_REASON:
        raise UsageError(
            f"a reason of 1 to {_MOST_REASON} characters is needed, got {len(saying.reason)}",
            hint='Say why: --reason "the new client comes in January".',
        )
    if saying.until < today:
        raise UsageError(
            f"{saying.until} is over", hint=f"Say a day from {today} to {last}: --until DATE."
        )
    if saying.until > last:
        raise UsageError(
            f"{saying.until} is too far off",
            hint=f"The last day that can be asked for is {last} (notify.ack_days).",
        )


def _open(connection: Connection, reference: str) -> list[Any]:
    """Return what is open under a reference; UsageError with what there is otherwise."""
    is_open = (obligation.c.done_at.is_(None), event.c.closed == "")
    found = connection.execute(obligations().where(*is_open)).all()
    named = [row for row in found if _reference(row) == reference.strip()]
    if named:
        return named
    known = sorted({_reference(row) for row in found})
    raise UsageError(
        f"nothing is open under {reference[:200]!r}{did_you_mean(reference, known)}",
        hint="The reference stands at the end of each notice, as auth-2/production/gis-team.",
    )


def _reference(row: Any) -> str:
    return f"{row.provider}-{row.to}/{row.environment}/{row.owner}"
