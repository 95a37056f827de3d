"""OpenTelemetry traces: a span for a run, for each of its steps and for each command.

Here is what a run is told by that nobody traces; nothing of OpenTelemetry is imported for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci_steps.outside.processes import Finished

Fact = str | int | float

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN = "http/protobuf"


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


def trace_of(environ: Mapping[str, str], warn: Callable[[str], None]) -> Trace:
    """Return the trace that the standard variables ask for."""
    if not _wanted(environ):
        return Trace()
    protocol = _first(environ, _PROTOCOLS) or _SPOKEN
    if protocol != _SPOKEN:
        warn(f"no trace is sent: it would be {_SPOKEN}, and the variables say {protocol!r}")
        return Trace()
    try:
        from ci_steps.outside.otlp import RecordedTrace
    except ModuleNotFoundError as missing:
        warn(f"no trace is sent: {missing.name} is missing; pip install 'ci-steps[tracing]'")
        return Trace()
    return RecordedTrace(environ)


def _wanted(environ: Mapping[str, str]) -> bool:
    is_disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip() or "otlp"
    return bool(_first(environ, _ENDPOINTS)) and not is_disabled and exporter == "otlp"


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := environ.get(name, "").strip())), "")
