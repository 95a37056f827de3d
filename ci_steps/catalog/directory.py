"""A file of owners -> owners: the people and teams of a company, and how each is reached.

teams:
  auth-team:
    title: Auth team
    lead: auth-lead
    email: auth-owners@shop.example
    slack: "#auth-team"
    time_zone: Europe/Berlin
    deputies: [gis-team]
    members: [auth-lead]
people:
  auth-lead: {email: auth-lead@shop.example, deputies: [gis-lead]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.catalog.findings import (
    EMAIL,
    SLACK,
    Catalog,
    Known,
    check_email,
    check_time_zone,
    place_of,
)
from ci_steps.dictionary.worlds.document import Entry, entry_at
from ci_steps.model import Contact, Owner
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_steps.catalog.findings import YamlDocument

PARTS = ("teams", "people")

_KEYS = ("title", "lead", "email", "slack", "contacts", "time_zone", "deputies")
_RELATIONS = ("lead", "deputies", "members")


def read_directory(documents: Iterable[YamlDocument], known: Known) -> Catalog:
    """Return what files of owners say; what is wrong in them is in the catalog's problems."""
    catalog = Catalog()
    entries: list[Entry] = []
    for yaml in documents:
        document = catalog.document(yaml)
        top = entry_at(document, (), yaml.content, PARTS)
        for name, entry, is_person in _listed(top) if top else ():
            entries.append(entry)
            _take(catalog, name, entry, is_person=is_person)
    for entry in entries:
        _check_names(entry, {*known.owners, *catalog.owners})
    return catalog


def _listed(top: Entry) -> Iterator[tuple[str, Entry, bool]]:
    for name, entry in top.named("teams", *_KEYS, "members"):
        yield name, entry, False
    for name, entry in top.named("people", *_KEYS):
        yield name, entry, True


def _take(catalog: Catalog, name: str, entry: Entry, *, is_person: bool) -> None:
    place = place_of(entry.document, entry.path)
    first = catalog.places.setdefault(("owner", name), place)
    if first != place:
        catalog.wrong(place, f"is there already, in {first.file}:{first.line}")
        return
    if "contacts" not in entry.content:
        catalog.partial.add(name)
    time_zone_path = (*entry.path, "time_zone")
    catalog.owners[name] = Owner(
        name,
        entry.text("title"),
        tuple(_contacts(entry)),
        is_person=is_person,
        lead=entry.text("lead"),
        time_zone=entry.document.attempt(time_zone_path, check_time_zone, entry.text("time_zone"))
        or "",
        deputies=_names(entry, "deputies"),
        members=_names(entry, "members"),
    )


def _contacts(entry: Entry) -> Iterator[Contact]:
    email = entry.text("email")
    if email and entry.document.attempt((*entry.path, "email"), check_email, email):
        yield Contact(EMAIL, email)
    if slack := entry.text("slack"):
        yield Contact(SLACK, slack)
    for one in entry.entries("contacts", "channel", "address"):
        yield Contact(one.text("channel", required=True), one.text("address", required=True))


def _names(entry: Entry, key: str) -> tuple[str, ...]:
    found = []
    for path, value in entry.members(key):
        if isinstance(value, str):
            found.append(value)
        else:
            entry.document.wrong(path, f"{value!r} is not the name of an owner")
    return tuple(dict.fromkeys(found))


def _check_names(entry: Entry, known: set[str]) -> None:
    """Note whoever is named and nobody knows, and whoever is their own lead or deputy."""
    for key in _RELATIONS:
        values = entry.content.get(key)
        for name in values if isinstance(values, list) else [values]:
            if not name or not isinstance(name, str):
                continue
            if name == entry.path[-1]:
                entry.wrong(key, f"{name} cannot be this for itself")
            elif name not in known:
                entry.wrong(key, f"unknown owner {name!r}{did_you_mean(name, known)}")
