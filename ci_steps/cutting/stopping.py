"""Stopping a dependency for a while, with a guardian that starts it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.cutting.scaling import SECONDS, Stopping, run, scaled_deployment, scaled_service
from ci_steps.deploying.local_slots import slug, state_root
from ci_steps.errors import OutsideError, RefusedError

if TYPE_CHECKING:
    from ci_steps.cutting.cut import Cut
    from ci_steps.deploying.compose_project import Project
    from ci_steps.protocols import Job

_POLL_SECONDS = 0.2


@contextmanager
def stopped(job: Job, cut: Cut, project: Project | None) -> Iterator[None]:
    """Stop it for the block. Who starts it again outlives this job, and knows it beforehand."""
    how = _how(job, cut, project)
    file = marks(job) / f"{slug(cut.dependency)}-{slug(job.environment_name)}.json"
    with job.outside.guarded(file, how.start):
        how.stop()
        _await_gone(job, cut, how)
        yield


def settle(job: Job) -> None:
    """Start again what a job that was killed with its guardian has left stopped."""
    for file in sorted(marks(job).glob("*.json")) if marks(job).is_dir() else ():
        if job.outside.settle_guarded(file):
            job.progress.note(f"what a killed test had stopped is there again: {file.stem}")


def marks(job: Job) -> Path:
    """Return the folder with a file for everything that is stopped at the moment."""
    return state_root(job.outside.environ) / "cuts"


def _how(job: Job, cut: Cut, project: Project | None) -> Stopping:
    if cut.ecs_service:
        return scaled_service(job, cut)
    if cut.deployment:
        return scaled_deployment(job, cut)
    names = (cut.container,) if cut.container else _containers(project)
    if not names:
        raise RefusedError(
            f"nothing says how {cut.dependency} is stopped in {job.environment_name}",
            hint="Say it in the cut: container: NAME, deployment: NAME or ecs_service: NAME.",
        )
    for name in names:
        _check_running(job, name)
    stop = partial(run, job, cut, ("docker", "stop", *names))
    return Stopping(stop, ("docker", "start", *names))


def _await_gone(job: Job, cut: Cut, how: Stopping) -> None:
    """Return when nothing of it is left: a test that meets what is about to end proves nothing."""
    deadline = job.outside.seconds() + SECONDS
    while left := how.left():
        if job.outside.seconds() > deadline:
            raise OutsideError(f"{cut.dependency} was stopped, and {left} (for {SECONDS:g} s)")
        job.outside.pause(_POLL_SECONDS)


def _containers(project: Project | None) -> tuple[str, ...]:
    if project is None:
        return ()
    return tuple(one.id for one in project.containers() if one.status == "running")


def _check_running(job: Job, name: str) -> None:
    command = ("docker", "container", "inspect", "--format", "{{.State.Running}}", "--", name)
    answer = job.outside.ask(command, timeout_seconds=SECONDS)
    if not answer.ok:
        raise OutsideError(f"the container {name!r} cannot be stopped: {answer.last_line}")
    if answer.output.strip() != "true":
        raise RefusedError(
            f"the container {name!r} does not run, so a test without it would prove nothing",
            hint=f"Start it: docker start {name}",
        )
