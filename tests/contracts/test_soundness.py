"""No silence where a value is refused: the comparison against a validator of JSON Schema.

A value that satisfied the schema of a request and no longer does is a caller who breaks; so is a
value of a response that satisfies the new schema and not the old one. The validator is asked;
the comparison has to say something wherever there is such a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from jsonschema import Draft202012Validator

from ci_steps.comparisons.changes import Change, Contract, Level, worst
from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside
from tests.parts.schemas import VALUES, pairs, schemas

MANY = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
FEW = settings(MANY, max_examples=40)
pytestmark = pytest.mark.slow
REQUEST, RESPONSE = "request", "response"


def described(direction: str, schema: Any) -> Contract:
    media = {"content": {"application/json": {"schema": schema}}}
    operation = (
        {"requestBody": {"required": True, **media}, "responses": {"204": {"description": ""}}}
        if direction == REQUEST
        else {"responses": {"200": {"description": "", **media}}}
    )
    document = {
        "openapi": "3.1.0",
        "info": {"title": "values", "version": "1"},
        "paths": {"/values": {"post": operation}},
    }
    return Contract("api", "api.json", {"api.json": json.dumps(document).encode()})


def compared(direction: str, old: Any, new: Any) -> tuple[Change, ...]:
    pair = described(direction, old), described(direction, new)
    return Formats(Outside()).compare(*pair)


def names(schema: Any) -> set[str]:
    """Return the names of properties that a schema tells of."""
    if isinstance(schema, list):
        return {name for one in schema for name in names(one)}
    if not isinstance(schema, dict):
        return set()
    own = {*schema.get("properties", {}), *schema.get("required", [])}
    return own.union(*(names(one) for one in schema.values()))


def without(value: Any, known: set[str]) -> Any:
    """Return an object as a reader sees it who ignores what is not *known*."""
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if key in known}
    return value


def as_meant(schema: Any) -> Any:
    """Return a schema with anyOf for oneOf: kinds that a value has twice are a mistake."""
    if isinstance(schema, list):
        return [as_meant(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: as_meant(one) for key, one in schema.items() if key != "oneOf"}
    if "oneOf" not in schema:
        return found
    return {"allOf": [found, {"anyOf": as_meant(schema["oneOf"])}]}


def broken(sender: Any, reader: Any) -> Iterator[Any]:
    """Yield values that the one sends and the other refuses.

    A sender sends the properties it knows, and a reader ignores what it does not know: that is
    what makes a new optional property compatible.
    """
    sends, takes = (Draft202012Validator(as_meant(one)) for one in (sender, reader))
    sent, known = names(sender), names(reader)
    for value in VALUES:
        if isinstance(value, dict) and not value.keys() <= sent:
            continue
        if sends.is_valid(value) and not takes.is_valid(value):
            lenient = without(value, known)
            if not takes.is_valid(lenient):
                yield value


@MANY
@given(pairs())
def test_a_request_that_is_refused_from_now_on_is_told(pair: tuple[Any, Any]) -> None:
    old, new = pair
    for refused in islice(broken(old, new), 1):
        found = compared(REQUEST, old, new)
        assert worst(found) > Level.COMPATIBLE, f"{refused!r} was accepted and is refused"


@MANY
@given(pairs())
def test_a_response_that_old_readers_refuse_is_told(pair: tuple[Any, Any]) -> None:
    old, new = pair
    for surprise in islice(broken(new, old), 1):
        found = compared(RESPONSE, old, new)
        assert worst(found) > Level.COMPATIBLE, f"{surprise!r} never came and may come now"


@FEW
@given(schemas)
def test_a_schema_compared_with_itself_says_nothing(schema: Any) -> None:
    assert compared(REQUEST, schema, schema) == compared(RESPONSE, schema, schema) == ()


@FEW
@given(pairs())
def test_what_is_narrower_in_a_request_is_wider_in_a_response_the_other_way_round(
    pair: tuple[Any, Any],
) -> None:
    old, new = pair
    # A property that is gone is a warning, and one that is new is nothing, in both directions.
    assume("properties" not in f"{old}{new}")
    request = worst(compared(REQUEST, old, new))
    response = worst(compared(RESPONSE, new, old))
    assert (request > Level.COMPATIBLE) == (response > Level.COMPATIBLE)
