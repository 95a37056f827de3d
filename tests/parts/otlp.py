"""A real collector on this machine: it takes spans over OTLP/HTTP and keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.parts.http import Server, says, serving

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue
    from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class Seen:
    """A span as it came over the wire."""

    name: str
    trace: str
    id: str
    parent: str
    problem: str
    facts: Mapping[str, str | int]
    of: Mapping[str, str | int]


@dataclass
class Collector:
    """Where it listens, and what it was sent."""

    server: Server

    @property
    def endpoint(self) -> str:
        return self.server.address

    @property
    def spans(self) -> list[Seen]:
        """Every span in the order of their begin."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.server.bodies]
        spans = [
            (span, _facts(resource.resource.attributes))
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        spans.sort(key=lambda one: one[0].start_time_unix_nano)
        return [_seen(span, of) for span, of in spans]


def _seen(span: Span, of: Mapping[str, str | int]) -> Seen:
    return Seen(
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.status.message,
        _facts(span.attributes),
        of,
    )


def _facts(attributes: Iterator[KeyValue]) -> dict[str, str | int]:
    return {one.key: one.value.string_value or one.value.int_value for one in attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Take spans until the block ends."""
    with serving(says(b"", content_type="application/x-protobuf")) as server:
        yield Collector(server)
