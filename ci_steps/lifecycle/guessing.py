"""Who is behind the name of a caller that nobody has declared, as far as it can be guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, select

from ci_steps.dictionary.tables import alias, owner, service
from ci_steps.usage import Guess

# What names of callers have beside the name of the service: as the agent of a library, the
# address of a machine, or the place in which it runs.
_ADDED = re.compile(
    r"[-_.](?:service|svc|client|api|app|server|worker|job|cron|backend|prod|production|live)$"
)
_INSTANCE = re.compile(r"-[0-9a-f]{6,10}(?:-[0-9a-z]{5})?$|[-_.]?\d+$")


def guessed(connection: Connection, names: Iterable[str]) -> dict[str, Guess]:
    """Return whom callers probably are, by their names; who cannot be guessed is left out."""
    asked = sorted(set(names))
    if not asked:
        return {}
    wanted = {name: tuple(_spellings(name)) for name in asked}
    known = _known(connection, {one for all_ in wanted.values() for one in all_})
    found = {}
    for name, spellings in wanted.items():
        guess = next((known[one] for one in spellings if one in known), None)
        if guess:
            found[name] = guess
    return found


def _spellings(name: str) -> Iterator[str]:
    """Yield what a service may be called by whom its caller is named so, the likeliest first."""
    text = name.strip().lower()
    yield text
    # `gis/1.2 (linux)` of an agent, `gis@host`, `gis:8080`, `gis.shop.svc.cluster.local`.
    text = re.split(r"[/@:;\s(]", text)[0]
    for one in dict.fromkeys((text, text.partition(".")[0], text.replace("_", "-"))):
        yield from _shorter(one)


def _shorter(text: str) -> Iterator[str]:
    while text:
        yield text
        less = _ADDED.sub("", _INSTANCE.sub("", text))
        if less == text:
            return
        text = less


def _known(connection: Connection, names: set[str]) -> dict[str, Guess]:
    asked = sorted(names)
    own = (
        select(service.c.name, service.c.name.label("present"), owner.c.name.label("owner"))
        .outerjoin(owner, service.c.owner_id == owner.c.id)
        .where(service.c.name.in_(asked))
    )
    former = (
        select(alias.c.name, service.c.name.label("present"), owner.c.name.label("owner"))
        .join_from(alias, service, alias.c.service_id == service.c.id)
        .outerjoin(owner, service.c.owner_id == owner.c.id)
        .where(alias.c.name.in_(asked))
    )
    rows = [*connection.execute(own), *connection.execute(former)]
    return {row.name: Guess(row.present, row.owner or "") for row in rows}
