"""Backstage files -> owners; and services through `ci_steps.catalog.backstage_services`.

https://backstage.io/docs/features/software-catalog/descriptor-format
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_steps.catalog import annotations as ours
from ci_steps.catalog.backstage_services import read_services
from ci_steps.catalog.entities import Entity, check_annotations, entities
from ci_steps.catalog.findings import (
    EMAIL,
    SLACK,
    Catalog,
    Known,
    check_email,
    check_time_zone,
    place_of,
)
from ci_steps.catalog.index import Index
from ci_steps.model import Contact, Owner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.catalog.entities import Ref
    from ci_steps.catalog.findings import YamlDocument
    from ci_steps.dictionary.worlds.document import KeyPath


def read_backstage(documents: Iterable[YamlDocument], known: Known) -> Catalog:
    """Return what Backstage files say; what is wrong in them is in the catalog's problems."""
    catalog = Catalog()
    index = Index(catalog, known)
    for document in documents:
        for entity in entities(document, catalog):
            index.add(entity)
    for ref, name in index.owners.items():
        catalog.owners[name] = _owner(index.entities[ref], name, index)
    for ref in index.owners:
        _belong(index.entities[ref], index)
    read_services(index)
    return catalog


def _owner(entity: Entity, name: str, index: Index) -> Owner:
    check_annotations(entity, ours.ON_OWNERS, suffixed=())
    profile = entity.spec.content.get("profile")
    said = profile if isinstance(profile, dict) else {}
    title = said.get("displayName") or entity.metadata.text("title")
    time_zone = entity.annotation(ours.TIME_ZONE)
    path = (*entity.annotations.path, ours.TIME_ZONE)
    return Owner(
        name,
        title if isinstance(title, str) else "",
        _contacts(entity, name, said.get("email"), index.catalog),
        is_person=entity.ref.kind == "user",
        lead=next(iter(_named(entity, ours.LEAD, index)), ""),
        time_zone=entity.document.attempt(path, check_time_zone, time_zone) or "",
        deputies=_named(entity, ours.DEPUTIES, index),
    )


def _contacts(entity: Entity, name: str, email: object, catalog: Catalog) -> tuple[Contact, ...]:
    attempt, above = entity.document.attempt, entity.annotations.path
    if ours.CONTACTS in entity.annotations.content:
        path = (*above, ours.CONTACTS)
        text = entity.annotations.text(ours.CONTACTS)
        return attempt(path, ours.read_contacts, text) or ()
    catalog.partial.add(name)
    path = (*above, ours.EMAIL)
    address = entity.annotation(ours.EMAIL)
    if not address and isinstance(email, str):
        path, address = (*entity.spec.path, "profile", "email"), email
    found = []
    if address and attempt(path, check_email, address):
        found.append(Contact(EMAIL, address))
    if slack := entity.annotation(ours.SLACK):
        found.append(Contact(SLACK, slack))
    return tuple(found)


def _named(entity: Entity, key: str, index: Index) -> tuple[str, ...]:
    path = (*entity.annotations.path, key)
    names = ours.parts(entity.annotation(key))
    found = (index.owner_of_text(entity, path, name) for name in names)
    return tuple(name for name in found if name)


def _belong(entity: Entity, index: Index) -> None:
    """Note who belongs to whom, from whichever side says so."""
    me = index.owners[entity.ref]
    for path, ref in entity.refs("members", "user"):
        _join(index, me, _owner_at(entity, path, ref, index))
    for path, ref in entity.refs("memberOf", "group"):
        _join(index, _owner_at(entity, path, ref, index), me)
    for path, ref in entity.refs("children", "group"):
        _adopt(index, me, _owner_at(entity, path, ref, index), entity, path)
    parent = entity.single_ref("parent", "group")
    if parent is not None:
        path = (*entity.spec.path, "parent")
        _adopt(index, _owner_at(entity, path, parent, index), me, entity, path)


def _owner_at(entity: Entity, path: KeyPath, ref: Ref, index: Index) -> str:
    name = index.owner(ref)
    if not name:
        text = f"{ref} is in no file and not in the dictionary{index.near(ref)}"
        index.catalog.note(place_of(entity.document, path), text)
    return name


def _join(index: Index, team: str, member: str) -> None:
    if team and member:
        owner = index.catalog.owners.get(team, Owner(team))
        members = tuple(dict.fromkeys((*owner.members, member)))
        index.catalog.owners[team] = replace(owner, members=members)


def _adopt(index: Index, parent: str, child: str, entity: Entity, path: KeyPath) -> None:
    if not parent or not child:
        return
    owner = index.catalog.owners.get(child, Owner(child))
    if owner.parent not in {"", parent}:
        entity.document.wrong(path, f"{child} has two parents: {owner.parent} and {parent}")
    index.catalog.owners[child] = replace(owner, parent=parent)
