"""Stopping containers and Deployments for a while, with a guardian that starts them again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.deploying.local_slots import slug, state_root
from ci_steps.errors import OutsideError, RefusedError

if TYPE_CHECKING:
    from ci_steps.cutting.cut import Cut
    from ci_steps.deploying.compose_project import Project
    from ci_steps.protocols import Job

_SECONDS = 120.0


@contextmanager
def stopped(job: Job, cut: Cut, project: Project | None) -> Iterator[None]:
    """Stop it for the block. Who starts it again outlives this job, and knows it beforehand."""
    stop, start = _commands(job, cut, project)
    file = marks(job) / f"{slug(cut.dependency)}-{slug(job.environment_name)}.json"
    with job.outside.guarded(file, start):
        ended = job.outside.run(stop, timeout_seconds=_SECONDS, on_line=job.progress.line)
        if not ended.ok:
            raise OutsideError(f"{cut.dependency} was not stopped: {ended.last_line}")
        yield


def settle(job: Job) -> None:
    """Start again what a job that was killed with its guardian has left stopped."""
    for file in sorted(marks(job).glob("*.json")) if marks(job).is_dir() else ():
        if job.outside.settle_guarded(file):
            job.progress.note(f"what a killed test had stopped is there again: {file.stem}")


def marks(job: Job) -> Path:
    """Return the folder with a file for everything that is stopped at the moment."""
    return state_root(job.outside.environ) / "cuts"


def _commands(
    job: Job, cut: Cut, project: Project | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what stops it, and what starts it again as it was."""
    if cut.deployment:
        return _scaled(job, cut)
    names = (cut.container,) if cut.container else _containers(project)
    if not names:
        raise RefusedError(
            f"nothing says how {cut.dependency} is stopped in {job.environment_name}",
            hint="Say it in the cut: container: NAME, or deployment: NAME.",
        )
    for name in names:
        _check_running(job, name)
    return ("docker", "stop", *names), ("docker", "start", *names)


def _containers(project: Project | None) -> tuple[str, ...]:
    if project is None:
        return ()
    return tuple(one.id for one in project.containers() if one.status == "running")


def _check_running(job: Job, name: str) -> None:
    command = ("docker", "container", "inspect", "--format", "{{.State.Running}}", "--", name)
    answer = job.outside.ask(command, timeout_seconds=_SECONDS)
    if not answer.ok:
        raise OutsideError(f"the container {name!r} cannot be stopped: {answer.last_line}")
    if answer.output.strip() != "true":
        raise RefusedError(
            f"the container {name!r} does not run, so a test without it would prove nothing",
            hint=f"Start it: docker start {name}",
        )


def _scaled(job: Job, cut: Cut) -> tuple[tuple[str, ...], tuple[str, ...]]:
    where = (
        *(("--context", cut.context) if cut.context else ()),
        *(("--namespace", cut.namespace) if cut.namespace else ()),
    )
    answer = job.outside.ask(
        ("kubectl", *where, "get", "deployment", cut.deployment, "--output", "json"),
        timeout_seconds=_SECONDS,
    )
    if not answer.ok:
        raise OutsideError(f"kubectl get deployment {cut.deployment}: {answer.last_line}")
    replicas = _replicas(answer.output, cut.deployment)
    scale: Sequence[str] = ("kubectl", *where, "scale", f"deployment/{cut.deployment}")
    return (*scale, "--replicas=0"), (*scale, f"--replicas={replicas}")


def _replicas(text: str, name: str) -> int:
    try:
        replicas = int(json.loads(text)["spec"]["replicas"])
    except (ValueError, LookupError, TypeError):
        raise OutsideError(f"kubectl says nothing of the replicas of {name}") from None
    if not replicas:
        raise RefusedError(f"the Deployment {name!r} has no pods, so a test without proves nothing")
    return replicas
