"""What callers of a line meet, as servers in front of it are configured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ci_steps.lifecycle.serving import as_nginx, haproxy_text

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.protocols import Leaving

GONE_STEPS = ("gone", "removed")
DRAINED = "drained"
# How long callers of a line that is only drained are asked to wait: it may come back.
RETRY_SECONDS = 3600


def status_of(leaving: Leaving) -> int:
    """Return with which status every call is refused; 0 where none is."""
    return 410 if leaving.step in GONE_STEPS else 503 if leaving.step == DRAINED else 0


def headers_of(leaving: Leaving) -> dict[str, str]:
    """Return the headers of every answer, those of a refusal included."""
    headers = dict(leaving.headers)
    if leaving.step == DRAINED:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return headers


def body_of(leaving: Leaving, status: int) -> str:
    """Return what a refusal says, as RFC 9457 has it."""
    return json.dumps({"title": leaving.title, "status": status, **leaving.links})


def as_endings(leaving: Leaving, path: str = "", spared: tuple[str, ...] = ()) -> str:
    """Return what `ci_steps.middleware` reads; *spared* paths are never refused."""
    windows = [
        {
            "begin": one.begin.timestamp(),
            "end": one.end.timestamp(),
            "status": one.status,
        }
        for one in leaving.windows
    ]
    ending = {
        "path": path,
        "headers": dict(leaving.headers),
        "brown_outs": windows,
        "spared": list(spared),
    }
    return json.dumps({"schema": "ci-steps/endings/1", "endings": [ending]}, indent=2) + "\n"


def nginx(leaving: Leaving) -> str:
    """Return directives for the location of the line."""
    lines = ["# Written by ci-steps retire; the next step writes it anew."]
    headers, status = headers_of(leaving), status_of(leaving)
    if status:
        body = body_of(leaving, status).replace("\\", "\\\\").replace("'", "\\'")
        lines += ["default_type application/problem+json;", as_nginx(headers)]
        lines += [f"return {status} '{body.replace('$', '%24')}';"]
    else:
        lines += [as_nginx(headers)] if headers else []
        lines += _nginx_windows(leaving)
    return "\n".join(filter(None, lines)) + "\n"


def _nginx_windows(leaving: Leaving) -> Iterator[str]:
    for one in leaving.windows:
        # Seconds since 1970: the clock of nginx is that of its time zone, this one is not.
        moments = "|".join(_spans(int(one.begin.timestamp()), int(one.end.timestamp())))
        headers = {**leaving.headers, "Retry-After": str(_seconds(one.begin, one.end))}
        yield f"# Callers are refused from {one}."
        yield f'if ($msec ~ "^(?:{moments})\\.") {{'
        yield as_nginx(headers)
        yield f"return {one.status};"
        yield "}"


def _spans(begin: int, end: int) -> Iterator[str]:
    """Yield patterns that together match just the numbers from *begin* to before *end*."""
    while begin < end:
        digits = 0
        while begin % 10 ** (digits + 1) == 0 and begin + 10 ** (digits + 1) <= end:
            digits += 1
        prefix = str(begin // 10**digits)
        yield prefix + ("[0-9]{%d}" % digits if digits else "")  # noqa: UP031 (braces)
        begin += 10**digits


def haproxy(leaving: Leaving) -> Iterator[str]:
    """Yield rules for the backend of the line."""
    headers, status = headers_of(leaving), status_of(leaving)
    for name, value in headers.items():
        # http-after-response: of refusals as well, which no server has answered.
        yield f"http-after-response set-header {name} {haproxy_text(value)}"
    if status:
        yield _haproxy_refusal(leaving, status, {})
        return
    for one in leaving.windows:
        begin, end = int(one.begin.timestamp()), int(one.end.timestamp())
        later = {"Retry-After": str(end - begin)}
        when = f" if {{ date ge {begin} }} {{ date lt {end} }}"
        yield _haproxy_refusal(leaving, one.status, later) + when


def _haproxy_refusal(leaving: Leaving, status: int, headers: Mapping[str, str]) -> str:
    body = haproxy_text(body_of(leaving, status), is_format=False)
    more = "".join(f" hdr {name} {haproxy_text(value)}" for name, value in headers.items())
    kind = "content-type application/problem+json"
    return f"http-request return status {status} {kind} string {body}{more}"


def _seconds(begin: datetime, end: datetime) -> int:
    return int((end - begin).total_seconds())
