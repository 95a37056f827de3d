"""What answered in an environment, as far as a verdict asks.

An address that answered since its deployment is believed, whatever was recorded. Almost all
answer as recorded, which says nothing new: only the others are read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, bindparam, exists, literal_column, select, text

from ci_steps.addresses import without_credentials
from ci_steps.dictionary.given import numbers
from ci_steps.dictionary.tables import environment, observation, service
from ci_steps.dictionary.verdict_names import read_version
from ci_steps.errors import VersionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ci_steps.dictionary.verdict_names import Names, Where
    from ci_steps.versions import Version


class Differing(NamedTuple):
    """A service, by its number and its present name, that answers not what was recorded."""

    number: int
    name: str
    answer: Version | None


class Seen(NamedTuple):
    """What an address of a service answered."""

    service: int
    address: str
    version: str
    scheme: str
    problem: str
    at: datetime

    @property
    def answer(self) -> Version | None:
        """Return the version that answered, or None."""
        return _answer(self.version, self.scheme)


def differing_of(names: Names, rows: Iterable[Sequence[Any]]) -> list[Differing]:
    """Return who answers another version than was recorded, of the rows of `DIFFERING`."""
    return [
        Differing(number, names.of(name), _answer(version, scheme))
        for number, name, version, scheme in rows
    ]


def read_seen(
    connection: Connection, where: Where, numbers_of: Mapping[str, Iterable[int]]
) -> dict[str, list[Seen]]:
    """Return what answered of services, by their names. Cost: nothing where none is given."""
    if not numbers_of:
        return {}
    named = {number: name for name, all_ in numbers_of.items() for number in all_}
    given = {"environment": where.number, "services": list(named)}
    found: dict[str, list[Seen]] = defaultdict(list)
    for row in connection.execute(_SEEN, given):
        found[named[row.service_id]].append(Seen(*row))
    return found


def answered_at(row: Any, seen: Sequence[Seen], *, is_alone: bool) -> Seen | None:
    """Return what the address of a deployment answered since, or an address in front of it."""
    current = [one for one in seen if one.at >= row.started_at]
    if not current:
        return None
    own = without_credentials(row.address)
    at_own = next((one for one in current if one.address == own), None)
    return at_own or (max(current, key=lambda one: one.at) if is_alone else None)


def _answer(version: str, scheme: str) -> Version | None:
    try:
        return read_version(version, scheme or None) if version else None
    except VersionError:  # what a stranger wrote into the table is no answer
        return None


# By a question of its own: a server that knew which one it is would plan anew for each.
IN_ENVIRONMENT = select(bindparam("environment", type_=environment.c.id.type)).scalar_subquery()

# As text, for a server uses the index of those that differ for no other condition.
_DIFFERS = text("observation.differs")
# All who answer another version than was recorded; few do.
DIFFERING = (
    select(service.c.id, service.c.name, observation.c.version, observation.c.scheme)
    .join_from(observation, service, observation.c.service_id == service.c.id)
    .where(observation.c.environment_id == IN_ENVIRONMENT, _DIFFERS)
)

# Whether something of a service answers another version than was recorded, or nothing.
IS_UNUSUAL = exists(literal_column("1")).where(
    observation.c.service_id == service.c.id,
    observation.c.environment_id == IN_ENVIRONMENT,
    observation.c.differs | (observation.c.version == ""),
)

_SEEN = select(
    observation.c.service_id,
    observation.c.address,
    observation.c.version,
    observation.c.scheme,
    observation.c.problem,
    observation.c.at,
).where(
    observation.c.service_id.in_(numbers("services")),
    observation.c.environment_id == IN_ENVIRONMENT,
)
