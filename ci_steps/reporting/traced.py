"""What a trace says of a run and of its steps, in the words of OpenTelemetry's conventions."""

from __future__ import annotations

from collections.abc import Mapping

from ci_steps.config.plan import Plan, PlannedStep
from ci_steps.model import Status, StepResult
from ci_steps.protocols import Facts

_SAID_NO = 1


def of_run(plan: Plan, facts: Facts) -> Mapping[str, str]:
    """Return what is known of a run when it begins."""
    return _known(
        {
            "cicd.pipeline.name": plan.service,
            "cicd.pipeline.run.url.full": facts.url,
            "vcs.ref.head.name": facts.branch,
            "vcs.ref.head.revision": plan.commit,
            "ci_steps.version": str(plan.version),
        }
    )


def of_step(step: PlannedStep) -> Mapping[str, str]:
    """Return what is known of a step when it begins."""
    return _known(
        {"cicd.pipeline.task.name": step.title, "deployment.environment.name": step.environment}
    )


def run_result(status: Status, exit_code: int) -> Mapping[str, str]:
    """Return what a run came to."""
    return {"cicd.pipeline.result": _result(status, exit_code), "ci_steps.status": status.value}


def step_result(result: StepResult) -> Mapping[str, str]:
    """Return what a step came to."""
    word = _result(result.status, result.exit_code)
    return {"cicd.pipeline.task.run.result": word, "ci_steps.status": result.status.value}


def _result(status: Status, exit_code: int) -> str:
    """Return the word of the conventions: what could not be judged is an error, not a failure."""
    if status is Status.FAILED:
        return "failure" if exit_code == _SAID_NO else "error"
    return "success" if status is Status.PASSED else "skip"


def _known(facts: Mapping[str, str]) -> Mapping[str, str]:
    return {name: text for name, text in facts.items() if text}
