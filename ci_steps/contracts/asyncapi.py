"""Compare descriptions of APIs of messages: AsyncAPI 2 and 3."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ci_steps.comparisons.changes import Change, Contract
from ci_steps.comparisons.files import compared, worst_first

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.uses.narrowed import Narrower

_DECLARES = re.compile(rb"""^\s*["']?asyncapi["']?\s*:|^\s*\{\s*"asyncapi"\s*:""", re.MULTILINE)


@attrs.frozen
class Options:
    """What ci-steps.yaml may say about AsyncAPI: nothing yet."""


def recognises(name: str, content: bytes) -> bool:
    """Return whether it has a key ``asyncapi``."""
    return name.lower().endswith((".yaml", ".yml", ".json")) and (
        _DECLARES.search(content) is not None
    )


def compare(old: Contract, new: Contract, options: Options, outside: Outside) -> tuple[Change, ...]:  # noqa: ARG001 (every format is asked alike)
    """Return what callers of *old* notice, the worst first."""
    from ci_steps.asyncapi_rules.comparing import compare_descriptions

    with compared(old, new):
        return worst_first(compare_descriptions(old, new))


def narrower(
    old: Contract,
    options: Options,  # noqa: ARG001 (every format is asked alike)
    outside: Outside,  # noqa: ARG001
) -> Narrower:
    """Return what says which changes of *old*, which is read once, touch whom."""
    from ci_steps.asyncapi_rules.comparing import read
    from ci_steps.asyncapi_rules.uses import narrow
    from ci_steps.documents.library import Library

    with compared(old, old):
        description = read(old, Library(old))
    return lambda changes, uses: narrow(changes, uses, description)
