"""The described API: schemas that share and contain each other, and operations on them."""

from __future__ import annotations

import random
from typing import Any

from contracts.size import Size
from contracts.words import WORDS

_PROPERTIES = 14
_LINKS = 3
_PARENT = 5  # of ten schemas this one shares the one before it


def api(size: Size) -> dict[str, Any]:
    """Return the description, as OpenAPI 3.0; equal sizes give equal ones."""
    chance = random.Random(size.seed)
    names = [schema_name(number) for number in range(size.schemas)]
    return {
        "openapi": "3.0.3",
        "info": {"title": "A large shop", "version": "1.0.0"},
        "servers": [{"url": "https://shop.test/v1"}],
        "security": [{"key": []}],
        "paths": {
            f"/{_path(number)}": _path_item(number, name, chance)
            for number, name in enumerate(names)
        },
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            "schemas": {name: _schema(number, names, chance) for number, name in enumerate(names)},
        },
    }


def schema_name(number: int) -> str:
    """Return the name of a schema."""
    return f"{_word(number).capitalize()}{number}"


def _path(number: int) -> str:
    return f"{_word(number // 7)}s/{_word(number)}-{number}"


def _word(number: int) -> str:
    return WORDS[number % len(WORDS)]


def _path_item(number: int, name: str, chance: random.Random) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{name}"}
    return {
        "get": {
            "operationId": f"list_{number}",
            "summary": _sentence(chance, 6),
            "description": _sentence(chance, 60),
            "tags": [_word(number // 7)],
            "parameters": [_parameter(place, chance) for place in range(4)],
            "responses": {
                "200": _response({"type": "array", "items": reference}, chance),
                "404": _response(_problem(), chance),
            },
        },
        "post": {
            "operationId": f"make_{number}",
            "summary": _sentence(chance, 6),
            "description": _sentence(chance, 60),
            "tags": [_word(number // 7)],
            "parameters": [_parameter(0, chance)],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": reference}},
            },
            "responses": {
                "201": {"description": _sentence(chance, 6)},
                "422": _response(_problem(), chance),
            },
        },
    }


def _parameter(place: int, chance: random.Random) -> dict[str, Any]:
    return {
        "name": f"{chance.choice(WORDS)}_{place}",
        "in": "query",
        "description": _sentence(chance, 15),
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000},
    }


def _response(schema: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    return {
        "description": _sentence(chance, 8),
        "headers": {"X-Rate-Left": {"schema": {"type": "integer"}}},
        "content": {"application/json": {"schema": schema}},
    }


def _problem() -> dict[str, Any]:
    texts = {"title": {"type": "string"}, "detail": {"type": "string"}}
    return {"type": "object", "required": ["title"], "properties": texts}


def _schema(number: int, names: list[str], chance: random.Random) -> dict[str, Any]:
    """Return an object that contains others, or itself; some share one by allOf."""
    properties = {f"{_word(number + at)}_{at}": _property(at, chance) for at in range(_PROPERTIES)}
    for at in range(_LINKS):
        other = {"$ref": f"#/components/schemas/{chance.choice(names)}"}
        properties[f"{_word(number)}_link_{at}"] = (
            other if at else {"type": "array", "items": other}
        )
    found = {
        "type": "object",
        "description": _sentence(chance, 25),
        "required": list(properties)[:2],
        "properties": properties,
    }
    if number % 10 != _PARENT:
        return found
    return {"allOf": [{"$ref": f"#/components/schemas/{names[number - 1]}"}, found]}


def _property(at: int, chance: random.Random) -> dict[str, Any]:
    kinds: tuple[dict[str, Any], ...] = (
        {"type": "integer", "format": "int32", "minimum": 0},
        {"type": "string", "maxLength": 200},
        {"type": "string", "enum": ["first", "second", "third"]},
        {"type": "array", "items": {"type": "string", "maxLength": 80}},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "string", "format": "date-time"},
    )
    return {**kinds[at % len(kinds)], "description": _sentence(chance, 14)}


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."
