"""What operations use of a schema: types, members, arguments, directives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, GraphQLSchema

_MOST_TOKENS = 500_000


@dataclass
class Used:
    """What is used by its coordinates; `doubts` say what of it the schema does not have."""

    operations: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    arguments: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)

    def take_result(self, member: Any) -> None:
        """Take what a member is of; an enum that is read may be any of its values."""
        from graphql import get_named_type

        kind: Any = get_named_type(getattr(member, "type", None))
        if kind is not None:
            self.types.add(kind.name)
            self.members |= {f"{kind.name}.{value}" for value in getattr(kind, "values", ())}

    def take_input(self, kind: Any) -> None:
        """Take all of a type that is sent: what is in a variable is not known."""
        from graphql import get_named_type

        waiting: list[Any] = [get_named_type(kind)]
        seen: set[str] = set()
        while waiting:
            one = waiting.pop()
            if one is None or one.name in seen:
                continue
            seen.add(one.name)
            self.types.add(one.name)
            self.members |= {f"{one.name}.{member}" for member in members_of(one)}
            fields = getattr(one, "fields", {})
            waiting += [get_named_type(input_field.type) for input_field in fields.values()]


def take_documents(documents: Mapping[str, str], schema: GraphQLSchema, used: Used) -> None:
    """Take what the operations ask for; together, for fragments may lie in files of their own."""
    from graphql import concat_ast, validate

    parsed = [_parse(name, text, used) for name, text in documents.items()]
    document = concat_ast([one for one in parsed if one is not None])
    if used.doubts or not document.definitions:
        return
    # A fragment that nothing uses hides nothing.
    problems = [one for one in validate(schema, document) if "is never used" not in one.message]
    used.doubts += map(_told, problems)
    if not problems:
        _visit(document, schema, used)


def members_of(kind: Any) -> dict[str, Any]:
    """Return the fields or values of a type by name."""
    return {**getattr(kind, "fields", {}), **getattr(kind, "values", {})}


def _parse(name: str, text: str, used: Used) -> DocumentNode | None:
    from graphql import GraphQLError, Source, parse

    try:
        return parse(Source(text, name), max_tokens=_MOST_TOKENS)
    except GraphQLError as error:
        used.doubts.append(_told(error))
    except RecursionError:
        used.doubts.append(f"{name}: nested too deeply")
    return None


def _told(error: Any) -> str:
    node = next(iter(error.nodes or ()), None)
    source = error.source or (node.loc.source if node is not None and node.loc else None)
    line = f":{error.locations[0].line}" if error.locations else ""
    return f"{source.name if source else 'a document'}{line}: {error.message}".rstrip(".")


def _visit(document: DocumentNode, schema: GraphQLSchema, used: Used) -> None:
    from graphql import TypeInfo, TypeInfoVisitor, visit

    from ci_steps.graphql_rules.taking import Taking

    info = TypeInfo(schema)
    visit(document, TypeInfoVisitor(info, Taking(info, schema, used)))
