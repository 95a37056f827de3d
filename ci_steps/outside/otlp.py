"""A trace that is recorded, and handed to a collector at the end of the run."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Span as OpenTelemetrySpan
from opentelemetry.trace import Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ci_steps import __version__
from ci_steps.outside.deadlines import LateError, in_time
from ci_steps.outside.traces import Fact, Span, Trace

if TYPE_CHECKING:
    from opentelemetry.context import Context

# No run waits longer for a collector, whatever the variables say.
_SECONDS = 2
_W3C = TraceContextTextMapPropagator()
# It would write to standard error by itself; what has to be said is said once, by us.
logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)


class RecordedSpan(Span):
    """A piece of work that the collector hears of."""

    def __init__(self, span: OpenTelemetrySpan, outer: Context) -> None:
        self._span = span
        self.context = set_span_in_context(span, outer)
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, self.context)
        self.environ = {name.upper(): text for name, text in carrier.items()}

    def tell(self, facts: Mapping[str, Fact], problem: str = "") -> None:
        """Add what is known by now; a *problem* makes it one that failed."""
        self._span.set_attributes(dict(facts))
        if problem:
            self._span.set_status(Status(StatusCode.ERROR, problem))


class RecordedTrace(Trace):
    """A run whose spans are kept until they are sent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._kept = InMemorySpanExporter()
        ours = Resource({"service.name": "ci-steps", "service.version": __version__})
        provider = TracerProvider(
            resource=ours.merge(OTELResourceDetector().detect()), shutdown_on_exit=False
        )
        provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self._tracer = provider.get_tracer("ci_steps", __version__)
        above = {name: environ.get(name.upper(), "") for name in ("traceparent", "tracestate")}
        self._within = _W3C.extract({name: text for name, text in above.items() if text})

    @contextmanager
    def span(self, name: str, facts: Mapping[str, Fact]) -> Iterator[Span]:
        """Record a piece of work; what is told until its end belongs to it."""
        outer = self._within
        with self._recorded(name, facts) as span:
            self._within = span.context
            try:
                yield span
            finally:
                self._within = outer

    @contextmanager
    def command(self, name: str) -> Iterator[Span]:
        """Record a program that is run; its arguments may hold secrets and are left out."""
        with self._recorded(name, {"process.executable.name": name}) as span:
            yield span

    @contextmanager
    def _recorded(self, name: str, facts: Mapping[str, Fact]) -> Iterator[RecordedSpan]:
        outer = self._within
        span = self._tracer.start_span(name, outer, attributes=dict(facts))
        recorded = RecordedSpan(span, outer)
        try:
            yield recorded
        except BaseException as error:
            kind = type(error).__name__  # its text may hold a secret
            recorded.tell({"error.type": kind}, kind)
            raise
        finally:
            span.end()

    def send(self) -> str:
        """Hand over what was recorded; return why that cannot be, or nothing."""
        spans = self._kept.get_finished_spans()
        if not spans:  # whoever began this trace has not sampled it
            return ""

        def export() -> SpanExportResult:
            return OTLPSpanExporter(timeout=_SECONDS).export(spans)

        try:
            taken = in_time(export, _SECONDS) is SpanExportResult.SUCCESS
        except LateError:
            return f"the collector has not answered within {_SECONDS} s"
        except Exception as error:  # a variable that cannot be read, a file that is not there
            return f"the OTEL_ variables cannot be used ({type(error).__name__})"
        return "" if taken else "no collector takes it"
