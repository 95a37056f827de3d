"""Where a part of a schema is: ``Token.expires``, ``Query.token(id:)``, ``@cached``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ci_steps.comparisons.changes import Location

if TYPE_CHECKING:
    from graphql import GraphQLSchema

_COORDINATE = re.compile(r"(?P<type>@?\w+)(?:\.(?P<field>\w+))?(?:\((?P<argument>\w+):\))?")


def parts_of(coordinate: str) -> tuple[str | None, str | None, str | None]:
    """Return type, member and argument of a coordinate; None for what it does not have."""
    found = _COORDINATE.fullmatch(coordinate)
    return (found["type"], found["field"], found["argument"]) if found else (None, None, None)


def place(schema: GraphQLSchema, coordinate: str) -> Location | None:
    """Return where *coordinate*, or the nearest thing around it that is there, is declared."""
    found = _COORDINATE.fullmatch(coordinate)
    if found is None:
        return None
    name = found["type"]
    owner: Any = schema.get_directive(name[1:]) if name[0] == "@" else schema.get_type(name)
    field = _member(owner, found["field"])
    # A directive has its arguments itself.
    argument = getattr(field or owner, "args", {}).get(found["argument"])
    return next(filter(None, map(_of, (argument, field, owner))), None)


def _member(owner: Any, name: str | None) -> Any:
    members = getattr(owner, "fields", None) or getattr(owner, "values", None) or {}
    return members.get(name) if isinstance(members, dict) else None


def _of(thing: Any) -> Location | None:
    node = getattr(thing, "ast_node", None)
    # A type may exist by its extensions alone.
    node = node or next(iter(getattr(thing, "extension_ast_nodes", None) or ()), None)
    if node is None or node.loc is None:
        return None
    token = getattr(node, "name", node).loc.start_token
    return Location(node.loc.source.name, token.line, token.column)


def root_place(schema: GraphQLSchema, operation: str) -> Location | None:
    """Return where the type of *operation* (``query``) is chosen, or is declared."""
    chosen: list[Any] = [schema.ast_node, *schema.extension_ast_nodes]
    for node in filter(None, chosen):
        for item in node.operation_types or ():
            if item.operation.value == operation and item.loc is not None:
                token = item.loc.start_token
                return Location(item.loc.source.name, token.line, token.column)
    kind: Any = getattr(schema, f"{operation}_type")
    return _of(kind) if kind else _of(schema)
