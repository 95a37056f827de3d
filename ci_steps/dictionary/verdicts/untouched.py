"""Whom a contract that breaks does not touch: asked only where one is in the way."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from ci_steps.dictionary.contracts.narrowings import spared_by
from ci_steps.dictionary.release_questions import find
from ci_steps.dictionary.spellings import meaning, spellings
from ci_steps.dictionary.statements.given import rows
from ci_steps.dictionary.tables import release, release_uses, service
from ci_steps.dictionary.verdicts.evidence import Doubt, Known, read_contracts
from ci_steps.dictionary.verdicts.needs import Need
from ci_steps.dictionary.verdicts.reasons import Reason
from ci_steps.dictionary.verdicts.where import read_numbers
from ci_steps.versions import Satisfaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci_steps.dictionary.verdicts.evidence import Proven, Spared
    from ci_steps.model import Dependent
    from ci_steps.versions import Version


def read_untouched(
    connection: Connection,
    needs: Iterable[Need],
    contracts: Proven,
    candidates: Mapping[tuple[str, str], Mapping[str, str]],
) -> dict[tuple[str, str], Spared]:
    """Return, by dependent and provider, the contracts that break nothing of what is used.

    *contracts* are those that are known by requirement, *candidates* have by their service and
    version what they use. Cost: nothing unless a contract breaks; then one statement, and one for
    each step between contracts.
    """
    breaking = {
        requirement
        for requirement, known in contracts.items()
        if Reason.CONTRACT_BREAKS in known.values()
    }
    concerned = [need for need in needs if (need.provider, need.written) in breaking]
    if not concerned:
        return {}
    used = _used(connection, {(need.dependent, need.version) for need in concerned})
    for (name, version), uses in candidates.items():
        used[name, meaning(version)] = dict(uses)
    starts = {need: _content_with(contracts[need.provider, need.written]) for need in concerned}
    by_need = {
        need: digest
        for need in concerned
        if (digest := _of(used, need).get(need.required.provider, ""))
    }
    spared = spared_by(
        connection, set().union(*(starts[need] for need in by_need)), set(by_need.values())
    )
    found: dict[tuple[str, str], dict[tuple[object, str], set[str]]] = defaultdict(dict)
    for need, digest in by_need.items():
        key = (meaning(need.version), need.written)
        ends = [spared[start, digest] for start in starts[need]]
        found[need.dependent, need.provider][key] = set().union(*ends)
    return dict(found)


def _of(used: Mapping[tuple[str, object], dict[str, str]], need: Need) -> dict[str, str]:
    return used.get((need.dependent, meaning(need.version)), {})


def _content_with(known: Mapping[str, Reason]) -> set[str]:
    """Return the contracts of the releases that satisfy by their number."""
    return {digest for digest, reason in known.items() if reason is Reason.SAME_CONTRACT}


def _used(
    connection: Connection, dependents: Iterable[tuple[str, str]]
) -> dict[tuple[str, object], dict[str, str]]:
    found: dict[tuple[str, object], dict[str, str]] = defaultdict(dict)
    wanted = [(name, label) for name, version in dependents for label in spellings(version)]
    for row in connection.execute(_USED, {"wanted": wanted}):
        found[row.name, meaning(row.label)][row.provider] = row.digest
    return dict(found)


_wanted = rows("wanted", name=str, label=str)
_USED = (
    select(service.c.name, release.c.label, release_uses.c.provider, release_uses.c.digest)
    .join_from(_wanted, service, service.c.name == _wanted.c.name)
    .join(release, (release.c.service_id == service.c.id) & (release.c.label == _wanted.c.label))
    .join(release_uses, release_uses.c.release_id == release.c.id)
)


def spared(
    connection: Connection, provider: str, version: Version, dependents: Iterable[Dependent]
) -> set[str]:
    """Return whom a version that may break does not break: it touches nothing that they use.

    Cost: nothing unless somebody is in doubt.
    """
    needs = [
        Need(
            one.service,
            str(one.version),
            "",
            provider,
            one.requirement.written,
            one.requirement,
        )
        for one in dependents
        if one.requirement.satisfied_by(version) is Satisfaction.MAY_BREAK
    ]
    found = find(connection, provider, version) if needs else None
    if found is None or not found.contract_digest:
        return set()
    numbers = read_numbers(connection, provider)
    digests = frozenset({found.contract_digest})
    doubts = {(provider, need.written): Doubt(need.required, digests) for need in needs}
    contracts = read_contracts(connection, numbers, doubts)
    known = Known(untouched=read_untouched(connection, needs, contracts, {}))
    return {need.dependent for need in needs if known.is_spared(need, found.contract_digest)}
