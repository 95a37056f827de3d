"""What docker, podman and buildah do alike; a builder only says how its commands are written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.errors import CiStepsError, OutsideError, RefusedError
from ci_steps.images.commands import Engine, build_command, push_commands, refuse_unable
from ci_steps.images.labels import REVISION
from ci_steps.images.logging_agent import layer, started_by
from ci_steps.images.logins import kept_login, signed_in
from ci_steps.images.reference import Reference, split
from ci_steps.images.stored import Stored, stored
from ci_steps.protocols import Agent, Image, Progress, Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.outside import Outside

_SHOWN_LINES = 8
# Docker writes the algorithm before an id, podman and buildah leave it out.
_ID_AND_REVISION = re.compile(r"^(?:sha256:)?([0-9a-f]{64})( .*)?$", re.MULTILINE)
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class _Local:
    """An image on this machine."""

    id: str
    revision: str


@dataclass(frozen=True)
class _Bench:
    """Where one recipe is worked on; `environ` is what the engine is told in variables."""

    engine: Engine
    recipe: Recipe
    outside: Outside
    progress: Progress
    environ: Mapping[str, str]

    @property
    def many(self) -> bool:
        return len(self.recipe.platforms) > 1

    @property
    def reference(self) -> Reference:
        return split(self.recipe.reference)

    @property
    def revision(self) -> str:
        return self.recipe.labels[REVISION]

    def build(self) -> None:
        if self.recipe.agent is None:
            self._build(self.recipe)
        else:
            self._build_with(self.recipe.agent)

    def _build(self, recipe: Recipe) -> None:
        refused = RefusedError(f"{recipe.reference} was not built")
        self.run(build_command(self.engine, recipe), refused)

    def _build_with(self, agent: Agent) -> None:
        """Build the service's image, and on it the one that starts the agent as well."""
        recipe = replace(self.recipe, agent=None)
        plain = replace(recipe, reference=f"{recipe.reference}-plain", tags=())
        self._build(plain)
        start = self._start_of(plain.reference)
        files = {**agent.files, "Dockerfile": layer(agent, plain.reference, start).encode()}
        with self.outside.scratch(files) as folder:
            self._build(
                replace(
                    recipe,
                    root=folder,
                    file="Dockerfile",
                    arguments={},
                    secrets={},
                    stage="",
                    cache="",
                )
            )

    def _start_of(self, reference: str) -> tuple[list[str], list[str]]:
        if self.outside.rehearsing:
            return [], []
        answer = self.outside.ask((*self.engine.describe, reference), env=self.environ)
        try:
            start = started_by(json.loads(answer.output))
        except ValueError:
            raise OutsideError(f"{self.engine.program} does not describe {reference}") from None
        if not any(start):
            raise RefusedError(
                f"{reference} says no command that a logging agent could run beside",
                hint="Write ENTRYPOINT or CMD in its Dockerfile.",
            )
        return start

    def run(self, command: tuple[str, ...], otherwise: CiStepsError) -> None:
        """Run a command that changes something; its last words are in the error."""
        finished = self.outside.run(command, env=self.environ, on_line=self.progress.line)
        if not finished.ok:
            lines = [_COLOR.sub("", line).rstrip() for line in finished.output.splitlines()]
            said = [f"  {line}" for line in lines if line][-_SHOWN_LINES:]
            text = "\n".join((f"{otherwise}: {finished.how}", *said))
            raise type(otherwise)(text, hint=otherwise.hint)

    def stored(self, reference: Reference) -> Stored | None:
        login = self.recipe.login or kept_login(reference, self.outside)
        return stored(reference, self.outside, login)


def produce(engine: Engine, recipe: Recipe, outside: Outside, progress: Progress) -> Image:
    """Build, tag and push what *recipe* says, unless it was done for this commit before."""
    refuse_unable(engine, recipe)
    recipe = _at_home(engine, recipe)
    for name in () if outside.rehearsing else recipe.secrets.values():
        outside.secret(name)  # there, and masked
    with signed_in(split(recipe.reference), recipe.login, outside) as environ:
        return _produce(_Bench(engine, recipe, outside, progress, environ))


def _at_home(engine: Engine, recipe: Recipe) -> Recipe:
    reference = split(recipe.reference)
    if not engine.home or reference.host:
        return recipe
    # Asked for auth, podman and buildah take the auth of any registry for it.
    home = engine.home
    tags = tuple(f"{home}/{tag}" for tag in recipe.tags)
    return replace(recipe, reference=f"{home}/{reference}", tags=tags)


def _produce(bench: _Bench) -> Image:
    recipe = bench.recipe
    if recipe.push:
        there = bench.stored(bench.reference)
        if there is not None:
            _check_revision(bench.reference, there.revision, bench.revision)
            return Image(recipe.reference, there.digest, reused=True)
    image = _built_many(bench) if bench.many else _built(bench)
    if not recipe.push:
        return image
    lost = OutsideError(f"{recipe.reference} was not pushed", hint="The image is built: try again.")
    names = (recipe.reference, *recipe.tags)
    for command in push_commands(bench.engine, bench.reference, names, many=bench.many):
        bench.run(command, lost)
    if bench.outside.rehearsing:
        return image
    return Image(recipe.reference, _pushed(bench).digest, image.reused)


def _built_many(bench: _Bench) -> Image:
    """Build for several platforms: what this machine has of them cannot be asked for."""
    bench.build()
    return Image(bench.recipe.reference, "")


def _built(bench: _Bench) -> Image:
    """Return the image on this machine, building it if it is not of this commit."""
    recipe = bench.recipe
    local = _inspect(bench)
    if local is not None and local.revision == bench.revision:
        bench.progress.note(f"{recipe.reference} is already built for this commit")
        return Image(recipe.reference, local.id, reused=True)
    if local is not None and not recipe.replace:
        _check_revision(bench.reference, local.revision, bench.revision)
    bench.build()
    if bench.outside.rehearsing:
        return Image(recipe.reference, "")
    local = _inspect(bench)
    if local is None:
        raise OutsideError(f"{recipe.reference} was built, and is not there")
    return Image(recipe.reference, local.id)


def _inspect(bench: _Bench) -> _Local | None:
    engine, reference = bench.engine, bench.recipe.reference
    answer = bench.outside.ask((*engine.inspect, reference), env=bench.environ)
    if not answer.ok and engine.unknown in answer.output.lower():
        return None
    found = _ID_AND_REVISION.search(answer.output)  # warnings may stand around it
    if not answer.ok or found is None:
        said = answer.last_line
        raise OutsideError(f"{engine.program} cannot say whether {reference} exists: {said}")
    return _Local(f"sha256:{found[1]}", (found[2] or "").strip())


def _pushed(bench: _Bench) -> Stored:
    """Return what the registry has now: another job may have pushed in the same moment."""
    there = bench.stored(bench.reference)
    if there is None:
        raise OutsideError(f"{bench.reference} was pushed, and the registry does not have it")
    _check_revision(bench.reference, there.revision, bench.revision)
    return there


def _check_revision(reference: Reference, found: str, wanted: str) -> None:
    if found != wanted:
        origin = f"commit {found}" if found else "of an unknown commit"
        raise RefusedError(
            f"{reference} exists with other content ({origin})",
            hint=f"A version is given once: choose the next one after {reference.tag}.",
        )
