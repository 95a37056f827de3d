"""Waivers: in verdicts about a service, edges with another one are listed and not judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, bindparam, insert, or_, select

from ci_steps.dictionary.aliases import names_of
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.recording import environment_id, service_id
from ci_steps.dictionary.statements.given import texts
from ci_steps.dictionary.tables import environment, service, waiver

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime


@dataclass(frozen=True)
class Waiver:
    """Edges between two services do not count in an environment, up to and with a day."""

    service: str
    other: str
    environment: str
    until: date
    reason: str
    by: str = ""


def record_waiver(connection: Connection, given: Waiver, at: datetime) -> Effect:
    """Record a waiver; the same again changes nothing."""
    values = {
        "service_id": service_id(connection, given.service),
        "other": given.other,
        "environment_id": environment_id(connection, given.environment),
        "until": given.until,
        "reason": given.reason,
    }
    same = [waiver.c[name] == value for name, value in values.items()]
    if connection.execute(select(waiver.c.id).where(*same)).first() is not None:
        return Effect.UNCHANGED
    connection.execute(insert(waiver).values(**values, by=given.by, at=at))
    return Effect.ADDED


def read_waivers(
    connection: Connection, environment_name: str, services: Iterable[str]
) -> list[Waiver]:
    """Return the waivers of services in an environment, those that have ended too."""
    given = {"environment": environment_name, "services": list(services)}
    return [Waiver(*row) for row in connection.execute(_WAIVERS, given).all()]


def waivers_about(connection: Connection, service_name: str) -> list[Waiver]:
    """Return the waivers of a service, and those of others about it, in every environment."""
    names = names_of(connection, service_name)
    either = or_(service.c.name.in_(names), waiver.c.other.in_(names))
    return [Waiver(*row) for row in connection.execute(_all().where(either)).all()]


def _all() -> Select[Any]:
    columns = (waiver.c.other, environment.c.name, waiver.c.until, waiver.c.reason, waiver.c.by)
    return (
        select(service.c.name, *columns)
        .join_from(waiver, service, waiver.c.service_id == service.c.id)
        .join(environment, waiver.c.environment_id == environment.c.id)
        .order_by(waiver.c.until, waiver.c.id)
    )


_WAIVERS = _all().where(
    service.c.name.in_(texts("services")),
    environment.c.name == bindparam("environment", type_=environment.c.name.type),
)
