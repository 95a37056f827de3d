"""What answered in an environment, as far as a verdict asks.

An address that answered since its deployment is believed, whatever was recorded. Almost all
answer as recorded, which says nothing new: only the others are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select

from ci_steps.addresses import without_credentials
from ci_steps.dictionary.stored import read_version
from ci_steps.dictionary.tables import environment, observation
from ci_steps.errors import VersionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_steps.dictionary.statements.plain import Moment
    from ci_steps.versions import Version


class Deployed(NamedTuple):
    """What is deployed of a service, if anything, with one of the answers of the service."""

    id: int
    name: str
    is_unusual: bool | None
    slot: str | None
    started_at: Moment
    address: str
    label: str
    scheme: str
    contract_digest: str
    seen_address: str | None
    seen_version: str
    seen_scheme: str
    seen_problem: str
    seen_at: Moment


class Seen(NamedTuple):
    """What an address of a service answered."""

    address: str
    version: str
    scheme: str
    problem: str
    at: Moment

    @property
    def answer(self) -> Version | None:
        """Return the version that answered, or None."""
        return read_answer(self.version, self.scheme)


def seen_in(rows: Iterable[Deployed]) -> tuple[Seen, ...]:
    """Return what addresses answered."""
    found = {
        (row.id, row.seen_address): Seen(
            row.seen_address, row.seen_version, row.seen_scheme, row.seen_problem, row.seen_at
        )
        for row in rows
        if row.seen_address is not None
    }
    return tuple(found.values())


def answered_at(row: Deployed, seen: Sequence[Seen], *, is_alone: bool) -> Seen | None:
    """Return what the address of a deployment answered since, or an address in front of it."""
    current = [one for one in seen if one.at >= row.started_at]
    if not current:
        return None
    own = without_credentials(row.address)
    at_own = next((one for one in current if one.address == own), None)
    return at_own or (max(current, key=lambda one: one.at) if is_alone else None)


def read_answer(version: str, scheme: str) -> Version | None:
    """Return the version that answered, or None."""
    try:
        return read_version(version, scheme or None) if version else None
    except VersionError:  # what a stranger wrote into the table is no answer
        return None


# By a question of its own: a server that knew which one it is would plan anew for each.
IN_ENVIRONMENT = select(bindparam("environment", type_=environment.c.id.type)).scalar_subquery()

SEEN = (
    observation.c.address.label("seen_address"),
    observation.c.version.label("seen_version"),
    observation.c.scheme.label("seen_scheme"),
    observation.c.problem.label("seen_problem"),
    observation.c.at.label("seen_at"),
)
# Whether it is another version than was recorded, or nothing answered.
IS_UNUSUAL = observation.c.differs | (observation.c.version == "")
