"""Verifications: the latest result of two exact versions counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ci_steps.dictionary.effects import Effect
from ci_steps.dictionary.policies import evidence_required, set_evidence_required
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.verifications import (
    Recorded,
    Verification,
    latest,
    record,
)
from ci_steps.errors import UsageError
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON, ship


@pytest.fixture(autouse=True)
def world(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1.0")
    ship(dictionary, "gis 201610", "auth-1.1")


def verify(
    dictionary: Dictionary,
    provider: str = "auth 1.1",
    *,
    passed: bool = True,
    hours: int = 0,
    url: str = "",
) -> Recorded:
    name, version = provider.split(" ")
    tried = Verification("gis", parse_version("201610"), name, parse_version(version), passed, url)
    with dictionary.writing() as connection:
        return record(connection, tried, NOON + timedelta(hours=hours))


def counts(dictionary: Dictionary) -> bool | None:
    with dictionary.reading() as connection:
        found = latest(connection, "gis", parse_version("201610.0"), "auth", parse_version("1.1.0"))
    return found.passed if found else None


def test_the_latest_result_counts_however_versions_are_spelled(dictionary: Dictionary) -> None:
    assert counts(dictionary) is None
    verify(dictionary)
    assert counts(dictionary) is True
    verify(dictionary, passed=False, hours=1)
    assert counts(dictionary) is False


def test_the_same_again_changes_nothing(dictionary: Dictionary) -> None:
    effects = [verify(dictionary, hours=hours).effect for hours in (0, 1)]
    assert effects == [Effect.ADDED, Effect.UNCHANGED]


def test_a_clock_that_is_behind_does_not_make_a_result_older(dictionary: Dictionary) -> None:
    verify(dictionary, hours=5)
    verify(dictionary, passed=False)
    assert counts(dictionary) is False


def test_a_version_that_is_not_recorded_yet_is_kept_and_named(dictionary: Dictionary) -> None:
    assert verify(dictionary, "auth 1.2").unrecorded == ("auth 1.2",)


@pytest.mark.parametrize(
    ("provider", "url", "said"),
    [
        pytest.param("auht 1.1", "", "unknown service 'auht', did you mean auth?", id="service"),
        pytest.param("gis 201610", "", "'gis' cannot be verified with itself", id="itself"),
        pytest.param("auth 1.1", "javascript:x", "is not an address", id="address"),
        pytest.param("auth 1.1", "https://a.example/" + "x" * 2000, "longer than", id="long"),
    ],
)
def test_what_cannot_be_is_refused(
    dictionary: Dictionary, provider: str, url: str, said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        verify(dictionary, provider, url=url)
    assert said in str(refused.value)


def test_credentials_in_an_address_are_not_kept(dictionary: Dictionary) -> None:
    kept = verify(dictionary, url="https://me:secret@ci.example/1").verification.url
    assert "secret" not in kept
    assert "ci.example/1" in kept


def test_evidence_is_optional_until_it_is_required(dictionary: Dictionary) -> None:
    said = []
    for required in (False, True, False):
        with dictionary.writing() as connection:
            set_evidence_required(connection, "production", required=required)
            said.append(evidence_required(connection, "production"))
    assert said == [False, True, False]
