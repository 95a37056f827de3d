"""The overlay of a plan, put into a document by JSONPath as RFC 9535 says it."""

from __future__ import annotations

import copy
from typing import Any

import jsonpath_rfc9535
import pytest
import yaml

from ci_steps.changelog.document import Item
from ci_steps.changelog.overlay import overlay
from tests.parts import changelogs

API = yaml.safe_load(
    """
openapi: 3.1.0
paths:
  /it's "a\\b":
    get: {}
  /tokens/{id}:
    parameters:
    - {name: id, in: path}
    get:
      operationId: getToken
      parameters:
      - {name: limit, in: query}
      - $ref: '#/components/parameters/limit'
      responses:
        "200": {$ref: '#/components/responses/Token'}
    post:
      requestBody:
        content: {application/json: {schema: {properties: {a: {type: string}}}}}
components:
  parameters:
    limit: {name: limit, in: header}
  responses:
    Token:
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Token'}
  schemas:
    Token:
      allOf:
      - {$ref: '#/components/schemas/Named'}
      - properties: {uses: {type: array, items: {properties: {at: {type: string}}}}}
    Named:
      properties: {name: {type: string}, again: {$ref: '#/components/schemas/Token'}}
"""
)


def planned(subject: str, kind: str, **more: Any) -> Item:
    content = {**changelogs.document(), "plan": [changelogs.item(subject, kind=kind, **more)]}
    return changelogs.read(content).value.plan[0]


def applied(document: dict[str, Any], api: Any) -> Any:
    """Return the API after an overlay, as its specification says: targets are merged with."""
    after = copy.deepcopy(api)
    for action in document["actions"]:
        found = jsonpath_rfc9535.find(action["target"], after)
        for node in found:
            target: Any = node.value
            target.update(action["update"])
    return after


def deprecated(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """Return every place that is deprecated, with its sunset."""
    found = {}
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inner:
        if isinstance(one, dict) and one.get("deprecated") is True:
            place = (*path, key)
            found[place] = one.get("x-sunset")
        if isinstance(one, dict | list):
            found.update(deprecated(one, (*path, key)))
    return found


_GET = ("paths", "/tokens/{id}", "get")
_NAMED = ("components", "schemas", "Named", "properties")
_USES = ("components", "schemas", "Token", "allOf", 1, "properties", "uses")


@pytest.mark.parametrize(
    ("kind", "subject", "places"),
    [
        ("operation", "GET /tokens/{id}", [_GET]),
        ("operation", "get /tokens/{token}", [_GET]),
        ("operation", "getToken", [_GET]),
        ("operation", 'GET /it\'s "a\\b"', []),
        ("parameter", "GET /tokens/{id} query limit", [(*_GET, "parameters", 0)]),
        (
            "parameter",
            "GET /tokens/{id} limit",
            [(*_GET, "parameters", 0), ("components", "parameters", "limit")],
        ),
        (
            "parameter",
            "POST /tokens/{id} path id",
            [("paths", "/tokens/{id}", "parameters", 0)],
        ),
        (
            "field",
            "POST /tokens/{id} application/json /a",
            [
                ("paths", "/tokens/{id}", "post", "requestBody", "content", "application/json",
                 "schema", "properties", "a")
            ],
        ),
        ("field", "GET /tokens/{id} 200 application/json /name", [(*_NAMED, "name")]),
        ("field", "GET /tokens/{id} 200 application/json /again", [(*_NAMED, "again")]),
        ("field", "Token (response) /name", [(*_NAMED, "name")]),
        ("field", "Token.uses[].at", [(*_USES, "items", "properties", "at")]),
        ("field", "Token /again/uses", [_USES]),
    ],
)  # fmt: skip
def test_what_will_end_is_deprecated_where_it_is_declared(
    kind: str, subject: str, places: list[tuple[Any, ...]]
) -> None:
    made = overlay("auth", "1", [planned(subject, kind)], API)
    after = applied(made.document, API)
    assert deprecated(after) == dict.fromkeys(places, "2017-12-23")
    assert bool(made.missing) is not bool(places)


def test_names_with_quotes_are_found() -> None:
    path = 'it\'s-"a\\b"'
    api = {"openapi": "3.1.0", "paths": {f"/{path}": {"get": {}}}}
    made = overlay("auth", "1", [planned(f"GET /{path}", "operation")], api)
    assert deprecated(applied(made.document, api)) == {("paths", f"/{path}", "get"): "2017-12-23"}


def test_a_line_that_ends_takes_every_operation_with_it() -> None:
    lines = [planned(one, "line", environment="production") for one in ("1", "2")]
    made = overlay("auth", "1", lines, API)
    found = deprecated(applied(made.document, API))
    assert len(made.document["actions"]) == 1
    assert set(found) == {
        ("paths", path, method)
        for path, item in API["paths"].items()
        for method in ("get", "post")
        if method in item
    }


def test_without_a_day_there_is_no_sunset() -> None:
    item = planned("GET /tokens/{id}", "operation", retire_on=None, promised=None)
    (action,) = overlay("auth", "1", [item], API).document["actions"]
    assert action["update"] == {"deprecated": True}


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("operation", "GET /other"),
        ("operation", "PUT /tokens/{id}"),
        ("parameter", "GET /tokens/{id} query other"),
        ("field", "Token.other"),
        ("field", "nothing"),
        ("field", "GET /tokens/{id} 404 application/json /name"),
    ],
)
@pytest.mark.parametrize("api", [API, {}, {"paths": []}, {"paths": {"/x": None}}, []])
def test_what_is_not_there_is_named_and_never_guessed(kind: str, subject: str, api: Any) -> None:
    made = overlay("auth", "1", [planned(subject, kind)], api)
    assert made.document["actions"] == []
    assert made.missing == (f"the {kind} {subject}",)


def test_what_no_contract_of_this_kind_describes_is_left_alone() -> None:
    made = overlay("auth", "1", [planned("tax-1", "dependency"), planned("made", "event")], API)
    assert (made.document["actions"], made.missing) == ([], ())


def test_references_in_a_circle_come_to_an_end() -> None:
    ring = {"openapi": "3.1.0", "components": {"schemas": {
        "A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"},
        "C": {"allOf": [{"$ref": "#/components/schemas/C"}]}}}}  # fmt: skip
    for subject in ("A.x", "C.x"):
        assert overlay("auth", "1", [planned(subject, "field")], ring).missing
