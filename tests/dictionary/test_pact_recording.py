"""What a Pact file says about releases of ours is recorded, by their commits as well."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ci_steps.dictionary.aliases import record_alias
from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.pact_recording import record_results
from ci_steps.dictionary.pact_results import read_results
from ci_steps.dictionary.verifications import latest
from ci_steps.errors import ConfigError
from ci_steps.versions import parse_version
from tests.catalog.claims import lines
from tests.parts.dictionaries import NOON, ship
from tests.parts.postgres import dictionary
from tests.parts.statements import statements

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

__all__ = ["dictionary"]

SHA = "4e8a91c0ffee4e8a91c0ffee4e8a91c0ffee4e8a"


@pytest.fixture
def shop(dictionary: Dictionary) -> Dictionary:
    ship(dictionary, "auth 1.1.0", commit=SHA)
    ship(dictionary, "auth 2.0.0", commit="77b0c1e")
    ship(dictionary, "gis 201610", commit="unknown")
    return dictionary


def row(provider: str, name: str = "auth") -> dict[str, Any]:
    """Return a result of gis with a version of a provider."""
    return {
        "consumer": {"name": "gis", "version": {"number": "201610"}},
        "provider": {"name": name, "version": {"number": provider}},
        "verificationResult": {"success": False},
    }


def result(hour: int) -> dict[str, Any]:
    """Return that it passed at 13 o'clock, and at no other."""
    return {"success": hour == 13, "verifiedAt": f"2017-10-01T{hour}:00:00Z"}


def recorded(
    shop: Dictionary, *providers: str, name: str = "auth", strict: bool = False
) -> tuple[list[str], list[str]]:
    """Return what is recorded of gis with each version of a provider, and what is left out."""
    matrix = {"matrix": [row(version, name) for version in providers]}
    results = read_results(json.dumps(matrix), "m.json")
    kept = shop.write(lambda to: record_results(to, results, NOON, strict=strict))
    return [str(one.verification) for one in kept.recorded], lines(kept.left_out)


@pytest.mark.parametrize("written", [SHA, SHA[:7], SHA.upper(), f"{SHA}0", f"1.1.0+{SHA[:8]}"])
def test_a_commit_is_the_release_that_was_built_of_it(shop: Dictionary, written: str) -> None:
    assert recorded(shop, written) == (["gis@201610 auth@1.1.0"], [])


def test_a_release_that_knows_only_the_beginning_of_its_commit_is_found(shop: Dictionary) -> None:
    assert recorded(shop, f"77b0c1e{'0' * 33}")[0] == ["gis@201610 auth@2.0.0"]


def test_the_commit_of_a_service_is_found_by_what_it_was_called_before(shop: Dictionary) -> None:
    shop.write(lambda to: record_alias(to, "auth", "login"))
    assert recorded(shop, SHA) == (["gis@201610 login@1.1.0"], [])


def test_what_is_about_no_release_is_told_and_the_rest_is_recorded(shop: Dictionary) -> None:
    ship(shop, "auth 1.2.0", commit=SHA[:8], environment="staging")
    assert recorded(shop, "deadbeef", "2.0.0", "main", SHA) == (
        ["gis@201610 auth@2.0.0"],
        [
            "m.json: matrix[2]: 'main' is neither a version of ours nor a commit",
            "m.json: matrix[0]: no release of auth is recorded with the commit deadbeef",
            f"m.json: matrix[3]: {SHA} is the commit of several releases of auth: 1.1.0, 1.2.0",
        ],
    )


def test_of_a_pair_that_was_tried_more_than_once_the_latest_counts(shop: Dictionary) -> None:
    rows = [
        {**row("1.1" if hour % 2 else SHA), "verificationResult": result(hour)}
        for hour in (11, 13, 12, 13)
    ]
    results = read_results(json.dumps({"matrix": rows}), "m.json")
    kept = shop.write(lambda to: record_results(to, results, NOON))
    effects = [one.effect for one in kept.recorded]
    assert effects == [Effect.ADDED, Effect.ADDED, Effect.ADDED, Effect.UNCHANGED]
    with shop.reading() as connection:
        gis, auth = parse_version("201610"), parse_version("1.1.0")
        found = latest(connection, "gis", gis, "auth", auth)
    assert found is not None
    assert (found.passed, found.at) == (True, NOON + timedelta(hours=1))


def test_many_results_take_as_many_statements_as_few(shop: Dictionary) -> None:
    with statements(shop) as few:
        recorded(shop, "2.0.0", SHA, "deadbeef")
    with statements(shop) as many:
        recorded(shop, *(f"2.0.{number}" for number in range(1, 50)), SHA[:9], "deadbeef")
    assert many == few


@pytest.mark.parametrize(
    ("providers", "name", "strict"),
    [
        pytest.param(["deadbeef", "main"], "auth", False, id="nothing is about a release"),
        pytest.param(["1.1.0"], "aut", False, id="nor about a service"),
        pytest.param(["1.1.0", "main"], "auth", True, id="not all of it"),
    ],
)
def test_a_file_of_which_nothing_or_strictly_not_all_can_be_recorded_is_refused(
    shop: Dictionary, providers: list[str], name: str, *, strict: bool
) -> None:
    with pytest.raises(ConfigError) as refused:
        recorded(shop, *providers, name=name, strict=strict)
    assert len(refused.value.problems) == len(providers) - strict
    assert recorded(shop, "1.1.0")[0]  # recorded now, so that nothing was before
