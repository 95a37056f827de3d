"""Who needs what will end hears of it, from the service itself or from the dictionary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone

import pytest

from ci_steps.dependencies import Checked
from ci_steps.deprecations import deprecations
from ci_steps.dictionary.store import Dictionary
from ci_steps.endings import Ending
from ci_steps.lifecycle.acts import Act, Kind
from ci_steps.lifecycle.ledger import add
from ci_steps.model import Environment, Line, Verdict
from ci_steps.protocols import Found
from ci_steps.versions import parse_requirement
from tests.fakes import job_of
from tests.parts.dictionaries import NOON, ship
from tests.parts.postgres import dictionary

__all__ = ["dictionary"]

END = datetime(2026, 12, 23, tzinfo=timezone.utc)


def announce(dictionary: Dictionary, line: str, on: date | None, place: str = "production") -> None:
    ship(dictionary, f"auth {line}.0.0")
    dictionary.record_environment(Environment("production", production=True))
    act = Act(Kind.ANNOUNCE, NOON, "auth-team", "a newer one is there", on)
    dictionary.write(lambda connection: add(connection, Line("auth", line, place), act))


def told(dictionary: Dictionary, need: str, *found: Found, place: str = "production") -> list[str]:
    """Return what a service hears that needs auth and is checked against *place*."""
    asked = job_of(dictionary, environment=Environment(place) if place else None)
    asked = replace(asked, service="gis")
    checked = Checked(parse_requirement(need), found, Verdict.YES)
    return [one.text for one in deprecations(asked, [checked])]


@pytest.mark.parametrize("place", ["production", ""])
def test_what_was_announced_is_told_with_its_day(dictionary: Dictionary, place: str) -> None:
    announce(dictionary, "1", END.date())
    assert told(dictionary, "auth-1.1", place=place) == [
        "auth-1.1: line 1 of auth will be switched off on 2026-12-23"
    ]


def test_other_lines_and_places_are_not_concerned(dictionary: Dictionary) -> None:
    announce(dictionary, "1", END.date())
    assert told(dictionary, "auth-2") == []
    assert told(dictionary, "auth-1", place="staging") == []


def test_what_has_no_day_yet_is_deprecated(dictionary: Dictionary) -> None:
    announce(dictionary, "1", None)
    assert told(dictionary, "auth-1") == ["auth-1: line 1 of auth is deprecated"]


def test_what_the_service_says_itself_comes_first(dictionary: Dictionary) -> None:
    announce(dictionary, "1", None)
    said = Found("here", ending=Ending(ends=END, link="https://auth.shop.example/v2"))
    assert told(dictionary, "auth-1", said) == [
        "auth-1: line 1 of auth will be switched off on 2026-12-23, see https://auth.shop.example/v2"
    ]


def test_a_header_that_nobody_understands_is_told(dictionary: Dictionary) -> None:
    said = Found("here", ending=Ending(problem="Sunset: 'soon' is not understood"))
    assert told(dictionary, "auth-1", said) == ["auth-1: Sunset: 'soon' is not understood"]


def test_what_was_taken_back_is_not_told(dictionary: Dictionary) -> None:
    announce(dictionary, "1", END.date())
    act = Act(Kind.WITHDRAW, NOON, "auth-team", "it stays")
    dictionary.write(lambda connection: add(connection, Line("auth", "1", "production"), act))
    assert told(dictionary, "auth-1") == []


def test_what_is_newly_needed_is_told_from_what_was_needed_before(dictionary: Dictionary) -> None:
    announce(dictionary, "1", END.date())
    ship(dictionary, "gis 1.0", "auth-1")
    job = replace(job_of(dictionary, environment=Environment("production")), service="gis")
    checked = [Checked(parse_requirement("auth-1.1"), (), Verdict.YES)]
    assert [one.is_new for one in deprecations(job, checked)] == [False]
    ship(dictionary, "gis 1.0.1", "auth-2", hours=1)
    (found,) = deprecations(job, checked)
    assert found.is_new
    assert found.text.endswith("2026-12-23; nothing needed it before")
