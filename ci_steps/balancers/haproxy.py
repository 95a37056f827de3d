"""Weights of the servers of a running HAProxy, by its runtime socket.

Its configuration names a server for each line in one backend. Weights that are told to a running
HAProxy are lost when it is restarted or reloaded, so that what is written there counts again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ci_steps.haproxy_runtime import HaproxyRuntime
from ci_steps.options import REQUIRED, option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.outside import Outside
    from ci_steps.protocols import Lines


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `haproxy`."""

    socket: str = option(REQUIRED, "Path of the runtime socket.", example="/run/haproxy/admin.sock")
    backend: str = option("{service}", "The backend; {service} and {environment} are set.")
    server: str = option("v{line}", "The server of a line in that backend; {line} is set, too.")


def shares(lines: Lines, options: Options, outside: Outside) -> Mapping[str, int]:
    """Return the percent of the calls that each line gets now."""
    haproxy = HaproxyRuntime(Path(options.socket), outside)
    weights = {line: haproxy.weight(_server(lines, line, options)) for line in lines.addresses}
    whole = sum(weights.values())
    return {line: round(100 * weight / whole) if whole else 0 for line, weight in weights.items()}


def shift(lines: Lines, wanted: Mapping[str, int], options: Options, outside: Outside) -> None:
    """Give each line its percent; who gets more comes first, so that somebody always answers."""
    haproxy = HaproxyRuntime(Path(options.socket), outside)
    for line in sorted(wanted, key=lambda one: -wanted[one]):
        haproxy.set_weight(_server(lines, line, options), wanted[line])


def _server(lines: Lines, line: str, options: Options) -> str:
    return lines.filled(f"{options.backend}/{options.server}", line)
