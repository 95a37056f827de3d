"""Uses as people write them, a line each."""

from __future__ import annotations

import pytest

from ci_steps.errors import UsageError
from ci_steps.uses.fields import read_field
from ci_steps.uses.operations import read_operation
from ci_steps.uses.values import Call, Uses


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("GET /tokens", Call("GET", "/tokens")),
        ("get /tokens/{id}", Call("GET", "/tokens/{id}")),
        (
            "POST /login: token, user.name,items[*].id",
            Call("POST", "/login", reads=(("token",), ("user", "name"), ("items", "*", "id"))),
        ),
        ("POST /login:token", Call("POST", "/login:token")),
        ("POST /jobs/1:cancel: done", Call("POST", "/jobs/1:cancel", reads=(("done",),))),
    ],
)
def test_an_operation_has_a_method_a_path_and_perhaps_what_is_read(text: str, call: Call) -> None:
    assert read_operation(text) == Uses((call,))


@pytest.mark.parametrize(
    "name", ["Token.expires", "@cached", "Query.token(id:)", "auth.v1.Tokens/Get"]
)
def test_anything_else_is_a_name_of_a_schema(name: str) -> None:
    assert read_operation(name) == Uses(names=(name,))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "'' is not an operation"),
        ("GET tokens", "'GET tokens' is not an operation"),
        ("GTE /tokens", "'GTE /tokens': unknown method, did you mean GET?"),
        ("GET /a: x,,y", "'GET /a: x,,y': a field is missing"),
        ("GET /a:", "'GET /a:': a field is missing"),
        ("GET /a: x[", "'GET /a: x[': 'x[' is not a field"),
    ],
)
def test_what_is_none_is_refused_with_what_was_meant(text: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_operation(text)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("a.b", ("a", "b")),
        ("a[0][*].b", ("a", "*", "*", "b")),
        ("a[].b", ("a", "*", "b")),
        ("['a.b'].c", ("a.b", "c")),
        ('a["x y"]', ("a", "x y")),
        ("a..b", None),
        ("", None),
        ("a b", ("a b",)),
    ],
)
def test_ways_to_fields_may_have_lists_and_quoted_names(
    text: str, way: tuple[str, ...] | None
) -> None:
    assert read_field(text) == way
