"""Versions and requirements of a catalog: recorded, and never at the cost of what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.catalog.claims import backstage, changes, component, lines
from tests.parts.dictionaries import ship

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

WEB = ("version: '2.0'", "requirements: auth-1.1, gis-2@1.4", "environments: production")


def live(dictionary: Dictionary, service: str = "web") -> list[str]:
    return [
        f"{one.version} in {one.environment}:{one.slot}" for one in dictionary.live(service=service)
    ]


def needs(dictionary: Dictionary) -> list[str]:
    return [one.requirement.written for one in dictionary.dependencies("web")]


def test_what_runs_and_what_it_needs_is_recorded(dictionary: Dictionary) -> None:
    backstage(dictionary, component("web", *WEB))
    assert live(dictionary) == ["2.0 in production:2"]
    assert needs(dictionary) == ["auth-1.1", "gis-2-1.4"]
    assert [one.service for one in dictionary.dependents("auth", "1")] == ["web"]


def test_what_a_catalog_says_is_no_proof_so_that_its_releases_stay_candidates(
    dictionary: Dictionary,
) -> None:
    backstage(dictionary, component("web", *WEB))
    ship(dictionary, "web 2.0", "auth-1.2", commit="c2")
    assert needs(dictionary) == ["auth-1.2"]


def test_an_environment_is_production_where_a_file_says_so(dictionary: Dictionary) -> None:
    backstage(dictionary, component("web", *WEB))
    assert [one.production for one in dictionary.environments()] == [False]
    backstage(dictionary, component("web", *WEB, "production-environments: production"))
    backstage(dictionary, component("web", *WEB))
    assert [one.production for one in dictionary.environments()] == [True]


def test_several_releases_stand_beside_each_other(dictionary: Dictionary) -> None:
    text = component(
        "web",
        *("version: '1.4'", "environments: production"),
        *("version.next: '2.0'", "requirements.next: auth-2", "environments.next: staging:blue"),
    )
    backstage(dictionary, text)
    assert live(dictionary) == ["1.4 in production:1", "2.0 in staging:blue"]
    assert needs(dictionary) == ["auth-2"]


def test_an_edge_without_a_version_is_reported_and_nothing_is_recorded(
    dictionary: Dictionary,
) -> None:
    text = component("web", "version: '2.0'", "environments: production", spec="dependsOn: [auth]")
    imported = backstage(dictionary, text, component("auth"))
    assert needs(dictionary) == []
    assert lines(imported.notes) == [
        (
            "a.yaml:9: spec.dependsOn[0]: web needs auth, in no version that the file says: "
            "nothing is recorded until ci-steps.io/requirements says one"
        )
    ]


def test_an_api_is_an_edge_to_whoever_provides_it(dictionary: Dictionary) -> None:
    imported = backstage(
        dictionary,
        component("web", spec="consumesApis: [auth-api]"),
        component("auth", spec="providesApis: [auth-api], dependencyOf: [component:mail]"),
        component("mail"),
    )
    assert [line.partition(", in no")[0] for line in lines(imported.notes)] == [
        "a.yaml:8: spec.consumesApis[0]: web needs auth",
        "b.yaml:8: spec.dependencyOf[0]: mail needs auth",
    ]


def test_an_edge_whose_version_is_said_is_not_reported(dictionary: Dictionary) -> None:
    text = component("web", *WEB, spec="dependsOn: [auth]")
    assert backstage(dictionary, text, component("auth")).notes == ()


def test_an_edge_without_a_version_keeps_what_runs_needs(dictionary: Dictionary) -> None:
    backstage(dictionary, component("web", *WEB), component("auth"))
    newer = ("version: '2.1'", "requirements: gis-2@1.5", "environments: production")
    imported = backstage(dictionary, component("web", *newer, spec="dependsOn: [auth]"))
    assert live(dictionary) == ["2.1 in production:2"]
    assert needs(dictionary) == ["auth-1.1", "gis-2-1.5"]
    assert lines(imported.notes) == [
        (
            "a.yaml:10: spec.dependsOn[0]: web needs auth, in no version that the file says: "
            "auth-1.1 is kept"
        )
    ]


def test_a_component_without_a_version_changes_no_requirement(dictionary: Dictionary) -> None:
    ship(dictionary, "web 2.0", "auth-1.1")
    assert changes(backstage(dictionary, component("web", spec="dependsOn: [auth]"))) == {}
    assert needs(dictionary) == ["auth-1.1"]


def test_a_file_that_says_no_requirements_any_more_keeps_those_of_the_release(
    dictionary: Dictionary,
) -> None:
    backstage(dictionary, component("web", *WEB))
    assert changes(backstage(dictionary, component("web", WEB[0], WEB[2]))) == {}
    assert needs(dictionary) == ["auth-1.1", "gis-2-1.4"]


def test_other_requirements_of_an_imported_release_take_effect(dictionary: Dictionary) -> None:
    backstage(dictionary, component("web", *WEB))
    text = component("web", WEB[0], "requirements: auth-1.2", WEB[2])
    assert changes(backstage(dictionary, text, hours=2)) == {
        "releases": (0, 1),
        "deployments": (0, 1),
    }
    assert needs(dictionary) == ["auth-1.2"]
    assert changes(backstage(dictionary, text, hours=3)) == {}


def test_what_a_pipeline_released_and_deployed_stays(dictionary: Dictionary) -> None:
    ship(dictionary, "web 2.0", "auth-1.3")
    imported = backstage(dictionary, component("web", *WEB), component("mail", *WEB))
    assert needs(dictionary) == ["auth-1.3"]
    assert lines(imported.notes) == [
        "a.yaml:5: metadata.name: web 2.0 is recorded with auth-1.3: left as it is"
    ]


def test_a_file_that_is_older_than_what_runs_replaces_nothing(dictionary: Dictionary) -> None:
    ship(dictionary, "web 2.3", "auth-1.3")
    imported = backstage(dictionary, component("web", *WEB))
    assert live(dictionary) == ["2.3 in production:2"]
    assert lines(imported.notes) == [
        (
            "a.yaml:5: metadata.name: something else of web than 2.0 was deployed to production, "
            "slot 2: left as it is"
        )
    ]


def test_what_an_earlier_import_said_ends_when_the_file_says_something_else(
    dictionary: Dictionary,
) -> None:
    backstage(dictionary, component("web", *WEB))
    text = component("web", "version: '3.0'", "environments: production")
    assert changes(backstage(dictionary, text, hours=2))["deployments"] == (1, 1)
    assert live(dictionary) == ["3.0 in production:3"]


def test_a_commit_that_is_said_later_belongs_to_the_release(dictionary: Dictionary) -> None:
    backstage(dictionary, component("web", *WEB))
    backstage(dictionary, component("web", *WEB, "commit: c7"))
    assert [one.commit for one in dictionary.live()] == ["c7"]
    imported = backstage(dictionary, component("web", *WEB, "commit: c8"))
    assert [line.partition(": ")[2] for line in lines(imported.notes)] == [
        "metadata.name: web 2.0 is recorded with commit c7: left as it is"
    ]
