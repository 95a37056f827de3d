"""Ask a running HAProxy when a server of a backend had its last session.

Its own health checks are not counted. It forgets everything when it is restarted or reloaded,
so that nothing before that was observed. Who called it does not say.
"""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ci_steps.errors import CiStepsError, OutsideError
from ci_steps.options import REQUIRED, option
from ci_steps.usage import Usage
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.outside import Outside
    from ci_steps.usage import UsageQuestion

_UPTIME = "Uptime_sec: "


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `haproxy`."""

    socket: str = option(REQUIRED, "Path of the runtime socket.", example="/run/haproxy/admin.sock")
    backend: str = option("{service}", "The backend; {service}, {line} and {environment} are set.")
    server: str = option("v{line}", "The server of the line in that backend.")


def observe(question: UsageQuestion, options: Options, outside: Outside) -> Usage:
    """Ask how long ago the last session of the line's server was."""
    backend, server = (_filled(text, question) for text in (options.backend, options.server))
    source = f"haproxy {backend}/{server}"
    try:
        path = Path(options.socket)
        uptime = _uptime(outside.ask_socket(path, "show info"), path)
        idle = _idle(outside.ask_socket(path, "show stat"), path, backend, server)
    except CiStepsError as error:
        return Usage(source, problem=str(error))
    last = None if idle is None else question.at - idle
    return Usage(source, question.at - uptime, last, note="haproxy does not say who called")


def _filled(text: str, question: UsageQuestion) -> str:
    for name in ("service", "line", "environment"):
        text = text.replace(f"{{{name}}}", getattr(question, name))
    return text


def _uptime(answer: str, path: Path) -> timedelta:
    for line in answer.splitlines():
        if line.startswith(_UPTIME) and line.removeprefix(_UPTIME).isdigit():
            return timedelta(seconds=int(line.removeprefix(_UPTIME)))
    raise OutsideError(f"{path}: the answer is not that of an HAProxy")


def _idle(answer: str, path: Path, backend: str, server: str) -> timedelta | None:
    """Return how long the server had no session, None if it never had one."""
    rows = {
        (row.get("# pxname", ""), row.get("svname", "")): row
        for row in csv.DictReader(answer.splitlines())
    }
    row = rows.get((backend, server))
    if row is None:
        known = [f"{one}/{other}" for one, other in rows]
        near = did_you_mean(f"{backend}/{server}", known)
        raise OutsideError(f"{path}: no server {backend}/{server}{near}")
    return _seconds(row, path)


def _seconds(row: Mapping[str, str], path: Path) -> timedelta | None:
    text = row.get("lastsess") or ""
    if text == "-1":
        return None
    if not text.isdigit():
        raise OutsideError(f"{path}: it does not say when the last session was")
    return timedelta(seconds=int(text))
