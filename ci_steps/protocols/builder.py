"""What builds images: the recipe, and the image it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ci_steps.protocols.progress import Progress

if TYPE_CHECKING:
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Login:
    """Who asks a registry."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Agent:
    """What is layered onto an image so that a logging agent runs beside its service.

    `image` brings `paths` of it, and is empty where the service's image has them. `files` are
    those of ours by name, `start` begins the command that runs both, and `config_path` is where
    the agent looks for its configuration.
    """

    image: str
    paths: tuple[str, ...]
    files: Mapping[str, bytes]
    start: tuple[str, ...]
    config_path: str


@dataclass(frozen=True)
class Recipe:
    """An image to build: its name with the tag, labels and build arguments.

    `replace` allows an image of another commit to lose its tag on this machine, as that of a
    candidate may; in a registry no tag ever changes its commit. `tags` are further ones of the
    same image. `secrets` are environment variables by the id that instructions mount them by.
    `cache` is an image whose layers may be taken, and `made` the time that everything in the
    image is dated by, so that the same commit gives the same layers.
    """

    root: Path
    file: str
    reference: str
    labels: Mapping[str, str]
    arguments: Mapping[str, str]
    push: bool = False
    replace: bool = False
    tags: tuple[str, ...] = ()
    stage: str = ""
    platforms: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    cache: str = ""
    network: str = ""
    made: datetime | None = None
    login: Login | None = None
    agent: Agent | None = None


@dataclass(frozen=True)
class Image:
    """An image that was built, or `reused` because it was built for this commit before.

    `digest` is ``sha256:`` and 64 hexadecimal digits: that of the manifest in the registry
    when it is there, otherwise the image's id. In a rehearsal it is empty.
    """

    reference: str
    digest: str
    reused: bool = False


class Builder(Protocol):
    """A tool that builds images: ``builders/docker.py``."""

    def missing(self, outside: Outside) -> str:
        """Return why it cannot be used here, or nothing when it can."""

    def build(self, recipe: Recipe, outside: Outside, progress: Progress) -> Image:
        """Build, tag and, when asked, push; RefusedError when a tag is taken by other content.

        What was built for this commit before is not built again.
        """
