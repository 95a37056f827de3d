"""Ask a running HAProxy when a server of a backend had its last session.

Its own health checks are not counted. It forgets everything when it is restarted or reloaded,
so that nothing before that was observed. Who called it does not say.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ci_steps.errors import CiStepsError
from ci_steps.haproxy_runtime import HaproxyRuntime
from ci_steps.options import REQUIRED, option
from ci_steps.usage import Usage

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.usage import UsageQuestion


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `haproxy`."""

    socket: str = option(REQUIRED, "Path of the runtime socket.", example="/run/haproxy/admin.sock")
    backend: str = option("{service}", "The backend; {service}, {line} and {environment} are set.")
    server: str = option("v{line}", "The server of the line in that backend.")


def observe(question: UsageQuestion, options: Options, outside: Outside) -> Usage:
    """Ask how long ago the last session of the line's server was."""
    server = _filled(f"{options.backend}/{options.server}", question)
    haproxy = HaproxyRuntime(Path(options.socket), outside)
    source = f"haproxy {server}"
    try:
        uptime, idle = haproxy.uptime(), haproxy.idle(server)
    except CiStepsError as error:
        return Usage(source, problem=str(error))
    last = None if idle is None else question.at - idle
    return Usage(source, question.at - uptime, last, note="haproxy does not say who called")


def _filled(text: str, question: UsageQuestion) -> str:
    for name in ("service", "line", "environment"):
        text = text.replace(f"{{{name}}}", getattr(question, name))
    return text
