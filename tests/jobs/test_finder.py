"""The finder asks once, and keeps what really answered."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ci_steps.config.plan import Plugged
from ci_steps.dictionary.drift import drift
from ci_steps.jobs.finder import Finder
from ci_steps.outside import Outside
from ci_steps.protocols import Found
from ci_steps.versions import parse_version
from tests.parts.dictionaries import dictionary_at, ship


class Probe:
    """Answers its versions, and counts how often it is asked."""

    def __init__(self, versions: tuple[str, ...] = ("1.0",), **more: Any) -> None:
        self.asked = 0
        self._versions, self._more = versions, more

    def plugged(self) -> dict[str, tuple[Plugged, ...]]:
        return {"auth": (Plugged("http", SimpleNamespace(ask=self.ask), None),)}

    def ask(self, *_: object) -> tuple[Found, ...]:
        self.asked += 1
        return tuple(
            Found("http://auth.example", parse_version(version), **self._more)
            for version in self._versions
        )


def drifted(probe: Probe) -> list[str]:
    """Return what the dictionary holds against auth 1.1 after the probe was asked twice."""
    with dictionary_at() as dictionary:
        ship(dictionary, "auth 1.1")
        finder = Finder(probe.plugged(), Outside(), dictionary)
        finder("auth", "production")
        finder("auth", "production")
        finder.keep_observations()
        with dictionary.reading() as connection:
            return [str(one.observed) for one in drift(connection, "production")]


def test_an_answer_is_asked_once_and_kept() -> None:
    probe = Probe()
    assert drifted(probe) == ["1.0"]
    assert probe.asked == 1


def test_of_replicas_that_disagree_the_one_that_is_not_as_recorded_is_kept() -> None:
    versions = ("1.0", "1.1")
    for asked in (versions, versions[::-1]):
        assert drifted(Probe(versions=asked)) == ["1.0"]


def test_what_only_exists_was_not_observed() -> None:
    assert drifted(Probe(released=True)) == []
