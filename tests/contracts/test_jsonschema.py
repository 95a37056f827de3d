"""JSON Schema: both directions of each change, where it is, and what cannot be compared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ci_steps.comparisons.changes import Change
from ci_steps.contracts import jsonschema
from ci_steps.errors import ContractError
from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside
from tests.parts.contract_pairs import compared, contract, told

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"


def schema(content: dict[str, Any], says: str = DRAFT_2020) -> str:
    return json.dumps({"$schema": says, **content}, indent=1)


def changes(old: str, new: str, **options: Any) -> tuple[Change, ...]:
    before, after = (contract("s", {"order.json": text}, "order.json") for text in (old, new))
    return jsonschema.compare(before, after, jsonschema.Options(**options), Outside())


WIDE = {"type": "object", "properties": {"a": {"type": "integer"}}}
NARROW = {"type": "object", "properties": {"a": {"type": "integer", "maximum": 5}}}


@pytest.mark.parametrize(
    ("direction", "there", "back"),
    [
        (
            "request",
            ["breaking request-property-max-set order.json in a request /a"],
            ["compatible request-property-max-unset order.json in a request /a"],
        ),
        (
            "response",
            ["compatible response-property-max-set order.json in a response /a"],
            ["breaking response-property-max-unset order.json in a response /a"],
        ),
        (
            "both",
            [
                "breaking request-property-max-set order.json in a request /a",
                "compatible response-property-max-set order.json in a response /a",
            ],
            [
                "breaking response-property-max-unset order.json in a response /a",
                "compatible request-property-max-unset order.json in a request /a",
            ],
        ),
    ],
)
def test_what_breaks_depends_on_who_has_the_values(
    direction: str, there: list[str], back: list[str]
) -> None:
    wide, narrow = schema(WIDE), schema(NARROW)
    found = told(changes(wide, narrow, direction=direction))
    assert found == [f"{line} order.json:5 order.json:7" for line in there]
    mirrored = told(changes(narrow, wide, direction=direction))
    assert mirrored == [f"{line} order.json:7 order.json:5" for line in back]
    assert changes(wide, wide, direction=direction) == ()


def test_a_schema_of_a_folder_that_is_gone_breaks_and_one_that_is_new_does_not() -> None:
    one, both = {"a.schema.json": "{}"}, {"a.schema.json": "{}", "b.schema.yaml": "type: string\n"}
    gone = ["breaking json-schema-removed b.schema.yaml b.schema.yaml:1 -"]
    assert compared(jsonschema, both, one) == gone
    assert compared(jsonschema, one, both) == [
        "compatible json-schema-added b.schema.yaml - b.schema.yaml:1"
    ]


@pytest.mark.parametrize(("says", "is_read"), [(DRAFT_7, False), (DRAFT_2020, True)])
def test_what_stands_beside_a_reference_holds_since_2019(says: str, is_read: bool) -> None:
    def pair(most: int) -> str:
        inner = {"$ref": "#/definitions/b", "maximum": most}
        content = {"properties": {"a": inner}, "definitions": {"b": {"type": "integer"}}}
        return schema(content, says)

    found = changes(pair(9), pair(5), direction="request")
    assert [one.rule for one in found] == ["request-property-max-decreased"] * is_read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type": 5}', "order.json:1: type is 5, not a type or a list of types"),
        ("[]", "order.json:1: the document is a list, not a schema"),
        ('{"$ref": "#/x"}', "order.json:1: $ref '#/x' leads to nothing"),
        ('{"$ref": "../x.json"}', "leads out of the folder of the contract"),
        (
            '{"$schema": "http://json-schema.org/draft-03/schema#"}',
            "draft-03/schema#' is not known",
        ),
        ('{"type": "object"', "order.json:1: "),
        ('{"a": 1, "a": 2}', "'a' is there twice"),
    ],
)
def test_what_is_no_schema_is_no_answer(text: str, message: str) -> None:
    for pair in ((schema({}), text), (text, schema({}))):
        with pytest.raises(ContractError) as refused:
            changes(*pair)
        assert message in str(refused.value)


def test_a_folder_without_a_schema_is_refused() -> None:
    with pytest.raises(ContractError, match="no file is a JSON Schema"):
        compared(jsonschema, {"a.json": "{}"}, {"a.json": "{}"})


def test_schemas_beside_a_document_of_openapi_belong_to_it() -> None:
    files = {"a.schema.json": schema({}), "b.yaml": "openapi: 3.1.0\npaths: {}\n"}
    assert Formats(Outside()).of(contract("folder", files)) == "openapi"
    assert Formats(Outside()).of(contract("folder", {"a.schema.json": "{}"})) == "jsonschema"


def test_a_schema_is_known_by_what_it_says_or_by_its_name() -> None:
    assert jsonschema.recognises("a.json", schema({}).encode())
    assert jsonschema.recognises("a.yaml", f"$schema: {DRAFT_7}\n".encode())
    assert jsonschema.recognises("order.schema.json", b"{}")
    assert not jsonschema.recognises("a.json", b'{"$schema": "https://example.com/x"}')
    assert not jsonschema.recognises("a.proto", schema({}).encode())
