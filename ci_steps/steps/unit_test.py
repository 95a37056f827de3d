"""Run the service's unit tests and keep the result for exactly this commit and version."""

from __future__ import annotations

import attrs

from ci_steps.gates.standing import proven
from ci_steps.model import Evidence, StepResult, failed, passed, rehearsed
from ci_steps.options import REQUIRED, Command, option
from ci_steps.protocols import Job
from ci_steps.testing.running import run_tests

_FAILED_HINT = (
    "Nothing after this step ran. Its output is above; the failing tests are listed here."
)


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `unit-test`."""

    command: Command = option(
        REQUIRED, "The program that runs the tests, with its arguments.", example=["make", "test"]
    )
    junit: tuple[str, ...] = option(
        (),
        "Patterns of JUnit reports that the command writes; without them its exit status counts.",
        example=["reports/*.xml"],
    )
    timeout_seconds: float = option(3600.0, "Seconds after which it is stopped.", at_least=1)


def standing(job: Job) -> Evidence | None:
    """Return the proof that these tests passed for exactly this build."""
    return proven(job, "unit-test")


def run(job: Job, options: Options) -> StepResult:
    """Run the tests; a failure stops the run and is remembered."""
    tested = run_tests(job, options.command, options.junit, options.timeout_seconds)
    evidence = job.evidence("unit-test", tested.passed, text=tested.summary)
    if tested.assumed:
        return rehearsed(tested.summary, evidence)
    if tested.passed:
        job.tests_passed()
        return passed(tested.summary, evidence)
    for failure in tested.failures:
        job.progress.note(f"failed: {failure}")
    job.tests_failed("\n".join((tested.summary, *tested.failures)))
    return failed(tested.summary, evidence, hint=_FAILED_HINT if tested.failures else "")
