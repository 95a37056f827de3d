from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ci_steps.errors import UsageError
from ci_steps.model import Dependent, Environment, Release, Service
from ci_steps.versions import parse_requirement, parse_version
from tests.parts.dictionaries import NOON, deployed, evidence, release, ship

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary


def versions(releases: tuple[Release, ...]) -> list[str]:
    return [str(one.version) for one in releases]


def before(dictionary: Dictionary, version: str) -> str:
    found = dictionary.predecessor("auth", parse_version(version))
    return str(found.version) if found else "none"


def needing(dictionary: Dictionary, *arguments: str) -> list[str]:
    return [
        f"{one.service} {one.version} {one.environment} {one.requirement}"
        for one in dictionary.dependents(*arguments)
    ]


# Releases.


def test_releases_come_newest_first_and_ten_is_newer_than_nine(dictionary: Dictionary) -> None:
    for label in ("1.9", "1.10", "2.0", "1.2"):
        ship(dictionary, f"auth {label}")
    assert versions(dictionary.releases("auth")) == ["2.0", "1.10", "1.9", "1.2"]


def test_prereleases_are_put_in_order_although_their_stored_order_ties(
    dictionary: Dictionary,
) -> None:
    for label in ("1.0.0-rc.2", "1.0.0", "1.0.0-rc.10", "1.0.0-alpha"):
        ship(dictionary, f"auth {label}")
    expected = ["1.0.0", "1.0.0-rc.10", "1.0.0-rc.2", "1.0.0-alpha"]
    assert versions(dictionary.releases("auth")) == expected


def test_the_scheme_that_was_used_last_is_the_newer_one(dictionary: Dictionary) -> None:
    for label in ("v1_20171001-1", "1.0", "1.1"):
        ship(dictionary, f"auth {label}")
    assert versions(dictionary.releases("auth")) == ["1.1", "1.0", "v1_20171001-1"]


def test_releases_bring_their_own_requirements(dictionary: Dictionary) -> None:
    ship(dictionary, "web 1.0", "gis-201610", "auth-1.1")
    ship(dictionary, "web 1.1")
    found = {str(one.version): one.requirements for one in dictionary.releases("web")}
    assert found == {
        "1.1": (),
        "1.0": (parse_requirement("auth-1.1"), parse_requirement("gis-201610")),
    }


def test_a_release_is_found_in_any_spelling_and_comes_back_as_it_was_written(
    dictionary: Dictionary,
) -> None:
    ship(dictionary, "auth 1.1")
    for spelling in ("1.1", "v1.1", "1.1.0"):
        found = dictionary.release("auth", parse_version(spelling))
        assert found is not None
        assert str(found.version) == "1.1"
    assert dictionary.release("auth", parse_version("1.1.1")) is None
    assert dictionary.release("gis", parse_version("1.1")) is None


def test_a_number_with_a_point_is_read_in_the_scheme_it_was_recorded_in(
    dictionary: Dictionary,
) -> None:
    shipped = replace(release("auth 1.0"), version=parse_version("201610.2", "semver"))
    dictionary.record_deployment(shipped, deployed(shipped), production=True)
    (live,) = dictionary.live()
    assert live.version.scheme == "semver"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0", "none"),
        ("1.1", "1.1"),
        ("1.1.0", "1.1"),
        ("1.2.0-rc.1", "1.1"),
        ("1.9", "1.2"),
        ("2.0.0-rc.2", "2.0.0-rc.1"),
        ("3.0", "2.0"),
        ("v1_20171001-1", "2.0"),
    ],
)
def test_the_predecessor_is_the_greatest_final_release_up_to_the_version(
    dictionary: Dictionary, version: str, expected: str
) -> None:
    for label in ("1.1", "1.2", "2.0.0-rc.1", "2.0"):
        ship(dictionary, f"auth {label}")
    ship(dictionary, "auth 1.5", environment="staging")
    assert before(dictionary, version) == expected


def test_a_service_that_was_never_released_has_no_predecessor(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1", environment="staging")
    assert before(dictionary, "1.1") == "none"
    assert before(dictionary, "201610") == "none"


# What runs and who needs it.


def test_live_is_asked_by_environment_and_by_service(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "gis 201610")
    ship(dictionary, "auth 1.2", environment="staging")
    assert [str(one.version) for one in dictionary.live("production")] == ["1.1", "201610"]
    assert [str(one.version) for one in dictionary.live(service="auth")] == ["1.1", "1.2"]
    assert [str(one.version) for one in dictionary.live("staging", "auth")] == ["1.2"]
    assert dictionary.live("nowhere") == ()


def test_a_deployment_comes_back_whole(dictionary: Dictionary) -> None:
    shipped = release("auth 1.1")
    recorded = replace(
        deployed(shipped),
        slot="blue",
        address="http://auth.shop.example",
        digest="sha256:ab",
        by="auth-team",
        url="https://ci.shop.example/7",
    )
    dictionary.record_deployment(shipped, recorded, production=True)
    assert dictionary.live() == (recorded,)
    assert dictionary.history("auth") == (recorded,)


def test_dependents_are_those_that_are_live_by_name(dictionary: Dictionary) -> None:
    ship(dictionary, "web 1.0", "auth-1.0")
    ship(dictionary, "web 1.1", "auth-1.1", hours=1)
    ship(dictionary, "gis 201610", "auth-1")
    ship(dictionary, "shop 1.0", "gis-201610")
    ship(dictionary, "mail 1.0", "auth-2", environment="staging")
    assert needing(dictionary, "auth") == [
        "gis 201610 production auth-1",
        "mail 1.0 staging auth-2",
        "web 1.1 production auth-1.1",
    ]
    assert needing(dictionary, "auth", "2") == ["mail 1.0 staging auth-2"]
    assert needing(dictionary, "auth", "1", "staging") == []
    assert needing(dictionary, "gis", "calver") == ["shop 1.0 production gis-201610"]


def test_a_requirement_of_another_scheme_on_the_same_line_still_counts(
    dictionary: Dictionary,
) -> None:
    ship(dictionary, "web 1.0", "auth-v1_20171001")
    ship(dictionary, "gis 1.0", "auth-1.1")
    assert len(needing(dictionary, "auth", "1")) == 2


def test_a_dependent_in_two_slots_is_one_dependent(dictionary: Dictionary) -> None:
    shipped = release("web 1.0", "auth-1.1")
    for slot in ("blue", "green"):
        dictionary.record_deployment(
            shipped, replace(deployed(shipped), slot=slot), production=True
        )
    assert len(dictionary.live()) == 2
    assert len(dictionary.dependents("auth")) == 1


def test_a_dependent_names_its_owner(dictionary: Dictionary) -> None:
    dictionary.record_service(Service("web", "web-team"))
    ship(dictionary, "web 1.0", "auth-1.1")
    needs = parse_requirement("auth-1.1")
    expected = Dependent("web", parse_version("1.0"), "production", needs, "web-team")
    assert dictionary.dependents("auth") == (expected,)
    assert dictionary.dependencies("web") == (expected,)


def test_dependencies_are_those_of_what_runs(dictionary: Dictionary) -> None:
    ship(dictionary, "web 1.0", "auth-1.1", "gis-201610")
    ship(dictionary, "web 1.1", "mail-1", hours=1)
    assert [str(one.requirement) for one in dictionary.dependencies("web")] == ["mail-1"]


# Evidence.


def test_the_latest_evidence_counts_whenever_it_was_recorded(dictionary: Dictionary) -> None:
    dictionary.record_evidence(
        evidence("unit-test", passed=True, hours=1), evidence("unit-test", passed=False)
    )
    found = dictionary.evidence("unit-test", "auth", "1.1", "c1")
    assert found == evidence("unit-test", passed=True, hours=1)


def test_of_two_at_the_same_time_the_one_recorded_last_counts(dictionary: Dictionary) -> None:
    dictionary.record_evidence(evidence("unit-test", passed=False))
    dictionary.record_evidence(evidence("unit-test", passed=True))
    found = dictionary.evidence("unit-test", "auth", "1.1", "c1")
    assert found is not None
    assert found.passed


@pytest.mark.parametrize(
    "asked",
    [
        ("approval", "auth", "1.1", "c1", "staging"),
        ("integration-test", "gis", "1.1", "c1", "staging"),
        ("integration-test", "auth", "1.2", "c1", "staging"),
        ("integration-test", "auth", "1.1", "c2", "staging"),
        ("integration-test", "auth", "1.1", "c1", "production"),
        ("integration-test", "auth", "1.1", "c1", ""),
    ],
)
def test_evidence_for_anything_else_is_no_evidence(
    dictionary: Dictionary, asked: tuple[str, str, str, str, str]
) -> None:
    dictionary.record_evidence(evidence("integration-test", environment="staging"))
    assert dictionary.evidence("integration-test", "auth", "1.1", "c1", "staging") is not None
    assert dictionary.evidence(*asked) is None


def test_an_empty_commit_finds_only_evidence_without_one(dictionary: Dictionary) -> None:
    dictionary.record_evidence(evidence("unit-test"))
    assert dictionary.evidence("unit-test", "auth", "1.1", "") is None


def test_evidence_is_found_in_another_spelling_of_the_version(dictionary: Dictionary) -> None:
    dictionary.record_evidence(evidence("unit-test", version="1.1.0"))
    assert dictionary.evidence("unit-test", "auth", "1.1", "c1") is not None
    assert dictionary.evidence("unit-test", "auth", parse_version("v1.1"), "c1") is not None


def test_evidence_comes_back_whole_and_newest_first(dictionary: Dictionary) -> None:
    older = replace(
        evidence("approval", environment="production"),
        digest="sha256:ab",
        text="148 tests",
        by="auth-team",
        reason="urgent",
        url="https://ci.shop.example/7",
    )
    newer = evidence("unit-test", version="1.2", hours=1)
    dictionary.record_evidence(newer, older)
    assert dictionary.evidence_of("auth") == (newer, older)
    assert dictionary.evidence_of("auth", "1.1") == (older,)
    assert dictionary.evidence_of("gis") == ()


# Names.


def test_a_known_service_is_returned(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    assert dictionary.known_service("auth") == Service("auth")
    assert dictionary.known_environment("production") == Environment("production", production=True)


def test_an_unknown_service_says_which_one_was_probably_meant(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    with pytest.raises(UsageError, match=r"^unknown service 'auht', did you mean auth\?$"):
        dictionary.known_service("auht")


def test_an_unknown_environment_names_those_there_are(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1", environment="staging")
    ship(dictionary, "auth 1.1")
    with pytest.raises(UsageError, match=r"unknown environment 'x'; known: production, staging$"):
        dictionary.known_environment("x")


def test_an_empty_dictionary_says_that_it_is_empty(dictionary: Dictionary) -> None:
    with pytest.raises(UsageError) as raised:
        dictionary.known_service("auth")
    assert raised.value.hint.startswith("The dictionary knows no service yet")


def test_times_come_back_in_utc(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    (live,) = dictionary.live()
    assert live.at == NOON
    assert live.at.utcoffset() == NOON.utcoffset()
