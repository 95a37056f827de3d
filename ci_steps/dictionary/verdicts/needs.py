"""Who is live in an environment and needs one of some providers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, select

from ci_steps.dictionary.statements.given import texts
from ci_steps.dictionary.statements.together import Together
from ci_steps.dictionary.stored import read_requirement
from ci_steps.dictionary.tables import live_requirement, service
from ci_steps.dictionary.verdicts.answers import ANSWERING, read_answering
from ci_steps.dictionary.verdicts.seen import IN_ENVIRONMENT
from ci_steps.versions import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ci_steps.dictionary.aliases import Names
    from ci_steps.dictionary.verdicts.answers import Answering, Required
    from ci_steps.dictionary.verdicts.running import Live, Running
    from ci_steps.dictionary.verdicts.where import Where


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


@dataclass(frozen=True)
class Dependents:
    """Who needs one of some providers.

    `recorded` is by what was deployed, `answering` has what those versions need that answered
    instead of a recorded one.
    """

    recorded: Sequence[Need]
    answering: Answering

    @property
    def doubtful(self) -> set[str]:
        """Who needs one of the providers, or does not, if what was seen is to be believed."""
        needing = {need.dependent for need in self.recorded}
        answering = {name for (name, _), needed in self.answering.needs.items() if needed}
        return (needing & self.answering.services) | answering

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
        known: dict[tuple[str, str], list[Required]] = defaultdict(list)
        for need in self.recorded:
            if (need.dependent, need.slot) in differing:
                known[need.dependent, need.slot].append(need[3:6])
        for (name, slot), live in differing.items():
            needed = self.answering.needs.get((name, live.version), known[name, slot])
            for required in needed:
                yield Need(name, str(live.version), slot, *required, live.remark)


def read_dependents(connection: Connection, where: Where, providers: Iterable[str]) -> Dependents:
    """Return who needs one of *providers*. Cost: O(log n + rows), by an index.

    All who answer another version than was recorded are asked about, too.
    """
    names = where.names
    wanted = names.all_of(providers)
    given = {"environment": where.number, "providers": wanted}
    needs, answers = _DEPENDENTS.ask(connection, given)
    return Dependents(_recorded(names, needs), read_answering(connection, names, answers, wanted))


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

_DEPENDENTS = Together(_NEEDS, ANSWERING)


def _recorded(names: Names, found: Iterable[Sequence[str]]) -> list[Need]:
    """Return rows as needs; of a hub there are thousands, with few different requirements."""
    read, of = read_requirement, names.of
    return [
        _NEED((of(name), version, slot, of(provider), written, read(provider, written), ""))
        for name, version, slot, provider, written in found
    ]
