"""The operations a dependent keeps: read, held against the schema, and walked through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, GraphQLSchema

    from ci_steps.graphql_rules.used import Used

_MOST_TOKENS = 500_000


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
