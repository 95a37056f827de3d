"""A small fake world: commands that end as told, a clock that stands, plugs that remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import CiStepsError, RefusedError
from ci_steps.model import Deployment, Environment
from ci_steps.outside import Outside
from ci_steps.outside.processes import Finished
from ci_steps.protocols import Announced, Build, Found, Job, Overridden, Place, Placement
from ci_steps.versions import parse_requirement, parse_version

AT = datetime(2026, 11, 23, 9, 41, tzinfo=timezone.utc)


@dataclass
class Shown:
    """Progress that is kept."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)


class FakeOutside(Outside):
    """A world whose commands end with `exit_code` after doing `act`; the clock stands."""

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        exit_code: int = 0,
        act: Callable[[], None] = lambda: None,
        at: datetime = AT,
    ) -> None:
        super().__init__(environ or {})
        self.exit_code, self.act, self.at = exit_code, act, at
        self.ran: list[tuple[tuple[str, ...], dict[str, str]]] = []

    def now(self) -> datetime:
        return self.at

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
        on_line: Callable[[str], None] = lambda line: None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> Finished:
        self.ran.append((tuple(command), dict(env or {})))
        self.act()
        return Finished(tuple(command), self.exit_code)


@dataclass
class FakeTarget:
    """Deploys to memory; `refuses` with a reason when it has one."""

    refuses: str | CiStepsError = ""
    placed: list[tuple[Build, Place]] = field(default_factory=list)

    def deploy(self, build: Build, place: Place) -> Placement:
        if self.refuses:
            text = self.refuses
            raise RefusedError(text) if isinstance(text, str) else text
        self.placed.append((build, place))
        return Placement(f"http://{build.service}-{place.slot}.{place.environment}.example")


def job_of(
    dictionary: Dictionary,
    *,
    version: str = "1.1.0",
    commit: str = "c1",
    needs: Sequence[str] = (),
    environment: Environment | None = None,
    target: FakeTarget | None = None,
    outside: Outside | None = None,
    root: Path = Path(),
    **more: Any,
) -> Job:
    """Return a job of auth whose deployments go straight into *dictionary*."""
    from ci_steps.model import Release

    label = parse_version(version)
    requirements = tuple(map(parse_requirement, needs))

    def record(deployment: Deployment, overridden: Sequence[Overridden]) -> Announced:
        production = bool(environment and environment.production)
        release = Release("auth", label, commit, requirements)
        dictionary.record_deployment(
            release,
            deployment,
            production=production,
            evidence=[one.evidence for one in overridden],
        )
        return Announced("")

    def find(provider: str, place: str) -> tuple[Found, ...]:
        return tuple(
            Found("dictionary", live.version, recorded=True)
            for live in dictionary.live(place, provider)
        )

    return Job(
        service="auth",
        owner="auth-team",
        version=label,
        commit=commit,
        root=root,
        requirements=requirements,
        outside=outside or FakeOutside(),
        dictionary=dictionary,
        progress=Shown(),
        find=find,
        environment=environment,
        deploy=(target or FakeTarget()).deploy,
        record=record,
        **more,
    )
