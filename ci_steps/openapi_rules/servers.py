"""Where an API is, and where one of its operations is that is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product

from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import Api, Dialect, Operation
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.spots import Spot

_ROOT = "/"
_VARIABLE = re.compile(r"\{([^{}]*)\}")
# Of more addresses that one template stands for the first ones are compared.
_MOST_ADDRESSES = 1_000


def compare_servers(old: Api, new: Api, spot: Spot, walk: Comparison) -> None:
    """Compare the addresses of servers, in no order."""
    _compare(_servers(old), _servers(new), spot, walk)


def compare_own_servers(old: Operation, new: Operation, spot: Spot, walk: Comparison) -> None:
    """Compare where an operation is, if it or its path says so itself."""
    own = _own(old), _own(new)
    if own[0] is not None or own[1] is not None:
        before, after = (
            _addresses(listed) if listed is not None else _servers(operation.api)
            for listed, operation in zip(own, (old, new), strict=True)
        )
        _compare(before, after, spot, walk)


def _compare(before: dict[str, Node], after: dict[str, Node], spot: Spot, walk: Comparison) -> None:
    for one, other in ((before, after), (after, before)):
        if not one:
            other.pop(_ROOT, None)  # it is meant where there is none
    for url in before.keys() - after.keys():
        walk.found.add("api-server-removed", spot, before[url], None, said=(url, ""))
    for url in after.keys() - before.keys():
        walk.found.add("api-server-added", spot, None, after[url], said=("", url))


def _own(operation: Operation) -> Node | None:
    return operation.node.get("servers") or operation.item.get("servers")


def _servers(api: Api) -> dict[str, Node]:
    if api.dialect is Dialect.SWAGGER_2_0:
        return _of_swagger(api.root)
    listed = api.root.get("servers")
    return _addresses(listed) if listed is not None else {}


def _addresses(listed: Node) -> dict[str, Node]:
    return {url.rstrip("/") or _ROOT: node for one in listed.items() for url, node in _urls(one)}


def _urls(server: Node) -> Iterator[tuple[str, Node]]:
    """Yield each address that a server has, by the values that its variables may have."""
    url = server.get("url")
    if url is None:
        return
    template = str(url.value)
    names = list(dict.fromkeys(_VARIABLE.findall(template)))
    for values in islice(product(*(_values(server, name) for name in names)), _MOST_ADDRESSES):
        address = template
        for name, value in zip(names, values, strict=True):
            address = address.replace(f"{{{name}}}", value)
        yield address, url


def _values(server: Node, name: str) -> list[str]:
    enum, default = (server.at("variables", name, key) for key in ("enum", "default"))
    listed = [str(item.value) for item in enum.items()] if enum is not None else []
    return listed or [str(default.value) if default is not None else f"{{{name}}}"]


def _of_swagger(root: Node) -> dict[str, Node]:
    parts = [root.get(key) for key in ("host", "basePath")]
    place = next((node for node in reversed(parts) if node), None)
    if place is None:
        return {}
    host, path = (str(node.value).rstrip("/") if node else "" for node in parts)
    listed = root.get("schemes")
    schemes = [str(item.value) for item in (listed.items() if listed else ())]
    return {
        (f"{scheme}://{host}{path}" if host else path): place for scheme in schemes or ["https"]
    }
