"""What references of Backstage mean: the owners and services in the files and the dictionary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_steps.catalog.annotations import OWNER, SERVICE
from ci_steps.catalog.entities import Entity, Ref, parse_ref, service_name
from ci_steps.catalog.findings import Catalog, Known, check_owner_name
from ci_steps.errors import UsageError
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.dictionary.worlds.document import KeyPath


# To find what was probably meant, a name is compared with all others; a file of a whole company
# may refer to thousands that are elsewhere.
_MOST_SEARCHED = 100


@dataclass
class Index:
    """The entities of an import by reference, and what each is called in the dictionary."""

    catalog: Catalog
    known: Known
    entities: dict[Ref, Entity] = field(default_factory=dict)
    owners: dict[Ref, str] = field(default_factory=dict)
    services: dict[Ref, str] = field(default_factory=dict)
    _near: dict[Ref, str] = field(default_factory=dict)

    def add(self, entity: Entity) -> None:
        """Take in an entity; of two with one name, or for one name of ours, the first counts."""
        first = self.entities.setdefault(entity.ref, entity)
        if first is not entity:
            self._refuse(entity, str(entity.ref), first)
        elif entity.ref.kind in {"group", "user"}:
            self._name(entity, "owner", self._owner(entity), self.owners)
        elif entity.ref.kind == "component" and not is_library(entity):
            self._name(entity, "service", self._service(entity), self.services)

    def owner(self, ref: Ref) -> str:
        """Return the name of an owner, empty if nobody knows it."""
        return self.owners.get(ref) or (ref.name if ref.name in self.known.owners else "")

    def owner_of_text(self, entity: Entity, path: KeyPath, text: str) -> str:
        """Return the owner that an annotation names; a user, or else a group."""
        ref = entity.document.attempt(path, parse_ref, text, "user", entity.ref.namespace)
        if ref is None:
            return ""
        found = self.owner(ref) or (":" not in text and self.owner(ref._replace(kind="group")))
        if not found:
            entity.document.wrong(path, f"unknown owner {text!r}{self.near(ref)}")
        return found or ""

    def service(self, ref: Ref) -> str:
        """Return the name of a service, empty if nobody knows it."""
        if ref in self.services:
            return self.services[ref]
        try:
            name = service_name(ref.name)
        except UsageError:
            return ""
        return name if name in self.known.services else ""

    def near(self, ref: Ref) -> str:
        """Return what was probably meant by a reference to nowhere, for the first ones of many."""
        if ref not in self._near and len(self._near) < _MOST_SEARCHED:
            self._near[ref] = self._search(ref)
        return self._near.get(ref, "")

    def _search(self, ref: Ref) -> str:
        is_service = ref.kind == "component"
        names: Iterable[str] = self.known.services if is_service else self.known.owners
        kinds = {ref.kind} if is_service else {"user", "group"}
        return did_you_mean(
            ref.name, {*names, *(one.name for one in self.entities if one.kind in kinds)}
        )

    def _owner(self, entity: Entity) -> str:
        given = entity.annotation(OWNER)
        path = (*entity.annotations.path, OWNER)
        return entity.document.attempt(path, check_owner_name, given or entity.ref.name) or ""

    def _service(self, entity: Entity) -> str:
        given = entity.annotation(SERVICE)
        path = (*entity.annotations.path, SERVICE) if given else (*entity.metadata.path, "name")
        try:
            return service_name(given or entity.ref.name)
        except UsageError as error:
            way_out = "" if given else f" Or say what it is called here in {SERVICE}."
            entity.document.wrong(path, f"{error}. {error.hint}{way_out}")
            return ""

    def _name(self, entity: Entity, what: str, name: str, names: dict[Ref, str]) -> None:
        if not name:
            return
        first = self.catalog.places.setdefault((what, name), entity.place)
        names[entity.ref] = name
        if first != entity.place:
            other = next(ref for ref, known in names.items() if known == name)
            self._refuse(entity, f"the {what} {name}", self.entities[other])

    def _refuse(self, entity: Entity, what: str, first: Entity) -> None:
        where = f"{first.place.file}:{first.place.line}"
        keys = {"group": OWNER, "user": OWNER, "component": SERVICE}
        is_same = first.ref == entity.ref or entity.ref.kind not in keys
        way_out = "" if is_same else f": give one of them another name in {keys[entity.ref.kind]}"
        self.catalog.wrong(entity.place, f"{what} is there already, in {where}{way_out}")


def is_library(entity: Entity) -> bool:
    """Return whether a component is no service: it runs nowhere by itself."""
    return entity.spec.content.get("type") == "library"
