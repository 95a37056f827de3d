"""Documents that are schemas by themselves: JSON Schema, from draft 4 to 2020-12."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ci_steps.comparisons.changes import Change, Contract, Level
from ci_steps.comparisons.files import files_of
from ci_steps.documents.library import Library, all_of
from ci_steps.documents.node import Node
from ci_steps.errors import ContractError
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.shapes import SCHEMA, references_in
from ci_steps.schema_rules.spots import Kind, Spot

SUFFIXES = (".json", ".yaml", ".yml")
IS_SCHEMA = re.compile(r"\.schema\.(json|ya?ml)$", re.IGNORECASE)
_DRAFT = re.compile(
    r"https?://json-schema\.org/(?:draft-0(?P<old>[467])|draft/(?:2019-09|2020-12))/schema#?"
)
_KNOWN = "draft 4, 6 and 7, 2019-09 and 2020-12 are read"


@dataclass(frozen=True)
class SchemaFile:
    """A schema with a file of its own."""

    name: str
    schema: Schema

    @property
    def node(self) -> Node:
        """The whole of it."""
        return self.schema.written[0]


def compare_files(
    old: Contract, new: Contract, directions: Iterable[Direction]
) -> Iterator[Change]:
    """Yield what those notice who send such values, or get them."""
    library = Library(old)
    before = read(old, library)
    after = read(new, Library(new, library))
    yield from _compare_presence(before, after)
    walk = Comparison(references_in(library))
    for direction in directions:
        for name in before.keys() & after.keys():
            _compare(before[name], after[name], direction, walk)
        walk.finish()
    yield from walk.found.changes(walk.reach)


def read(contract: Contract, library: Library) -> dict[str, SchemaFile]:
    """Return the schemas of *contract* by file; ContractError where one is wrong, all at once."""
    names = files_of(contract, *SUFFIXES)
    roots = [library.document(name).root for name in names]
    if not contract.main:
        roots = [root for root in roots if _is_schema(root)]
    found: dict[str, SchemaFile] = {}
    problems: list[ContractError] = []
    for root in roots:
        try:
            schema = Schema((root,), _has_siblings(root))
            library.check((root, SCHEMA))
        except ContractError as error:
            problems.append(error)
            continue
        # A single file may be called otherwise than the one it is compared with.
        name = "" if contract.main else root.document.file.name
        found[name] = SchemaFile(root.document.file.name, schema)
    if problems:
        raise all_of(problems)
    if not found:
        raise ContractError(f"{contract.name}: no file is a JSON Schema")
    return found


def _is_schema(root: Node) -> bool:
    says = root.get("$schema")
    is_said = says is not None and "json-schema.org" in str(says.value)
    return is_said or IS_SCHEMA.search(root.document.file.name) is not None


def _has_siblings(root: Node) -> bool:
    """Return whether keywords beside a `$ref` hold: since 2019, and where nothing is said."""
    says = root.get("$schema")
    if says is None:
        return True
    draft = _DRAFT.fullmatch(str(says.value))
    if draft is None:
        raise root.document.library.wrong(says, f"$schema {says.value!r} is not known: {_KNOWN}")
    return draft["old"] is None


def _compare_presence(
    before: dict[str, SchemaFile], after: dict[str, SchemaFile]
) -> Iterator[Change]:
    for name, gone in before.items():
        if name not in after:
            text, place = f"the schema {name} was removed", gone.node.location
            yield Change("json-schema-removed", Level.BREAKING, name, text, place)
    for name, added in after.items():
        if name not in before:
            text, place = f"the schema {name} is new", added.node.location
            yield Change("json-schema-added", Level.COMPATIBLE, name, text, None, place)


def _compare(old: SchemaFile, new: SchemaFile, direction: Direction, walk: Comparison) -> None:
    called = f"{new.name} in a {direction.value}"
    owner = new.name, direction
    spot = Spot(direction, Kind.BODY, owner, called, "the value", old.node, new.node)
    walk.reach.operation(owner, new.name)
    walk.compare(old.schema, new.schema, spot)
