"""Whoever passes takes the mail along: a few overdue messages, in the time of a breath."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from ci_steps.dictionary.tables import outbox
from ci_steps.notices.sending.abilities import missing_secrets
from ci_steps.notices.states import WAITING
from ci_steps.protocols import Sent

if TYPE_CHECKING:
    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.notices.sending.claims import Channels
    from ci_steps.outside import Outside

# Whoever wrote a message sends it first.
_OVERDUE = timedelta(minutes=10)
# The last try may take a second longer (`ci_steps.notices.sending.abilities`), mail three.
_BUDGET_SECONDS = 2.0


def carry_along(
    dictionary: Transactions, channels: Channels, outside: Outside, catch_all: str = ""
) -> Sent:
    """Send what others have left behind, in at most five seconds.

    Only by channels whose secrets this job has: a build of a pull request has none, and says
    nothing. Without anything overdue it costs one question.
    """
    usable = {
        name: (channel, options)
        for name, (channel, options) in channels.items()
        if not missing_secrets(channel, options, outside)
    }
    overdue = (
        select(outbox.c.id)
        .where(
            outbox.c.state.in_(WAITING),
            outbox.c.not_before < outside.now() - _OVERDUE,
            outbox.c.channel.in_(sorted(usable)),
        )
        .limit(1)
    )
    with dictionary.reading() as connection:
        if connection.execute(overdue).first() is None:
            return Sent()
    from ci_steps.notices.sending.outbox import send  # what puts messages into words is not light

    return send(dictionary, usable, outside, budget_seconds=_BUDGET_SECONDS, catch_all=catch_all)
