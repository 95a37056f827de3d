"""Compare JSON Schema, from draft 4 to 2020-12, by the rules of OpenAPI's schemas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ci_steps.comparisons.changes import Change, Contract
from ci_steps.comparisons.files import compared, worst_first
from ci_steps.options import option

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.uses.narrowed import Narrower

_SUFFIXES = (".json", ".yaml", ".yml")
_SAYS = re.compile(rb"""["']?\$schema["']?\s*:\s*["']?https?://json-schema\.org/""")
_BOTH = "both"


@attrs.frozen
class Options:
    """What ci-steps.yaml may say about JSON Schema."""

    direction: str = option(
        _BOTH,
        "Who has such values: callers send them in a `request`, get them in a `response`,"
        " or `both`.",
        choices=("request", "response", _BOTH),
    )


def recognises(name: str, content: bytes) -> bool:
    """Return whether its `$schema` is one of json-schema.org, or its name says so."""
    from ci_steps.schema_rules.files import IS_SCHEMA

    lower = name.lower()
    return IS_SCHEMA.search(lower) is not None or (
        lower.endswith(_SUFFIXES) and _SAYS.search(content) is not None
    )


def compare(old: Contract, new: Contract, options: Options, outside: Outside) -> tuple[Change, ...]:  # noqa: ARG001 (every format is asked alike)
    """Return what those notice who send or get such values, the worst first."""
    from ci_steps.collector import without_collector
    from ci_steps.schema_rules.directions import Direction
    from ci_steps.schema_rules.files import compare_files

    asked = tuple(Direction) if options.direction == _BOTH else (Direction(options.direction),)
    with compared(old, new), without_collector():
        return worst_first(compare_files(old, new, asked))


def narrower(
    old: Contract,
    options: Options,  # noqa: ARG001 (every format is asked alike)
    outside: Outside,  # noqa: ARG001
) -> Narrower:
    """Return what says which changes of *old*, which is read once, touch whom."""
    from ci_steps.documents.library import Library
    from ci_steps.schema_rules.files import read
    from ci_steps.schema_rules.uses import narrow

    with compared(old, old):
        files = [one.name for one in read(old, Library(old)).values()]
    return lambda changes, uses: narrow(changes, uses, files)
