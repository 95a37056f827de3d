"""Test what was just deployed: a command with its address, or a named person's approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import attrs

from ci_steps.cutting.cut import Cut
from ci_steps.cutting.stopping import settle
from ci_steps.cutting.trials import Trial, tried, with_trials
from ci_steps.dependencies import check
from ci_steps.deploying.places import build_of, deployed, variables
from ci_steps.errors import UsageError
from ci_steps.gates.standing import proven_in_place
from ci_steps.model import Evidence, StepResult, Verdict, failed, passed, rehearsed
from ci_steps.options import Command, option
from ci_steps.protocols import Job
from ci_steps.testing.running import Verified, run_tests

NEEDS_ENVIRONMENT = True


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `integration-test`."""

    mode: str = option(
        "automatic",
        "Whether a command tests, or a person looks and approves.",
        choices=("automatic", "manual"),
    )
    command: Command | None = option(
        None,
        "The program that tests; it is given the addresses in CI_STEPS_ADDRESS (the service) and "
        "CI_STEPS_ADDRESS_AUTH (its provider auth).",
        example=["make", "integration-test"],
    )
    junit: tuple[str, ...] = option(
        (), "Patterns of JUnit reports that the command writes.", example=["reports/*.xml"]
    )
    cut: tuple[Cut, ...] = option(
        (),
        "What is cut for the time of further tests, one after the other, after those of `command`.",
        example=[{"dependency": "auth", "how": "stop", "command": ["make", "test-without-auth"]}],
    )
    timeout_seconds: float = option(3600.0, "Seconds after which it is stopped.", at_least=1)
    approved_by: str = option(
        "", "Who approved, when nobody can be asked on a terminal; with `reason`."
    )
    reason: str = option("", "Why it was approved.")


def standing(job: Job) -> Evidence | None:
    """Return the proof that the deployment that is there now passed these tests."""
    return proven_in_place(job, "integration-test")


def run(job: Job, options: Options) -> StepResult:
    """Test the deployment of this build in the job's environment."""
    if deployed(job) is None:
        return failed(
            f"{job.service} {job.version} of this commit is not deployed to {job.environment_name}",
            hint=f"Deploy it first: ci-steps deploy {job.environment_name}",
        )
    if options.mode == "manual":
        return _manual(job, options)
    if options.command is None:
        raise UsageError(
            "steps.integration-test.command must be given",
            hint="Name the program that tests, or say mode: manual.",
        )
    misfits = [one for one in check(job, job.environment_name) if one.verdict is Verdict.NO]
    if misfits:
        wrong = "; ".join(f"{one.requirement.written}: {one.reason}" for one in misfits)
        return failed(wrong, hint="A test against these versions would prove nothing.")
    settle(job)
    tested = run_tests(job, options.command, options.junit, options.timeout_seconds, variables(job))
    trials = tried(job, options) if tested.passed else ()
    return with_trials(job, _result(job, tested, trials), trials)


def _result(job: Job, tested: Verified, trials: Sequence[Trial]) -> StepResult:
    failing = [one for one in trials if not one.tested.passed]
    summary = "; ".join((tested.summary, *(one.text for one in failing)))
    if trials and not failing:
        summary = f"{tested.summary}, and with {', '.join(one.cut.title for one in trials)}"
    is_well = tested.passed and not failing
    evidence = _evidence(job, passed=is_well, text=summary)
    if tested.assumed:
        return rehearsed(summary, evidence)
    if is_well:
        job.tests_passed()
        return passed(summary, evidence)
    failures = (*tested.failures, *(text for one in failing for text in one.tested.failures))
    for failure in failures:
        job.progress.note(f"failed: {failure}")
    job.tests_failed("\n".join((summary, *failures)))
    return failed(summary, evidence)


def _manual(job: Job, options: Options) -> StepResult:
    approval = _approval(job, options)
    if approval is None:
        return rehearsed(
            "a person is asked to approve", _evidence(job, passed=True, text="supposed")
        )
    by, reason = approval
    if not by or not reason:
        return failed("nobody approved", hint="An approval needs a name and a reason.")
    evidence = _evidence(job, passed=True, text="approved by hand", by=by, reason=reason)
    result = passed(f"approved by {by}: {reason}", evidence, approved_by=by)
    return replace(result, facts={"approval": {"by": by, "reason": reason}})


def _approval(job: Job, options: Options) -> tuple[str, str] | None:
    """Return who approved and why, or None where nobody is asked."""
    if options.approved_by or options.reason:
        return options.approved_by, options.reason
    if job.outside.rehearsing:
        return None
    asked = f"{job.service} {job.version} in {job.environment_name}"
    by = job.ask(f"Who approves {asked}? (name, empty for no)")
    return by, job.ask("Why? (one sentence)") if by else ""


def _evidence(job: Job, *, passed: bool, **more: str) -> Evidence:
    told: Mapping[str, str] = {
        "environment": job.environment_name,
        "digest": build_of(job).digest,
        **more,
    }
    return job.evidence("integration-test", passed, **told)
