"""What `ci-steps may-retire` and `retire` stand on: the file, the dictionary, who sees calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.cli import shell
from ci_steps.model import Line

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.config.plan import Plugged
    from ci_steps.config.retirement import Retirement
    from ci_steps.console import Console
    from ci_steps.lifecycle.stepping import Ground
    from ci_steps.notices.line_ends.telling import Told
    from ci_steps.outside import Outside
    from ci_steps.protocols import Leaving
    from ci_steps.usage import Caller


@contextmanager
def ground_of(
    console: Console, outside: Outside, of: Line, config: str, dictionary: str
) -> Iterator[Ground]:
    """Read the configuration, open the dictionary, and bind the front of the environment."""
    from ci_steps.config.retirement import filled
    from ci_steps.lifecycle.observing import observer
    from ci_steps.lifecycle.stepping import Ground

    said = said_about(outside, of.service, config, dictionary)
    front = said.fronts.get(of.environment)
    observe = observer([(one.module, one.options) for one in said.usages], outside)
    with shell.opened(outside, said.dictionary) as opened:
        known = Line(opened.known_service(of.service).name, of.line, of.environment)
        opened.known_environment(of.environment)

        def meet(leaving: Leaving) -> str:
            found = _known_front(front, known)
            text: str = found.module.meet(leaving, found.options, outside, console)
            return text

        def callers(leaving: Leaving) -> tuple[Caller, ...]:
            counts = getattr(front.module, "callers", None) if front else None
            return counts(leaving, front.options, outside) if counts and front else ()

        def tell(connection: Connection) -> None:
            from ci_steps.notices.line_ends import telling

            telling.tell(connection, known, told_of_ends(outside, config, outside.now()))

        manner = filled(said.manner, known.service, known.line)
        yield Ground(opened, outside, known, said.rules, manner, observe, meet, callers, tell)


def told_of_ends(outside: Outside, config: str, at: datetime) -> Told:
    """Return how ends are told by the file of this folder; without one by whoever ticks next."""
    from ci_steps.config.notify import load_notify
    from ci_steps.config.sources import FILE, Flags
    from ci_steps.notices.calendars import Calendars
    from ci_steps.notices.line_ends.telling import Told

    if not (config or Path(FILE).is_file()):
        return Told((), Calendars(), at)
    notify = load_notify(outside, Flags(config=config))
    calendars = notify.notifying.terms.calendars if notify.notifying else Calendars()
    return Told(tuple(one.name for one in notify.channels), calendars, at)


def _known_front(front: Plugged | None, of: Line) -> Plugged:
    from ci_steps.errors import RefusedError

    if front is None:
        raise RefusedError(
            f"nothing says what stands between line {of.line} of {of.service} and its callers in "
            f"{of.environment}",
            hint="Run it in the folder of the service, and name one under retirement.front.",
        )
    return front


def said_about(outside: Outside, service: str, config: str, dictionary: str) -> Retirement:
    """Return what the file of the service says; another service's says only where to ask."""
    from ci_steps.config.dictionary_place import any_dictionary_url
    from ci_steps.config.retirement import Retirement, load_retirement
    from ci_steps.config.sources import FILE, Flags
    from ci_steps.usage import Rules

    if config or Path(FILE).is_file():
        found = load_retirement(outside, Flags(config=config, dictionary=dictionary))
        if found.service == service:
            return found
    url = any_dictionary_url(outside, dictionary, Path.cwd())
    return Retirement(service, url, Rules())
