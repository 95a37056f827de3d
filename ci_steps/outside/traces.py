"""OpenTelemetry traces: a span for a run, for each of its steps and for each command.

Here is what a run is told by that nobody traces; nothing of OpenTelemetry is imported for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci_steps.outside.processes import Finished

Fact = str | int | float


class Span:
    """A piece of work while it lasts; `environ` is what its commands are given."""

    environ: Mapping[str, str] = {}

    def tell(self, facts: Mapping[str, Fact], problem: str = "") -> None:
        """Add what is known by now; a *problem* makes it one that failed."""

    def ended(self, finished: Finished) -> None:
        """Say how a command ended."""
        problem = "" if finished.ok else finished.how
        self.tell({"process.exit.code": finished.exit_code}, problem)


class Trace:
    """A run that nobody traces."""

    @contextmanager
    def span(self, name: str, facts: Mapping[str, Fact]) -> Iterator[Span]:
        """Tell of a piece of work; what is told until its end belongs to it."""
        yield Span()

    @contextmanager
    def command(self, name: str) -> Iterator[Span]:
        """Tell of a program that is run, perhaps beside others."""
        yield Span()

    def send(self) -> str:
        """Hand over what was told; return why that cannot be, or nothing."""
        return ""
