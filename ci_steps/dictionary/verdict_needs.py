"""Who is live in an environment and needs one of some providers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, select

from ci_steps.dictionary.given import rows, texts
from ci_steps.dictionary.plain import plain_rows
from ci_steps.dictionary.tables import live_requirement, release, requirement, service
from ci_steps.dictionary.together import Together
from ci_steps.dictionary.verdict_names import read_version
from ci_steps.dictionary.verdict_seen import DIFFERING, IN_ENVIRONMENT, differing_of
from ci_steps.versions import Requirement, Version
from ci_steps.versions import requirement as requirement_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from ci_steps.dictionary.verdict_names import Names, Where
    from ci_steps.dictionary.verdict_seen import Differing
    from ci_steps.dictionary.verdict_world import Live, Running


class Need(NamedTuple):
    """What a version of a dependent needs; `slot` is where it runs.

    `required` is what is `written`, as a value; a remark says how the version is known.
    """

    dependent: str
    version: str
    slot: str
    provider: str
    written: str
    required: Requirement
    remark: str = ""


# As Need._make, without a function of Python for each of thousands.
_NEED = partial(tuple.__new__, Need)

# What a release needs: a provider by its present name, the requirement as written and as a value.
_Required = tuple[str, str, Requirement]


@dataclass(frozen=True)
class Dependents:
    """Who needs one of some providers.

    `recorded` is by what was deployed. `answering` has what those versions need that answered
    instead of a recorded one, if they were ever recorded.
    """

    recorded: Sequence[Need]
    answering: Mapping[tuple[str, Version], Sequence[_Required]]
    differing: Collection[str]

    @property
    def doubtful(self) -> set[str]:
        """Who needs one of the providers, or does not, if what was seen is to be believed."""
        needing = {need.dependent for need in self.recorded}
        answering = {name for (name, _), required in self.answering.items() if required}
        return (needing & set(self.differing)) | answering

    def needs(self, running: Running) -> list[Need]:
        """Return what is live and needs something, where *running* has all that is doubtful."""
        differing = {
            (name, live.slot): live
            for name in self.doubtful
            for live in running.of(name)
            if live.differs
        }
        if not differing:
            return list(self.recorded)
        needs = [need for need in self.recorded if (need.dependent, need.slot) not in differing]
        return [*needs, *dict.fromkeys(self._observed(differing))]

    def _observed(self, differing: Mapping[tuple[str, str], Live]) -> Iterator[Need]:
        """Yield what those need that answer another version than was recorded.

        It is what the release that answered needs; if nobody recorded that, what is known.
        """
        known: dict[tuple[str, str], list[_Required]] = defaultdict(list)
        for need in self.recorded:
            if (need.dependent, need.slot) in differing:
                known[need.dependent, need.slot].append(need[3:6])
        for (name, slot), live in differing.items():
            needed = self.answering.get((name, live.version), known[name, slot])
            for required in needed:
                yield Need(name, str(live.version), slot, *required, live.remark)


def read_dependents(connection: Connection, where: Where, providers: Iterable[str]) -> Dependents:
    """Return who needs one of *providers*. Cost: O(log n + rows), by an index.

    Two statements, for all who answered something else than was recorded are asked about, too.
    """
    names = where.names
    wanted = names.all_of(providers)
    given = {"environment": where.number, "providers": wanted}
    needs, answers = _DEPENDENTS.ask(connection, given)
    differing = differing_of(names, answers)
    answering = _answering(connection, names, differing, wanted) if differing else {}
    return Dependents(_recorded(names, needs), answering, {one.name for one in differing})


@lru_cache(maxsize=20_000)
def read_requirement(provider: str, written: str) -> Requirement:
    """Read a stored requirement; the provider tells where its name ends."""
    return requirement_of(provider, written[len(provider) + 1 :])


_NEEDS = (
    select(
        service.c.name,
        live_requirement.c.version,
        live_requirement.c.slot,
        live_requirement.c.provider,
        live_requirement.c.written,
    )
    .join_from(live_requirement, service, live_requirement.c.dependent_id == service.c.id)
    .where(
        live_requirement.c.provider.in_(texts("providers")),
        live_requirement.c.environment_id == IN_ENVIRONMENT,
    )
)

_DEPENDENTS = Together(_NEEDS, DIFFERING)

_wanted = rows("wanted", service_id=int, order=int)
_RELEASED = (
    select(
        release.c.service_id,
        release.c.label,
        release.c.scheme,
        requirement.c.provider,
        requirement.c.written,
    )
    .join_from(
        _wanted,
        release,
        (release.c.service_id == _wanted.c.service_id) & (release.c.order == _wanted.c.order),
    )
    .join(
        requirement,
        (requirement.c.requirement_set_id == release.c.requirement_set_id)
        & requirement.c.provider.in_(texts("providers")),
        isouter=True,
    )
)


def _recorded(names: Names, found: Iterable[Sequence[str]]) -> list[Need]:
    """Return rows as needs; of a hub there are thousands, with few different requirements."""
    read, of = read_requirement, names.of
    return [
        _NEED((of(name), version, slot, of(provider), written, read(provider, written), ""))
        for name, version, slot, provider, written in found
    ]


def _answering(
    connection: Connection, names: Names, answers: Sequence[Differing], providers: Collection[str]
) -> dict[tuple[str, Version], list[_Required]]:
    """Return what those observed releases that are recorded need of *providers*."""
    wanted = [(one.number, one.answer.order) for one in answers if one.answer]
    found: dict[tuple[str, Version], list[_Required]] = {}
    given = {"wanted": wanted, "providers": providers}
    named = {one.number: one.name for one in answers}
    for number, label, scheme, provider, written in plain_rows(connection, _RELEASED, given):
        needs = found.setdefault((named[number], read_version(label, scheme)), [])
        if provider is not None:
            needs.append((names.of(provider), written, read_requirement(provider, written)))
    return found
