"""Sending what waits: by whoever comes by, within a time, each message to one try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.dictionary.tables import outbox
from ci_steps.notices.facts import line
from ci_steps.notices.sending.claims import Channels, claim, rows
from ci_steps.notices.sending.rounds import Round, is_anything_open
from ci_steps.notices.states import PENDING
from ci_steps.notices.telling import told
from ci_steps.notices.wording.render import words
from ci_steps.protocols import Sent

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Preview:
    """A message that would be sent: its line, its words, and the very bytes."""

    line: str
    text: str
    payload: bytes


def send(
    dictionary: Transactions,
    channels: Channels,
    outside: Outside,
    *,
    budget_seconds: float = 60,
    catch_all: str = "",
) -> Sent:
    """Try once what is due, for *budget_seconds* at most; what is left waits for the next job.

    Messages of other services' releases that wait in the same dictionary are sent along.
    *catch_all* is the owner who hears of it when nobody else could be told.
    """
    if not is_anything_open(dictionary):
        return Sent()
    deadline = outside.seconds() + budget_seconds
    job = Round(dictionary, dict(channels), outside, deadline, catch_all)
    job.give_up_lost()
    while job.has_time():
        with dictionary.writing() as connection:
            claimed = claim(connection, job.usable(connection), outside.now())
        if claimed is not None:
            job.carry_out(claimed)
        elif not job.pause():
            break
    return Sent(tuple(job.delivered), job.waiting(channels), tuple(job.undelivered))


def previews(connection: Connection, channels: Channels) -> tuple[Preview, ...]:
    """Return what would be sent, put into words; nothing is written.

    In a transaction that announces and is then undone, it shows a release that is not there.
    """
    shown = []
    waiting = rows().where(outbox.c.state == PENDING, outbox.c.channel.in_(sorted(channels)))
    for row in connection.execute(waiting).all():
        message = told(connection, row)
        if message is None:
            continue
        channel, options = channels[row.channel]
        said = words(message)
        shown.append(
            Preview(
                line(message, row.channel, row.address),
                f"Subject: {said.subject}\n\n{said.text}",
                row.payload or channel.payload(message, row.address, options),
            )
        )
    return tuple(shown)
