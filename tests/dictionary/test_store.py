from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, func, insert, select

from ci_steps.dictionary import tables
from ci_steps.errors import DictionaryError, RefusedError, UsageError
from ci_steps.model import Contact, Deployment, Environment, Owner, Release, Service
from ci_steps.versions import parse_version, requirement
from tests.parts.dictionaries import NOON, deployed, evidence, release, ship

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary


def labels(dictionary: Dictionary, service: str = "") -> list[str]:
    return [f"{one.service} {one.version}" for one in dictionary.live(service=service)]


def rows(dictionary: Dictionary, table: str) -> int:
    with dictionary.reading() as connection:
        count = select(func.count()).select_from(tables.metadata.tables[table])
        return int(connection.execute(count).scalar_one())


# Owners, services and environments.


def test_an_owner_comes_back_with_its_contacts_in_their_order(dictionary: Dictionary) -> None:
    owner = Owner("team", "Team", (Contact("slack", "#team"), Contact("email", "t@shop.example")))
    dictionary.record_owner(owner)
    assert dictionary.owner("team") == owner
    assert dictionary.owners() == (owner,)


def test_contacts_that_are_given_become_the_only_ones(dictionary: Dictionary) -> None:
    dictionary.record_owner(Owner("team", "Team", (Contact("slack", "#old"),)))
    dictionary.record_owner(Owner("team", "Team", (Contact("slack", "#new"),)))
    assert dictionary.owner("team") == Owner("team", "Team", (Contact("slack", "#new"),))


def test_what_an_owner_leaves_empty_stays_known(dictionary: Dictionary) -> None:
    owner = Owner("team", "Team", (Contact("slack", "#team"),))
    dictionary.record_owner(owner)
    dictionary.record_owner(Owner("team"))
    assert dictionary.owner("team") == owner


def test_an_empty_owner_or_repository_never_erases_a_known_one(dictionary: Dictionary) -> None:
    dictionary.record_service(Service("auth", "team", "https://git.shop.example/auth"))
    dictionary.record_service(Service("auth"))
    assert dictionary.service("auth") == Service("auth", "team", "https://git.shop.example/auth")


def test_a_service_changes_hands(dictionary: Dictionary) -> None:
    dictionary.record_service(Service("auth", "team"))
    dictionary.record_owner(Owner("others", "The others"))
    dictionary.record_service(Service("auth", "others"))
    assert dictionary.owner_of("auth") == Owner("others", "The others")


def test_a_service_nobody_owns_has_no_owner(dictionary: Dictionary) -> None:
    dictionary.record_service(Service("auth"))
    assert dictionary.owner_of("auth") is None
    assert dictionary.owner_of("unheard-of") is None


def test_a_deployment_makes_an_environment_production_but_never_less(
    dictionary: Dictionary,
) -> None:
    ship(dictionary, "auth 1.1")
    shipped = release("auth 1.1")
    dictionary.record_deployment(shipped, deployed(shipped), production=False)
    assert dictionary.environments() == (Environment("production", production=True),)
    dictionary.record_environment(Environment("production", production=False))
    assert dictionary.environments() == (Environment("production", production=False),)


# Releases.


def test_a_candidate_takes_on_what_a_later_commit_brings(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1", "gis-201610", environment="staging")
    ship(dictionary, "auth 1.1", "mail-1", environment="staging", commit="c2", hours=1)
    known = dictionary.release("auth", parse_version("1.1"))
    assert known == replace(
        release("auth 1.1", "mail-1", commit="c2"), recorded_at=NOON + timedelta(hours=1)
    )


def test_production_makes_a_release_final(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1", environment="staging")
    ship(dictionary, "auth 1.1", environment="production", hours=1)
    known = dictionary.release("auth", parse_version("1.1"))
    assert known == replace(release("auth 1.1"), final=True, recorded_at=NOON)


def test_a_final_release_stays_final_when_it_goes_back_to_staging(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1", environment="production")
    ship(dictionary, "auth 1.1", environment="staging")
    known = dictionary.release("auth", parse_version("1.1"))
    assert known is not None
    assert known.final


def test_where_a_release_declares_what_it_needs_stays_with_its_commit(
    dictionary: Dictionary,
) -> None:
    def seen(commit: str, environment: str, **places: str) -> dict[str, str]:
        said = replace(release("auth 1.1", "gis-201610", commit=commit), places=places)
        runs = deployed(said, environment)
        dictionary.record_deployment(said, runs, production=environment == "production")
        known = dictionary.release("auth", said.version)
        assert known is not None
        return dict(known.places)

    assert seen("c1", "staging", gis="ci-steps.yaml:4") == {"gis": "ci-steps.yaml:4"}
    assert seen("c1", "staging") == {"gis": "ci-steps.yaml:4"}
    assert seen("c2", "staging") == {}
    assert seen("c2", "production") == {}
    assert seen("c2", "production", gis="ci-steps.yaml:5") == {"gis": "ci-steps.yaml:5"}
    assert seen("c2", "staging", gis="ci-steps.yaml:6") == {"gis": "ci-steps.yaml:5"}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (release("auth 1.1", "gis-201610", commit="c2"), "from commit c1"),
        (release("auth 1.1", "gis-201610", contract="ab"), "from commit c1 with another contract"),
        (release("auth 1.1"), "from commit c1 with other requirements"),
        (release("auth 1.1.0", "gis-201610", commit="c2"), "from commit c1"),
    ],
    ids=["commit", "contract", "requirements", "another spelling"],
)
@pytest.mark.parametrize("environment", ["staging", "production"])
def test_other_content_under_a_final_version_is_refused_and_leaves_no_trace(
    dictionary: Dictionary, other: Release, said: str, environment: str
) -> None:
    ship(dictionary, "auth 1.1", "gis-201610")
    with pytest.raises(RefusedError, match=f"^auth {other.version} is already released {said}$"):
        dictionary.record_deployment(
            other,
            deployed(other, environment, hours=1),
            production=environment == "production",
            evidence=[evidence("unit-test")],
        )
    assert dictionary.releases("auth") == (
        replace(release("auth 1.1", "gis-201610", final=True), recorded_at=NOON),
    )
    assert rows(dictionary, "evidence") == 0
    assert rows(dictionary, "environment") == 1


def test_the_same_requirements_are_stored_once_whatever_their_order(
    dictionary: Dictionary,
) -> None:
    ship(dictionary, "web 1.0", "auth-1.1", "gis-201610")
    ship(dictionary, "web 1.1", "gis-201610", "auth-1.1")
    ship(dictionary, "mail 1.0", "gis-201610", "auth-1.1")
    assert rows(dictionary, "requirement_set") == 1
    assert rows(dictionary, "requirement") == 2


def test_the_same_final_release_may_list_its_requirements_in_another_order(
    dictionary: Dictionary,
) -> None:
    ship(dictionary, "web 1.0", "auth-1.1", "gis-201610")
    ship(dictionary, "web 1.0", "gis-201610", "auth-1.1")
    assert rows(dictionary, "deployment") == 1


def test_a_requirement_whose_name_ends_like_a_version_comes_back_as_it_was(
    dictionary: Dictionary,
) -> None:
    needs = (
        requirement("auth-2", "1.1"),
        requirement("gis-201610", "v1_20171001"),
        requirement("mail", "2.0.0-rc-1.1"),
        requirement("web", "v201610"),
    )
    shipped = replace(release("shop 1.0"), requirements=needs)
    dictionary.record_deployment(shipped, deployed(shipped), production=True)
    found = dictionary.release("shop", shipped.version)
    assert found is not None
    assert found.requirements == needs
    assert [one.requirement for one in dictionary.dependents("auth-2")] == [needs[0]]
    assert dictionary.dependents("auth") == ()


def test_two_requirements_on_one_provider_are_refused(dictionary: Dictionary) -> None:
    with pytest.raises(UsageError, match=r"^web 1.0 needs auth twice: auth-1.1 and auth-2$"):
        ship(dictionary, "web 1.0", "auth-1.1", "auth-2")


# Deployments.


def test_a_deployment_replaces_what_ran_in_its_slot(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "auth 1.2", hours=1)
    assert labels(dictionary) == ["auth 1.2"]
    assert [str(one.version) for one in dictionary.history("auth")] == ["1.2", "1.1"]


def test_another_line_another_service_and_another_environment_stay(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "auth 1.1", environment="staging")
    ship(dictionary, "gis 1.1")
    ship(dictionary, "auth 2.0", hours=1)
    assert labels(dictionary) == ["auth 1.1", "auth 2.0", "auth 1.1", "gis 1.1"]


def test_slots_that_are_named_end_as_well(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "auth 2.0", hours=1, replaces=("1", "never-there"))
    assert labels(dictionary) == ["auth 2.0"]


def test_a_slot_can_still_be_ended_by_a_deployment_that_is_there_already(
    dictionary: Dictionary,
) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "auth 2.0", hours=1)
    ship(dictionary, "auth 2.0", hours=2, replaces=("1",))
    assert labels(dictionary) == ["auth 2.0"]
    assert rows(dictionary, "deployment") == 2


def test_deploying_what_is_there_already_records_no_second_deployment(
    dictionary: Dictionary,
) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "auth 1.1", hours=1)
    assert [one.at for one in dictionary.history("auth")] == [NOON]


@pytest.mark.parametrize(
    "second",
    [
        deployed(release("auth 1.1", commit="c2"), "staging"),
        deployed(release("auth 1.1"), "staging", address="http://elsewhere.shop.example"),
        replace(deployed(release("auth 1.1"), "staging"), digest="sha256:ab"),
    ],
    ids=["commit", "address", "digest"],
)
def test_deploying_anything_else_is_a_new_deployment(
    dictionary: Dictionary, second: Deployment
) -> None:
    ship(dictionary, "auth 1.1", environment="staging")
    again = release("auth 1.1", commit=second.commit)
    dictionary.record_deployment(again, second, production=False)
    assert len(dictionary.history("auth")) == 2
    assert dictionary.live() == (second,)


def test_going_back_to_the_version_before_is_a_deployment_of_its_own(
    dictionary: Dictionary,
) -> None:
    for hours, label in enumerate(("auth 1.1", "auth 1.2", "auth 1.1")):
        ship(dictionary, label, hours=hours)
    assert labels(dictionary) == ["auth 1.1"]
    assert len(dictionary.history("auth")) == 3


def test_a_clock_that_is_behind_ends_nothing_before_it_began(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1", hours=1)
    ship(dictionary, "auth 1.2", hours=0)
    with dictionary.reading() as connection:
        ended = connection.execute(select(tables.deployment)).first()
    assert ended is not None
    assert ended.ended_at == ended.started_at


def test_a_deployment_of_another_release_is_a_mistake_of_the_caller(
    dictionary: Dictionary,
) -> None:
    with pytest.raises(ValueError, match="not a deployment of"):
        dictionary.record_deployment(
            release("auth 1.1"), deployed(release("auth 1.2")), production=True
        )


# One transaction.


def put_event(connection: Connection, at: datetime = NOON) -> str:
    service = connection.execute(select(tables.service.c.id)).scalar_one()
    connection.execute(
        insert(tables.event).values(kind="major", service_id=service, to="2", version="2.0", at=at)
    )
    return "written"


def test_what_also_writes_is_recorded_with_the_deployment(dictionary: Dictionary) -> None:
    shipped = release("auth 2.0")
    answer = dictionary.record_deployment(
        shipped, deployed(shipped), production=True, also=put_event
    )
    assert answer == "written"
    assert rows(dictionary, "event") == 1


def test_also_runs_for_a_deployment_that_is_there_already(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 2.0")
    shipped = release("auth 2.0")
    dictionary.record_deployment(shipped, deployed(shipped), production=True, also=put_event)
    assert rows(dictionary, "event") == 1


def test_when_also_fails_nothing_at_all_is_recorded(dictionary: Dictionary) -> None:
    def also(connection: Connection) -> None:
        put_event(connection)
        raise RefusedError("no")

    shipped = release("auth 2.0")
    with pytest.raises(RefusedError):
        dictionary.record_deployment(
            shipped,
            deployed(shipped),
            production=True,
            evidence=[evidence("unit-test")],
            also=also,
        )
    names = ("service", "environment", "release", "deployment", "evidence", "event")
    assert {name: rows(dictionary, name) for name in names} == dict.fromkeys(names, 0)


def test_a_question_asked_while_writing_sees_what_was_written(dictionary: Dictionary) -> None:
    with dictionary.writing():
        dictionary.record_service(Service("auth"))
        assert dictionary.services() == (Service("auth"),)


def test_a_part_of_a_transaction_that_fails_is_undone_alone(dictionary: Dictionary) -> None:
    def fail(_: Connection) -> None:
        raise RefusedError("no")

    shipped = release("gis 201610")
    with dictionary.writing():
        dictionary.record_service(Service("auth"))
        with pytest.raises(RefusedError):
            dictionary.record_deployment(shipped, deployed(shipped), production=True, also=fail)
    assert dictionary.services() == (Service("auth"),)


def test_a_transaction_that_reads_never_becomes_one_that_writes(dictionary: Dictionary) -> None:
    with dictionary.reading(), pytest.raises(RuntimeError, match="reads"):
        dictionary.record_service(Service("auth"))


def test_threads_of_a_rehearsal_take_turns(dictionary: Dictionary) -> None:
    """A dictionary in memory has one connection, and steps may ask in parallel."""
    ship(dictionary, "auth 1.1")
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(len(dictionary.live()))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [1] * 20


def test_what_the_database_refuses_is_an_error_of_the_dictionary(dictionary: Dictionary) -> None:
    with pytest.raises(DictionaryError) as raised, dictionary.writing() as connection:
        connection.execute(
            insert(tables.contact).values(owner_id=1, channel="file", address="nobody")
        )
    assert raised.value.exit_code == 3
    assert "foreign key constraint" in str(raised.value).lower()


def test_a_time_without_a_zone_is_a_mistake_of_the_caller(dictionary: Dictionary) -> None:
    with pytest.raises(Exception, match="has no time zone"):
        dictionary.record_evidence(replace(evidence("unit-test"), at=NOON.replace(tzinfo=None)))
    assert dictionary.services() == ()
