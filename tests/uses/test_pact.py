"""Pact files of each specification: the requests their consumer sends, the fields it reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ci_steps.errors import ConfigError
from ci_steps.uses.pact import read_pact
from ci_steps.uses.values import Call, Uses

PACTS = Path(__file__).parent / "pacts"


def pact(name: str) -> Uses:
    return read_pact((PACTS / name).read_text("utf-8"), name)


def one(request: Any = None, response: Any = None, **top: Any) -> str:
    """Return a pact with one interaction, or what a test puts in its place."""
    usual = {"method": "GET", "path": "/tokens"}
    interaction = {
        "description": "d",
        "request": usual if request is None else request,
        "response": {"status": 200} if response is None else response,
    }
    return json.dumps({"interactions": [interaction], **top})


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_pact(text, "p.json")
    return str(caught.value).splitlines()


def test_specification_2_is_read_with_rules_that_name_what_the_example_has_not() -> None:
    (call,) = pact("v2.json").calls
    assert call == Call(
        "GET",
        "/users/42/tokens",
        "v2.json: a request for the tokens of a user",
        query=("active", "limit"),
        headers=("x-tenant",),
        sends=(),
        status="200",
        reads=(
            ("items", "*", "id"),
            ("items", "*", "name"),
            ("next",),
            ("items", "*", "owner", "full name"),
        ),
        reads_headers=("etag",),
    )


def test_specification_3_has_its_rules_apart_and_a_field_may_be_called_body() -> None:
    login, logout = pact("v3.json").calls
    assert (login.query, login.sends) == (("remember", "scope"), (("user",), ("password",)))
    assert (login.status, login.reads) == ("201", (("body", "token"),))
    assert (str(logout), logout.status, logout.reads) == ("DELETE /login", "204", ())


def test_specification_4_has_bodies_with_a_type_and_messages_that_are_no_operation() -> None:
    uses = pact("v4.json")
    (call,) = uses.calls
    assert (str(call), call.sends) == ("PUT /users/a b/picture", None)
    assert (call.reads, call.reads_headers) == ((("size",),), ("x-rate",))
    assert uses.unmapped == ("v4.json: the message 'a user was removed' is no HTTP operation",)


@pytest.mark.parametrize(
    ("body", "reads"),
    [
        pytest.param({"a": {}}, (("a",),), id="an empty object may be read as a whole"),
        pytest.param([{"a": 1}, {"b": 1}, {}], (("*", "a"), ("*", "b")), id="a list of several"),
        pytest.param({"a": []}, (("a",),), id="an empty list"),
        pytest.param("text", None, id="a text is read as a whole"),
        pytest.param(None, (), id="nothing is asked of the body"),
    ],
)
def test_what_is_read_are_the_ends_of_the_example(body: Any, reads: Any) -> None:
    (call,) = read_pact(one(response={"status": 200, "body": body}), "p.json").calls
    assert call.reads == reads


def test_a_pact_that_is_no_json_says_the_line() -> None:
    assert problems('{\n"interactions": [\n}') == ["p.json:3: is not JSON: expecting value"]
    assert problems("[" * 200_000) == ["p.json: is nested too deeply"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", ["p.json: is not a pact: it has neither interactions nor messages"]),
        ('{"success": true}', ["p.json: is not a pact: it has neither interactions nor messages"]),
        ('{"interactions": {}}', ["p.json: interactions: expected a list"]),
        (
            one(metadata={"pactSpecification": {"version": "5.0"}}),
            ["p.json: metadata: pact specification 5.0 is not known, only 2, 3, 4"],
        ),
        (
            one(metadata={"pact-specification": {"version": "1.0.0"}}),
            ["p.json: metadata: pact specification 1.0.0 is not known, only 2, 3, 4"],
        ),
        (
            one(request={"method": "GTE", "path": 1}, response=[]),
            [
                "p.json: interactions[0].request.method: expected a method such as GET, got 'GTE'",
                "p.json: interactions[0].request.path: expected a path such as /tokens, got 1",
                "p.json: interactions[0].response: expected an object",
            ],
        ),
        (
            '{"interactions": [3]}',
            ["p.json: interactions[0]: expected an interaction with a request and a response"],
        ),
    ],
)
def test_everything_that_is_wrong_is_said_at_once(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_a_pact_of_many_interactions_is_read_once_through() -> None:
    interactions = [
        {
            "description": f"d{number}",
            "request": {"method": "GET", "path": f"/a/{number}"},
            "response": {"status": 200, "body": {"a": [{"b": number}] * 3}},
        }
        for number in range(3_000)
    ]
    assert len(read_pact(json.dumps({"interactions": interactions}), "p.json").calls) == 3_000
