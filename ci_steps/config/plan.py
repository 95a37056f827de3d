"""What a job will do; everything in it has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps import registry
from ci_steps.config.settings import NotifySettings, RetirementSettings
from ci_steps.errors import UsageError
from ci_steps.model import DatabaseChange, Environment
from ci_steps.uses.files import Declared
from ci_steps.versions import Requirement, Version
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from ci_steps.config.notifying import Notifying


@dataclass(frozen=True)
class Plugged:
    """A plug chosen by name, with its options read."""

    name: str
    module: Any
    options: Any


@dataclass(frozen=True)
class PlannedStep:
    """One step of the run; `environment` is empty where the step has none."""

    name: str
    environment: str
    options: Any

    @property
    def title(self) -> str:
        """Return what people call it: ``deploy staging``."""
        return f"{self.name} {self.environment}".strip()


@dataclass(frozen=True)
class PlannedEnvironment:
    """An environment of the service, its target, and what must have passed before it.

    `balancer` shares calls out among its lines, where there is one.
    """

    environment: Environment
    target: Plugged
    after: tuple[str, ...] = ()
    approval: str = "never"
    balancer: Plugged | None = None


@dataclass(frozen=True)
class Plan:
    """What a job will do; everything in it has been checked."""

    file: Path
    service: str
    owner: str
    repository: str
    version: Version
    version_origin: str
    commit: str
    requirements: tuple[Requirement, ...]
    places: Mapping[str, str]
    contract: Path | None
    dictionary: str
    steps: tuple[PlannedStep, ...]
    environments: Mapping[str, PlannedEnvironment]
    probes: Mapping[str, tuple[Plugged, ...]] = field(default_factory=dict)
    channels: tuple[Plugged, ...] = ()
    notify: NotifySettings = field(default_factory=NotifySettings)
    notifying: Notifying | None = None
    formats: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    retirement: RetirementSettings = field(default_factory=RetirementSettings)
    usages: tuple[Plugged, ...] = ()
    fronts: tuple[Plugged, ...] = ()
    uses: Mapping[str, Declared] = field(default_factory=dict)
    database: DatabaseChange | None = None

    @property
    def root(self) -> Path:
        """Return the folder of the service."""
        return self.file.parent

    def step(self, name: str, environment: str = "") -> PlannedStep:
        """Return one step, from the pipeline or as it would be in it."""
        for step in self.steps:
            if step.name == name and step.environment == environment:
                return step
        options = self.options.get(name)
        return PlannedStep(name, environment, options or registry.STEPS[name].Options())

    def known_step(self, name: str, environment: str = "") -> PlannedStep:
        """Return one step; UsageError if nobody has described the environment."""
        if not environment and getattr(registry.STEPS[name], "NEEDS_ENVIRONMENT", False):
            raise UsageError(f"{name} needs an environment", hint=f"Say: ci-steps {name} staging")
        if environment and environment not in self.environments:
            known = did_you_mean(environment, self.environments)
            raise UsageError(
                f"no environment {environment!r} in {self.file.name}{known}",
                hint=f"Describe it there under environments: {environment}:.",
            )
        return self.step(name, environment)
