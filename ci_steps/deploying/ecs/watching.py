"""A rollout of ECS on its way: asked until it is over, and told as ECS tells of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ci_steps.deploying.ecs.cluster import Cluster
from ci_steps.deploying.ecs.rollout import Service, Task, hopeless, not_there, unfinished
from ci_steps.deploying.last_words import last_words
from ci_steps.errors import RefusedError
from ci_steps.outside.aws import AwsError
from ci_steps.protocols import Progress

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 4.0
_WATCH_SECONDS = 1.0

# Why tasks that run are not enough, or nothing.
More = Callable[[tuple[Task, ...]], str]


def pauses() -> Iterator[float]:
    """Yield how long to wait before each next question: short at first, and never long."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


@dataclass
class Watched:
    """The service *name* on its way to a task definition; `said` is what ECS told of it."""

    cluster: Cluster
    name: str
    task_definition: str
    progress: Progress
    failures: int = 1
    least: int = 1
    rollout: str = ""
    known: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)

    def begins(self, service: Service) -> None:
        """Take which deployment is ours from the answer that it has begun, if it is there."""
        primary = service.primary
        if primary and primary.task_definition == self.task_definition:
            self.rollout = primary.id

    def await_over(self, seconds: float, more: More = lambda tasks: "") -> tuple[Task, ...]:
        """Return the tasks when only they run and *more* finds nothing; RefusedError if not."""
        outside = self.cluster.outside
        deadline = outside.seconds() + seconds
        for pause in pauses():
            problem, tasks = self._asked()
            problem = problem or more(tasks)
            if not problem:
                return tasks
            if outside.seconds() > deadline:
                break
            outside.pause(pause)
        raise self._refused(f"{problem} (for {seconds:g} s)")

    def await_steady(self, seconds: float, more: More) -> None:
        """Return when the tasks went on for so long and none has failed; RefusedError if not."""
        outside = self.cluster.outside
        deadline = outside.seconds() + seconds
        failed = {one.id for one in self._failed()} if seconds else set()
        while (left := deadline - outside.seconds()) > 0:
            outside.pause(min(_WATCH_SECONDS, left))
            try:
                problem = self._unsteady(failed, more)
            except AwsError as error:
                # That ECS does not answer says nothing of the tasks, which did.
                if not error.may_pass:
                    raise
                continue
            if problem:
                raise self._refused(f"it answered, and then no more: {problem}")

    def _unsteady(self, failed: set[str], more: More) -> str:
        """Return which task has failed since, or does not answer any more."""
        for one in self._failed():
            if one.id not in failed:
                return one.trouble
        # As many as there are: somebody may scale it meanwhile.
        tasks = self.cluster.tasks(self.name, self.task_definition)
        running = tuple(one for one in tasks if one.status == "RUNNING")
        return more(running) if running else "none of its tasks runs"

    def _asked(self) -> tuple[str, tuple[Task, ...]]:
        """Return why it is not over, and the tasks; RefusedError if it never will be."""
        try:
            return self._state()
        except AwsError as error:
            if not error.may_pass:
                raise
            return str(error), ()

    def _state(self) -> tuple[str, tuple[Task, ...]]:
        service = self.cluster.service(self.name)
        if service is None:
            raise self._refused(f"somebody has deleted the ECS service {self.name!r}")
        self._tell(service)
        failed = self._failed()
        if problem := hopeless(service, self.task_definition, self.rollout):
            raise self._refused(problem)
        if len(failed) >= self.failures:
            raise self._refused(failed[-1].trouble)
        if problem := unfinished(service, self.task_definition, least=self.least):
            return problem, ()
        tasks = self.cluster.tasks(self.name)
        return not_there(service, self.task_definition, tasks), tasks

    def _failed(self) -> tuple[Task, ...]:
        """Return the tasks of this rollout that failed, and keep why."""
        failed = tuple(
            one
            for one in self.cluster.ended(self.name)
            if one.has_failed
            and one.task_definition == self.task_definition
            and self.rollout in {"", one.rollout}
        )
        for one in failed:
            self._say(one.id, one.trouble)
        return failed

    def _tell(self, service: Service) -> None:
        for key, text in reversed(tuple(service.events.items())):
            self._say(key, text)

    def _say(self, key: str, text: str) -> None:
        if key not in self.known:
            self.known.add(key)
            self.said.append(text)
            self.progress.line(text)

    def _refused(self, problem: str) -> RefusedError:
        """Return why not, with what ECS told last."""
        hint = last_words(self.said).replace("It printed last:", "ECS said last:", 1)
        return RefusedError(problem, hint=hint if self.said else "")
