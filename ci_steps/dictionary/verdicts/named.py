"""Verdicts about services and versions by the names that people write."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from ci_steps.dictionary.statements.given import rows
from ci_steps.dictionary.statements.plain import plain_rows
from ci_steps.dictionary.stored import read_requirement, read_version
from ci_steps.dictionary.tables import release, release_uses, requirement, service
from ci_steps.dictionary.verdicts.may_deploy import judge
from ci_steps.dictionary.verdicts.reasons import Candidate
from ci_steps.dictionary.verdicts.where import read_where
from ci_steps.model import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ci_steps.dictionary.aliases import Names
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.dictionary.verdicts.reasons import VerdictReport
    from ci_steps.dictionary.verdicts.waivers import Waiver
    from ci_steps.versions import Version


def may_deploy_named(
    dictionary: Dictionary,
    named: Sequence[tuple[str, Version]],
    environment: str,
    *,
    today: date,
    slot: str = "",
    beside: bool = False,
    ignoring: Sequence[Waiver] = (),
) -> VerdictReport:
    """Judge services at versions, however they are spelled, as `may_deploy` does.

    UsageError if nobody knows a service or the environment.
    """
    with dictionary.reading() as connection:
        where = read_where(connection, environment)
        if not where.number:
            dictionary.known_environment(environment)
        wanted = [(where.names.of(service), version) for service, version in named]
        known, found = _releases(connection, where.names, wanted)
        for (name, _), (service, _) in zip(wanted, named, strict=True):
            if name not in known:
                dictionary.known_service(service)
        candidates = [
            Candidate(
                found.get((name, version)) or Release(name, version, commit=""),
                environment,
                slot,
                beside,
                is_recorded=(name, version) in found,
            )
            for name, version in wanted
        ]
        return judge(connection, where, candidates, today, ignoring)


_wanted = rows("wanted", name=str, order=int)
_RELEASES = (
    select(
        service.c.name,
        release.c.id,
        release.c.label,
        release.c.scheme,
        release.c.commit,
        release.c.contract_digest,
        release.c.final,
        requirement.c.provider,
        requirement.c.written,
        release_uses.c.digest,
    )
    .join_from(_wanted, service, service.c.name == _wanted.c.name)
    .join(
        release,
        (release.c.service_id == service.c.id) & (release.c.order == _wanted.c.order),
        isouter=True,
    )
    .join(
        requirement, requirement.c.requirement_set_id == release.c.requirement_set_id, isouter=True
    )
    .outerjoin(
        release_uses,
        (release_uses.c.release_id == release.c.id)
        & (release_uses.c.provider == requirement.c.provider),
    )
    .order_by(release.c.id, requirement.c.id)
)


def _releases(
    connection: Connection, names: Names, wanted: Iterable[tuple[str, Version]]
) -> tuple[set[str], dict[tuple[str, Version], Release]]:
    """Return which services are known, and their releases. Cost: one statement.

    Of what a release uses of others, what it needs of them is read, and not when it was recorded.
    """
    exact = {(name, version.order): None for now, version in wanted for name in names.all_of([now])}
    found = plain_rows(connection, _RELEASES, {"wanted": exact})
    releases = {}
    for (name, number, label, scheme, commit, digest, final), parts in groupby(
        found, key=itemgetter(slice(7))
    ):
        if number is None:  # only the service is known
            continue
        service_name, version = names.of(name), read_version(label, scheme)
        needed = [one[7:] for one in parts if one[7] is not None]
        releases[service_name, version] = Release(
            service_name,
            version,
            commit,
            tuple(read_requirement(provider, written) for provider, written, _ in needed),
            digest,
            final=bool(final),
            uses={provider: used for provider, _, used in needed if used},
        )
    return {names.of(name) for name, *_ in found}, releases
