"""Generated histories of an API: what a comparison finds is what was edited, and nothing else."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts.api import api
from contracts.edits import EDITS, Edit, edited, expected, planned
from contracts.size import Size

from ci_steps.comparisons.changes import Contract, Level
from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside

RELEASES = 8
Edits = Mapping[int, Edit]


def history(seed: int) -> tuple[dict[str, Any], list[Edits]]:
    """Return an API, and the edits of each of its releases; some are undone again."""
    size = Size(schemas=len(EDITS) + 1, edits=len(EDITS), seed=seed)
    chance = random.Random(seed)
    every = planned(size)
    releases: list[Edits] = [{}]
    for _ in range(RELEASES - 1):
        edits = dict(releases[-1])
        for number in chance.sample(sorted(every), 3):
            if number in edits and chance.random() < 1 / 2:
                del edits[number]
            else:
                edits[number] = every[number]
        releases.append(edits)
    return api(size), releases


def found(document: dict[str, Any], old: Edits, new: Edits) -> Counter[str]:
    before, after = (
        Contract("api", "api.json", {"api.json": json.dumps(edited(document, edits)).encode()})
        for edits in (old, new)
    )
    changes = Formats(Outside()).compare(before, after)
    worse = (change for change in changes if change.level > Level.COMPATIBLE)
    return Counter(f"{change.level.word} {change.rule}" for change in worse)


@pytest.mark.parametrize("seed", range(4))
def test_every_step_of_a_history_is_judged_by_its_edits(seed: int) -> None:
    document, releases = history(seed)
    for old, new in pairwise(releases):
        assert found(document, old, new) == expected(old, new)


@pytest.mark.parametrize("seed", range(4))
def test_a_whole_history_is_what_its_steps_left(seed: int) -> None:
    document, releases = history(seed)
    for number in range(1, RELEASES, 2):
        assert found(document, releases[0], releases[number]) == expected({}, releases[number])
        assert found(document, releases[number], releases[0]) == expected(releases[number], {})


def test_some_edit_of_a_history_is_undone() -> None:
    _, releases = history(0)
    assert any(old.keys() - new.keys() for old, new in pairwise(releases))


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.apply.__name__.strip("_"))
def test_an_edit_alone_is_found_alone_in_both_directions(edit: Edit) -> None:
    document = api(Size(schemas=12, edits=0))
    for number in (4, 5):  # the second one shares the first one by allOf
        assert found(document, {}, {number: edit}) == Counter(edit.there)
        assert found(document, {number: edit}, {}) == Counter(edit.back)


SHOP = sorted((Path(__file__).parent.parent.parent / "examples" / "shop").glob("**/openapi.yaml"))


def told(old: Any, new: Any) -> set[str]:
    before, after = (
        Contract("api", "api.json", {"api.json": json.dumps(one).encode()}) for one in (old, new)
    )
    return {f"{one.level.word} {one.rule}" for one in Formats(Outside()).compare(before, after)}


def answered(operation: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects with properties that an operation answers, written where it is."""
    waiting = [operation["responses"]]
    while waiting:
        value = waiting.pop()
        waiting += [one for one in value.values() if isinstance(one, dict)]
        if isinstance(value.get("properties"), dict):
            yield value


@pytest.mark.parametrize("file", SHOP, ids=lambda file: "/".join(file.parts[-3:-1]))
def test_each_api_of_the_shop_may_gain_a_parameter_and_may_not_lose_a_field(file: Path) -> None:
    whole = yaml.safe_load(file.read_text("utf-8"))
    operations = [
        (path, method)
        for path, item in whole["paths"].items()
        for method in item.keys() & {"get", "put", "post", "delete"}
    ]
    assert told(whole, whole) == set()
    for path, method in operations:
        more = copy.deepcopy(whole)
        parameter = {"name": "more", "in": "query", "schema": {"type": "string"}}
        more["paths"][path][method].setdefault("parameters", []).append(parameter)
        assert told(whole, more) == {"compatible new-optional-request-parameter"}
        assert told(more, whole) == {"warning request-parameter-removed"}
        less = copy.deepcopy(whole)
        for schema in answered(less["paths"][path][method]):
            name, _ = schema["properties"].popitem()
            need = "required" if name in schema.get("required", ()) else "optional"
            schema["required"] = [one for one in schema.get("required", ()) if one != name]
            expected_rule = f"breaking response-{need}-property-removed"
            assert {one for one in told(whole, less) if "compat" not in one} >= {expected_rule}


def test_the_apis_of_the_shop_have_fields_to_lose() -> None:
    documents = [yaml.safe_load(file.read_text("utf-8")) for file in SHOP]
    items = [item for one in documents for item in one["paths"].values()]
    operations = [one for item in items for one in item.values() if "responses" in one]
    assert sum(len(list(answered(one))) for one in operations) >= 5


def test_the_next_auth_of_the_shop_is_a_major_and_the_way_back_is_one_too() -> None:
    old, new = (
        yaml.safe_load((SHOP[0].parents[1] / name / "openapi.yaml").read_text("utf-8"))
        for name in ("auth", "next/auth")
    )
    for pair in ((old, new), (new, old)):
        assert told(*pair) == {
            "breaking api-path-removed-without-deprecation",
            "compatible endpoint-added",
        }
