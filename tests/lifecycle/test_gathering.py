"""What the dictionary knows about a line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ci_steps.dictionary.aliases import record_alias
from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import UsageError
from ci_steps.lifecycle.facts import Facts
from ci_steps.lifecycle.gathering import gather
from ci_steps.model import Line
from ci_steps.usage import Rules, Usage, UsageQuestion
from tests.parts.dictionaries import NOON, ship
from tests.parts.verdicts import run_in


def observe(question: UsageQuestion) -> Usage:
    """Repeat what was asked."""
    asked = f"{question.service} {question.line} {question.environment}"
    return Usage(asked, question.since, question.at)


def about(dictionary: Dictionary, service: str = "auth", line: str = "1") -> Facts:
    return gather(dictionary, NOON, Line(service, line, "production"), Rules(), observe)


def test_dependents_successors_and_declarations_are_told_apart(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "auth 2.0.0", "gis 1.0: auth-1.1", "web 1.0: auth-2.0")
    run_in(dictionary, "mail 1.0: auth-1", environment="staging")
    found = about(dictionary)
    assert found.successors == ("2.0.0",)
    assert found.needed_by == ("gis",)
    assert found.declared_by == ("mail in staging",)


def test_calls_are_asked_for_beyond_the_quiet_window(dictionary: Dictionary) -> None:
    run_in(dictionary, "geo 1.1.0")
    dictionary.write(lambda connection: record_alias(connection, "geo", "gis"))
    asked = about(dictionary, "geo").usage
    assert asked == Usage("gis 1 production", NOON - timedelta(days=45), NOON)


def test_the_newest_line_has_no_successor(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "auth 2.0.0")
    assert about(dictionary, line="2").successors == ()


def test_line_ten_is_newer_than_line_nine(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 9.1.0", "auth 10.0.0")
    assert about(dictionary, line="9").successors == ("10.0.0",)


def test_what_runs_nowhere_declares_by_its_newest_release_alone(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "auth 2.0.0")
    ship(dictionary, "gis 1.0", "auth-1.1")
    ship(dictionary, "web 1.0", "auth-1.1")
    ship(dictionary, "web 1.1", "auth-2", hours=1)
    for one in (*dictionary.live(service="gis"), *dictionary.live(service="web")):
        dictionary.end_deployment(one, NOON)
    found = about(dictionary)
    assert (found.needed_by, found.declared_by) == ((), ("gis 1.0",))


def test_requirements_on_the_old_name_count(dictionary: Dictionary) -> None:
    run_in(dictionary, "geo 1.1.0", "geo 2.0.0", "web 1.0: geo-1.1")
    dictionary.write(lambda connection: record_alias(connection, "geo", "gis"))
    assert about(dictionary, "geo").needed_by == ("web",)
    assert about(dictionary, "gis").needed_by == ("web",)


@pytest.mark.parametrize(
    ("service", "line", "text"),
    [
        pytest.param("auht", "1", "unknown service 'auht', did you mean auth", id="service"),
        pytest.param("auth", "3", "auth has no line '3'", id="line"),
    ],
)
def test_what_nobody_knows_is_an_error(
    dictionary: Dictionary, service: str, line: str, text: str
) -> None:
    run_in(dictionary, "auth 1.1.0")
    with pytest.raises(UsageError, match=text):
        about(dictionary, service, line)


def test_an_unknown_environment_is_an_error(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0")
    with pytest.raises(UsageError, match="unknown environment 'prodution'"):
        gather(dictionary, NOON, Line("auth", "1", "prodution"), Rules(), observe)
