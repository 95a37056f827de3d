"""deploy: gates, slots, and what the dictionary knows afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import CiStepsError, NotBroughtBackError, OutsideError, RefusedError
from ci_steps.gates.names import to_override
from ci_steps.model import Environment, Status, StepResult
from ci_steps.protocols import Build
from ci_steps.steps.deploy import Options, run
from tests.fakes import FakeTarget, Shown, job_of
from tests.parts.dictionaries import deployed, dictionary_at, release, ship

STAGING = Environment("staging")
PRODUCTION = Environment("production", production=True)


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def prove(dictionary: Dictionary, *, without: str = "", version: str = "1.1.0") -> None:
    """Record everything that production asks of auth at commit c1, but one kind."""
    job = job_of(dictionary, version=version)
    for kind, environment in (
        ("unit-test", ""),
        ("version-check", ""),
        ("integration-test", "staging"),
    ):
        if kind != without:
            dictionary.record_evidence(job.evidence(kind, True, environment=environment))


def to_production(
    dictionary: Dictionary,
    *,
    version: str = "1.1.0",
    commit: str = "c1",
    target: FakeTarget | None = None,
    options: Options | None = None,
    **more: Any,
) -> StepResult:
    """Return what deploying auth to production answers."""
    job = job_of(
        dictionary,
        version=version,
        commit=commit,
        environment=PRODUCTION,
        target=target,
        after=("staging",),
        **more,
    )
    return run(job, options or Options())


def gates(result: StepResult) -> dict[str, str]:
    return {row[0]: row[1] for row in result.tables[0].rows}


def test_production_takes_what_is_proven(dictionary: Dictionary) -> None:
    prove(dictionary)
    result = to_production(dictionary)
    assert result.status is Status.PASSED
    (live,) = dictionary.live("production", "auth")
    assert (str(live.version), live.commit, live.slot) == ("1.1.0", "c1", "1")
    assert live.address == "http://auth-1.production.example"


@pytest.mark.parametrize("missing", ["unit-test", "version-check", "integration-test"])
def test_production_refuses_what_lacks(dictionary: Dictionary, missing: str) -> None:
    prove(dictionary, without=missing)
    target = FakeTarget()
    result = to_production(dictionary, target=target)
    assert result.status is Status.FAILED
    assert gates(result)[missing] == "no"
    assert [name for name, answer in gates(result).items() if answer == "no"] == [missing]
    assert target.placed == []
    assert dictionary.live("production") == ()


@pytest.mark.parametrize("failing", ["unit-test", "version-check", "integration-test"])
def test_the_latest_evidence_counts(dictionary: Dictionary, failing: str) -> None:
    prove(dictionary)
    environment = "staging" if failing == "integration-test" else ""
    job = job_of(dictionary)
    dictionary.record_evidence(
        job.evidence(failing, False, environment=environment, text="3 failed")
    )
    result = to_production(dictionary)
    assert gates(result)[failing] == "no"
    assert "3 failed" in result.summary


def test_evidence_for_another_commit_opens_no_gate(dictionary: Dictionary) -> None:
    prove(dictionary)
    result = to_production(dictionary, commit="c2")
    assert gates(result)["unit-test"] == "no"


def test_evidence_for_another_version_opens_no_gate(dictionary: Dictionary) -> None:
    prove(dictionary, version="1.1.0")
    result = to_production(dictionary, version="1.1.1")
    assert gates(result)["unit-test"] == "no"


def test_what_was_never_committed_does_not_reach_production(dictionary: Dictionary) -> None:
    result = to_production(dictionary, commit="c1-dirty-0a1b2c3d")
    assert gates(result)["commit"] == "no"


def test_staging_asks_for_no_proof(dictionary: Dictionary) -> None:
    job = job_of(dictionary, environment=STAGING, commit="c1-dirty-0a1b2c3d")
    assert run(job, Options()).status is Status.PASSED


def test_tests_with_another_image_prove_nothing_about_this_one(dictionary: Dictionary) -> None:
    job = job_of(dictionary)
    prove(dictionary)
    dictionary.record_evidence(
        job.evidence("container-build", True, digest="sha256:new", text="auth:1.1.0")
    )
    result = to_production(dictionary)
    assert gates(result)["integration-test"] == "no"
    assert "another image" in result.summary


def test_an_override_passes_its_gate_and_is_kept(dictionary: Dictionary) -> None:
    prove(dictionary, without="unit-test")
    result = to_production(dictionary, overrides={"unit-test": "the database of tests burnt down"})
    assert result.status is Status.PASSED
    assert gates(result)["unit-test"] == "overridden"
    (evidence,) = result.evidence
    assert (evidence.kind, evidence.environment) == ("override", "production")
    assert evidence.reason == "the database of tests burnt down"
    assert evidence.text.startswith("unit-test:")


def test_an_override_of_one_gate_opens_no_other(dictionary: Dictionary) -> None:
    result = to_production(dictionary, overrides={"unit-test": "why not"})
    assert result.status is Status.FAILED
    assert result.evidence == ()


def test_the_next_version_of_a_line_takes_its_slot(dictionary: Dictionary) -> None:
    prove(dictionary)
    to_production(dictionary)
    prove(dictionary, version="1.2.0")
    result = to_production(dictionary, version="1.2.0")
    assert "replaces 1.1.0" in result.summary
    assert [(one.slot, str(one.version)) for one in dictionary.live("production", "auth")] == [
        ("1", "1.2.0")
    ]


def test_a_major_stands_beside_the_line_that_dependents_need(dictionary: Dictionary) -> None:
    prove(dictionary)
    to_production(dictionary)
    ship(dictionary, "gis v1_20171001-2", "auth-1.1")
    prove(dictionary, version="2.0.0")
    result = to_production(dictionary, version="2.0.0")
    assert "beside 1.1.0" in result.summary
    assert [(one.slot, str(one.version)) for one in dictionary.live("production", "auth")] == [
        ("1", "1.1.0"),
        ("2", "2.0.0"),
    ]


def test_a_major_replaces_a_line_that_nobody_needs(dictionary: Dictionary) -> None:
    prove(dictionary)
    to_production(dictionary)
    prove(dictionary, version="2.0.0")
    to_production(dictionary, version="2.0.0")
    assert [(one.slot, str(one.version)) for one in dictionary.live("production", "auth")] == [
        ("1", "2.0.0")
    ]


def test_a_line_that_dependents_need_is_not_taken_away(dictionary: Dictionary) -> None:
    prove(dictionary)
    to_production(dictionary)
    ship(dictionary, "gis v1_20171001-2", "auth-1.1")
    prove(dictionary, version="2.0.0")
    result = to_production(dictionary, version="2.0.0", options=Options(lines="replace"))
    assert gates(result)["dependents"] == "no"
    assert "gis" in result.summary


def test_what_it_needs_must_run_there(dictionary: Dictionary) -> None:
    ship(dictionary, "gis 201610")
    prove(dictionary)
    assert gates(to_production(dictionary, needs=["gis-201612"]))["dependencies"] == "no"
    assert gates(to_production(dictionary, needs=["gis-201610"]))["dependencies"] == "yes"


def test_a_refusal_names_the_ways_through_all_its_gates_at_once(dictionary: Dictionary) -> None:
    refused = to_production(dictionary, needs=["gis-201610"])
    *ways, override = refused.hint.splitlines()
    closed = [name for name, is_open in gates(refused).items() if is_open == "no"]
    assert len(closed) > len(set(closed) & {"dependencies", "dependents"}) > 0
    assert all(f"--override {to_override(name)} " in override for name in closed)
    assert override.endswith("--reason '…' (it is recorded).")
    assert len(ways) == len(set(ways)) > 1


def test_what_is_not_known_stops_production_and_warns_elsewhere(dictionary: Dictionary) -> None:
    prove(dictionary)
    needs = ["gis-201610"]
    refused = to_production(dictionary, needs=needs)
    assert refused.status is Status.FAILED
    assert gates(refused)["dependencies"] == "no"
    assert "To pass on purpose: --override may-deploy --reason" in refused.hint
    staging = job_of(dictionary, needs=needs, environment=STAGING)
    passed = run(staging, Options())
    assert passed.status is Status.PASSED
    assert passed.warnings[0].startswith("dependencies: not known whether all is well: gis-201610")
    assert run(staging, Options(strict=True)).status is Status.FAILED


def test_a_target_that_refuses_leaves_the_dictionary_as_it_was(dictionary: Dictionary) -> None:
    prove(dictionary)
    result = to_production(dictionary, target=FakeTarget(refuses="1.1.0 does not answer"))
    assert (result.status, result.summary) == (Status.FAILED, "1.1.0 does not answer")
    assert result.facts["gates"]
    assert "runs_on" not in result.facts, "nothing ran before"
    assert dictionary.live("production") == ()
    assert dictionary.release("auth", job_of(dictionary).version) is None


@pytest.mark.parametrize(
    ("error", "runs_on"),
    [
        (RefusedError("it ended"), "1.0.0"),
        (OutsideError("no engine"), "1.0.0"),
        (NotBroughtBackError("it ended; the rollback failed as well"), None),
    ],
)
def test_what_runs_on_is_a_fact_unless_it_was_not_brought_back(
    dictionary: Dictionary, error: CiStepsError, runs_on: str | None
) -> None:
    ship(dictionary, "auth 1.0.0", environment="staging")
    job = job_of(dictionary, environment=STAGING, target=FakeTarget(error))
    result = run(job, Options())
    assert (result.status, result.exit_code) == (Status.FAILED, error.exit_code)
    assert result.facts.get("runs_on", {}).get("version") == runs_on
    assert isinstance(job.progress, Shown)
    assert job.progress.notes == (["auth 1.0.0 runs on in staging"] if runs_on else [])


def test_a_tag_of_a_line_that_is_not_moved_takes_nothing_back(dictionary: Dictionary) -> None:
    moved: list[Build] = []

    def move_line(build: Build) -> str:
        moved.append(build)
        return "the tag 1 is not moved"

    target = FakeTarget(refuses="it does not answer")
    prove(dictionary)
    assert to_production(dictionary, target=target, move_line=move_line).failed
    run(job_of(dictionary, environment=STAGING, move_line=move_line), Options())
    assert moved == [], "only production proves a release"
    result = to_production(dictionary, move_line=move_line)
    assert (result.status, str(moved[0].version)) == (Status.PASSED, "1.1.0")
    assert "the tag 1 is not moved" in result.warnings


def test_the_service_is_told_where_its_providers_answer(dictionary: Dictionary) -> None:
    gis = release("gis 201610")
    place = deployed(gis, address="http://gis.example:8080")
    dictionary.record_deployment(gis, place, production=True)
    target = FakeTarget()
    prove(dictionary)
    to_production(dictionary, needs=["gis-201610"], target=target)
    ((_, told),) = target.placed
    assert told.variables["CI_STEPS_ADDRESS_GIS"] == "http://gis.example:8080"


def test_a_maintenance_release_goes_to_the_slot_of_its_own_line(dictionary: Dictionary) -> None:
    prove(dictionary)
    to_production(dictionary)
    prove(dictionary, version="2.0.0")
    to_production(dictionary, version="2.0.0", options=Options(lines="beside"))
    prove(dictionary, version="1.1.1")
    to_production(dictionary, version="1.1.1")
    assert [(one.slot, str(one.version)) for one in dictionary.live("production", "auth")] == [
        ("1", "1.1.1"),
        ("2", "2.0.0"),
    ]
