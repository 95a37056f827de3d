"""A service's folder with the files a test writes down, and the plan that comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps import config
from ci_steps.errors import ConfigError
from tests.fakes import FakeOutside

if TYPE_CHECKING:
    from ci_steps.config.layers import Layers
    from ci_steps.config.plan import Plan

# What every plan needs beside the service: the tests and the version.
WORKS = "service: web\nversion: '1.1.0'\nsteps: {unit-test: {command: make test}}\n"

_PROCESS = "target: {process: {command: serve}}"
STAGING = f"staging: {{{_PROCESS}}}"
PRODUCTION = f"production: {{production: true, {_PROCESS}}}"


def plan_of(text: str, environ: Mapping[str, str] | None = None, **flags: Any) -> Plan:
    """Return the plan of a ci-steps.yaml in the current folder."""
    return loaded(text, environ, **flags)[0]


def loaded(
    text: str | bytes, environ: Mapping[str, str] | None = None, **flags: Any
) -> tuple[Plan, Layers]:
    """Return the plan of a ci-steps.yaml in the current folder, and its layers."""
    content = text.encode() if isinstance(text, str) else text
    Path("ci-steps.yaml").write_bytes(content)
    given = config.Flags(**{"commit": "c1", **flags})
    return config.load_with_layers(FakeOutside(environ), given)


def problems_of(
    text: str | bytes, environ: Mapping[str, str] | None = None, **flags: Any
) -> list[str]:
    """Return every line that is reported about a ci-steps.yaml, or nothing."""
    try:
        loaded(text, environ, **flags)
    except ConfigError as error:
        return str(error).splitlines()
    return []


def origins_of(
    text: str, environ: Mapping[str, str] | None = None, **flags: Any
) -> Iterator[tuple[str, str]]:
    """Yield every key and where its value came from, as `config explain` says it."""
    from ci_steps.config.explain import explained

    plan, layers = loaded(text, environ, **flags)
    for row in explained(layers, plan):
        yield row.key, row.origin
