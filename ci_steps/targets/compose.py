"""Docker Compose, the plugin or docker-compose 1.29: the image by digest, each slot a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ci_steps.deploying import answering
from ci_steps.deploying.attempts import Attempt, brought_back, only_attempt
from ci_steps.deploying.compose_files import ComposeFiles, added, kept, read_own
from ci_steps.deploying.compose_project import Project, compose_tool, missing_tool
from ci_steps.deploying.compose_proof import Proof
from ci_steps.deploying.containers import Container
from ci_steps.deploying.last_words import last_words
from ci_steps.deploying.object_names import object_name
from ci_steps.deploying.proving import Expected
from ci_steps.deploying.service_variables import about, service_variables
from ci_steps.deploying.undoing import LEAST_SECONDS
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.images.labels import REVISION, TITLE, VERSION
from ci_steps.options import option
from ci_steps.outside.processes import written
from ci_steps.protocols import Build, Place, Placement, Progress
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.processes import Finished

_LONGEST_PROJECT = 40  # names of containers and networks have it in them
_OUR_LABELS = (TITLE, VERSION, REVISION)


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `compose`."""

    files: tuple[str, ...] = option(
        ("compose.yaml",), "Files of Compose, from the folder of the service."
    )
    service: str = option(
        "", "The service in these files that is this build; by its own name if empty."
    )
    port: int = option(
        0,
        "Port in the container that answers the version, where it publishes more than one.",
        at_least=0,
    )
    host_port: int = option(
        0,
        "What ${CI_STEPS_PORT} is in the files: the port that callers use. 0 is a free one.",
        at_least=0,
    )
    line_ports: dict[str, int] = option({}, "The same by line, for example 2: 8082.")
    address: str = answering.address(", if not at the published port")
    version: str = answering.VERSION
    version_key: str = answering.VERSION_KEY
    timeout_seconds: float = answering.timeout_seconds(
        60.0, "the containers may take to be healthy and answer"
    )
    steady_seconds: float = answering.steady_seconds(2.0)
    command_seconds: float = option(
        600.0, "How long Compose may take, with pulling the image.", at_least=1
    )
    variables: dict[str, str] = answering.VARIABLES


@dataclass(frozen=True)
class _Rollout:
    """What the parts of one deployment have in common."""

    build: Build
    place: Place
    options: Options
    outside: Outside
    progress: Progress
    tool: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.build.service} {self.build.version}"

    @property
    def service(self) -> str:
        return self.options.service or self.build.service

    @property
    def project(self) -> Project:
        return _project(self.build.service, self.place, self.outside)

    def proof(self, image: str, *, least_seconds: float = 0.0) -> Proof:
        """Return what its containers must show, which run *image* where that is known."""
        options = self.options
        return Proof(
            self.project,
            self.service,
            image,
            Expected(self.build.version, options.version, options.version_key),
            options.address,
            options.port,
            max(options.timeout_seconds, least_seconds),
            self.refused,
        )

    def up(self, files: tuple[Path, ...], told: Mapping[str, str]) -> Finished:
        """Let Compose bring the project to what *files* say."""
        flags = [part for file in files for part in ("--file", str(file))]
        root = str(self.build.root.absolute())
        command = (*self.tool, "--project-name", self.project.name, "--project-directory", root)
        return self.outside.run(
            [*command, *flags, "up", "--detach", *(("--no-build",) if self.build.image else ())],
            cwd=self.build.root,
            env=told,
            timeout_seconds=self.options.command_seconds,
            on_line=self.progress.line,
        )

    def refused(self, problem: str, container: Container | None = None) -> RefusedError:
        """Return why not, with what a container printed last."""
        hint = last_words(self.project.last_lines(container)) if container else ""
        return RefusedError(f"{self.name} was not deployed: {problem}", hint=hint)


def deploy(
    build: Build, place: Place, options: Options, outside: Outside, progress: Progress
) -> Placement:
    """Let Compose replace the slot's containers, and ask each of them until it answers."""
    rollout = _Rollout(build, place, options, outside, progress, compose_tool(outside))
    files = _files(rollout)
    names = tuple(build.root.absolute() / name for name in options.files)
    with only_attempt(build.service, place, outside) as attempt:
        former = _former(rollout, attempt)
        ours = files.keep(attempt.folder / "trying", outside)[-1]
        back = partial(_roll_back, rollout, attempt, former)
        with attempt.marked(build):
            with brought_back(back, build, progress):
                ended = rollout.up((*names, ours), files.told)
                if ended.assumed:
                    return Placement(options.address, f"{rollout.name} is supposed to answer")
                if not ended.ok:
                    raise _failed(rollout, ended)
                proof = rollout.proof(files.image)
                addresses = proof.addresses()
                proof.watch(addresses, options.steady_seconds)
            files.keep(attempt.folder / "proven", outside)
        where = options.address or addresses[0]
        return Placement(where, f"{rollout.name} answers at {', '.join(addresses)}")


def stop(service: str, place: Place, options: Options, outside: Outside) -> None:  # noqa: ARG001 (the protocol's)
    """End the containers and networks of the slot."""
    with only_attempt(service, place, outside) as attempt:
        _project(service, place, outside).end()
        outside.remove(attempt.folder / "proven")
        attempt.settle()


def missing(outside: Outside) -> str:
    """Return why nothing can be deployed by Compose here, or nothing when it can."""
    return missing_tool(outside)


def _project(service: str, place: Place, outside: Outside) -> Project:
    name = object_name(service, place.environment, place.slot, longest=_LONGEST_PROJECT)
    return Project(name, outside)


def _files(rollout: _Rollout) -> ComposeFiles:
    build, options = rollout.build, rollout.options
    image = _image(rollout)
    filled = {
        **about(build, rollout.place),
        "CI_STEPS_IMAGE": image,
        "CI_STEPS_SLOT": rollout.place.slot,
        "CI_STEPS_PORT": str(options.line_ports.get(rollout.place.slot, options.host_port)),
    }
    labels = {TITLE: build.service, VERSION: str(build.version), REVISION: build.commit}
    variables = service_variables(build, rollout.place, options.variables)
    own = read_own(build.root, options.files)
    return ComposeFiles(own, added(rollout.service, image, labels, variables), filled)


def _image(rollout: _Rollout) -> str:
    """Return the image as it can only mean one: by its id here, or by its digest elsewhere."""
    build = rollout.build
    if not build.digest or rollout.project.image_id(build.digest) == build.digest:
        return build.digest or build.image
    return build.pinned_image


def _former(rollout: _Rollout, attempt: Attempt) -> ComposeFiles | None:
    """Return what to go back to: what was proven here, or what another machine has deployed."""
    left = attempt.unfinished
    if left:
        version = left.get("version", "")
        rollout.progress.note(f"a deployment of {rollout.build.service} {version} was not finished")
    proven = kept(attempt.folder / "proven")
    if proven or left or rollout.outside.rehearsing:
        return proven
    present = rollout.project.containers(rollout.service)
    return _as_it_runs(rollout, present[0]) if present else None


def _as_it_runs(rollout: _Rollout, container: Container) -> ComposeFiles:
    labels = {name: container.labels[name] for name in _OUR_LABELS if name in container.labels}
    told = {
        name: value for name, value in container.environment.items() if name.startswith("CI_STEPS_")
    }
    again = added(rollout.service, container.image, labels, told)
    filled = {**_files(rollout).told, **told, "CI_STEPS_IMAGE": container.image}
    return ComposeFiles(read_own(rollout.build.root, rollout.options.files), again, filled)


def _roll_back(rollout: _Rollout, attempt: Attempt, former: ComposeFiles | None) -> None:
    """Let Compose bring back what ran before, and return when that answers again."""
    rollout.progress.note("rolling back to what ran before" if former else "ending it")
    if former:
        _bring_back(rollout, attempt, former)
    else:
        rollout.project.end()
    attempt.settle()


def _bring_back(rollout: _Rollout, attempt: Attempt, former: ComposeFiles) -> None:
    paths = former.keep(attempt.folder / "former", rollout.outside)
    ended = rollout.up(paths, former.told)
    if not ended.ok:
        raise OutsideError(ended.last_line)
    version = former.told.get("CI_STEPS_VERSION")
    if version:
        build = replace(rollout.build, version=parse_version(version))
        back = replace(rollout, build=build)
        back.proof(former.image, least_seconds=LEAST_SECONDS).addresses()


def _failed(rollout: _Rollout, ended: Finished) -> RefusedError:
    """Return why Compose failed; a container that is in trouble says more than it."""
    for container in rollout.project.containers(rollout.service):
        if container.trouble:
            return rollout.refused(container.trouble, container)
    refused = rollout.refused(f"`{written(ended.command)}`: {ended.how}")
    refused.hint = last_words(ended.output.splitlines())
    return refused
