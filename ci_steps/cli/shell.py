"""What every command needs: the console, the world, the host and the dictionary."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ci_steps.console import Console
from ci_steps.errors import CiStepsError, Problem
from ci_steps.outside import Outside

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.protocols import Host

_console: Console | None = None
_debugging = False


def console_of(quiet: bool | None) -> Console:  # noqa: FBT001 (None: as it was)
    """Return the one console of the process; ``--json`` makes it quiet."""
    global _console  # noqa: PLW0603 (one terminal, one writer, one list of secrets)
    if _console is None or quiet is not None or not _console.writes_to(sys.stdout, sys.stderr):
        # https://no-color.org: set and not empty
        color = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        _console = Console(sys.stdout, sys.stderr, color=color, quiet=bool(quiet))
    return _console


def outside_of(console: Console) -> Outside:
    """Return the real world; with ``--debug`` one that says what is said to it."""
    if not is_debugging():
        return Outside(mask=console.mask)
    from ci_steps.outside.debugging import DebuggingOutside

    return DebuggingOutside(mask=console.mask, say=console.detail)


@contextmanager
def debugging() -> Iterator[None]:
    """Show in the block what only somebody who looks for a mistake wants to see."""
    global _debugging  # noqa: PLW0603 (it is said once, for a whole command)
    _debugging = True
    try:
        yield
    finally:
        _debugging = False


def is_debugging() -> bool:
    """Return whether ``--debug`` was said, by the flag, a variable, or a re-run on GitHub."""
    said = os.environ.get("CI_STEPS_DEBUG", "") not in ("", "0")
    return _debugging or said or os.environ.get("RUNNER_DEBUG") == "1"


def show_trace(error: BaseException) -> None:
    """Write where an error came from, without secrets."""
    from traceback import format_exception

    console_of(None).detail("".join(format_exception(error)))


def host_of(outside: Outside, console: Console) -> Host:
    """Return the CI system around this process; it hears of secrets before they are read."""
    from ci_steps import registry

    host = next(host for host in registry.HOSTS.values() if host.is_here(outside.environ))
    console.mask_command, console.quoted = host.mask, host.quoted
    return host


def show(error: CiStepsError) -> int:
    """Write an error for people and for the page of the CI host; return the exit status."""
    console = console_of(None)
    host_of(outside_of(console), console)  # from now on no line of it is taken for a command
    if is_debugging():
        show_trace(error)
    console.error(error)
    annotate(error)
    return error.exit_code


def annotate(error: CiStepsError) -> None:
    """Mark an error on the page of the CI host: at its places in files, or as a whole."""
    from ci_steps.model import Mark

    console = console_of(None)
    outside = outside_of(console)
    host = host_of(outside, console)
    problems = getattr(error, "problems", (Problem("", 0, "", str(error)),))
    marks = []
    for one in problems:
        text = console.masked(f"{one.key}: {one.text}" if one.key else one.text)
        file = one.file if Path(one.file).is_file() else ""
        marks.append(Mark("error", text, file, one.line))
        console.raw(host.annotation("error", text, file, one.line))
    if placed := [mark for mark in marks if mark.file]:
        host.keep_marks(placed, outside)


def ask_of(console: Console) -> Callable[[str], str]:
    """Return how a person is asked; where nobody sits at a terminal, nobody answers."""

    def ask(question: str) -> str:
        from ci_steps.errors import UsageError

        if not sys.stdin.isatty():
            raise UsageError(
                "a person has to approve, and this is no terminal",
                hint="Say who did and why: --approved-by NAME --reason TEXT.",
            )
        answer: str = click.prompt(console.masked(question), default="", show_default=False)
        return answer.strip()

    return ask


@contextmanager
def opened(outside: Outside, url: str) -> Iterator[Dictionary]:
    """Open the dictionary at *url*, and close it."""
    from ci_steps.dictionary.store import Dictionary

    with Dictionary.open(outside.database(url)) as dictionary:
        yield dictionary


@contextmanager
def opened_when_asked(outside: Outside, url: str) -> Iterator[Dictionary]:
    """Open the dictionary at *url* when something is asked of it, and close it."""
    from ci_steps.dictionary_when_asked import DictionaryWhenAsked

    dictionary = DictionaryWhenAsked(outside, url)
    try:
        yield cast("Dictionary", dictionary)
    finally:
        dictionary.close()


class _Day(click.DateTime):
    """A day as people write it: 2026-12-23."""

    name = "day"

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return midnight of the day, or say how one is written."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is not a day, such as 2026-12-23", param, ctx)


DAY = _Day()


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")(command)


def dictionary_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--dictionary``."""
    return click.option(
        "--dictionary",
        metavar="PATH|URL",
        default="",
        help="The dictionary, instead of CI_STEPS_DICTIONARY and ci-steps.yaml.",
    )(command)


def plan_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command has that reads ci-steps.yaml and knows a build."""
    for option in (
        click.option(
            "--commit", default="", help="The commit of the build, instead of git's.", metavar="ID"
        ),
        click.option(
            "--build-version",
            default="",
            metavar="VERSION",
            help="The version of the build, instead of the configured place.",
        ),
        click.option(
            "--config", default="", metavar="FILE", help="The file, instead of ci-steps.yaml."
        ),
    ):
        command = option(command)
    return dictionary_option(command)


@contextmanager
def dictionary_of(flag: str) -> Iterator[Dictionary]:
    """Open the dictionary that flag, environment, file or default name; no service is needed."""
    from ci_steps import config

    outside = outside_of(console_of(None))
    with opened(outside, config.any_dictionary_url(outside, flag, Path.cwd())) as dictionary:
        yield dictionary
