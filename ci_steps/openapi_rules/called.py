"""Which operation a call is: by its template, or by the path it was called with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from ci_steps.documents.node import Node
    from ci_steps.openapi_rules.description import Api, Operation
    from ci_steps.uses.values import Call

_VARIABLE = re.compile(r"\{[^{}/]*\}")


def operations_of(api: Api, call: Call) -> tuple[Operation, ...]:
    """Return the operations that *call* may be: one, or several that fit as well as each other."""
    for path in _paths(api, call.path):
        exact = api.operation(call.method, path)
        if exact is not None:
            return (exact,)
        fitting = [
            one
            for one in api.operations.values()
            if one.method == call.method and _pattern(one.template).fullmatch(path)
        ]
        best = min((_variables(one) for one in fitting), default=0)
        if fitting:
            return tuple(one for one in fitting if _variables(one) == best)
    return ()


def not_found(api: Api, call: Call) -> str:
    """Return a sentence about a call that is of no operation."""
    meant = did_you_mean(str(call), map(str, api.operations.values()))
    said = f" ({call.said})" if call.said and str(call) not in call.said else ""
    return f"{call} is not in the contract{meant if meant.startswith(', did') else ''}{said}"


def _paths(api: Api, path: str) -> Iterator[str]:
    """Yield a path, and what is left of it behind the address of a server."""
    yield path
    for base in sorted(_bases(api.root), key=len, reverse=True):
        found = re.match(base, path)
        if found and path[found.end() :].startswith("/"):
            yield path[found.end() :]


def _bases(root: Node) -> set[str]:
    """Return the paths of the servers, as patterns: ``/v1`` of ``https://auth.example/v1``."""
    servers = root.get("servers")
    urls = [one.value.get("url") for one in servers.items() if one.is_mapping] if servers else []
    base = root.get("basePath")
    written = [urlsplit(url).path for url in urls if isinstance(url, str)]
    written += [base.value] if base is not None and isinstance(base.value, str) else []
    return {_pattern(one.rstrip("/")).pattern for one in written if one.rstrip("/")}


def _pattern(template: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in _VARIABLE.split(template)]
    return re.compile("[^/]+".join(parts))


def _variables(operation: Operation) -> int:
    return len(_VARIABLE.findall(operation.template))
