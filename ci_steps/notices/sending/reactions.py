"""Who has looked at an announcement, where its channel shows that: 👀 in Slack means seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select

from ci_steps.dictionary.tables import event, obligation, outbox, posted, service
from ci_steps.notices.moving.acknowledgements import seen
from ci_steps.notices.sending import abilities, pauses
from ci_steps.notices.stages import FIRST
from ci_steps.notices.states import SENT
from ci_steps.protocols import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.notices.sending.claims import Channels
    from ci_steps.outside import Outside

# So many announcements are looked at in one tick, the newest first.
_MOST = 50


def read_reactions(
    dictionary: Transactions, channels: Channels, outside: Outside, deadline: float
) -> None:
    """Keep which owners have seen what they were told, as far as there is time.

    A channel that may not look is asked no more in this tick, and `status` says so.
    """
    able = {name: plug for name, plug in channels.items() if abilities.can_see(plug[0])}
    if not able:
        return
    with dictionary.reading() as connection:
        rows = _unseen(connection, sorted(able))
    for row in rows:
        if outside.seconds() >= deadline:
            return
        if row.channel in able and not _look(dictionary, able, row, outside):
            del able[row.channel]


def _look(dictionary: Transactions, able: dict[str, Any], row: Row[Any], outside: Outside) -> bool:
    """Look at one announcement; return whether the channel can be asked again."""
    channel, options = able[row.channel]
    workspace, now = abilities.workspace(channel, options), outside.now()
    found = channel.find_seen(row.receipt, options, outside)
    if found is not None and found.outcome is Outcome.CONFIGURATION:
        dictionary.write(lambda to: pauses.cannot_see(to, row.channel, workspace, found.text, now))
    elif found is None or found.outcome is Outcome.SENT:

        def keep(connection: Connection) -> None:
            pauses.sees(connection, row.channel, workspace)
            if found is not None:
                seen(connection, row.event_id, row.owner_id, now)

        dictionary.write(keep)
    return found is None or found.outcome in (Outcome.SENT, Outcome.RECIPIENT)


def _unseen(connection: Connection, channels: Sequence[str]) -> Sequence[Row[Any]]:
    owing = (
        exists()
        .where(obligation.c.dependent_id == service.c.id, service.c.owner_id == outbox.c.owner_id)
        .where(obligation.c.event_id == outbox.c.event_id)
        .where(obligation.c.done_at.is_(None), obligation.c.seen_at.is_(None))
    )
    return connection.execute(
        select(outbox)
        .join_from(outbox, posted, posted.c.outbox_id == outbox.c.id)
        .join(event, outbox.c.event_id == event.c.id)
        .where(
            outbox.c.channel.in_(channels),
            outbox.c.state == SENT,
            outbox.c.stage.in_(sorted(FIRST)),
            event.c.closed == "",
            posted.c.editable,
            owing,
        )
        .order_by(outbox.c.id.desc())
        .limit(_MOST)
    ).all()
