"""Tests that run while something is cut: what each of them proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.cutting.ways import cut_off
from ci_steps.deploying.places import build_of, variables
from ci_steps.model import Table
from ci_steps.testing.running import Verified, run_tests

if TYPE_CHECKING:
    from ci_steps.cutting.cut import Cut
    from ci_steps.model import Evidence, StepResult
    from ci_steps.options import Command
    from ci_steps.protocols import Job

KIND = "cut"


class Tests(Protocol):
    """What the step says about its tests."""

    @property
    def command(self) -> Command | None:
        """The program that tests where a cut names none."""

    @property
    def junit(self) -> tuple[str, ...]:
        """The reports of that program."""

    @property
    def timeout_seconds(self) -> float:
        """How long each test may take."""

    @property
    def cut(self) -> tuple[Cut, ...]:
        """What is cut."""


@dataclass(frozen=True)
class Trial:
    """A cut, and what a test showed meanwhile."""

    cut: Cut
    tested: Verified

    @property
    def text(self) -> str:
        """Return both in one line."""
        return f"with {self.cut.title}: {self.tested.summary}"


def tried(job: Job, tests: Tests) -> tuple[Trial, ...]:
    """Cut one dependency after the other, and test each time."""
    return tuple(Trial(one, _tested(job, one, tests)) for one in tests.cut)


def with_trials(job: Job, result: StepResult, trials: Sequence[Trial]) -> StepResult:
    """Return the result of the step with what each trial proved."""
    if not trials:
        return result
    result = replace(result, tables=(*result.tables, _table(trials)))
    if any(one.tested.assumed for one in trials):
        return result  # nothing was proven
    evidence = (*result.evidence, *(_evidence(job, one) for one in trials))
    facts = {**result.facts, "cuts": [_facts(one) for one in trials]}
    return replace(result, evidence=evidence, facts=facts)


def _tested(job: Job, cut: Cut, tests: Tests) -> Verified:
    command = cut.command or tests.command
    assert command is not None  # noqa: S101 (the step has one, or says that it must)
    junit = () if cut.command else tests.junit
    if job.outside.rehearsing:
        job.progress.note(f"{cut.title}, for the time of a test")
        return _run(job, command, junit, tests, {})
    with cut_off(job, cut) as told:
        return _run(job, command, junit, tests, told)


def _run(
    job: Job, command: Command, junit: tuple[str, ...], tests: Tests, told: Mapping[str, str]
) -> Verified:
    return run_tests(job, command, junit, tests.timeout_seconds, {**variables(job), **told})


def _evidence(job: Job, trial: Trial) -> Evidence:
    return job.evidence(
        KIND,
        trial.tested.passed,
        environment=job.environment_name,
        digest=build_of(job).digest,
        text=trial.text,
    )


def _facts(trial: Trial) -> dict[str, Any]:
    return {
        "dependency": trial.cut.dependency,
        "how": trial.cut.how,
        "passed": trial.tested.passed,
        "text": trial.tested.summary,
    }


def _table(trials: Sequence[Trial]) -> Table:
    rows = tuple(
        (
            one.cut.dependency,
            one.cut.how,
            _answer(one.tested),
            one.tested.summary,
        )
        for one in trials
    )
    return Table(("dependency", "cut", "passed", "test"), rows, "With dependencies cut")


def _answer(tested: Verified) -> str:
    if tested.assumed:
        return "would run"
    return "yes" if tested.passed else "no"
