"""The dictionary as Backstage entities; to import them again gives the same dictionary."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import yaml

from ci_steps.catalog import annotations as ours
from ci_steps.catalog.backstage_services import NOBODY
from ci_steps.catalog.findings import EMAIL, SLACK, is_email
from ci_steps.model import Contact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.model import Deployment, Owner, Release, Service

_VERSION = "backstage.io/v1alpha1"
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
# Written without quotes, some reader of YAML would take these for a number or a time.
_LIKE_A_NUMBER = re.compile(r"[-+.0-9]")
_LONGEST = 63


def exported(dictionary: Dictionary) -> list[dict[str, Any]]:
    """Return an entity for each owner and each service, with what runs of it.

    Of a service that runs nowhere it is the newest release.
    """
    with dictionary.reading():
        owners = dictionary.owners()
        refs = _refs(owners)
        live: dict[str, list[Deployment]] = defaultdict(list)
        for deployment in dictionary.live():
            live[deployment.service].append(deployment)
        services = dictionary.services()
        known = {service.name for service in services}
        return [
            *(_owner(owner, refs, owners) for owner in owners),
            *(
                _component(dictionary, service, live[service.name], refs, known)
                for service in services
            ),
        ]


def as_yaml(entities: Iterable[Mapping[str, Any]]) -> str:
    """Return entities as one file of many documents."""
    return yaml.dump_all(
        entities, Dumper=_Dumper, sort_keys=False, allow_unicode=True, explicit_start=True
    )


class _Dumper(yaml.SafeDumper):
    """Writes texts so that every reader of YAML takes them for texts."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return that nothing is written as an alias: people read these files."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else "'" if _LIKE_A_NUMBER.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _refs(owners: Iterable[Owner]) -> dict[str, str]:
    """Return a reference for each owner; what Backstage allows in names is less than we do."""
    taken: set[str] = set()
    found = {}
    # Names that can stay as they are come first, so that no other one takes them.
    for owner in sorted(owners, key=lambda one: (_entity_name(one.name) != one.name, one.name)):
        name = first = _entity_name(owner.name)
        number = 1
        while name in taken:
            number += 1
            name = f"{first[: _LONGEST - len(str(number)) - 1]}-{number}"
        taken.add(name)
        found[owner.name] = f"{'user' if owner.is_person else 'group'}:{name}"
    return found


def _entity_name(name: str) -> str:
    return _NOT_IN_NAMES.sub("-", name.lower())[:_LONGEST].strip("-") or "owner"


def _owner(owner: Owner, refs: Mapping[str, str], owners: Iterable[Owner]) -> dict[str, Any]:
    kind, _, name = refs[owner.name].partition(":")
    notes = _filled(
        {
            ours.OWNER: owner.name if owner.name != name else "",
            **_contacts(owner),
            ours.TIME_ZONE: owner.time_zone,
            ours.LEAD: refs.get(owner.lead, ""),
            ours.DEPUTIES: ", ".join(refs[one] for one in owner.deputies),
        }
    )
    profile = _filled({"displayName": owner.title, "email": _first(owner, EMAIL)})
    spec: dict[str, Any] = {"profile": profile} if profile else {}
    if kind == "user":
        teams = [one for one in owners if owner.name in one.members]
        spec["memberOf"] = [refs[one.name] for one in teams if not one.is_person]
    else:
        children = [refs[one.name] for one in owners if one.parent == owner.name]
        parent = {"parent": refs[owner.parent]} if owner.parent else {}
        spec = {"type": "team", **spec, **parent, "children": children}
    if owner.members:
        spec["members"] = [refs[one] for one in owner.members]
    return _entity(kind.capitalize(), name, notes, spec)


def _contacts(owner: Owner) -> dict[str, str]:
    """Return the contacts as annotations; the short form where it says all of them."""
    email, slack = _first(owner, EMAIL), _first(owner, SLACK)
    short = [Contact(*one) for one in ((EMAIL, email), (SLACK, slack)) if one[1]]
    is_plain = slack == slack.strip() and (not email or is_email(email))
    if list(owner.contacts) == short and is_plain:
        return {ours.SLACK: slack}
    return {ours.CONTACTS: ours.write_contacts(owner.contacts)}


def _first(owner: Owner, channel: str) -> str:
    return next((one.address for one in owner.contacts if one.channel == channel), "")


def _component(
    dictionary: Dictionary,
    service: Service,
    deployments: list[Deployment],
    refs: Mapping[str, str],
    known: set[str],
) -> dict[str, Any]:
    releases = _releases(dictionary, service.name, deployments)
    places = {one.environment for one in deployments}
    in_production = sorted(
        one.name for one in dictionary.environments() if one.production and one.name in places
    )
    notes = _filled(
        {
            ours.SOURCE: f"url:{service.repository}" if service.repository else "",
            ours.PRODUCTION: ", ".join(in_production),
        }
    )
    for number, release in enumerate(releases, 1):
        suffix = f".{number}" if number > 1 else ""
        notes |= {key + suffix: text for key, text in _of_release(release, deployments)}
    providers = {one.provider for release in releases for one in release.requirements} & known
    spec: dict[str, Any] = {
        "type": "service",
        "lifecycle": "production" if in_production else "experimental",
        "owner": refs.get(service.owner, str(NOBODY)),
    }
    if providers:
        spec["dependsOn"] = [f"component:{one}" for one in sorted(providers - {service.name})]
    return _entity("Component", service.name, notes, spec)


def _releases(dictionary: Dictionary, service: str, deployments: list[Deployment]) -> list[Release]:
    versions = dict.fromkeys(one.version for one in deployments)
    found = [dictionary.release(service, version) for version in versions]
    return [one for one in found if one] or list(dictionary.releases(service)[:1])


def _of_release(release: Release, deployments: list[Deployment]) -> Iterator[tuple[str, str]]:
    line = release.version.line
    runs = [
        ours.write_run(one.environment, "" if one.slot == line else one.slot)
        for one in deployments
        if one.version == release.version
    ]
    yield ours.VERSION, str(release.version)
    yield ours.COMMIT, release.commit
    yield ours.REQUIREMENTS, ours.write_requirements(release.requirements)
    if runs:
        yield ours.ENVIRONMENTS, ", ".join(runs)


def _entity(kind: str, name: str, notes: Mapping[str, str], spec: object) -> dict[str, Any]:
    metadata = {"name": name, **({"annotations": dict(notes)} if notes else {})}
    return {"apiVersion": _VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in texts.items() if text}
