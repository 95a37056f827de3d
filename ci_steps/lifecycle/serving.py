"""The headers that tell callers of an end, as servers in front of a service are configured."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

Headers = Mapping[str, str]


def as_text(headers: Headers) -> str:
    """Return the headers as they are sent."""
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def as_json(headers: Headers) -> str:
    """Return the headers by name."""
    return json.dumps(headers, indent=2)


def as_nginx(headers: Headers) -> str:
    """Return directives for the location of the line; they are added to errors as well."""
    return "\n".join(
        f"add_header {name} {_nginx(value)} always;" for name, value in headers.items()
    )


def as_haproxy(headers: Headers) -> str:
    """Return lines for the backend of the line."""
    return "\n".join(
        f"http-response set-header {name} {haproxy_text(value)}" for name, value in headers.items()
    )


def as_gateway(headers: Headers) -> str:
    """Return a filter for the rule of the line in an HTTPRoute of Kubernetes' Gateway API."""
    lines = ["filters:", "- type: ResponseHeaderModifier", "  responseHeaderModifier:", "    set:"]
    for name, value in headers.items():
        # A text in JSON is one in YAML.
        lines += [f"    - name: {name}", f"      value: {json.dumps(value)}"]
    return "\n".join(lines)


FORMS: dict[str, Callable[[Headers], str]] = {
    "text": as_text,
    "json": as_json,
    "nginx": as_nginx,
    "haproxy": as_haproxy,
    "gateway": as_gateway,
}


def _nginx(value: str) -> str:
    # A variable begins with a dollar, and nothing escapes it; in an address %24 means the same.
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "%24")
    return f'"{escaped}"'


def haproxy_text(value: str, *, is_format: bool = True) -> str:
    """Return a text in quotes; in a format % begins what HAProxy fills in."""
    # In double quotes a dollar begins a variable of the environment.
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + (escaped.replace("%", "%%") if is_format else escaped) + '"'
