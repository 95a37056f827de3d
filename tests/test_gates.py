"""The gates ask the whole verdict: proof, policies, waivers and retired lines count as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.gates import Gate, foresee, judge
from ci_steps.model import Environment
from ci_steps.places import choose_slot
from ci_steps.steps import version_check
from tests.fakes import FakeOutside, job_of
from tests.parts.dictionaries import dictionary_at
from tests.parts.verdicts import ask_for_evidence, retire, run_in, verify, waive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.protocols import Job

PRODUCTION = Environment("production", production=True)
COMING = "auth 1.1.0"


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def job(dictionary: Dictionary, *needs: str, version: str = "1.1.0") -> Job:
    return job_of(dictionary, needs=needs, version=version, environment=PRODUCTION)


def gate(asking: Job, name: str, *, lines: str = "auto", strict: bool = False) -> Gate:
    found = {one.name: one for one in judge(asking, choose_slot(asking, lines), strict=strict)}
    return found[name]


def test_a_verification_that_failed_closes_what_the_number_would_open(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "gis 3.0.0")
    assert gate(job(dictionary, "gis-3.0"), "dependencies").passed
    verify(dictionary, COMING, "gis 3.0.0", passed=False)
    closed = gate(job(dictionary, "gis-3.0"), "dependencies")
    assert not closed.passed
    assert "verifying auth 1.1.0 with gis 3.0.0 failed" in closed.reason


def test_a_verification_that_passed_opens_what_the_number_would_close(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "gis 2.9.0")
    assert not gate(job(dictionary, "gis-2.10"), "dependencies").passed
    verify(dictionary, COMING, "gis 2.9.0", passed=True)
    assert gate(job(dictionary, "gis-2.10"), "dependencies").passed


@pytest.mark.parametrize("passed", [True, False])
def test_a_live_dependent_is_judged_by_its_verification(
    dictionary: Dictionary, passed: bool
) -> None:
    run_in(dictionary, "gis 3.0.0: auth-1.1" if not passed else "gis 3.0.0: auth-1.2")
    assert gate(job(dictionary), "dependents").passed is not passed
    verify(dictionary, "gis 3.0.0", COMING, passed=passed)
    assert gate(job(dictionary), "dependents").passed is passed


@pytest.mark.parametrize("name", ["dependencies", "dependents"])
def test_where_evidence_is_required_its_absence_closes_without_strict(
    dictionary: Dictionary, name: str
) -> None:
    run_in(dictionary, "gis 3.0.0", "web 5.0: auth-1.1")
    assert gate(job(dictionary, "gis-3.0"), name).passed
    ask_for_evidence(dictionary)
    assert not gate(job(dictionary, "gis-3.0"), name).passed


def test_a_waiver_opens_the_gate_for_as_long_as_it_lasts(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.0.0", "gis 3.0.0: auth-1.0")
    asking = job(dictionary, version="2.0.0")
    assert not gate(asking, "dependents", lines="replace").passed
    waive(dictionary, "auth", "gis", FakeOutside().today())
    assert gate(asking, "dependents", lines="replace").passed


def test_a_retired_line_is_not_deployed_again(dictionary: Dictionary) -> None:
    retire(dictionary, "auth", "1", "nobody calls it")
    closed = gate(job(dictionary), "dependents")
    assert not closed.passed
    assert closed.reason == "auth-1 is retired: nobody calls it"


def test_what_is_not_known_of_a_dependent_stops_only_where_strict(dictionary: Dictionary) -> None:
    run_in(dictionary, "gis 3.0.0: auth-0.1")
    asking = job(dictionary, version="0.2.0")
    assert gate(asking, "dependents").passed
    assert not gate(asking, "dependents", strict=True).passed


@pytest.mark.parametrize("at_build_time", [True, False])
def test_version_check_warns_of_the_production_that_would_refuse(
    dictionary: Dictionary, at_build_time: bool
) -> None:
    run_in(dictionary, "gis 3.0.0: auth-1.1")
    verify(dictionary, "gis 3.0.0", COMING, passed=False)
    asking = job_of(
        dictionary,
        environment=None if at_build_time else PRODUCTION,
        environments=(PRODUCTION,),
    )
    refusal = "production would refuse it: gis 3.0.0 needs auth-1.1: verifying"
    assert foresee(asking, PRODUCTION).startswith(refusal)
    warnings = version_check.run(asking, version_check.Options()).warnings
    assert [one.startswith(refusal) for one in warnings] == [True]
