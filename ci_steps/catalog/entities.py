"""The entities of Backstage files: the envelope, names and references.

https://backstage.io/docs/features/software-catalog/descriptor-format
https://backstage.io/docs/features/software-catalog/references
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ci_steps.catalog.annotations import PREFIX
from ci_steps.catalog.findings import place_of
from ci_steps.dictionary.worlds.document import Document, Entry
from ci_steps.errors import UsageError
from ci_steps.versions import check_name
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from ci_steps.catalog.findings import Catalog, YamlDocument
    from ci_steps.dictionary.worlds.document import KeyPath
    from ci_steps.errors import Problem

OURS = "backstage.io/"
READ = ("Component", "API", "Group", "User")
IGNORED = ("System", "Domain", "Resource", "Location", "Template")

_NAME = re.compile(r"[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*")
_REF = re.compile(r"(?:([A-Za-z0-9-]+):)?(?:([A-Za-z0-9-]+)/)?([A-Za-z0-9._-]+)")
_LONGEST = 63


class Ref(NamedTuple):
    """What names an entity; kind, namespace and name do not depend on capitals."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        namespace = "" if self.namespace == "default" else f"{self.namespace}/"
        return f"{self.kind}:{namespace}{self.name}"


@dataclass(frozen=True)
class Entity:
    """One entity: its name in references, its parts, and its place in a file."""

    ref: Ref
    metadata: Entry
    spec: Entry
    annotations: Entry

    @property
    def document(self) -> Document:
        """Return the document it stands in."""
        return self.metadata.document

    @property
    def place(self) -> Problem:
        """Return where its name is."""
        return place_of(self.document, (*self.metadata.path, "name"))

    def annotation(self, key: str) -> str:
        """Return the value of an annotation, empty if it is missing or wrong."""
        return self.annotations.text(key).strip()

    def refs(self, key: str, kind: str) -> Iterator[tuple[KeyPath, Ref]]:
        """Yield the references in a list of the spec; *kind* is that of one without."""
        for path, value in self.spec.members(key):
            ref = self.document.attempt(path, parse_ref, value, kind, self.ref.namespace)
            if ref is not None:
                yield path, ref

    def single_ref(self, key: str, kind: str) -> Ref | None:
        """Return the reference under a key of the spec."""
        value = self.spec.content.get(key)
        if value is None:
            return None
        path = (*self.spec.path, key)
        return self.document.attempt(path, parse_ref, value, kind, self.ref.namespace)


def parse_ref(value: object, kind: str, namespace: str = "default") -> Ref:
    """Read ``[kind:][namespace/]name``, or the three as keys; what is left out is given."""
    if isinstance(value, Mapping):
        known = {"kind": kind, "namespace": namespace, **value}
        value = f"{known['kind']}:{known['namespace']}/{known.get('name', '')}"
    match = _REF.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise UsageError(
            f"{value!r} is not a reference", hint="Write it like group:default/auth-team."
        )
    found = match.groups()
    return Ref((found[0] or kind).lower(), (found[1] or namespace).lower(), found[2].lower())


def service_name(text: str) -> str:
    """Return the service that an entity of this name is; UsageError if it cannot be one.

    Backstage takes capitals for small letters; dots and underscores become hyphens.
    """
    return check_name(re.sub(r"[._]", "-", text.lower()), long_form=True)


def entities(yaml: YamlDocument, catalog: Catalog) -> Iterator[Entity]:
    """Yield the entities of a document, or of the list in it, that are read."""
    document = catalog.document(yaml)
    listed: list[tuple[KeyPath, object]] = [((), yaml.content)]
    if isinstance(yaml.content, list):
        listed = [((place,), value) for place, value in enumerate(yaml.content)]
    for path, value in listed:
        if not isinstance(value, Mapping):
            document.wrong(path, "expected an entity: keys and values with a kind")
            continue
        entity = _entity(Entry(document, path, value), catalog)
        if entity is not None:
            yield entity


def _entity(root: Entry, catalog: Catalog) -> Entity | None:
    kind = root.text("kind", required=True)
    version = root.text("apiVersion", required=True)
    if not kind or not version or not _is_read(root, kind, version, catalog):
        return None
    metadata = _part(root, "metadata")
    name, namespace = metadata.text("name", required=True), metadata.text("namespace")
    if name and (len(name) > _LONGEST or not _NAME.fullmatch(name)):
        reason = "at most 63 letters and digits, joined by one of - _ ."
        metadata.wrong("name", f"{name!r} is not the name of an entity: {reason}")
        name = ""
    # Nothing will be recorded, but what else is wrong with it is said now, too.
    name = name or f"unnamed{len(catalog.problems)}"
    ref = Ref(kind.lower(), (namespace or "default").lower(), name.lower())
    return Entity(ref, metadata, _part(root, "spec"), _part(metadata, "annotations"))


def _is_read(root: Entry, kind: str, version: str, catalog: Catalog) -> bool:
    if not version.startswith(OURS):
        _ignore(root, f"{kind} of {version} is ignored", catalog)
    elif kind in IGNORED:
        _ignore(root, f"{kind} is ignored", catalog)
    elif kind not in READ:
        root.wrong("kind", f"unknown kind {kind!r}{did_you_mean(kind, (*READ, *IGNORED))}")
    else:
        return True
    return False


def _ignore(root: Entry, text: str, catalog: Catalog) -> None:
    catalog.note(place_of(root.document, (*root.path, "kind")), text)


def _part(above: Entry, key: str) -> Entry:
    value: Any = above.content.get(key)
    if value is not None and not isinstance(value, Mapping):
        above.wrong(key, "expected keys and values")
        value = None
    return Entry(above.document, (*above.path, key), value or {})


def check_annotations(entity: Entity, known: tuple[str, ...], *, suffixed: tuple[str, ...]) -> None:
    """Note annotations that look like ours and are none on an entity of this kind."""
    for key in entity.annotations.content:
        plain = next((one for one in suffixed if str(key).startswith(f"{one}.")), key)
        if str(key).startswith(PREFIX) and plain not in known:
            entity.annotations.wrong(str(key), f"unknown annotation{did_you_mean(str(key), known)}")
