"""How an engine is told what to do; what an engine cannot do is said before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_steps.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.images.reference import Reference
    from ci_steps.protocols import Recipe


@dataclass(frozen=True)
class Engine:
    """The commands of an engine, each without the reference that ends it.

    `inspect` prints the id of an image, a space and its revision label. `unknown` is what
    it says, in small letters, about an image it does not have. `describe` prints all about an
    image as JSON. `without_tls` are the flags
    that let it push to this very machine. `home` begins the names of images without a host.

    `build_many` and `push_many` are the commands for several platforms at once, and `push_many`
    is empty where building has pushed already. `timestamp` and `cache` are flags with a place
    ``{}`` for what they are told. `lacks` says who could do what this engine cannot, by the
    option that asks for it.
    """

    build: tuple[str, ...]
    push: tuple[str, ...]
    inspect: tuple[str, ...]
    unknown: str
    describe: tuple[str, ...]
    without_tls: tuple[str, ...] = ()
    home: str = ""
    build_many: tuple[str, ...] = ()
    push_many: tuple[str, ...] = ()
    timestamp: tuple[str, ...] = ()
    cache: tuple[str, ...] = ()
    lacks: Mapping[str, str] = field(default_factory=dict)

    @property
    def program(self) -> str:
        """Return the name of the program."""
        return self.build[0]


def refuse_unable(engine: Engine, recipe: Recipe) -> None:
    """Raise UsageError for everything of *recipe* that *engine* cannot do, all at once."""
    asked = {
        "secrets": bool(recipe.secrets),
        "cache": bool(recipe.cache),
        "platforms": len(recipe.platforms) > 1,
    }
    unable = [name for name, wanted in asked.items() if wanted and name in engine.lacks]
    if unable:
        raise UsageError(
            f"{engine.program} cannot do this here: {', '.join(unable)}",
            hint=engine.lacks[unable[0]],
        )


def build_command(engine: Engine, recipe: Recipe) -> tuple[str, ...]:
    """Return the command that builds; what it says is seen by everybody on the machine."""
    many = len(recipe.platforms) > 1
    named = "--manifest" if many and engine.push_many else "--tag"
    names = (recipe.reference, *(() if many else recipe.tags))
    return (
        *(engine.build_many if many else engine.build),
        *("--file", str(recipe.root / recipe.file)),
        *(part for name in names for part in (named, name)),
        *_each("--label", recipe.labels),
        *_each("--build-arg", recipe.arguments),
        *_given("--target", recipe.stage),
        *_given("--platform", ",".join(recipe.platforms)),
        *_given("--network", recipe.network),
        # The value is read from the environment: a command line is everybody's to read.
        *_each("--secret", {f"id={key},env": name for key, name in recipe.secrets.items()}),
        *_filled(engine.cache, recipe.cache),
        *_filled(engine.timestamp, str(int(recipe.made.timestamp())) if recipe.made else ""),
        str(recipe.root),
    )


def push_commands(
    engine: Engine, reference: Reference, names: Sequence[str], *, many: bool
) -> Iterator[tuple[str, ...]]:
    """Yield the commands that push an image under each of its *names*."""
    flags = engine.without_tls if reference.is_on_this_machine else ()
    for name in names:
        if many and engine.push_many:
            yield (*engine.push_many, *flags, str(reference), f"docker://{name}")
        elif not many:
            yield (*engine.push, *flags, name)


def _each(flag: str, values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(part for key, value in values.items() for part in (flag, f"{key}={value}"))


def _given(flag: str, value: str) -> tuple[str, ...]:
    return (flag, value) if value else ()


def _filled(flags: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(flag.replace("{}", value) for flag in flags) if value else ()
