"""Tell callers of an end from within a Python service: middleware for WSGI and for ASGI.

Needs the standard library alone, so that a service can take it without the rest of ci-steps:

    from ci_steps.middleware import WSGI
    application = WSGI(application, "endings.json")      # or ASGI(application, …)

Without a file it is the one that CI_STEPS_ENDINGS names, which the target ``process`` sets.
``ci-steps retirement headers auth 1 --form middleware`` writes such a file, and ``ci-steps
retire`` keeps it current; it is read again when it has changed. What is wrong with it, or with
us, never touches a request: then callers are told what was read last, or nothing.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ASGI", "WSGI"]

_LOG = logging.getLogger("ci_steps.middleware")
_REASONS = {410: "Gone", 503: "Service Unavailable"}
_LONGEST_BYTES = 1_000_000

_Headers = list[tuple[str, str]]
_Scope = MutableMapping[str, Any]
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


@dataclass(frozen=True)
class _Window:
    """From when to when callers are refused, in seconds since 1970, and with which status."""

    begin: float
    end: float
    status: int


@dataclass(frozen=True)
class _Ending:
    """What is said about one line, a part of its paths, or one operation such as GET /a/{b}."""

    methods: frozenset[str]
    path: re.Pattern[str]
    spared: tuple[str, ...]
    headers: _Headers
    windows: tuple[_Window, ...]

    def is_of(self, method: str, path: str) -> bool:
        return (not self.methods or method in self.methods) and bool(self.path.match(path))

    def added_to(self, headers: Iterable[tuple[str, str]]) -> _Headers:
        """Return *headers* with ours; what the service says itself stays as it is."""
        given = list(headers)
        names = {name.lower() for name, _ in given} - {"link"}
        return given + [(name, value) for name, value in self.headers if name.lower() not in names]

    def refusal(self, path: str, now: float) -> tuple[int, _Headers, bytes] | None:
        """Return the planned refusal of a call at that moment, None outside of all of them."""
        window = next((one for one in self.windows if one.begin <= now < one.end), None)
        if window is None or path in self.spared:
            return None
        problem = {
            "title": "a planned refusal: this API will be switched off",
            "status": window.status,
        }
        body = json.dumps(problem).encode()
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(max(1, int(window.end - now + 0.999)))),
        ]
        return window.status, self.added_to(headers), body


class _Endings:
    """What the file says, read again when it has changed."""

    def __init__(self, file: str | os.PathLike[str] | None, now: Callable[[], float]) -> None:
        self.file = os.fspath(file) if file else os.environ.get("CI_STEPS_ENDINGS", "")
        self.now = now
        self._stamp: tuple[int, int, int] | None = None
        self._known: tuple[_Ending, ...] = ()

    def of(self, method: str, path: str) -> _Ending | None:
        """Return what is said about a call, the first that fits."""
        try:
            self._read_again()
            return next((one for one in self._known if one.is_of(method, path)), None)
        except Exception:
            _LOG.exception("%s: callers are not told", self.file)
            return None

    def _read_again(self) -> None:
        stamp = _stamp(self.file)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._known = _read(self.file) if stamp else ()
        except Exception as error:
            _LOG.warning("%s: what was read before counts: %s", self.file, error)


class WSGI:
    """An application around *application*; *now* gives seconds since 1970."""

    def __init__(
        self,
        application: Callable[..., Any],
        file: str | os.PathLike[str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._application = application
        self._endings = _Endings(file, now)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer a request."""
        path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
        ending = self._endings.of(environ.get("REQUEST_METHOD", ""), path)
        if ending is None:
            return self._application(environ, start_response)
        refused = ending.refusal(path, self._endings.now())
        if refused:
            status, refusal, body = refused
            start_response(f"{status} {_REASONS[status]}", refusal)
            return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else body]

        def start(status: str, headers: _Headers, *more: Any) -> Any:
            return start_response(status, ending.added_to(headers), *more)

        return self._application(environ, start)


class ASGI:
    """An application around *application*; *now* gives seconds since 1970."""

    def __init__(
        self,
        application: Callable[..., Awaitable[None]],
        file: str | os.PathLike[str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._application = application
        self._endings = _Endings(file, now)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answer a request; what is no request of HTTP is handed on."""
        path = str(scope.get("path", ""))
        is_http = scope.get("type") == "http"
        ending = self._endings.of(str(scope.get("method", "")), path) if is_http else None
        if ending is None:
            await self._application(scope, receive, send)
            return
        refused = ending.refusal(path, self._endings.now())
        if refused:
            status, refusal, body = refused
            begin = {"type": "http.response.start", "status": status, "headers": _bytes(refusal)}
            await send(begin)
            is_head = scope.get("method") == "HEAD"
            await send({"type": "http.response.body", "body": b"" if is_head else body})
            return

        async def told(message: _Message) -> None:
            if message["type"] == "http.response.start":
                given = [(_text(name), _text(value)) for name, value in message.get("headers", ())]
                message = {**message, "headers": _bytes(ending.added_to(given))}
            await send(message)

        await self._application(scope, receive, told)


def _bytes(headers: _Headers) -> list[tuple[bytes, bytes]]:
    # Names in small letters, as ASGI wants them.
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _text(content: bytes) -> str:
    return content.decode("latin-1")


def _stamp(file: str) -> tuple[int, int, int] | None:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(file: str) -> tuple[_Ending, ...]:
    with Path(file).open("rb") as stream:
        content = stream.read(_LONGEST_BYTES + 1)
    if len(content) > _LONGEST_BYTES:
        raise ValueError(f"longer than {_LONGEST_BYTES:,} bytes")
    document = json.loads(content)
    return tuple(_ending(one) for one in document["endings"])


def _ending(one: dict[str, Any]) -> _Ending:
    headers = [(str(name), str(value)) for name, value in one.get("headers", {}).items()]
    for name, value in headers:
        if re.search(r"[\x00-\x1f\x7f]|[^\x00-\xff]", name + value):
            raise ValueError(f"no header: {name!r}")
    method, _, written = str(one.get("operation", "")).rpartition(" ")
    pattern = _template(written) if written else _prefix(str(one.get("path", "")))
    windows = tuple(_window(window) for window in one.get("brown_outs", ()))
    spared = tuple(map(str, one.get("spared", ())))
    return _Ending(frozenset(filter(None, [method])), pattern, spared, headers, windows)


def _window(one: dict[str, Any]) -> _Window:
    status = int(one.get("status", 503))
    if status not in _REASONS:
        raise ValueError(f"status {status}: expected 410 or 503")
    return _Window(float(one["begin"]), float(one["end"]), status)


def _prefix(path: str) -> re.Pattern[str]:
    # Not /v10 where /v1 is meant.
    return re.compile(re.escape(path.rstrip("/")) + r"(?:/|\Z)" if path.rstrip("/") else "")


def _template(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^{}]*\})", path)
    return re.compile(
        "".join("[^/]+" if p.startswith("{") else re.escape(p) for p in parts) + r"\Z"
    )
