"""What graphql-core finds under ids of ours, and what it does not look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ci_steps.comparisons.changes import Change, Level
from ci_steps.graphql_rules.places import place, root_place

if TYPE_CHECKING:
    from graphql import GraphQLSchema
    from graphql.utilities.find_schema_changes import SchemaChange

_NAME = r"@?\w+(?:\.\w+)?(?:\(\w+:\))?"
# In the order in which they are tried: what changed is named first, or after these words.
_SUBJECTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:added to union type|removed from union type|interfaces implemented by) ({_NAME})",
        r"(?:was added to|was removed from) (@\w+)",
        rf"(?:argument|Argument|field|Field|Enum value|Directive|scalar) ({_NAME})",
        rf"^({_NAME})",
    )
)
# graphql-core calls these dangerous; callers who do not know them lose nothing.
_COMPATIBLE = {"OPTIONAL_INPUT_FIELD_ADDED", "OPTIONAL_ARG_ADDED"}
_SILENT = {"DESCRIPTION_CHANGED"}
_ROOTS = ("query", "mutation", "subscription")


def compare_schemas(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """Yield what callers of *old* notice when they meet *new*."""
    from graphql.utilities.find_schema_changes import find_schema_changes

    for found in find_schema_changes(old, new):
        if found.type.name not in _SILENT and not _is_standard_scalar(found):
            yield _change(found, old, new)
    yield from _roots(old, new)
    for name, kind in old.type_map.items():
        yield from _missed(name, kind, new.type_map.get(name), old, new)


def _change(found: SchemaChange, old: GraphQLSchema, new: GraphQLSchema) -> Change:
    text = found.description.rstrip(".")
    subject = _subject(text)
    rule = "graphql-" + found.type.name.lower().replace("_", "-")
    return Change(rule, _level(found), subject, text, place(old, subject), place(new, subject))


def _subject(text: str) -> str:
    found = next(filter(None, (pattern.search(text) for pattern in _SUBJECTS)), None)
    return found[1] if found else text


def _level(found: SchemaChange) -> Level:
    from graphql.utilities.find_schema_changes import BreakingChangeType, DangerousChangeType

    if isinstance(found.type, BreakingChangeType):
        return Level.BREAKING
    is_dangerous = isinstance(found.type, DangerousChangeType)
    return (
        Level.WARNING if is_dangerous and found.type.name not in _COMPATIBLE else Level.COMPATIBLE
    )


def _is_standard_scalar(found: SchemaChange) -> bool:
    """Return whether only the first or last use of Int came or went: a change of its own."""
    from graphql import specified_scalar_types

    is_type = found.type.name in {"TYPE_ADDED", "TYPE_REMOVED"}
    return is_type and _subject(found.description) in specified_scalar_types


def _roots(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    for operation in _ROOTS:
        before, after = (getattr(schema, f"{operation}_type") for schema in (old, new))
        places = root_place(old, operation), root_place(new, operation)
        if before and not after:
            text = f"{operation} operations were removed"
            yield Change("graphql-root-removed", Level.BREAKING, operation, text, *places)
        elif before and before.name != after.name:
            text = f"the type of {operation} operations changed from {before.name} to {after.name}"
            yield Change("graphql-root-type-changed", Level.BREAKING, operation, text, *places)


def _missed(
    name: str, before: Any, after: Any, old: GraphQLSchema, new: GraphQLSchema
) -> Iterator[Change]:
    places = place(old, name), place(new, name)
    if getattr(after, "is_one_of", False) and not getattr(before, "is_one_of", True):
        text = f"{name} now takes exactly one of its fields"
        yield Change("graphql-input-became-one-of", Level.BREAKING, name, text, *places)
    urls = [getattr(kind, "specified_by_url", None) for kind in (before, after)]
    if after is not None and urls[0] != urls[1]:
        text = (
            f"{name} was specified by {urls[0] or 'nothing'} and is now by {urls[1] or 'nothing'}"
        )
        yield Change("graphql-scalar-specification-changed", Level.WARNING, name, text, *places)
