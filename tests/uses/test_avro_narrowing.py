"""Which changes of Avro schemas touch whom: a schema is decoded with all that it is made of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside
from ci_steps.uses.narrowed import Narrowed
from ci_steps.uses.values import Call, Uses
from tests.parts.contract_pairs import contract

pytest.importorskip("avro", reason="avro is not installed: no Avro was narrowed")


def record(name: str, *fields: tuple[str, Any]) -> str:
    named = [{"name": one, "type": kind} for one, kind in fields]
    return json.dumps(
        {"type": "record", "name": name, "namespace": "shop", "fields": named}, indent=1
    )


# Every schema changes in one thing, two go, and one is new.
OLD = {
    "line.avsc": record("Line", ("article", "string"), ("count", "int")),
    "order.avsc": record("Order", ("id", "int"), ("lines", {"type": "array", "items": "Line"})),
    "bill.avsc": record("Bill", ("line", ["null", "Line"]), ("sum", "int")),
    "visit.avsc": record("Visit", ("at", "long")),
    "gone.avsc": record("Gone", ("at", "long")),
}
NEW = {
    "line.avsc": record("Line", ("article", "string"), ("count", "string")),
    "order.avsc": record("Order", ("id", "string"), ("lines", {"type": "array", "items": "Line"})),
    "bill.avsc": record("Bill", ("line", ["null", "Line"]), ("sum", "string")),
    "visit.avsc": record("Visit", ("at", "string")),
    "fresh.avsc": record("Fresh", ("at", "long")),
}
ALL = {"count", "id", "sum", "at", "gone.avsc", "fresh.avsc"}


def narrowed(uses: Uses) -> Narrowed:
    old, new = (contract("events", files) for files in (OLD, NEW))
    formats = Formats(Outside())
    return formats.narrower(old)(formats.compare(old, new), uses)


def about(found: Narrowed) -> set[str]:
    """Return what changes that touch are about: a field, or a file."""
    return {
        one.subject if one.subject.endswith(".avsc") else one.subject.rpartition(".")[2]
        for one in found.touching
    }


@pytest.mark.parametrize(
    ("names", "touching"),
    [
        (("shop.Line",), {"count"}),
        (("shop.Order",), {"count", "id"}),
        (("shop.Bill",), {"count", "sum"}),
        (("shop.Visit.at",), {"at"}),
        (("shop.Visit", "shop.Line"), {"at", "count"}),
        (("shop.Gone",), {"gone.avsc"}),
    ],
)
def test_a_change_touches_who_reads_what_it_is_in(
    names: tuple[str, ...], touching: set[str]
) -> None:
    found = narrowed(Uses(names=names))
    assert about(found) == touching
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("uses", "doubt"),
    [
        (Uses(names=("shop.Visitor",)), "shop.Visitor is not in the contract"),
        (Uses((Call("GET", "/a"),)), "GET /a is an operation of HTTP, and Avro has none"),
        (Uses(interfaces={"a.proto": ""}), "a.proto is of another format"),
    ],
)
def test_what_is_not_in_the_schemas_makes_every_change_touch(uses: Uses, doubt: str) -> None:
    found = narrowed(uses)
    assert about(found) == ALL
    assert doubt in " ".join(found.doubts)
