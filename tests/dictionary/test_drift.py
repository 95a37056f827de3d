"""Drift: what answers is not what was recorded."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ci_steps.dictionary.drift import Observation, drift, not_asked, observe
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.tables import observation
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON, ship


def see(dictionary: Dictionary, version: str, *, hours: float = 1, service: str = "auth") -> int:
    found = parse_version(version) if version else None
    problem = "" if version else "connection refused"
    seen = Observation(
        service, "production", "http://auth.example", found, NOON + timedelta(hours=hours), problem
    )
    with dictionary.writing() as connection:
        return observe(connection, [seen])


def drifted(dictionary: Dictionary) -> list[tuple[str, str, str]]:
    with dictionary.reading() as connection:
        found = drift(connection, "production")
    return [
        (", ".join(map(str, one.recorded)), str(one.observed or ""), one.problem) for one in found
    ]


def test_what_answers_as_recorded_is_no_drift(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    see(dictionary, "1.1.0")
    assert drifted(dictionary) == []


def test_another_version_and_no_answer_are_drift(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    see(dictionary, "1.0")
    assert drifted(dictionary) == [("1.1", "1.0", "")]
    see(dictionary, "", hours=2)
    assert drifted(dictionary) == [("1.1", "", "connection refused")]


def test_who_was_asked_is_known_whatever_it_answered(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "gis 1.1")
    see(dictionary, "", service="auth")
    with dictionary.reading() as connection:
        assert not_asked(connection, "production") == ("gis",)


def test_a_newer_deployment_outdates_what_was_seen(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    see(dictionary, "1.0")
    ship(dictionary, "auth 1.2", hours=2)
    assert drifted(dictionary) == []


def looked_at(dictionary: Dictionary) -> list[str]:
    """Return the versions that every verdict looks at, for they may not be the recorded ones."""
    with dictionary.reading() as connection:
        rows = connection.execute(select(observation.c.version).where(observation.c.differs))
        return [row.version for row in rows]


def test_only_another_version_than_the_recorded_one_is_looked_at_by_every_verdict(
    dictionary: Dictionary,
) -> None:
    ship(dictionary, "auth 1.1")
    see(dictionary, "1.1.0")
    assert looked_at(dictionary) == []
    see(dictionary, "", hours=2)
    assert looked_at(dictionary) == []
    see(dictionary, "1.0", hours=3)
    assert looked_at(dictionary) == ["1.0"]


def test_what_was_seen_before_a_deployment_is_forgotten_even_if_its_clock_is_behind(
    dictionary: Dictionary,
) -> None:
    ship(dictionary, "auth 1.1")
    see(dictionary, "1.1")
    ship(dictionary, "auth 1.2", hours=0.5)
    assert (drifted(dictionary), looked_at(dictionary)) == ([], [])
    see(dictionary, "1.1", hours=2)
    assert looked_at(dictionary) == ["1.1"]


def test_the_same_answer_again_writes_nothing(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    assert [see(dictionary, "1.0", hours=hours) for hours in (1, 2)] == [1, 0]


def test_a_service_nobody_recorded_is_not_recorded_by_asking(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    assert see(dictionary, "1.0", service="gis") == 0
    assert dictionary.service("gis") is None
