"""Time zones of owners that are not known here: their days are the company's, and that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ci_steps.dictionary.tables import owner, owner_detail
from ci_steps.notices.calendars import KNOWN_EVERYWHERE, zone

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MOST_NAMED = 5


def unknown_time_zones(connection: Connection) -> tuple[str, ...]:
    """Return a sentence for each of them, and whose it is."""
    rows = connection.execute(
        select(owner_detail.c.time_zone, owner.c.name)
        .join_from(owner_detail, owner, owner_detail.c.owner_id == owner.c.id)
        .where(owner_detail.c.time_zone != "")
        .order_by(owner_detail.c.time_zone, owner.c.name)
    ).all()
    owners: dict[str, list[str]] = {}
    for row in rows:
        owners.setdefault(row.time_zone, []).append(row.name)
    return tuple(_said(name, whose) for name, whose in owners.items() if zone(name) is None)


def _said(name: str, owners: list[str]) -> str:
    whose = ", ".join(owners[:_MOST_NAMED])
    more = f" and {len(owners) - _MOST_NAMED} more" if len(owners) > _MOST_NAMED else ""
    advice = "correct it" if zone(KNOWN_EVERYWHERE) else "install the package tzdata"
    return (
        f"the time zone {name!r} of {whose}{more} is not known here, and their days and hours "
        f"are those of notify.time_zone: {advice}"
    )
