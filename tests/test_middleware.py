"""The middleware: callers are told by real servers, and no request is ever broken by it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from ci_steps.endings import Window, read_ending
from ci_steps.lifecycle.snippets import as_endings
from ci_steps.middleware import ASGI, WSGI
from tests.parts.fronts import ANNOUNCED, END, Headers, called, leaving
from tests.parts.ports import free_port

NOON = datetime(2026, 12, 9, 12, tzinfo=timezone.utc)
WINDOW = Window(NOON, datetime(2026, 12, 9, 12, 10, tzinfo=timezone.utc))


class Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Link", "</docs>; rel=help")])
    return [b"ok"]


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/plain"), (b"link", b"</docs>; rel=help")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def by_wsgiref(file: Path, now: Callable[[], float]) -> Iterator[str]:
    with make_server("127.0.0.1", 0, WSGI(wsgi, file, now), handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def by_uvicorn(file: Path, now: Callable[[], float]) -> Iterator[str]:
    uvicorn = pytest.importorskip(
        "uvicorn", reason="uvicorn is not here: that an ASGI server tells callers was not proven"
    )
    port = free_port()
    config = uvicorn.Config(ASGI(asgi, file, now), port=port, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def written(file: Path, *windows: Window, path: str = "/v1") -> None:
    file.write_text(as_endings(leaving("headers", *windows), path, ("/v1/healthz",)))


def links(headers: Headers) -> list[str]:
    return [value for name, value in headers.items() if name.lower() == "link"]


@pytest.mark.parametrize("server", [by_wsgiref, by_uvicorn])
def test_a_real_server_tells_callers_and_refuses_them_as_planned(
    tmp_path: Path, server: Callable[..., Any]
) -> None:
    file, clock = tmp_path / "endings.json", [NOON.timestamp() - 1]
    with server(file, lambda: clock[0]) as address:
        assert read_ending(called(f"{address}/v1/tokens")[1]) is None
        written(file, WINDOW)  # it is read when it is there, without a restart
        status, headers, body = called(f"{address}/v1/tokens")
        ending = read_ending(headers)
        assert ending is not None
        assert (status, body) == (200, b"ok")
        assert (ending.since, ending.ends) == (ANNOUNCED, END)
        for path in ("/v2/tokens", "/v10/tokens", "/"):
            assert read_ending(called(address + path)[1]) is None, path
        clock[0] = NOON.timestamp()
        status, headers, body = called(f"{address}/v1/tokens")
        assert (status, headers["Retry-After"]) == (503, "600")
        assert json.loads(body)["status"] == 503
        assert called(f"{address}/v1/healthz")[0] == 200
        clock[0] = WINDOW.end.timestamp()
        assert called(f"{address}/v1/tokens")[0] == 200
        file.unlink()
        assert read_ending(called(f"{address}/v1/tokens")[1]) is None


def told(
    file: Path, path: str = "/v1/a", method: str = "GET", **given: str
) -> dict[str, list[str]]:
    """Return the headers that an application gets to its answer, without any server."""
    found: dict[str, list[str]] = {}

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", list(given.items()))
        return []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        for name, value in headers:
            found.setdefault(name.lower(), []).append(value)

    WSGI(application, file)({"REQUEST_METHOD": method, "PATH_INFO": path}, start)
    return found


def test_what_the_service_says_itself_stays_and_links_add_up(tmp_path: Path) -> None:
    file = tmp_path / "endings.json"
    written(file)
    found = told(file, Sunset="Fri, 01 Jan 2027 00:00:00 GMT", Link="</docs>; rel=help")
    assert found["sunset"] == ["Fri, 01 Jan 2027 00:00:00 GMT"]
    assert len(found["link"]) == 2


def test_one_operation_may_end_alone(tmp_path: Path) -> None:
    file = tmp_path / "endings.json"
    one = {"operation": "GET /users/{id}/roles", "headers": {"Deprecation": "@1"}}
    file.write_text(json.dumps({"endings": [one]}))
    assert told(file, "/users/7/roles") == {"deprecation": ["@1"]}
    assert told(file, "/users/7/roles", "PUT") == {}
    assert told(file, "/users/7/8/roles") == {}
    assert told(file, "/users/7/roles/1") == {}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="half written"),
        pytest.param("[]", id="a list"),
        pytest.param('{"endings": [{"headers": {"X": "a\\r\\nSet-Cookie: b"}}]}', id="two headers"),
        pytest.param('{"endings": [{"headers": {"X": "\\u2028"}}]}', id="no latin"),
        pytest.param(
            '{"endings": [{"brown_outs": [{"begin": 1, "end": 2, "status": 2}]}]}', id="2"
        ),
        pytest.param('{"endings": [{"brown_outs": [{"begin": "x"}]}]}', id="no time"),
        pytest.param('{"endings": 7}' + " " * 1_000_001, id="too long"),
    ],
)
def test_a_file_of_nonsense_leaves_what_was_read_before(tmp_path: Path, content: str) -> None:
    file = tmp_path / "endings.json"
    written(file)
    middleware = WSGI(wsgi, file)
    said: list[list[tuple[str, str]]] = []
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/v1/a"}
    middleware(asked, lambda status, headers: said.append(headers))
    file.write_text(content)
    assert middleware(asked, lambda status, headers: said.append(headers)) == [b"ok"]
    assert said[0] == said[1]
    fresh: list[list[tuple[str, str]]] = []
    WSGI(wsgi, file)(asked, lambda status, headers: fresh.append(headers))
    assert fresh == [[("Content-Type", "text/plain"), ("Link", "</docs>; rel=help")]]


def test_what_is_no_request_is_handed_on(tmp_path: Path) -> None:
    written(tmp_path / "endings.json", path="")
    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        return None

    inner = ASGI(application, tmp_path / "endings.json")
    asyncio.run(inner({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]


def test_the_file_is_that_of_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "endings.json")
    monkeypatch.setenv("CI_STEPS_ENDINGS", str(tmp_path / "endings.json"))
    said: list[dict[str, str]] = []
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/v1/a"}
    WSGI(wsgi)(asked, lambda status, headers: said.append(dict(headers)))
    assert said[0]["Deprecation"] == "@1795392000"


def test_it_needs_the_standard_library_alone() -> None:
    asked = "import sys; sys.path.insert(0, sys.argv[1]); import ci_steps.middleware"
    command = [sys.executable, "-I", "-S", "-c", f"{asked}; print(*sys.modules)"]
    done = subprocess.run(
        [*command, str(Path(__file__).parents[1])], capture_output=True, text=True, check=True
    )
    ours = {name for name in done.stdout.split() if name.startswith("ci_steps")}
    assert ours == {"ci_steps", "ci_steps.middleware"}
