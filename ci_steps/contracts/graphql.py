"""Compare GraphQL schemas (SDL, ``*.graphql``) with graphql-core and rules of our own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ci_steps.comparisons.changes import Change, Contract
from ci_steps.comparisons.files import compared, harmless, not_installed, worst_first
from ci_steps.options import option

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.uses.narrowed import Narrower

_SUFFIXES = (".graphql", ".graphqls", ".gql")
_DECLARES = re.compile(
    rb"^(extend\s+)?(schema\s*\{|(type|interface|input)\s+\w+[^:={]*\{)", re.MULTILINE
)
_OPEN_RULES = {
    "graphql-value-added-to-enum",
    "graphql-type-added-to-union",
    "graphql-implemented-interface-added",
}


@attrs.frozen
class Options:
    """What ci-steps.yaml may say about GraphQL schemas."""

    open_enums: bool = option(
        False,
        "Callers take enum values and types of unions and interfaces that they do not know,"
        " so that new ones are compatible.",
    )


def recognises(name: str, content: bytes) -> bool:
    """Return whether it is called ``*.graphql``, or nothing else could begin like it."""
    return name.lower().endswith(_SUFFIXES) or (
        "." not in name and _DECLARES.search(content) is not None
    )


def compare(old: Contract, new: Contract, options: Options, outside: Outside) -> tuple[Change, ...]:  # noqa: ARG001 (every format is asked alike)
    """Return what callers of *old* notice, the worst first."""
    _check_installed()
    from ci_steps.graphql_rules.reading import read
    from ci_steps.graphql_rules.rules import compare_schemas

    with compared(old, new):
        changes = compare_schemas(read(old, _SUFFIXES), read(new, _SUFFIXES))
        return worst_first(harmless(changes, _OPEN_RULES if options.open_enums else ()))


def narrower(
    old: Contract,
    options: Options,  # noqa: ARG001 (every format is asked alike)
    outside: Outside,  # noqa: ARG001
) -> Narrower:
    """Return what says which changes of *old*, which is read once, touch whom."""
    _check_installed()
    from ci_steps.graphql_rules.reading import read
    from ci_steps.graphql_rules.uses import narrow

    with compared(old, old):
        schema = read(old, _SUFFIXES)
    return lambda changes, uses: narrow(changes, uses, schema)


def _check_installed() -> None:
    try:
        import graphql  # noqa: F401 (asked here, so that the answer is a sentence)
    except ImportError as error:
        raise not_installed("GraphQL", "graphql") from error
