"""What docker, podman and buildah do alike; a builder only says how its commands are written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.errors import CiStepsError, OutsideError, RefusedError
from ci_steps.images.labels import REVISION
from ci_steps.images.reference import Reference, split
from ci_steps.images.stored import Stored, stored
from ci_steps.protocols import Image, Progress, Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.outside import Outside
    from ci_steps.outside.processes import Finished

_SHOWN_LINES = 8
# Docker writes the algorithm before an id, podman and buildah leave it out.
_ID_AND_REVISION = re.compile(r"^(?:sha256:)?([0-9a-f]{64})( .*)?$", re.MULTILINE)
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Engine:
    """The commands of an engine, each without the reference that ends it.

    `inspect` prints the id of an image, a space and its revision label. `unknown` is what
    it says, in small letters, about an image it does not have. `without_tls` are the flags
    that let it push to this very machine. `home` begins the names of images without a host.
    """

    build: tuple[str, ...]
    push: tuple[str, ...]
    inspect: tuple[str, ...]
    unknown: str
    without_tls: tuple[str, ...] = ()
    home: str = ""


@dataclass(frozen=True)
class _Local:
    """An image on this machine."""

    id: str
    revision: str


def produce(engine: Engine, recipe: Recipe, outside: Outside, progress: Progress) -> Image:
    """Build, tag and push what *recipe* says, unless it was done for this commit before."""
    reference = split(recipe.reference)
    if engine.home and not reference.host:
        # Asked for auth, podman and buildah take the auth of any registry for it.
        recipe = replace(recipe, reference=f"{engine.home}/{reference}")
        reference = split(recipe.reference)
    revision = recipe.labels[REVISION]
    if recipe.push:
        there = stored(reference, outside)
        if there is not None:
            _check_revision(reference, there.revision, revision)
            return Image(recipe.reference, there.digest, reused=True)
    image = _built(engine, recipe, outside, progress)
    if not recipe.push:
        return image
    lost = OutsideError(f"{reference} was not pushed", hint="The image is built: try again.")
    _run(_push_command(engine, reference), lost, outside, progress)
    if outside.rehearsing:
        return image
    return Image(recipe.reference, _pushed(reference, revision, outside).digest, image.reused)


def _built(engine: Engine, recipe: Recipe, outside: Outside, progress: Progress) -> Image:
    """Return the image on this machine, building it if it is not of this commit."""
    revision = recipe.labels[REVISION]
    local = _inspect(engine, recipe.reference, outside)
    if local is not None and local.revision == revision:
        progress.note(f"{recipe.reference} is already built for this commit")
        return Image(recipe.reference, local.id, reused=True)
    if local is not None and not recipe.replace:
        _check_revision(split(recipe.reference), local.revision, revision)
    refused = RefusedError(f"{recipe.reference} was not built")
    _run(build_command(engine, recipe), refused, outside, progress)
    if outside.rehearsing:
        return Image(recipe.reference, "")
    local = _inspect(engine, recipe.reference, outside)
    if local is None:
        raise OutsideError(f"{recipe.reference} was built, and is not there")
    return Image(recipe.reference, local.id)


def build_command(engine: Engine, recipe: Recipe) -> tuple[str, ...]:
    """Return the command that builds; what it says is seen by everybody on the machine."""
    return (
        *engine.build,
        *("--file", str(recipe.root / recipe.file)),
        *("--tag", recipe.reference),
        *_each("--label", recipe.labels),
        *_each("--build-arg", recipe.arguments),
        str(recipe.root),
    )


def _push_command(engine: Engine, reference: Reference) -> tuple[str, ...]:
    flags = engine.without_tls if reference.is_on_this_machine else ()
    return (*engine.push, *flags, str(reference))


def _each(flag: str, values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(part for key, value in values.items() for part in (flag, f"{key}={value}"))


def _inspect(engine: Engine, reference: str, outside: Outside) -> _Local | None:
    answer = outside.ask((*engine.inspect, reference))
    if not answer.ok and engine.unknown in answer.output.lower():
        return None
    found = _ID_AND_REVISION.search(answer.output)  # warnings may stand around it
    if not answer.ok or found is None:
        tool = engine.inspect[0]
        raise OutsideError(f"{tool} cannot say whether {reference} exists: {last_line(answer)}")
    return _Local(f"sha256:{found[1]}", (found[2] or "").strip())


def _pushed(reference: Reference, revision: str, outside: Outside) -> Stored:
    """Return what the registry has now: another job may have pushed in the same moment."""
    there = stored(reference, outside)
    if there is None:
        raise OutsideError(f"{reference} was pushed, and the registry does not have it")
    _check_revision(reference, there.revision, revision)
    return there


def _check_revision(reference: Reference, found: str, wanted: str) -> None:
    if found != wanted:
        origin = f"commit {found}" if found else "of an unknown commit"
        raise RefusedError(
            f"{reference} exists with other content ({origin})",
            hint=f"A version is given once: choose the next one after {reference.tag}.",
        )


def _run(
    command: tuple[str, ...], otherwise: CiStepsError, outside: Outside, progress: Progress
) -> None:
    """Run a command to its end, or raise *otherwise* with the last lines it printed."""
    finished = outside.run(command, on_line=progress.line)
    if not finished.ok:
        lines = [_COLOR.sub("", line).rstrip() for line in finished.output.splitlines()]
        said = [f"  {line}" for line in lines if line][-_SHOWN_LINES:]
        text = "\n".join((f"{otherwise}: {finished.how}", *said))
        raise type(otherwise)(text, hint=otherwise.hint)


def last_line(answer: Finished) -> str:
    """Return what a command said last, where errors are, or how it ended."""
    lines = answer.output.strip().splitlines()
    return lines[-1] if lines else answer.how
