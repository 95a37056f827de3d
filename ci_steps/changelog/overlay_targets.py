"""What a plan is about -> where that stands in an OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ci_steps.changelog.document import Item, Kind

Keys = tuple[str | int, ...]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# GET /tokens/{id} 200 application/json /user/name, as the comparison of contracts writes it.
_OPERATION = re.compile(rf"({'|'.join(METHODS)})\s+(/\S*)(?:\s+(.+))?", re.IGNORECASE)
_FIELD = re.compile(r"(?:(\d{3}|default|[1-5]XX)\s+)?([\w.+-]+/[\w.+*-]+)\s+(/.+)")
_OF_SCHEMA = re.compile(r"([\w.-]+?)(?:\s+\((?:request|response)\))?\s+(/.+)")
_BY_POINTS = re.compile(r"([\w-]+)\.([\w.\[\]-]+)")
_MOST_LEVELS = 50


def targets(item: Item, api: Any) -> tuple[Keys, ...]:
    """Return where *item* stands in the document *api*; nothing where it is not there."""
    finder = _FINDERS.get(item.kind)
    return tuple(finder(item.subject, api)) if finder else ()


def _operations(subject: str, api: Any) -> Iterator[Keys]:
    asked = _OPERATION.fullmatch(subject)
    for path, item in _entries(_get(api, "paths")):
        for method in METHODS:
            found = _get(item, method)
            if found is None:
                continue
            is_named = found.get("operationId") == subject if isinstance(found, dict) else False
            is_it = asked and not asked[3] and _is_same(asked, method, path)
            if is_named or is_it:
                yield "paths", path, method


def _parameters(subject: str, api: Any) -> Iterator[Keys]:
    asked = _OPERATION.fullmatch(subject)
    if not asked or not asked[3]:
        return
    *place, name = asked[3].split()
    for operation in _operations(f"{asked[1]} {asked[2]}", api):
        for owner in (operation, operation[:-1]):
            for at, _ in enumerate(_list(_at(api, (*owner, "parameters")))):
                keys = _resolved(api, (*owner, "parameters", at))
                found = _at(api, keys)
                if _get(found, "name") == name and (not place or _get(found, "in") == place[-1]):
                    yield keys


def _fields(subject: str, api: Any) -> Iterator[Keys]:
    asked = _OPERATION.fullmatch(subject)
    field = _FIELD.fullmatch(asked[3]) if asked and asked[3] else None
    if asked and field:
        status, media, pointer = field.groups()
        for operation in _operations(f"{asked[1]} {asked[2]}", api):
            body = ("responses", status) if status else ("requestBody",)
            keys = _resolved(api, (*operation, *body))
            yield from _below(api, (*keys, "content", media, "schema"), pointer.split("/")[1:])
        return
    named = _OF_SCHEMA.fullmatch(subject)
    points = _BY_POINTS.fullmatch(subject)
    if named:
        yield from _of_schema(api, named[1], named[2].split("/")[1:])
    elif points:
        yield from _of_schema(api, points[1], points[2].replace("[]", ".[]").split("."))


def _of_schema(api: Any, name: str, parts: list[str]) -> Iterator[Keys]:
    for root in (("components", "schemas"), ("definitions",)):
        if _at(api, (*root, name)) is not None:
            yield from _below(api, (*root, name), [part for part in parts if part])


def _below(api: Any, keys: Keys, parts: list[str], levels: int = 0) -> Iterator[Keys]:
    """Yield where the property that *parts* lead to is declared, behind references."""
    keys = _resolved(api, keys)
    if not parts:
        yield keys
        return
    if levels > _MOST_LEVELS:
        return
    inner: Keys = ("items",) if parts[0] == "[]" else ("properties", parts[0])
    if _at(api, (*keys, *inner)) is not None:
        deeper = (*keys, *inner)
        # What a property refers to has other users: it is deprecated where it is used.
        if len(parts) == 1:
            yield deeper
        else:
            yield from _below(api, deeper, parts[1:], levels + 1)
    for at, _ in enumerate(_list(_at(api, (*keys, "allOf")))):
        yield from _below(api, (*keys, "allOf", at), parts, levels + 1)


def _is_same(asked: re.Match[str], method: str, path: str) -> bool:
    return asked[1].lower() == method and _shape(asked[2]) == _shape(path)


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _resolved(api: Any, keys: Keys) -> Keys:
    """Return where a value stands, behind references into this document."""
    for _ in range(_MOST_LEVELS):
        reference = _get(_at(api, keys), "$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        parts = (part.replace("~1", "/").replace("~0", "~") for part in reference.split("/")[1:])
        keys = tuple(parts)
    return keys


def _at(api: Any, keys: Keys) -> Any:
    for key in keys:
        if isinstance(api, list) and isinstance(key, int) and key < len(api):
            api = api[key]
        else:
            api = _get(api, key)
    return api


def _get(value: Any, key: Any) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


_FINDERS: dict[Kind, Callable[[str, Any], Iterator[Keys]]] = {
    Kind.OPERATION: _operations,
    Kind.PARAMETER: _parameters,
    Kind.FIELD: _fields,
}
