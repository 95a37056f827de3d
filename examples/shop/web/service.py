"""web: the shop window, a page composed from what auth and gis answer."""

import json
import os
import signal
import threading
from collections.abc import Callable
from html import escape
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

VERSION = Path(__file__).with_name("VERSION").read_text(encoding="utf-8").strip()
COMMIT = os.environ.get("CI_STEPS_COMMIT", "")
LOGIN = {"user": "web", "password": os.environ.get("WEB_PASSWORD", "web-demo")}
TIMEOUT_SECONDS = 2.0
HTML = "text/html; charset=utf-8"

PAGE = Template("""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>$title</title></head>
<body><h1>$title</h1>
$content
<footer>web $version</footer></body>
</html>
""")

# Neighbours are called directly, whatever proxy the machine uses for the world outside.
_direct = build_opener(ProxyHandler({}))


class RefusedError(Exception):
    """A request that gets no result: the status and the sentence the caller reads."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Place(NamedTuple):
    id: str
    name: str
    lat: float
    lon: float


def unavailable(sentence: str) -> RefusedError:
    return RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, sentence)


def ask(service: str, path: str, *, token: str = "", body: object = None) -> object:
    """Return what the neighbour *service* answers; a *body* is posted."""
    address = os.environ.get(f"CI_STEPS_ADDRESS_{service.upper()}", "").rstrip("/")
    posted = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        request = Request(address + path, posted, headers)
        with _direct.open(request, timeout=TIMEOUT_SECONDS) as reply:
            return json.load(reply)
    except HTTPError as error:
        error.close()
        raise unavailable(f"{service} answered {error.code} to {path}") from None
    except (OSError, ValueError, HTTPException):
        raise unavailable(f"{service} does not answer") from None


def places(asking: Callable[..., object]) -> dict[str, Place]:
    """Return what gis knows, by id; web signs in at auth anew for every page."""
    try:
        token = asking("auth", "/v1/login", body=LOGIN)["token"]
        found = asking("gis", "/v1/places", token=token)
        shown = [
            Place(str(p["id"]), str(p["name"]), float(p["lat"]), float(p["lon"])) for p in found
        ]
    except (KeyError, TypeError, ValueError):
        raise unavailable("auth or gis answered something web does not understand") from None
    return {place.id: place for place in shown}


def page(title: str, content: str) -> tuple[str, str]:
    return HTML, PAGE.substitute(title=escape(title), content=content, version=escape(VERSION))


def home(found: dict[str, Place]) -> tuple[str, str]:
    entry = '<li><a href="/places/{}">{}</a></li>'
    links = [entry.format(quote(place.id), escape(place.name)) for place in found.values()]
    return page("Where we sell", "<ul>\n" + "\n".join(links) + "\n</ul>")


def answer(target: str, asking: Callable[..., object] = ask) -> tuple[str, str]:
    """Return the content type and the text of what is found at *target*."""
    match [unquote(part) for part in urlsplit(target).path.split("/")[1:]]:
        case ["healthz"]:
            return "text/plain", "ok"
        case ["version"]:
            facts = {"service": "web", "version": VERSION, "commit": COMMIT}
            return "application/json", json.dumps(facts)
        case [""]:
            return home(places(asking))
        case ["places", place_id] if place := places(asking).get(place_id):
            return page(place.name, f'<p>{place.lat:.4f}, {place.lon:.4f}</p><a href="/">All</a>')
    raise RefusedError(HTTPStatus.NOT_FOUND, "there is no such page")


class Handler(BaseHTTPRequestHandler):
    timeout = 3  # seconds; a silent caller must not keep the service from stopping

    def do_GET(self) -> None:
        try:
            status, (kind, text) = HTTPStatus.OK, answer(self.path)
        except RefusedError as refused:
            status = refused.status
            kind, text = page(status.phrase, f"<p>{escape(str(refused))}</p>")
        encoded = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)


def main() -> None:
    """Serve until SIGTERM; requests under way are finished."""
    address = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))
    with ThreadingHTTPServer(address, Handler) as server:
        server.daemon_threads = False  # leaving the block then waits for requests under way
        # shutdown() waits for the loop this very thread runs, so another thread calls it.
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever()


if __name__ == "__main__":
    main()
