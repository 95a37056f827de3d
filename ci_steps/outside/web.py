"""HTTP with a deadline and a limit for the whole answer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from ci_steps.errors import OutsideError

_CHUNK_BYTES = 16_384
# A company's proxy knows nothing about services on this machine.
_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
_NO_PROXIES = {"http": "", "https": "", "all": ""}
_GRACE_SECONDS = 0.05


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
) -> Answer:
    """Read an address; the deadline is for the whole answer, not for each piece of it."""
    deadline = time.monotonic() + timeout_seconds

    def ask() -> Answer:
        with requests.get(
            url,
            headers=headers,
            timeout=timeout_seconds,
            stream=True,
            allow_redirects=follow_redirects,
            proxies=_NO_PROXIES if urlsplit(url).hostname in _THIS_MACHINE else None,
        ) as response:
            content = _content(response, deadline, limit_bytes)
            text = content.decode(response.encoding or "utf-8", "replace")
            return Answer(response.status_code, text, dict(response.headers))

    try:
        return _in_time(ask, timeout_seconds)
    except (requests.RequestException, LookupError, ValueError) as error:
        raise OutsideError(_reason(error, timeout_seconds)) from error


def _in_time(ask: Callable[[], Answer], seconds: float) -> Answer:
    """Ask in a thread of its own, which is left behind when it is late.

    The time limit of requests is for each piece that arrives: neither the look-up of a name
    nor an answer that comes one byte at a time would ever be late.
    """
    ended: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()

    def keep() -> None:
        try:
            ended.put(ask())
        except Exception as error:
            ended.put(error)  # raised again where somebody waits for it

    threading.Thread(target=keep, daemon=True).start()
    try:
        outcome = ended.get(timeout=seconds + _GRACE_SECONDS)
    except queue.Empty:
        raise requests.ReadTimeout from None
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


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
    if isinstance(error, requests.Timeout):
        return f"no answer within {timeout_seconds:g} s"
    text = repr(error)
    for sign, reason in (
        ("Connection refused", "connection refused"),
        ("NameResolutionError", "no such host"),
        ("CERTIFICATE_VERIFY_FAILED", "the certificate is not trusted"),
        ("RemoteDisconnected", "the connection was closed without an answer"),
        ("Connection reset", "the connection was reset"),
        ("Network is unreachable", "the network is unreachable"),
    ):
        if sign in text:
            return reason
    return str(error).strip().splitlines()[0][:200] if str(error) else type(error).__name__
