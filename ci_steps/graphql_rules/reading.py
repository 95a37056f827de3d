"""GraphQL files -> one schema whose parts know their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.comparisons.changes import Contract, Location
from ci_steps.comparisons.files import files_of, text_of, unreadable
from ci_steps.errors import ContractError

if TYPE_CHECKING:
    from graphql import DocumentNode, GraphQLError, GraphQLSchema

_MOST_TOKENS = 2_000_000


def read(contract: Contract, suffixes: tuple[str, ...]) -> GraphQLSchema:
    """Return the schema of *contract*; ContractError where it is not valid."""
    from graphql import build_ast_schema, concat_ast, validate_schema
    from graphql.validation.validate import validate_sdl

    document = concat_ast([_parse(contract, name) for name in files_of(contract, *suffixes)])
    problems = validate_sdl(document)
    if problems:
        raise _all(contract, problems)
    try:
        schema = build_ast_schema(document, assume_valid_sdl=True)
    except (TypeError, ValueError) as error:
        raise unreadable(contract, Location(contract.name), str(error)) from error
    except RecursionError:
        raise unreadable(contract, Location(contract.name), "nested too deeply") from None
    problems = validate_schema(schema)
    if problems:
        raise _all(contract, problems)
    return schema


def _parse(contract: Contract, name: str) -> DocumentNode:
    from graphql import GraphQLError, Source, parse

    source = Source(text_of(contract, name), name)
    try:
        return parse(source, max_tokens=_MOST_TOKENS)
    except GraphQLError as error:
        raise _all(contract, [error]) from error
    except RecursionError:
        raise unreadable(contract, Location(name), "nested too deeply") from None


def _all(contract: Contract, problems: list[GraphQLError]) -> ContractError:
    errors = [unreadable(contract, _place(contract, one), one.message) for one in problems]
    return ContractError("\n".join(map(str, errors)), hint=errors[0].hint)


def _place(contract: Contract, error: GraphQLError) -> Location:
    locations = error.locations or []
    if error.source is None or not locations:
        return Location(contract.main or contract.name)
    return Location(error.source.name, locations[0].line, locations[0].column)
