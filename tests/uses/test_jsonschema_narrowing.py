"""Which changes of JSON Schemas touch whom: by the files that somebody uses."""

from __future__ import annotations

import json

import pytest

from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside
from ci_steps.uses.narrowed import Narrowed
from ci_steps.uses.values import Call, Uses
from tests.parts.contract_pairs import contract


def schema(kind: str, **properties: str) -> str:
    referred = {name: {"$ref": file} for name, file in properties.items()}
    own = {"id": {"type": kind}}
    return json.dumps({"type": "object", "properties": {**own, **referred}})


def folder(kind: str, last: str) -> dict[str, str]:
    return {
        "order.schema.json": schema("string", line="line.schema.json"),
        "bill.schema.json": schema(kind, line="line.schema.json"),
        "line.schema.json": schema(kind),
        last: schema("string"),
    }


OLD, NEW = folder("string", "gone.schema.json"), folder("integer", "fresh.schema.json")


def narrowed(uses: Uses) -> Narrowed:
    old, new = (contract("schemas", files) for files in (OLD, NEW))
    formats = Formats(Outside())
    return formats.narrower(old)(formats.compare(old, new), uses)


def files_of(found: Narrowed) -> set[str]:
    return {place.file for one in found.touching if (place := one.old or one.new)}


@pytest.mark.parametrize(
    ("name", "touching"),
    [
        ("order.schema.json", {"line.schema.json"}),
        ("bill.schema.json", {"bill.schema.json", "line.schema.json"}),
        ("line.schema.json", {"line.schema.json"}),
        ("gone.schema.json", {"gone.schema.json"}),
    ],
)
def test_a_change_touches_who_uses_a_file_that_reaches_it(name: str, touching: set[str]) -> None:
    found = narrowed(Uses(names=(name,)))
    assert files_of(found) == touching
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("uses", "doubt"),
    [
        (Uses(names=("orders.schema.json",)), "orders.schema.json is not in the contract"),
        (Uses((Call("GET", "/a"),)), "GET /a is an operation of HTTP, and JSON Schema has none"),
        (Uses(documents={"a.graphql": ""}), "a.graphql is of another format"),
    ],
)
def test_what_is_no_file_makes_every_change_touch(uses: Uses, doubt: str) -> None:
    found = narrowed(uses)
    assert files_of(found) == {*OLD, *NEW} - {"order.schema.json"}
    assert doubt in " ".join(found.doubts)


def test_a_single_file_that_is_called_otherwise_now_is_the_same_schema() -> None:
    old = contract("old", {"a.schema.json": schema("string")}, "a.schema.json")
    new = contract("new", {"b.schema.json": schema("integer")}, "b.schema.json")
    found = Formats(Outside()).compare_for(old, new, Uses(names=("a.schema.json",)))
    assert len(found.touching) == 2
    assert found.untouched == ()
