"""Services that nobody can be told about: who they are, and that a deployment says so."""

from __future__ import annotations

import pytest

from ci_steps.dictionary.owners import Unowned, unowned
from ci_steps.dictionary.store import Dictionary
from ci_steps.model import Contact, Environment, Owner, Service, Status
from ci_steps.steps.deploy import Options, run
from tests.fakes import job_of
from tests.parts.dictionaries import ship

REACHED = Owner("auth-team", contacts=(Contact("slack", "#auth-team"),))


def found(dictionary: Dictionary, *among: str) -> tuple[Unowned, ...]:
    with dictionary.reading() as connection:
        return unowned(connection, among or None)


def test_nobody_and_an_owner_without_a_contact_are_found(dictionary: Dictionary) -> None:
    dictionary.record_owner(REACHED)
    dictionary.record_owner(Owner("gis-team"))
    for service, owner in (("auth", "auth-team"), ("gis", "gis-team"), ("mail", "")):
        dictionary.record_service(Service(service, owner))
    assert found(dictionary) == (Unowned("gis", "gis-team"), Unowned("mail"))
    assert [one.why for one in found(dictionary)] == ["gis-team has no contact", "nobody owns it"]


def test_they_say_where_they_run_until_they_end(dictionary: Dictionary) -> None:
    ship(dictionary, "web 1.0")
    (live,) = dictionary.live()
    assert [one.environments for one in found(dictionary)] == [(live.environment,)]
    dictionary.end_deployment(live, live.at)
    assert [one.environments for one in found(dictionary)] == [()]


def test_only_those_asked_for_are_found_however_many(dictionary: Dictionary) -> None:
    for service in ("auth", "gis", "mail"):
        dictionary.record_service(Service(service))
    others = [f"other-{number}" for number in range(1000)]
    names = [one.service for one in found(dictionary, "gis", "mail", *others)]
    assert names == ["gis", "mail"]


@pytest.mark.parametrize(
    ("owner", "warnings"),
    [
        pytest.param(None, ("auth: nobody owns it",), id="nobody"),
        pytest.param(
            Owner("auth-team"), ("auth: its owner auth-team has no contact",), id="silent"
        ),
        pytest.param(REACHED, (), id="reached"),
    ],
)
def test_a_deployment_says_that_nobody_hears_of_what_it_needs(
    dictionary: Dictionary, owner: Owner | None, warnings: tuple[str, ...]
) -> None:
    if owner:
        dictionary.record_owner(owner)
    dictionary.record_service(Service("auth", owner.name if owner else ""))
    job = job_of(dictionary, environment=Environment("staging"))
    for kind in ("unit-test", "version-check"):
        dictionary.record_evidence(job.evidence(kind, True))
    result = run(job, Options())
    assert (result.status, result.warnings) == (Status.PASSED, warnings)
