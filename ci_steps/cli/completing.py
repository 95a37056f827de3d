"""What a shell offers for the name of a service, an environment, an owner or a step.

The file of the service in this folder is asked first, and then the dictionary, which is only
read. Whatever goes wrong is no matter of who presses a key: then nothing is offered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from ci_steps.cli import shell
from ci_steps.errors import CiStepsError

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

KINDS = ("service", "environment", "owner", "step")
_BY_NAME = {"provider": "service", "dependent": "service", "steps": "step"}
_CONNECT_SECONDS = 2  # the least that a client of PostgreSQL knows


class Name(click.types.StringParamType):
    """A text that is the name of something that is known."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin like *incomplete*."""
        del param
        with suppress(CiStepsError, OSError):
            found = sorted(set(_names(self.kind, ctx.params)))
            return [CompletionItem(one) for one in found if one.startswith(incomplete)]
        return []


def name_parameters(command: click.Command) -> None:
    """Let a command, and what is below it, offer the names that its parameters mean."""
    for one in command.params:
        meant = (one.metavar or one.name or "").strip("[].").lower()
        kind = _BY_NAME.get(meant, meant)
        if kind in KINDS and type(one.type) is click.types.StringParamType:
            one.type = Name(kind)
    for below in getattr(command, "commands", {}).values():
        name_parameters(below)


def _names(kind: str, given: Mapping[str, Any]) -> Iterator[str]:
    content = _file(given)
    if kind == "step":
        yield from _steps(content)
    elif kind == "environment":
        yield from map(str, content.get("environments") or ())
        # A command that reads the file knows no others.
        yield from () if "config" in given and content else _known(kind, given)
    else:
        yield from filter(None, [content.get(kind)])
        yield from _known(kind, given)


def _file(given: Mapping[str, Any]) -> Mapping[str, Any]:
    from ci_steps.config.document import read

    file = Path(given.get("config") or "ci-steps.yaml")
    content = read(file).content if file.is_file() else None
    return content if isinstance(content, Mapping) else {}


def _steps(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the titles of the pipeline's steps, and the names of all steps there are."""
    from ci_steps import registry

    pipeline = content.get("pipeline")
    yield from map(str, pipeline) if isinstance(pipeline, list) else ()
    places = list(map(str, content.get("environments") or ()))
    for step in registry.STEPS:
        if getattr(registry.STEPS[step], "NEEDS_ENVIRONMENT", False):
            yield from (f"{step} {place}" for place in places)
        else:
            yield step


def _known(kind: str, given: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the dictionary knows; where there is none, that is nothing."""
    with suppress(CiStepsError), _opened(given) as dictionary:
        if kind == "service":
            yield from (one.name for one in dictionary.services())
        elif kind == "environment":
            yield from (one.name for one in dictionary.environments())
        else:
            yield from (one.name for one in dictionary.owners())


def _opened(given: Mapping[str, Any]) -> Dictionary:
    from ci_steps import config
    from ci_steps.dictionary.store import Dictionary

    outside = shell.outside_of(shell.console_of(None))
    url = config.any_dictionary_url(outside, given.get("dictionary") or "", Path.cwd())
    if "://" in url and "connect_timeout" not in url and not url.startswith("sqlite"):
        url += f"{'&' if '?' in url else '?'}connect_timeout={_CONNECT_SECONDS}"
    return Dictionary.open_to_read(outside.database_to_read(url))
