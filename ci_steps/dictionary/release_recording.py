"""Recording releases, inside a transaction that somebody else opened."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from ci_steps.dictionary import tables
from ci_steps.dictionary.contracts.uses import Telling, record_uses
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.named_rows import NamedRows
from ci_steps.dictionary.recording import number_of
from ci_steps.dictionary.release_changes import changes, content, declared
from ci_steps.dictionary.release_rows import same_version
from ci_steps.dictionary.requirement_sets import add_sets, digest_of, required
from ci_steps.dictionary.statements.given import rows
from ci_steps.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ci_steps.model import Release
    from ci_steps.versions import Requirement

    _Needs = tuple[Requirement, ...]

# Why a release cannot be recorded.
Refusal = RefusedError | UsageError


class Recorded(NamedTuple):
    """A release as it is kept now, by its number, and what became of it."""

    effect: Effect
    service: int
    number: int
    requirement_set: int


def put_release(connection: Connection, release: Release, at: datetime) -> Recorded:
    """Record a release that was seen *at*, and return where it is.

    A candidate takes on what a later commit brings; a final release never changes: other
    content under its version is refused, the same content again changes nothing.
    """
    (put,) = put_releases(connection, [release], at)
    if isinstance(put, Recorded):
        return put
    raise put


def put_releases(
    connection: Connection, releases: Sequence[Release], at: datetime
) -> list[Recorded | Refusal]:
    """Record releases, each once, as `put_release` does; return where they are.

    Instead of one that cannot be recorded there is the reason; the others are recorded all the
    same. Cost: one statement where all of them are known; however many there are, at most a dozen.
    """
    needed = [_required(one) for one in releases]
    wanted = [
        (one, needs)
        for one, needs in zip(releases, needed, strict=True)
        if not isinstance(needs, UsageError)
    ]
    put = iter(_put(connection, wanted, at))
    return [needs if isinstance(needs, UsageError) else next(put) for needs in needed]


class _Found(NamedTuple):
    """A release that is to be recorded, and the row of what is known under its version."""

    release: Release
    service: int
    requirement_set: int
    known: Row[Any] | None

    @property
    def key(self) -> tuple[int, str]:
        """Return what no other release that is added has."""
        return self.service, str(self.release.version)


def _required(release: Release) -> _Needs | UsageError:
    try:
        return required(release)
    except UsageError as error:
        return error


def _put(
    connection: Connection, wanted: Sequence[tuple[Release, _Needs]], at: datetime
) -> list[Recorded | RefusedError]:
    found = _find(connection, wanted)
    changed = [_changes(one, at) for one in found]
    added = _add(connection, [one for one in found if one.known is None], at)
    numbers = [added[one.key] if one.known is None else int(one.known.id) for one in found]
    told = record_uses(connection, map(_telling, found, numbers))
    rows = [
        {"number": number, **values}
        for number, values in zip(numbers, changed, strict=True)
        if isinstance(values, dict) and values
    ]
    if rows:
        connection.execute(_CHANGE, rows)
    return [
        values
        if isinstance(values, RefusedError)
        else Recorded(
            _effect(one, is_changed=bool(values) or number in told),
            one.service,
            number,
            one.requirement_set,
        )
        for one, number, values in zip(found, numbers, changed, strict=True)
    ]


def _changes(one: _Found, at: datetime) -> dict[str, Any] | RefusedError:
    """Return what the row of a known release says from now on, or why it cannot."""
    if one.known is None:
        return {}
    try:
        return changes(one.release, one.requirement_set, one.known, at)
    except RefusedError as error:
        return error


def _find(connection: Connection, wanted: Sequence[tuple[Release, _Needs]]) -> list[_Found]:
    """Return the numbers of services and requirement sets, and the rows that are known.

    Services and sets that nobody knows are recorded. Cost: one statement where all are known.
    """
    if not wanted:
        return []
    releases = [release for release, _ in wanted]
    digests = [digest_of(needs) for _, needs in wanted]
    known: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(_KNOWN, {"wanted": _wanted(releases, digests)}):
        known[row.place].append(row)
    sets = {digest: known[place][0].of_set for place, digest in enumerate(digests)}
    needed = {digest: needs for digest, (_, needs) in zip(digests, wanted, strict=True)}
    sets |= add_sets(connection, {one: needed[one] for one in needed if sets[one] is None})
    services = {one.service: known[place][0].of_service for place, one in enumerate(releases)}
    services |= _add_services(connection, [name for name in services if services[name] is None])
    return [
        _Found(
            one,
            services[one.service],
            sets[digests[place]],
            same_version((row for row in known[place] if row.id is not None), one.version),
        )
        for place, one in enumerate(releases)
    ]


def _wanted(releases: Sequence[Release], digests: Sequence[str]) -> list[tuple[Any, ...]]:
    return [
        (place, one.service, digest, one.version.scheme, one.version.order)
        for place, (one, digest) in enumerate(zip(releases, digests, strict=True))
    ]


def _add_services(connection: Connection, names: Sequence[str]) -> Mapping[str, int]:
    if not names:
        return {}
    services = NamedRows(connection, tables.service, names, owner_id=None, repository="")
    for name in names:
        services.put(name, {})
    return services.write()


def _add(
    connection: Connection, found: Sequence[_Found], at: datetime
) -> Mapping[tuple[int, str], int]:
    if not found:
        return {}
    rows = [
        {
            "service_id": one.service,
            "label": str(one.release.version),
            "scheme": one.release.version.scheme,
            "line": one.release.version.line,
            "order": one.release.version.order,
            "final": one.release.final,
            "recorded_at": one.release.recorded_at or at,
            **content(one.release, one.requirement_set),
            **declared(one.release),
        }
        for one in found
    ]
    # With RETURNING, SQLite would look through all that can refer to each of them.
    if len(rows) == 1:
        return {found[0].key: number_of(connection.execute(_ADD, rows[0]).inserted_primary_key)}
    connection.execute(_ADD, rows)
    added = connection.execute(_ADDED, {"added": [one.key for one in found]})
    return {(row.service_id, row.label): row.id for row in added}


def _telling(one: _Found, number: int) -> Telling:
    if one.known is None:
        return Telling(number, one.release.uses)
    same_commit = one.known.commit == one.release.commit
    return Telling(number, one.release.uses, final=one.known.final, same_commit=same_commit)


def _effect(one: _Found, *, is_changed: bool) -> Effect:
    if one.known is None:
        return Effect.ADDED
    return Effect.CHANGED if is_changed else Effect.UNCHANGED


_given = rows("wanted", place=int, service=str, digest=str, scheme=str, order=int)
_renamed = select(tables.alias.c.service_id).where(tables.alias.c.name == _given.c.service)
_called = select(tables.service.c.id).where(tables.service.c.name == _given.c.service)
_alike = select(tables.requirement_set.c.id).where(
    tables.requirement_set.c.digest == _given.c.digest
)
_numbers = select(
    _given.c.place,
    _given.c.scheme.label("of_scheme"),
    _given.c.order.label("of_order"),
    # By any name; nothing where nobody knows it.
    func.coalesce(_renamed.scalar_subquery(), _called.scalar_subquery()).label("of_service"),
    _alike.scalar_subquery().label("of_set"),
).subquery("numbers")
_KNOWN = select(
    _numbers.c.place, _numbers.c.of_service, _numbers.c.of_set, tables.release
).join_from(
    _numbers,
    tables.release,
    (tables.release.c.service_id == _numbers.c.of_service)
    & (tables.release.c.order == _numbers.c.of_order)
    & (tables.release.c.scheme == _numbers.c.of_scheme),
    isouter=True,
)
_ADD = insert(tables.release)
_new = rows("added", service=int, label=str)
_ADDED = select(tables.release.c.id, tables.release.c.service_id, tables.release.c.label).join(
    _new,
    (tables.release.c.service_id == _new.c.service) & (tables.release.c.label == _new.c.label),
)
_CHANGE = update(tables.release).where(tables.release.c.id == bindparam("number"))
