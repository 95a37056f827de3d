"""Receivers that asked for a pause, which every job keeps, and channels set up wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, delete, select, update

from ci_steps.dictionary.tables import pause
from ci_steps.notices.events import insert_new

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

RATE, CONFIGURATION, UNSEEING = "rate", "configuration", "unseeing"


def rest(
    connection: Connection,
    channel: str,
    workspace: str,
    text: str,
    *,
    until: datetime,
    now: datetime,
) -> None:
    """Keep that a receiver asked for a pause; the longest one counts."""
    known = _of(channel, workspace, RATE)
    _insert(connection, channel, workspace, RATE, now, text)
    is_shorter = pause.c.until.is_(None) | (pause.c.until < until)
    connection.execute(update(pause).where(*known, is_shorter).values(until=until, text=text))


def resting(
    connection: Connection, workspaces: Iterable[tuple[str, str]], now: datetime
) -> dict[str, datetime]:
    """Return until when channels rest, of those given with their workspaces."""
    wanted = set(workspaces)
    rows = connection.execute(select(pause).where(pause.c.reason == RATE, pause.c.until > now))
    return {row.channel: row.until for row in rows if (row.channel, row.workspace) in wanted}


def trouble(
    connection: Connection, channel: str, workspace: str, text: str, now: datetime
) -> datetime:
    """Keep that a channel is not set up right, and return since when it is not."""
    known = _of(channel, workspace, CONFIGURATION)
    _insert(connection, channel, workspace, CONFIGURATION, now, text)
    connection.execute(update(pause).where(*known).values(text=text))
    since: datetime = connection.execute(select(pause.c.since).where(*known)).scalar_one()
    return since


def well(connection: Connection, channel: str, workspace: str) -> None:
    """Keep that a channel is set up right again."""
    connection.execute(delete(pause).where(*_of(channel, workspace, CONFIGURATION)))


def cannot_see(
    connection: Connection, channel: str, workspace: str, text: str, now: datetime
) -> None:
    """Keep that a channel does not show who has looked at a message, and why."""
    _insert(connection, channel, workspace, UNSEEING, now, text)


def sees(connection: Connection, channel: str, workspace: str) -> None:
    """Keep that a channel shows who has looked at a message."""
    connection.execute(delete(pause).where(*_of(channel, workspace, UNSEEING)))


def _insert(
    connection: Connection, channel: str, workspace: str, reason: str, since: datetime, text: str
) -> None:
    row = {"channel": channel, "workspace": workspace, "reason": reason}
    insert_new(connection, pause, [{**row, "since": since, "text": text}])


def _of(channel: str, workspace: str, reason: str) -> tuple[ColumnElement[bool], ...]:
    return (
        pause.c.channel == channel,
        pause.c.workspace == workspace,
        pause.c.reason == reason,
    )
