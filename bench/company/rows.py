"""A company as rows of the dictionary's tables, each with its number."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from ci_steps.dictionary import tables
from ci_steps.dictionary.requirement_sets import as_texts
from ci_steps.versions import Version, parse_version
from company.histories import BEGIN, YEARS_DAYS
from company.services import ERAS, Company, Made

if TYPE_CHECKING:
    from sqlalchemy import Table

Row = dict[str, Any]

ENVIRONMENTS = ("development", "staging", "production")
PRODUCTION = 3
TODAY = BEGIN + timedelta(days=YEARS_DAYS)
# How many releases after the other each environment gets, how far it is behind, and the
# share of services that run there.
_DEPLOYED = ((4, 0, 1.0), (5, 1, 0.92), (7, 2, 0.765))
_TRIED = 2  # verifications of each service
_DRIFTING = 0.005
_BREAKING = 0.1
_ALIASES, _WAIVERS, _RETIRED = 100, 50, 20  # one in as many services


class Stay(NamedTuple):
    """A release that runs, or ran, in a slot of an environment."""

    number: int
    made: Made
    place: int
    environment: int
    slot: str
    begun: datetime
    ended: datetime | None


def parts(company: Company) -> Iterator[tuple[Table, Iterator[Row]]]:
    """Yield the rows of each table; a table comes after those that it points to."""
    stays = list(_stays(company))
    yield tables.owner, _owners(company)
    yield tables.contact, _contacts(company)
    yield tables.owner_detail, _details(company)
    yield tables.owner_relation, _relations(company)
    yield tables.service, _services(company)
    yield tables.alias, _aliases(company)
    yield tables.environment, _environments()
    yield tables.policy, iter([{"id": 1, "environment_id": PRODUCTION, "evidence_required": False}])
    yield tables.contract, _contracts(company)
    yield tables.comparison, _comparisons(company)
    yield tables.requirement_set, _sets(company)
    yield tables.requirement, _requirements(company)
    yield tables.release, _releases(company)
    yield tables.deployment, map(partial(_deployment, company), stays)
    yield tables.live_requirement, _live_requirements(company, stays)
    yield tables.observation, _observations(stays)
    yield tables.verification, _verifications(company)
    yield tables.waiver, _waivers(company)
    yield tables.retired_line, _retired(company)
    yield tables.evidence, _evidence(company)


def _owners(company: Company) -> Iterator[Row]:
    for number in range(1, company.size.owners + 1):
        yield {"id": number, "name": f"team-{number:03}", "title": f"Team {number}"}


def _contacts(company: Company) -> Iterator[Row]:
    # One in forty cannot be reached.
    owners = (number for number in range(1, company.size.owners + 1) if number % 40)
    for number, owner in enumerate(owners, 1):
        address = f"team-{owner:03}@company.example"
        yield {"id": number, "owner_id": owner, "channel": "email", "address": address}


def _details(company: Company) -> Iterator[Row]:
    for number in range(1, company.size.owners + 1):
        yield {"id": number, "owner_id": number, "is_person": False, "time_zone": "Europe/Berlin"}


def _relations(company: Company) -> Iterator[Row]:
    for number in range(2, company.size.owners + 1):
        yield {
            "id": number,
            "owner_id": number,
            "role": "parent",
            "other_id": number // 2,
            "position": 0,
        }


def _services(company: Company) -> Iterator[Row]:
    for made in company.services:
        repository = f"https://git.company.example/{made.name}"
        yield {
            "id": made.number,
            "name": made.name,
            "owner_id": made.owner,
            "repository": repository,
        }


def _aliases(company: Company) -> Iterator[Row]:
    for made in company.services[::_ALIASES]:
        yield {"id": made.number, "service_id": made.number, "name": f"old-{made.name}"}


def _environments() -> Iterator[Row]:
    for number, name in enumerate(ENVIRONMENTS, 1):
        yield {"id": number, "name": name, "production": number == PRODUCTION}


def _contracts(company: Company) -> Iterator[Row]:
    for made in company.services:
        for era in range(ERAS):
            number = made.number * ERAS + era
            yield {"id": number, "digest": made.contract_of(era), "main": "openapi.yaml"}


def _comparisons(company: Company) -> Iterator[Row]:
    """Yield what became of comparing each contract with the one before it."""
    random = Random(company.size.releases)
    unchanged = zlib.compress(b"[]")
    for made in company.services:
        for era in range(1, ERAS):
            number = made.number * ERAS + era
            yield {
                "id": number,
                "old_id": number - 1,
                "new_id": number,
                "format": "openapi",
                "level": 2 if random.random() < _BREAKING else 0,
                "changes": unchanged,
                "at": TODAY,
            }


def _sets(company: Company) -> Iterator[Row]:
    for one in company.sets.values():
        yield {"id": one.number, "digest": one.digest, **as_texts(one.requirements)}


def _requirements(company: Company) -> Iterator[Row]:
    number = 0
    for one in company.sets.values():
        for need in one.requirements:
            number += 1
            yield {
                "id": number,
                "requirement_set_id": one.number,
                "provider": need.provider,
                "line": need.line,
                "written": need.written,
            }


def release_id(company: Company, made: Made, place: int) -> int:
    """Return the number of a release."""
    return (made.number - 1) * company.size.releases + place + 1


def version_of(made: Made, place: int) -> Version:
    """Return the version of a release."""
    return parse_version(made.releases[place].label)


def _releases(company: Company) -> Iterator[Row]:
    for made in company.services:
        for place, (label, at) in enumerate(made.releases):
            version = parse_version(label)
            yield {
                "id": release_id(company, made, place),
                "service_id": made.number,
                "label": label,
                "scheme": version.scheme,
                "line": version.line,
                "order": version.order,
                "commit": made.commit(place),
                "contract_digest": made.contract(place),
                "requirement_set_id": made.sets[made.era(place)],
                "final": True,
                "recorded_at": at,
            }


def _stays(company: Company) -> Iterator[Stay]:
    """Yield what runs and ran: one after the other in a slot, and old lines beside."""
    random = Random(company.size.services)
    number = 0
    for made in company.services:
        for environment, (step, behind, share) in enumerate(_DEPLOYED, 1):
            if random.random() >= share:
                continue
            for place, slot, following in _sequence(made, step, behind):
                number += 1
                begun = made.releases[place].at + timedelta(hours=environment)
                ended = None
                if following is not None:
                    ended = made.releases[following].at + timedelta(hours=environment)
                yield Stay(number, made, place, environment, slot, begun, ended)


def _sequence(made: Made, step: int, behind: int) -> Iterator[tuple[int, str, int | None]]:
    """Yield which release took which slot, and which one took it next."""
    last = len(made.releases) - 1 - behind
    places = list(range(last, -1, -step))[::-1]
    beside = [place for place in places if made.late_major and place >= made.late_major]
    for sequence in ([place for place in places if place not in beside], beside):
        followers = [*sequence[1:], None]
        for place, following in zip(sequence, followers, strict=False):
            yield place, version_of(made, sequence[0]).line, following


def address_of(stay: Stay) -> str:
    """Return where a deployment answers."""
    where = ENVIRONMENTS[stay.environment - 1]
    return f"https://{stay.made.name}.{where}-{stay.slot}.company.example"


def _deployment(company: Company, stay: Stay) -> Row:
    return {
        "id": stay.number,
        "release_id": release_id(company, stay.made, stay.place),
        "service_id": stay.made.number,
        "environment_id": stay.environment,
        "slot": stay.slot,
        "commit": stay.made.commit(stay.place),
        "address": address_of(stay),
        "digest": f"sha256:{stay.made.contract(stay.place)}",
        "by": "pipeline",
        "url": "https://ci.company.example/runs/1",
        "started_at": stay.begun,
        "ended_at": stay.ended,
        "requirement_set_id": stay.made.sets[stay.made.era(stay.place)],
    }


def _live_requirements(company: Company, stays: list[Stay]) -> Iterator[Row]:
    number = 0
    for stay in stays:
        if stay.ended is not None:
            continue
        released = version_of(stay.made, stay.place)
        version, scheme = str(released), released.scheme
        for need in company.sets_by_number[stay.made.sets[stay.made.era(stay.place)]].requirements:
            number += 1
            yield {
                "id": number,
                "deployment_id": stay.number,
                "release_id": release_id(company, stay.made, stay.place),
                "environment_id": stay.environment,
                "dependent_id": stay.made.number,
                "slot": stay.slot,
                "version": version,
                "scheme": scheme,
                "provider": need.provider,
                "line": need.line,
                "written": need.written,
            }


def _observations(stays: list[Stay]) -> Iterator[Row]:
    random = Random(len(stays))
    for stay in stays:
        if stay.ended is not None:
            continue
        # The one that ran before has come back, or a hand has put it there.
        is_another = random.random() < _DRIFTING
        place = stay.place - is_another
        version = version_of(stay.made, place)
        yield {
            "id": stay.number,
            "service_id": stay.made.number,
            "environment_id": stay.environment,
            "address": address_of(stay),
            "version": str(version),
            "scheme": version.scheme,
            "problem": "",
            "at": stay.begun + timedelta(minutes=5),
            "differs": is_another,
        }


def _verifications(company: Company) -> Iterator[Row]:
    by_name: Mapping[str, Made] = {made.name: made for made in company.services}
    number = 0
    for made in company.services:
        for need in company.sets_by_number[made.sets[-1]].requirements[:_TRIED]:
            number += 1
            provider = by_name[need.provider]
            yield {
                "id": number,
                "dependent_id": made.number,
                "dependent_version": made.releases[-3].label,
                "provider_id": provider.number,
                "provider_version": provider.releases[-3].label,
                "passed": True,
                "url": "",
                "at": TODAY,
            }


def _waivers(company: Company) -> Iterator[Row]:
    for made in company.services[_WAIVERS - 1 :: _WAIVERS]:
        yield {
            "id": made.number,
            "service_id": made.number,
            "other": company.services[0].name,
            "environment_id": PRODUCTION,
            "until": date(2018, 12, 31),
            "reason": "moves next month",
            "by": "",
            "at": TODAY,
        }


def _retired(company: Company) -> Iterator[Row]:
    for made in company.services[_RETIRED - 1 :: _RETIRED]:
        line = version_of(made, 0).line
        if line != version_of(made, len(made.releases) - 1).line:
            yield {"id": made.number, "service_id": made.number, "line": line, "at": TODAY}


def _evidence(company: Company) -> Iterator[Row]:
    for made in company.services:
        for place, (label, at) in enumerate(made.releases):
            yield {
                "id": release_id(company, made, place),
                "service_id": made.number,
                "kind": "unit-test",
                "passed": True,
                "version": label,
                "commit": made.commit(place),
                "at": at,
            }
