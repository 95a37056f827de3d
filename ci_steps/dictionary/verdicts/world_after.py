"""The worlds before and after some deployments, read as far as their verdict asks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.dictionary.slots import slot_for
from ci_steps.dictionary.verdicts.evidence import Doubt, read_known
from ci_steps.dictionary.verdicts.judging import Judge
from ci_steps.dictionary.verdicts.needs import Need, read_dependents
from ci_steps.dictionary.verdicts.reasons import Candidate, Edge, Placed, Reason
from ci_steps.dictionary.verdicts.running import Live, read_running
from ci_steps.dictionary.verdicts.untouched import read_untouched
from ci_steps.dictionary.verdicts.waivers import Waiver, read_waivers
from ci_steps.errors import UsageError
from ci_steps.versions import Satisfaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from ci_steps.dictionary.aliases import Names
    from ci_steps.dictionary.verdicts.where import Where
    from ci_steps.versions import Requirement

Lives = tuple[Live, ...]


@dataclass(frozen=True)
class WorldAfter:
    """What is live before and after, who needs it, and how that is judged.

    `placed` has the candidates by service. `needed` are the needs of what is live on the
    candidates' services, `needs` those of the candidates; `waivers` are by the two services.
    """

    placed: Mapping[str, Placed]
    before: Mapping[str, Lives]
    after: Mapping[str, Lives]
    needed: Sequence[Need]
    needs: Sequence[Need]
    waivers: Mapping[tuple[str, str], list[Waiver]]
    judge: Judge

    def edge(self, need: Need, live: Lives) -> Edge:
        """Return the edge of *need* where *live* is what its provider has."""
        if not self.waivers:
            return self.judge.edge(need, live)
        pairs = (need.dependent, need.provider), (need.provider, need.dependent)
        waivers = [waiver for pair in pairs for waiver in self.waivers.get(pair, ())]
        return self.judge.edge(need, live, sorted(waivers, key=lambda waiver: waiver.until))

    def is_replaced(self, need: Need) -> bool:
        """Return whether one of the candidates takes the place of the dependent."""
        placed = self.placed.get(need.dependent)
        return placed is not None and placed.slot == need.slot

    @property
    def needs_after(self) -> list[Need]:
        """The needs of the candidates, and of all whose place they do not take."""
        placed = self.placed
        stay = [
            one for one in self.needed if one.dependent not in placed or not self.is_replaced(one)
        ]
        return [*self.needs, *stay]

    def beside(self, service: str) -> Lives:
        """Return what would be live of a candidate's service if nothing were replaced."""
        own = [one for one in self.after.get(service, ()) if one.recorded is None]
        return (*self.before.get(service, ()), *own)


def read_world(
    connection: Connection,
    where: Where,
    candidates: Sequence[Candidate],
    today: date,
    ignoring: Sequence[Waiver] = (),
) -> WorldAfter:
    """Read what a verdict about *candidates*, all for one environment, depends on."""
    environment, names = candidates[0].environment, where.names
    by_service = _by_service(names, candidates)
    needs = [need for name, one in by_service.items() for need in _needs_of(names, name, one)]
    services = {*by_service, *(need.provider for need in needs)}
    dependents = read_dependents(connection, where, by_service)
    running = read_running(connection, where, services | dependents.doubtful)
    before = {name: running.of(name) for name in services}
    placed = {name: _placed(name, one, before[name]) for name, one in by_service.items()}
    after = {**before, **{name: _after(one, before[name]) for name, one in placed.items()}}
    needed = dependents.needs(running)
    concerned = {name: (*before[name], *after[name]) for name in by_service}
    known = read_known(
        connection,
        where,
        running,
        [(name, str(one.release.version)) for name, one in by_service.items()],
        dict.fromkeys((name, str(one.version)) for name, all_ in concerned.items() for one in all_),
        _doubts([*needs, *needed], {**before, **concerned}),
    )
    own = {(name, str(one.release.version)): one.release.uses for name, one in by_service.items()}
    untouched = read_untouched(connection, [*needs, *needed], known.contracts, own)
    known = replace(known, untouched=untouched)
    waivers = [*read_waivers(connection, environment, names.all_of(by_service)), *ignoring]
    return WorldAfter(
        {name: _unless_retired(one, known.retired) for name, one in placed.items()},
        before,
        after,
        needed,
        needs,
        _by_pair(names, waivers),
        Judge(known, environment, today),
    )


def _by_service(names: Names, candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    found: dict[str, Candidate] = {}
    first = candidates[0]
    for one in candidates:
        if first.environment != one.environment:
            raise UsageError(
                f"{first.name} goes to {first.environment} and {one.name} to {one.environment}",
                hint="A verdict is about one environment: ask for each.",
            )
        other = found.setdefault(names.of(one.release.service), one)
        if other is not one:
            raise UsageError(
                f"{other.name} and {one.name} are versions of one service",
                hint="Ask for one after the other: each service is in a train once.",
            )
    return found


def _needs_of(names: Names, name: str, candidate: Candidate) -> Iterable[Need]:
    release = candidate.release
    for required in release.requirements:
        provider = names.of(required.provider)
        written = required.written
        yield Need(name, str(release.version), candidate.slot, provider, written, required)


def _placed(name: str, candidate: Candidate, live: Lives) -> Placed:
    version = candidate.release.version
    occupied = [one.recorded for one in live if one.recorded]
    slot = candidate.slot or slot_for(version, occupied, beside=candidate.beside)
    replaced = next((str(one.version) for one in occupied if one.slot == slot), "")
    beside = tuple(str(one.version) for one in occupied if one.slot != slot)
    return Placed(name, candidate, slot, replaced, beside)


def _unless_retired(placed: Placed, retired: Mapping[tuple[str, str], str]) -> Placed:
    name, line = placed.service, placed.candidate.release.version.line
    if (name, line) not in retired:
        return placed
    because = retired[name, line]
    text = f"{name}-{line} is retired" + (f": {because}" if because else "")
    return replace(placed, reason=Reason.LINE_RETIRED, text=text)


def _after(placed: Placed, before: Lives) -> Lives:
    release = placed.candidate.release
    own = Live(placed.slot, release.version, release.contract_digest)
    return (*(one for one in before if one.slot != placed.slot), own)


def _doubts(needs: Iterable[Need], live: Mapping[str, Lives]) -> dict[tuple[str, str], Doubt]:
    """Return the requirements that a later version with a known contract may break."""
    distinct = {
        (need.provider, need.written): need.required
        for need in needs
        if need.required.leaves_doubts
    }
    doubts = (
        (name, Doubt(required, _may_break(required, live.get(name[0], ()))))
        for name, required in distinct.items()
    )
    return {name: doubt for name, doubt in doubts if doubt.digests}


def _may_break(required: Requirement, live: Lives) -> frozenset[str]:
    return frozenset(
        one.digest
        for one in live
        if one.digest and required.satisfied_by(one.version) is Satisfaction.MAY_BREAK
    )


def _by_pair(names: Names, waivers: Iterable[Waiver]) -> dict[tuple[str, str], list[Waiver]]:
    found: dict[tuple[str, str], list[Waiver]] = defaultdict(list)
    for one in waivers:
        found[names.of(one.service), names.of(one.other)].append(one)
    return dict(found)
