"""References between the files of a contract: where they lead, and where they may not."""

from __future__ import annotations

import json

import pytest

from ci_steps.documents.library import Library
from ci_steps.documents.shapes import TEXT, mapping, mapping_of
from ci_steps.errors import ContractError
from ci_steps.schema_rules.shapes import SCHEMA as SCHEMA_SHAPE
from tests.parts.contract_pairs import contract

FILES = {
    "api.yaml": "a: {$ref: 'shared/types.json#/Pet'}\n",
    "shared/types.json": '{"Pet": {"$ref": "../more.yaml#/b%20c/0"}}',
    "more.yaml": "b c:\n  - type: string\n",
}


def test_a_reference_is_followed_from_file_to_file() -> None:
    root = Library(contract("api", FILES)).document("api.yaml").root
    node = root.get("a")
    assert node is not None
    found = node.resolved()
    assert (found.value, str(found.location)) == ({"type": "string"}, "more.yaml:2")


SCHEMA = {
    "$id": "https://example.com/root.json",
    "$ref": "#pet",
    "b": {"$ref": "https://example.com/names.json#/x"},
    "c": {"$ref": "names.json#first"},
    "$defs": {
        "pet": {"$anchor": "pet", "title": "p"},
        "n": {"$id": "names.json", "x": {"title": "x", "$anchor": "first"}},
    },
}


@pytest.mark.parametrize(
    ("key", "title"), [("", "p"), ("b", "x"), ("c", "x")], ids=["anchor", "id", "relative id"]
)
def test_a_schema_is_found_by_its_identifier(key: str, title: str) -> None:
    root = Library(contract("s", {"s.json": json.dumps(SCHEMA)})).document("s.json").root
    node = root.get(key) if key else root
    assert node is not None
    assert node.resolved().value["title"] == title


PART = mapping({"$ref": TEXT, "e": mapping({"$ref": TEXT})})
SHAPE = mapping_of(PART)
WRONG = [
    ("#/b", "api.yaml:1: $ref '#/b' leads to nothing"),
    ("#b", "api.yaml:1: $ref '#b' leads to nothing"),
    ("#/a", "api.yaml:1: $ref '#/a' leads to itself"),
    ("../b.yaml", "api.yaml:1: $ref '../b.yaml' leads out of the folder of the contract"),
    ("/etc/passwd", "api.yaml:1: $ref '/etc/passwd' leads out of the folder of the contract"),
    (
        "file:///etc/passwd",
        "api.yaml:1: $ref 'file:///etc/passwd' leads out of the folder of the contract",
    ),
    ("c.yaml", "api.yaml:1: $ref 'c.yaml': there is no file c.yaml"),
    (
        "https://example.com/c.yaml#/a",
        "api.yaml:1: $ref 'https://example.com/c.yaml#/a' is not read: nothing is over the network",
    ),
    (
        "//example.com/c",
        "api.yaml:1: $ref '//example.com/c' is not read: nothing is over the network",
    ),
]


@pytest.mark.parametrize(("reference", "message"), WRONG)
def test_a_reference_that_leads_nowhere_is_refused(reference: str, message: str) -> None:
    library = Library(contract("api.yaml", {"api.yaml": f"a: {{$ref: '{reference}'}}\n"}))
    with pytest.raises(ContractError) as refused:
        library.check((library.document("api.yaml").root, SHAPE))
    assert str(refused.value) == message


def test_all_wrong_references_are_said_at_once_and_in_every_file() -> None:
    files = {
        "api.yaml": "a: {$ref: '#/x'}\nb: {$ref: 'c.yaml#/d'}\nc: {$ref: '#/x'}\n",
        "c.yaml": "d:\n  e: {$ref: '#/y'}\n",
    }
    library = Library(contract("api", files))
    with pytest.raises(ContractError) as refused:
        library.check((library.document("api.yaml").root, SHAPE))
    assert sorted(str(refused.value).splitlines()) == [
        "api: api.yaml:1: $ref '#/x' leads to nothing",
        "api: api.yaml:3: $ref '#/x' leads to nothing",
        "api: c.yaml:2: $ref '#/y' leads to nothing",
    ]


def test_a_property_called_ref_and_an_example_are_no_references() -> None:
    text = "properties: {$ref: {type: string}}\nexample: {$ref: '#/nowhere'}\n"
    library = Library(contract("api", {"api.yaml": text}))
    library.check((library.document("api.yaml").root, SCHEMA_SHAPE))
