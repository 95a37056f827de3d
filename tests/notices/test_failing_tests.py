"""Failing tests on the way to a version: told once for each set, and once when fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from ci_steps.dictionary.tables import outbox
from ci_steps.notices import failing_tests
from ci_steps.notices.facts import message_of
from ci_steps.notices.sending.standing import standing
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON, ship
from tests.parts.notices import announce, owns

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.protocols import Message

LOGIN, ROLES = "tests.test_login: assert 401 == 200", "tests.test_roles: KeyError: 'roles'"


def fail(
    dictionary: Dictionary, *tests: str, version: str = "2.0.1", environment: str = ""
) -> bool:
    with dictionary.writing() as connection:
        return failing_tests.tests_failed(
            connection,
            "auth",
            parse_version(version),
            parse_version("1.1"),
            tests,
            environment=environment,
            channels=("slack", "email"),
            at=NOON,
            url="https://ci.example/1",
        )


def succeed(dictionary: Dictionary, environment: str = "") -> bool:
    with dictionary.writing() as connection:
        return failing_tests.tests_passed(
            connection, "auth", parse_version("2.0.1"), environment, NOON
        )


def deliver(dictionary: Dictionary) -> list[Message]:
    """Take what waits for sent, and return what it says."""
    with dictionary.writing() as connection:
        waiting = select(outbox).where(outbox.c.state == "pending").order_by(outbox.c.address)
        found = [message_of(connection, row) for row in connection.execute(waiting).all()]
        connection.execute(update(outbox).where(outbox.c.state == "pending").values(state="sent"))
    return [one for one in found if one is not None]


def shop(dictionary: Dictionary) -> None:
    owns(dictionary, "auth-team", ["auth"], "slack #auth")
    owns(dictionary, "gis-team", ["gis"], "slack #gis")
    ship(dictionary, "auth 1.1")
    ship(dictionary, "gis 1.0", "auth-1.1")


def test_a_set_of_failing_tests_is_told_once_whatever_its_errors_say(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    assert fail(dictionary, LOGIN, ROLES)
    assert not fail(dictionary, ROLES.replace("KeyError", "TypeError"), LOGIN)
    (told,) = deliver(dictionary)
    assert (told.stage, told.role, told.before) == ("tests-failed", "provider", "1.1")
    assert told.tests == (LOGIN, ROLES)
    assert fail(dictionary, LOGIN)
    assert [one.tests for one in deliver(dictionary)] == [(LOGIN,)]


def test_only_dependents_that_know_of_the_version_hear_that_it_waits(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    announce(dictionary)
    deliver(dictionary)
    fail(dictionary, LOGIN)
    told = deliver(dictionary)
    assert [(one.contact_owner.name, one.role) for one in told] == [
        ("auth-team", "provider"),
        ("gis-team", "owner"),
    ]
    fail(dictionary, LOGIN, version="3.0.0")
    assert [one.contact_owner.name for one in deliver(dictionary)] == ["auth-team"]


def test_who_heard_of_failing_tests_hears_once_that_they_pass(dictionary: Dictionary) -> None:
    shop(dictionary)
    fail(dictionary, LOGIN, ROLES)
    fail(dictionary, LOGIN)
    deliver(dictionary)
    assert succeed(dictionary)
    assert [one.stage for one in deliver(dictionary)] == ["tests-fixed"]
    assert not succeed(dictionary)
    assert deliver(dictionary) == []


def test_tests_of_a_deployment_do_not_pass_because_those_of_the_code_do(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    fail(dictionary, LOGIN, environment="staging")
    assert [one.environment for one in deliver(dictionary)] == ["staging"]
    assert not succeed(dictionary)
    assert succeed(dictionary, "staging")
    assert [one.stage for one in deliver(dictionary)] == ["tests-fixed"]


def test_the_status_names_the_version_whose_tests_fail(dictionary: Dictionary) -> None:
    shop(dictionary)
    fail(dictionary, LOGIN)
    assert [one.about for one in standing(dictionary, NOON).notices] == ["tests of auth 2.0.1"]


def test_what_is_fixed_before_anybody_was_told_tells_nobody(dictionary: Dictionary) -> None:
    shop(dictionary)
    fail(dictionary, LOGIN)
    succeed(dictionary)
    assert deliver(dictionary) == []
