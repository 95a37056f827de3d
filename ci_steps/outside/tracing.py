"""The trace that the standard variables of OpenTelemetry ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ci_steps.outside.traces import Trace

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN = "http/protobuf"


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
