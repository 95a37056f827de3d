"""What is cut for the time of a test command, and how."""

from __future__ import annotations

import attrs

from ci_steps.options import REQUIRED, Command, option

STOP, REFUSE, SLOW = "stop", "refuse", "slow"
DONE = {STOP: "stopped", REFUSE: "refusing", SLOW: "slow"}


@attrs.frozen
class Cut:
    """A dependency that is not there, or slow, while a command tests."""

    dependency: str = option(
        REQUIRED,
        "What is cut: a service that is needed, or a name for anything else.",
        example="auth",
    )
    how: str = option(
        REQUIRED,
        "stop: its process or container is stopped. refuse: its port refuses. slow: its answers "
        "come late.",
        choices=(STOP, REFUSE, SLOW),
        example=STOP,
    )
    command: Command | None = option(
        None,
        "The program that tests meanwhile; without it that of the step. It is given CI_STEPS_CUT "
        "and CI_STEPS_CUT_HOW.",
        example=["pytest", "tests/without_auth"],
    )
    address: str = option(
        "",
        "Where it answers, if that is not in the dictionary; the test is then given the address of "
        "something that refuses or is slow in its place.",
        example="127.0.0.1:5432",
    )
    container: str = option(
        "", "The container of Docker that is stopped, by name or id.", example="shop-cache-1"
    )
    deployment: str = option(
        "", "The Deployment of Kubernetes that is scaled to nothing.", example="auth-1"
    )
    namespace: str = option("", "The namespace of that Deployment; that of the context if empty.")
    context: str = option("", "The context of kubectl; the current one if empty.")
    ecs_service: str = option(
        "", "The service of ECS that is scaled to nothing.", example="auth-staging"
    )
    cluster: str = option("", "The cluster of that service; the one called `default` if empty.")
    region: str = option("", "The region of AWS that it is in; that which boto3 finds if empty.")
    delay_seconds: float = option(2.0, "How late each answer of a slow one is.", at_least=0)
    bytes_per_second: int = option(
        0, "How fast the answers of a slow one come; 0 is as fast as they can.", at_least=0
    )

    @property
    def says_where(self) -> bool:
        """Whether it says itself what is cut, wherever the service was deployed."""
        return bool(self.container or self.deployment or self.ecs_service or self.address)

    @property
    def title(self) -> str:
        """Return what it is for people: ``auth stopped``."""
        return f"{self.dependency} {DONE[self.how]}"
