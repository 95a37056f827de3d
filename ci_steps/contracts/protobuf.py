"""Compare protobuf and gRPC interfaces (``*.proto``) with the program `buf`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ci_steps.comparisons.changes import Change, Contract
from ci_steps.comparisons.files import worst_first
from ci_steps.options import option

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.uses.narrowed import Narrower

_SYNTAX = re.compile(
    rb"""^\s*(syntax|edition)\s*=\s*["'](proto[23]|20\d\d)["']\s*;""", re.MULTILINE
)


@attrs.frozen
class Options:
    """What ci-steps.yaml may say about protobuf interfaces."""

    rules: tuple[str, ...] = option(
        ("WIRE_JSON", "RPC_NO_DELETE", "PACKAGE_SERVICE_NO_DELETE", "PACKAGE_NO_DELETE"),
        "Rules and categories of `buf breaking` that must hold.",
    )
    program: str = option("buf", "Name of the program, looked for beside Python and on the PATH.")


def recognises(name: str, content: bytes) -> bool:
    """Return whether it is called ``*.proto``, or says which syntax of protobuf it has."""
    return name.lower().endswith(".proto") or _SYNTAX.search(content) is not None


def compare(old: Contract, new: Contract, options: Options, outside: Outside) -> tuple[Change, ...]:
    """Return what callers of *old* notice, the worst first."""
    from ci_steps.protobuf_rules.buf import breaking, program

    buf = program(options.program, outside)
    return worst_first(breaking(buf, old, new, options.rules, outside))


def narrower(old: Contract, options: Options, outside: Outside) -> Narrower:
    """Return what says which changes of *old*, which is compiled once, touch whom."""
    from ci_steps.protobuf_rules.buf import declared, program
    from ci_steps.protobuf_rules.uses import narrow

    buf = program(options.program, outside)
    index = declared(buf, old, outside)
    return lambda changes, uses: narrow(
        changes, uses, index, lambda files: declared(buf, files, outside)
    )
