"""Compare Thrift interfaces (``*.thrift``): ids, types, requiredness, methods."""

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

_DECLARES = re.compile(rb"^\s*(namespace\s+\S+\s+[\w.]+\s*$|exception\s+\w+\s*\{)", re.MULTILINE)


@attrs.frozen
class Options:
    """What ci-steps.yaml may say about Thrift interfaces."""

    open_enums: bool = option(
        False, "Callers take enum values that they do not know, so that new ones are compatible."
    )


def recognises(name: str, content: bytes) -> bool:
    """Return whether it is called ``*.thrift``, or nothing else could begin like it."""
    return name.lower().endswith(".thrift") or (
        "." not in name and _DECLARES.search(content) is not None
    )


def compare(old: Contract, new: Contract, options: Options, outside: Outside) -> tuple[Change, ...]:
    """Return what callers of *old* notice, the worst first."""
    try:
        import thriftpy2.parser.parser  # noqa: F401 (asked here, so that the answer is a sentence)
    except ImportError as error:
        raise not_installed("Thrift", "thrift") from error
    from ci_steps.thrift_rules.reading import read
    from ci_steps.thrift_rules.type_rules import compare_interfaces

    open_rules = {"thrift-enum-value-added"} if options.open_enums else set()
    with compared(old, new):
        before = read(old, outside)
        changes = compare_interfaces(before, read(new, outside, before.files))
        return worst_first(harmless(changes, open_rules))


def narrower(
    old: Contract,
    options: Options,  # noqa: ARG001 (every format is asked alike)
    outside: Outside,
) -> Narrower:
    """Return what says which changes of *old*, which is read once, touch whom."""
    from ci_steps.thrift_rules.reading import read
    from ci_steps.thrift_rules.uses import narrow

    with compared(old, old):
        interface = read(old, outside)
    return lambda changes, uses: narrow(changes, uses, interface)
