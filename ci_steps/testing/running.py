"""Run a test command and believe what its reports say, not only its exit status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ci_steps.options import Command
from ci_steps.outside.processes import Finished, written
from ci_steps.protocols import Job
from ci_steps.testing.reports import Tested, look, read_reports


@dataclass(frozen=True)
class Verified:
    """What a test command proved; `assumed` in a rehearsal, where it proved nothing."""

    passed: bool
    summary: str
    failures: tuple[str, ...] = ()
    assumed: bool = False


def run_tests(
    job: Job,
    command: Command,
    junit: tuple[str, ...],
    timeout_seconds: float,
    variables: Mapping[str, str] | None = None,
) -> Verified:
    """Run *command* in the service's folder and read the reports it writes.

    It passes when it ends with status 0, and, where reports are named, they were written by
    this run, hold at least one test and no failure.
    """
    before = look(job.root, junit)
    told = {
        "CI_STEPS_SERVICE": job.service,
        "CI_STEPS_VERSION": str(job.version),
        "CI_STEPS_COMMIT": job.commit,
        **(variables or {}),
    }
    ended = job.outside.run(
        command,
        cwd=job.root,
        env=told,
        timeout_seconds=timeout_seconds,
        on_line=job.progress.line,
        meanwhile=job.meanwhile,
    )
    if ended.assumed:
        return Verified(passed=True, summary=written(command), assumed=True)
    if not junit:
        return Verified(ended.ok, f"{written(command)}: {ended.how}")
    return _judged(ended, read_reports(job.root, junit, before))


def _judged(ended: Finished, tested: Tested) -> Verified:
    """Return what a command and its reports prove together."""
    problem = _problem(tested)
    if not ended.ok:
        said = f"{written(ended.command)}: {ended.how} ({problem or tested.summary})"
        return Verified(passed=False, summary=said, failures=tested.first_failures)
    if problem:
        return Verified(passed=False, summary=problem)
    return Verified(not tested.failures, tested.summary, tested.first_failures)


def _problem(tested: Tested) -> str:
    """Return why the reports prove nothing, or nothing."""
    if tested.problem:
        return tested.problem
    if not tested.tests:
        return "the reports hold no test"
    return "every test was skipped" if tested.skipped == tested.tests else ""
