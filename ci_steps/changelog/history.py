"""What was released: by the dictionary, by git tags, and by what was published before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ci_steps.changelog.changes import from_contracts
from ci_steps.changelog.document import Release
from ci_steps.changelog.history_rules import bump_of
from ci_steps.changelog.ledger import comparisons
from ci_steps.changelog.ordering import newest_first
from ci_steps.dictionary import questions, release_questions
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ci_steps.changelog.document import Change
    from ci_steps.changelog.tags import Tag
    from ci_steps.dictionary.contracts.kept import Comparison
    from ci_steps.model import Deployment
    from ci_steps.model import Release as Recorded
    from ci_steps.versions import Version


@dataclass(frozen=True)
class Known:
    """A release as one source knows it, before it has a place among the others."""

    version: Version
    at: datetime
    commit: str
    digest: str = ""
    contract: str = ""
    tag: str = ""
    requirements: tuple[str, ...] = ()


def history(
    connection: Connection, service: str, tags: Iterable[Tag], production: frozenset[str]
) -> tuple[Release, ...]:
    """Return what production had and what was tagged, the newest version first."""
    recorded = list(_recorded(connection, service, production))
    known = _merged([*recorded, *(_tagged(tag) for tag in tags)])
    compared = comparisons(connection, {one.contract for one in known if one.contract})
    return tuple(
        _release(one, before, compared)
        for one, before in zip(known, [*known[1:], None], strict=False)
    )


def joined(published: Sequence[Release], gathered: Sequence[Release]) -> tuple[Release, ...]:
    """Return both; what was published stays as it is, and only gains what nobody knew."""
    before = {parse_version(one.version): one for one in published}
    grown = [_grown(before.pop(parse_version(one.version), None), one) for one in gathered]
    together = [*grown, *before.values()]
    ordered = newest_first(together, lambda one: parse_version(one.version), _at)
    versions = [parse_version(one.version) for one in ordered]
    return tuple(
        replace(one, bump=bump_of(version, earlier))
        for one, version, earlier in zip(ordered, versions, [*versions[1:], None], strict=False)
    )


def _grown(old: Release | None, new: Release) -> Release:
    if old is None:
        return new
    found = {change.identity: change for change in new.changes}
    kept = [_explained(change, found.pop(change.identity, None)) for change in old.changes]
    return replace(
        old,
        commit=old.commit or new.commit,
        digest=old.digest or new.digest,
        contract=old.contract or new.contract,
        tag=old.tag or new.tag,
        requirements=old.requirements or new.requirements,
        changes=(*kept, *found.values()),
    )


def _explained(old: Change, new: Change | None) -> Change:
    """Return a change that was published; what to do about it may be written later."""
    return replace(old, migration=old.migration or (new.migration if new else ""))


def _recorded(connection: Connection, service: str, production: frozenset[str]) -> Iterator[Known]:
    first = _first_deployments(questions.history(connection, service), production)
    for one in release_questions.newest_first(connection, service):
        deployed = first.get(str(one.version))
        at = deployed.at if deployed else one.recorded_at
        if one.final and at:
            yield _known(one, at, deployed)


def _known(one: Recorded, at: datetime, deployed: Deployment | None) -> Known:
    return Known(
        one.version,
        at,
        one.commit,
        deployed.digest if deployed else "",
        one.contract_digest,
        requirements=tuple(need.written for need in one.requirements),
    )


def _first_deployments(
    newest_first: Iterable[Deployment], production: frozenset[str]
) -> dict[str, Deployment]:
    return {str(one.version): one for one in newest_first if one.environment in production}


def _tagged(tag: Tag) -> Known:
    return Known(tag.version, tag.at, tag.commit, tag=tag.name)


def _merged(known: Sequence[Known]) -> list[Known]:
    """Return one for each version, the newest first; what the dictionary says comes first."""
    found: dict[Version, Known] = {}
    for one in known:
        found[one.version] = replace(found.get(one.version, one), tag=one.tag)
    return newest_first(found.values(), lambda one: one.version, _at)


def _release(
    one: Known, before: Known | None, compared: Mapping[tuple[str, str], Comparison]
) -> Release:
    changes: tuple[Change, ...] = ()
    if before and (found := compared.get((before.contract, one.contract))):
        changes = from_contracts(found.changes)
    return Release(
        version=str(one.version),
        at=one.at,
        bump=bump_of(one.version, before.version if before else None),
        commit=one.commit,
        digest=one.digest,
        contract=one.contract,
        tag=one.tag,
        requirements=one.requirements,
        changes=changes,
    )


def _at(one: Known | Release) -> datetime:
    return one.at
