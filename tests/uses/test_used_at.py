"""Where a dependent says that it uses what a change is about."""

from __future__ import annotations

import pytest

from ci_steps.comparisons.changes import Change, Level
from ci_steps.uses.used_at import used_at
from ci_steps.uses.values import Call, Uses


def change(subject: str, *reaches: str) -> Change:
    return Change("a-rule", Level.BREAKING, subject, "it changed", reaches=reaches)


CALLS = Uses(
    (
        Call("GET", "/owners", "pacts/gis.json: the owners"),
        Call("GET", "/tokens/{id}", "ci-steps.yaml: GET /tokens/{id}"),
        Call("GET", "/tokens/42/uses", "pacts/gis.json: what a token did"),
    )
)


@pytest.mark.parametrize(
    ("reaches", "place"),
    [
        (("PUT /owners", "GET /owners"), "pacts/gis.json: the owners"),
        (("GET /tokens/{token}",), "ci-steps.yaml: GET /tokens/{id}"),
        (("GET /tokens/{id}/uses",), "pacts/gis.json: what a token did"),
        (("GET /tokens",), ""),
        ((), ""),
    ],
)
def test_a_call_is_found_by_the_operation_that_a_change_reaches(
    reaches: tuple[str, ...], place: str
) -> None:
    assert used_at(change("the schema Token", *reaches), CALLS) == place


def test_a_name_is_found_in_the_line_of_the_document_that_has_it() -> None:
    query = "query Login {\n  token(id: 1) {\n    expires\n  }\n}\n"
    proto = 'syntax = "proto3";\nmessage Token {\n  string owner = 2;\n}\n'
    uses = Uses(documents={"login.graphql": query}, interfaces={"auth.proto": proto})
    assert used_at(change("Token.expires"), uses) == "login.graphql:3"
    assert used_at(change("auth.v1.Token.owner"), uses) == "auth.proto:3"
    assert used_at(change("Token.expire"), uses) == ""
