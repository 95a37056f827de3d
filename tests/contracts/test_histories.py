"""Generated histories of an API: what a comparison finds is what was edited, and nothing else."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from contracts.api import api
from contracts.edits import EDITS, Edit, edited, expected, planned
from contracts.size import Size

from ci_steps.changes import Contract, Level
from ci_steps.comparing import Formats
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
