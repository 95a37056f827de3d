"""Compare OpenAPI documents (2.0, 3.0, 3.1) with an engine of our own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ci_steps.comparisons.changes import Change, Contract
from ci_steps.comparisons.files import compared, harmless, worst_first
from ci_steps.options import option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.openapi_rules.description import Api
    from ci_steps.outside import Outside
    from ci_steps.uses.narrowed import Narrowed, Narrower
    from ci_steps.uses.values import Uses

_SUFFIXES = (".yaml", ".yml", ".json")
_SAYS = re.compile(
    rb"""^[\s{]*["']?(openapi|swagger)["']?\s*:\s*["']?\d|["'](openapi|swagger)["']\s*:\s*["']\d|^(openapi|swagger)\s*:""",
    re.MULTILINE,
)
_OPEN_RULES = {
    "response-body-enum-value-added",
    "response-property-enum-value-added",
    "response-header-enum-value-added",
}


@attrs.frozen
class Options:
    """What ci-steps.yaml may say about OpenAPI documents."""

    open_enums: bool = option(
        False,
        "Callers take enum values in responses that they do not know, so that new ones are"
        " compatible; `x-extensible-enum` says so of one enum.",
    )
    deprecation: bool = option(
        False,
        "An operation may be removed that was deprecated and whose `x-sunset` has passed, and it is"
        " a warning where something arrives deprecated.",
    )


def recognises(name: str, content: bytes) -> bool:
    """Return whether it is YAML or JSON that says which OpenAPI it is."""
    return name.lower().endswith(_SUFFIXES) and _SAYS.search(content) is not None


def compare(old: Contract, new: Contract, options: Options, outside: Outside) -> tuple[Change, ...]:
    """Return what callers of *old* notice, the worst first."""
    return compare_narrowing(old, new, options, outside)[0]


def compare_narrowing(
    old: Contract, new: Contract, options: Options, outside: Outside
) -> tuple[tuple[Change, ...], Narrower]:
    """Return what callers notice, and what says whom of it touches; *old* is read once for both."""
    from ci_steps.collector import without_collector
    from ci_steps.openapi_rules.comparing import compare_apis
    from ci_steps.openapi_rules.reading import read

    sunset_from = outside.today() if options.deprecation else None
    with compared(old, new), without_collector():
        before = read(old)
        after = read(new, before.root.document.library)
        found = compare_apis(before, after, sunset_from=sunset_from)
        changes = worst_first(harmless(found, _OPEN_RULES if options.open_enums else ()))
    return changes, _narrower(before)


def narrower(
    old: Contract,
    options: Options,  # noqa: ARG001 (every format is asked alike)
    outside: Outside,  # noqa: ARG001
) -> Narrower:
    """Return what says which changes of *old*, which is read once, touch whom."""
    from ci_steps.collector import without_collector
    from ci_steps.openapi_rules.reading import read

    with compared(old, old), without_collector():
        return _narrower(read(old))


def _narrower(api: Api) -> Narrower:
    def narrowed(changes: Sequence[Change], uses: Uses) -> Narrowed:
        from ci_steps.collector import without_collector
        from ci_steps.openapi_rules.uses import narrow

        with without_collector():
            return narrow(changes, uses, api)

    return narrowed
