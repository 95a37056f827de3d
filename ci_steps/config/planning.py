"""Settings -> the parts of a plan: every name is looked up, every problem gathered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from ci_steps import registry
from ci_steps.addresses import has_credentials
from ci_steps.config.document import KeyPath
from ci_steps.config.plan import PlannedEnvironment, PlannedStep, Plugged
from ci_steps.config.probe_texts import wrong_in_probes
from ci_steps.config.reading import Wrong, read_partly
from ci_steps.config.settings import (
    EnvironmentSettings,
    NotifySettings,
    RetirementSettings,
    Settings,
    usual_pipeline,
)
from ci_steps.errors import CiStepsError
from ci_steps.model import Environment
from ci_steps.versions import Requirement, check_name
from ci_steps.writing.nearest import did_you_mean

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Planning:
    """The parts of a plan, and in `wrong` what keeps them from being one.

    *flagged* is a step that is asked for although the pipeline may not have it.
    """

    def __init__(self, settings: Settings, flagged: str = "") -> None:
        self._settings = settings
        self.wrong: list[Wrong] = []
        pipeline = settings.pipeline
        self._pipeline = usual_pipeline(settings.environments) if pipeline is None else pipeline
        self._check_names()
        self.options = self._options_of_steps(flagged)
        self.environments = self._environments()
        self.steps = self._steps()
        self.probes = {
            provider: self._plugs(registry.PROBES, "probe", asked, ("probes", provider))
            for provider, asked in settings.probes.items()
        }
        self.wrong += wrong_in_probes(settings.probes)
        channels = (settings.notify or NotifySettings()).channels
        path: KeyPath = ("notify", "channels")
        self.channels = self._plugs(registry.CHANNELS, "channel", channels, path)
        formats = self._plugs(registry.CONTRACTS, "format", settings.formats, ("formats",))
        self.formats = {one.name: one.options for one in formats}
        retirement = settings.retirement or RetirementSettings()
        self.usages = self._plugs(
            registry.USAGES, "source of usage", retirement.usage, ("retirement", "usage")
        )
        self.fronts = self._fronts(retirement.front)
        self._check_brown_outs(retirement)

    def _check_names(self) -> None:
        """Check what can be wrong with the service's own name and its requirements."""
        own = self._settings.service
        self._check_name(own, ("service",), "a service name")
        if has_credentials(self._settings.repository):
            text = "has a user or password, which everybody would see who is told: leave it out"
            self.wrong.append(Wrong(("repository",), text))
        seen: dict[str, str] = {}
        # What could not be read stands there as None, so that the others keep their places.
        needs = cast("tuple[Requirement | None, ...]", self._settings.depends_on)
        for index, needed in enumerate(needs):
            if needed is None:
                continue
            path: KeyPath = ("depends_on", index)
            if needed.provider == own:
                self.wrong.append(Wrong(path, f"{needed.written}: a service cannot need itself"))
            elif needed.provider in seen:
                text = f"{needed.provider} is needed by {seen[needed.provider]} already"
                self.wrong.append(Wrong(path, f"{needed.written}: {text}"))
            seen.setdefault(needed.provider, needed.written)
        for provider in self._settings.uses:
            if provider not in seen and None not in needs:
                text = f"{own} does not depend on {provider}{did_you_mean(provider, seen)}"
                self.wrong.append(Wrong(("uses", provider), text))

    def _options_of_steps(self, flagged: str) -> dict[str, Any]:
        """Return the options of every step in the pipeline, in the file, or asked for now."""
        given = self._settings.steps
        for name in given:
            if name not in registry.STEPS:
                text = "unknown step" + did_you_mean(name, registry.STEPS)
                self.wrong.append(Wrong(("steps", name), text))
        named = {entry.partition(" ")[0] for entry in self._pipeline} | {flagged, *given}
        return {
            name: self._options(module, given.get(name), ("steps", name))
            for name, module in registry.STEPS.items()
            if name in named
        }

    def _environments(self) -> dict[str, PlannedEnvironment]:
        found = {}
        for name, settings in self._settings.environments.items():
            path: KeyPath = ("environments", name)
            self._check_name(name, path, "the name of an environment")
            target = self._target(settings, (*path, "target"))
            after = self._after(name, settings)
            balancer = self._balancer(settings, (*path, "traffic"))
            if target:
                environment = Environment(name, settings.production)
                found[name] = PlannedEnvironment(
                    environment, target, after, settings.approval, balancer
                )
        return found

    def _target(self, settings: EnvironmentSettings, path: KeyPath) -> Plugged | None:
        if len(settings.target) != 1:
            names = ", ".join(registry.TARGETS)
            self.wrong.append(Wrong(path, f"expected exactly one target ({names})"))
            return None
        plugs = self._plugs(registry.TARGETS, "target", settings.target, path)
        return plugs[0] if plugs else None

    def _fronts(self, asked: Mapping[str, Any]) -> tuple[Plugged, ...]:
        path: KeyPath = ("retirement", "front")
        if len(asked) > 1:
            self.wrong.append(Wrong(path, f"expected one front ({', '.join(registry.FRONTS)})"))
        return self._plugs(registry.FRONTS, "front", asked, path)

    def _check_brown_outs(self, settings: RetirementSettings) -> None:
        if not _TIME.fullmatch(settings.brown_out_at):
            text = f"expected a time of the day such as '10:00', got {settings.brown_out_at!r}"
            self.wrong.append(Wrong(("retirement", "brown_out_at"), text))
        for index, days in enumerate(settings.brown_out_days):
            if days < 1:
                path: KeyPath = ("retirement", "brown_out_days", index)
                self.wrong.append(Wrong(path, f"expected at least 1, got {days}"))

    def _balancer(self, settings: EnvironmentSettings, path: KeyPath) -> Plugged | None:
        if len(settings.traffic) > 1:
            names = ", ".join(registry.BALANCERS)
            self.wrong.append(Wrong(path, f"expected one balancer ({names})"))
        plugs = self._plugs(registry.BALANCERS, "balancer", settings.traffic, path)
        return plugs[0] if plugs else None

    def _after(self, name: str, settings: EnvironmentSettings) -> tuple[str, ...]:
        if settings.after is None:
            return self._before_in_pipeline(name) if settings.production else ()
        for index, other in enumerate(settings.after):
            path: KeyPath = ("environments", name, "after", index)
            if other == name:
                self.wrong.append(Wrong(path, f"{name} cannot come after itself"))
            elif other not in self._settings.environments:
                self.wrong.append(Wrong(path, self._no_environment(other)))
        return settings.after

    def _before_in_pipeline(self, name: str) -> tuple[str, ...]:
        before = []
        for entry in self._pipeline:
            step, _, environment = entry.partition(" ")
            if (step, environment) == ("deploy", name):
                break
            settings = self._settings.environments.get(environment)
            if step == "deploy" and settings and not settings.production:
                before.append(environment)
        return tuple(before)

    def _steps(self) -> tuple[PlannedStep, ...]:
        steps = []
        for index, entry in enumerate(self._pipeline):
            name, _, environment = entry.partition(" ")
            problem = self._entry_problem(name, environment, entry in self._pipeline[:index])
            if problem:
                self.wrong.append(Wrong(("pipeline", index), problem))
            else:
                steps.append(PlannedStep(name, environment, self.options[name]))
        return tuple(steps)

    def _entry_problem(self, name: str, environment: str, is_repeated: bool) -> str:  # noqa: FBT001
        if name not in registry.STEPS:
            return f"unknown step {name!r}" + did_you_mean(name, registry.STEPS)
        if is_repeated:
            return f"{name} {environment}".strip() + " stands here for the second time"
        if not getattr(registry.STEPS[name], "NEEDS_ENVIRONMENT", False):
            return f"{name} has no environment, got {environment!r}" if environment else ""
        return self._environment_problem(name, environment)

    def _environment_problem(self, name: str, environment: str) -> str:
        if not environment:
            return f"{name} needs an environment, as in '{name} staging'"
        if environment not in self._settings.environments:
            return self._no_environment(environment)
        needs_traffic = getattr(registry.STEPS[name], "NEEDS_TRAFFIC", False)
        if needs_traffic and not self._settings.environments[environment].traffic:
            return f"{name} {environment} needs environments.{environment}.traffic"
        return ""

    def _no_environment(self, name: str) -> str:
        known = self._settings.environments
        return f"no environment {name!r} under environments" + did_you_mean(name, known)

    def _plugs(
        self, known: Mapping[str, Any], kind: str, asked: Mapping[str, Any], path: KeyPath
    ) -> tuple[Plugged, ...]:
        plugs = []
        for name, raw in asked.items():
            module = known.get(name)
            if module is None:
                self.wrong.append(
                    Wrong((*path, name), f"unknown {kind}{did_you_mean(name, known)}")
                )
                continue
            plugs.append(Plugged(name, module, self._options(module, raw, (*path, name))))
        return tuple(plugs)

    def _options(self, module: Any, raw: Any, path: KeyPath) -> Any:
        value, wrong = read_partly(module.Options, raw, path)
        self.wrong += wrong
        # Of what cannot be read nobody knows whether it goes together.
        if not wrong and hasattr(module, "contradictions"):
            self.wrong += (
                Wrong((*path, *filter(None, [key])), text)
                for key, text in module.contradictions(value)
            )
        return value

    def _check_name(self, name: str, path: KeyPath, what: str) -> None:
        try:
            check_name(name, what=what)
        except CiStepsError as error:
            self.wrong.append(Wrong(path, str(error)))
