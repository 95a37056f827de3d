"""Does a new line do well with the calls it has? Monitoring says so, or a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ci_steps.errors import OutsideError
from ci_steps.monitoring.prometheus_api import Prometheus
from ci_steps.outside.processes import written

if TYPE_CHECKING:
    from ci_steps.options import Command
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Answer:
    """Whether it does well, None where that is not known, and by what."""

    well: bool | None
    text: str


class Judge(Protocol):
    """Somebody who is asked again and again while a share of the calls is watched."""

    def ask(self, outside: Outside) -> Answer:
        """Return how the new line does now; nothing is raised."""


@dataclass(frozen=True)
class ErrorRate:
    """An expression of Prometheus, of which no value may be above a limit."""

    url: str
    expression: str
    at_most: float
    token_env: str = ""

    def ask(self, outside: Outside) -> Answer:
        """Return whether every value is within the limit; no value is no answer."""
        try:
            token = outside.secret(self.token_env) if self.token_env else ""
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            server = Prometheus(self.url, outside, headers=headers)
            found = server.at(self.expression, outside.now())
        except OutsideError as error:
            return Answer(None, str(error))
        if not found:
            return Answer(None, "monitoring has no value for it")
        worst = max(series.number for series in found)
        text = f"monitoring says {worst:.4g}, at most {self.at_most:g} is allowed"
        return Answer(worst <= self.at_most, text)


@dataclass(frozen=True)
class Program:
    """A program that says no by its exit status."""

    command: Command
    told: Mapping[str, str]
    timeout_seconds: float = 60.0

    def ask(self, outside: Outside) -> Answer:
        """Return whether it ended well."""
        try:
            ended = outside.ask(self.command, env=self.told, timeout_seconds=self.timeout_seconds)
        except OutsideError as error:
            return Answer(None, str(error))
        said = (ended.output.strip().splitlines() or [""])[-1]
        text = f"`{written(self.command)}`: {ended.how}{f': {said[:200]}' if said else ''}"
        return Answer(ended.ok, text)


def watched(judges: tuple[Judge, ...], outside: Outside, *, seconds: float, every: float) -> Answer:
    """Ask all of them for *seconds*; the first no counts, and in the end what is not known.

    Monitoring may need some time before it sees the first calls.
    """
    deadline = outside.seconds() + seconds
    while True:
        answers = [judge.ask(outside) for judge in judges]
        wrong = next((one for one in answers if one.well is False), None)
        if wrong:
            return wrong
        left = deadline - outside.seconds()
        if left <= 0:
            unknown = next((one for one in answers if one.well is None), None)
            return unknown or Answer(True, "; ".join(one.text for one in answers))  # noqa: FBT003 (it does well)
        outside.pause(min(every, left))
