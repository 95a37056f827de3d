"""deploy where the database cannot be brought back: nothing is rolled back, and that is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.model import DatabaseChange, Environment, Status, StepResult
from ci_steps.steps.deploy import Options, run
from ci_steps.versions import parse_version
from tests.fakes import AT, FakeOutside, FakeTarget, job_of
from tests.parts.dictionaries import dictionary_at, ship

STAGING = Environment("staging")
CHANGE = DatabaseChange(parse_version("1.1.0"), "Restore the backup.", "docs/rollback.md")


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        ship(opened, "auth 1.0.0", environment="staging")
        yield opened


def deploy(
    dictionary: Dictionary,
    target: FakeTarget,
    change: DatabaseChange | None = CHANGE,
    *,
    version: str = "1.1.0",
    minutes: int = 0,
    overrides: dict[str, str] | None = None,
) -> StepResult:
    """Deploy some minutes after the first try."""
    outside = FakeOutside(at=AT + timedelta(minutes=minutes))
    job = job_of(
        dictionary,
        version=version,
        environment=STAGING,
        target=target,
        outside=outside,
        database=change,
        overrides=overrides or {},
    )
    result = run(job, Options())
    dictionary.record_evidence(*result.evidence)
    return result


def test_what_fails_is_left_with_the_reason_and_the_rollback_note(dictionary: Dictionary) -> None:
    result = deploy(dictionary, FakeTarget("it answers 500; it was left as it is"))
    assert result.status is Status.FAILED
    assert result.summary == (
        "it answers 500; it was left as it is; nothing was rolled back: this release changes its "
        "database in a way that cannot be undone"
    )
    assert result.hint == "The rollback note (from docs/rollback.md):\nRestore the backup."
    assert result.facts["database"] == {
        "since": "1.1.0",
        "note": "Restore the backup.",
        "source": "docs/rollback.md",
    }


def test_the_next_deployment_is_not_rolled_back_either_until_one_is_proven(
    dictionary: Dictionary,
) -> None:
    deploy(dictionary, FakeTarget("it ended"))
    target = FakeTarget("it ended again")
    again = deploy(dictionary, target, None, version="1.1.1", minutes=1)
    assert "nothing was rolled back" in again.summary
    assert "Restore the backup." in again.hint
    target = FakeTarget()
    assert deploy(dictionary, target, None, version="1.1.2", minutes=2).status is Status.PASSED
    deploy(dictionary, target, None, version="1.1.3", minutes=3)
    assert [build.is_irreversible for build, _ in target.placed] == [True, False]


def test_where_the_change_has_been_made_a_release_is_rolled_back_as_any_other(
    dictionary: Dictionary,
) -> None:
    target = FakeTarget()
    deploy(dictionary, target)
    deploy(dictionary, target, version="1.1.1", minutes=1)
    assert [build.is_irreversible for build, _ in target.placed] == [True, False]
    failed = deploy(dictionary, FakeTarget("it ended"), version="1.1.2", minutes=2)
    assert (failed.summary, failed.facts["runs_on"]["version"]) == ("it ended", "1.1.1")


def test_a_gate_that_was_passed_is_kept_once_when_it_fails(dictionary: Dictionary) -> None:
    noteless = replace(CHANGE, note="", problem="there is no rollback note")
    refused = deploy(dictionary, FakeTarget("it ended"), noteless)
    assert refused.summary.startswith("staging refuses: rollback-note: there is no rollback note")
    assert "database.rollback" in refused.hint
    passed = deploy(
        dictionary, FakeTarget("it ended"), noteless, overrides={"rollback-note": "we are down"}
    )
    assert passed.hint == "There is no rollback note."
    kept = [one for one in dictionary.evidence_of("auth", "1.1.0") if one.kind == "override"]
    assert [one.reason for one in kept] == ["we are down"]
