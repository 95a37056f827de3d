"""Which changes of a schema touch somebody whose GraphQL operations are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ci_steps.graphql_rules.operations import take_documents
from ci_steps.graphql_rules.places import parts_of
from ci_steps.graphql_rules.used import Used, members_of
from ci_steps.uses.by_name import doubts_about, doubts_about_calls, reached
from ci_steps.uses.narrowed import Narrowed, narrowed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import GraphQLSchema

    from ci_steps.comparisons.changes import Change
    from ci_steps.uses.values import Uses

_OPERATIONS = {"query", "mutation", "subscription"}
# A member that came, or that somebody leaves out: whoever uses the type is asked.
_OF_THE_TYPE = {
    "graphql-value-added-to-enum",
    "graphql-required-input-field-added",
    "graphql-input-field-default-value-change",
}
# Only who gives the argument notices.
_OF_THE_ARGUMENT = {"graphql-arg-removed"}


def narrow(changes: Sequence[Change], uses: Uses, schema: GraphQLSchema) -> Narrowed:
    """Return which of *changes* touch who uses *uses* of *schema*, the old one; in doubt all."""
    used = Used()
    used.doubts += doubts_about_calls(uses.calls, "GraphQL")
    used.doubts += [f"{file} is protobuf, and the contract is GraphQL" for file in uses.interfaces]
    _take_names(uses.names, schema, used)
    take_documents(uses.documents, schema, used)
    return narrowed(changes, lambda change: _touches(change, used, schema), used.doubts)


def _touches(change: Change, used: Used, schema: GraphQLSchema) -> bool:
    if used.doubts:
        return True
    if change.subject in _OPERATIONS:
        return change.subject in used.operations
    owner, member, argument = parts_of(change.subject)
    if owner is None:
        return True
    if member is None or change.rule in _OF_THE_TYPE or _is_sent(change, owner, schema):
        return owner in used.types
    if argument is not None and change.rule in _OF_THE_ARGUMENT:
        return change.subject in used.arguments
    return f"{owner}.{member}" in used.members


def _is_sent(change: Change, owner: str, schema: GraphQLSchema) -> bool:
    """Return whether a field that is sent has another type, which may ask for it now."""
    from graphql import is_input_object_type

    changed = change.rule.startswith("graphql-field-changed-kind")
    return changed and is_input_object_type(schema.get_type(owner))


def _take_names(names: Sequence[str], schema: GraphQLSchema, used: Used) -> None:
    """Take types, members and arguments by their names, and what lies in them."""
    from graphql import get_named_type, is_abstract_type

    known = set(_names(schema)) if names else set()
    used.doubts += doubts_about(names, known)
    roots = {f"{getattr(schema, f'{one}_type')}": one for one in _OPERATIONS}
    types = {
        f"{kind.name}.{member}": {get_named_type(declared.type).name}
        for kind in (schema.type_map.values() if names else ())
        for member, declared in members_of(kind).items()
        if hasattr(declared, "type")
    }
    for kind in filter(is_abstract_type, schema.type_map.values()):
        types[kind.name] = {one.name for one in schema.get_possible_types(kind)}
    chosen = [name.partition("(")[0] for name in names]
    if names and not any(parts_of(name)[0] in roots for name in chosen):
        # Nobody reads a field but by an operation, and which one is not said.
        used.operations |= set(roots.values())
        of_roots = {one for one in known if parts_of(one)[0] in roots}
        used.members |= of_roots
        used.arguments |= of_roots
    for name in reached(chosen, known, types):
        owner, member, argument = parts_of(name)
        used.operations |= {roots[owner]} if owner in roots else set()
        used.types.add(owner or "")
        declared = members_of(schema.get_type(owner or "")).get(member or "")
        if argument is not None:
            used.arguments.add(name)
            used.take_input(getattr(declared, "args", {})[argument].type)
        elif member is not None:
            used.members.add(name)
            used.take_result(declared)


def _names(schema: GraphQLSchema) -> Iterator[str]:
    for name, kind in schema.type_map.items():
        yield name
        for member, declared in members_of(kind).items():
            yield f"{name}.{member}"
            for argument in getattr(declared, "args", {}):
                yield f"{name}.{member}({argument}:)"
    yield from (f"@{one.name}" for one in schema.directives)
