"""Tests that fail on the way to a new version: told once for each set of them, and when fixed."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, exists, select, update

from ci_steps.dictionary.tables import event, outbox, service
from ci_steps.notices import stages
from ci_steps.notices.addressing import contacts_of, row_for
from ci_steps.notices.events import MAJOR, TESTS_FAILED, Event, insert_new, record_event
from ci_steps.notices.moving.settling import close
from ci_steps.notices.states import SENT, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ci_steps.versions import Version

FIXED = "fixed"

_KEPT_TESTS = 200
_KEPT_CHARACTERS = 300


def tests_failed(
    connection: Connection,
    provider: str,
    version: Version,
    previous: Version | None,
    tests: Sequence[str],
    *,
    environment: str,
    channels: Sequence[str],
    at: datetime,
    url: str,
) -> bool:
    """Keep that *tests* fail on the way to *version*; return whether that is news.

    The owners of the service are told which, each with the first line of its error; who was
    told of the version before is told that it is not coming yet. A set of tests that failed
    before is no news, whatever their errors say now. Those of a deployment have its
    *environment*; they do not pass because those of the code alone do.
    """
    happened = Event(
        TESTS_FAILED,
        provider,
        fingerprint(str(version), tests),
        environment,
        str(version),
        at,
        written(str(previous or ""), tests),
        url,
    )
    event_id, is_new = record_event(connection, happened)
    if is_new:
        _enqueue(connection, event_id, version, channels, at)
    return is_new


def tests_passed(
    connection: Connection, provider: str, version: Version, environment: str, at: datetime
) -> bool:
    """Tell those who heard of failing tests that they are fixed; return whether anybody had."""
    rows = connection.execute(_open(provider, version, environment)).all()
    for number, row in enumerate(rows):
        # Only once, however many sets have failed.
        close(connection, row.id, "" if number else stages.TESTS_FIXED, at)
        connection.execute(update(event).where(event.c.id == row.id).values(closed=FIXED))
    return bool(rows)


def are_known(connection: Connection, provider: str, version: Version, environment: str) -> bool:
    """Return whether tests of *version* have failed and were not fixed yet."""
    known = connection.execute(_open(provider, version, environment).limit(1))
    return known.first() is not None


def fingerprint(version: str, tests: Iterable[str]) -> str:
    """Return what names a set of failing tests, in whatever order and with whatever errors."""
    names = sorted({one.partition(": ")[0] for one in tests})
    return sha256("\n".join([version, *names]).encode()).hexdigest()[:32]


def written(previous: str, tests: Iterable[str]) -> str:
    """Return what is kept with the event: the version before, then a test on each line."""
    kept = [re.sub(r"\s+", " ", one)[:_KEPT_CHARACTERS] for one in tests][:_KEPT_TESTS]
    return "\n".join([previous, *kept])


def read(text: str) -> list[str]:
    """Return the version before and the tests; the inverse of `written`."""
    return text.split("\n")


def _open(provider: str, version: Version, environment: str) -> Select[Any]:
    return (
        select(event.c.id)
        .join(service, event.c.service_id == service.c.id)
        .where(
            event.c.kind == TESTS_FAILED,
            event.c.closed == "",
            event.c.version == str(version),
            event.c.environment == environment,
            service.c.name == provider,
        )
        .order_by(event.c.id.desc())
    )


def _enqueue(
    connection: Connection, event_id: int, version: Version, channels: Sequence[str], at: datetime
) -> None:
    this = connection.execute(
        select(event.c.service_id, service.c.owner_id)
        .join_from(event, service, event.c.service_id == service.c.id)
        .where(event.c.id == event_id)
    ).one()
    own = contacts_of(connection, [this.owner_id] if this.owner_id else [], channels)
    rows = [(row.id, row.channel, row.address) for row in own]
    rows += _told_before(connection, this.service_id, version)
    insert_new(
        connection,
        outbox,
        [row_for(event_id, *row, stages.TESTS_FAILED, at) for row in rows],
    )


def _told_before(
    connection: Connection, service_id: int, version: Version
) -> list[tuple[int, str, str]]:
    """Return the contacts that heard of this version, or of another one of its line."""
    announced = exists().where(
        event.c.id == outbox.c.event_id,
        event.c.kind == MAJOR,
        event.c.service_id == service_id,
        event.c.to == version.floor,
        event.c.closed == "",
    )
    rows = connection.execute(
        select(outbox.c.owner_id, outbox.c.channel, outbox.c.address)
        .where(announced, outbox.c.state.in_((SENT, UNKNOWN)))
        .distinct()
    )
    return [(row.owner_id, row.channel, row.address) for row in rows]
