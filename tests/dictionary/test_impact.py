"""Impact: who is reached by a change, searched through indexes and in memory."""

from __future__ import annotations

from random import Random

import pytest

from ci_steps.dictionary.aliases import record_alias
from ci_steps.dictionary.impacts.impact import FEW, impact
from ci_steps.dictionary.store import Dictionary
from ci_steps.model import Environment
from tests.parts.dictionaries import ship

BOTH = pytest.mark.parametrize("few", [pytest.param(FEW, id="few"), pytest.param(-1, id="whole")])


def paths(dictionary: Dictionary, provider: str, line: str = "", *, few: int = FEW) -> list[str]:
    with dictionary.reading() as connection:
        found = impact(connection, provider, line, few=few)
    return [">".join(one.path) for one in found]


@BOTH
def test_dependents_of_dependents_are_reached_by_a_shortest_path(
    dictionary: Dictionary, few: int
) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "gis 1.0", "auth-1.1")
    ship(dictionary, "map 1.0", "gis-1")
    ship(dictionary, "web 1.0", "auth-1", "gis-1")
    assert paths(dictionary, "auth", few=few) == ["gis>auth", "web>auth", "map>gis>auth"]


@BOTH
def test_only_who_needs_the_line_is_reached(dictionary: Dictionary, few: int) -> None:
    ship(dictionary, "gis 1.0", "auth-1")
    ship(dictionary, "web 1.0", "auth-2")
    assert paths(dictionary, "auth", "2", few=few) == ["web>auth"]


@BOTH
def test_a_line_that_stands_beside_is_not_reached(dictionary: Dictionary, few: int) -> None:
    ship(dictionary, "gis 1.0", "auth-1")
    ship(dictionary, "gis 2.0")
    ship(dictionary, "map 1.0", "gis-1")
    ship(dictionary, "web 1.0", "gis-2")
    assert paths(dictionary, "auth", few=few) == ["gis>auth", "map>gis>auth"]


@BOTH
def test_a_circle_ends_where_it_began(dictionary: Dictionary, few: int) -> None:
    ship(dictionary, "auth 1.0", "gis-1")
    ship(dictionary, "gis 1.0", "auth-1")
    assert paths(dictionary, "auth", few=few) == ["gis>auth"]


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_to_search_find_the_same(dictionary: Dictionary, seed: int) -> None:
    """Circles, lines beside each other, needs that differ by environment, and other names."""
    random = Random(seed)
    dictionary.record_environment(Environment("staging"))
    for at in range(40):
        name, line = f"s{random.randrange(12)}", random.randint(1, 2)
        needed = random.sample([f"s{one}" for one in range(12) if f"s{one}" != name], 2)
        place = random.choice(["production", "staging"])
        needs = [f"{one}-{random.randint(1, 2)}" for one in needed]
        ship(dictionary, f"{name} {line}.{at}", *needs, environment=place, hours=at)
    with dictionary.writing() as connection:
        record_alias(connection, "s3", "a3")
        record_alias(connection, "s5", "z5")
    ship(dictionary, "b 1.0", "s3-1", "a3-2", "z5-1", hours=40)
    asked = [(f"s{one}", line) for one in range(12) for line in ("", "1", "2")]
    with dictionary.reading() as connection:
        for place in ("", "production"):
            near = {one: impact(connection, *one, place) for one in asked}
            whole = {one: impact(connection, *one, place, few=-1) for one in asked}
            assert whole == near
            assert len({len(hits) for hits in near.values()}) > 3
