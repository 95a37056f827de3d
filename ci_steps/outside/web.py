"""HTTP with a deadline and a limit for the whole answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from ci_steps.addresses import is_this_machine
from ci_steps.errors import OutsideError
from ci_steps.outside.deadlines import LateError, in_time
from ci_steps.outside.web_replicas import asked_at, session_at

# It would log every path, and that of a webhook is a secret.
logging.getLogger("urllib3").setLevel(logging.WARNING)

_CHUNK_BYTES = 16_384
# A company's proxy knows nothing about services on this machine.
_NO_PROXIES = {"http": "", "https": "", "all": ""}
_ANSWER_BYTES = 100_000

_REASONS = {
    "Connection refused": "connection refused",
    "NameResolutionError": "no such host",
    "CERTIFICATE_VERIFY_FAILED": "the certificate is not trusted",
    "CertificateError": "the certificate is that of another name",
    "RemoteDisconnected": "the connection was closed without an answer",
    "Connection reset": "the connection was reset",
    "Network is unreachable": "the network is unreachable",
}
# Before the request had left.
_NOT_TAKEN = frozenset(
    {
        "connection refused",
        "no such host",
        "the certificate is not trusted",
        "the certificate is that of another name",
        "the network is unreachable",
    }
)


@dataclass(frozen=True)
class Answer:
    """What an address answered."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Return whether the status is a success."""
        return 200 <= self.status < 300  # noqa: PLR2004 (RFC 9110: 2xx)


def get(
    url: str,
    headers: dict[str, str],
    timeout_seconds: float,
    limit_bytes: int,
    *,
    follow_redirects: bool = True,
    at: str = "",
) -> Answer:
    """Read an address; the deadline is for the whole answer, not for each piece of it."""
    deadline = time.monotonic() + timeout_seconds

    def ask() -> Answer:
        place, told = asked_at(url, at, headers)
        with (
            session_at(url, at) as session,
            session.get(
                place,
                headers=told,
                timeout=timeout_seconds,
                stream=True,
                allow_redirects=follow_redirects,
                proxies=_NO_PROXIES if at else _proxies(url),
            ) as response,
        ):
            content = _content(response, deadline, limit_bytes)
            text = content.decode(response.encoding or "utf-8", "replace")
            return Answer(response.status_code, text, dict(response.headers))

    try:
        return in_time(ask, timeout_seconds)
    except (LateError, requests.RequestException, LookupError, ValueError) as error:
        raise OutsideError(_reason(error, timeout_seconds)) from error


@dataclass(frozen=True)
class Posted:
    """What came back for something that was posted.

    `status` is 0 when nothing readable did; then `problem` says what happened, and
    `maybe_taken` whether it may have arrived all the same.
    """

    status: int
    text: str = ""
    retry_after: str = ""
    problem: str = ""
    maybe_taken: bool = False


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    timeout_seconds: float,
    method: str = "POST",
) -> Posted:
    """Post once; nothing is raised and no redirect is followed, every outcome is an answer.

    The address is a secret: no word of what goes wrong is the library's own.
    """

    def ask() -> Posted:
        with requests.request(
            method,
            url,
            data=body,
            headers=dict(headers),
            timeout=timeout_seconds,
            stream=True,
            allow_redirects=False,
            proxies=_proxies(url),
        ) as response:
            content = _content(response, time.monotonic() + timeout_seconds, _ANSWER_BYTES)
            text = content.decode("utf-8", "replace")
            after = response.headers.get("Retry-After", "")
            return Posted(response.status_code, text, after)

    try:
        return in_time(ask, timeout_seconds)
    except (LateError, requests.RequestException, OutsideError, LookupError, ValueError) as error:
        reason = _reason(error, timeout_seconds)
        is_early = reason in _NOT_TAKEN or isinstance(error, requests.ConnectTimeout)
        return Posted(0, problem=_known(reason), maybe_taken=not is_early)


def _proxies(url: str) -> dict[str, str] | None:
    return _NO_PROXIES if is_this_machine(urlsplit(url).hostname or "") else None


def _known(reason: str) -> str:
    is_ours = reason in _REASONS.values() or reason.startswith("no answer within")
    return reason if is_ours else "no readable answer"


def _content(response: requests.Response, deadline: float, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(_CHUNK_BYTES):
        size += len(part)
        if size > limit_bytes:
            raise OutsideError(f"the answer is longer than {limit_bytes:,} bytes")
        if time.monotonic() > deadline:
            raise requests.ReadTimeout
        parts.append(part)
    return b"".join(parts)


def _reason(error: Exception, timeout_seconds: float) -> str:
    """Say what happened without the chain of classes that requests prints."""
    if isinstance(error, LateError | requests.Timeout):
        return f"no answer within {timeout_seconds:g} s"
    text = repr(error)
    for sign, reason in _REASONS.items():
        if sign in text:
            return reason
    return str(error).strip().splitlines()[0][:200] if str(error) else type(error).__name__
