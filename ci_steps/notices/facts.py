"""A row of the outbox -> the facts of its message, as they are now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from ci_steps.comparisons.changes import Change, Level
from ci_steps.dictionary.contracts.kept import Comparison, latest_to
from ci_steps.dictionary.questions import live_of
from ci_steps.dictionary.tables import event, outbox, owner_detail, release, service
from ci_steps.model import Obligation, Owner
from ci_steps.notices import failing_tests, overriding, stages
from ci_steps.notices.addressing import key_of, owners_at, read_owners, route
from ci_steps.notices.calendars import Calendars
from ci_steps.notices.events import MAJOR
from ci_steps.notices.line_ends.facts import about_an_end, is_about_an_end
from ci_steps.notices.moving.owing import MOVED, WITHDRAWN, about, endings, leads_of
from ci_steps.notices.moving.terms import read
from ci_steps.notices.moving.touching import touched_by
from ci_steps.protocols import Message

_MAIL = "email"
_ALSO_WHEN_DONE = (stages.DONE, stages.STATE, stages.PROGRESS_STATE, stages.PROGRESS_DONE)


def message_of(connection: Connection, row: Row[Any]) -> Message | None:
    """Return what the contact of an outbox row is told; None when nothing is left to do."""
    kind = stages.kind_of(row.stage)
    if kind == stages.DIGEST:
        return _digest(connection, row)
    if kind in (stages.TESTS_FAILED, stages.TESTS_FIXED):
        return _about_tests(connection, row)
    if kind == stages.OVERRIDDEN:
        return _about_gates(connection, row)
    if is_about_an_end(connection, row.event_id):
        return about_an_end(connection, row, _message(connection, row, ()))
    concerned = about(connection, row)
    open_ones = tuple(one for one in concerned if one.done_at is None)
    if kind == stages.WITHDRAWN:
        open_ones = _ended(connection, row, concerned, WITHDRAWN)
    if not open_ones and kind not in _ALSO_WHEN_DONE:
        return None
    moved = _ended(connection, row, concerned, MOVED)
    said = _message(connection, row, open_ones)
    is_over = kind in (stages.STATE, stages.PROGRESS_STATE) and said.ended
    return replace(
        said,
        obligations=_ended(connection, row, concerned, said.ended) if is_over else open_ones,
        moved=moved,
        gone=_gone(connection, said.environment, moved),
        due=min((one.due for one in open_ones or concerned), default=said.due),
        announced=tuple(one.dependent for one in concerned),
    )


def _message(connection: Connection, row: Row[Any], obligations: tuple[Obligation, ...]) -> Message:
    happened = connection.execute(
        select(event, service.c.name.label("provider"), service.c.owner_id)
        .join(service, event.c.service_id == service.c.id)
        .where(event.c.id == row.event_id)
    ).one()
    owners = read_owners(connection, (row.owner_id, happened.owner_id))
    asked = owners.get(happened.owner_id)
    terms = read(happened.terms)
    contract = _contract(connection, happened.service_id, happened.version)
    compared = latest_to(connection, contract) if contract else None
    zone = _time_zone(connection, row)
    on = Calendars().of(zone).day_of(row.created_at)
    parts = (happened.kind, happened.provider, happened.to, happened.environment)
    return Message(
        key=key_of(*parts, row.channel, row.address, row.stage),
        stage=row.stage,
        provider=happened.provider,
        provider_owner=asked,
        version=happened.version,
        to=f"{happened.provider}-{happened.to}",
        environment=happened.environment,
        at=happened.at,
        due=on,
        contact_owner=replace(owners[row.owner_id], time_zone=zone),
        obligations=obligations,
        url=happened.url,
        reply_to=tuple(
            one.address for one in (asked.contacts if asked else ()) if one.channel == _MAIL
        ),
        changes=_noticed(compared),
        touched=touched_by(connection, happened.provider, contract, happened.environment),
        on=on,
        role=_role(connection, row, happened.owner_id),
        after_due=terms.after_due,
        links=tuple(terms.links.items()),
        before=_before(connection, happened.service_id, compared, terms.before),
        overridden=terms.overridden,
        is_irreversible=terms.is_irreversible,
        next_to=_next_to(connection, row, asked),
        ended=happened.closed,
        replaces=_replaced(connection, happened),
        text=happened.text,
    )


def _digest(connection: Connection, row: Row[Any]) -> Message | None:
    """Return all that a contact is reminded of, the most urgent first."""
    mine = (outbox.c.channel == row.channel, outbox.c.address == row.address)
    first = (outbox.c.stage.in_(stages.FIRST), event.c.closed == "", event.c.kind == MAJOR)
    rows = connection.execute(
        select(outbox).join(event, outbox.c.event_id == event.c.id).where(*mine, *first)
    ).all()
    found = [message_of(connection, one) for one in rows]
    on = Calendars().of(_time_zone(connection, row)).day_of(row.created_at)
    parts = [replace(one, stage=row.stage, on=on) for one in found if one is not None]
    if not parts:
        return None
    parts.sort(key=lambda one: (one.due, one.to))
    whole = _message(connection, row, tuple(one for of in parts for one in of.obligations))
    return replace(whole, parts=tuple(parts), due=parts[0].due)


def _about_tests(connection: Connection, row: Row[Any]) -> Message | None:
    said = _message(connection, row, ())
    way, *tests = failing_tests.read(said.text)
    return replace(said, tests=tuple(tests), before=way, to=f"{said.provider} {said.version}")


def _about_gates(connection: Connection, row: Row[Any]) -> Message:
    said = _message(connection, row, ())
    lines = overriding.read(said.text)
    return replace(said, overridden=lines, to=f"{said.provider} {said.version}")


def _time_zone(connection: Connection, row: Row[Any]) -> str:
    mine = owner_detail.c.owner_id == row.owner_id
    return connection.scalar(select(owner_detail.c.time_zone).where(mine)) or ""


def _role(connection: Connection, row: Row[Any], provider_owner: int | None) -> str:
    """Return as what a contact is told."""
    kind = stages.kind_of(row.stage)
    if kind in stages.PROVIDERS:
        return "provider"
    by_owner = (stages.TESTS_FAILED, stages.TESTS_FIXED, stages.OVERRIDDEN)
    if kind not in (stages.ESCALATED, *by_owner):
        return "owner"
    if provider_owner in owners_at(connection, row.channel, row.address) | {row.owner_id}:
        return "provider"
    return "lead" if kind == stages.ESCALATED else "owner"


def _next_to(connection: Connection, row: Row[Any], provider_owner: Owner | None) -> str:
    """Return who is told of what is overdue besides its owner: a lead, or else the provider."""
    if stages.kind_of(row.stage) not in stages.ASKING - {stages.URGENT, stages.ESCALATED}:
        return ""
    lead = leads_of(connection, [row.owner_id]).get(row.owner_id)
    above = read_owners(connection, (lead,)).get(lead) if lead else provider_owner
    return (above.title or above.name) if above and lead != row.owner_id else ""


def _ended(
    connection: Connection, row: Row[Any], concerned: tuple[Obligation, ...], why: str
) -> tuple[Obligation, ...]:
    """Return what is over, and why: moved to the new version, or withdrawn."""
    ended = endings(connection, row.event_id)
    return tuple(
        one
        for one in concerned
        if one.done_at is not None and ended.get(one.dependent, MOVED) == why
    )


def _gone(
    connection: Connection, environment_name: str, moved: tuple[Obligation, ...]
) -> frozenset[str]:
    """Return the dependents that have not moved: nothing of them runs any more."""
    names = {one.dependent for one in moved}
    runs = live_of(connection, names) if names else ()
    return frozenset(names - {one.service for one in runs if one.environment == environment_name})


def _replaced(connection: Connection, happened: Row[Any]) -> str:
    """Return which older release of the same service this one takes the place of."""
    older = connection.execute(
        select(event.c.to)
        .where(
            event.c.kind == happened.kind,
            event.c.service_id == happened.service_id,
            event.c.environment == happened.environment,
            event.c.id < happened.id,
        )
        .order_by(event.c.id.desc())
        .limit(1)
    ).scalar()
    return f"{happened.provider}-{older}" if older else ""


def _contract(connection: Connection, service_id: int, version: str) -> str:
    """Return the digest of the contract of a release, nothing if it is not known."""
    digest = connection.execute(
        select(release.c.contract_digest).where(
            release.c.service_id == service_id, release.c.label == version
        )
    ).scalar()
    return str(digest or "")


def _noticed(compared: Comparison | None) -> tuple[Change, ...] | None:
    """Return what callers of the contract before notice, or None where nobody compared it."""
    if compared is None:
        return None
    return tuple(one for one in compared.changes if one.level > Level.COMPATIBLE)


def _before(
    connection: Connection, service_id: int, compared: Comparison | None, before: str
) -> str:
    """Return the release with whose contract that of the new one was compared.

    It is the one *before*, unless that had the new contract already.
    """
    if compared is None or _contract(connection, service_id, before) == compared.old:
        return before
    latest = connection.execute(
        select(release.c.label)
        .where(release.c.service_id == service_id, release.c.contract_digest == compared.old)
        .order_by(release.c.id.desc())
        .limit(1)
    ).scalar()
    return str(latest or before)


def line(message: Message, channel: str, address: str) -> str:
    """Return one message in one line: ``gis-team (slack #gis-team): 2 services by 2026-12-23``."""
    to = route(message.contact_owner.name, channel, address)
    if stages.kind_of(message.stage) not in stages.ASKING:
        return f"{to}: {message.to} {stages.kind_of(message.stage)}"
    number = len(message.obligations)
    services = "1 service" if number == 1 else f"{number} services"
    return f"{to}: {services} by {message.due}"
