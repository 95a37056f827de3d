"""Edits of the described API, each with the rules that a comparison has to name for it."""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.api import schema_name
from contracts.size import Size

_WHOLE, _TEXT, _CHOICE = 0, 1, 2  # what the first three properties of every schema are
_OTHER_TEXT = 8

Document = dict[str, Any]


@dataclass(frozen=True)
class Edit:
    """A change of one schema, or of the operations on it.

    `there` is what a comparison finds, as ``LEVEL RULE``, and `back` what it finds when the edit
    is undone. What is compatible is in neither.
    """

    apply: Callable[[Document], None]
    there: tuple[str, ...]
    back: tuple[str, ...]
    of_operations: bool = False


def planned(size: Size) -> dict[int, Edit]:
    """Return all edits by the number of the schema they are at; no two are at one."""
    chance = random.Random(size.seed + 1)
    numbers = chance.sample(range(size.schemas), size.edits)
    return {number: EDITS[at % len(EDITS)] for at, number in enumerate(numbers)}


def edited(document: Document, edits: Mapping[int, Edit]) -> Document:
    """Return a release of *document* with *edits*; their order does not matter."""
    new = copy.deepcopy(document)
    for number, edit in sorted(edits.items()):
        edit.apply(_part(new, number, edit))
    return new


def expected(old: Mapping[int, Edit], new: Mapping[int, Edit]) -> Counter[str]:
    """Return how often each rule is found between the releases with these edits."""
    there = (new[number].there for number in new.keys() - old.keys())
    back = (old[number].back for number in old.keys() - new.keys())
    return Counter(rule for rules in (*there, *back) for rule in rules)


def _part(document: Document, number: int, edit: Edit) -> Document:
    """Return the schema or the path item of that number."""
    found: Document
    if edit.of_operations:
        found = list(document["paths"].values())[number]
        return found
    found = document["components"]["schemas"][schema_name(number)]
    return found["allOf"][1] if "allOf" in found else found


def _property(schema: Document, at: int) -> Document:
    found: Document = list(schema["properties"].values())[at]
    return found


def _type_changed(schema: Document) -> None:
    place = _property(schema, _WHOLE)
    place.clear()
    place["type"] = "boolean"


def _property_removed(schema: Document) -> None:
    del schema["properties"][list(schema["properties"])[_CHOICE]]


def _value_added(schema: Document) -> None:
    _property(schema, _CHOICE)["enum"].append("fourth")


def _value_removed(schema: Document) -> None:
    _property(schema, _CHOICE)["enum"].remove("second")


def _shorter(schema: Document) -> None:
    _property(schema, _OTHER_TEXT)["maxLength"] = 100


def _longer(schema: Document) -> None:
    _property(schema, _OTHER_TEXT)["maxLength"] = 300


def _became_required(schema: Document) -> None:
    schema["required"].append(list(schema["properties"])[_CHOICE])


def _became_optional(schema: Document) -> None:
    schema["required"].pop()


def _became_nullable(schema: Document) -> None:
    _property(schema, _TEXT)["nullable"] = True


def _property_added(schema: Document) -> None:
    schema["properties"]["added"] = {"type": "string"}


def _operation_removed(path: Document) -> None:
    del path["post"]


def _parameter_added(path: Document) -> None:
    path["get"]["parameters"].append(
        {"name": "added", "in": "query", "required": True, "schema": {"type": "string"}}
    )


def _parameter_narrowed(path: Document) -> None:
    path["get"]["parameters"][1]["schema"]["maximum"] = 100


def _status_changed(path: Document) -> None:
    path["post"]["responses"]["202"] = path["post"]["responses"].pop("201")


def _media_type_changed(path: Document) -> None:
    content = path["get"]["responses"]["200"]["content"]
    content["application/vnd.shop+json"] = content.pop("application/json")


EDITS: tuple[Edit, ...] = (
    Edit(
        _type_changed,
        ("breaking request-property-type-changed", "breaking response-property-type-changed"),
        ("breaking request-property-type-changed", "breaking response-property-type-changed"),
    ),
    Edit(
        _property_removed,
        ("warning request-property-removed", "warning response-optional-property-removed"),
        (),
    ),
    Edit(
        _property_added,
        (),
        ("warning request-property-removed", "warning response-optional-property-removed"),
    ),
    Edit(
        _value_added,
        ("warning response-property-enum-value-added",),
        ("breaking request-property-enum-value-removed",),
    ),
    Edit(
        _value_removed,
        ("breaking request-property-enum-value-removed",),
        ("warning response-property-enum-value-added",),
    ),
    Edit(
        _shorter,
        ("breaking request-property-max-length-decreased",),
        ("breaking response-property-max-length-increased",),
    ),
    Edit(
        _longer,
        ("breaking response-property-max-length-increased",),
        ("breaking request-property-max-length-decreased",),
    ),
    Edit(
        _became_required,
        ("breaking request-property-became-required",),
        ("breaking response-property-became-optional",),
    ),
    Edit(
        _became_optional,
        ("breaking response-property-became-optional",),
        ("breaking request-property-became-required",),
    ),
    Edit(
        _became_nullable,
        ("breaking response-property-became-nullable",),
        ("breaking request-property-became-not-nullable",),
    ),
    Edit(_operation_removed, ("breaking api-removed-without-deprecation",), (), of_operations=True),
    Edit(
        _parameter_added,
        ("breaking new-required-request-parameter",),
        ("warning request-parameter-removed",),
        of_operations=True,
    ),
    Edit(
        _parameter_narrowed, ("breaking request-parameter-max-decreased",), (), of_operations=True
    ),
    Edit(
        _status_changed,
        ("breaking response-success-status-removed",),
        ("breaking response-success-status-removed",),
        of_operations=True,
    ),
    Edit(
        _media_type_changed,
        ("breaking response-media-type-removed",),
        ("breaking response-media-type-removed",),
        of_operations=True,
    ),
)
