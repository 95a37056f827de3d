"""Where an API is."""

from __future__ import annotations

from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import Api, Dialect
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.spots import Spot


def compare_servers(old: Api, new: Api, spot: Spot, walk: Comparison) -> None:
    """Compare the addresses of servers, in no order."""
    before, after = _servers(old), _servers(new)
    for url in before.keys() - after.keys():
        walk.found.add("api-server-removed", spot, before[url], None, said=(url, ""))
    for url in after.keys() - before.keys():
        walk.found.add("api-server-added", spot, None, after[url], said=("", url))


def _servers(api: Api) -> dict[str, Node]:
    if api.dialect is Dialect.SWAGGER_2_0:
        return _of_swagger(api.root)
    listed = api.root.get("servers")
    urls = (node.get("url") for node in (listed.items() if listed else ()))
    return {str(url.value).rstrip("/"): url for url in urls if url}


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
